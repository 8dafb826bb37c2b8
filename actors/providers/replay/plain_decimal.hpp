// The fast way through a recording's numbers: digits[.digits] into units of 1e-9, without a copy or an allocation.
// Whatever else a number may look like (signs, exponents, ten digits and more) is left to Decimal::parse_rounded.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tradebus::replay {

enum class PlainDecimal : std::uint8_t { exact, rounded, other };

namespace detail {
inline constexpr std::array<std::uint64_t, 10> powers_of_ten = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
inline unsigned digit_of(char c) { return static_cast<unsigned>(static_cast<unsigned char>(c)) - '0'; }
}  // namespace detail

// `nanos` is set unless the answer is `other`. Decimals past the ninth are rounded half to even.
inline PlainDecimal read_plain(std::string_view text, std::int64_t& nanos) {
  constexpr std::size_t text_max = 64;
  const char* p = text.data();
  const char* const end = p + text.size();
  const char* const whole_end = p + std::min<std::size_t>(text.size(), 10);
  std::uint64_t whole = 0;
  const char* const first = p;
  for (; p != whole_end; ++p) {
    const unsigned d = detail::digit_of(*p);
    if (d > 9) break;
    whole = whole * 10 + d;
  }
  if (p == first || p - first > 9) return PlainDecimal::other;
  std::uint64_t value = whole * detail::powers_of_ten[9];
  if (p == end) {
    nanos = static_cast<std::int64_t>(value);
    return PlainDecimal::exact;
  }
  if (*p != '.') return PlainDecimal::other;
  ++p;
  const auto room = static_cast<std::size_t>(end - p);
  const char* const fraction_end = p + std::min<std::size_t>(room, 9);
  const char* const fraction_first = p;
  std::uint64_t fraction = 0;
  for (; p != fraction_end; ++p) {
    const unsigned d = detail::digit_of(*p);
    if (d > 9) return PlainDecimal::other;
    fraction = fraction * 10 + d;
  }
  value += fraction * detail::powers_of_ten[9 - static_cast<std::size_t>(p - fraction_first)];
  PlainDecimal result = PlainDecimal::exact;
  if (p != end) {
    if (text.size() > text_max) return PlainDecimal::other;
    const unsigned leading = detail::digit_of(*p);
    if (leading > 9) return PlainDecimal::other;
    bool more = false;
    for (++p; p != end; ++p) {
      const unsigned d = detail::digit_of(*p);
      if (d > 9) return PlainDecimal::other;
      more = more || d != 0;
    }
    if (leading != 0 || more) result = PlainDecimal::rounded;
    if (leading > 5 || (leading == 5 && (more || (value & 1) != 0))) ++value;
  }
  nanos = static_cast<std::int64_t>(value);
  return result;
}

}  // namespace tradebus::replay
