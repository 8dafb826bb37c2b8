#include "engine/risk/order_pace.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace tradebus {

namespace {

std::size_t mix(std::size_t seed, std::size_t h) {
  return seed ^ (h + 0x9e3779b97f4a7c15U + (seed << 6U) + (seed >> 2U));
}

// Between two orders at this rate, rounded up: never more than the rate.
std::int64_t period_ns(Quantity per_second) {
  constexpr Int128 second_in_nanos_of_nanos = static_cast<Int128>(Quantity::scale) * Quantity::scale;
  return static_cast<std::int64_t>((second_in_nanos_of_nanos + per_second.raw() - 1) / per_second.raw());
}
// How far the bucket may be from full.
std::int64_t depth_ns(Quantity per_second) {
  constexpr Int128 orders_max = 1'000'000'000;
  const auto whole = std::clamp<Int128>(per_second.raw() / Quantity::scale, 1, orders_max);
  const Int128 depth = whole * period_ns(per_second);
  return static_cast<std::int64_t>(std::min<Int128>(depth, std::numeric_limits<std::int64_t>::max() / 4));
}
std::int64_t full_at(std::int64_t kept, Quantity per_second, std::int64_t now) {
  return std::clamp(kept, now, now + depth_ns(per_second));
}

}  // namespace

// ---- rates ---------------------------------------------------------------------------------------------------------

std::size_t OrderRates::Hash::operator()(const Key& k) const {
  return mix(mix(std::hash<ClientName>{}(k.client), static_cast<std::size_t>(k.scope)),
             std::hash<std::string>{}(k.name));
}

std::int64_t OrderRates::wait(const Key& key, Quantity per_second, Timestamp time) {
  const auto now = unix_ns(time);
  const auto it = full_at_.find(key);
  if (it == full_at_.end()) {
    if (full_at_.size() < buckets_max) return 0;
    // Full buckets are as good as none.
    std::erase_if(full_at_, [&](const auto& each) { return each.second <= now; });
    return full_at_.size() < buckets_max ? 0 : -1;
  }
  // A clock that was set back must not lock a client out: no bucket is emptier than empty.
  it->second = std::min(it->second, now + depth_ns(per_second));
  const auto after = full_at(it->second, per_second, now) + period_ns(per_second);
  return std::max<std::int64_t>(0, after - depth_ns(per_second) - now);
}

void OrderRates::take(const Key& key, Quantity per_second, Timestamp time) {
  const auto now = unix_ns(time);
  const auto [it, fresh] = full_at_.try_emplace(key, now);
  it->second = full_at(it->second, per_second, now) + period_ns(per_second);
}

// ---- repeats -------------------------------------------------------------------------------------------------------

std::size_t RepeatedOrders::Hash::operator()(const Key& k) const {
  auto out = mix(std::hash<ClientName>{}(k.client), std::hash<Symbol>{}(k.symbol));
  out = mix(out, static_cast<std::size_t>(k.side));
  out = mix(out, std::hash<Quantity>{}(k.qty));
  return mix(out, k.limit_price ? std::hash<Price>{}(*k.limit_price) : 0);
}

RepeatedOrders::Key RepeatedOrders::key_of(const Order& order) {
  return {order.client,   order.symbol,      order.side,       order.qty,
          order.notional, order.limit_price, order.stop_price, order.trail_amount};
}

std::int64_t RepeatedOrders::count(const Order& order, std::chrono::nanoseconds window,
                                   std::chrono::nanoseconds window_max, Timestamp now) {
  const auto it = passed_.find(key_of(order));
  if (it == passed_.end()) {
    if (passed_.size() < kept_max) return 0;
    std::erase_if(passed_,
                  [&](const auto& each) { return each.second.back() <= now - window_max || each.second.back() > now; });
    return passed_.size() < kept_max ? 0 : -1;
  }
  // What passed in the future passed before the clock was set back: nobody knows how long ago.
  return std::ranges::count_if(it->second, [&](Timestamp at) { return at > now - window && at <= now; });
}

void RepeatedOrders::add(const Order& order, Timestamp now) {
  auto& times = passed_[key_of(order)];
  std::erase_if(times, [&](Timestamp at) { return at > now; });
  if (times.size() >= count_max) times.erase(times.begin());
  times.push_back(now);
}

}  // namespace tradebus
