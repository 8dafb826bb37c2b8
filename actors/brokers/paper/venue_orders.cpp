// The venue's half that takes, changes and ends orders.
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

constexpr std::size_t legs_max = 8;

}  // namespace

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

  if (order.target_strategy) return unsupported("target_strategy");
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

  const bool limit = type == OrderType::limit || type == OrderType::stop_limit || type == OrderType::limit_if_touched;
  const auto name = std::string{to_string(type)};
  if (limit != order.limit_price.has_value())
    return rejected(limit ? "a " + name + " order needs limit_price" : "a " + name + " order has no limit_price");
  if (limit && placed.legs.empty() && !order.limit_price->is_positive()) return rejected("limit_price must be above 0");
  const bool stop = is_stop(type) && type != OrderType::trailing_stop;
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
    if (!is_stop(type) || type == OrderType::trailing_stop)
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

}  // namespace tradebus::paper
