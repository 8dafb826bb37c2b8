// An order as the venue keeps it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/brokers/broker.hpp"
#include "actors/brokers/paper/fill_model.hpp"
#include "actors/brokers/paper/paper_records.hpp"

namespace tradebus::paper {

inline bool is_immediate(TimeInForce tif) { return tif == TimeInForce::ioc || tif == TimeInForce::fok; }
inline bool is_auction(TimeInForce tif) { return tif == TimeInForce::opg || tif == TimeInForce::cls; }
inline bool is_touch(OrderType type) {
  return type == OrderType::market_if_touched || type == OrderType::limit_if_touched;
}
// It waits until the market has come to its stop_price.
inline bool is_stop(OrderType type) {
  return type == OrderType::stop || type == OrderType::stop_limit || type == OrderType::trailing_stop || is_touch(type);
}

// What is asked: a stock's order, an option's, one of several legs.
struct Placement {
  OrderId order_id;
  AccountId account;
  TradeOrder order;
  std::vector<OrderLeg> legs;
  bool tied = false;  // to a parent, or to a group

  Placement() = default;
  explicit Placement(const PlaceStockOrder& p)
      : order_id{p.order_id}, account{p.account}, order{p.order}, tied{p.parent || p.oco_group} {}
  explicit Placement(const PlaceOptionOrder& p)
      : order_id{p.order_id},
        account{p.account},
        order{p.order.order},
        legs{p.order.legs},
        tied{p.parent || p.oco_group} {
    if (p.order.contract && legs.empty()) order.symbol = p.order.contract->symbol;
  }
  // Whose markets it trades in.
  std::vector<Symbol> symbols() const {
    if (legs.empty()) return {order.symbol};
    std::vector<Symbol> out;
    for (const auto& leg : legs) out.push_back(leg.symbol);
    return out;
  }
};

struct Working {
  OrderId order_id;
  TradeOrder order;  // as it is in force now; qty is known
  std::vector<OrderLeg> legs;
  Terms terms;
  Timestamp taken{};
  std::uint64_t number = 0;
  std::uint64_t queue = 0;  // its place in time
  OrderStatus status = OrderStatus::new_;
  bool open = true;
  bool reached = false;  // a stop: it works now
  std::string reason;    // why it is closed
  Quantity filled;
  Money paid;        // the fills' prices by their quantities
  Money commission;  // charged so far
  Money reserved;

  BrokerOrderId id() const { return BrokerOrderId{"p-" + std::to_string(number)}; }
  const Symbol& symbol() const { return order.symbol; }
  Quantity qty() const { return order.qty.value_or(Quantity{}); }
  Quantity leaves() const { return Quantity::from_raw(qty().raw() - filled.raw()); }
  const std::optional<Price>& limit() const { return order.limit_price; }
  bool buys() const { return is_buy(order.side); }
  bool waits_for_stop() const { return is_stop(order.order_type) && !reached; }
  // Whether the market comes to its stop from below.
  bool rises_to_stop() const { return buys() != is_touch(order.order_type); }
  bool is_reached_by(Price price) const {
    const auto& stop = order.stop_price;
    return stop && (rises_to_stop() ? price >= *stop : price <= *stop);
  }
};

// Market orders first, then the best limit, then the oldest.
struct ByPriority {
  bool operator()(const Working* a, const Working* b) const {
    if (a->limit() != b->limit()) {
      if (!a->limit() || !b->limit()) return !a->limit();
      return a->buys() ? *a->limit() > *b->limit() : *a->limit() < *b->limit();
    }
    return a->queue < b->queue;
  }
};
// What the market reaches first.
struct ByStop {
  bool operator()(const Working* a, const Working* b) const {
    const auto& x = a->order.stop_price;
    const auto& y = b->order.stop_price;
    if (x != y) return a->rises_to_stop() ? x < y : x > y;
    return a->queue < b->queue;
  }
};
struct ByNumber {
  bool operator()(const Working* a, const Working* b) const { return a->number < b->number; }
};

}  // namespace tradebus::paper
