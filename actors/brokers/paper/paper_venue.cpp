#include "actors/brokers/paper/paper_venue.hpp"

#include <algorithm>
#include <utility>

#include "actors/brokers/paper/paper_sessions.hpp"

namespace tradebus::paper {

namespace {

template <class T>
bool contains(const std::vector<T>& all, T one) {
  return std::ranges::find(all, one) != all.end();
}

Quantity signed_qty(Side side, Quantity qty) { return is_buy(side) ? qty : Quantity::from_raw(-qty.raw()); }

constexpr std::size_t legs_max = 8;

}  // namespace

BrokerCapabilities capabilities(Margin margin) {
  BrokerCapabilities can;
  can.order_types = {OrderType::market, OrderType::limit, OrderType::stop, OrderType::stop_limit,
                     OrderType::trailing_stop};
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
  if (const auto it = markets_.find(symbol); it != markets_.end()) return it->second;
  Market& m = markets_[symbol];
  m.model = FillModel{config_.slippage_micro_bps};
  if (const auto instrument = Instrument::parse(symbol.str())) m.instrument = *instrument;
  m.calendar = &calendars_->of(m.instrument);
  if (m.instrument.is_option()) contracts_[*m.instrument.underlying].insert(symbol);
  return m;
}

// ---- records -------------------------------------------------------------------------------------------------------

void PaperVenue::record(Timestamp now) {
  recording_ = true;
  if (!begun_) commit(AccountOpened{at(now), config_.cash});
}

void PaperVenue::commit(Record record) {
  changed_.clear();
  std::visit([this](const auto& each) { apply(each); }, record);
  if (recording_) news_.push_back(std::move(record));
}

bool PaperVenue::knows(const Record& record) const {
  return std::visit(
      [this]<class R>(const R& r) {
        if constexpr (std::is_same_v<R, AccountOpened>) {
          return !begun_;
        } else if constexpr (std::is_same_v<R, OptionSettled>) {
          return !account_.held(r.option).is_zero();
        } else {
          const auto it = orders_.find(r.order_id);
          if constexpr (std::is_same_v<R, OrderTaken>)
            return begun_ && it == orders_.end();
          else
            return it != orders_.end() && it->second.open;
        }
      },
      record);
}

Result<void> PaperVenue::replay(const Record& record) {
  if (!knows(record))
    return fail(Errc::internal, "record of kind " + std::to_string(record.index()) +
                                    " does not follow from those before it: the journal is not this broker's");
  commit(record);
  return {};
}

void PaperVenue::apply(const AccountOpened& r) {
  begun_ = true;
  at(r.ts);
  account_ = PaperAccount{broker_, config_.account, r.cash, config_.margin};
}

void PaperVenue::apply(const OrderTaken& r) {
  at(r.ts);
  Working& order = orders_[r.order_id];
  order.order_id = r.order_id;
  order.order = r.order;
  order.legs = r.legs;
  order.terms = r.terms;
  order.number = last_order_ = r.number;
  order.queue = ++last_queue_;
  enqueue(order);
  if (is_immediate(order.order.time_in_force) && order.legs.empty()) market(order.symbol()).undecided.push_back(&order);
  add_leaves(order, order.leaves().raw());
  set_reserved(order, wanted(order));
  set_deadline(order, true);
  ++open_;
  count_options(order.legs.empty() ? order.symbol() : order.legs.front().symbol);
}

void PaperVenue::apply(const OrderPriced& r) {
  Working& order = orders_.at(r.order_id);
  order.terms = r.terms;
  set_reserved(order, wanted(order));
}

void PaperVenue::apply(const StopMoved& r) {
  Working& order = orders_.at(r.order_id);
  dequeue(order);
  order.order.stop_price = r.stop;
  order.reached = r.reached;
  if (r.reached) order.queue = ++last_queue_;
  enqueue(order);
}

void PaperVenue::apply(const OrderReplaced& r) {
  at(r.ts);
  Working& order = orders_.at(r.order_id);
  dequeue(order);  // by the price and place that it had
  set_deadline(order, false);
  add_leaves(order, -order.leaves().raw());
  order.order.qty = r.qty;
  order.order.limit_price = r.limit_price;
  order.order.stop_price = r.stop_price;
  order.order.time_in_force = r.time_in_force;
  order.terms = r.terms;
  if (r.to_the_end) order.queue = ++last_queue_;
  add_leaves(order, order.leaves().raw());
  set_reserved(order, wanted(order));
  set_deadline(order, true);
  enqueue(order);
  count_options(order.legs.empty() ? order.symbol() : order.legs.front().symbol);
}

void PaperVenue::apply(const OrderFilled& r) {
  at(r.fill.ts);
  Working& order = orders_.at(r.order_id);
  const Fill& f = r.fill;
  ++last_exec_;
  order.filled = Quantity::from_raw(order.filled.raw() + f.qty.raw());
  order.paid = plus(order.paid, notional(f.price, f.qty).value_or(Money{}));
  order.commission = plus(order.commission, f.commission);
  add_leaves(order, -f.qty.raw());
  set_reserved(order, wanted(order));
  auto event = report(order, BrokerReport::fill, {}, f.ts);
  event.fill = f;
  if (executions_.size() >= config_.executions_max) executions_.pop_front();
  executions_.push_back(std::move(event));
  const auto book = [&](const Symbol& symbol, Side side, Quantity qty, Price price, Money commission, std::size_t i) {
    account_.apply(symbol, signed_qty(side, qty), price, commission, f.ts);
    if (i < r.marks.size() && r.marks[i]) account_.mark(symbol, *r.marks[i], f.ts);
    traded(symbol, f.ts);
  };
  if (order.legs.empty()) {
    book(order.symbol(), order.order.side, f.qty, f.price, f.commission, 0);
  } else if (f.legs) {
    for (std::size_t i = 0; i < f.legs->size(); ++i) {
      const LegFill& leg = (*f.legs)[i];
      book(leg.symbol, leg.side, leg.qty, leg.price, i == 0 ? f.commission : Money{}, i);
    }
  }
  const Symbol symbol = order.legs.empty() ? order.symbol() : order.legs.front().symbol;
  if (order.leaves().is_zero()) finish(order, OrderStatus::filled, {});
  count_options(symbol);
}

void PaperVenue::traded(const Symbol& symbol, Timestamp) {
  changed_.push_back(account_.position(symbol));
  account_.drop_if_flat(symbol);
  const Market& m = market(symbol);
  if (!m.instrument.is_option()) return;
  const std::pair expiry{expiry_time(*m.calendar, *m.instrument.expiry), symbol};
  if (account_.held(symbol).is_zero())
    expiries_.erase(expiry);
  else
    expiries_.insert(expiry);
}

void PaperVenue::apply(const OrderClosed& r) {
  at(r.ts);
  finish(orders_.at(r.order_id), r.status, r.reason);
}

void PaperVenue::apply(const OptionSettled& r) {
  at(r.ts);
  const Instrument option = market(r.option).instrument;
  const Quantity held = account_.held(r.option);
  account_.apply(r.option, Quantity::from_raw(-held.raw()), Price{}, {}, r.ts);
  traded(r.option, r.ts);
  if (r.exercised) {
    const bool receives = (option.right == OptionRight::call) == held.is_positive();
    const Int128 shares = (held.is_negative() ? -held.raw() : held.raw()) * option.multiplier;
    account_.apply(*option.underlying, Quantity::from_raw(receives ? shares : -shares), *option.strike, {}, r.ts);
    account_.mark(*option.underlying, r.underlying, r.ts);
    traded(*option.underlying, r.ts);
  }
  count_options(r.option);
}

// May end an older closed order when they are beyond their number, but never this one.
void PaperVenue::finish(Working& order, OrderStatus status, std::string reason) {
  dequeue(order);
  set_deadline(order, false);
  add_leaves(order, -order.leaves().raw());
  set_reserved(order, {});
  order.open = false;
  order.status = status;
  order.reason = std::move(reason);
  --open_;
  if (order.legs.empty()) std::erase(market(order.symbol()).undecided, &order);
  if (status != OrderStatus::filled) count_options(order.legs.empty() ? order.symbol() : order.legs.front().symbol);
  closed_.push_back(order.order_id);
  while (closed_.size() > std::max<std::size_t>(config_.closed_max, 1)) {
    orders_.erase(closed_.front());
    closed_.pop_front();
  }
}

// Most orders come last: the newest of the worst price.
void PaperVenue::enqueue(Working& order) {
  if (!order.legs.empty()) {
    combos_.insert(&order);
    for (const auto& leg : order.legs) market(leg.symbol).combos.insert(&order);
    return;
  }
  Market& m = market(order.symbol());
  if (is_auction(order.order.time_in_force)) {
    m.auctions.insert(&order);
  } else if (order.waits_for_stop()) {
    if (order.order.order_type == OrderType::trailing_stop)
      m.trails.insert(&order);
    else
      (order.buys() ? m.buy_stops : m.sell_stops).insert(&order);
  } else {
    Queue& queue = m.queue(order);
    queue.insert(queue.end(), &order);
  }
}

void PaperVenue::dequeue(Working& order) {
  if (!order.legs.empty()) {
    combos_.erase(&order);
    for (const auto& leg : order.legs) market(leg.symbol).combos.erase(&order);
    return;
  }
  Market& m = market(order.symbol());
  if (is_auction(order.order.time_in_force)) {
    m.auctions.erase(&order);
  } else if (order.waits_for_stop()) {
    if (order.order.order_type == OrderType::trailing_stop)
      m.trails.erase(&order);
    else
      (order.buys() ? m.buy_stops : m.sell_stops).erase(&order);
  } else {
    m.queue(order).erase(&order);
  }
}

void PaperVenue::set_deadline(Working& order, bool on) {
  if (!order.terms.deadline) return;
  const std::tuple entry{*order.terms.deadline, order.number, &order};
  if (on)
    deadlines_.insert(entry);
  else
    deadlines_.erase(entry);
}

// ---- orders --------------------------------------------------------------------------------------------------------

Result<void> PaperVenue::check(const Placement& placed) const {
  const TradeOrder& order = placed.order;
  const auto unsupported = [](std::string what) {
    return fail(Errc::broker_unsupported, "the paper broker does not take " + what);
  };
  const auto rejected = [](std::string why) { return fail(Errc::broker_rejected, std::move(why)); };
  if (placed.order_id.empty()) return rejected("an order needs an order_id");
  if (placed.tied) return unsupported("orders that depend on others");
  if (!placed.account.empty() && placed.account != config_.account)
    return rejected("no account \"" + placed.account.str() + "\"; this broker has " + config_.account.str());
  if (open_ >= config_.open_max) return rejected("too many open orders: " + std::to_string(open_));

  bool option = !placed.legs.empty();
  if (placed.legs.empty()) {
    const auto instrument = Instrument::parse(order.symbol.str());
    if (!instrument) return rejected(instrument.error().message);
    option = instrument->is_option();
  } else {
    if (placed.legs.size() < 2 || placed.legs.size() > legs_max)
      return rejected("an order of several legs has 2 to " + std::to_string(legs_max));
    std::set<Symbol> symbols;
    std::set<Symbol> underlyings;
    for (const auto& leg : placed.legs) {
      const auto instrument = Instrument::parse(leg.symbol.str());
      if (!instrument) return rejected(instrument.error().message);
      if (!instrument->is_option()) return unsupported("legs that are no options");
      if (leg.ratio < 1 || leg.ratio > 1'000) return rejected("a leg's ratio is 1 to 1000");
      if (!symbols.insert(leg.symbol).second) return rejected("two legs are " + leg.symbol.str());
      underlyings.insert(*instrument->underlying);
    }
    if (underlyings.size() > 1) return unsupported("legs on different underlyings");
  }

  const OrderType type = order.order_type;
  const TimeInForce tif = order.time_in_force;
  if (!contains(can_.order_types, type)) return unsupported("order_type " + std::string{to_string(type)});
  if (!contains(can_.times_in_force, tif)) return unsupported("time_in_force " + std::string{to_string(tif)});
  if (order.qty.has_value() == order.notional.has_value()) return rejected("an order has one of qty and notional");
  if (order.notional) {
    if (option || type != OrderType::market || tif != TimeInForce::day)
      return unsupported("orders by notional but market orders in stocks, for the day");
    if (!order.notional->is_positive()) return rejected("notional must be above 0");
  } else {
    if (!order.qty->is_positive()) return rejected("qty must be above 0");
    if (option && order.qty->raw() % Quantity::scale != 0) return rejected("options trade in whole contracts");
  }

  const bool limit = type == OrderType::limit || type == OrderType::stop_limit;
  const auto name = std::string{to_string(type)};
  if (limit != order.limit_price.has_value())
    return rejected(limit ? "a " + name + " order needs limit_price" : "a " + name + " order has no limit_price");
  if (limit && placed.legs.empty() && !order.limit_price->is_positive()) return rejected("limit_price must be above 0");
  const bool stop = type == OrderType::stop || type == OrderType::stop_limit;
  if (stop != order.stop_price.has_value())
    return rejected(stop ? "a " + name + " order needs stop_price" : "a " + name + " order has no stop_price");
  if (stop && !order.stop_price->is_positive()) return rejected("stop_price must be above 0");
  const bool trail = type == OrderType::trailing_stop;
  if (static_cast<int>(order.trail_amount.has_value()) + static_cast<int>(order.trail_percent.has_value()) !=
      static_cast<int>(trail))
    return rejected(trail ? "a trailing_stop order needs one of trail_amount and trail_percent"
                          : "a " + name + " order has no trail_amount and no trail_percent");
  if ((order.trail_amount && !order.trail_amount->is_positive()) ||
      (order.trail_percent && !(*order.trail_percent > 0 && *order.trail_percent < 100)))
    return rejected("trail_amount must be above 0, trail_percent between 0 and 100");

  const auto tif_name = std::string{to_string(tif)};
  if ((tif == TimeInForce::gtd) != order.expires_at.has_value())
    return rejected("expires_at goes with time_in_force gtd, and only with it");
  if (is_stop(type) && (is_immediate(tif) || is_auction(tif))) return unsupported(name + " orders as " + tif_name);
  if (!placed.legs.empty() && (is_stop(type) || is_auction(tif)))
    return unsupported("orders of several legs but market and limit, without opg and cls");
  if (option && is_auction(tif)) return unsupported("option orders as " + tif_name);
  if (order.extended_hours.value_or(false) && (type != OrderType::limit || is_auction(tif)))
    return rejected("extended_hours goes with limit orders only, and not with opg or cls");
  return {};
}

std::optional<OrderAccepted> PaperVenue::accepted_before(const OrderId& id) const {
  const auto it = orders_.find(id);
  if (it == orders_.end()) return std::nullopt;
  OrderAccepted out{it->second.id(), time_};
  if (it->second.order.notional) out.qty = it->second.qty();
  return out;
}

std::vector<Symbol> PaperVenue::symbols_of(const OrderId& id) const {
  const auto it = orders_.find(id);
  if (it == orders_.end()) return {};
  if (it->second.legs.empty()) return {it->second.symbol()};
  std::vector<Symbol> out;
  for (const auto& leg : it->second.legs) out.push_back(leg.symbol);
  return out;
}

bool PaperVenue::waits_for_price(const Placement& placed) const {
  if (!placed.order.notional) return false;
  const auto it = markets_.find(placed.order.symbol);
  return it == markets_.end() || !it->second.model.price_for(placed.order.side, std::nullopt);
}

Terms PaperVenue::life(const Working& order, Timestamp now) {
  Terms out = order.terms;
  const Market& m = market(order.legs.empty() ? order.symbol() : order.legs.front().symbol);
  out.begins.reset();
  out.deadline.reset();
  switch (order.order.time_in_force) {
    case TimeInForce::day:
    case TimeInForce::ioc:
    case TimeInForce::fok:
      out.deadline = day_end(*m.calendar, now, order.order.extended_hours.value_or(false));
      break;
    case TimeInForce::gtd:
      out.deadline = order.order.expires_at;
      break;
    case TimeInForce::opg:
      if (const auto next = next_session(*m.calendar, now)) {
        out.begins = next->begin;
        out.deadline = next->end;
      }
      break;
    case TimeInForce::cls:
      out.deadline = day_end(*m.calendar, now, false);
      break;
    case TimeInForce::gtc:
      break;
  }
  const auto last_day = [&](const Symbol& symbol) {
    const Market& of = market(symbol);
    if (!of.instrument.is_option()) return;
    const auto expiry = expiry_time(*of.calendar, *of.instrument.expiry);
    out.deadline = std::min(out.deadline.value_or(expiry), expiry);
  };
  if (order.legs.empty()) last_day(order.symbol());
  for (const auto& leg : order.legs) last_day(leg.symbol);
  return out;
}

Result<OrderAccepted> PaperVenue::accept(const Placement& placed, Timestamp now) {
  Working order;
  order.order_id = placed.order_id;
  order.order = placed.order;
  order.legs = placed.legs;
  const auto rejected = [](std::string why) { return fail(Errc::broker_rejected, std::move(why)); };
  const Market& m = market(order.legs.empty() ? order.symbol() : order.legs.front().symbol);
  if (order.order.notional) {
    const auto price = m.model.price_for(order.order.side, std::nullopt);
    if (!price) return rejected("no price of " + order.symbol().str() + " yet: a notional needs one");
    const Int128 money = order.order.notional->raw();
    if (money > static_cast<Int128>(units_max) * Money::scale) return rejected("notional is too large");
    order.order.qty = Quantity::from_raw(money * Quantity::scale / price->raw());
    if (!order.order.qty->is_positive())
      return rejected(order.order.notional->to_string() + " buy nothing at " + price->to_string());
  }
  if (is_auction(order.order.time_in_force) && never_closes(*m.calendar, now))
    return rejected(order.symbol().str() + " trades around the clock: it has no opening and no close");
  order.terms = life(order, now);
  if (is_auction(order.order.time_in_force) && !order.terms.deadline)
    return rejected("the calendar of " + order.symbol().str() + " knows no session after this moment");
  if (order.terms.deadline && *order.terms.deadline <= now)
    return rejected(order.order.time_in_force == TimeInForce::gtd ? "expires_at has passed" : "the option has expired");
  if (const auto price = price_to_judge(order)) {
    auto terms = judge(order, *price, {});
    if (!terms) return tl::unexpected{terms.error()};
    order.terms = *terms;
  } else if (m.instrument.is_option()) {
    // Without a price yet: that calls are covered is no matter of price.
    if (const auto terms = judge(order, Price{}, {}); !terms) return tl::unexpected{terms.error()};
  }
  OrderTaken record{at(now),    order.order_id, last_order_ + 1, std::move(order.order), std::move(order.legs),
                    order.terms};
  OrderAccepted answer{BrokerOrderId{"p-" + std::to_string(record.number)}, record.ts};
  if (record.order.notional) answer.qty = record.order.qty;
  commit(std::move(record));
  return answer;
}

Result<Working*> PaperVenue::open_order(const OrderId& id) {
  const auto it = orders_.find(id);
  if (it == orders_.end()) return fail(Errc::order_not_found, "the paper broker has no order " + id.str());
  if (!it->second.open) return fail(Errc::order_not_open, "order " + id.str() + " is closed");
  return &it->second;
}

Result<void> PaperVenue::replace(const ReplaceBrokerOrder& change, Timestamp now, Reports& out) {
  const auto found = open_order(change.order_id);
  if (!found) return tl::unexpected{found.error()};
  Working& order = **found;
  const auto rejected = [](std::string why) { return fail(Errc::broker_rejected, std::move(why)); };
  const auto current = order.order.time_in_force;
  const auto plain = [](TimeInForce tif) { return tif == TimeInForce::day || tif == TimeInForce::gtc; };
  if (change.time_in_force && *change.time_in_force != current &&
      (!plain(*change.time_in_force) || (!plain(current) && current != TimeInForce::gtd)))
    return fail(Errc::broker_unsupported,
                "the paper broker replaces time_in_force by day or gtc only, and not of immediate or auction orders");
  if (change.qty && *change.qty <= order.filled) return rejected(order.filled.to_string() + " are filled already");
  const Instrument& instrument = market(order.legs.empty() ? order.symbol() : order.legs.front().symbol).instrument;
  if (change.qty && instrument.is_option() && change.qty->raw() % Quantity::scale != 0)
    return rejected("options trade in whole contracts");
  if (change.limit_price && !order.limit())
    return rejected("a " + std::string{to_string(order.order.order_type)} + " order has no limit_price");
  if (change.limit_price && order.legs.empty() && !change.limit_price->is_positive())
    return rejected("limit_price must be above 0");
  if (change.stop_price) {
    const auto type = order.order.order_type;
    if (type != OrderType::stop && type != OrderType::stop_limit)
      return rejected("a " + std::string{to_string(type)} + " order has no stop_price of its own");
    if (order.reached) return rejected("the stop was reached: the order works");
    if (!change.stop_price->is_positive()) return rejected("stop_price must be above 0");
  }

  Working changed = order;
  if (change.qty) changed.order.qty = change.qty;
  if (change.limit_price) changed.order.limit_price = change.limit_price;
  if (change.stop_price) changed.order.stop_price = change.stop_price;
  if (change.time_in_force && *change.time_in_force != current) {
    changed.order.time_in_force = *change.time_in_force;
    changed.terms = life(changed, now);
  }
  if (const auto price = price_to_judge(changed)) {
    // As if it were not there: what it had reserved is free for it.
    add_leaves(order, -order.leaves().raw());
    auto terms = judge(changed, *price, order.reserved);
    add_leaves(order, order.leaves().raw());
    if (!terms) return tl::unexpected{terms.error()};
    changed.terms = *terms;
  }
  const bool to_the_end = changed.limit() != order.limit() || changed.qty() > order.qty();
  commit(OrderReplaced{at(now), order.order_id, changed.qty(), changed.limit(), changed.order.stop_price,
                       changed.order.time_in_force, to_the_end, changed.terms});
  auto event = report(order, BrokerReport::replaced, {}, time_);
  event.qty = order.qty();
  event.limit_price = order.limit();
  out.emplace_back(std::move(event));
  match(change.order_id, now, out);
  return {};
}

Result<void> PaperVenue::cancel(const OrderId& id, Timestamp now, Reports& out) {
  const auto found = open_order(id);
  if (!found) return tl::unexpected{found.error()};
  end(**found, OrderStatus::canceled, "canceled on request", now, out);
  return {};
}

void PaperVenue::end(Working& order, OrderStatus status, const std::string& reason, Timestamp now, Reports& out) {
  const auto kind = status == OrderStatus::rejected  ? BrokerReport::rejected
                    : status == OrderStatus::expired ? BrokerReport::expired
                                                     : BrokerReport::canceled;
  out.emplace_back(report(order, kind, reason, at(now)));
  commit(OrderClosed{time_, order.order_id, status, reason});
}

// ---- matching ------------------------------------------------------------------------------------------------------

bool PaperVenue::may_trade(const Working& order, const Market& m, Timestamp now) const {
  if (!config_.sessions) return true;
  switch (m.calendar->phase_at(now)) {
    case Phase::regular:
      return true;
    case Phase::pre:
    case Phase::post:
      return order.order.extended_hours.value_or(false);
    case Phase::closed:
    case Phase::pause:
      return false;
  }
  return false;
}

// A new or changed order meets the market as it is.
void PaperVenue::match(const OrderId& id, Timestamp now, Reports& out) {
  const auto it = orders_.find(id);
  if (it == orders_.end() || !it->second.open) return;
  Working& order = it->second;
  if (!order.legs.empty()) return match_combo(order, now, out);
  Market& m = market(order.symbol());
  if (order.waits_for_stop()) {
    if (!m.last_trade || (config_.sessions && m.calendar->phase_at(now) != Phase::regular)) return;
    if (order.order.order_type == OrderType::trailing_stop) {
      follow(order, *m.last_trade);
      return;
    }
    const Price stop = *order.order.stop_price;
    if (order.buys() ? *m.last_trade < stop : *m.last_trade > stop) return;
    commit(StopMoved{order.order_id, stop, true});
  }
  match(order.symbol(), now, out);
}

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
    if (order.limit() && order.terms.priced && !m.model.price_for(order.order.side, order.limit())) return;
    const bool may = may_trade(order, m, now);
    const auto filled = order.filled;
    try_fill(order, m, now, out);
    // The touch is used up: it is for everyone behind as well. (A fill-or-kill may be too large where others are not.)
    if (may && order.open && order.filled == filled && order.order.time_in_force != TimeInForce::fok) return;
  }
}

bool PaperVenue::price_it(Working& order, Price price, Timestamp now, Reports& out) {
  add_leaves(order, -order.leaves().raw());
  const auto terms = judge(order, price, order.reserved);
  add_leaves(order, order.leaves().raw());
  if (terms) {
    commit(OrderPriced{order.order_id, *terms});
    return true;
  }
  end(order, OrderStatus::rejected, terms.error().message, now, out);
  return false;
}

void PaperVenue::try_fill(Working& order, Market& m, Timestamp now, Reports& out) {
  const Side side = order.order.side;
  const bool may = may_trade(order, m, now);
  if (may) {
    if (!order.terms.priced)
      if (const auto price = m.model.price_for(side, order.limit()))
        if (!price_it(order, *price, now, out)) return;
    const bool all = order.order.time_in_force == TimeInForce::fok;
    if (const auto take = m.model.take(side, order.limit(), order.leaves(), all))
      fill(order, take->qty, take->price, {}, now, out);
  }
  if (!order.open || !is_immediate(order.order.time_in_force)) return;
  const std::string word = order.order.time_in_force == TimeInForce::fok ? "fill-or-kill" : "immediate-or-cancel";
  end(order, OrderStatus::canceled, word + (may ? ": no more to be had at the touch" : ": the market is closed"), now,
      out);
}

void PaperVenue::fill(Working& order, Quantity qty, Price price, std::vector<LegFill> legs, Timestamp now,
                      Reports& out) {
  OrderFilled record;
  record.order_id = order.order_id;
  Fill& f = record.fill;
  f.exec_id = ExecId{"x-" + std::to_string(last_exec_ + 1)};
  f.qty = qty;
  f.price = price;
  f.commission = minus(commission_due(order, Quantity::from_raw(order.filled.raw() + qty.raw())), order.commission);
  f.ts = at(now);
  if (legs.empty()) {
    record.marks.push_back(market(order.symbol()).model.mid());
  } else {
    for (const auto& leg : legs) record.marks.push_back(market(leg.symbol).model.mid());
    f.legs = std::move(legs);
  }
  commit(std::move(record));
  out.emplace_back(executions_.back());
  for (auto& position : changed_) out.emplace_back(std::move(position));
  out.emplace_back(summary());
}

// A trade beyond a resting limit would have met it first: it fills it, at its price.
void PaperVenue::fill_through(Queue& queue, Market& m, const MarketEvent& trade, Timestamp now, Reports& out) {
  const Price price = trade.price[0];
  Quantity left = trade.qty[0];
  const bool unlimited = !left.is_positive();
  for (auto it = queue.begin(); it != queue.end();) {
    Working& order = **it++;
    if (!order.limit() || !order.terms.priced) continue;
    const bool through = order.buys() ? price < *order.limit() : price > *order.limit();
    if (!through) return;
    if (!may_trade(order, m, now)) continue;
    const Quantity qty = unlimited ? order.leaves() : std::min(left, order.leaves());
    if (!qty.is_positive()) return;
    left = Quantity::from_raw(left.raw() - qty.raw());
    fill(order, qty, *order.limit(), {}, now, out);
  }
}

// ---- auctions ------------------------------------------------------------------------------------------------------

// The first price of the session is the opening one, of any size: who can't have it has missed it.
void PaperVenue::open_auction(Market& m, const MarketEvent& event, Timestamp now, Reports& out) {
  for (Working* each : std::vector<Working*>(m.auctions.begin(), m.auctions.end())) {
    Working& order = *each;
    if (order.order.time_in_force != TimeInForce::opg || !order.terms.begins || *order.terms.begins > now) continue;
    const auto price =
        event.kind == StreamKind::trade ? std::optional{event.price[0]} : m.model.touch(order.order.side);
    if (!price || !price->is_positive()) continue;
    const auto& limit = order.limit();
    if (limit && (order.buys() ? *price > *limit : *price < *limit)) {
      end(order, OrderStatus::expired, "the market opened at " + price->to_string(), now, out);
      continue;
    }
    if (!order.terms.priced && !price_it(order, *price, now, out)) continue;
    fill(order, order.leaves(), *price, {}, now, out);
  }
}

// At the last price before the close.
void PaperVenue::close_auction(Working& order, Timestamp now, Reports& out) {
  const Market& m = market(order.symbol());
  const auto price = m.last_trade ? m.last_trade : m.model.touch(order.order.side);
  if (!price) return end(order, OrderStatus::expired, "no closing price was seen", now, out);
  const auto& limit = order.limit();
  if (limit && (order.buys() ? *price > *limit : *price < *limit))
    return end(order, OrderStatus::expired, "the market closed at " + price->to_string(), now, out);
  if (!order.terms.priced && !price_it(order, *price, now, out)) return;
  fill(order, order.leaves(), *price, {}, now, out);
}

// ---- time ----------------------------------------------------------------------------------------------------------

void PaperVenue::advance(Timestamp now, Reports& out) {
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
