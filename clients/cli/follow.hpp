// Placing an order and, when asked, staying with it until it is closed.
#pragma once

#include "clients/cli/context.hpp"
#include "tradebus/orders.hpp"

namespace tradebus::cli {

// Prints the order as the daemon took it; with `wait` each fill as it happens and the order's end. Exit code 2 also for
// an order that ended rejected.
int place_order(Context& ctx, client::OrderRequest request, bool wait);

}  // namespace tradebus::cli
