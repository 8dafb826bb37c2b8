// The venue's numbers, read from their JSON text and never through a double. Lenient where the venue is loose: 12.0 for
// an integer, 1.2e+08, a number in quotes, null for an absent one; more than nine decimals are rounded half to even.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "actors/providers/massive/short_number.hpp"
#include "bus/model/decimal.hpp"
#include "bus/model/time.hpp"

namespace tradebus::massive::stream {

enum class Read : std::uint8_t { absent, good, bad };

namespace detail {

Read read_long(std::string_view text, Int128& nanos);
// Without quotes and blanks; absent for nothing at all and for null.
std::string_view bare(std::string_view token);

}  // namespace detail

// A JSON value's text as it stands there; empty: there is none.
template <class Tag, class Rep>
Read read(std::string_view token, Decimal<Tag, Rep>& out) {
  std::int64_t nanos = 0;
  if (read_short(token, nanos)) {
    out = Decimal<Tag, Rep>::from_raw(nanos);
    return Read::good;
  }
  Int128 wide = 0;
  const auto found = detail::read_long(token, wide);
  if (found != Read::good) return found;
  if constexpr (sizeof(Rep) < sizeof(Int128)) {
    if (wide > std::numeric_limits<Rep>::max() || wide < std::numeric_limits<Rep>::min()) return Read::bad;
  }
  out = Decimal<Tag, Rep>::from_raw(static_cast<Rep>(wide));
  return Read::good;
}

// Whole numbers only, however they are written.
Read read(std::string_view token, std::int64_t& out);

// Milliseconds since 1970, a fraction too. What can't be milliseconds by its magnitude (before 1973, after 2200:
// another unit) is bad.
Read read_ms(std::string_view token, Timestamp& out);

}  // namespace tradebus::massive::stream
