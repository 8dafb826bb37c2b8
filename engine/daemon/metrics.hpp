// /metrics: the counters that can be read without asking an actor.
#pragma once

#include <cstdint>
#include <string>

#include "bus/bridge/bridge.hpp"
#include "bus/bridge/bus_queue.hpp"

namespace tradebus {

// Any thread.
std::string metrics_text(const BridgeStats& stats, const BusQueue& queue, const std::string& version,
                         std::uint64_t epoch);

}  // namespace tradebus
