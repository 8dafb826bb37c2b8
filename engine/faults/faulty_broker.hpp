// A broker behind a bad link: wraps any other one, and makes go wrong what a FaultPlan says. For tests.
//
// What real venues do is kept to. What the inner broker did is never undone, and its questions are answered truly. What
// is sent is sent in order, and what comes back comes in the venue's order, but for reports that the plan swaps or
// repeats and for answers that are late. While the link is down nothing passes: what was not sent has failed and is
// never sent later, what happens is told by the questions once the link is up again. When the adapter ends, its
// promises stay unanswered, as those of any actor that dies.
#pragma once

#include <spdlog/fwd.h>
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "actors/brokers/broker.hpp"
#include "engine/faults/fault_plan.hpp"

namespace tradebus {

struct FaultyBroker {
  BrokerName name;
  BrokerActor inner;
  // The inner broker ends with this one, as a process's parts do. False: it is a venue that goes on without it.
  bool owned = true;
  std::shared_ptr<FaultPlan> plan;  // goes on from one incarnation to the next
  std::shared_ptr<spdlog::logger> log;
};

BrokerActor spawn_faulty_broker(caf::actor_system& system, FaultyBroker config);

// The same for how a broker is made: one plan for all that it makes.
using MakeBroker = std::function<Result<BrokerActor>(caf::actor_system&)>;
MakeBroker with_faults(MakeBroker make, const BrokerName& name, const FaultConfig& config,
                       std::shared_ptr<spdlog::logger> log);

}  // namespace tradebus
