// An order book with a broker that can do everything, for tests.
#pragma once

#include <string>
#include <vector>

#include "bus/model/print.hpp"
#include "engine/orders/order_book.hpp"

namespace tradebus::test {

inline Quantity qty(const std::string& text) { return *Quantity::parse(text); }
inline Price price(const std::string& text) { return *Price::parse(text); }

inline TradeOrder limit_order(const std::string& client_order_id, const std::string& quantity = "100",
                              const std::string& limit = "10", Side side = Side::buy) {
  TradeOrder o;
  o.client_order_id = ClientOrderId{client_order_id};
  o.symbol = Symbol{"AAPL"};
  o.side = side;
  o.qty = qty(quantity);
  o.order_type = OrderType::limit;
  o.limit_price = price(limit);
  return o;
}
inline TradeOrder market_order(const std::string& client_order_id, const std::string& quantity = "100",
                               Side side = Side::buy) {
  auto o = limit_order(client_order_id, quantity, "1", side);
  o.order_type = OrderType::market;
  o.limit_price.reset();
  return o;
}
inline Fill fill_of(const std::string& exec_id, const std::string& quantity, const std::string& at) {
  return {ExecId{exec_id}, qty(quantity), price(at), Money{}, from_unix_ns(5)};
}

inline BrokerCapabilities full_capabilities() {
  BrokerCapabilities can;
  can.order_types = {OrderType::market, OrderType::limit, OrderType::stop};
  can.times_in_force = {TimeInForce::day, TimeInForce::gtc, TimeInForce::ioc};
  can.stock_orders = true;
  can.option_orders = true;
  can.replace = true;
  can.short_selling = true;
  return can;
}

struct BookWorld {
  BrokerCapabilities can = full_capabilities();
  Result<BrokerRoute> route = BrokerRoute{BrokerName{"b"}, AccountId{"A"}, &can};
  OrderBook book{"o-", {}};
  Effects out;
  ClientName client{"c"};
  std::int64_t time = 1'000;

  Timestamp now() { return from_unix_ns(++time); }
  Result<Order> place(const TradeOrder& order, std::vector<OrderLeg> legs = {}) {
    const auto placed = book.place({client, order, std::move(legs)}, route, RiskContext{}, now(), out);
    if (!placed) return tl::unexpected{placed.error()};
    Order copy = *placed->order;
    if (placed->duplicate) copy.duplicate = true;
    return copy;
  }
  OrderId working(const std::string& client_order_id, const std::string& quantity = "100") {
    const auto order = place(limit_order(client_order_id, quantity));
    book.on_accepted(order->order_id, OrderAccepted{BrokerOrderId{"v-" + client_order_id}}, now(), out);
    out.clear();
    return order->order_id;
  }
  BrokerEvent report(const OrderId& id, BrokerReport kind) {
    BrokerEvent e;
    e.broker = BrokerName{"b"};
    e.order_id = id;
    e.report = kind;
    return e;
  }
  void tell(const OrderId& id, BrokerReport kind) { book.on_report(report(id, kind), now(), out); }
  void fill(const OrderId& id, const std::string& exec_id, const std::string& quantity, const std::string& at = "10") {
    auto e = report(id, BrokerReport::fill);
    e.fill = fill_of(exec_id, quantity, at);
    book.on_report(e, now(), out);
  }
  const Order& order(const OrderId& id) const { return *book.find(id); }
  // The effects since the last call, in words: "fill:partially_filled", "send", "cancel", "replace", "anomaly".
  std::string said() {
    std::string text;
    for (const auto& effect : out) {
      std::string word = "send";
      if (const auto* e = std::get_if<Changed>(&effect))
        word = std::string{to_string(e->record->event.event)} + ":" +
               std::string{to_string(e->record->event.order.status)};
      if (std::holds_alternative<SendReplace>(effect)) word = "replace";
      if (std::holds_alternative<SendCancel>(effect)) word = "cancel";
      if (std::holds_alternative<Anomaly>(effect)) word = "anomaly";
      if (std::holds_alternative<ExitPlacedAgain>(effect)) word = "again";
      text += (text.empty() ? "" : " ") + word;
    }
    out.clear();
    return text;
  }
};

}  // namespace tradebus::test
