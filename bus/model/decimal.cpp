#include "bus/model/decimal.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace tradebus {

namespace {

constexpr Int128 int128_max = static_cast<Int128>((~static_cast<UInt128>(0)) >> 1);
constexpr int decimals = 9;

}  // namespace

namespace detail {

Int128 divide_half_even(Int128 a, Int128 b) {
  Int128 q = a / b;
  Int128 r = a % b;
  if (r < 0) r = -r;
  const Int128 rest = b - r;
  if (r > rest || (r == rest && (q & 1) != 0)) q += a < 0 ? -1 : 1;
  return q;
}

std::optional<Int128> parse_nanos(std::string_view text, bool round, std::string& why) {
  const std::string_view whole_text = text.substr(0, 64);
  auto bad = [&](const char* reason) -> std::optional<Int128> {
    why = std::string{reason} + ": \"" + std::string{whole_text} + "\"";
    return std::nullopt;
  };
  if (text.size() > 64) return bad("not a decimal number (longer than 64 characters)");
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  Int128 value = 0;
  int digits_seen = 0;
  int fraction = 0;  // decimals taken into value
  bool point = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      if (point) return bad("not a decimal number");
      point = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    ++digits_seen;
    if (value > (int128_max - 9) / 10) return bad("number out of range");
    value = value * 10 + (c - '0');
    if (point) ++fraction;
  }
  if (digits_seen == 0) return bad("not a decimal number");
  int exponent = 0;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return bad("not a decimal number");
    ++i;
    if (i < text.size() && text[i] == '+') {
      ++i;
      if (i < text.size() && text[i] == '-') return bad("not a decimal number");
    }
    const auto [end, ec] = std::from_chars(text.data() + i, text.data() + text.size(), exponent);
    if (ec != std::errc{} || end != text.data() + text.size() || exponent > 100 || exponent < -100)
      return bad("not a decimal number");
  }
  int shift = decimals - fraction + exponent;
  while (shift > 0 && value != 0) {
    if (value > int128_max / 10) return bad("number out of range");
    value *= 10;
    --shift;
  }
  while (shift < 0 && value != 0 && value % 10 == 0) {
    value /= 10;
    ++shift;
  }
  if (shift < 0 && value != 0) {
    if (!round) return bad("more than nine decimals");
    if (shift < -38) {
      value = 0;
    } else {
      Int128 divisor = 1;
      for (; shift < 0; ++shift) divisor *= 10;
      value = divide_half_even(value, divisor);
    }
  }
  return negative ? -value : value;
}

std::optional<Int128> nanos_from_double(double value, std::string& why) {
  if (!std::isfinite(value)) {
    why = "not a finite number";
    return std::nullopt;
  }
  std::array<char, 40> buffer{};
  const auto [end, ec] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  if (ec != std::errc{}) {
    why = "not a decimal number";
    return std::nullopt;
  }
  return parse_nanos({buffer.data(), static_cast<std::size_t>(end - buffer.data())}, false, why);
}

double nanos_to_double(Int128 nanos) {
  constexpr Int128 exact = Int128{1} << 53;
  // Both operands are exact doubles, and IEEE division rounds correctly: the nearest double.
  if (nanos < exact && nanos > -exact) return static_cast<double>(static_cast<std::int64_t>(nanos)) / 1e9;
  const std::string text = nanos_to_string(nanos);
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::string nanos_to_string(Int128 nanos) {
  const bool negative = nanos < 0;
  auto magnitude = static_cast<UInt128>(nanos);
  if (negative) magnitude = ~magnitude + 1;
  std::array<char, 48> buffer{};
  char* p = buffer.data() + buffer.size();
  auto fraction = static_cast<std::uint64_t>(magnitude % 1'000'000'000U);
  magnitude /= 1'000'000'000U;
  if (fraction != 0) {
    int width = decimals;
    while (fraction % 10 == 0) {
      fraction /= 10;
      --width;
    }
    for (; width > 0; --width, fraction /= 10) *--p = static_cast<char>('0' + fraction % 10);
    *--p = '.';
  }
  do {
    *--p = static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  } while (magnitude != 0);
  if (negative) *--p = '-';
  return {p, static_cast<std::size_t>(buffer.data() + buffer.size() - p)};
}

}  // namespace detail

std::optional<Money> notional(Price price, Quantity qty) {
  Int128 product = 0;
  if (__builtin_mul_overflow(static_cast<Int128>(price.raw()), qty.raw(), &product)) return std::nullopt;
  return Money::from_raw(detail::divide_half_even(product, Money::scale));
}

std::optional<Price> price_of(Money amount, Quantity qty) {
  if (qty.is_zero()) return std::nullopt;
  Int128 scaled = 0;
  if (__builtin_mul_overflow(amount.raw(), static_cast<Int128>(Money::scale), &scaled)) return std::nullopt;
  Int128 divisor = qty.raw();
  if (divisor < 0) {
    scaled = -scaled;
    divisor = -divisor;
  }
  const Int128 raw = detail::divide_half_even(scaled, divisor);
  if (raw > std::numeric_limits<std::int64_t>::max() || raw < std::numeric_limits<std::int64_t>::min())
    return std::nullopt;
  return Price::from_raw(static_cast<std::int64_t>(raw));
}

Money to_money(Price price) { return Money::from_raw(price.raw()); }

}  // namespace tradebus
