// Records for the journal's tests.
#pragma once

#include <random>
#include <string>

#include "engine/orders/fingerprint.hpp"
#include "engine/orders/order_record.hpp"

namespace tradebus::test {

inline OrderRecord record_of(std::uint64_t number, OrderStatus status = OrderStatus::pending_new,
                             OrderEventType event = OrderEventType::pending_new) {
  OrderRecord r;
  r.number = number;
  r.fingerprint = number * 7;
  r.sent = true;
  r.event.ts = from_unix_ns(1'700'000'000'000'000'000 + static_cast<std::int64_t>(number));
  r.event.event = event;
  Order& o = r.event.order;
  o.order_id = OrderId{"o-t-" + std::to_string(number)};
  o.client = ClientName{"c"};
  o.client_order_id = ClientOrderId{"k" + std::to_string(number)};
  o.broker = BrokerName{"b"};
  o.account = AccountId{number % 2 == 0 ? "A" : "B"};
  o.symbol = Symbol{"AAPL"};
  o.qty = Quantity::from_int(100);
  o.limit_price = Price::from_int(10);
  o.order_type = OrderType::limit;
  o.status = status;
  o.created = o.updated = r.event.ts;
  r.client_key = client_key(o.client, o.client_order_id);
  return r;
}
inline OrderRecord fill_record(std::uint64_t number, const std::string& exec_id, bool all) {
  auto r = record_of(number, all ? OrderStatus::filled : OrderStatus::partially_filled, OrderEventType::fill);
  r.event.fill = Fill{ExecId{exec_id}, Quantity::from_int(all ? 100 : 40), Price::from_int(10), {}, r.event.ts};
  r.event.order.filled_qty = r.event.fill->qty;
  return r;
}

}  // namespace tradebus::test
