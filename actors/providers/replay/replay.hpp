// Recorded ticks as a provider: what stands in the files comes in as if it were live, in the recording's own time.
//
// One actor, two threads: the player (streams, one a connection) and the archive (what the files hold, history). The
// actor does no I/O: it keeps the promises, the open topics and the state, and hears of the threads through Report
// messages.
//
//   cursor    rows consumed so far, in the order of play, over all passes; Connect with a cursor goes on behind that
//   row time      event.ts as recorded, rx the wall clock at delivery. The hub drives the daemon's clock from event
//   times;
//             this actor only sets it to the first row's time on Connect
//   lossless  with speed 0 the player waits for the bus; with any other speed it drops its oldest batches and counts
//   them end       topics end with end_of_data, the link stays up with the same reason, questions are still answered
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "actors/providers/replay/archive.hpp"
#include "actors/providers/replay/catalogue.hpp"
#include "actors/providers/replay/player.hpp"
#include "actors/providers/replay/settings.hpp"
#include "actors/providers/replay_steps.hpp"
#include "actors/registry.hpp"

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tradebus::replay::Report)  // never leaves the process: from our threads to our actor

namespace tradebus::replay {

inline Error not_connected() {
  return {Errc::provider_unavailable, "the replay is not connected; connect it first (op connect)"};
}

using ReplayActor = ProviderActor::extend<caf::reacts_to<Report>, caf::replies_to<AdvanceReplay>::with<ReplayStep>>;

class ReplayState {
 public:
  static inline const char* name = "replay";
  explicit ReplayState(ReplayActor::pointer self) : self_{self} {}
  ReplayActor::behavior_type make_behavior(Settings settings, AdapterContext context);

 private:
  template <class Answer>
  using Promise = caf::typed_response_promise<Answer>;
  using AnyPromise = std::variant<Promise<HistoricalBars>, Promise<DailySnapshot>, Promise<SymbolMatches>>;
  struct Waiting {  // a Subscribe that waits for the catalogue
    Subscribe request;
    Promise<Done> promise;
  };
  static constexpr std::size_t waiting_max = 100'000;
  static constexpr const char* end_of_data = "end_of_data";

  // -- the link ----------------------------------------------------------------
  caf::result<ProviderStatus> connect(const ConnectProvider& request);
  ProviderStatus disconnect();
  void start_player(std::uint64_t resume_after);
  ProviderStatus status() const;
  void tell(const ProviderStatus& status);
  void end_everything(const caf::error& reason);

  // -- topics ------------------------------------------------------------------
  caf::result<Done> subscribe(const Subscribe& request);
  Result<Done> open(const Subscribe& request);
  void unsubscribe(TopicRef ref);
  void stop_waiting();
  void tell(TopicRef ref, TopicState state, const std::string& reason);

  // -- what the threads report --------------------------------------------------
  void apply(Report& report);
  void on(const Started& e);
  void on(const BadLine& e);
  void on(const FileEnded& e);
  void on(const Stepped& e);
  void on(const StartsOver& e);
  void on(const Ended& e);
  void on(const CatalogueReady& e);
  void on(Answered& e);
  void end_if_drained();

  // -- lockstep -----------------------------------------------------------------
  caf::result<ReplayStep> advance(const AdvanceReplay& request);
  void end_step();

  // -- questions ----------------------------------------------------------------
  template <class Answer>
  caf::result<Answer> ask(Question question);
  ProviderCapabilities capabilities() const;
  Counters counters() const;

  ReplayActor::pointer self_;
  Settings settings_;
  Clock clock_;
  std::shared_ptr<spdlog::logger> log_;
  ProviderName provider_;
  std::int64_t first_due_ = 0;  // of the whole recording
  bool list_first_ = true;      // small enough to wait for the catalogue

  MarketSink sink_;
  std::uint64_t run_ = 0;  // counts connections
  bool degraded_ = false;
  std::string trouble_;
  bool ending_ = false;  // all rows played; batches may still wait for credit
  bool ended_ = false;
  std::optional<Promise<ReplayStep>> step_;  // asked for, and not played whole
  Timestamp step_until_{};
  bool step_waits_ = false;               // for the listing, behind subscriptions
  std::optional<std::int64_t> next_due_;  // the player has played it
  std::map<TopicRef, Subscribe> topics_;
  std::set<TopicRef> unchecked_;  // opened before the catalogue was there
  bool waited_enough_ = false;    // for the catalogue of a large recording
  std::vector<Waiting> waiting_;
  std::shared_ptr<const Catalogue> catalogue_;
  std::uint64_t next_question_ = 1;
  std::map<std::uint64_t, AnyPromise> questions_;
  PlayerCounters last_counters_;  // of the connection that was closed last

  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Archive> archive_;
  std::unique_ptr<Player> player_;  // last: its thread ends first
};

ReplayActor::behavior_type replay(ReplayActor::stateful_pointer<ReplayState> self, Settings settings,
                                  AdapterContext context);

void register_in(ProviderRegistry& registry);

}  // namespace tradebus::replay
