#include "actors/brokers/paper/paper_options.hpp"

#include <algorithm>
#include <map>

namespace tradebus::paper {

namespace {

// Short calls that shares deliver are gone, the lowest strikes first: they are the ones that cost most.
void cover(std::vector<HeldOption>& options, Quantity shares) {
  Int128 left = std::max<Int128>(shares.raw(), 0);
  std::ranges::sort(options, {}, &HeldOption::strike);
  for (auto& option : options) {
    if (option.right != OptionRight::call || !option.qty.is_negative()) continue;
    const Int128 covered = std::min(-option.qty.raw(), left / option.multiplier);
    option.qty = Quantity::from_raw(option.qty.raw() + covered);
    left -= covered * option.multiplier;
  }
}

// By the values at zero, at each strike and beyond the last: between them they run straight.
std::optional<Int128> loss(const std::vector<HeldOption>& options) {
  Int128 slope = 0;  // beyond the last strike
  std::vector<Price> points{Price{}};
  for (const auto& option : options) {
    points.push_back(option.strike);
    if (option.right == OptionRight::call) slope += option.qty.raw() * option.multiplier;
  }
  if (slope < 0) return std::nullopt;
  Int128 worst = 0;
  for (const Price at : points) {
    Int128 value = 0;
    for (const auto& option : options) {
      const std::int64_t in =
          option.right == OptionRight::call ? at.raw() - option.strike.raw() : option.strike.raw() - at.raw();
      if (in <= 0) continue;
      value += notional(Price::from_raw(in), option.qty).value_or(Money{}).raw() * option.multiplier;
    }
    worst = std::max(worst, -value);
  }
  return worst;
}

}  // namespace

std::optional<Money> worst_loss(std::vector<HeldOption> options, Quantity shares) {
  cover(options, shares);
  std::erase_if(options, [](const auto& option) { return option.qty.is_zero(); });
  std::optional<Date> last_short;
  for (const auto& option : options)
    if (option.qty.is_negative()) last_short = std::max(last_short.value_or(option.expiry), option.expiry);
  if (!last_short) return Money{};
  // Two bounds: each expiry for itself, or all together without what expires too early.
  std::map<Date, std::vector<HeldOption>> by_expiry;
  std::vector<HeldOption> together;
  for (const auto& option : options) {
    by_expiry[option.expiry].push_back(option);
    if (option.qty.is_negative() || option.expiry >= *last_short) together.push_back(option);
  }
  std::optional<Int128> sum = 0;
  for (const auto& [expiry, those] : by_expiry) {
    const auto one = loss(those);
    sum = sum && one ? std::optional{*sum + *one} : std::nullopt;
  }
  const auto all = loss(together);
  if (!sum && !all) return std::nullopt;
  if (!sum || !all) return Money::from_raw(sum ? *sum : *all);
  return Money::from_raw(std::min(*sum, *all));
}

bool in_the_money(const HeldOption& option, Price underlying) {
  constexpr std::int64_t cent = Price::scale / 100;
  const auto by = option.right == OptionRight::call ? underlying.raw() - option.strike.raw()
                                                    : option.strike.raw() - underlying.raw();
  return by >= cent;
}

}  // namespace tradebus::paper
