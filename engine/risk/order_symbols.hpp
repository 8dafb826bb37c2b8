// Which symbols' limits and trading states an order falls under: one rule for what is refused and for what is canceled.
#pragma once

#include <string_view>

#include "bus/model/orders.hpp"
#include "engine/risk/amounts.hpp"

namespace tradebus::risk {

// Calls f(std::string_view) for the order's symbol, those of its legs, and what each of them is an option on; some come
// more than once. Stops at the first true.
template <class F>
bool any_symbol(const Order& order, F&& f) {
  const auto look = [&](const Symbol& symbol) {
    if (f(std::string_view{symbol.str()})) return true;
    const auto underlying = underlying_of(symbol);
    return !underlying.empty() && f(underlying);
  };
  if (look(order.symbol)) return true;
  if (order.legs)
    for (const auto& leg : *order.legs)
      if (look(leg.symbol)) return true;
  return false;
}

// A trading state of this symbol holds for the order.
inline bool concerns(const Order& order, const Symbol& symbol) {
  return any_symbol(order, [&](std::string_view each) { return each == symbol.str(); });
}

}  // namespace tradebus::risk
