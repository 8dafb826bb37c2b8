// Stops, touches and trailing stops: when the market reaches them.
//
// Trades decide. Where none comes for some seconds (options, pairs) quotes do: a buy is reached by the ask, a sell by
// the bid.
#include <algorithm>
#include <cmath>

#include "actors/brokers/paper/paper_venue.hpp"

namespace tradebus::paper {

namespace {

constexpr auto quotes_after = std::chrono::seconds{5};

// The distance of a trailing stop from a price.
std::int64_t distance(const TradeOrder& order, Price price) {
  if (order.trail_amount) return order.trail_amount->raw();
  // Percents in millionths: as exact as anybody writes them.
  constexpr double per_percent = 1e6;
  constexpr Int128 whole = 100'000'000;
  const Int128 millionths = std::llround(order.trail_percent.value_or(0) * per_percent);
  return static_cast<std::int64_t>(detail::divide_half_even(price.raw() * millionths, whole));
}

}  // namespace

void PaperVenue::follow(Working& order, Price price) {
  const auto away = distance(order.order, price);
  Price stop;
  if (order.buys()) {
    std::int64_t raw = 0;
    if (__builtin_add_overflow(price.raw(), away, &raw)) return;
    stop = Price::from_raw(raw);
    if (order.order.stop_price && stop >= *order.order.stop_price) return;
  } else {
    stop = Price::from_raw(price.raw() - away);
    if (order.order.stop_price && stop <= *order.order.stop_price) return;
  }
  commit(StopMoved{order.order_id, stop, false});
}

void PaperVenue::check_stops(Market& m, const MarketEvent& event, Timestamp now) {
  if (m.buy_stops.empty() && m.sell_stops.empty() && m.buy_touches.empty() && m.sell_touches.empty() &&
      m.trails.empty())
    return;
  if (config_.sessions && m.calendar->phase_at(now) != Phase::regular) return;
  std::optional<Price> up;    // what buys go by
  std::optional<Price> down;  // what sells go by
  if (event.kind == StreamKind::trade) {
    if (event.price[0].is_positive()) up = down = event.price[0];
  } else {
    if (!m.traded_or_seen || now - *m.traded_or_seen < quotes_after) return;
    up = m.model.touch(Side::buy);
    down = m.model.touch(Side::sell);
  }
  std::vector<Working*> hit;
  const auto look = [&](const Stops& stops, const std::optional<Price>& price) {
    if (!price) return;
    for (Working* order : stops) {
      if (!order->is_reached_by(*price)) break;
      hit.push_back(order);
    }
  };
  look(m.buy_stops, up);
  look(m.sell_stops, down);
  look(m.buy_touches, up);
  look(m.sell_touches, down);
  for (Working* order : std::vector<Working*>(m.trails.begin(), m.trails.end())) {
    const auto& price = order->buys() ? up : down;
    if (!price) continue;
    if (order->is_reached_by(*price))
      hit.push_back(order);
    else
      follow(*order, *price);
  }
  std::ranges::sort(hit, {}, &Working::number);
  for (Working* order : hit) commit(StopMoved{order->order_id, *order->order.stop_price, true});
}

}  // namespace tradebus::paper
