// placeOrder, the one request that is long.
#pragma once

#include "actors/brokers/ibkr/wire/requests.hpp"
#include "actors/brokers/ibkr/wire/writer.hpp"

namespace tradebus::ibkr::wire {

void write_order(Writer& w, const PlaceOrder& m);

}  // namespace tradebus::ibkr::wire
