#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "actors/providers/sim/sim.hpp"
#include "tests/support/actor_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

struct SimFixture : ActorFixture {
  Clock clock{Timestamp{std::chrono::sys_days{std::chrono::year{2024} / 6 / 12}} + 15h};
  ProviderRegistry registry;
  std::shared_ptr<SinkRecord> record = std::make_shared<SinkRecord>();
  MarketSink sink = keep(sys.spawn(recording_sink, record));
  ProviderActor sim;

  SimFixture() { sim::register_in(registry); }
  ~SimFixture() { sim = nullptr; }

  Section settings() const { return Section{registry.find("sim")->section}; }
  Result<ProviderActor> make(Section section) {
    return registry.find("sim")->make(sys, context("sim", std::move(section), clock));
  }

  void start(double ticks_per_second, std::vector<std::string> symbols = {}, const char* when_behind = "drop") {
    if (sim) BOOST_REQUIRE(ask<ProviderStatus>(sim, DisconnectProvider{}));
    auto section = settings();
    section.set("ticks_per_second", ticks_per_second);
    section.set("symbols", std::move(symbols));
    section.set("when_behind", std::string{when_behind});
    auto made = make(std::move(section));
    BOOST_REQUIRE(made);
    sim = keep(*made);
    BOOST_REQUIRE(ask<ProviderStatus>(sim, ConnectProvider{sink, 0}));
  }
  Result<Done> subscribe(TopicRef ref, StreamKind kind, const char* symbol) {
    return ask<Done>(sim, Subscribe{ref, kind, Symbol{symbol}});
  }
  void unsubscribe(TopicRef ref) {
    self->send(sim, Unsubscribe{ref});
    run();
  }
  // Moves time on; the hub's credit comes back after each step.
  void flow(caf::timespan total, caf::timespan step = 10ms) {
    for (; total.count() > 0; total -= step) {
      clock.advance_to(clock.now() + step);
      advance(step, step);
      self->send(sim, BatchCredit{batch_credit});
      run();
    }
  }
  std::int64_t counter(const std::string& name) {
    const auto all = ask<Counters>(sim, GetProviderCounters{});
    BOOST_REQUIRE(all);
    const auto it = std::ranges::find(all->counters, name, &Counter::name);
    BOOST_REQUIRE(it != all->counters.end());
    return it->value;
  }
  std::vector<std::int64_t> bids(TopicRef ref) const {
    std::vector<std::int64_t> out;
    for (const auto& e : record->events)
      if (e.ref == ref) out.push_back(e.price[0].raw());
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sim_provider, SimFixture)

// ---- pace ----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_rate_is_kept_over_all_subscriptions) {
  start(1'000);
  BOOST_REQUIRE(subscribe(1, StreamKind::quote, "AAPL"));
  BOOST_REQUIRE(subscribe(2, StreamKind::trade, "MSFT"));
  flow(2s);
  BOOST_CHECK_GE(record->events.size(), 1'980);
  BOOST_CHECK_LE(record->events.size(), 2'000);
  BOOST_CHECK_LE(std::abs(static_cast<int>(bids(1).size()) - static_cast<int>(bids(2).size())), 1);
  BOOST_CHECK_EQUAL(counter("ticks"), static_cast<std::int64_t>(record->events.size()));
  BOOST_CHECK_EQUAL(counter("skipped"), 0);
  BOOST_CHECK_EQUAL(counter("dropped"), 0);
  BOOST_CHECK_EQUAL(counter("subscriptions"), 2);
}

BOOST_AUTO_TEST_CASE(half_a_million_ticks_a_second_are_generated_within_the_credit) {
  start(500'000);
  for (TopicRef ref = 0; ref < 50; ++ref)
    BOOST_REQUIRE(subscribe(ref, StreamKind::quote, ("S" + std::to_string(ref)).c_str()));
  flow(100ms, 1ms);
  BOOST_CHECK_GE(record->events.size(), 49'000);
  BOOST_CHECK_LE(record->events.size(), 50'000);
  BOOST_CHECK_EQUAL(counter("dropped"), 0);
}

BOOST_AUTO_TEST_CASE(a_pause_is_not_made_up_for) {
  start(1'000);
  BOOST_REQUIRE(subscribe(1, StreamKind::quote, "AAPL"));
  advance(10s, 10s);
  BOOST_CHECK_EQUAL(record->events.size(), 100);
  BOOST_CHECK_EQUAL(counter("skipped"), 9'900);
}

BOOST_AUTO_TEST_CASE(a_big_backlog_is_worked_off_in_parts) {
  start(100'000);
  BOOST_REQUIRE(subscribe(1, StreamKind::quote, "AAPL"));
  run();
  sched.advance_time(100ms);
  run();
  // What the credit holds, and no more until the hub has taken some: a hub that is merely busy loses nothing.
  BOOST_CHECK_EQUAL(record->events.size(), batch_credit * batch_events_max);
  for (int i = 0; i < 5; ++i) {
    self->send(sim, BatchCredit{batch_credit});
    run();
    sched.advance_time(1ms);
    run();
  }
  BOOST_CHECK_GE(record->events.size(), 10'000);
  BOOST_CHECK_EQUAL(counter("dropped") + counter("skipped"), 0);
}

BOOST_AUTO_TEST_CASE(nothing_ticks_while_nothing_is_subscribed) {
  start(1'000);
  advance(1s);
  BOOST_CHECK(!sched.has_pending_timeout());
  BOOST_REQUIRE(subscribe(1, StreamKind::quote, "AAPL"));
  BOOST_CHECK(sched.has_pending_timeout());
  flow(50ms);
  BOOST_CHECK(!record->events.empty());
  unsubscribe(1);
  const auto seen = record->events.size();
  advance(1s);
  BOOST_CHECK_EQUAL(record->events.size(), seen);
  BOOST_CHECK(!sched.has_pending_timeout());
  BOOST_CHECK_EQUAL(counter("subscriptions"), 0);
}

// ---- repeatable ----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(two_runs_tell_the_same_whatever_the_pace_and_the_company) {
  start(1'000);
  BOOST_REQUIRE(subscribe(1, StreamKind::quote, "AAPL"));
  flow(500ms);
  unsubscribe(1);
  flow(100ms);
  BOOST_REQUIRE(subscribe(1, StreamKind::quote, "AAPL"));  // goes on where it stopped
  flow(500ms);
  auto first = bids(1);

  *record = {};
  start(333);
  BOOST_REQUIRE(subscribe(5, StreamKind::quote, "MSFT"));
  BOOST_REQUIRE(subscribe(1, StreamKind::quote, "AAPL"));
  BOOST_REQUIRE(subscribe(2, StreamKind::trade, "AAPL"));
  flow(3s, 7ms);
  auto second = bids(1);
  const auto common = std::min(first.size(), second.size());
  BOOST_REQUIRE_GT(common, 200);
  first.resize(common);
  second.resize(common);
  BOOST_CHECK(first == second);
}

BOOST_AUTO_TEST_CASE(times_are_the_contexts_clock_and_rise) {
  start(10'000);
  BOOST_REQUIRE(subscribe(1, StreamKind::quote, "AAPL"));
  flow(100ms);
  Timestamp last{};
  for (const auto& e : record->events) {
    BOOST_CHECK(e.ts > last && e.ts == e.rx);
    BOOST_CHECK(e.ts <= clock.now() + 1us);
    BOOST_CHECK(e.quality == Quality::simulated);
    last = e.ts;
  }
}

// ---- credit --------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(without_credit_the_oldest_are_dropped_and_told) {
  start(100'000);
  BOOST_REQUIRE(subscribe(1, StreamKind::quote, "AAPL"));
  advance(1s, 10ms);
  BOOST_CHECK_EQUAL(record->batches.size(), batch_credit);
  const auto dropped = counter("dropped");
  BOOST_CHECK_GT(dropped, 0);
  self->send(sim, BatchCredit{1});
  run();
  BOOST_REQUIRE_EQUAL(record->batches.size(), batch_credit + 1);
  BOOST_REQUIRE_EQUAL(record->batches.back().dropped.size(), 1);
  BOOST_CHECK_EQUAL(record->batches.back().dropped[0].ref, 1);
  BOOST_CHECK_EQUAL(record->batches.back().dropped[0].count, dropped);
}

BOOST_AUTO_TEST_CASE(when_asked_to_wait_it_makes_only_what_the_bus_takes) {
  start(1'000'000, {}, "wait");
  const auto capabilities = ask<ProviderCapabilities>(sim, GetProviderCapabilities{});
  BOOST_REQUIRE(capabilities);
  BOOST_CHECK(capabilities->lossless);
  BOOST_REQUIRE(subscribe(1, StreamKind::quote, "AAPL"));
  BOOST_REQUIRE(subscribe(2, StreamKind::option, "AAPL240621C00210000"));
  advance(1s, 10ms);
  BOOST_CHECK_EQUAL(record->batches.size(), batch_credit);
  // The credit alone sets it going again, before any timer.
  self->send(sim, BatchCredit{batch_credit});
  run();
  BOOST_CHECK_GT(record->batches.size(), batch_credit);
  BOOST_CHECK_LE(record->batches.size(), 2 * batch_credit);
  flow(100ms, 1ms);
  BOOST_CHECK_EQUAL(counter("dropped"), 0);
  for (const auto& batch : record->batches) BOOST_CHECK(batch.dropped.empty());
  std::size_t values = 0;
  for (const auto& e : record->events) values += e.ref == 2 ? 1 : 0;
  BOOST_CHECK_GE(values, 1);
}

// ---- options and news ----------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(options_are_revalued_once_a_second_from_their_underlying) {
  start(1'000);
  BOOST_REQUIRE(subscribe(1, StreamKind::option, "AAPL240621C00210000"));
  BOOST_REQUIRE(subscribe(2, StreamKind::quote, "AAPL240621P00210000"));
  BOOST_REQUIRE(subscribe(3, StreamKind::quote, "AAPL"));
  flow(5s);
  std::vector<OptionQuote> values;
  std::size_t put_quotes = 0;
  for (const auto& batch : record->batches)
    for (const auto& e : batch.events) {
      if (e.ref == 1) values.push_back(batch.options.at(e.detail));
      if (e.ref == 2) {
        ++put_quotes;
        BOOST_CHECK(e.kind == StreamKind::quote && e.price[0].is_positive() && e.price[0] < e.price[1]);
      }
    }
  BOOST_CHECK(values.size() >= 5 && values.size() <= 6);
  BOOST_CHECK(put_quotes >= 5 && put_quotes <= 6);
  for (const auto& v : values) {
    BOOST_CHECK_EQUAL(v.symbol.str(), "AAPL240621C00210000");
    BOOST_CHECK_EQUAL(v.underlying.str(), "AAPL");
    BOOST_CHECK_EQUAL(v.expiry, "2024-06-21");
  }
  BOOST_CHECK(values.front().underlying_price != values.back().underlying_price);
  const auto expired = subscribe(4, StreamKind::option, "AAPL240607C00210000");
  BOOST_REQUIRE(!expired);
  BOOST_CHECK(expired.error().code == Errc::instrument_unknown);
  const auto trade = subscribe(4, StreamKind::trade, "AAPL240621C00210000");
  BOOST_REQUIRE(!trade);
  BOOST_CHECK(trade.error().code == Errc::provider_unsupported);
}

BOOST_AUTO_TEST_CASE(news_comes_about_once_a_minute) {
  start(1'000);
  BOOST_REQUIRE(subscribe(1, StreamKind::news, "AAPL"));
  flow(200s, 50ms);
  std::vector<std::string> ids;
  for (const auto& batch : record->batches)
    for (const auto& item : batch.news) {
      ids.push_back(item.id);
      BOOST_CHECK_EQUAL(item.symbols.at(0), "AAPL");
    }
  BOOST_CHECK(ids.size() >= 3 && ids.size() <= 4);
  std::ranges::sort(ids);
  BOOST_CHECK(std::ranges::adjacent_find(ids) == ids.end());
}

// ---- settings ------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(only_configured_symbols_exist_when_there_are_any) {
  start(1'000, {"AAPL", "BTC-USD"});
  BOOST_CHECK(subscribe(1, StreamKind::quote, "AAPL"));
  BOOST_CHECK(subscribe(2, StreamKind::option, "AAPL240621C00210000"));
  for (const auto& [kind, symbol] :
       {std::pair{StreamKind::quote, "MSFT"}, {StreamKind::option, "MSFT240621C00210000"}}) {
    const auto refused = subscribe(3, kind, symbol);
    BOOST_REQUIRE(!refused);
    BOOST_CHECK(refused.error().code == Errc::instrument_unknown);
  }
  const auto found = ask<SymbolMatches>(sim, SearchSymbols{"MSFT", 10});
  BOOST_REQUIRE(found);
  BOOST_CHECK(found->matches.empty());
}

BOOST_AUTO_TEST_CASE(settings_that_make_no_sense_are_refused_by_name) {
  auto section = settings();
  section.set("symbols", std::vector<std::string>{"AAPL", "no symbol"});
  const auto bad_symbol = make(section);
  BOOST_REQUIRE(!bad_symbol);
  BOOST_CHECK(bad_symbol.error().code == Errc::config_invalid);
  BOOST_CHECK(bad_symbol.error().message.find("providers.sim.symbols") != std::string::npos);
  section = settings();
  section.set("ticks_per_second", 0.0);
  BOOST_CHECK(!make(section));
}

// ---- link ----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_dead_hub_stops_the_streams_and_its_successor_starts_anew) {
  start(1'000);
  BOOST_REQUIRE(subscribe(1, StreamKind::quote, "AAPL"));
  flow(50ms);
  caf::anon_send_exit(sink, caf::exit_reason::kill);
  run();
  advance(1s);
  BOOST_CHECK(!sched.has_pending_timeout());
  BOOST_CHECK_EQUAL(counter("subscriptions"), 0);
  const auto refused = subscribe(1, StreamKind::quote, "AAPL");
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == Errc::provider_unavailable);
  sink = keep(sys.spawn(recording_sink, record));
  BOOST_REQUIRE(ask<ProviderStatus>(sim, ConnectProvider{sink, 0}));
  *record = {};
  BOOST_REQUIRE(subscribe(1, StreamKind::quote, "AAPL"));
  flow(100ms);
  BOOST_CHECK(!record->events.empty());
}

// ---- questions -----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(long_questions_for_bars_are_answered_in_slices) {
  start(1'000);
  GetHistoricalData query{Symbol{"AAPL"}, Timeframe::m1, clock.now() - 365 * 24h, clock.now(), false, 50'000};
  auto pending = self->request(sim, caf::infinite, query);
  auto small = query;
  small.start = query.end - 1h;
  auto quick = self->request(sim, caf::infinite, small);
  std::size_t messages = run();
  BOOST_CHECK_GT(messages, 20);
  std::size_t bars = 0;
  pending.receive([&](HistoricalBars& b) { bars = b.bars.size(); }, [](caf::error&) {});
  BOOST_CHECK_EQUAL(bars, 50'000);
  quick.receive([&](HistoricalBars& b) { bars = b.bars.size(); }, [](caf::error&) {});
  BOOST_CHECK_EQUAL(bars, 60);
  BOOST_CHECK_EQUAL(counter("history_jobs"), 0);
}

BOOST_AUTO_TEST_CASE(too_many_long_questions_are_refused) {
  start(1'000);
  const GetHistoricalData query{Symbol{"AAPL"}, Timeframe::d1, clock.now() - 365 * 24h, clock.now(), false, 50'000};
  std::size_t answered = 0;
  std::size_t refused = 0;
  std::vector<decltype(self->request(sim, caf::infinite, query))> pending;
  for (int i = 0; i < 40; ++i) pending.push_back(self->request(sim, caf::infinite, query));
  run();
  for (auto& p : pending)
    p.receive([&](HistoricalBars&) { ++answered; },
              [&](caf::error& e) {
                const auto error = from_caf(e, Errc::internal);
                BOOST_CHECK(error.code == Errc::overloaded && error.retry_after_ms);
                ++refused;
              });
  BOOST_CHECK_EQUAL(answered + refused, 40);
  BOOST_CHECK_GE(answered, 32);
  BOOST_CHECK_GT(refused, 0);
}

BOOST_AUTO_TEST_CASE(the_snapshot_is_made_of_the_daily_bars) {
  start(1'000);
  const auto snapshot = ask<DailySnapshot>(sim, GetDailySnapshot{Symbol{"AAPL"}});
  BOOST_REQUIRE(snapshot);
  const auto bars = ask<HistoricalBars>(
      sim, GetHistoricalData{Symbol{"AAPL"}, Timeframe::d1, clock.now() - 5 * 24h, clock.now(), false, 10});
  BOOST_REQUIRE(bars);
  BOOST_CHECK(snapshot->day == bars->bars.back());
  BOOST_CHECK(snapshot->previous_day == bars->bars[bars->bars.size() - 2]);
  BOOST_CHECK(snapshot->day->ts + 24h > clock.now());
  BOOST_CHECK(*snapshot->change == *checked_sub(snapshot->day->close, snapshot->previous_day->close));
}

BOOST_AUTO_TEST_SUITE_END()
