// The sections of the daemon itself. Brokers, providers and caches declare theirs where they register.
#pragma once

#include <vector>

#include "config/config.hpp"

namespace tradebus {

// engine, bus, bus.curve, market, calendar, risk, cache, cache.ttl, log.
std::vector<SectionSpec> core_sections();

// What a key's own type, range and choices cannot say: endpoints and their safety, decimals, keys that depend on each
// other. All problems at once, a line each, with their origin.
Result<void> check_core(const Config& config);

}  // namespace tradebus
