// Numbers at the edge. The bus sends the double nearest to an exact decimal, so the shortest text that reads back as
// the same double is that decimal again.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <string>
#include <string_view>

#include "tradebus/value.hpp"

namespace tradebus::client {

// "190.1", "0.00000001", "250000": never an exponent; "" for NaN and infinities.
inline std::string decimal_text(double value) {
  if (!std::isfinite(value)) return {};
  if (value == 0) return "0";      // also -0
  std::array<char, 400> buffer{};  // the longest fixed text of a double has 309 digits before the point
  const auto [end, ec] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return ec == std::errc{} ? std::string{buffer.data(), end} : std::string{};
}

// A price or quantity on its way to the daemon. Give text ("190.10") where the decimal must be exact whatever the
// double arithmetic before it did; the daemon takes at most nine decimals.
class Amount {
 public:
  template <std::integral I>
  Amount(I whole) : value_{whole} {}
  Amount(double number) : value_{number} {}
  Amount(const char* decimal) : value_{decimal} {}
  Amount(std::string_view decimal) : value_{decimal} {}
  Amount(const std::string& decimal) : value_{decimal} {}

  const Value& value() const { return value_; }

 private:
  Value value_;
};

}  // namespace tradebus::client
