// The inspection of the order manager's messages, compiled here and nowhere else.
#include "engine/orders/order_history.hpp"
#include "engine/orders/order_messages.hpp"

namespace tradebus {

TRADEBUS_ORDER_MESSAGES(TRADEBUS_DEFINE_INSPECT)
TRADEBUS_HISTORY_MESSAGES(TRADEBUS_DEFINE_INSPECT)

}  // namespace tradebus
