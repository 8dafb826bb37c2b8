// Numbers as nearly all of the venue's are, read in one pass over their text; false for whatever else there may be,
// which is for a slower reader to judge. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace tradebus::massive {

// Whole part and decimals of at most nine digits each, in 1e-9 units.
constexpr bool read_short(std::string_view text, std::int64_t& nanos) {
  constexpr std::int64_t powers[] = {1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                     10'000,        1'000,       100,        10,        1};
  std::size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) i = 1;
  const auto first = i;
  std::int64_t value = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
    if (i - first == 9) return false;
    value = value * 10 + (text[i] - '0');
  }
  if (i == first) return false;
  std::size_t decimals = 0;
  if (i < text.size() && text[i] == '.') {
    const auto point = i++;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9' && i - point <= 9; ++i)
      value = value * 10 + (text[i] - '0');
    decimals = i - point - 1;
    if (decimals == 0) return false;
  }
  if (i != text.size()) return false;
  value *= powers[decimals];
  nanos = negative ? -value : value;
  return true;
}

// Eighteen digits at most, and nothing else.
constexpr bool read_digits(std::string_view text, std::int64_t& out) {
  if (text.empty() || text.size() > 18) return false;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  out = value;
  return true;
}

}  // namespace tradebus::massive
