// [brokers.ibkr]: its keys, and the actor made from them.
#include <spdlog/spdlog.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/brokers/ibkr/ibkr.hpp"

namespace tradebus::ibkr {

namespace {

IbkrActor::behavior_type ibkr_actor(IbkrActor::stateful_pointer<IbkrState> self, const AdapterContext& context,
                                    const IbkrConfig& config) {
  return self->state.make_behavior(context, config);
}

}  // namespace

SectionSpec section() {
  SectionSpec spec;
  spec.path = "brokers.ibkr";
  spec.about = "Interactive Brokers, through a running TWS or IB Gateway with its API switched on.";
  const GatewayKeys common{
      .client_id = 1,
      .about_client_id =
          "unique among the gateway's clients, and always the same: orders belong to the id that placed them",
      .client_ids = 1,
      .about_client_ids =
          "how many ids, from client_id on, are tried when one is in use; orders placed under another one can be "
          "seen but not changed",
      .messages_per_second_max = 10'000};
  add_place_keys(spec, common);
  const std::vector<KeySpec> own = {
      {"account", std::string{}, "orders without an account go here; empty: the first one that the gateway names"},
      {"timezone", std::string{}, "IANA's name for the zone of the gateway's login; empty: as the gateway names it"},
      {.key = "answer_s",
       .fallback = 20.0,
       .about = "seconds without an answer, and an order is in doubt, a question failed",
       .min = 0.1,
       .max = 600.0},
      {.key = "market_data_type",
       .fallback = std::int64_t{3},
       .about = "of option chains' quotes: 1 live, 2 frozen, 3 live or else delayed, 4 that or else frozen",
       .min = 1.0,
       .max = 4.0},
      {.key = "chain_quotes",
       .fallback = std::int64_t{100},
       .about = "so many contracts of an option chain, those nearest to the money, have quotes and greeks; 0: none",
       .min = 0.0,
       .max = 1'000.0},
      {.key = "chain_lines",
       .fallback = std::int64_t{40},
       .about = "at most so many of the account's market data lines are taken by these quotes",
       .min = 1.0,
       .max = 1'000.0},
      {.key = "elsewhere_s",
       .fallback = 10.0,
       .about = "how often open orders of other clients are looked at, in seconds; 0: only what the gateway tells",
       .min = 0.0,
       .max = 3'600.0},
  };
  add_pace_key(spec, common);
  spec.keys.insert(spec.keys.end(), own.begin(), own.end());
  add_life_keys(spec);
  return spec;
}

Result<IbkrConfig> read_config(const Section& section) {
  const auto wrong = [](const std::string& what) { return fail(Errc::config_invalid, "brokers.ibkr." + what); };
  const auto ms = [&](const char* key) {
    return IbkrConfig::Ms{static_cast<std::int64_t>(section.get<double>(key) * 1'000)};
  };
  IbkrConfig out;
  auto place = read_place(section, "brokers.ibkr");
  if (!place) return tl::unexpected{place.error()};
  out.place = std::move(*place);
  out.session = read_session(section, "brokers.ibkr");
  out.account = AccountId{section.get<std::string>("account")};
  out.timezone = section.get<std::string>("timezone");
  if (!out.timezone.empty()) {
    if (auto zone = wire::TimeReader::make(out.timezone); !zone) return wrong("timezone: " + zone.error().message);
  }
  out.session.pace.kept_for_orders = out.session.pace.per_second / 8;
  out.place_timeout = out.answer_timeout = ms("answer_s");
  out.session.start_timeout = std::min(out.session.start_timeout, out.answer_timeout);
  out.market_data_type = static_cast<std::int32_t>(section.get<std::int64_t>("market_data_type"));
  out.chain_quotes = static_cast<std::size_t>(section.get<std::int64_t>("chain_quotes"));
  out.chain_lines = static_cast<std::size_t>(section.get<std::int64_t>("chain_lines"));
  out.elsewhere_every = ms("elsewhere_s");
  return out;
}

void register_in(BrokerRegistry& registry) {
  registry.add("ibkr", section(), [](caf::actor_system& system, AdapterContext context) -> Result<BrokerActor> {
    auto config = read_config(context.settings);
    if (!config) return tl::unexpected{config.error()};
    // A thread of its own: it decodes what comes in bursts, and joins its network thread at its end. The hot worker may
    // wait for neither (docs/decisions/0002-one-hot-worker.md).
    return BrokerActor{system.spawn<caf::detached>(ibkr_actor, std::move(context), std::move(*config))};
  });
}

}  // namespace tradebus::ibkr
