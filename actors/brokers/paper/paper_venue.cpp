#include "actors/brokers/paper/paper_venue.hpp"

#include <algorithm>
#include <utility>

#include "actors/brokers/paper/paper_sessions.hpp"

namespace tradebus::paper {

BrokerCapabilities capabilities(Margin margin) {
  BrokerCapabilities can;
  can.order_types = {OrderType::market,          OrderType::limit,         OrderType::stop,
                     OrderType::stop_limit,      OrderType::trailing_stop, OrderType::market_if_touched,
                     OrderType::limit_if_touched};
  can.times_in_force = {TimeInForce::day, TimeInForce::gtc, TimeInForce::ioc, TimeInForce::fok,
                        TimeInForce::opg, TimeInForce::cls, TimeInForce::gtd};
  can.stock_orders = true;
  can.option_orders = true;
  can.multi_leg = true;
  can.replace = true;
  can.notional = true;
  can.extended_hours = true;
  can.short_selling = margin != Margin::cash;
  return can;
}

PaperVenue::PaperVenue(BrokerName broker, PaperConfig config, std::shared_ptr<const Calendars> calendars)
    : broker_{broker},
      config_{config},
      can_{capabilities(config.margin)},
      calendars_{std::move(calendars)},
      account_{std::move(broker), config.account, config.cash, config.margin} {}

PaperVenue::Market& PaperVenue::market(const Symbol& symbol) {
  if (recent_ != nullptr && recent_->first == symbol) return recent_->second;
  const auto [it, fresh] = markets_.try_emplace(symbol);
  recent_ = &*it;
  Market& m = it->second;
  if (!fresh) return m;
  m.model = FillModel{config_.slippage_micro_bps};
  if (const auto instrument = Instrument::parse(symbol.str())) m.instrument = *instrument;
  m.calendar = &calendars_->of(m.instrument);
  if (m.instrument.is_option()) contracts_[*m.instrument.underlying].insert(symbol);
  return m;
}

// ---- time ----------------------------------------------------------------------------------------------------------

void PaperVenue::advance(Timestamp now, Reports& out) {
  while (!announced_.empty() && announced_.begin()->first <= now) {
    const auto next = announced_.extract(announced_.begin());
    static_cast<void>(book(next.mapped(), next.key(), out));  // it was looked at when it came
  }
  while (!deadlines_.empty() && std::get<0>(*deadlines_.begin()) <= now) {
    Working& order = *std::get<2>(*deadlines_.begin());
    const Timestamp due = std::get<0>(*deadlines_.begin());
    switch (order.order.time_in_force) {
      case TimeInForce::cls:
        close_auction(order, due, out);
        break;
      case TimeInForce::day:
        end(order, OrderStatus::expired, "the day's session is over", due, out);
        break;
      case TimeInForce::opg:
        end(order, OrderStatus::expired, "no opening price was seen", due, out);
        break;
      case TimeInForce::gtd:
        end(order, OrderStatus::expired, "expires_at has come", due, out);
        break;
      case TimeInForce::ioc:
      case TimeInForce::fok:
        end(order, OrderStatus::expired, "no quote was seen", due, out);
        break;
      case TimeInForce::gtc:
        end(order, OrderStatus::expired, "the option has expired", due, out);
        break;
    }
  }
  if (!expiries_.empty() && expiries_.begin()->first <= now) settle_options(now, out);
  at(now);
}

// Of each option that has expired, as soon as a price of what it is an option on is known.
void PaperVenue::settle_options(Timestamp now, Reports& out) {
  const auto until = expiries_.upper_bound({now, Symbol{"\x7f"}});
  bool settled = false;
  for (const auto& [due, symbol] : std::vector<std::pair<Timestamp, Symbol>>(expiries_.begin(), until)) {
    const Instrument option = market(symbol).instrument;
    const auto price = market(*option.underlying).price();
    if (!price) continue;
    const HeldOption held{*option.expiry, *option.right, *option.strike, option.multiplier, account_.held(symbol)};
    commit(OptionSettled{at(due), symbol, in_the_money(held, *price), *price});
    for (auto& position : changed_) out.emplace_back(std::move(position));
    settled = true;
  }
  if (settled) out.emplace_back(summary());
}

std::optional<Timestamp> PaperVenue::next_deadline() const {
  std::optional<Timestamp> out;
  if (!deadlines_.empty()) out = std::get<0>(*deadlines_.begin());
  if (!announced_.empty()) out = std::min(out.value_or(announced_.begin()->first), announced_.begin()->first);
  // One that waits for a price is settled by the market, not by time.
  for (const auto& [due, symbol] : expiries_) {
    if (due <= time_) continue;
    out = std::min(out.value_or(due), due);
    break;
  }
  return out;
}

// ---- market --------------------------------------------------------------------------------------------------------

void PaperVenue::see(const Symbol& symbol, const MarketEvent& event, Timestamp now) {
  Market& m = market(symbol);
  if (event.kind == StreamKind::quote) {
    m.model.on_quote(event);
    if (!m.traded_or_seen) m.traded_or_seen = now;
    if (const auto mid = m.model.mid(); mid && account_.mark(symbol, *mid, now)) moved_.insert(symbol);
  } else if (event.kind == StreamKind::trade && event.price[0].is_positive()) {
    m.last_trade = event.price[0];
    m.traded_or_seen = now;
    // Trades only mark what no quote with two sides does.
    if (!m.model.mid() && account_.mark(symbol, event.price[0], now)) moved_.insert(symbol);
  }
}

void PaperVenue::on_event(const Symbol& symbol, const MarketEvent& event, Timestamp now, Reports& out) {
  if (event.kind != StreamKind::quote && event.kind != StreamKind::trade) return;
  // What happens at the very end of a session still belongs to it.
  advance(now - std::chrono::nanoseconds{1}, out);
  see(symbol, event, now);
  Market& m = market(symbol);
  if (m.has_orders()) {
    if (!m.auctions.empty()) open_auction(m, event, now, out);
    check_stops(m, event, now);
    if (event.kind == StreamKind::trade && event.price[0].is_positive()) {
      fill_through(m.buys, m, event, now, out);
      fill_through(m.sells, m, event, now, out);
    }
    match(symbol, now, out);
    for (Working* combo : std::vector<Working*>(m.combos.begin(), m.combos.end()))
      if (combo->open) match_combo(*combo, now, out);
  }
  advance(now, out);
}

void PaperVenue::report_marks(Timestamp now, Reports& out) {
  if (moved_.empty() || (marks_reported_ && now - *marks_reported_ < config_.mark_interval)) return;
  marks_reported_ = now;
  for (const auto& symbol : moved_)
    if (auto position = account_.position(symbol); !position.qty.is_zero()) out.emplace_back(std::move(position));
  moved_.clear();
  out.emplace_back(summary());
}

bool PaperVenue::needs_market(const Symbol& symbol) const {
  const auto it = markets_.find(symbol);
  if ((it != markets_.end() && it->second.has_orders()) || !account_.held(symbol).is_zero()) return true;
  return holds_options_on(symbol);
}

bool PaperVenue::holds_options_on(const Symbol& symbol) const {
  const auto contracts = contracts_.find(symbol);
  return contracts != contracts_.end() && std::ranges::any_of(contracts->second, [this](const Symbol& option) {
           return !account_.held(option).is_zero();
         });
}

std::set<Symbol> PaperVenue::needed() const {
  std::set<Symbol> out;
  for (const auto& [symbol, m] : markets_)
    if (needs_market(symbol)) out.insert(symbol);
  for (const auto& [symbol, options] : contracts_)
    if (needs_market(symbol)) out.insert(symbol);
  for (const auto& position : account_.positions()) out.insert(position.symbol);
  return out;
}

void PaperVenue::forget_market(const Symbol& symbol) {
  const auto it = markets_.find(symbol);
  if (it == markets_.end()) return;
  if (const auto& underlying = it->second.instrument.underlying) {
    const auto contracts = contracts_.find(*underlying);
    if (contracts != contracts_.end()) {
      contracts->second.erase(symbol);
      if (contracts->second.empty()) contracts_.erase(contracts);
    }
  }
  recent_ = nullptr;
  markets_.erase(it);
}

// ---- questions -----------------------------------------------------------------------------------------------------

BrokerEvent PaperVenue::report(const Working& order, BrokerReport kind, std::string reason, Timestamp now) const {
  BrokerEvent e;
  e.broker = broker_;
  e.order_id = order.order_id;
  e.broker_order_id = order.id();
  e.report = kind;
  e.reason = std::move(reason);
  e.ts = now;
  return e;
}

BrokerOrder PaperVenue::tell(const Working& order) const {
  BrokerOrder b;
  b.order_id = order.order_id;
  b.broker_order_id = order.id();
  b.account = config_.account;
  b.order = order.order;
  b.legs = order.legs;
  b.filled_qty = order.filled;
  b.avg_price = price_of(order.paid, order.filled);
  b.reason = order.reason;
  b.status = !order.open ? order.status : order.filled.is_zero() ? OrderStatus::new_ : OrderStatus::partially_filled;
  return b;
}

OpenBrokerOrders PaperVenue::open_orders() const {
  std::vector<const Working*> open;
  for (const auto& [id, order] : orders_)
    if (order.open) open.push_back(&order);
  std::ranges::sort(open, {}, &Working::number);
  OpenBrokerOrders out;
  for (const Working* order : open) out.orders.push_back(tell(*order));
  return out;
}

Result<BrokerOrder> PaperVenue::order(const OrderId& id) const {
  const auto it = orders_.find(id);
  if (it == orders_.end()) return fail(Errc::order_not_found, "the paper broker has no order " + id.str());
  return tell(it->second);
}

Executions PaperVenue::executions(Timestamp since) const {
  Executions out;
  for (const auto& e : executions_)
    if (e.ts >= since) out.fills.push_back(e);
  return out;
}

Counters PaperVenue::counters() const {
  return {{{"orders_accepted", static_cast<std::int64_t>(last_order_)},
           {"orders_open", static_cast<std::int64_t>(open_)},
           {"fills", static_cast<std::int64_t>(last_exec_)}}};
}

}  // namespace tradebus::paper
