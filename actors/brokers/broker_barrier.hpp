// A simulated venue in a recording lets no time pass before what follows from its reports has reached it: the cancel of
// an order's twin comes at the recorded moment of the fill, at any speed, in every run. It asks its sink, which answers
// when all that came before is recorded, and what follows from it is on its way.
#pragma once

#include "actors/caf_support.hpp"

namespace tradebus {

struct BrokerBarrier {
  static constexpr std::string_view type_name = "BrokerBarrier";
  static constexpr auto fields() { return std::tuple{}; }
};

// The order manager is one; a sink that isn't answers with an error, and is not waited for.
using BrokerBarrierActor = protocol<Done(BrokerBarrier)>;

#define TRADEBUS_BARRIER_MESSAGES(X) X(BrokerBarrier)
TRADEBUS_BARRIER_MESSAGES(TRADEBUS_DECLARE_INSPECT)

}  // namespace tradebus
