// [cache] and [cache.ttl], which the core declares: what the memory cache reads of them, and the actor made from it.
#include "actors/cache/memory/memory.hpp"

namespace tradebus::memory {

namespace {

Result<CacheActor> make(caf::actor_system& system, AdapterContext context) {
  const auto config = MemoryConfig::from(context.settings);
  if (!config) return tl::unexpected{config.error()};
  return spawn_memory_cache(system, std::move(context), *config);
}

Result<std::size_t> whole(const Section& section, std::string_view key, std::int64_t max) {
  const auto value = section.get<std::int64_t>(key);
  if (value < 1 || value > max)
    return fail(Errc::config_invalid, "cache." + std::string{key} + " must be between 1 and " + std::to_string(max));
  return static_cast<std::size_t>(value);
}

}  // namespace

Result<MemoryConfig> MemoryConfig::from(const Section& section) {
  MemoryConfig out;
  const auto ttl = TtlConfig::from(section);
  if (!ttl) return tl::unexpected{ttl.error()};
  out.ttl = *ttl;
  const auto memory_mb = whole(section, "memory_mb", 1'000'000);
  if (!memory_mb) return tl::unexpected{memory_mb.error()};
  out.memory_bytes_max = *memory_mb << 20U;
  if (section.values().contains("calls_max")) {
    const auto calls = whole(section, "calls_max", 100'000);
    if (!calls) return tl::unexpected{calls.error()};
    out.calls_max = *calls;
  }
  const auto disk_mb = section.get<std::int64_t>("bars_disk_mb");
  if (disk_mb < 0 || disk_mb > 1'000'000)
    return fail(Errc::config_invalid, "cache.bars_disk_mb must be between 0 (none) and 1000000");
  out.bars_bytes_max = disk_mb << 20;
  return out;
}

// No section of its own: the assembly hands over the core's keys, all in one.
void register_in(CacheRegistry& registry) { registry.add("memory", SectionSpec{}, make); }

}  // namespace tradebus::memory
