// The venue's half that books splits and dividends.
//
// Holders are those of before: what was traded since then, when it is told late, has no part in it. Open orders are
// adjusted as FINRA's rule 5330 and the exchanges do it.
#include <algorithm>
#include <limits>

#include "actors/brokers/paper/paper_venue.hpp"

namespace tradebus::paper {

namespace {

constexpr std::size_t booked_max = 10'000;
constexpr std::size_t announced_max = 1'000;
constexpr std::int64_t day_ns = 86'400'000'000'000;
constexpr Int128 units_raw_max = static_cast<Int128>(units_max) * Quantity::scale;
constexpr Int128 cent = Price::scale / 100;
// Smaller dividends leave open orders as they are.
constexpr Int128 least_dividend = cent;

// To a price that is quoted: cents, hundredths of them below 1. Buy limits and sell stops go down, the others up.
std::optional<Price> on_tick(Int128 raw, bool down) {
  const Int128 tick = raw >= Price::scale ? cent : cent / 100;
  Int128 out = raw / tick * tick;
  if (!down && out != raw) out += tick;
  if (out <= 0 || out > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return Price::from_raw(static_cast<std::int64_t>(out));
}

std::optional<Price> divided(const Price& price, Quantity ratio, bool down) {
  const Int128 raw = static_cast<Int128>(price.raw()) * Quantity::scale;
  return on_tick(down || raw % ratio.raw() == 0 ? raw / ratio.raw() : raw / ratio.raw() + 1, down);
}

}  // namespace

PaperVenue::Booked PaperVenue::key_of(const CorporateAction& action) {
  const bool pays = action.action == CorporateActionKind::dividend;
  return {action.symbol, action.action, unix_ns(action.ts) / day_ns, pays ? action.value.raw() : Int128{0}};
}

Result<void> PaperVenue::take(const CorporateAction& action, Timestamp now, Reports& out) {
  const auto refused = [&](const std::string& why) {
    return fail(Errc::request_invalid, "the " + std::string{to_string(action.action)} + " of " + action.symbol.str() +
                                           " is not booked: " + why);
  };
  if (!action.value.is_positive()) return refused("its value is not known");
  if (action.value.raw() > std::numeric_limits<std::int64_t>::max()) return refused("its value is out of range");
  const auto instrument = Instrument::parse(action.symbol.str());
  if (!instrument || instrument->is_option()) return refused("it is no share");
  if (is_booked(action)) return {};
  // What was traded since then is not part of it, and must be known.
  if (executions_.size() >= config_.executions_max && executions_.front().ts > action.ts)
    return refused("it is older than the executions that are remembered");
  if (action.ts <= now) return book(action, now, out);
  if (announced_.size() >= announced_max) return refused("too many are announced");
  const auto [from, to] = announced_.equal_range(action.ts);
  if (std::none_of(from, to, [&](const auto& each) { return key_of(each.second) == key_of(action); }))
    announced_.emplace(action.ts, action);
  return {};
}

// Within the executions that are remembered.
Quantity PaperVenue::traded_since(const Symbol& symbol, Timestamp ts) const {
  Int128 sum = 0;
  for (auto it = executions_.rbegin(); it != executions_.rend() && it->ts >= ts; ++it) {
    const auto order = orders_.find(it->order_id);
    if (order == orders_.end() || !it->fill || !order->second.legs.empty() || order->second.symbol() != symbol)
      continue;
    sum += signed_qty(order->second.order.side, it->fill->qty).raw();
  }
  return Quantity::from_raw(sum);
}

Result<void> PaperVenue::book(const CorporateAction& action, Timestamp now, Reports& out) {
  if (is_booked(action)) return {};
  const Quantity held = account_.held(action.symbol);
  const Quantity since = traded_since(action.symbol, action.ts);
  const Int128 before = held.raw() - since.raw();
  CorporateBooked record{at(now), action, held, {}, {}, {}};
  if (action.action == CorporateActionKind::dividend) {
    record.cash = notional(Price::from_raw(static_cast<std::int64_t>(action.value.raw())), Quantity::from_raw(before))
                      .value_or(Money{});
  } else {
    Int128 product = 0;
    if (__builtin_mul_overflow(before, action.value.raw(), &product))
      return fail(Errc::request_invalid, "the split of " + action.symbol.str() + " is out of range");
    const Int128 after = product / Quantity::scale;
    if (after > units_raw_max || after < -units_raw_max)
      return fail(Errc::request_invalid, "after its split more than " + std::to_string(units_max) + " units of " +
                                             action.symbol.str() + " would be held");
    record.held = Quantity::from_raw(after + since.raw());
    // What is left is less than a billionth of a share.
    const Int128 rest = product % Quantity::scale;
    if (const auto price = account_.position(action.symbol).market_price; rest != 0 && price)
      record.cash = Money::from_raw(
          detail::divide_half_even(rest * price->raw(), static_cast<Int128>(action.value.raw()) * Quantity::scale));
  }
  adjust_orders(record);
  const std::string why = std::string{to_string(action.action)} + " " + action.value.to_string();
  const auto changed = record.changed;
  const auto closed = record.closed;
  commit(std::move(record));
  for (const auto& each : changed) {
    const Working& order = orders_.at(each.order_id);
    auto event = report(order, BrokerReport::replaced, why, time_);
    event.qty = order.qty();
    event.limit_price = order.limit();
    if (order.order.order_type != OrderType::trailing_stop) event.stop_price = order.order.stop_price;
    event.trail_amount = each.trail_amount;
    out.emplace_back(std::move(event));
  }
  for (const auto& each : closed)
    out.emplace_back(report(orders_.at(each.order_id), BrokerReport::canceled, each.reason, time_));
  if (const Quantity after = account_.held(action.symbol); after != held)
    out.emplace_back(PositionAdjusted{broker_, config_.account, action.symbol, held, after, why});
  for (auto& position : changed_) out.emplace_back(std::move(position));
  if (!changed_.empty()) out.emplace_back(summary());
  changed_.clear();
  return {};
}

// A split changes all that were placed before it, in their order: as much for the same money. A reverse split ends
// them. A dividend lowers what would be reached by the fall that it brings: buy limits and sell stops that outlive the
// day.
void PaperVenue::adjust_orders(CorporateBooked& record) {
  const CorporateAction& action = record.action;
  const bool split = action.action == CorporateActionKind::split;
  if (!split && action.value.raw() < least_dividend) return;
  std::vector<const Working*> open;
  for (const auto& [id, order] : orders_)
    if (order.open && order.legs.empty() && order.symbol() == action.symbol && order.taken < action.ts)
      open.push_back(&order);
  std::ranges::sort(open, {}, &Working::number);
  for (const Working* each : open) {
    const TradeOrder& o = each->order;
    OrderReplaced changed{record.ts, each->order_id, each->qty(), o.limit_price, o.stop_price, o.time_in_force,
                          false,     each->terms,    {}};
    const bool buys = each->buys();
    bool fits = true;
    const auto scale = [&](std::optional<Price>& price, bool down) {
      if (!price) return;
      const auto next =
          split ? divided(*price, action.value, down)
                : on_tick(static_cast<Int128>(price->raw()) - static_cast<Int128>(action.value.raw()), down);
      fits = fits && next;
      if (next) price = next;
    };
    if (split) {
      if (action.value.raw() < Quantity::scale) {
        record.closed.push_back({record.ts, each->order_id, OrderStatus::canceled, "reverse split: place it anew"});
        continue;
      }
      Int128 product = 0;
      fits = !__builtin_mul_overflow(each->leaves().raw(), action.value.raw(), &product) &&
             product / Quantity::scale <= units_raw_max;
      if (fits) changed.qty = Quantity::from_raw(each->filled.raw() + product / Quantity::scale);
      fits = fits && changed.qty > each->filled;
      scale(changed.limit_price, buys);
      scale(changed.stop_price, !buys);
      if (o.trail_amount) {
        changed.trail_amount = o.trail_amount;
        scale(changed.trail_amount, false);
      }
      if (each->terms.priced && fits) {
        changed.terms.price = Price::from_raw(static_cast<std::int64_t>(detail::divide_half_even(
            static_cast<Int128>(each->terms.price.raw()) * Quantity::scale, action.value.raw())));
        changed.terms.opening = Quantity::from_raw(std::min<Int128>(
            changed.qty.raw() - each->filled.raw(),
            std::min(each->terms.opening, each->leaves()).raw() * action.value.raw() / Quantity::scale));
      }
    } else {
      const bool lasts = o.time_in_force == TimeInForce::gtc || o.time_in_force == TimeInForce::gtd;
      const bool touch = is_touch(o.order_type) && !each->reached;
      const bool stop = is_stop(o.order_type) && !each->reached && !touch;
      if (!lasts || (buys ? stop || !(o.limit_price || touch) : !stop)) continue;
      scale(changed.limit_price, true);
      scale(changed.stop_price, true);
      if (changed.terms.priced && changed.limit_price) changed.terms.price = *changed.limit_price;
    }
    if (fits)
      record.changed.push_back(std::move(changed));
    else
      record.closed.push_back({record.ts, each->order_id, OrderStatus::canceled,
                               "its terms can't be adjusted to the " + std::string{to_string(action.action)}});
  }
}

void PaperVenue::apply(const CorporateBooked& r) {
  at(r.ts);
  booked_.insert(key_of(r.action));
  booked_in_order_.push_back(key_of(r.action));
  if (booked_in_order_.size() > booked_max) {
    booked_.erase(booked_in_order_.front());
    booked_in_order_.pop_front();
  }
  const Symbol& symbol = r.action.symbol;
  const bool split = r.action.action == CorporateActionKind::split;
  for (const auto& each : r.changed) apply(each);
  for (const auto& each : r.closed) apply(each);
  if (split) {
    // What was seen of the market is of the old shares.
    if (const auto it = markets_.find(symbol); it != markets_.end()) {
      it->second.model = FillModel{config_.slippage_micro_bps};
      it->second.last_trade.reset();
    }
    account_.split(symbol, r.held, r.action.value, r.cash, r.ts);
  } else {
    account_.dividend(symbol, r.cash, r.ts);
  }
  changed_.clear();
  if (!r.held.is_zero() || !r.cash.is_zero()) changed_.push_back(account_.position(symbol));
  account_.drop_if_flat(symbol);
  count_options(symbol);
}

}  // namespace tradebus::paper
