#include "engine/market/market_hub.hpp"

#include <spdlog/logger.h>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>

namespace tradebus {

namespace {

using namespace std::chrono_literals;
constexpr auto timer_period = 100ms;
constexpr auto dropped_told_every = 10s;

struct Heartbeat {
  std::uint64_t epoch = 0;
  Timestamp ts{};
  std::int64_t uptime_ms = 0;

  static constexpr std::string_view type_name = "Heartbeat";
  static constexpr auto fields() {
    return std::tuple{field("epoch", &Heartbeat::epoch), field("ts", &Heartbeat::ts),
                      field("uptime_ms", &Heartbeat::uptime_ms)};
  }
};

}  // namespace

MarketHubState::MarketHubState(MarketHubActor::pointer self_ptr) : self{self_ptr} {}

MarketHubActor::behavior_type market_hub(MarketHubActor::stateful_pointer<MarketHubState> self,
                                         MarketHubContext context) {
  return self->state.make_behavior(std::move(context));
}

MarketHubActor::behavior_type MarketHubState::make_behavior(MarketHubContext context) {
  config = std::move(context.config);
  clock = std::move(context.clock);
  queue = context.queue;
  publisher = context.publisher;
  log = std::move(context.log);
  prices = std::move(context.prices);
  calendars = std::move(context.calendars);
  cache = std::move(context.cache);
  kept_quotes = KeptQuotes{config.kept_quotes_max};
  topics = std::make_unique<TopicStore>(config.topics_max);
  started = Clock::wall_now();
  started_steady = std::chrono::steady_clock::time_point{self->clock().now().time_since_epoch()};
  for (const auto& provider : config.providers) {
    ProviderSlot slot;
    slot.name = provider;
    slot.since = started;
    providers.push_back(std::move(slot));
  }
  self->set_down_handler([this](const caf::down_msg& down) { forget_sink(down.source); });
  self->set_exception_handler([this](std::exception_ptr& e) {
    auto reason = error_from_exception(e);
    log->critical("market-hub-died reason=\"{}\"", self->home_system().render(reason));
    return reason;
  });
  self->delayed_send(self, timer_period, HubTimer{});
  return {
      [this](const TopicsWanted& m) {
        for (const auto& each : m.topics) want(each);
        flush_soon();
      },
      [this](const GetQuote& m) { return get_quote(m); },
      [this](const GetSnapshot& m) { return get_snapshot(m); },
      [this](const GetQuoteStats&) { return quote_stats(); },
      [this](const ClearQuotes& m) {
        kept_quotes.clear(m.symbol);
        return quote_stats();
      },
      [this](const GetHubStatus&) { return status(); },
      [this](const SetProviderLink& m) { return set_link(m); },
      [this](const AwaitProvider& m) { return await_provider(m); },
      [this](const WatchSymbol& m) { return watch(m); },
      [this](const UnwatchSymbol& m) { unwatch(m.symbol, m.sink.address()); },
      [this](const MarketBatch& m) { take(m); },
      [this](const ProviderStatus& m) { take_status(m); },
      [this](const TopicStatus& m) { take_topic_status(m); },
      [this](const CorporateAction& m) { take_action(m); },
      [this](const AdvanceReplay& m) { return advance(m); },
      [this](const ProviderHandle& m) { set_handle(m); },
      [this](HubTimer) { on_timer(); },
      [this](HubFlush) {
        flush_asked = false;
        take_offers();
        flush();
      },
      [this](BusHasRoom) {
        for (auto& slot : providers)
          if (slot.owed > 0 && slot.handle) self->send(slot.handle, BatchCredit{std::exchange(slot.owed, 0U)});
      },
  };
}

void MarketHubState::on_timer() {
  const auto steady = std::chrono::steady_clock::time_point{self->clock().now().time_since_epoch()};
  while (!lingering.empty() && lingering.front().first <= steady) {
    const auto ref = lingering.front().second;
    lingering.pop_front();
    auto& topic = (*topics)[ref];
    if (!topic.lingering) continue;
    topic.lingering = false;
    if (!topic.used()) close(ref);
  }
  now = clock.now();
  if (!clock.is_driven()) close_bars(now - config.bar_grace);
  if (steady >= next_judgement) {
    next_judgement = steady + 1s;
    judge_silence();
    give_up_late_quotes();
    tell_dropped(steady);
    try_for_room(steady);
    ask_unavailable_again(steady);
  }
  if (steady >= next_heartbeat) {
    next_heartbeat = steady + config.heartbeat;
    publisher->publish("heartbeat|", Heartbeat{config.epoch, Clock::wall_now(), (steady - started_steady) / 1ms});
  }
  flush();
  self->delayed_send(self, timer_period, HubTimer{});
}

// The bus was behind: each subscriber sees the hole, and who runs the daemon reads why.
void MarketHubState::tell_dropped(std::chrono::steady_clock::time_point steady) {
  if (steady < next_dropped_told) return;
  for (auto& slot : providers) {
    if (slot.dropped == slot.dropped_told) continue;
    log->warn(
        "provider-ahead provider={} dropped={} total={} reason=\"it sends more than the daemon takes: of each topic "
        "only "
        "the newest event was taken, and seq has a hole\" do=\"subscribe to less, or give the daemon a core of its "
        "own\"",
        slot.name.str(), slot.dropped - slot.dropped_told, slot.dropped);
    slot.dropped_told = slot.dropped;
    next_dropped_told = steady + dropped_told_every;
  }
  const auto dropped = queue->dropped();
  if (dropped == dropped_told) return;
  log->warn(
      "bus-behind dropped={} total={} reason=\"more waited for the bus than bus.queue_batches: of each topic only the "
      "newest "
      "message was sent, and seq has a hole\" do=\"subscribe to less, raise bus.queue_batches for short bursts, or "
      "give the "
      "daemon a core of its own\"",
      dropped - dropped_told, dropped);
  dropped_told = dropped;
  next_dropped_told = steady + dropped_told_every;
}

void MarketHubState::announce(BusEntry::Type type, TopicRef ref, std::string_view bytes) {
  BusEntry entry;
  entry.type = type;
  entry.kind = (*topics)[ref].kind;
  entry.id = ref;
  entry.offset = static_cast<std::uint32_t>(batch.bytes.size());
  entry.size = static_cast<std::uint32_t>(bytes.size());
  batch.bytes.append(bytes);
  batch.entries.push_back(entry);
}

}  // namespace tradebus
