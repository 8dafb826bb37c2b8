// The MARKET HUB interface: who wants which topic, on which provider. The hub opens and closes upstream, keeps last
// values, numbers and encodes messages, builds bars, judges silence, and hands batches to the bridge.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/cache/cache.hpp"
#include "actors/caf_support.hpp"
#include "actors/market_watch.hpp"
#include "actors/providers/provider.hpp"
#include "actors/providers/replay_steps.hpp"

namespace tradebus {

// So many clients subscribe to an exact market topic from now on; none: it is closed after a linger.
struct TopicWant {
  std::string topic;
  std::uint32_t subscribers = 0;

  static constexpr std::string_view type_name = "TopicWant";
  static constexpr auto fields() {
    return std::tuple{field("topic", &TopicWant::topic), field("subscribers", &TopicWant::subscribers)};
  }
};
struct TopicsWanted {
  std::vector<TopicWant> topics;

  static constexpr std::string_view type_name = "TopicsWanted";
  static constexpr auto fields() { return std::tuple{field("topics", &TopicsWanted::topics)}; }
};

// The last quote; when none is there, opens the topic and answers with the first one. Errors: instrument.unknown,
// provider.unavailable, provider.unsupported.
struct GetQuote {
  std::string symbol;  // may name a provider: AAPL@sim

  static constexpr std::string_view type_name = "GetQuote";
  static constexpr auto fields() { return std::tuple{field("symbol", &GetQuote::symbol)}; }
};
// How get_quote was answered, for cache_stats. What the bridge answers by itself is not in it.
struct GetQuoteStats {
  static constexpr std::string_view type_name = "GetQuoteStats";
  static constexpr auto fields() { return std::tuple{}; }
};
// Forgets the quotes and refusals of topics that are closed; what flows is not forgotten. Answers as GetQuoteStats.
struct ClearQuotes {
  Symbol symbol;  // empty: all

  static constexpr std::string_view type_name = "ClearQuotes";
  static constexpr auto fields() { return std::tuple{field("symbol", &ClearQuotes::symbol)}; }
};
struct QuoteStats {
  std::int64_t hits = 0;            // answered at once, from a last value
  std::int64_t misses = 0;          // waited for a first quote
  std::int64_t coalesced = 0;       // waited with others
  std::int64_t upstream_calls = 0;  // topics opened for a question
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
  std::int64_t evicted = 0;

  static constexpr std::string_view type_name = "QuoteStats";
  static constexpr auto fields() {
    return std::tuple{field("hits", &QuoteStats::hits),           field("misses", &QuoteStats::misses),
                      field("coalesced", &QuoteStats::coalesced), field("upstream_calls", &QuoteStats::upstream_calls),
                      field("entries", &QuoteStats::entries),     field("bytes", &QuoteStats::bytes),
                      field("evicted", &QuoteStats::evicted)};
  }
};
// Last quote, last trade, and the bars in progress; what is not known is absent.
struct GetSnapshot {
  std::string symbol;

  static constexpr std::string_view type_name = "GetSnapshot";
  static constexpr auto fields() { return std::tuple{field("symbol", &GetSnapshot::symbol)}; }
};
struct MarketSnapshot {
  Symbol symbol;
  std::optional<Quote> quote;
  std::optional<Trade> trade;
  std::optional<HistoricalBar> bar_1m;
  std::optional<HistoricalBar> bar_1d;

  static constexpr std::string_view type_name = "MarketSnapshot";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &MarketSnapshot::symbol), field("quote", &MarketSnapshot::quote),
                      field("trade", &MarketSnapshot::trade), field("bar_1m", &MarketSnapshot::bar_1m),
                      field("bar_1d", &MarketSnapshot::bar_1d)};
  }
};

// For get_status.
struct ProviderReport {
  ProviderName provider;
  LinkState state = LinkState::down;
  std::string reason;
  std::string message;
  Timestamp since{};
  bool is_default = false;
  std::int64_t open_topics = 0;
  std::int64_t events = 0;
  std::int64_t dropped_before_hub = 0;
  std::int64_t dropped_before_bus = 0;
  std::int64_t restarts = 0;
  std::vector<Counter> counters;

  static constexpr std::string_view type_name = "ProviderReport";
  static constexpr auto fields() {
    return std::tuple{field("provider", &ProviderReport::provider),
                      field("state", &ProviderReport::state),
                      field("reason", &ProviderReport::reason),
                      field("message", &ProviderReport::message),
                      field("since", &ProviderReport::since),
                      field("is_default", &ProviderReport::is_default),
                      field("open_topics", &ProviderReport::open_topics),
                      field("events", &ProviderReport::events),
                      field("dropped_before_hub", &ProviderReport::dropped_before_hub),
                      field("dropped_before_bus", &ProviderReport::dropped_before_bus),
                      field("restarts", &ProviderReport::restarts),
                      field("counters", &ProviderReport::counters)};
  }
};
struct TopicReport {
  std::string topic;
  TopicState state = TopicState::live;
  std::string reason;
  bool upstream = false;         // open at the provider
  std::int64_t watchers = 0;     // inside the daemon
  std::int64_t subscribers = 0;  // on the bus
  std::int64_t seq = 0;
  Timestamp last{};

  static constexpr std::string_view type_name = "TopicReport";
  static constexpr auto fields() {
    return std::tuple{field("topic", &TopicReport::topic),       field("state", &TopicReport::state),
                      field("reason", &TopicReport::reason),     field("upstream", &TopicReport::upstream),
                      field("watchers", &TopicReport::watchers), field("subscribers", &TopicReport::subscribers),
                      field("seq", &TopicReport::seq),           field("last", &TopicReport::last)};
  }
};
struct GetHubStatus {
  static constexpr std::string_view type_name = "GetHubStatus";
  static constexpr auto fields() { return std::tuple{}; }
};
struct HubStatus {
  std::vector<ProviderReport> providers;
  std::int64_t topics = 0;
  std::vector<TopicReport> subscriptions;  // the first 1,000
  Timestamp now{};                         // by the daemon's clock
  bool clock_driven = false;               // by a recording

  static constexpr std::string_view type_name = "HubStatus";
  static constexpr auto fields() {
    return std::tuple{field("providers", &HubStatus::providers), field("topics", &HubStatus::topics),
                      field("subscriptions", &HubStatus::subscriptions), field("now", &HubStatus::now),
                      field("clock_driven", &HubStatus::clock_driven)};
  }
};

// connect / disconnect, as a client asks for it.
struct SetProviderLink {
  ProviderName provider;
  bool connect = true;

  static constexpr std::string_view type_name = "SetProviderLink";
  static constexpr auto fields() {
    return std::tuple{field("provider", &SetProviderLink::provider), field("connect", &SetProviderLink::connect)};
  }
};

// INTERNAL, from the supervisor: answers once the provider's first connect was answered.
struct AwaitProvider {
  ProviderName provider;

  static constexpr std::string_view type_name = "AwaitProvider";
  static constexpr auto fields() { return std::tuple{field("provider", &AwaitProvider::provider)}; }
};

// INTERNAL: the hub's own timer.
struct HubTimer {
  static constexpr std::string_view type_name = "HubTimer";
  static constexpr auto fields() { return std::tuple{}; }
};
// INTERNAL: all that came before it has been looked at: what came of it goes to the bus together.
struct HubFlush {
  static constexpr std::string_view type_name = "HubFlush";
  static constexpr auto fields() { return std::tuple{}; }
};
// INTERNAL: the bridge has caught up; lossless providers may go on.
struct BusHasRoom {
  static constexpr std::string_view type_name = "BusHasRoom";
  static constexpr auto fields() { return std::tuple{}; }
};

using MarketHubActor =
    protocol<void(TopicsWanted), Quote(GetQuote), MarketSnapshot(GetSnapshot), QuoteStats(GetQuoteStats),
             QuoteStats(ClearQuotes), HubStatus(GetHubStatus), ProviderStatus(SetProviderLink), Done(AwaitProvider),
             // Answers when the bus, and who watches inside the daemon, has been sent all of the step.
             ReplayStep(AdvanceReplay),
             // The market inside the daemon.
             Done(WatchSymbol), void(UnwatchSymbol),
             // Where providers deliver.
             void(MarketBatch), void(ProviderStatus), void(TopicStatus), void(CorporateAction),
             // INTERNAL: from the supervisor: which actor is this provider now (null: it died)?
             void(ProviderHandle),
             // INTERNAL
             void(HubTimer), void(HubFlush), void(BusHasRoom)>;

#define TRADEBUS_MARKET_HUB_MESSAGES(X) \
  X(TopicWant)                          \
  X(TopicsWanted)                       \
  X(GetQuote)                           \
  X(GetQuoteStats)                      \
  X(ClearQuotes)                        \
  X(QuoteStats)                         \
  X(GetSnapshot)                        \
  X(MarketSnapshot)                     \
  X(ProviderReport)                     \
  X(TopicReport)                        \
  X(GetHubStatus)                       \
  X(HubStatus)                          \
  X(SetProviderLink)                    \
  X(AwaitProvider)                      \
  X(HubTimer)                           \
  X(HubFlush)                           \
  X(BusHasRoom)
TRADEBUS_MARKET_HUB_MESSAGES(TRADEBUS_DECLARE_INSPECT)

}  // namespace tradebus
