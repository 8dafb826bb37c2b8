// What a repeated order is compared by: 64 bits of all that the client sent. The same in every run. That two contents
// share one by accident is one in 1.8e19; who does it on purpose gets his own first order back.
#pragma once

#include <cstdint>
#include <vector>

#include "bus/model/orders.hpp"

namespace tradebus {

std::uint64_t fingerprint(const TradeOrder& order, const std::vector<OrderLeg>& legs);

// Who placed an order under which id of his, as 64 bits: the same in every run. 0 when there is no such id.
std::uint64_t client_key(const ClientName& client, const ClientOrderId& id);

}  // namespace tradebus
