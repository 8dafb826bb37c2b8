// Between the venue's words and ours. Pure: no sockets, no clock, no actors; the payloads that you recorded are its
// tests.
#pragma once

#include "actors/brokers/_template/models.hpp"
#include "actors/brokers/broker.hpp"

namespace tradebus::_template::broker {

// broker.unsupported: what the venue has no word for.
Result<OrderPayload> to_payload(const PlaceStockOrder& order);

// request.invalid: a message that makes no sense; log it. An order is never guessed at.
Result<BrokerEvent> to_event(const OrderUpdate& update, const BrokerName& broker);

}  // namespace tradebus::_template::broker
