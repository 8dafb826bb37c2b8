// [providers.ibkr]: its keys, and the actor made from them.
#include <spdlog/spdlog.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/providers/ibkr/ibkr.hpp"

namespace tradebus::ibkr {

namespace data {

namespace {

IbkrDataActor::behavior_type ibkr_data_actor(IbkrDataActor::stateful_pointer<IbkrDataState> self,
                                             const AdapterContext& context, const IbkrDataConfig& config) {
  return self->state.make_behavior(context, config);
}

}  // namespace

SectionSpec section_spec() {
  SectionSpec spec;
  spec.path = "providers.ibkr";
  spec.about = "Market data from Interactive Brokers, through a running TWS or IB Gateway with its API switched on.";
  const GatewayKeys common{
      .client_id = 101,
      .about_client_id = "unique among the gateway's clients: not the broker's, which has a connection of its own",
      .client_ids = 4,
      .about_client_ids = "how many ids, from client_id on, are tried when one is in use",
      .messages_per_second_max = 1'000};
  add_place_keys(spec, common);
  const std::vector<KeySpec> own = {
      {.key = "market_data_type",
       .fallback = std::int64_t{1},
       .about = "1 live; 2 the last quote while the market is closed; 3 delayed where live is not subscribed; 4 both",
       .min = 1.0,
       .max = 4.0},
      {.key = "lines",
       .fallback = std::int64_t{60},
       .about = "market data lines that may be used, chains' quotes included; the account has 100 to start with, for "
                "TWS's own lists and for brokers.ibkr.chain_lines too",
       .min = 1.0,
       .max = 10'000.0},
      {.key = "tick_by_tick",
       .fallback = std::int64_t{3},
       .about = "stocks whose trades come one by one at a time; three with 100 lines. Others are sampled",
       .min = 0.0,
       .max = 1'000.0},
      {"primary_exchanges", std::vector<std::string>{},
       "which listing is meant where a symbol is ambiguous: \"CSCO=NASDAQ\""},
      {.key = "history_at_once",
       .fallback = std::int64_t{20},
       .about = "requests for history without an answer yet; the venue allows 50, over all clients",
       .min = 1.0,
       .max = 50.0},
      {.key = "history_wait_s_max",
       .fallback = 300.0,
       .about = "seconds that a request for history may wait for its turn",
       .min = 1.0,
       .max = 3'600.0},
      {.key = "history_timeout_s",
       .fallback = 60.0,
       .about = "seconds for the answer to one request for history; then it is canceled",
       .min = 1.0,
       .max = 600.0},
      {.key = "answer_timeout_s",
       .fallback = 20.0,
       .about = "seconds for the answer to any other request",
       .min = 0.1,
       .max = 600.0},
      {.key = "requests_max",
       .fallback = std::int64_t{100},
       .about = "requests for history that one question may cost; a day of minutes is one",
       .min = 1.0,
       .max = 10'000.0},
      {.key = "chain_quotes",
       .fallback = std::int64_t{100},
       .about = "contracts of an option chain that are quoted, a line each for a moment; the rest come without prices",
       .min = 0.0,
       .max = 10'000.0},
      {.key = "contracts_max",
       .fallback = std::int64_t{5'000},
       .about = "contracts whose numbers are remembered",
       .min = 10.0,
       .max = 1'000'000.0},
  };
  add_pace_key(spec, common);
  spec.keys.insert(spec.keys.end(), own.begin(), own.end());
  add_life_keys(spec);
  return spec;
}

Result<IbkrDataConfig> read_config(const Section& section) {
  const auto wrong = [](const std::string& what) { return fail(Errc::config_invalid, "providers.ibkr." + what); };
  const auto number = [&](const char* key) { return section.get<std::int64_t>(key); };
  const auto size = [&](const char* key) { return static_cast<std::size_t>(number(key)); };
  const auto ms = [&](const char* key) {
    return IbkrDataConfig::Ms{static_cast<std::int64_t>(section.get<double>(key) * 1'000)};
  };
  IbkrDataConfig out;
  auto place = read_place(section, "providers.ibkr");
  if (!place) return tl::unexpected{place.error()};
  out.place = std::move(*place);
  out.session = read_session(section, "providers.ibkr");
  out.session.pace.kept_for_orders = 0;  // it has none
  out.market_data_type = static_cast<std::int32_t>(number("market_data_type"));
  out.lines = size("lines");
  out.tick_by_tick = size("tick_by_tick");
  auto exchanges = parse_primary_exchanges(section.get<std::vector<std::string>>("primary_exchanges"));
  if (!exchanges) return wrong("primary_exchanges: " + exchanges.error().message);
  out.primary_exchanges = std::move(*exchanges);
  out.history.open_max = size("history_at_once");
  out.history_wait_max = ms("history_wait_s_max");
  out.history_timeout = ms("history_timeout_s");
  out.answer_timeout = ms("answer_timeout_s");
  out.requests_max = size("requests_max");
  out.chain_quotes = size("chain_quotes");
  out.contracts_max = size("contracts_max");
  return out;
}

}  // namespace data

void register_in(ProviderRegistry& registry) {
  registry.add("ibkr", data::section_spec(),
               [](caf::actor_system& system, AdapterContext context) -> Result<ProviderActor> {
                 auto config = data::read_config(context.settings);
                 if (!config) return tl::unexpected{config.error()};
                 // A thread of its own: it decodes what comes in bursts, and joins its network thread at its end. The
                 // hot worker may wait for neither (docs/decisions/0002-one-hot-worker.md).
                 return ProviderActor{
                     system.spawn<caf::detached>(data::ibkr_data_actor, std::move(context), std::move(*config))};
               });
}

}  // namespace tradebus::ibkr
