#include "engine/orders/order_config.hpp"

namespace tradebus {

SectionSpec orders_section() {
  SectionSpec spec;
  spec.path = "orders";
  spec.about = "How much of the order path is kept in memory.";
  spec.keys = {
      {"open_max", std::int64_t{100'000}, "orders open at once; beyond it place_order answers overloaded", 1,
       10'000'000},
      {"closed_max", std::int64_t{100'000}, "closed orders kept for look-ups and repeats; the oldest are forgotten", 0,
       10'000'000},
      {"events_max", std::int64_t{10'000}, "order events kept for get_events", 0, 10'000'000},
  };
  return spec;
}

OrderLimits order_limits(const Section& section) {
  const auto number = [&](const char* key) { return static_cast<std::size_t>(section.get<std::int64_t>(key)); };
  return {{number("open_max"), number("closed_max")}, number("events_max")};
}

}  // namespace tradebus
