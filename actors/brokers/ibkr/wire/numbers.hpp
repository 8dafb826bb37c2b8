// The venue's numbers from their text, never through a double where money hangs on it. "1.8E-4" is a number; there are
// five ways to write "none". Pure.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "bus/model/decimal.hpp"

namespace tradebus::ibkr::wire {

// Percentages, deltas, offsets that are no prices: exact to nine decimals.
using Ratio = Decimal<struct RatioTag, std::int64_t>;

enum class Parsed : std::uint8_t { good, unset, bad, out_of_range };

namespace detail {
// Whole part and decimals of at most nine digits each, which is nearly every number.
constexpr bool parse_short(std::string_view text, std::int64_t& nanos) {
  constexpr std::int64_t powers[] = {1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                     10'000,        1'000,       100,        10,        1};
  const bool negative = !text.empty() && text[0] == '-';
  std::size_t i = negative ? 1 : 0;
  const auto first = i;
  std::int64_t value = 0;
  for (; i < text.size() && i - first < 10 && text[i] >= '0' && text[i] <= '9'; ++i)
    value = value * 10 + (text[i] - '0');
  if (i == first || i - first > 9) return false;
  std::size_t decimals = 0;
  if (i < text.size() && text[i] == '.') {
    const auto point = i++;
    for (; i < text.size() && i - point <= 9 && text[i] >= '0' && text[i] <= '9'; ++i)
      value = value * 10 + (text[i] - '0');
    decimals = i - point - 1;
    if (decimals == 0) return false;
  }
  if (i != text.size()) return false;
  value *= powers[decimals];
  nanos = negative ? -value : value;
  return true;
}
Parsed parse_long(std::string_view text, Int128& nanos);
}  // namespace detail

// Empty, "None", "NaN", and the largest values of the venue's types.
bool is_unset(std::string_view text);

// More than nine decimals (1.4974999999999999) are rounded half to even.
template <class Tag, class Rep>
Parsed parse(std::string_view text, Decimal<Tag, Rep>& out) {
  std::int64_t nanos = 0;
  if (detail::parse_short(text, nanos)) {
    out = Decimal<Tag, Rep>::from_raw(nanos);
    return Parsed::good;
  }
  Int128 wide = 0;
  const auto parsed = detail::parse_long(text, wide);
  if (parsed != Parsed::good) return parsed;
  if constexpr (sizeof(Rep) < sizeof(Int128)) {
    if (wide > std::numeric_limits<Rep>::max() || wide < std::numeric_limits<Rep>::min()) return Parsed::out_of_range;
  }
  out = Decimal<Tag, Rep>::from_raw(static_cast<Rep>(wide));
  return Parsed::good;
}

// Unset only when empty: the largest values are values, unless a layout says otherwise.
Parsed parse(std::string_view text, std::int32_t& out);
Parsed parse(std::string_view text, std::int64_t& out);
// Greeks and the like. Infinities ("Infinity", "Infinite") are out of range.
Parsed parse(std::string_view text, double& out);
// 1, 0, true, false; empty is unset.
Parsed parse(std::string_view text, bool& out);

// A text that may hold an amount, as the margins of a preview do.
std::optional<Money> amount(std::string_view text);

}  // namespace tradebus::ibkr::wire
