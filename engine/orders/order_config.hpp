// The configuration of the order path: its own section [orders].
#pragma once

#include "config/section.hpp"
#include "engine/orders/order_book.hpp"

namespace tradebus {

struct OrderLimits {
  OrderBookLimits book;
  std::size_t events_max = 10'000;  // order events kept for get_events
};

SectionSpec orders_section();
OrderLimits order_limits(const Section& section);

}  // namespace tradebus
