// Bars from trades, and the market for actors inside the daemon.
#include "hub_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_FIXTURE_TEST_SUITE(market_hub_bars, HubFixture)

BOOST_AUTO_TEST_CASE(bars_are_built_from_trades_when_the_provider_has_none) {
  subscribers("bar_1m|IBM|", 1);
  check_equal(provider->calls, {"subscribe trade IBM"});
  const auto t = clock.now();
  deliver({trade("IBM", t, "180"), trade("IBM", t + 100ms, "181"), trade("IBM", t + 1s, "179")});
  auto bars = of(sent(), "bar_1m|IBM|");
  check_equal(bars, {"1 180", "2 179"});  // in progress: at most four a second
  deliver({trade("IBM", t + 60s, "182")});
  bars = of(sent(), "bar_1m|IBM|");
  check_equal(bars, {"3 179 final", "4 182"});
}

BOOST_AUTO_TEST_CASE(a_trade_that_is_not_the_last_price_is_told_and_no_more) {
  subscribers("trade|IBM|", 1);
  const auto t = clock.now();
  auto odd = trade("IBM", t + 1s, "200");
  odd.flags = MarketEvent::not_last | MarketEvent::not_high_low;
  deliver({trade("IBM", t, "180"), odd});
  const auto messages = sent();
  check_equal(of(messages, "trade|IBM|"), {"1 180", "2 200"});
  for (const auto& each : messages)
    if (each.topic == "trade|IBM|") BOOST_CHECK_EQUAL(each.passing, each.seq == 2);  // no newcomer's snapshot
  const auto snapshot = ask<MarketSnapshot>(hub, GetSnapshot{"IBM"});
  BOOST_REQUIRE(snapshot && snapshot->trade);
  BOOST_CHECK_EQUAL(snapshot->trade->price.to_string(), "180");
}

BOOST_AUTO_TEST_CASE(another_symbols_tick_closes_a_bar_whose_time_is_over) {
  subscribers("bar_1s|IBM|", 1);
  subscribers("quote|AAPL|", 1);
  const auto t = clock.now();
  deliver({trade("IBM", t, "180")});
  sent();
  deliver({quote("AAPL", t + 5s)});
  check_equal(of(sent(), "bar_1s|IBM|"), {"2 180 final"});
}

BOOST_AUTO_TEST_CASE(the_end_of_data_closes_what_is_in_progress) {
  subscribers("bar_1h|IBM|", 1);
  const auto t = clock.now();
  deliver({trade("IBM", t, "180")});
  sent();
  self->send(hub, TopicStatus{ProviderName{"fake"}, ref(StreamKind::trade, "IBM"), TopicState::ended, "end_of_data"});
  run();
  const auto messages = sent();
  check_equal(of(messages, "bar_1h|IBM|"), {"2 180 final"});
  check_equal(of(messages, "status|bar_1h|IBM|"), {"2 ended"});
  check_equal(of(messages, "status|trade|IBM|"), {"2 ended"});
}

BOOST_AUTO_TEST_CASE(trades_stay_open_upstream_as_long_as_bars_need_them) {
  subscribers("trade|IBM|", 1);
  subscribers("bar_1m|IBM|", 1);
  subscribers("trade|IBM|", 0);
  advance(2500ms);
  check_equal(provider->calls, {"subscribe trade IBM"});
  subscribers("bar_1m|IBM|", 0);
  advance(5s);
  check_equal(provider->calls, {"subscribe trade IBM", "unsubscribe trade IBM"});
}

BOOST_AUTO_TEST_CASE(a_providers_own_bars_go_straight_through) {
  provider->capabilities.streams.push_back(StreamKind::bar_1m);
  start_provider();
  subscribers("bar_1m|IBM|", 1);
  check_equal(provider->calls, {"subscribe bar_1m IBM"});
  const auto p = *Price::parse("180");
  deliver({MarketEvent::bar(StreamKind::bar_1m, ref(StreamKind::bar_1m, "IBM"), clock.now(), clock.now(), p, p, p, p,
                            Quantity::from_int(5), true)});
  check_equal(of(sent(), "bar_1m|IBM|"), {"1 180 final"});
}

struct WatcherState {
  WatcherState() = default;
  static inline const char* name = "watcher";
};
WatchSink::behavior_type watcher(WatchSink::stateful_pointer<WatcherState>, const std::shared_ptr<SinkRecord>& record) {
  return {[record](const WatchedEvents& m) {
    record->events.insert(record->events.end(), m.events.begin(), m.events.end());
    record->actions.insert(record->actions.end(), m.actions.begin(), m.actions.end());
  }};
}

BOOST_AUTO_TEST_CASE(an_actor_inside_watches_a_symbol_and_counts_as_a_subscriber) {
  subscribers("quote|IBM|", 1);
  deliver({quote("IBM", clock.now(), "180", "180.1")});
  auto record = std::make_shared<SinkRecord>();
  auto sink = keep(sys.spawn(watcher, record));
  BOOST_REQUIRE(ask<Done>(hub, WatchSymbol{Symbol{"IBM"}, 77, sink}));
  BOOST_REQUIRE_EQUAL(record->events.size(), 1U);  // the last quote, at once
  BOOST_CHECK_EQUAL(record->events[0].ref, 77U);
  deliver({quote("IBM", clock.now() + 1s, "181", "181.1"), trade("IBM", clock.now() + 2s, "181.05")});
  BOOST_REQUIRE_EQUAL(record->events.size(), 3U);
  BOOST_CHECK(record->events[2].kind == StreamKind::trade);
  subscribers("quote|IBM|", 0);
  advance(3s);
  BOOST_CHECK_EQUAL(provider->open.size(), 2U);
  self->send(hub, UnwatchSymbol{Symbol{"IBM"}, sink});
  run();
  advance(3s);
  BOOST_CHECK(provider->open.empty());
  BOOST_CHECK_EQUAL(record->events.size(), 3U);
}

BOOST_AUTO_TEST_CASE(who_watches_a_symbol_hears_of_its_splits_behind_what_came_before) {
  auto record = std::make_shared<SinkRecord>();
  auto sink = keep(sys.spawn(watcher, record));
  BOOST_REQUIRE(ask<Done>(hub, WatchSymbol{Symbol{"IBM"}, 77, sink}));
  const CorporateAction split{Symbol{"IBM"}, clock.now() + 2s, CorporateActionKind::split, *Quantity::parse("2")};
  const CorporateAction other{Symbol{"AAPL"}, clock.now() + 2s, CorporateActionKind::split, *Quantity::parse("2")};
  MarketBatch batch;
  batch.provider = ProviderName{"fake"};
  batch.events = {quote("IBM", clock.now() + 1s, "181", "181.1")};
  batch.actions = {other, split};
  self->send(hub, batch);
  run();
  BOOST_CHECK_EQUAL(record->events.size(), 1U);
  BOOST_REQUIRE_EQUAL(record->actions.size(), 1U);
  BOOST_CHECK(record->actions[0].symbol == Symbol{"IBM"});
  self->send(hub, split);  // by itself
  run();
  BOOST_CHECK_EQUAL(record->actions.size(), 2U);
}

BOOST_AUTO_TEST_CASE(a_watcher_that_dies_lets_go) {
  auto record = std::make_shared<SinkRecord>();
  auto sink = sys.spawn(watcher, record);
  BOOST_REQUIRE(ask<Done>(hub, WatchSymbol{Symbol{"IBM"}, 1, sink}));
  caf::anon_send_exit(sink, caf::exit_reason::user_shutdown);
  run();
  advance(3s);
  BOOST_CHECK(provider->open.empty());
}

BOOST_AUTO_TEST_CASE(watching_what_does_not_exist_is_an_error) {
  provider->unknown.insert(Symbol{"NONE"});
  auto record = std::make_shared<SinkRecord>();
  auto sink = keep(sys.spawn(watcher, record));
  const auto answer = ask<Done>(hub, WatchSymbol{Symbol{"NONE"}, 1, sink});
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == Errc::instrument_unknown);
}

BOOST_AUTO_TEST_CASE(a_recording_of_bars_alone_moves_the_clock_too) {
  provider->capabilities.streams.push_back(StreamKind::bar_1m);
  start_provider();
  subscribers("bar_1m|IBM|", 1);
  const auto start = clock.now();
  const auto one = *Price::parse("1");
  const auto bar = [&](Timestamp ts) {
    return MarketEvent::bar(StreamKind::bar_1m, ref(StreamKind::bar_1m, "IBM"), ts, ts, one, one, one, one,
                            Quantity::from_int(5), true);
  };
  deliver({bar(start), bar(start + 1min)});
  BOOST_CHECK(clock.now() == start + 2min);  // the second one was known at its end
}

BOOST_AUTO_TEST_SUITE_END()
