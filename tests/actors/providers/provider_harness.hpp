// One provider under test, stepped with a fake clock or on real threads, behind the same few words: ask, until, settle.
// Nothing sleeps: stepped, waiting moves the fake clock; on threads it waits for arrivals, up to a deadline.
#pragma once

#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>
#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "actors/caf_support.hpp"
#include "actors/registry.hpp"
#include "tests/actors/providers/conformance_rows.hpp"

namespace tradebus::test {

// What the provider delivered; filled by the sink's thread, read by the test.
class Inbox {
 public:
  void add(const MarketBatch& batch) {
    const std::lock_guard lock{mutex_};
    batches_.push_back(batch);
    arrived_.notify_all();
  }
  void add(const ProviderStatus& status) {
    const std::lock_guard lock{mutex_};
    statuses_.push_back(status);
    arrived_.notify_all();
  }
  std::vector<MarketBatch> batches() const {
    const std::lock_guard lock{mutex_};
    return batches_;
  }
  std::size_t batch_count() const {
    const std::lock_guard lock{mutex_};
    return batches_.size();
  }
  std::size_t count(TopicRef ref) const {
    const std::lock_guard lock{mutex_};
    std::size_t n = 0;
    for (const auto& batch : batches_)
      for (const auto& event : batch.events) n += event.ref == ref;
    return n;
  }
  bool has_status(const std::string& reason) const {
    const std::lock_guard lock{mutex_};
    for (const auto& status : statuses_)
      if (status.reason == reason) return true;
    return false;
  }
  void wait_for_arrival(std::chrono::milliseconds at_most) {
    std::unique_lock lock{mutex_};
    arrived_.wait_for(lock, at_most);
  }
  // The provider that gets a credit for each batch; null: nobody does.
  void give_credit_to(ProviderActor provider) {
    const std::lock_guard lock{mutex_};
    credited_ = std::move(provider);
  }
  ProviderActor credited() const {
    const std::lock_guard lock{mutex_};
    return credited_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<MarketBatch> batches_;
  std::vector<ProviderStatus> statuses_;
  ProviderActor credited_;
};

struct InboxState {
  InboxState() = default;
  static inline const char* name = "inbox";
};
inline MarketSink::behavior_type inbox_sink(MarketSink::stateful_pointer<InboxState> self,
                                            const std::shared_ptr<Inbox>& inbox) {
  return {
      [=](const MarketBatch& batch) {
        inbox->add(batch);
        if (auto provider = inbox->credited()) self->send(provider, BatchCredit{1});
      },
      [=](const ProviderStatus& status) { inbox->add(status); },
      [](const TopicStatus&) {},
      [](const CorporateAction&) {},
  };
}

class ProviderHarness {
 public:
  explicit ProviderHarness(const ConformanceRow& row) : stepped_{!row.threads} {
    configure(config_);
    config_.set("logger.file-verbosity", caf::atom("quiet"));
    if (stepped_) {
      config_.set("scheduler.policy", caf::atom("testing"));
      config_.set("logger.inline-output", true);
    }
    system_.emplace(config_);
    self_.emplace(*system_, true);
    if (stepped_) scheduler_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());

    ProviderRegistry registry;
    register_providers(registry);
    const auto* entry = registry.find(row.provider);
    if (entry == nullptr) throw std::runtime_error("no provider is registered as " + row.provider);
    Section section{entry->section};
    row.configure(section);
    auto log = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>());
    auto made = entry->make(*system_, {row.provider, std::move(section), row.clock(), std::move(log), {}});
    if (!made) throw std::runtime_error(row.title + ": " + made.error().message);
    provider = std::move(*made);
    sink = system_->spawn(inbox_sink, inbox);
    inbox->give_credit_to(provider);
  }
  ~ProviderHarness() {
    inbox->give_credit_to({});
    caf::anon_send_exit(provider, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(sink, caf::exit_reason::user_shutdown);
    provider = nullptr;
    sink = nullptr;
    run();
  }
  ProviderHarness(const ProviderHarness&) = delete;
  ProviderHarness& operator=(const ProviderHarness&) = delete;

  // A request that stays without an answer is Errc::request_timeout.
  template <class R, class Request>
  Result<R> ask(Request request) {
    const std::chrono::seconds deadline{stepped_ ? 10 : 60};  // a busy machine is no failure
    auto pending = (*self_)->request(provider, deadline, std::move(request));
    run();
    if (stepped_ && !(*self_)->has_next_message()) scheduler_->advance_time(deadline);
    Result<R> out = fail(Errc::internal, "no answer");
    pending.receive([&](R& r) { out = std::move(r); },
                    [&](caf::error& e) {
                      out = tl::unexpected<Error>{e == caf::sec::request_timeout
                                                      ? Error{Errc::request_timeout, "no answer"}
                                                      : from_caf(e, Errc::internal)};
                    });
    return out;
  }
  template <class Message>
  void tell(Message message) {
    caf::anon_send(provider, std::move(message));
    run();
  }
  // Waits for a condition; false when it has not come true by a deadline of some seconds.
  template <class Condition>
  bool until(Condition&& condition, std::chrono::milliseconds at_most = std::chrono::seconds{20}) {
    const auto end = std::chrono::steady_clock::now() + at_most;
    for (auto left = at_most; !condition(); left -= step) {
      if (stepped_ ? left.count() <= 0 : std::chrono::steady_clock::now() >= end) return false;
      if (stepped_) {
        scheduler_->advance_time(step);
        run();
      } else {
        inbox->wait_for_arrival(step);
      }
    }
    return true;
  }
  // Everything that the provider sent before now has reached the inbox.
  bool drain() {
    if (!ask<Counters>(GetProviderCounters{})) return false;
    const std::string marker = "marker " + std::to_string(++markers_);
    ProviderStatus status;
    status.reason = marker;
    caf::anon_send(sink, status);
    run();
    return until([&] { return inbox->has_status(marker); });
  }
  // Time for things that must not happen.
  void settle() {
    until([] { return false; }, stepped_ ? std::chrono::milliseconds{2'000} : std::chrono::milliseconds{200});
  }

  ProviderActor provider;
  MarketSink sink;
  std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();

 private:
  static constexpr std::chrono::milliseconds step{10};

  void run() {
    if (stepped_) scheduler_->run();
  }

  const bool stepped_;
  int markers_ = 0;
  caf::actor_system_config config_;
  std::optional<caf::actor_system> system_;
  std::optional<caf::scoped_actor> self_;
  caf::scheduler::test_coordinator* scheduler_ = nullptr;
};

}  // namespace tradebus::test
