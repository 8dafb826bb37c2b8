// The MEMORY cache: answers kept in the daemon's memory, encoded as the bus carries them, and closed bars on disk (the
// messages it understands: actors/cache/cache.hpp). What is stored is served also while its provider is down.
//
// A question that is not answered from memory is a flight. Bars ask the disk first (bar_plan.hpp), then the source, as
// often as something is missing; everything else makes one call. Calls go through their provider's limiter.
#pragma once

#include <caf/message.hpp>
#include <caf/response_promise.hpp>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "actors/cache/memory/answer_store.hpp"
#include "actors/cache/memory/bar_keeper.hpp"
#include "actors/cache/memory/flights.hpp"
#include "actors/cache/memory/ttl_policy.hpp"
#include "actors/registry.hpp"
#include "engine/bars/bar_plan.hpp"
#include "engine/pacing/call_limiter.hpp"

namespace tradebus::memory {

void register_in(CacheRegistry& registry);

struct MemoryConfig {
  TtlConfig ttl;
  std::size_t memory_bytes_max = 64U << 20U;
  std::size_t calls_max = 256;        // under way at providers or waiting for their pace; more get `overloaded`
  std::size_t waiters_max = 100'000;  // for these calls' answers
  std::chrono::seconds call_age_max{
      120};                         // beyond every request's own timeout: then the provider has lost the question
  std::int64_t bars_bytes_max = 0;  // on disk; zero: none are kept there
  bool own_thread = true;           // for the disk; tests that step their actors have none

  // [cache]: memory_mb, calls_max, bars_disk_mb, and TtlConfig's keys. config.invalid names the key.
  static Result<MemoryConfig> from(const Section& section);
};

CacheActor spawn_memory_cache(caf::actor_system& system, AdapterContext context, MemoryConfig config);

struct MemoryState {
  static inline const char* name = "cache";
  explicit MemoryState(CacheActor::pointer self);
  CacheActor::behavior_type make_behavior(AdapterContext context, MemoryConfig config);

  struct Waiter {
    caf::response_promise promise;
    SteadyTime deadline{};  // when it must have an answer, to be in time
    ClientName client;
  };
  using Flight = memory::Flight<Waiter>;
  using Stored = std::variant<caf::message, Error>;  // a CachedAnswer, or a refusal that lasts

  // -- questions -------------------------------------------------------------
  template <class Query>
  caf::result<CachedAnswer> ask(const Ask<Query>& question);
  template <class Query>
  void begin(FlightId id, const Query& query);
  template <class Query>
  void answered(FlightId id, const Query& query, AnswerTo<Query>& answer);
  // The end of a flight: everyone who waits is answered.
  void finish(FlightId id, std::string packed, AnswerStore<Stored>::Life life);
  void failed(FlightId id, const Error& error);
  void give_up_old_calls();
  // Whoever waits for a source that does not answer is given its last answer, where there is one, before he gives up.
  void watch_late(FlightId id);
  void serve_late(FlightId id);
  void drop(Flight& flight, FlightId id);  // what it holds besides its waiters
  void deliver_failure(const std::vector<Waiter>& waiters, const std::string& key, Kind kind, const Error& error);

  // -- bars (bars.cpp) -------------------------------------------------------
  struct BarJob {
    GetHistoricalData query;
    const Calendar* calendar = nullptr;
    BarSeries series;  // without a source: not kept on disk
    BarPlan plan;
    Timestamp closed{};    // what starts before it may be kept
    bool complete = true;  // all that was learned is past, and believed
  };
  void begin_bars(FlightId id, const GetHistoricalData& query);
  void next_bars(FlightId id);
  void bars_answered(FlightId id, const BarPlan::Call& call, HistoricalBars& answer);
  void keep_bars(const BarJob& job, const BarPlan::Learned& learned, Timestamp believed);
  void finish_bars(FlightId id, BarJob& job);
  // Splits and dividends: those of a moment together, as a recording may tell of thousands.
  void note_action(const Symbol& symbol);
  void forget_adjusted();
  void forget_in_memory(std::optional<Kind> kind, const Symbol& symbol);
  void start_keeper();
  std::function<bool(Timestamp)> wanted_of(const GetHistoricalData& query, const Calendar& calendar) const;

  // -- calls (calls.cpp) -----------------------------------------------------
  struct Provider {
    ProviderName name;
    ProviderActor actor;  // null while it is down
    bool known = false;   // its capabilities; until then calls wait
    std::string history;
    std::vector<FlightId> early;  // that wait for them
    CallLimiter limits;
    std::int64_t refused = 0;
  };
  Result<const Provider*> find_provider(const ProviderName& asked) const;
  void set_provider(const ProviderHandle& handle);
  void learn(const ProviderName& name, const ProviderActor& from, const ProviderCapabilities& capabilities);
  void provider_down(const caf::actor_addr& source);
  void lost(const ProviderName& provider);  // its questions under way
  // Makes the flight's call when its provider's pace allows.
  void submit(FlightId id, std::uint64_t identity, CallPriority priority, std::function<void()> call);
  void pump(Provider& provider);
  void call_ended(Flight& flight);
  // The source was asked too fast: again later, if somebody can wait so long. False: not.
  bool call_again(FlightId id, const Error& refusal);
  void refuse_late(SteadyTime now);
  void set_timer();
  void wake(const CacheWake& message);
  template <class Query, class OnAnswer>
  void request(FlightId id, const Query& query, OnAnswer on_answer);
  Error paced(const Provider& provider, std::size_t others) const;  // behind so many
  Error call_error(const ProviderName& provider, const caf::error& error) const;

  // -- statistics ------------------------------------------------------------
  CacheStats stats();
  caf::result<CacheStats> clear(const ClearCache& request);

  struct Counters {
    std::int64_t hits = 0;
    std::int64_t misses = 0;
    std::int64_t coalesced = 0;
    std::int64_t upstream_calls = 0;
    std::int64_t stale = 0;
  };
  void end_all(const std::string& why);
  Counters& counters_of(Kind kind) { return counters[static_cast<std::size_t>(kind)]; }
  SteadyTime steady_now() const { return SteadyTime{self->clock().now().time_since_epoch()}; }

  CacheActor::pointer self;
  AdapterContext context;
  MemoryConfig config;
  AnswerStore<Stored> store{0};
  Flights<Waiter> flights{0, 0};
  std::map<FlightId, BarJob> bar_jobs;
  std::set<Symbol> acted_on;  // their adjusted bars are to be forgotten
  std::map<ProviderName, Provider> providers;
  std::optional<ProviderName> default_provider;
  std::array<Counters, kinds_count> counters{};
  BarKeeperActor keeper;  // null: bars are not kept on disk
  std::shared_ptr<SharedDiskStats> disk_stats = std::make_shared<SharedDiskStats>();
  std::size_t keeps_under_way = 0;
  std::int64_t keeps_skipped = 0;
  std::set<FlightId> waiting;  // for their provider's pace
  std::optional<SteadyTime> wake_at;
  std::uint64_t wake_generation = 0;
};

// ---- used by all the parts -----------------------------------------------------------------------------------------

template <class Query, class OnAnswer>
void MemoryState::request(FlightId id, const Query& query, OnAnswer on_answer) {
  auto* flight = flights.find(id);
  if (flight == nullptr) return;
  const auto name_of = flight->provider;
  const auto it = providers.find(name_of);
  if (it == providers.end() || !it->second.actor) return failed(id, call_error(name_of, {}));
  // Without a timeout: an answered request would keep its timer (CAF 0.17). What ends a call that is never answered:
  // the provider's end, or give_up_old_calls.
  self->request(it->second.actor, caf::infinite, query)
      .then(
          [this, id, on_answer](AnswerTo<Query>& answer) {
            auto* of = flights.find(id);
            if (of == nullptr || of->call != Flight::Call::under_way) return;
            call_ended(*of);
            on_answer(answer);
          },
          [this, id, name_of](const caf::error& e) {
            auto* of = flights.find(id);
            if (of == nullptr || of->call != Flight::Call::under_way) return;
            const auto error = call_error(name_of, e);
            if (error.code == Errc::provider_rate_limited && call_again(id, error)) return;
            call_ended(*of);
            failed(id, error);
          });
}

}  // namespace tradebus::memory
