// The configuration keys of the order path: sections [orders] and [risk].
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

// Of section [risk].
// config.invalid when a limit can't be held exactly.
Result<RiskLimits> risk_limits(const Section& section);

}  // namespace tradebus
