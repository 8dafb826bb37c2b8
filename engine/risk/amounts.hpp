// INTERNAL to engine/risk: sums that are kept up to date by adding and taking away must never wrap, nor lose anything
// on the way. So each part is bounded as it comes in, far above what is traded, and 2^20 parts fit 128 bits.
#pragma once

#include <algorithm>
#include <string_view>

#include "bus/model/decimal.hpp"
#include "bus/model/strong_string.hpp"

namespace tradebus::risk {

inline constexpr Int128 part_max = Int128{1} << 100;   // an order's units, and its value
inline constexpr Int128 value_max = Int128{1} << 104;  // a symbol's value in an account
inline constexpr Int128 units_max = Int128{1} << 110;  // a position

constexpr Int128 bounded(Int128 x, Int128 max) { return std::clamp(x, -max, max); }
constexpr Int128 int128_max = static_cast<Int128>(~UInt128{0} >> 1U);
constexpr Int128 magnitude(Int128 x) { return x < 0 ? -std::max(x, -int128_max) : x; }

// qty x price x multiplier in 1e-9 units, as the order's notional is; empty when it leaves 128 bits.
std::optional<Int128> exact_value(Int128 qty, std::int64_t price, std::int32_t multiplier);
// The same, bounded by `max` instead.
Int128 value(Int128 qty, std::int64_t price, std::int32_t multiplier, Int128 max);
// a x b / c for 0 <= b <= c, c > 0, 0 <= a; never below the exact result, above it only where 128 bits don't hold a x
// b.
Int128 share_of(Int128 a, Int128 b, Int128 c);
// Units that an amount buys, rounded up, at most part_max; amount >= 0, price > 0.
Int128 units_for(Int128 amount, std::int64_t price, std::int32_t multiplier);

// Units of the underlying a contract stands for; 1 for what is no option.
std::int32_t multiplier_of(const Symbol& symbol);
// What an option is on; empty for others.
std::string_view underlying_of(const Symbol& symbol);

}  // namespace tradebus::risk
