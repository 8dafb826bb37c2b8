#include "actors/brokers/paper/fill_model.hpp"

#include <algorithm>
#include <limits>

namespace tradebus::paper {

void FillModel::on_quote(const MarketEvent& quote) {
  const auto has = [&](std::uint8_t flag) { return (quote.flags & flag) != 0; };
  const auto level = [](bool priced, bool sized, Price price, Quantity size) {
    Level out;
    if (priced && price.is_positive()) out.price = price;
    if (sized) out.left = size;
    return out;
  };
  has_quote_ = true;
  bid_ = level(has(MarketEvent::has_bid), has(MarketEvent::has_bid_size), quote.price[0], quote.qty[0]);
  ask_ = level(has(MarketEvent::has_ask), has(MarketEvent::has_ask_size), quote.price[1], quote.qty[1]);
}

std::optional<Price> FillModel::mid() const {
  if (!bid_.price || !ask_.price) return std::nullopt;
  const Int128 sum = static_cast<Int128>(bid_.price->raw()) + ask_.price->raw();
  return Price::from_raw(static_cast<std::int64_t>(detail::divide_half_even(sum, 2)));
}

std::optional<Price> FillModel::price_for(Side side, std::optional<Price> limit) const {
  const auto& touch = opposite(side).price;
  if (!touch) return std::nullopt;
  if (limit) {
    const bool crosses = is_buy(side) ? *touch <= *limit : *touch >= *limit;
    return crosses ? touch : std::nullopt;
  }
  constexpr std::int64_t one = 10'000'000'000;  // millionths of a basis point in 1
  const std::int64_t factor = is_buy(side) ? one + slippage_micro_bps_ : one - slippage_micro_bps_;
  const Int128 raw = detail::divide_half_even(static_cast<Int128>(touch->raw()) * factor, one);
  const Int128 most = std::numeric_limits<std::int64_t>::max();
  return Price::from_raw(static_cast<std::int64_t>(std::clamp<Int128>(raw, 1, most)));
}

void FillModel::use(Side side, Quantity qty) {
  auto& left = is_buy(side) ? ask_.left : bid_.left;
  if (left) left = Quantity::from_raw(std::max<Int128>(left->raw() - qty.raw(), 0));
}

std::optional<FillModel::Take> FillModel::take(Side side, std::optional<Price> limit, Quantity wanted, bool all) {
  const auto price = price_for(side, limit);
  if (!price) return std::nullopt;
  auto& left = is_buy(side) ? ask_.left : bid_.left;
  const Quantity qty = left ? std::min(*left, wanted) : wanted;
  if (!qty.is_positive() || (all && qty < wanted)) return std::nullopt;
  if (left) left = Quantity::from_raw(left->raw() - qty.raw());
  return Take{qty, *price};
}

}  // namespace tradebus::paper
