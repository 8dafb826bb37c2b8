// Actors under a stepped scheduler and a fake clock: nothing runs until a test says so, no case ever sleeps.
#pragma once

#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>
#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <memory>
#include <vector>

#include "actors/caf_support.hpp"
#include "actors/registry.hpp"
#include "bus/model/print.hpp"

namespace tradebus::test {

struct ActorFixture {
  static caf::actor_system_config& init(caf::actor_system_config& c) {
    configure(c);
    c.set("scheduler.policy", caf::atom("testing"));
    c.set("logger.inline-output", true);
    c.set("logger.file-verbosity", caf::atom("quiet"));
    return c;
  }

  caf::actor_system_config cfg;
  caf::actor_system sys{init(cfg)};
  caf::scoped_actor self{sys, true};
  caf::scheduler::test_coordinator& sched = dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  std::shared_ptr<spdlog::logger> log =
      std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>());

  ~ActorFixture() {
    for (auto& actor : kept_) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    run();
    kept_.clear();
  }

  // All pending messages.
  std::size_t run() { return sched.run(); }
  // Moves the fake clock in steps of at most `step`, so that timers which set themselves again fire each time.
  void advance(caf::timespan total, caf::timespan step = std::chrono::milliseconds{100}) {
    run();
    while (total.count() > 0) {
      const auto part = std::min(total, step);
      sched.advance_time(part);
      run();
      total -= part;
    }
  }
  // Sends a request and runs until it is answered.
  template <class R, class H, class Request>
  Result<R> ask(const H& handle, Request request) {
    auto pending = self->request(handle, caf::infinite, std::move(request));
    run();
    Result<R> out = fail(Errc::internal, "no answer");
    pending.receive([&](R& r) { out = std::move(r); },
                    [&](caf::error& e) { out = tl::unexpected<Error>{from_caf(e, Errc::internal)}; });
    return out;
  }
  // This actor is told to end when the case does.
  template <class H>
  H keep(H handle) {
    kept_.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return handle;
  }
  AdapterContext context(std::string name, Section settings, Clock clock = Clock{}) {
    return {std::move(name), std::move(settings), std::move(clock), log, {}};
  }

 private:
  std::vector<caf::strong_actor_ptr> kept_;
};

// Takes what a provider delivers and keeps it for the test to look at. `credit` false: gives none back.
struct SinkRecord {
  std::vector<MarketEvent> events;
  std::vector<MarketBatch> batches;
  std::vector<ProviderStatus> statuses;
  std::vector<TopicStatus> topics;
  std::vector<CorporateAction> actions;
};
struct SinkState {
  SinkState() = default;
  static inline const char* name = "test-sink";
};
inline MarketSink::behavior_type recording_sink(MarketSink::stateful_pointer<SinkState>,
                                                const std::shared_ptr<SinkRecord>& record) {
  return {
      [record](const MarketBatch& b) {
        record->events.insert(record->events.end(), b.events.begin(), b.events.end());
        record->batches.push_back(b);
      },
      [record](const ProviderStatus& s) { record->statuses.push_back(s); },
      [record](const TopicStatus& s) { record->topics.push_back(s); },
      [record](const CorporateAction& a) { record->actions.push_back(a); },
  };
}

}  // namespace tradebus::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<tradebus::test::SinkRecord>)
