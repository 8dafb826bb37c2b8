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
  spec.keys = {
      {"host", std::string{"127.0.0.1"}, "where TWS or IB Gateway runs; the connection is not encrypted"},
      {.key = "port",
       .fallback = std::int64_t{4002},
       .about = "its API port: IB Gateway 4001 live, 4002 paper; TWS 7496 live, 7497 paper",
       .min = 1.0,
       .max = 65'535.0},
      {.key = "client_id",
       .fallback = std::int64_t{1},
       .about = "unique among the gateway's clients, and always the same: orders belong to the id that placed them",
       .min = 0.0,
       .max = 999'999.0},
      {.key = "client_ids",
       .fallback = std::int64_t{1},
       .about = "how many ids, from client_id on, are tried when one is in use; orders placed under another one can be "
                "seen but not changed",
       .min = 1.0,
       .max = 32.0},
      {"account", std::string{}, "orders without an account go here; empty: the first one that the gateway names"},
      {"timezone", std::string{}, "IANA's name for the zone of the gateway's login; empty: as the gateway names it"},
      {.key = "messages_per_second",
       .fallback = std::int64_t{45},
       .about = "at most so many are sent; the gateway allows half as many as the account has market data lines",
       .min = 5.0,
       .max = 10'000.0},
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
      {.key = "probe_s",
       .fallback = 30.0,
       .about = "seconds of silence after which the gateway is asked for its time",
       .min = 0.1,
       .max = 600.0},
      {.key = "silence_s_max",
       .fallback = 10.0,
       .about = "seconds without an answer to that, and the connection is given up",
       .min = 0.1,
       .max = 600.0},
      {.key = "retry_s_max",
       .fallback = 30.0,
       .about = "the longest pause between two tries to connect; the first one is half a second",
       .min = 0.5,
       .max = 3'600.0},
  };
  return spec;
}

Result<IbkrConfig> read_config(const Section& section) {
  const auto wrong = [](const std::string& what) { return fail(Errc::config_invalid, "brokers.ibkr." + what); };
  const auto ms = [&](const char* key) {
    return IbkrConfig::Ms{static_cast<std::int64_t>(section.get<double>(key) * 1'000)};
  };
  IbkrConfig out;
  out.host = section.get<std::string>("host");
  if (out.host.empty() || out.host.find_first_of(" \t/") != std::string::npos)
    return wrong("host must be a name or an address, without a scheme or a port");
  out.port = static_cast<std::uint16_t>(section.get<std::int64_t>("port"));
  out.client_id = static_cast<std::int32_t>(section.get<std::int64_t>("client_id"));
  out.client_ids = static_cast<std::int32_t>(section.get<std::int64_t>("client_ids"));
  out.account = AccountId{section.get<std::string>("account")};
  out.timezone = section.get<std::string>("timezone");
  if (!out.timezone.empty()) {
    if (auto zone = wire::TimeReader::make(out.timezone); !zone) return wrong("timezone: " + zone.error().message);
  }
  out.pace.per_second = static_cast<std::size_t>(section.get<std::int64_t>("messages_per_second"));
  out.pace.kept_for_orders = out.pace.per_second / 8;
  out.probe_after = ms("probe_s");
  out.place_timeout = out.answer_timeout = ms("answer_s");
  out.start_timeout = std::min(out.start_timeout, out.answer_timeout);
  out.market_data_type = static_cast<std::int32_t>(section.get<std::int64_t>("market_data_type"));
  out.chain_quotes = static_cast<std::size_t>(section.get<std::int64_t>("chain_quotes"));
  out.chain_lines = static_cast<std::size_t>(section.get<std::int64_t>("chain_lines"));
  out.elsewhere_every = ms("elsewhere_s");
  out.silence_max = ms("silence_s_max");
  out.retry_max = ms("retry_s_max");
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
