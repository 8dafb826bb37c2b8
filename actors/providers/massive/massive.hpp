// The MASSIVE provider (formerly Polygon.io): US stocks and options by REST and WebSocket; indices, forex and crypto by
// REST alone. One actor, one network thread. The actor keeps promises, topics and the pace of the calls; plans
// (plans.hpp) say how a question becomes calls; the stream (stream/) is handed on to the hub from the network thread
// itself.
//
//   link      Connect asks the venue for the market's status: a refused key is found before anything else is asked. The
//             stream's connections open with the first topics.
//   pace      [providers.massive] calls_per_minute holds for every call, pages and our own included.
//   actions   once a day, the market's splits and dividends, of the days missed too: those of symbols that were asked
//             for go to the sink.
//
// Settings: [providers.massive], see section_spec(); docs/providers/massive.md
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "actors/providers/massive/calls.hpp"
#include "actors/providers/massive/plans.hpp"
#include "actors/providers/massive/rest_client.hpp"
#include "actors/providers/massive/stream_port.hpp"
#include "actors/providers/outlet.hpp"
#include "actors/registry.hpp"

namespace tradebus::massive {

struct RestAnswer {
  Calls::Id id = 0;
  std::shared_ptr<const HttpResult> result;
};
struct StreamReport {
  std::uint64_t run = 0;  // which connection it belongs to: reports of one that was closed are old news
  StreamStatus status;
};

}  // namespace tradebus::massive

// Never leave the process: from the network thread to our actor.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tradebus::massive::RestAnswer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tradebus::massive::StreamReport)

namespace tradebus::massive {

using MassiveActor = ProviderActor::extend<caf::reacts_to<RestAnswer>, caf::reacts_to<StreamReport>>;

struct MassiveConfig {
  RestOptions rest;
  std::optional<StreamOptions> stream;  // empty: REST alone
  CallsOptions calls;
  std::size_t pages_max = 50;
  bool delayed = false;
  bool corporate_actions = true;
  // Tests put their own in place of the network.
  std::function<Result<std::unique_ptr<RestPort>>()> make_rest = {};
  std::function<Result<std::unique_ptr<StreamPort>>(StreamListener&)> make_stream = {};
};

// `path`: "providers.massive", or "providers.polygon" for the venue's old name.
SectionSpec section_spec(const std::string& path = "providers.massive");
// config.invalid names the key; the API key's value is in no message.
Result<MassiveConfig> read_config(const Section& section, const std::string& path = "providers.massive");
void register_in(ProviderRegistry& registry);

class Feed;

struct MassiveState {
  static inline const char* name = "massive";
  explicit MassiveState(MassiveActor::pointer self);
  ~MassiveState();
  MassiveActor::behavior_type make_behavior(AdapterContext with, MassiveConfig settings);

  // -- link -------------------------------------------------------------------
  caf::result<ProviderStatus> connect(const ConnectProvider& request);
  ProviderStatus disconnect();
  void probe();
  void probed(const Error* error);
  void take(const StreamReport& report);
  void stop();
  ProviderStatus status() const;
  void tell_status();

  // -- topics ----------------------------------------------------------------
  caf::result<Done> subscribe(const Subscribe& request);
  void unsubscribe(TopicRef ref);

  // -- questions (questions.cpp) ---------------------------------------------
  template <class Answer, class P>
  caf::result<Answer> ask(std::unique_ptr<P> plan);
  caf::result<HistoricalBars> history(const GetHistoricalData& query);
  PlanContext plan_context() const;
  using Finish = std::function<void(Plan& plan, const Error* error)>;
  // Begins a plan of our own or of a question's; `finish` is called once, perhaps at once.
  void begin(std::unique_ptr<Plan> plan, CallPriority priority, Finish finish);
  void take(const RestAnswer& answer);
  void finish(Calls::End end);
  void pump();
  ProviderCapabilities capabilities() const;
  Counters counters() const;

  // -- splits and dividends --------------------------------------------------
  void note_symbol(const Symbol& symbol);
  void check_actions();
  void tell_actions(const Symbol* only);

  // -- time ------------------------------------------------------------------
  void wake(std::uint64_t generation);
  OpenMarkets open_markets() const;
  void set_timer();

  MassiveActor::pointer self;
  AdapterContext context;
  MassiveConfig config;
  MarketSink sink;        // null while disconnected
  std::uint64_t run = 0;  // counts connections
  std::uint64_t timer = 0;
  std::optional<Calls::Time> timer_at;

  // The venue's REST half, as far as we know.
  LinkState rest_state = LinkState::down;
  std::string rest_reason;
  std::string rest_message;
  std::optional<Calls::Time> probe_at;
  std::optional<std::uint64_t> probing;  // the run whose probe is under way
  std::chrono::milliseconds probe_pause{0};
  StreamStatus stream_status;
  std::optional<ProviderStatus> told;

  std::optional<Calls> calls;
  std::map<Calls::Id, Finish> finishes;
  bool pumping = false;
  std::uint64_t bad_rows = 0;
  std::uint64_t failed_questions = 0;  // those asked too fast aside: they are asked again
  std::uint64_t topics_rejected = 0;
  std::uint64_t dropped_before = 0;  // by outlets of earlier connections

  static constexpr std::size_t symbols_max = 200'000;
  std::set<Symbol> symbols;              // that somebody asked for: their splits are told
  std::vector<CorporateAction> actions;  // of a month
  // A split and a dividend of one day are two.
  std::set<std::tuple<Symbol, Timestamp, CorporateActionKind, Quantity>> actions_told;
  std::optional<std::chrono::sys_days> actions_day;
  std::optional<Calls::Time> actions_at;  // not before
  bool actions_asked = false;

  std::unique_ptr<NetThread> thread;
  std::unique_ptr<RestPort> rest;
  std::unique_ptr<Feed> feed;
  std::unique_ptr<StreamPort> stream;  // last: it calls the feed
};

}  // namespace tradebus::massive
