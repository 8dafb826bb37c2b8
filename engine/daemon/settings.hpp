// From the checked configuration to what each part is made with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bus/bridge/bridge.hpp"
#include "config/config.hpp"
#include "engine/market/market_hub.hpp"

namespace tradebus {

std::vector<std::string> names(const Config& config, std::string_view key);  // engine.broker, engine.data_provider
Section section(const Config& config, const SectionSpec& spec);              // of one adapter
Section cache_settings(const Config& config);                                // [cache] and [cache.ttl], flat
std::size_t queue_batches(const Config& config);
BridgeConfig bridge_config(const Config& config, const std::string& version, std::uint64_t epoch);
MarketHubConfig hub_config(const Config& config, std::uint64_t epoch);

}  // namespace tradebus
