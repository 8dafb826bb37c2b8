// The life cycle of an order as one table: state and what happened -> the next state. Pure.
// Source: FIX 4.4 volume 4, appendix D (order state change matrices), and what venues do beside it: reports arrive
// late, twice and out of order.
#pragma once

#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"

namespace tradebus {

// What happens to an order. `refused` and `doubted` come from the answers to our requests, or from their absence.
enum class OrderInput : std::uint8_t {
  accepted,   // the venue has it
  fill_part,  // an execution that leaves something open
  fill_all,   // an execution that completes the quantity
  replace_sent,
  replaced,
  replace_refused,
  cancel_sent,
  canceled,
  cancel_refused,
  rejected,
  expired,
  doubted,  // a request got no answer that says what became of it
};
TRADEBUS_ENUM(OrderInput, "accepted", "fill_part", "fill_all", "replace_sent", "replaced", "replace_refused",
              "cancel_sent", "canceled", "cancel_refused", "rejected", "expired", "doubted");

// The state after `input`. The same state again means: known, late or repeated, nothing changes. An error (internal)
// is an anomaly: log it, apply nothing. `has_fills`: something was executed before (a working order is then
// partially_filled, and an order that the venue drops is canceled, not rejected).
Result<OrderStatus> next_status(OrderStatus status, OrderInput input, bool has_fills);

// No more work at the venue. A late execution still corrects filled_qty, and may complete the order.
bool is_closed(OrderStatus status);

}  // namespace tradebus
