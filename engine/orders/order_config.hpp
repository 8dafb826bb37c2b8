// The configuration of the order path: its own section [orders], and what it reads of [risk].
#pragma once

#include "config/section.hpp"
#include "engine/orders/order_book.hpp"

namespace tradebus {

struct OrderLimits {
  OrderBookLimits book;
  std::size_t events_max = 100'000;  // order events kept for get_events
};

SectionSpec orders_section();
OrderLimits order_limits(const Section& section);

// [risk] max_qty and max_notional: decimal texts, empty for no limit. config.invalid names the key.
Result<RiskLimits> risk_limits(const Section& section);

}  // namespace tradebus
