#include "engine/orders/risk.hpp"

#include <algorithm>

namespace tradebus {

namespace {

// Contracts of an option stand for 100 of the underlying; pairs and equities for one.
Int128 multiplier(const Symbol& symbol) {
  const auto instrument = Instrument::parse(symbol.str());
  return instrument ? instrument->multiplier : 1;
}

}  // namespace

Result<void> check_risk(const Order& order, const RiskLimits& limits, std::optional<Price> last_price) {
  if (limits.max_qty && order.qty > *limits.max_qty)
    return fail(Errc::risk_max_qty, "quantity " + order.qty.to_string() + " is above the limit of " +
                                        limits.max_qty->to_string() + " an order (risk.max_qty)");
  if (!limits.max_notional) return {};

  const auto price = order.limit_price ? order.limit_price : order.stop_price ? order.stop_price : last_price;
  if (!price)
    return fail(Errc::risk_max_notional, "no price of " + order.symbol.str() +
                                             " is known to hold a market order against risk.max_notional; subscribe to "
                                             "its quotes, or send a limit order");
  const auto value = notional(*price, order.qty);
  Int128 total = 0;
  const bool fits = value && !__builtin_mul_overflow(value->raw(), multiplier(order.symbol), &total);
  if (!fits || std::max(total, -total) > limits.max_notional->raw())
    return fail(Errc::risk_max_notional, "notional " + (fits ? Money::from_raw(total).to_string() : "(out of range)") +
                                             " is above the limit of " + limits.max_notional->to_string() +
                                             " an order (risk.max_notional)");
  return {};
}

}  // namespace tradebus
