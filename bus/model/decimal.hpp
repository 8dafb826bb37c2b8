// Exact decimals for money, prices and quantities: a whole number of 1e-9 units.
// Prices fit 64 bits (up to 9.2 billion); quantities and money take 128 (a day's volume of a coin, a market's value).
// Nothing here throws and nothing wraps: what does not fit is an empty optional or a named error.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "bus/model/error.hpp"

namespace tradebus {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

namespace detail {
// a / b rounded half to even; b > 0.
Int128 divide_half_even(Int128 a, Int128 b);
// Reads [+-]digits[.digits][e[+-]digits] into 1e-9 units; `why` says what is wrong when it fails.
// With `round`, more than nine decimals are rounded half to even instead of refused.
std::optional<Int128> parse_nanos(std::string_view text, bool round, std::string& why);
std::optional<Int128> nanos_from_double(double value, std::string& why);
double nanos_to_double(Int128 nanos);
std::string nanos_to_string(Int128 nanos);
}  // namespace detail

template <class Tag, class Rep>
class Decimal {
 public:
  using rep = Rep;
  static constexpr std::int64_t scale = 1'000'000'000;

  constexpr Decimal() = default;
  static constexpr Decimal from_raw(Rep raw) {
    Decimal d;
    d.raw_ = raw;
    return d;
  }
  // From a whole number, in range for every int of the program's own constants.
  static constexpr Decimal from_int(std::int32_t whole) { return from_raw(static_cast<Rep>(whole) * scale); }

  // Exact: more than nine decimals, or what does not fit, is request.invalid.
  static Result<Decimal> parse(std::string_view text) { return make(text, false); }
  // For recordings that carry binary dust (33.35399601000002): rounds half to even to nine decimals.
  static Result<Decimal> parse_rounded(std::string_view text) { return make(text, true); }
  // The decimal that the shortest text of this double names; NaN, infinities, more decimals: request.invalid.
  static Result<Decimal> from_double(double value) {
    std::string why;
    auto nanos = detail::nanos_from_double(value, why);
    return nanos ? narrow(*nanos, std::to_string(value)) : failure(why);
  }
  static Result<Decimal> from_integer(std::int64_t whole) {
    return narrow(static_cast<Int128>(whole) * scale, std::to_string(whole));
  }

  constexpr Rep raw() const { return raw_; }
  constexpr bool is_zero() const { return raw_ == 0; }
  constexpr bool is_positive() const { return raw_ > 0; }
  constexpr bool is_negative() const { return raw_ < 0; }
  double to_double() const { return detail::nanos_to_double(raw_); }       // the nearest double
  std::string to_string() const { return detail::nanos_to_string(raw_); }  // shortest exact text

  friend constexpr bool operator==(Decimal a, Decimal b) { return a.raw_ == b.raw_; }
  friend constexpr std::strong_ordering operator<=>(Decimal a, Decimal b) {
    if (a.raw_ < b.raw_) return std::strong_ordering::less;
    return a.raw_ > b.raw_ ? std::strong_ordering::greater : std::strong_ordering::equal;
  }

 private:
  static Result<Decimal> make(std::string_view text, bool round) {
    std::string why;
    auto nanos = detail::parse_nanos(text, round, why);
    return nanos ? narrow(*nanos, text) : failure(why);
  }
  static Result<Decimal> narrow(Int128 nanos, std::string_view text) {
    if constexpr (sizeof(Rep) < sizeof(Int128)) {
      if (nanos > std::numeric_limits<Rep>::max() || nanos < std::numeric_limits<Rep>::min())
        return failure("number out of range: " + std::string{text});
    }
    return from_raw(static_cast<Rep>(nanos));
  }
  static tl::unexpected<Error> failure(std::string why) { return fail(Errc::request_invalid, std::move(why)); }

  Rep raw_ = 0;
};

using Price = Decimal<struct PriceTag, std::int64_t>;
using Quantity = Decimal<struct QuantityTag, Int128>;
using Money = Decimal<struct MoneyTag, Int128>;

// ---- checked arithmetic: empty when the result does not fit --------------------------------------------------------

template <class Tag, class Rep>
constexpr std::optional<Decimal<Tag, Rep>> checked_add(Decimal<Tag, Rep> a, Decimal<Tag, Rep> b) {
  Rep out{};
  if (__builtin_add_overflow(a.raw(), b.raw(), &out)) return std::nullopt;
  return Decimal<Tag, Rep>::from_raw(out);
}

template <class Tag, class Rep>
constexpr std::optional<Decimal<Tag, Rep>> checked_sub(Decimal<Tag, Rep> a, Decimal<Tag, Rep> b) {
  Rep out{};
  if (__builtin_sub_overflow(a.raw(), b.raw(), &out)) return std::nullopt;
  return Decimal<Tag, Rep>::from_raw(out);
}

// price x quantity, rounded half to even to nine decimals.
std::optional<Money> notional(Price price, Quantity qty);
// money / quantity as a price, rounded half to even; empty for a zero quantity or a result out of range.
std::optional<Price> price_of(Money amount, Quantity qty);
Money to_money(Price price);

}  // namespace tradebus

template <class Tag, class Rep>
struct std::hash<tradebus::Decimal<Tag, Rep>> {
  std::size_t operator()(tradebus::Decimal<Tag, Rep> d) const noexcept {
    return std::hash<std::uint64_t>{}(static_cast<std::uint64_t>(d.raw()));
  }
};
