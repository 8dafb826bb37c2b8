// Where the network thread meets the actors: events go to the hub in batches, everything else to their owners.
#pragma once

#include <spdlog/spdlog.h>
#include <caf/send.hpp>

#include <atomic>
#include <memory>
#include <string>

#include "actors/providers/massive/massive.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus::massive {

class Feed final : public StreamListener {
 public:
  static constexpr std::size_t held_batches_max = 64;  // while the hub is behind; then the oldest are dropped

  Feed(std::uint64_t run, MassiveActor owner, ProviderName provider, MarketSink sink,
       std::shared_ptr<spdlog::logger> log)
      : run_{run},
        owner_{std::move(owner)},
        provider_{std::move(provider)},
        sink_{std::move(sink)},
        log_{std::move(log)},
        outlet_{provider_, Outlet::WhenFull::drop_oldest, held_batches_max,
                [to = sink_](MarketBatch batch) { caf::anon_send(to, std::move(batch)); }} {}

  void on_event(const MarketEvent& event) override { outlet_.push(event); }
  void on_idle() override { outlet_.flush(); }
  void on_topic(TopicRef ref, TopicState state, std::string_view reason, std::string_view message) override {
    if (state == TopicState::rejected) {
      ++rejected_;
      // As many lines as topics, under the stream's lock: for who looks for them. The subscriber hears of each.
      if (log_->should_log(spdlog::level::debug))
        log_->debug("massive-topic-rejected provider={} ref={} reason={} message=\"{}\"", provider_.str(), ref, reason,
                    log_text(message));
    }
    TopicStatus status;
    status.provider = provider_;
    status.ref = ref;
    status.state = state;
    status.reason = std::string{reason};
    caf::anon_send(sink_, std::move(status));
  }
  void on_status(const StreamStatus& status) override { caf::anon_send(owner_, StreamReport{run_, status}); }

  void add_credit(std::uint32_t batches) { outlet_.add_credit(batches); }
  std::uint64_t dropped() const { return outlet_.dropped_events(); }
  std::uint64_t rejected() const { return rejected_; }

 private:
  const std::uint64_t run_;
  const MassiveActor owner_;
  const ProviderName provider_;
  const MarketSink sink_;
  const std::shared_ptr<spdlog::logger> log_;
  std::atomic<std::uint64_t> rejected_{0};
  Outlet outlet_;
};

}  // namespace tradebus::massive
