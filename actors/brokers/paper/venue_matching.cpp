// The venue's half that trades: orders against quotes and trades, auctions.
#include "actors/brokers/paper/paper_venue.hpp"

#include <algorithm>
#include <utility>

#include "actors/brokers/paper/paper_sessions.hpp"

namespace tradebus::paper {

bool PaperVenue::may_trade(const Working& order, const Market& m, Timestamp now) const {
  if (!config_.sessions) return true;
  switch (m.calendar->phase_at(now)) {
    case Phase::regular:
      return true;
    case Phase::pre:
    case Phase::post:
      return order.order.extended_hours.value_or(false);
    case Phase::closed:
    case Phase::pause:
      return false;
  }
  return false;
}

// A new or changed order meets the market as it is.
void PaperVenue::match(const OrderId& id, Timestamp now, Reports& out) {
  const auto it = orders_.find(id);
  if (it == orders_.end() || !it->second.open) return;
  Working& order = it->second;
  if (!order.legs.empty()) return match_combo(order, now, out);
  Market& m = market(order.symbol());
  if (order.waits_for_stop()) {
    if (!m.last_trade || (config_.sessions && m.calendar->phase_at(now) != Phase::regular)) return;
    if (order.order.order_type == OrderType::trailing_stop) {
      follow(order, *m.last_trade);
      return;
    }
    if (!order.is_reached_by(*m.last_trade)) return;
    commit(StopMoved{order.order_id, *order.order.stop_price, true});
  }
  match(order.symbol(), now, out);
}

void PaperVenue::match(const Symbol& symbol, Timestamp now, Reports& out) {
  const auto it = markets_.find(symbol);
  if (it == markets_.end() || !it->second.model.has_quote()) return;
  Market& m = it->second;
  match_side(m.buys, m, now, out);
  match_side(m.sells, m, now, out);
  // Those that could not be filled at once are canceled here; filled ones have left the list.
  for (Working* order : std::exchange(m.undecided, {})) try_fill(*order, m, now, out);
}

void PaperVenue::match_side(Queue& queue, Market& m, Timestamp now, Reports& out) {
  for (auto it = queue.begin(); it != queue.end();) {
    Working& order = **it++;  // it may close and leave the queue; no other order does
    if (order.limit() && order.terms.priced && !m.model.price_for(order.order.side, order.limit())) return;
    const bool may = may_trade(order, m, now);
    const auto filled = order.filled;
    try_fill(order, m, now, out);
    // The touch is used up: it is for everyone behind as well. (A fill-or-kill may be too large where others are not.)
    if (may && order.open && order.filled == filled && order.order.time_in_force != TimeInForce::fok) return;
  }
}

bool PaperVenue::price_it(Working& order, Price price, Timestamp now, Reports& out) {
  add_leaves(order, -order.leaves().raw());
  const auto terms = judge(order, price, order.reserved);
  add_leaves(order, order.leaves().raw());
  if (terms) {
    commit(OrderPriced{order.order_id, *terms});
    return true;
  }
  end(order, OrderStatus::rejected, terms.error().message, now, out);
  return false;
}

void PaperVenue::try_fill(Working& order, Market& m, Timestamp now, Reports& out) {
  const Side side = order.order.side;
  const bool may = may_trade(order, m, now);
  if (may) {
    if (!order.terms.priced)
      if (const auto price = m.model.price_for(side, order.limit()))
        if (!price_it(order, *price, now, out)) return;
    const bool all = order.order.time_in_force == TimeInForce::fok;
    if (const auto take = m.model.take(side, order.limit(), order.leaves(), all))
      fill(order, take->qty, take->price, {}, now, out);
  }
  if (!order.open || !is_immediate(order.order.time_in_force)) return;
  const std::string word = order.order.time_in_force == TimeInForce::fok ? "fill-or-kill" : "immediate-or-cancel";
  end(order, OrderStatus::canceled, word + (may ? ": no more to be had at the touch" : ": the market is closed"), now,
      out);
}

void PaperVenue::fill(Working& order, Quantity qty, Price price, std::vector<LegFill> legs, Timestamp now,
                      Reports& out) {
  OrderFilled record;
  record.order_id = order.order_id;
  Fill& f = record.fill;
  f.exec_id = ExecId{"x-" + std::to_string(last_exec_ + 1)};
  f.qty = qty;
  f.price = price;
  f.commission = minus(commission_due(order, Quantity::from_raw(order.filled.raw() + qty.raw())), order.commission);
  f.ts = at(now);
  if (legs.empty()) {
    record.marks.push_back(market(order.symbol()).model.mid());
  } else {
    for (const auto& leg : legs) record.marks.push_back(market(leg.symbol).model.mid());
    f.legs = std::move(legs);
  }
  commit(std::move(record));
  out.emplace_back(executions_.back());
  for (auto& position : changed_) out.emplace_back(std::move(position));
  out.emplace_back(summary());
}

// A trade beyond a resting limit would have met it first: it fills it, at its price, or at the touch where that is
// better (of a stop limit that the same trade has reached).
void PaperVenue::fill_through(Queue& queue, Market& m, const MarketEvent& trade, Timestamp now, Reports& out) {
  const Price price = trade.price[0];
  Quantity left = trade.qty[0];
  const bool unlimited = !left.is_positive();
  for (auto it = queue.begin(); it != queue.end();) {
    Working& order = **it++;
    if (!order.limit() || !order.terms.priced) continue;
    const bool through = order.buys() ? price < *order.limit() : price > *order.limit();
    if (!through) return;
    if (!may_trade(order, m, now)) continue;
    const Quantity qty = unlimited ? order.leaves() : std::min(left, order.leaves());
    if (!qty.is_positive()) return;
    left = Quantity::from_raw(left.raw() - qty.raw());
    const auto touch = m.model.touch(order.order.side);
    const bool better =
        touch && touch->is_positive() && (order.buys() ? *touch < *order.limit() : *touch > *order.limit());
    fill(order, qty, better ? *touch : *order.limit(), {}, now, out);
  }
}

// ---- auctions ------------------------------------------------------------------------------------------------------

// The first price of the session is the opening one, of any size: who can't have it has missed it.
void PaperVenue::open_auction(Market& m, const MarketEvent& event, Timestamp now, Reports& out) {
  for (Working* each : std::vector<Working*>(m.auctions.begin(), m.auctions.end())) {
    Working& order = *each;
    if (order.order.time_in_force != TimeInForce::opg || !order.terms.begins || *order.terms.begins > now) continue;
    const auto price =
        event.kind == StreamKind::trade ? std::optional{event.price[0]} : m.model.touch(order.order.side);
    if (!price || !price->is_positive()) continue;
    const auto& limit = order.limit();
    if (limit && (order.buys() ? *price > *limit : *price < *limit)) {
      end(order, OrderStatus::expired, "the market opened at " + price->to_string(), now, out);
      continue;
    }
    if (!order.terms.priced && !price_it(order, *price, now, out)) continue;
    fill(order, order.leaves(), *price, {}, now, out);
  }
}

// At the last price before the close.
void PaperVenue::close_auction(Working& order, Timestamp now, Reports& out) {
  const Market& m = market(order.symbol());
  const auto price = m.last_trade ? m.last_trade : m.model.touch(order.order.side);
  if (!price) return end(order, OrderStatus::expired, "no closing price was seen", now, out);
  const auto& limit = order.limit();
  if (limit && (order.buys() ? *price > *limit : *price < *limit))
    return end(order, OrderStatus::expired, "the market closed at " + price->to_string(), now, out);
  if (!order.terms.priced && !price_it(order, *price, now, out)) return;
  fill(order, order.leaves(), *price, {}, now, out);
}

}  // namespace tradebus::paper
