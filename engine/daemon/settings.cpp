#include "engine/daemon/settings.hpp"

namespace tradebus {

namespace {
std::int64_t whole(const Section& section, std::string_view key) { return section.get<std::int64_t>(key); }
std::size_t count(const Section& section, std::string_view key) {
  return static_cast<std::size_t>(whole(section, key));
}
std::chrono::milliseconds ms(const Section& section, std::string_view key) {
  return std::chrono::milliseconds{whole(section, key)};
}
}  // namespace

std::vector<std::string> names(const Config& config, std::string_view key) {
  return config.section("engine").get<std::vector<std::string>>(key);
}

Section section(const Config& config, const SectionSpec& spec) {
  return spec.path.empty() ? Section{} : config.section(spec.path);
}

Section cache_settings(const Config& config) {
  Section out = config.section("cache");
  for (const auto& [key, value] : config.section("cache.ttl").values()) out.set(key, value);
  return out;
}

std::size_t queue_batches(const Config& config) { return count(config.section("bus"), "queue_batches"); }

BridgeConfig bridge_config(const Config& config, const std::string& version, std::uint64_t epoch) {
  const auto& bus = config.section("bus");
  BridgeConfig out;
  out.stream = bus.get<std::vector<std::string>>("stream");
  out.command = bus.get<std::vector<std::string>>("command");
  out.subscriber_queue = static_cast<int>(whole(bus, "subscriber_queue"));
  out.lossless_stall = ms(bus, "lossless_stall_ms");
  out.ring_messages = std::max<std::size_t>(count(bus, "ring_messages"), 1);
  out.ring_memory_bytes = count(bus, "ring_memory_mb") << 20U;
  out.feed_items = count(bus, "feed_items");
  out.request_timeout = ms(bus, "request_timeout_ms");
  out.request_timeout_max = ms(bus, "request_timeout_ms_max");
  out.request_bytes_max = count(bus, "request_bytes_max");
  out.requests_open_max = count(bus, "requests_open_max");
  out.bulk_bytes_per_second = count(bus, "bulk_bytes_per_second");
  out.topics_max = count(bus, "topics_max");
  out.epoch = epoch;
  out.version = version;
  out.brokers = names(config, "broker");
  out.providers = names(config, "data_provider");
  return out;
}

MarketHubConfig hub_config(const Config& config, std::uint64_t epoch) {
  const auto& bus = config.section("bus");
  const auto& market = config.section("market");
  MarketHubConfig out;
  for (const auto& name : names(config, "data_provider")) out.providers.emplace_back(name);
  out.linger = std::chrono::milliseconds{static_cast<std::int64_t>(bus.get<double>("linger_s") * 1000)};
  out.quote_stale = ms(market, "quote_stale_ms");
  out.trade_stale = ms(market, "trade_stale_ms");
  out.bar_update = ms(market, "bar_update_ms");
  out.heartbeat = ms(bus, "heartbeat_ms");
  out.topics_max = count(bus, "topics_max");
  const auto seconds = [&](std::string_view key) {
    return std::chrono::nanoseconds{static_cast<std::int64_t>(config.section("cache.ttl").get<double>(key) * 1e9)};
  };
  out.quote_life = {seconds("quote_s"), seconds("quote_closed_s")};
  out.refusal_life = seconds("refusal_s");
  out.epoch = epoch;
  return out;
}

}  // namespace tradebus
