// The SIM provider: a market without a venue, built in as the default. Quotes and trades of any symbol at any rate,
// option markets, news, history, all repeatable from one seed, all marked `simulated`. An ordinary actor without a
// thread: it works in the handler of its own timer, which runs only while something is subscribed. Settings:
// [providers.sim], see section_spec().
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>

#include "actors/providers/outlet.hpp"
#include "actors/providers/provider.hpp"
#include "actors/providers/sim/history.hpp"
#include "actors/providers/sim/live.hpp"
#include "actors/providers/sim/pacer.hpp"
#include "actors/providers/sim/turns.hpp"
#include "actors/providers/sim/universe.hpp"
#include "actors/registry.hpp"

namespace tradebus::sim {

SectionSpec section_spec();
void register_in(ProviderRegistry& registry);

struct SimConfig {
  std::uint64_t seed = 1;
  double ticks_per_second = 100;
  bool wait_for_bus = false;  // instead of dropping what the bus does not take: no tick is lost, the rate gives way
  PacingRules pacing;
  Universe universe;
};

struct SimState {
  static inline const char* name = "sim";
  explicit SimState(ProviderActor::pointer self);
  ProviderActor::behavior_type make_behavior(AdapterContext with, SimConfig settings);

  // -- link ------------------------------------------------------------------
  ProviderStatus connect(const ConnectProvider& request);
  ProviderStatus disconnect();
  ProviderStatus status(LinkState state, std::string reason) const;

  // -- topics ----------------------------------------------------------------
  caf::result<Done> subscribe(const Subscribe& request);
  Result<void> open_topic(const Subscribe& request);
  Result<void> open_option(const Subscribe& request);
  void unsubscribe(TopicRef ref);
  std::size_t topics_open() const { return live.topics() + options.size() + news.size(); }

  // -- the timer -------------------------------------------------------------
  void wake(std::uint64_t generation);
  struct Plan {
    std::uint64_t count = 0;
    bool more_due = false;
  };
  Plan plan_ticks(Pacer::TimePoint now);
  void make_ticks(std::uint64_t count, Timestamp ts);
  bool revalue_options(Pacer::TimePoint now, Timestamp ts);
  bool write_news(Pacer::TimePoint now, Timestamp ts);
  void start_timer();
  void stop_timer();
  void schedule_next(bool more_due);
  // The hub has taken nothing for a while, and nothing may be dropped: not even made, until it has.
  bool must_wait() const { return config.wait_for_bus && under_way >= batch_credit; }
  void credited(std::uint32_t batches);

  // -- questions (questions.cpp) ---------------------------------------------
  // ProviderWake's generation for the next slice of a long question; the timer's begin at 1.
  static constexpr std::uint64_t history_wake = 0;
  caf::result<TickerDetails> details_of(const Symbol& symbol) const;
  caf::result<HistoricalBars> historical_data(const GetHistoricalData& query);
  void work_on_history();
  caf::result<DailySnapshot> daily_snapshot(const GetDailySnapshot& query);
  caf::result<NewsItems> symbol_news(const GetNews& query);
  NewsItems market_news(const GetMarketNews& query);
  caf::result<OptionChain> chain(const GetOptionChain& query);
  caf::result<SymbolMatches> search_symbols(const SearchSymbols& query);
  Counters counters() const;
  // The live walk's middle where there is one, else what history says.
  Price spot(const Profile& profile, Timestamp now) const;

  struct OptionTopic {
    StreamKind kind;  // option, or quote of an option's symbol
    OptionContract contract;
  };
  struct NewsTopic {
    Profile profile;
    std::uint64_t number = 0;
  };
  struct HistoryJob {
    BarScan scan;
    caf::typed_response_promise<HistoricalBars> promise;
  };

  ProviderActor::pointer self;
  AdapterContext context;
  SimConfig config;
  Timestamp started{};  // since when the live walk runs: history is quiet from here on
  TradingDays equity_days{AssetClass::equity, Calendars::shipped()};
  MarketSink sink;  // null while disconnected
  std::optional<Outlet> outlet;
  std::uint32_t under_way = 0;  // batches that the hub has not taken yet
  LiveMarket live;
  Pacer pacer;
  Turns<OptionTopic> options;
  Turns<NewsTopic> news;
  std::deque<HistoryJob> history_jobs;
  std::uint64_t generation = 0;
  bool timer_runs = false;
  bool waits_for_credit = false;  // work is due: the next credit starts it at once
  std::uint64_t ticks = 0;
  std::uint64_t dropped_before = 0;  // by outlets of earlier connections
};

}  // namespace tradebus::sim
