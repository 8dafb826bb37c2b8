#include "engine/risk/amounts.hpp"

#include "bus/model/instrument.hpp"

namespace tradebus::risk {

namespace {
constexpr std::size_t option_tail = 15;  // yymmdd, C or P, strike: what stands behind an option's root

bool may_be_option(const Symbol& symbol) { return symbol.str().size() > option_tail; }
}  // namespace

std::optional<Int128> exact_value(Int128 qty, std::int64_t price, std::int32_t multiplier) {
  const auto one = notional(Price::from_raw(price), Quantity::from_raw(qty));
  Int128 out = 0;
  if (!one || __builtin_mul_overflow(one->raw(), static_cast<Int128>(multiplier), &out)) return std::nullopt;
  return out;
}

Int128 value(Int128 qty, std::int64_t price, std::int32_t multiplier, Int128 max) {
  if (qty == 0 || price == 0) return 0;
  if (const auto exact = exact_value(qty, price, multiplier)) return bounded(*exact, max);
  return (qty < 0) == (price < 0) ? max : -max;
}

Int128 share_of(Int128 a, Int128 b, Int128 c) {
  if (b >= c) return a;
  Int128 product = 0;
  while (__builtin_mul_overflow(a, b, &product)) {
    b = b / 2 + 1;  // up, and c down: never too little
    c = c / 2;
    if (b >= c) return a;
  }
  return product / c + (product % c != 0 ? 1 : 0);
}

Int128 units_for(Int128 amount, std::int64_t price, std::int32_t multiplier) {
  const Int128 unit = static_cast<Int128>(price) * multiplier;
  const Int128 whole = amount / unit;
  if (whole >= part_max / Quantity::scale) return part_max;
  return whole * Quantity::scale + share_of(Quantity::scale, amount % unit, unit);
}

std::int32_t multiplier_of(const Symbol& symbol) {
  if (!may_be_option(symbol)) return 1;
  const auto instrument = Instrument::parse(symbol.str());
  return instrument ? instrument->multiplier : 1;
}

std::string_view underlying_of(const Symbol& symbol) {
  if (!may_be_option(symbol)) return {};
  const auto instrument = Instrument::parse(symbol.str());
  if (!instrument || !instrument->is_option()) return {};
  return std::string_view{symbol.str()}.substr(0, symbol.str().size() - option_tail);
}

}  // namespace tradebus::risk
