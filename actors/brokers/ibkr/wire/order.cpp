#include "actors/brokers/ibkr/wire/order.hpp"

namespace tradebus::ibkr::wire {

VenueStatus venue_status(std::string_view word) {
  return enum_from_string<VenueStatus>(word).value_or(VenueStatus::unknown);
}

}  // namespace tradebus::ibkr::wire
