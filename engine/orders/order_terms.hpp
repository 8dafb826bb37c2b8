// What an order asks of a broker, whoever holds it: the client's words, and back.
#pragma once

#include "bus/model/orders.hpp"
#include "engine/orders/order_messages.hpp"

namespace tradebus {

// The order that was asked for becomes the order that is known; status pending_new.
Order order_of(const TradeOrder& asked, const std::vector<OrderLeg>& legs);
// The other way round, for who sends it on; without bracket, which is tradebus's own to hold.
TradeOrder trade_order_of(const Order& order);

// The two exits of a bracket, as orders of their own; client_order_id: the entry's, with ".take_profit" or
// ".stop_loss".
std::vector<TradeOrder> exits_of(const TradeOrder& entry, const BrokerCapabilities& can);

inline Side opposite(Side side) {
  return side == Side::buy || side == Side::buy_to_cover ? Side::sell
         : side == Side::sell                            ? Side::buy
                                                         : Side::buy_to_cover;
}

}  // namespace tradebus
