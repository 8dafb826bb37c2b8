// A simulated venue in a recording lets no time pass before what follows from its reports has reached it: the cancel of
// an order's twin comes at the recorded moment of the fill, at any speed, in every run. It asks its sink, which answers
// when all that came before is recorded, and what follows from it is on its way.
#pragma once

#include "actors/brokers/broker.hpp"

namespace tradebus {

struct BrokerBarrier {
  static constexpr std::string_view type_name = "BrokerBarrier";
  static constexpr auto fields() { return std::tuple{}; }
};

// The order manager is one; a sink that isn't answers with an error, and is not waited for. A simulated venue is one
// too: it answers when it has played all of the market that it was sent, and all that follows from it is told.
using BrokerBarrierActor = protocol<Done(BrokerBarrier)>;

// A position changed though nothing was traded, by a split: what should be held by the fills follows it, and no
// difference is left. A sink that does not know this message shows the difference.
struct PositionAdjusted {
  BrokerName broker;
  AccountId account;
  Symbol symbol;
  Quantity from;
  Quantity to;
  std::string reason;

  static constexpr std::string_view type_name = "PositionAdjusted";
  static constexpr auto fields() {
    return std::tuple{field("broker", &PositionAdjusted::broker), field("account", &PositionAdjusted::account),
                      field("symbol", &PositionAdjusted::symbol), field("from", &PositionAdjusted::from),
                      field("to", &PositionAdjusted::to),         field("reason", &PositionAdjusted::reason)};
  }
};
using PositionAdjustmentActor = protocol<Done(PositionAdjusted)>;

#define TRADEBUS_BARRIER_MESSAGES(X) \
  X(BrokerBarrier)                   \
  X(PositionAdjusted)
TRADEBUS_BARRIER_MESSAGES(TRADEBUS_DECLARE_INSPECT)

}  // namespace tradebus
