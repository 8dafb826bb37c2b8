// The hub and its providers: links, restarts, status.
#include <spdlog/logger.h>
#include <caf/typed_response_promise.hpp>

#include "engine/market/market_hub.hpp"

namespace tradebus {

namespace {

// What status|provider|NAME| carries.
struct ProviderStateMessage {
  LinkState state = LinkState::down;
  std::string reason;
  std::string message;
  Timestamp since{};
  std::optional<Timestamp> until;

  static constexpr std::string_view type_name = "ProviderStateMessage";
  static constexpr auto fields() {
    return std::tuple{field("state", &ProviderStateMessage::state), field("reason", &ProviderStateMessage::reason),
                      field("message", &ProviderStateMessage::message), field("since", &ProviderStateMessage::since),
                      field("until", &ProviderStateMessage::until)};
  }
};

constexpr std::size_t reported_topics_max = 1'000;

}  // namespace

std::optional<std::size_t> MarketHubState::find_provider(const ProviderName& provider) const {
  for (std::size_t i = 0; i < providers.size(); ++i)
    if (providers[i].name == provider) return i;
  return std::nullopt;
}

void MarketHubState::take_status(const ProviderStatus& status) {
  const auto index = find_provider(status.provider);
  if (!index) return;
  auto& slot = providers[*index];
  const bool changed = slot.state != status.state || slot.reason != status.reason;
  const bool came_up = status.state == LinkState::up && slot.state != LinkState::up;
  if (changed) slot.since = Clock::wall_now();
  slot.state = status.state;
  slot.reason = status.reason;
  slot.message = status.message;
  if (!changed) return;
  log->info("provider-status provider={} state={} reason=\"{}\" message=\"{}\"", slot.name.str(), to_string(slot.state),
            slot.reason, slot.message);
  publisher->add(batch, "status|provider|" + slot.name.str() + "|",
                 ProviderStateMessage{slot.state, slot.reason, slot.message, slot.since, status.until});
  if (slot.state == LinkState::down && slot.connected) {
    for (TopicRef ref = 0; ref < topics->end(); ++ref) {
      auto& topic = (*topics)[ref];
      if (topic.provider != *index || topic.upstream != Upstream::open || topic.state == TopicState::gap) continue;
      set_state(ref, TopicState::gap, slot.reason);
      show_stale(ref);
    }
  }
  if (came_up && slot.connected) ask_denied_again(*index);
  flush_soon();
}

void MarketHubState::take_topic_status(const TopicStatus& status) {
  if (!topics->contains(status.ref)) return;
  auto& topic = (*topics)[status.ref];
  if (providers[topic.provider].name != status.provider || topic.upstream == Upstream::closed) return;
  if (status.state == TopicState::ended) finish_bars(status.ref);
  if (status.state == TopicState::rejected) {
    opening[status.ref] = ++openings;
    if (topic.upstream == Upstream::open) --providers[topic.provider].open_topics;
    refused(status.ref, openings,
            Error{errc_from_string(status.reason).value_or(Errc::instrument_unknown), status.reason});
  } else if (topic.upstream == Upstream::rejected) {
    // It was refused for want of room, and the provider says that there is some now: who wants it need not ask again.
    if (status.state == TopicState::live && topic.used()) {
      providers[topic.provider].no_room.erase(topic.place);
      ask_again(status.ref);
    }
  } else {
    set_state(status.ref, status.state, status.reason);
    if (status.state == TopicState::gap) show_stale(status.ref);
  }
  flush_soon();
}

void MarketHubState::set_handle(const ProviderHandle& handle) {
  const auto index = find_provider(handle.name);
  if (!index) return;
  auto& slot = providers[*index];
  ++slot.incarnation;
  if (!handle.provider) {
    slot.handle = nullptr;
    lose(*index, "crashed");
    take_status({slot.name, LinkState::down, "crashed", "the provider's actor ended; it is started anew", {}});
    return;
  }
  slot.handle = handle.provider;
  if (slot.link_wanted) connect(*index, slot.cursor, {});
}

void MarketHubState::lose(std::size_t provider, std::string_view reason) {
  auto& slot = providers[provider];
  slot.connected = false;
  slot.owed = 0;
  slot.open_topics = 0;
  ++slot.links;
  slot.openings = 0;
  slot.to_open.clear();
  for (TopicRef ref = 0; ref < topics->end(); ++ref) {
    auto& topic = (*topics)[ref];
    if (topic.provider != provider || topic.symbol.empty()) continue;
    switch (topic.upstream) {
      case Upstream::open:
        if (topic.state != TopicState::gap) {  // a disconnect has said so already
          set_state(ref, TopicState::gap, reason);
          show_stale(ref);
        }
        topic.upstream = Upstream::waiting;
        break;
      case Upstream::opening:
        opening.erase(ref);
        topic.upstream = Upstream::waiting;
        break;
      case Upstream::derived:
        // What comes next may begin earlier (a recording from its start): the bar in progress is not to be mixed with
        // it.
        if (topic.extra != nullptr && topic.extra->builder != nullptr) topic.extra->builder->reset();
        break;
      case Upstream::closed:
      case Upstream::waiting:
      case Upstream::rejected:
        break;
    }
  }
  flush();
}

void MarketHubState::take_action(const CorporateAction& action) {
  log->debug("corporate-action symbol={} action={} value={}", action.symbol.str(), to_string(action.action),
             action.value.to_string());
  // Unasked: nobody waits for its answer.
  if (cache) caf::anon_send(cache, action);
  // Who watches the symbol watches its quotes; and gets it behind the events that came before it.
  const auto quotes = topics->find(StreamKind::quote, action.symbol, 0, false);
  if (!quotes || (*topics)[*quotes].extra == nullptr) return;
  for (const auto& watcher : (*topics)[*quotes].extra->watchers) {
    const auto it = watched.find(watcher.sink.address());
    if (it == watched.end()) continue;
    auto batch_of_sink = std::exchange(it->second.second, WatchedEvents{});
    batch_of_sink.actions.push_back(action);
    self->send(it->second.first, std::move(batch_of_sink));
  }
}

// The recording's own time: nothing that it has not played moves it.
caf::result<ReplayStep> MarketHubState::advance(const AdvanceReplay& request) {
  const auto index = find_provider(request.provider);
  if (!index) return to_caf(Error{Errc::request_invalid, "no provider is called " + request.provider.str(), "name"});
  const auto& slot = providers[*index];
  if (!slot.handle || !slot.connected)
    return to_caf(Error{Errc::provider_unavailable, slot.name.str() + " is not connected"});
  auto promise = self->make_response_promise<ReplayStep>();
  self->request(caf::actor_cast<ReplayStepsActor>(slot.handle), caf::infinite, request)
      .then(
          [this, promise](const ReplayStep& step) mutable {
            if (!step.ended && clock.is_driven()) {
              clock.advance_to(step.ts);
              now = clock.now();
              close_bars(now);
              flush();
            }
            promise.deliver(step);
          },
          [promise, who = slot.name](const caf::error& e) mutable {
            const bool other = e == caf::sec::unexpected_message;
            promise.deliver(to_caf(
                other ? Error{Errc::request_invalid, who.str() + " plays no recording that waits for anybody", "name"}
                      : from_caf(e, Errc::provider_unavailable)));
          });
  return promise;
}

void MarketHubState::connect(std::size_t provider, std::uint64_t resume_after,
                             caf::typed_response_promise<ProviderStatus> promise) {
  const auto incarnation = providers[provider].incarnation;
  const auto handle = providers[provider].handle;
  const std::function<void(const caf::error&)> failed = [this, provider, incarnation, promise](const caf::error& e) {
    const auto error = from_caf(e, Errc::provider_unavailable);
    if (auto answer = promise; answer.pending()) answer.deliver(to_caf(error));
    settle(provider);
    if (providers[provider].incarnation != incarnation) return;
    take_status({providers[provider].name, LinkState::down, "connect", error.message, {}});
  };
  self->request(handle, caf::infinite, GetProviderCapabilities{})
      .then(
          [=, this](const ProviderCapabilities& capabilities) mutable {
            if (providers[provider].incarnation != incarnation)
              return failed(to_caf(Error{Errc::provider_unavailable, "the provider was started anew meanwhile"}));
            providers[provider].capabilities = capabilities;
            self->request(
                    handle, caf::infinite,
                    ConnectProvider{caf::actor_cast<MarketSink>(caf::strong_actor_ptr{self->ctrl()}), resume_after})
                .then(
                    [=, this](const ProviderStatus& answer) mutable {
                      if (promise.pending()) promise.deliver(answer);
                      settle(provider);
                      if (providers[provider].incarnation != incarnation) return;
                      const bool was = std::exchange(providers[provider].connected, true);
                      take_status(answer);
                      if (!was) resubscribe(provider);
                    },
                    failed);
          },
          failed);
}

void MarketHubState::settle(std::size_t provider) {
  for (auto& promise : std::exchange(providers[provider].awaiting, {})) promise.deliver(Done{});
}

caf::result<Done> MarketHubState::await_provider(const AwaitProvider& request) {
  const auto index = find_provider(request.provider);
  if (!index || providers[*index].connected) return Done{};
  auto promise = self->make_response_promise<Done>();
  providers[*index].awaiting.push_back(promise);
  return promise;
}

void MarketHubState::resubscribe(std::size_t provider) {
  for (TopicRef ref = 0; ref < topics->end(); ++ref) {
    const auto& topic = (*topics)[ref];
    if (topic.provider == provider && !topic.symbol.empty() && topic.upstream == Upstream::waiting)
      subscribe_upstream(ref);
  }
  if (providers[provider].state == LinkState::up) ask_denied_again(provider);
  flush();
}

caf::result<ProviderStatus> MarketHubState::set_link(const SetProviderLink& request) {
  const auto index = find_provider(request.provider);
  if (!index) return to_caf(Error{Errc::provider_unavailable, "no provider is called " + request.provider.str()});
  auto& slot = providers[*index];
  slot.link_wanted = request.connect;
  if (!slot.handle) return to_caf(Error{Errc::provider_unavailable, slot.name.str() + " is being started; ask again"});
  auto promise = self->make_response_promise<ProviderStatus>();
  if (request.connect) {
    connect(*index, slot.connected ? slot.cursor : 0, promise);
    return promise;
  }
  self->request(slot.handle, caf::infinite, DisconnectProvider{})
      .then(
          [=, this](const ProviderStatus& answer) mutable {
            promise.deliver(answer);
            take_status(answer);
            lose(*index, "disconnected");
          },
          [=](const caf::error& e) mutable { promise.deliver(to_caf(from_caf(e, Errc::provider_unavailable))); });
  return promise;
}

caf::result<HubStatus> MarketHubState::status() {
  struct Join {
    HubStatus out;
    std::size_t waiting = 1;
    caf::typed_response_promise<HubStatus> promise;
    void done() {
      if (--waiting == 0) promise.deliver(std::move(out));
    }
  };
  auto join = std::make_shared<Join>();
  join->promise = self->make_response_promise<HubStatus>();
  auto& out = join->out;
  out.now = clock.now();
  out.clock_driven = clock.is_driven();
  out.topics = static_cast<std::int64_t>(topics->size());
  for (TopicRef ref = 0; ref < topics->end() && out.subscriptions.size() < reported_topics_max; ++ref) {
    const auto& topic = (*topics)[ref];
    if (topic.symbol.empty() || topic.upstream == Upstream::closed) continue;
    TopicReport report;
    report.topic = topic_name(topic);
    report.state = topic.state;
    report.reason = std::string{to_string(topic.upstream)};
    report.upstream = topic.upstream == Upstream::open || topic.upstream == Upstream::derived;
    report.watchers = topic.users;
    report.subscribers = topic.subscribers;
    report.seq = static_cast<std::int64_t>(topic.seq);
    report.last = topic.arrived;
    out.subscriptions.push_back(std::move(report));
  }
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const auto& slot = providers[i];
    ProviderReport report;
    report.provider = slot.name;
    report.state = slot.state;
    report.reason = slot.reason;
    report.message = slot.message;
    report.since = slot.since;
    report.is_default = i == 0;
    report.open_topics = slot.open_topics;
    report.events = slot.events;
    report.dropped_before_hub = slot.dropped;
    report.dropped_before_bus = static_cast<std::int64_t>(queue->dropped(static_cast<std::uint32_t>(i)));
    report.restarts = static_cast<std::int64_t>(slot.incarnation / 2);
    out.providers.push_back(std::move(report));
    if (!slot.handle) continue;
    ++join->waiting;
    self->request(slot.handle, caf::infinite, GetProviderCounters{})
        .then(
            [join, i](const Counters& counters) {
              join->out.providers[i].counters = counters.counters;
              join->done();
            },
            [join](const caf::error&) { join->done(); });
  }
  auto promise = join->promise;
  join->done();
  return promise;
}

}  // namespace tradebus
