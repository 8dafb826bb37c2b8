// What the server says of orders. An order is told whole (openOrder) and in short (orderStatus), often twice, not
// always both, and its last status may come before its executions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "actors/brokers/ibkr/wire/order.hpp"
#include "actors/brokers/ibkr/wire/reader.hpp"

namespace tradebus::ibkr::wire {

// 3
struct OrderStatusMessage {
  std::int32_t order_id = 0;
  VenueStatus status = VenueStatus::unknown;
  Quantity filled;
  Quantity remaining;
  Price average_price;
  std::int64_t perm_id = 0;
  std::int32_t parent_id = 0;
  Price last_price;
  std::int32_t client_id = 0;  // the owner's
  std::string why_held;        // trigger, child, locate, "child,trigger"
  Price market_cap_price;
};

// What a preview tells, and what an order that works shows of it. Amounts as text: numbers.hpp has amount().
struct OrderPreview {
  VenueStatus status = VenueStatus::unknown;
  std::array<std::string, 3> before;  // initial margin, maintenance margin, equity with loan
  std::array<std::string, 3> change;
  std::array<std::string, 3> after;
  std::optional<Money> commission;
  std::optional<Money> min_commission;
  std::optional<Money> max_commission;
  std::string commission_currency;
  std::string warning;
  std::string margin_currency;                     // these from 195 on
  std::array<std::string, 9> outside_rth_margins;  // before, change, after
  std::optional<Quantity> suggested_size;
  std::string reject_reason;
};

// 5
struct OpenOrder {
  std::int32_t order_id = 0;  // 0 when it was typed in TWS and is not bound
  Contract contract;
  Order order;
  OrderPreview state;
};
// 53
struct OpenOrderEnd {};
// 101
struct CompletedOrder {
  Contract contract;
  Order order;
  VenueStatus status = VenueStatus::unknown;
  std::string auto_cancel_date;
  std::optional<Quantity> filled_quantity;
  std::optional<std::int64_t> ref_futures_con_id;
  std::string shareholder;
  bool route_marketable_to_bbo = false;
  std::optional<std::int64_t> parent_perm_id;
  std::string completed_time;
  std::string completed_status;  // "Filled Size: 100"; a line feed may follow
};
// 102
struct CompletedOrdersEnd {};
// 100. An order typed in TWS has now an id of this client.
struct OrderBound {
  std::int64_t perm_id = 0;
  std::int32_t client_id = 0;
  std::int32_t order_id = 0;
};

void read(Reader& r, OrderStatusMessage& m);
void read(Reader& r, OpenOrder& m);
void read(Reader& r, OpenOrderEnd& m);
void read(Reader& r, CompletedOrder& m);
void read(Reader& r, CompletedOrdersEnd& m);
void read(Reader& r, OrderBound& m);

}  // namespace tradebus::ibkr::wire
