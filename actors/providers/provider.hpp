// The PROVIDER interface: all that can be said to a source of market data, and all that it says back.
// One actor a provider. A provider never blocks the actors' worker: sockets, files and heavy work have a thread of
// their own, behind a class without CAF in it. What a provider can't do it answers with provider.unsupported.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/caf_support.hpp"
#include "actors/providers/market_batch.hpp"
#include "bus/model/instrument.hpp"
#include "engine/pacing/pacing_rules.hpp"

namespace tradebus {

// ---- what a provider reports, unasked ------------------------------------------------------------------------------

// The link changed its state; also the answer to Connect and Disconnect.
struct ProviderStatus {
  ProviderName provider;
  LinkState state = LinkState::down;
  std::string reason;   // "", transport, auth, competing_session, end_of_data, overload, ...
  std::string message;  // for people: what happened, and what to do
  std::optional<Timestamp> until;

  static constexpr std::string_view type_name = "ProviderStatus";
  static constexpr auto fields() {
    return std::tuple{field("provider", &ProviderStatus::provider), field("state", &ProviderStatus::state),
                      field("reason", &ProviderStatus::reason), field("message", &ProviderStatus::message),
                      field("until", &ProviderStatus::until)};
  }
};

// One topic changed its state: a hole upstream (gap), refused after all (rejected), no more data (ended), flowing
// (live). Of a topic that was refused for want of room, live means that there is some: it is subscribed to again.
struct TopicStatus {
  ProviderName provider;
  TopicRef ref = 0;
  TopicState state = TopicState::live;
  std::string reason;

  static constexpr std::string_view type_name = "TopicStatus";
  static constexpr auto fields() {
    return std::tuple{field("provider", &TopicStatus::provider), field("ref", &TopicStatus::ref),
                      field("state", &TopicStatus::state), field("reason", &TopicStatus::reason)};
  }
};

// Where a provider delivers: the market-data hub.
using MarketSink = protocol<void(MarketBatch), void(ProviderStatus), void(TopicStatus), void(CorporateAction)>;

// ---- what a provider is asked --------------------------------------------------------------------------------------

// Opens the link. `resume_after` is the cursor of the last batch that arrived before a restart, 0 for a fresh start.
struct ConnectProvider {
  MarketSink sink;
  std::uint64_t resume_after = 0;

  template <class Inspector>
  friend auto inspect(Inspector& f, ConnectProvider& x) -> typename Inspector::result_type {
    return f(x.sink, x.resume_after);
  }
};

// Closes the link and stops all streams; subscriptions are forgotten.
struct DisconnectProvider {
  static constexpr std::string_view type_name = "DisconnectProvider";
  static constexpr auto fields() { return std::tuple{}; }
};

// Opens one topic. Events for it carry `ref`. Answers instrument.unknown, provider.unsupported, provider.rate_limited
// ...
struct Subscribe {
  TopicRef ref = 0;
  StreamKind kind = StreamKind::quote;
  Symbol symbol;

  static constexpr std::string_view type_name = "Subscribe";
  static constexpr auto fields() {
    return std::tuple{field("ref", &Subscribe::ref), field("kind", &Subscribe::kind),
                      field("symbol", &Subscribe::symbol)};
  }
};

struct Unsubscribe {
  TopicRef ref = 0;

  static constexpr std::string_view type_name = "Unsubscribe";
  static constexpr auto fields() { return std::tuple{field("ref", &Unsubscribe::ref)}; }
};

// The hub has taken `batches` batches. A provider keeps at most `batch_credit` batches under way; beyond that a
// lossless one waits, a live one drops its oldest events and says so in MarketBatch::dropped.
struct BatchCredit {
  std::uint32_t batches = 1;

  static constexpr std::string_view type_name = "BatchCredit";
  static constexpr auto fields() { return std::tuple{field("batches", &BatchCredit::batches)}; }
};
inline constexpr std::uint32_t batch_credit = 16;     // enough to keep the hub busy, small enough to be bounded
inline constexpr std::size_t batch_events_max = 256;  // events a batch

// Which of a day's bars are wanted, by the instrument's calendar. extended: pre-market, regular session and
// after-hours.
enum class BarSession : std::uint8_t { all, regular, extended };
TRADEBUS_ENUM(BarSession, "all", "regular", "extended");

struct GetHistoricalData {
  Symbol symbol;
  Timeframe timeframe = Timeframe::d1;
  Timestamp start{};  // first bar start, inclusive
  Timestamp end{};    // exclusive
  bool adjusted = false;
  std::uint32_t limit = 50'000;          // the first `limit` bars
  BarSession session = BarSession::all;  // the cache picks them: a provider is always asked for all

  static constexpr std::string_view type_name = "GetHistoricalData";
  static constexpr auto fields() {
    return std::tuple{
        field("symbol", &GetHistoricalData::symbol),     field("timeframe", &GetHistoricalData::timeframe),
        field("start", &GetHistoricalData::start),       field("end", &GetHistoricalData::end),
        field("adjusted", &GetHistoricalData::adjusted), field("limit", &GetHistoricalData::limit),
        field("session", &GetHistoricalData::session)};
  }
};
struct HistoricalBars {
  std::vector<HistoricalBar> bars;           // by time, final
  std::string source;                        // the provider's name
  std::optional<Timestamp> next_start = {};  // from the cache: the answer was cut, it goes on here

  static constexpr std::string_view type_name = "HistoricalBars";
  static constexpr auto fields() {
    return std::tuple{field("bars", &HistoricalBars::bars), field("source", &HistoricalBars::source),
                      field("next_start", &HistoricalBars::next_start)};
  }
};

struct GetTickerDetails {
  Symbol symbol;

  static constexpr std::string_view type_name = "GetTickerDetails";
  static constexpr auto fields() { return std::tuple{field("symbol", &GetTickerDetails::symbol)}; }
};

struct GetDailySnapshot {
  Symbol symbol;

  static constexpr std::string_view type_name = "GetDailySnapshot";
  static constexpr auto fields() { return std::tuple{field("symbol", &GetDailySnapshot::symbol)}; }
};

struct GetNews {
  Symbol symbol;
  std::uint32_t limit = 20;
  std::optional<Timestamp> since;

  static constexpr std::string_view type_name = "GetNews";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &GetNews::symbol), field("limit", &GetNews::limit),
                      field("since", &GetNews::since)};
  }
};
struct GetMarketNews {
  std::uint32_t limit = 20;
  std::optional<Timestamp> since;

  static constexpr std::string_view type_name = "GetMarketNews";
  static constexpr auto fields() {
    return std::tuple{field("limit", &GetMarketNews::limit), field("since", &GetMarketNews::since)};
  }
};
struct NewsItems {
  std::vector<NewsItem> items;  // newest first

  static constexpr std::string_view type_name = "NewsItems";
  static constexpr auto fields() { return std::tuple{field("items", &NewsItems::items)}; }
};

struct GetOptionChain {
  Symbol underlying;
  std::optional<Date> expiry;
  std::optional<Price> strike_min;
  std::optional<Price> strike_max;
  std::optional<OptionRight> right;
  std::uint32_t limit = 1'000;

  static constexpr std::string_view type_name = "GetOptionChain";
  static constexpr auto fields() {
    return std::tuple{
        field("underlying", &GetOptionChain::underlying), field("expiry", &GetOptionChain::expiry),
        field("strike_min", &GetOptionChain::strike_min), field("strike_max", &GetOptionChain::strike_max),
        field("right", &GetOptionChain::right),           field("limit", &GetOptionChain::limit)};
  }
};
struct OptionChain {
  std::vector<OptionQuote> quotes;  // by expiry, strike, right (call before put)

  static constexpr std::string_view type_name = "OptionChain";
  static constexpr auto fields() { return std::tuple{field("quotes", &OptionChain::quotes)}; }
};

struct SearchSymbols {
  std::string text;
  std::uint32_t limit = 20;

  static constexpr std::string_view type_name = "SearchSymbols";
  static constexpr auto fields() {
    return std::tuple{field("text", &SearchSymbols::text), field("limit", &SearchSymbols::limit)};
  }
};
struct SymbolMatches {
  std::vector<SymbolMatch> matches;  // best first

  static constexpr std::string_view type_name = "SymbolMatches";
  static constexpr auto fields() { return std::tuple{field("matches", &SymbolMatches::matches)}; }
};

struct GetProviderCapabilities {
  static constexpr std::string_view type_name = "GetProviderCapabilities";
  static constexpr auto fields() { return std::tuple{}; }
};
// What an adapter can do. The hub and the cache ask before they call; what is false is provider.unsupported.
struct ProviderCapabilities {
  std::vector<StreamKind> streams;    // kinds of which at least some symbols stream
  std::vector<Timeframe> timeframes;  // of get_historical_data
  bool ticker_details = false;
  bool daily_snapshot = false;
  bool news = false;
  bool market_news = false;
  bool option_chain = false;
  bool search = false;
  bool lossless = false;      // waits for the bus instead of dropping (a recording at full speed)
  bool drives_clock = false;  // its event times are the daemon's time (a recording)
  bool always_open = false;   // simulated: silence is never judged against a session
  // Which history its bars of past sessions come from: under the same text they are the same for ever, and the cache
  // keeps them on disk. Empty: they are not kept (a recording, whose past grows as it is played).
  std::string history;
  PacingRules pacing;  // what the source allows; the cache sees to it

  static constexpr std::string_view type_name = "ProviderCapabilities";
  static constexpr auto fields() {
    return std::tuple{field("streams", &ProviderCapabilities::streams),
                      field("timeframes", &ProviderCapabilities::timeframes),
                      field("ticker_details", &ProviderCapabilities::ticker_details),
                      field("daily_snapshot", &ProviderCapabilities::daily_snapshot),
                      field("news", &ProviderCapabilities::news),
                      field("market_news", &ProviderCapabilities::market_news),
                      field("option_chain", &ProviderCapabilities::option_chain),
                      field("search", &ProviderCapabilities::search),
                      field("lossless", &ProviderCapabilities::lossless),
                      field("drives_clock", &ProviderCapabilities::drives_clock),
                      field("always_open", &ProviderCapabilities::always_open),
                      field("history", &ProviderCapabilities::history),
                      field("pacing", &ProviderCapabilities::pacing)};
  }
};

// The provider's own counters for get_status.
struct GetProviderCounters {
  static constexpr std::string_view type_name = "GetProviderCounters";
  static constexpr auto fields() { return std::tuple{}; }
};
struct Counter {
  std::string name;
  std::int64_t value = 0;

  static constexpr std::string_view type_name = "Counter";
  static constexpr auto fields() { return std::tuple{field("name", &Counter::name), field("value", &Counter::value)}; }
};
struct Counters {
  std::vector<Counter> counters;

  static constexpr std::string_view type_name = "Counters";
  static constexpr auto fields() { return std::tuple{field("counters", &Counters::counters)}; }
};

// INTERNAL to an adapter: its timer fired, or its I/O thread has news. `generation` tells an old timer from a new one.
struct ProviderWake {
  std::uint64_t generation = 0;

  static constexpr std::string_view type_name = "ProviderWake";
  static constexpr auto fields() { return std::tuple{field("generation", &ProviderWake::generation)}; }
};

using ProviderActor = protocol<
    // Opens the link and delivers to the sink from then on. Answers when the link is up or known to be coming up.
    ProviderStatus(ConnectProvider),
    // Closes it. Answers with state down, reason "requested".
    ProviderStatus(DisconnectProvider),
    // Opens one topic at the source. Before Connect: provider.unavailable.
    Done(Subscribe),
    // Closes it. A ref that is not open is no error.
    void(Unsubscribe),
    // The hub has taken so many batches.
    void(BatchCredit), HistoricalBars(GetHistoricalData), TickerDetails(GetTickerDetails),
    DailySnapshot(GetDailySnapshot), NewsItems(GetNews), NewsItems(GetMarketNews), OptionChain(GetOptionChain),
    SymbolMatches(SearchSymbols), ProviderCapabilities(GetProviderCapabilities), Counters(GetProviderCounters),
    // INTERNAL to adapters: the adapter's own timer, or its I/O thread, has something for the actor to look at.
    void(ProviderWake)>;

#define TRADEBUS_PROVIDER_MESSAGES(X) \
  X(ProviderStatus)                   \
  X(TopicStatus)                      \
  X(CorporateAction)                  \
  X(DisconnectProvider)               \
  X(Subscribe)                        \
  X(Unsubscribe)                      \
  X(BatchCredit)                      \
  X(GetHistoricalData)                \
  X(HistoricalBars)                   \
  X(GetTickerDetails)                 \
  X(GetDailySnapshot)                 \
  X(GetNews)                          \
  X(GetMarketNews)                    \
  X(NewsItems)                        \
  X(GetOptionChain)                   \
  X(OptionChain)                      \
  X(SearchSymbols)                    \
  X(SymbolMatches)                    \
  X(GetProviderCapabilities)          \
  X(ProviderCapabilities)             \
  X(GetProviderCounters)              \
  X(Counter)                          \
  X(Counters)                         \
  X(ProviderWake)                     \
  X(MarketBatch)                      \
  X(Dropped)                          \
  X(HistoricalBar)                    \
  X(NewsItem)                         \
  X(OptionQuote)                      \
  X(TickerDetails)                    \
  X(DailySnapshot)                    \
  X(SymbolMatch)                      \
  X(Quote)
TRADEBUS_PROVIDER_MESSAGES(TRADEBUS_DECLARE_INSPECT)

}  // namespace tradebus
