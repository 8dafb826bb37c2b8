// The ops of the bus that the order manager answers: clients' requests reach it straight from the bridge.
#pragma once

#include <array>
#include <string_view>

#include "engine/orders/order_manager.hpp"

namespace tradebus {

struct OrderOp {
  std::string_view name;
  void (OrderManagerState::*answer)(const ClientRequest& request);
};

// By how often they come.
inline constexpr std::array order_ops{
    OrderOp{"place_order", &OrderManagerState::answer_place_order},
    OrderOp{"cancel_order", &OrderManagerState::answer_cancel_order},
    OrderOp{"replace_order", &OrderManagerState::answer_replace_order},
    OrderOp{"preview_order", &OrderManagerState::answer_preview_order},
    OrderOp{"cancel_all", &OrderManagerState::answer_cancel_all},
    OrderOp{"get_order", &OrderManagerState::answer_get_order},
    OrderOp{"get_orders", &OrderManagerState::answer_get_orders},
    OrderOp{"get_positions", &OrderManagerState::answer_get_positions},
    OrderOp{"get_account_summary", &OrderManagerState::answer_get_account_summary},
    OrderOp{"get_events", &OrderManagerState::answer_get_events},
    OrderOp{"kill_switch", &OrderManagerState::answer_kill_switch},
    OrderOp{"reload_risk", &OrderManagerState::answer_reload_risk},
    OrderOp{"accept_positions", &OrderManagerState::answer_accept_positions},
};

constexpr const OrderOp* find_order_op(std::string_view name) {
  for (const auto& op : order_ops)
    if (op.name == name) return &op;
  return nullptr;
}

}  // namespace tradebus
