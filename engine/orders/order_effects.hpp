// What the order book asks of whoever drives it.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "engine/orders/order_record.hpp"

namespace tradebus {

struct SendStockOrder {
  BrokerName broker;
  PlaceStockOrder order;
};
struct SendOptionOrder {
  BrokerName broker;
  PlaceOptionOrder order;
};
struct SendReplace {
  BrokerName broker;
  ReplaceBrokerOrder replace;
};
struct SendCancel {
  BrokerName broker;
  CancelBrokerOrder cancel;
};
// A report that made no sense: for the log, nothing was applied (but see what it says).
struct Anomaly {
  OrderId order_id;
  std::string what;
};
// A change of an order, to be recorded and announced; its seq is the journal's to give. From then on nobody changes it,
// and all who keep it share it.
struct Changed {
  std::shared_ptr<OrderRecord> record;
};
// An exit that never reached its broker has another order in its stead: for the log.
struct ExitPlacedAgain {
  OrderId lost;
  OrderId copy;
  std::uint32_t count = 0;
  std::uint32_t count_max = 0;
};
using Effect =
    std::variant<Changed, SendStockOrder, SendOptionOrder, SendReplace, SendCancel, Anomaly, ExitPlacedAgain>;
using Effects = std::vector<Effect>;

}  // namespace tradebus
