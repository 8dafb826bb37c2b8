// What an order must pass before it is recorded. Pure.
#pragma once

#include <optional>

#include "bus/model/decimal.hpp"
#include "bus/model/error.hpp"
#include "bus/model/orders.hpp"

namespace tradebus {

struct RiskLimits {
  std::optional<Quantity> max_qty;    // an order
  std::optional<Money> max_notional;  // an order: quantity x price x contract multiplier
};

// risk.max_qty, risk.max_notional. The price is the order's own limit, else `last_price`; an order whose notional can't
// be told is refused while max_notional is set: a limit that doesn't hold for market orders is none.
Result<void> check_risk(const Order& order, const RiskLimits& limits, std::optional<Price> last_price);

}  // namespace tradebus
