#include "actors/brokers/paper/paper_venue.hpp"

#include <algorithm>
#include <utility>

namespace tradebus::paper {

namespace {

bool is_immediate(TimeInForce tif) { return tif == TimeInForce::ioc || tif == TimeInForce::fok; }

template <class T>
bool contains(const std::vector<T>& all, T one) {
  return std::ranges::find(all, one) != all.end();
}

Int128 positive(Int128 v) { return std::max<Int128>(v, 0); }

}  // namespace

BrokerCapabilities capabilities() {
  BrokerCapabilities can;
  can.order_types = {OrderType::market, OrderType::limit};
  can.times_in_force = {TimeInForce::day, TimeInForce::gtc, TimeInForce::ioc, TimeInForce::fok};
  can.stock_orders = true;
  can.replace = true;
  can.short_selling = true;
  return can;
}

PaperVenue::PaperVenue(BrokerName broker, PaperConfig config)
    : broker_{broker}, config_{config}, account_{std::move(broker), config.account, config.cash} {}

PaperVenue::Market& PaperVenue::market(const Symbol& symbol) {
  const auto it = markets_.find(symbol);
  if (it != markets_.end()) return it->second;
  return markets_.emplace(symbol, Market{FillModel{config_.slippage_micro_bps}, {}, {}, {}, {}, {}}).first->second;
}

// ---- orders --------------------------------------------------------------------------------------------------------

Result<void> PaperVenue::check(const PlaceStockOrder& placed) const {
  const TradeOrder& order = placed.order;
  const auto unsupported = [](std::string what) {
    return fail(Errc::broker_unsupported, "the paper broker does not take " + what);
  };
  const auto rejected = [](std::string why) { return fail(Errc::broker_rejected, std::move(why)); };
  if (placed.order_id.empty()) return rejected("an order needs an order_id");
  if (!placed.account.empty() && placed.account != config_.account)
    return rejected("no account \"" + placed.account.str() + "\"; this broker has " + config_.account.str());
  const auto instrument = Instrument::parse(order.symbol.str());
  if (!instrument) return rejected(instrument.error().message);
  if (instrument->is_option()) return unsupported("option orders");
  if (!contains(can_.order_types, order.order_type))
    return unsupported("order_type " + std::string{to_string(order.order_type)});
  if (!contains(can_.times_in_force, order.time_in_force))
    return unsupported("time_in_force " + std::string{to_string(order.time_in_force)});
  if (!order.qty) return unsupported("orders by notional");
  if (!order.qty->is_positive()) return rejected("qty must be above 0");
  const bool limit = order.order_type == OrderType::limit;
  if (limit != order.limit_price.has_value())
    return rejected(limit ? "a limit order needs limit_price" : "a market order has no limit_price");
  if (limit && !order.limit_price->is_positive()) return rejected("limit_price must be above 0");
  if (open_ >= config_.open_max) return rejected("too many open orders: " + std::to_string(open_));
  return {};
}

std::optional<BrokerOrderId> PaperVenue::accepted_before(const OrderId& id) const {
  const auto it = orders_.find(id);
  if (it == orders_.end()) return std::nullopt;
  return it->second.id();
}

std::optional<Symbol> PaperVenue::symbol_of(const OrderId& id) const {
  const auto it = orders_.find(id);
  if (it == orders_.end()) return std::nullopt;
  return it->second.symbol;
}

Result<BrokerOrderId> PaperVenue::accept(const PlaceStockOrder& placed) {
  Market& m = market(placed.order.symbol);
  const TradeOrder& asked = placed.order;
  Working order;
  order.symbol = asked.symbol;
  order.side = asked.side;
  order.type = asked.order_type;
  order.qty = asked.qty.value_or(Quantity{});
  order.limit = asked.limit_price;
  order.tif = asked.time_in_force;
  const auto price = order.limit ? order.limit : m.model.price_for(order.side, std::nullopt);
  if (price)
    if (auto ok = reserve(order, m, *price); !ok) return tl::unexpected{ok.error()};
  order.order_id = placed.order_id;
  order.client_order_id = asked.client_order_id;
  order.number = ++last_order_;
  Working& kept = orders_.insert_or_assign(placed.order_id, std::move(order)).first->second;
  kept.queue = ++last_queue_;
  enqueue(m, kept);
  if (is_immediate(kept.tif)) m.undecided.push_back(&kept);
  add_leaves(m, kept, kept.qty.raw());
  ++open_;
  return kept.id();
}

// Most orders come last: the newest of the worst price.
void PaperVenue::enqueue(Market& m, Working& order) {
  Queue& queue = m.queue(order);
  queue.insert(queue.end(), &order);
}

Result<PaperVenue::Working*> PaperVenue::open_order(const OrderId& id) {
  const auto it = orders_.find(id);
  if (it == orders_.end()) return fail(Errc::order_not_found, "the paper broker has no order " + id.str());
  if (!it->second.open) return fail(Errc::order_not_open, "order " + id.str() + " is closed");
  return &it->second;
}

Result<void> PaperVenue::replace(const ReplaceBrokerOrder& change, Timestamp now, Reports& out) {
  const auto found = open_order(change.order_id);
  if (!found) return tl::unexpected{found.error()};
  Working& order = **found;
  Market& m = market(order.symbol);
  if (change.stop_price) return fail(Errc::broker_unsupported, "the paper broker has no stop orders");
  if (change.time_in_force &&
      (is_immediate(*change.time_in_force) || !contains(can_.times_in_force, *change.time_in_force)))
    return fail(Errc::broker_unsupported, "the paper broker replaces time_in_force by day or gtc only");
  if (change.qty && *change.qty <= order.filled)
    return fail(Errc::broker_rejected, order.filled.to_string() + " are filled already");
  if (change.limit_price && (!order.limit || !change.limit_price->is_positive()))
    return fail(Errc::broker_rejected,
                order.limit ? "limit_price must be above 0" : "a market order has no limit_price");

  const Working before = order;
  m.queue(order).erase(&order);  // by the price and place that it had
  add_leaves(m, order, -order.leaves().raw());
  set_reserved(order, {});
  if (change.qty) order.qty = *change.qty;
  if (change.limit_price) order.limit = change.limit_price;
  const auto price = order.limit ? order.limit : m.model.price_for(order.side, std::nullopt);
  if (price) {
    if (auto ok = reserve(order, m, *price); !ok) {
      order = before;
      order.reserved = Money{};
      set_reserved(order, before.reserved);
      add_leaves(m, order, order.leaves().raw());
      enqueue(m, order);
      return ok;
    }
  }
  add_leaves(m, order, order.leaves().raw());
  if (change.time_in_force) order.tif = *change.time_in_force;
  if (order.limit != before.limit || order.qty > before.qty) order.queue = ++last_queue_;
  enqueue(m, order);
  auto event = report(order, BrokerReport::replaced, {}, now);
  event.qty = order.qty;
  event.limit_price = order.limit;
  out.emplace_back(std::move(event));
  match(order.symbol, now, out);
  return {};
}

Result<void> PaperVenue::cancel(const OrderId& id, Timestamp now, Reports& out) {
  const auto found = open_order(id);
  if (!found) return tl::unexpected{found.error()};
  out.emplace_back(report(**found, BrokerReport::canceled, "canceled on request", now));
  close(**found, market((*found)->symbol));
  return {};
}

// ---- buying power --------------------------------------------------------------------------------------------------

Result<void> PaperVenue::reserve(Working& order, const Market& m, Price price) {
  const Int128 held = account_.held(order.symbol).raw();
  const Int128 leaves = order.leaves().raw();
  const Int128 limit = static_cast<Int128>(units_max) * Quantity::scale;
  if (std::max(held, -held) + m.open_buys.raw() + m.open_sells.raw() + leaves > limit)
    return fail(Errc::broker_rejected,
                "the paper broker holds at most " + std::to_string(units_max) + " units of a symbol");
  // What other orders of this side do not yet use of the position, this one closes.
  const Int128 closable = order.buys() ? positive(-held - m.open_buys.raw()) : positive(held - m.open_sells.raw());
  const Quantity opening = Quantity::from_raw(positive(leaves - closable));
  Money needed = notional(price, opening).value_or(Money{});
  if (!opening.is_zero()) {
    if (order.buys())
      needed = Money::from_raw(needed.raw() +
                               notional(config_.commission_per_share, order.leaves()).value_or(Money{}).raw());
    const Money room = order.buys() ? account_.available_cash(buy_reserved_) : account_.short_room(short_reserved_);
    if (needed > room)
      return fail(Errc::broker_rejected, "buying power " + room.to_string() + " does not cover " + needed.to_string() +
                                             (order.buys() ? "" : " sold short") + " (" + opening.to_string() + " " +
                                             order.symbol.str() + " at " + price.to_string() + ")");
  }
  order.priced = true;
  order.reserve_price = price;
  order.opening = opening;
  set_reserved(order, needed);
  return {};
}

void PaperVenue::set_reserved(Working& order, Money reserved) {
  Money& total = order.buys() ? buy_reserved_ : short_reserved_;
  total = Money::from_raw(total.raw() + reserved.raw() - order.reserved.raw());
  order.reserved = reserved;
}

void PaperVenue::add_leaves(Market& m, const Working& order, Int128 change) {
  Quantity& total = order.buys() ? m.open_buys : m.open_sells;
  total = Quantity::from_raw(total.raw() + change);
}

// ---- matching ------------------------------------------------------------------------------------------------------

void PaperVenue::match(const Symbol& symbol, Timestamp now, Reports& out) {
  const auto it = markets_.find(symbol);
  if (it == markets_.end() || !it->second.model.has_quote()) return;
  Market& m = it->second;
  match_side(m.buys, m, now, out);
  match_side(m.sells, m, now, out);
  // Those that could not be filled at once are canceled here; filled ones have left the list.
  for (Working* order : std::exchange(m.undecided, {})) try_fill(*order, m, now, out);
}

void PaperVenue::match_side(Queue& queue, Market& m, Timestamp now, Reports& out) {
  for (auto it = queue.begin(); it != queue.end();) {
    Working& order = **it++;  // it may close and leave the queue; no other order does
    if (order.limit && order.priced && !m.model.price_for(order.side, order.limit)) return;
    const auto filled = order.filled;
    try_fill(order, m, now, out);
    // The touch is used up: it is for everyone behind as well. (A fill-or-kill may be too large where others are not.)
    if (order.open && order.filled == filled && order.tif != TimeInForce::fok) return;
  }
}

void PaperVenue::try_fill(Working& order, Market& m, Timestamp now, Reports& out) {
  const Side side = order.side;
  if (!order.priced) {
    if (const auto price = m.model.price_for(side, order.limit)) {
      add_leaves(m, order, -order.leaves().raw());
      const auto ok = reserve(order, m, *price);
      add_leaves(m, order, order.leaves().raw());
      if (!ok) {
        out.emplace_back(report(order, BrokerReport::rejected, ok.error().message, now));
        close(order, m);
        return;
      }
    }
  }
  if (const auto take = m.model.take(side, order.limit, order.leaves(), order.tif == TimeInForce::fok))
    fill(order, m, *take, now, out);
  if (!order.open || !is_immediate(order.tif)) return;
  const std::string word = order.tif == TimeInForce::fok ? "fill-or-kill" : "immediate-or-cancel";
  out.emplace_back(report(order, BrokerReport::canceled, word + ": no more to be had at the touch", now));
  close(order, m);
}

void PaperVenue::fill(Working& order, Market& m, const FillModel::Take& take, Timestamp now, Reports& out) {
  const Symbol symbol = order.symbol;
  Fill f;
  f.exec_id = ExecId{"x-" + std::to_string(++last_exec_)};
  f.qty = take.qty;
  f.price = take.price;
  f.commission = notional(config_.commission_per_share, take.qty).value_or(Money{});
  f.ts = now;
  order.filled = Quantity::from_raw(order.filled.raw() + take.qty.raw());
  add_leaves(m, order, -take.qty.raw());
  set_reserved(order, order.opening.is_zero()
                          ? Money{}
                          : notional(order.reserve_price, std::min(order.opening, order.leaves())).value_or(Money{}));
  account_.apply(symbol, order.buys() ? take.qty : Quantity::from_raw(-take.qty.raw()), take.price, f.commission, now);
  if (const auto mid = m.model.mid()) account_.mark(symbol, *mid, now);

  auto event = report(order, BrokerReport::fill, {}, now);
  event.fill = f;
  if (executions_.size() >= config_.executions_max) executions_.pop_front();
  executions_.push_back(event);
  if (order.leaves().is_zero()) close(order, m);
  out.emplace_back(std::move(event));
  out.emplace_back(account_.position(symbol));
  out.emplace_back(summary());
  account_.drop_if_flat(symbol);
}

// May end `order` when closed orders are beyond their number, but never this one.
void PaperVenue::close(Working& order, Market& m) {
  order.open = false;
  --open_;
  add_leaves(m, order, -order.leaves().raw());
  set_reserved(order, {});
  m.queue(order).erase(&order);
  std::erase(m.undecided, &order);
  closed_.push_back(order.order_id);
  while (closed_.size() > std::max<std::size_t>(config_.closed_max, 1)) {
    orders_.erase(closed_.front());
    closed_.pop_front();
  }
}

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

// ---- market --------------------------------------------------------------------------------------------------------

void PaperVenue::on_event(const Symbol& symbol, const MarketEvent& event, Timestamp now, Reports& out) {
  if (event.kind == StreamKind::quote) {
    Market& m = market(symbol);
    m.model.on_quote(event);
    if (const auto mid = m.model.mid(); mid && account_.mark(symbol, *mid, now)) moved_.insert(symbol);
    if (m.has_orders()) match(symbol, now, out);
  } else if (event.kind == StreamKind::trade) {
    // Trades only mark what no quote with two sides does.
    if (!market(symbol).model.mid() && event.price[0].is_positive() && account_.mark(symbol, event.price[0], now))
      moved_.insert(symbol);
  }
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
  return (it != markets_.end() && it->second.has_orders()) || !account_.held(symbol).is_zero();
}

void PaperVenue::forget_market(const Symbol& symbol) { markets_.erase(symbol); }

// ---- questions -----------------------------------------------------------------------------------------------------

BrokerOrder PaperVenue::tell(const Working& order) const {
  BrokerOrder b;
  b.order_id = order.order_id;
  b.broker_order_id = order.id();
  b.account = config_.account;
  b.order.client_order_id = order.client_order_id;
  b.order.symbol = order.symbol;
  b.order.side = order.side;
  b.order.order_type = order.type;
  b.order.qty = order.qty;
  b.order.limit_price = order.limit;
  b.order.time_in_force = order.tif;
  b.filled_qty = order.filled;
  if (order.open)
    b.status = order.filled.is_zero() ? OrderStatus::new_ : OrderStatus::partially_filled;
  else
    b.status = order.leaves().is_zero() ? OrderStatus::filled : OrderStatus::canceled;
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
