// How orders are printed.
#pragma once

#include "clients/cli/context.hpp"

namespace tradebus::cli {

const std::vector<Column>& order_columns();
int print_order(Context& ctx, const client::Value& order);

}  // namespace tradebus::cli
