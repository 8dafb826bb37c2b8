// What the journal keeps: all that the order path must still know after its process has died.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/brokers/broker.hpp"
#include "bus/model/orders.hpp"

namespace tradebus {

// An exit of a bracket that never reached its broker, or an order that was placed in the stead of such a one.
struct ExitCopy {
  bool is_lost = false;    // it never arrived, and what becomes of that is not decided yet
  std::uint32_t copy = 0;  // how often the exit had been placed before
  std::uint64_t of = 0;    // the number of the order in whose stead it is; 0: of none

  static constexpr std::string_view type_name = "ExitCopy";
  static constexpr auto fields() {
    return std::tuple{field("is_lost", &ExitCopy::is_lost), field("copy", &ExitCopy::copy), field("of", &ExitCopy::of)};
  }
};

// One change of one order. New fields are added at the end: older journals are then still read.
struct OrderRecord {
  std::uint64_t number = 0;       // of the order, from 1; its order_id ends with it
  std::uint64_t client_key = 0;   // client_key() of its client and client_order_id
  std::uint64_t fingerprint = 0;  // of the order as the client sent it: a repeat has the same
  bool sent = false;              // a broker may know it
  bool acknowledged = false;      // its acceptance was announced
  bool cancel_asked = false;      // a cancel is under way
  Quantity oco_taken;             // taken off it for what others of its group got
  std::optional<ReplaceBrokerOrder> replacing;
  std::optional<std::uint64_t> entry_number;  // an exit of a bracket: its entry
  OrderEvent event;
  std::optional<Quantity> oco_taking = {};  // what oco_taken will be once the broker has confirmed `replacing`
  std::optional<ExitCopy> exit_copy = {};
  std::optional<Quantity> oco_before = {};  // what others of its group had got when its broker took it

  static constexpr std::string_view type_name = "OrderRecord";
  static constexpr auto fields() {
    return std::tuple{field("number", &OrderRecord::number),
                      field("client_key", &OrderRecord::client_key),
                      field("fingerprint", &OrderRecord::fingerprint),
                      field("sent", &OrderRecord::sent),
                      field("acknowledged", &OrderRecord::acknowledged),
                      field("cancel_asked", &OrderRecord::cancel_asked),
                      field("oco_taken", &OrderRecord::oco_taken),
                      field("replacing", &OrderRecord::replacing),
                      field("entry_number", &OrderRecord::entry_number),
                      field("event", &OrderRecord::event),
                      field("oco_taking", &OrderRecord::oco_taking),
                      field("exit_copy", &OrderRecord::exit_copy),
                      field("oco_before", &OrderRecord::oco_before)};
  }
};

// Something beside orders that outlives the process (a trading state, a position to start from): the last value of a
// key counts, an empty one ends it.
struct StateRecord {
  std::string key;
  std::string value;

  static constexpr std::string_view type_name = "StateRecord";
  static constexpr auto fields() {
    return std::tuple{field("key", &StateRecord::key), field("value", &StateRecord::value)};
  }
};

// What an order's executions were: fills and busts in their order.
struct RecordedFill {
  Fill fill;
  bool busted = false;
};
struct RecoveredOrder {
  OrderRecord last;
  std::vector<RecordedFill> fills;
};

// What a journal held when it was opened.
struct RecoveredJournal {
  std::uint64_t last_number = 0;             // of orders
  std::vector<RecoveredOrder> orders;        // all open ones, and the newest closed ones; by number
  std::vector<std::uint64_t> forgotten;      // client keys of the others
  std::map<std::string, std::string> state;  // by key
  std::vector<OrderEvent> fills_after;       // fills and busts recorded after the state `positions_key`
};
inline const std::string positions_key = "positions";

}  // namespace tradebus
