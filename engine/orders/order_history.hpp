// What the order manager asks of the journal's reader: orders and events that are no longer in memory. The reader runs
// on a thread of its own, and blocks on nothing but the disk.
#pragma once

#include <string>

#include "engine/orders/order_book.hpp"
#include "engine/orders/order_messages.hpp"

namespace tradebus {

// The result of an op, as it goes to the client.
struct PackedAnswer {
  std::string bytes;

  static constexpr std::string_view type_name = "PackedAnswer";
  static constexpr auto fields() { return std::tuple{field("bytes", &PackedAnswer::bytes)}; }
};
// INTERNAL to the reader: what was recorded meanwhile is indexed, behind everything else.
struct IndexJournal {
  static constexpr std::string_view type_name = "IndexJournal";
  static constexpr auto fields() { return std::tuple{}; }
};
// INTERNAL to the reader: questions wait for the index.
struct AnswerWaiting {
  static constexpr std::string_view type_name = "AnswerWaiting";
  static constexpr auto fields() { return std::tuple{}; }
};

using OrderHistoryActor = protocol<
    // An OrderEvents, an Orders. `internal` when the journal can't be read.
    PackedAnswer(GetOrderEvents), PackedAnswer(GetOrders),
    // order.not_found, `internal`.
    RecalledOrder(GetOrder),
    // INTERNAL
    void(IndexJournal), void(AnswerWaiting)>;

#define TRADEBUS_HISTORY_MESSAGES(X) \
  X(PackedAnswer)                    \
  X(IndexJournal)                    \
  X(AnswerWaiting)                   \
  X(RecalledOrder)
TRADEBUS_HISTORY_MESSAGES(TRADEBUS_DECLARE_INSPECT)

}  // namespace tradebus
