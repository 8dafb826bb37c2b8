// What waits for the bridge when it is far behind, made small: of each topic its newest message, of orders every one.
// So the queue stays bounded by the number of topics, and whoever listens is right again with the next message that
// comes; what was left out shows as a hole in seq. Plain functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "bus/bridge/bus_queue.hpp"

namespace tradebus {

// Messages left out, by source.
using LostBySource = std::vector<std::uint64_t>;
void add_lost(LostBySource& lost, std::uint32_t source, std::uint64_t count);

// As many as the bridge sends without looking at anything else; batches that were larger may stay so.
inline constexpr std::size_t squeezed_entries_max = 512;

// Few batches in place of these, never more, which come one after the other. Left out are older messages of market
// topics, of status|, position|, account| and heartbeat| topics, and what a topic had that is retired in it, its status
// included. All else stays, as long as it needs no more than `kept_bytes_max` (then its oldest goes): it can't be made
// small.
std::deque<BusBatch> squeeze(std::deque<BusBatch> batches, std::size_t kept_bytes_max, LostBySource& lost);

}  // namespace tradebus
