// Orders of several legs: filled as units, every leg at its touch, at a net price. Of a buy that price is what a unit
// costs, of a sell what it brings.
#include <algorithm>

#include "actors/brokers/paper/paper_venue.hpp"

namespace tradebus::paper {

std::optional<PaperVenue::Unit> PaperVenue::unit(const Working& order) {
  Unit out;
  Int128 net = 0;
  for (const auto& leg : order.legs) {
    const FillModel& model = market(leg.symbol).model;
    const auto price = model.touch(leg.side);
    if (!price) return std::nullopt;
    const bool buys = is_buy(leg.side);
    net += (buys ? 1 : -1) * static_cast<Int128>(price->raw()) * leg.ratio;
    out.legs.push_back({leg.symbol, leg.side, Quantity::from_int(leg.ratio), *price});
    if (const auto left = model.left(leg.side)) {
      const Quantity units = Quantity::from_raw(left->raw() / leg.ratio / Quantity::scale * Quantity::scale);
      out.left = out.left ? std::min(*out.left, units) : units;
    }
  }
  constexpr Int128 most = INT64_MAX;
  if (net > most || net < -most) return std::nullopt;
  out.net = Price::from_raw(static_cast<std::int64_t>(net));
  return out;
}

void PaperVenue::match_combo(Working& order, Timestamp now, Reports& out) {
  auto one = unit(order);
  if (!one) return;
  const Market& m = market(order.legs.front().symbol);
  const Price price = order.buys() ? one->net : Price::from_raw(-one->net.raw());
  const auto& limit = order.limit();
  const bool crosses = !limit || (order.buys() ? price <= *limit : price >= *limit);
  if (may_trade(order, m, now) && crosses) {
    if (!order.terms.priced && !price_it(order, price, now, out)) return;
    const Quantity qty = one->left ? std::min(*one->left, order.leaves()) : order.leaves();
    if (qty.is_positive() && (order.order.time_in_force != TimeInForce::fok || qty == order.leaves())) {
      for (auto& leg : one->legs) {
        leg.qty = Quantity::from_raw(leg.qty.raw() / Quantity::scale * qty.raw());
        market(leg.symbol).model.use(leg.side, leg.qty);
      }
      fill(order, qty, price, std::move(one->legs), now, out);
    }
  }
  if (order.open && is_immediate(order.order.time_in_force))
    end(order, OrderStatus::canceled, "no more to be had at its price in this moment", now, out);
}

}  // namespace tradebus::paper
