// [providers.sim]: its keys, and the actor made from them.
#include <caf/typed_event_based_actor.hpp>
#include <cmath>

#include "actors/providers/sim/sim.hpp"

namespace tradebus::sim {

namespace {

ProviderActor::behavior_type sim_actor(ProviderActor::stateful_pointer<SimState> self, const AdapterContext& context,
                                       const SimConfig& config) {
  return self->state.make_behavior(context, config);
}

Result<ProviderActor> make(caf::actor_system& system, AdapterContext context) {
  SimConfig config;
  config.seed = static_cast<std::uint64_t>(context.settings.get<std::int64_t>("seed"));
  config.ticks_per_second = context.settings.get<double>("ticks_per_second");
  config.pacing = pacing_rules(context.settings);
  config.wait_for_bus = context.settings.get<std::string>("when_behind") == "wait";
  auto universe = Universe::make(config.seed, context.settings.get<std::vector<std::string>>("symbols"));
  if (!universe) return fail(Errc::config_invalid, "providers.sim.symbols: " + universe.error().message);
  config.universe = std::move(*universe);
  if (!std::isfinite(config.ticks_per_second) || config.ticks_per_second <= 0)
    return fail(Errc::config_invalid, "providers.sim.ticks_per_second must be a number above zero");
  return system.spawn(sim_actor, std::move(context), std::move(config));
}

}  // namespace

SectionSpec section_spec() {
  SectionSpec out{
      "providers.sim",
      "The built-in simulated market: repeatable quotes, trades, options, news and history.",
      {
          {.key = "seed",
           .fallback = std::int64_t{1},
           .about = "another number, another market; the same number, the same market"},
          {.key = "symbols",
           .fallback = std::vector<std::string>{},
           .about = "the symbols that exist; empty: every well-formed symbol does"},
          {.key = "ticks_per_second",
           .fallback = 100.0,
           .about = "quotes and trades a second over all subscribed symbols; far below what one core carries",
           .min = 0.01,
           .max = 10'000'000.0},
          {.key = "when_behind",
           .fallback = std::string{"drop"},
           .about =
               "drop: the oldest ticks that the bus does not take, counted; wait: none is lost, the rate gives way",
           .choices = {"drop", "wait"}},
      }};
  // No venue stands behind it: limits are there to be tried out.
  for (auto& key : pacing_keys()) out.keys.push_back(std::move(key));
  return out;
}

void register_in(ProviderRegistry& registry) { registry.add("sim", section_spec(), make); }

}  // namespace tradebus::sim
