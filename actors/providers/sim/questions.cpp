// The questions that a simulation answers on the spot, or, for long ranges of bars, in slices.
#include <algorithm>
#include <utility>

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/providers/sim/details.hpp"
#include "actors/providers/sim/news.hpp"
#include "actors/providers/sim/options.hpp"
#include "actors/providers/sim/sim.hpp"

namespace tradebus::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t history_slice_minutes = 2'048;  // a few tenths of a millisecond
constexpr std::size_t history_jobs_max = 32;

}  // namespace

caf::result<TickerDetails> SimState::details_of(const Symbol& symbol) const {
  return to_caf(config.universe.find(symbol).map(ticker_details));
}

caf::result<HistoricalBars> SimState::historical_data(const GetHistoricalData& query) {
  const auto profile = config.universe.find(query.symbol);
  if (!profile) return to_caf(profile.error());
  if (query.start >= query.end) return to_caf(Error{Errc::request_invalid, "start must lie before end", "start"});
  if (history_jobs.size() >= history_jobs_max) {
    Error error{Errc::overloaded,
                "the simulation works on " + std::to_string(history_jobs_max) + " questions for bars already"};
    error.retry_after_ms = 100;
    return to_caf(error);
  }
  BarScan scan{*profile,
               context.calendars,
               {query.timeframe, query.start, query.end, context.clock.now(), started, query.limit}};
  if (scan.step(history_slice_minutes)) return HistoricalBars{scan.take(), context.name};
  auto promise = self->make_response_promise<HistoricalBars>();
  history_jobs.push_back({std::move(scan), promise});
  if (history_jobs.size() == 1) self->send(caf::actor_cast<ProviderActor>(self), ProviderWake{history_wake});
  return promise;
}

void SimState::work_on_history() {
  if (history_jobs.empty()) return;
  auto& job = history_jobs.front();
  if (job.scan.step(history_slice_minutes)) {
    job.promise.deliver(HistoricalBars{job.scan.take(), context.name});
    history_jobs.pop_front();
  }
  if (!history_jobs.empty()) self->send(caf::actor_cast<ProviderActor>(self), ProviderWake{history_wake});
}

caf::result<DailySnapshot> SimState::daily_snapshot(const GetDailySnapshot& query) {
  const auto profile = config.universe.find(query.symbol);
  if (!profile) return to_caf(profile.error());
  const Timestamp now = context.clock.now();
  // Two daily bars lie within any ten days, whatever closes the market.
  auto days = bars(*profile, context.calendars, {Timeframe::d1, now - 10 * 24h, now, now, started, 10});
  DailySnapshot out;
  out.symbol = profile->symbol;
  out.ts = now;
  if (!days.empty()) out.day = days.back();
  if (days.size() < 2) return out;
  out.previous_day = days[days.size() - 2];
  const double previous = out.previous_day->close.to_double();
  out.change = checked_sub(out.day->close, out.previous_day->close);
  if (out.change) out.change_percent = 100 * out.change->to_double() / previous;
  return out;
}

caf::result<NewsItems> SimState::symbol_news(const GetNews& query) {
  const auto profile = config.universe.find(query.symbol);
  if (!profile) return to_caf(profile.error());
  return NewsItems{past_news(*profile, query.limit, query.since, context.clock.now())};
}

NewsItems SimState::market_news(const GetMarketNews& query) {
  std::vector<Profile> symbols;
  for (const auto symbol : config.universe.listed())
    if (auto profile = config.universe.find(Symbol{symbol})) symbols.push_back(std::move(*profile));
  return NewsItems{past_market_news(symbols, config.seed, query.limit, query.since, context.clock.now())};
}

caf::result<OptionChain> SimState::chain(const GetOptionChain& query) {
  const auto profile = config.universe.find(query.underlying);
  if (!profile) return to_caf(profile.error());
  const Timestamp now = context.clock.now();
  return to_caf(
      option_chain(*profile, query, spot(*profile, now), now, equity_days).map([](std::vector<OptionQuote> quotes) {
        return OptionChain{std::move(quotes)};
      }));
}

caf::result<SymbolMatches> SimState::search_symbols(const SearchSymbols& query) {
  if (query.text.empty()) return to_caf(Error{Errc::request_invalid, "text to search for is empty", "text"});
  return SymbolMatches{search(config.universe, query.text, query.limit)};
}

Counters SimState::counters() const {
  const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  return {{{"ticks", count(ticks)},
           {"skipped", count(pacer.skipped())},
           {"dropped", count(dropped_before + (outlet ? outlet->dropped_events() : 0))},
           {"subscriptions", count(topics_open())},
           {"symbols", count(live.symbols())},
           {"history_jobs", count(history_jobs.size())}}};
}

Price SimState::spot(const Profile& profile, Timestamp now) const {
  const auto mid = live.mid(profile.symbol);
  return mid ? *mid : price_at(profile, now, started);
}

}  // namespace tradebus::sim
