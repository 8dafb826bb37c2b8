// Orders that hang together, for tests: brackets and groups, with a journal and restarts.
#pragma once

#include <map>

#include "tests/engine/orders/book_world.hpp"

namespace tradebus::test {

struct Grouped : BookWorld {
  TradeOrder bracket(const std::string& key, const std::string& quantity = "100") {
    auto o = limit_order(key, quantity, "10");
    o.bracket = Bracket{price("12"), price("9"), std::nullopt};
    return o;
  }
  OrderId named(const std::string& key) { return (*book.find(client, {}, ClientOrderId{key}))->order_id; }
  OrderId in_group(const std::string& key, const std::string& group, const std::string& quantity = "100") {
    auto o = limit_order(key, quantity);
    o.oco = group;
    const auto placed = place(o);
    BOOST_REQUIRE(placed);
    book.on_accepted(placed->order_id, OrderAccepted{BrokerOrderId{"v-" + key}}, now(), out);
    out.clear();
    return placed->order_id;
  }
  OrderId kept_in_group(const std::string& key, const std::string& group, const std::string& quantity = "100") {
    auto o = limit_order(key, quantity);
    o.oco = group;
    const auto id = place(o)->order_id;
    book.on_accepted(id, OrderAccepted{BrokerOrderId{"v-" + key}}, now(), out);
    keep();
    return id;
  }
  void replaced(const OrderId& id) { tell(id, BrokerReport::replaced); }

  // What the journal would have: the last record of each order, and its executions.
  std::map<std::uint64_t, RecoveredOrder> journal;
  void keep() {
    for (const auto& effect : out) {
      const auto* change = std::get_if<Changed>(&effect);
      if (change == nullptr) continue;
      auto& kept = journal[change->record->number];
      kept.last = *change->record;
      kept.last.event.seq = ++seq;
      if (change->record->event.fill)
        kept.fills.push_back({*change->record->event.fill, change->record->event.event == OrderEventType::bust});
    }
    out.clear();
  }
  // The process dies, and comes again.
  void restart() {
    keep();
    book = OrderBook{"o-", {}};
    std::vector<RecoveredOrder> orders;
    for (const auto& [number, order] : journal) orders.push_back(order);
    book.restore(orders, {}, journal.empty() ? 0 : journal.rbegin()->first, now(), out);
  }
  std::uint64_t seq = 0;
};

}  // namespace tradebus::test
