#include "hub_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;
using Texts = std::vector<std::string>;

BOOST_FIXTURE_TEST_SUITE(market_hub, HubFixture)

BOOST_AUTO_TEST_CASE(subscribing_is_the_request_and_the_last_one_gone_closes_after_a_linger) {
  subscribers("quote|AAPL|", 1);
  subscribers("quote|AAPL|", 2);
  check_equal(provider->calls, {"subscribe quote AAPL"});
  subscribers("quote|AAPL|", 0);
  advance(1900ms);
  check_equal(provider->calls, {"subscribe quote AAPL"});
  subscribers("quote|AAPL|", 1);  // back in time
  advance(5s);
  check_equal(provider->calls, {"subscribe quote AAPL"});
  subscribers("quote|AAPL|", 0);
  advance(2200ms);
  check_equal(provider->calls, {"subscribe quote AAPL", "unsubscribe quote AAPL"});
}

BOOST_AUTO_TEST_CASE(messages_are_numbered_from_one_and_go_on_after_a_pause) {
  subscribers("quote|AAPL|", 1);
  const auto t = clock.now();
  deliver({quote("AAPL", t, "10"), quote("AAPL", t + 1ms, "10.5")});
  check_equal(of(sent(), "quote|AAPL|"), {"1 10", "2 10.5"});
  subscribers("quote|AAPL|", 0);
  advance(2200ms);
  const auto closing = sent();
  BOOST_CHECK_EQUAL(of(closing, "outdated quote|AAPL|").size(), 1U);
  subscribers("quote|AAPL|", 1);
  deliver({quote("AAPL", t + 1s, "11")});
  check_equal(of(sent(), "quote|AAPL|"), {"3 11"});
}

BOOST_AUTO_TEST_CASE(what_does_not_exist_is_rejected_by_name_and_costs_nothing) {
  provider->unknown.insert(Symbol{"NONE"});
  subscribers("quote|NONE|", 1);
  subscribers("quote|BAD SYMBOL|", 1);
  subscribers("quote|AAPL@nobody|", 1);
  subscribers("option|AAPL240621C00190000|", 1);
  const auto messages = sent();
  check_equal(of(messages, "status|quote|NONE|"), {"1 rejected"});
  check_equal(of(messages, "status|quote|BAD SYMBOL|"), {"1 rejected"});
  check_equal(of(messages, "status|quote|AAPL@nobody|"), {"2 rejected"});  // no topic, so no number of its own
  check_equal(of(messages, "status|option|AAPL240621C00190000|"), {"1 rejected"});
  BOOST_CHECK(provider->open.empty());
  const auto quote_error = ask<Quote>(hub, GetQuote{"NONE"});
  BOOST_REQUIRE(!quote_error);
  BOOST_CHECK(quote_error.error().code == Errc::instrument_unknown);
}

BOOST_AUTO_TEST_CASE(thousands_of_topics_are_opened_a_few_hundred_at_a_time_and_all_of_them) {
  std::vector<TopicWant> wants;
  for (int i = 0; i < 3'000; ++i) wants.push_back({"quote|S" + std::to_string(i) + "|", 1});
  self->send(hub, TopicsWanted{wants});
  sched.run_once();  // the hub has taken the wish, the provider nothing yet
  BOOST_CHECK_LE(provider->calls.size(), 1U);
  run();
  BOOST_CHECK_EQUAL(provider->open.size(), 3'000U);
  // A link that is lost under the questions forgets none of them.
  self->send(hub, ProviderHandle{ProviderName{"fake"}, ProviderActor{}, true});
  run();
  provider->open.clear();
  start_provider();
  BOOST_CHECK_EQUAL(provider->open.size(), 3'000U);
}

BOOST_AUTO_TEST_CASE(naming_the_default_provider_shares_its_stream) {
  subscribers("quote|MSFT|", 1);
  subscribers("quote|MSFT@fake|", 1);
  check_equal(provider->calls, {"subscribe quote MSFT"});
  const auto t = clock.now();
  deliver({quote("MSFT", t, "400"), quote("MSFT", t + 1ms, "401")});
  auto messages = sent();
  check_equal(of(messages, "quote|MSFT|"), {"1 400", "2 401"});
  check_equal(of(messages, "quote|MSFT@fake|"), {"1 400", "2 401"});
  subscribers("quote|MSFT|", 0);
  advance(3s);
  deliver({quote("MSFT", t + 2ms, "402")});
  check_equal(of(sent(), "quote|MSFT@fake|"), {"3 402"});
  subscribers("quote|MSFT@fake|", 0);
  advance(6s);
  check_equal(provider->calls, {"subscribe quote MSFT", "unsubscribe quote MSFT"});
}

BOOST_AUTO_TEST_CASE(what_depends_on_a_rejected_topic_is_rejected_too) {
  provider->unknown.insert(Symbol{"NONE"});
  subscribers("bar_1m|NONE|", 1);
  subscribers("quote|NONE@fake|", 1);
  const auto messages = sent();
  BOOST_CHECK(of(messages, "status|bar_1m|NONE|").back().ends_with("rejected"));
  BOOST_CHECK(of(messages, "status|quote|NONE@fake|").back().ends_with("rejected"));
}

BOOST_AUTO_TEST_CASE(without_room_the_topic_that_nobody_needed_for_longest_makes_some) {
  provider->room = 2;
  subscribers("quote|AAPL|", 1);
  subscribers("quote|MSFT|", 1);
  subscribers("quote|MSFT|", 0);
  advance(1s);
  subscribers("quote|AAPL|", 0);
  subscribers("quote|IBM|", 1);  // MSFT is gone for longer
  check_equal(provider->calls, {"subscribe quote AAPL", "subscribe quote MSFT", "subscribe quote IBM",
                                "unsubscribe quote MSFT", "subscribe quote IBM"});
  BOOST_CHECK(of(sent(), "status|quote|IBM|").back().ends_with("live"));
}

BOOST_AUTO_TEST_CASE(without_room_a_topic_of_another_sort_makes_some) {
  provider->room = 1;
  subscribers("trade|AAPL|", 1);
  subscribers("trade|AAPL|", 0);
  subscribers("quote|IBM|", 1);
  check_equal(provider->calls,
              {"subscribe trade AAPL", "subscribe quote IBM", "unsubscribe trade AAPL", "subscribe quote IBM"});
  BOOST_CHECK(of(sent(), "status|quote|IBM|").back().ends_with("live"));
}

// Its room may be of another kind: the rest stays.
BOOST_AUTO_TEST_CASE(without_room_one_topic_of_another_sort_is_given_up_in_vain) {
  for (const auto* topic : {"trade|AAPL|", "trade|MSFT|"}) {
    subscribers(topic, 1);
    subscribers(topic, 0);
  }
  provider->room = 0;
  subscribers("quote|IBM|", 1);
  check_equal(provider->calls, {"subscribe trade AAPL", "subscribe trade MSFT", "subscribe quote IBM",
                                "unsubscribe trade AAPL", "subscribe quote IBM"});
  BOOST_CHECK(of(sent(), "status|quote|IBM|").back().ends_with("rejected"));
}

BOOST_AUTO_TEST_CASE(what_is_refused_for_want_of_room_is_asked_for_again_when_there_is_some) {
  provider->room = 1;
  subscribers("quote|AAPL|", 1);
  subscribers("quote|IBM|", 1);
  BOOST_CHECK(of(sent(), "status|quote|IBM|").back().ends_with("rejected"));
  const auto told = [&](TopicRef ref) {
    TopicStatus status;
    status.provider = ProviderName{"fake"};
    status.ref = ref;
    self->send(hub, status);
    run();
  };
  const auto waiting = ref(StreamKind::quote, "AAPL") + 1;
  provider->room = 2;
  provider->calls.clear();
  told(waiting);
  check_equal(provider->calls, {"subscribe quote IBM"});
  BOOST_CHECK(of(sent(), "status|quote|IBM|").back().ends_with("live"));
  told(waiting);  // once more: it is open
  check_equal(provider->calls, {"subscribe quote IBM"});
}

BOOST_AUTO_TEST_CASE(what_was_refused_and_nobody_wants_is_not_asked_for_again) {
  provider->room = 1;
  subscribers("quote|AAPL|", 1);
  subscribers("quote|IBM|", 1);
  subscribers("quote|IBM|", 0);
  provider->calls.clear();
  TopicStatus status;
  status.provider = ProviderName{"fake"};
  status.ref = ref(StreamKind::quote, "AAPL") + 1;
  self->send(hub, status);
  run();
  BOOST_CHECK(provider->calls.empty());
}

BOOST_AUTO_TEST_CASE(dropped_events_use_up_numbers) {
  subscribers("quote|AAPL|", 1);
  const auto t = clock.now();
  deliver({quote("AAPL", t)});
  deliver({quote("AAPL", t + 1ms)}, {{ref(StreamKind::quote, "AAPL"), 5}});
  check_equal(of(sent(), "quote|AAPL|"), {"1 10", "7 10"});
}

BOOST_AUTO_TEST_CASE(a_quote_that_nobody_subscribed_to_is_fetched) {
  auto pending = self->request(hub, caf::infinite, GetQuote{"MSFT"});
  run();
  check_equal(provider->calls, {"subscribe quote MSFT"});
  deliver({quote("MSFT", clock.now(), "400", "400.5")});
  bool answered = false;
  pending.receive(
      [&](const Quote& q) {
        answered = true;
        BOOST_CHECK_EQUAL(q.bid->to_string(), "400");
      },
      [](const caf::error&) {});
  BOOST_CHECK(answered);
  advance(2200ms);
  check_equal(provider->calls, {"subscribe quote MSFT", "unsubscribe quote MSFT"});
}

BOOST_AUTO_TEST_CASE(silence_in_session_is_stale_and_the_next_quote_ends_it) {
  subscribers("quote|AAPL|", 1);
  const auto t = clock.now();
  deliver({quote("AAPL", t)});
  subscribers("quote|IBM|", 1);
  sent();
  for (int second = 1; second <= 20; ++second) {
    deliver({quote("IBM", t + 15s + std::chrono::seconds{second})});  // the market goes on, AAPL does not
    advance(1s);
  }
  auto messages = sent();
  check_equal(of(messages, "status|quote|AAPL|"), {"2 stale"});
  check_equal(of(messages, "marked quote|AAPL|"), {"1 stale"});
  const auto q = ask<Quote>(hub, GetQuote{"AAPL"});
  BOOST_REQUIRE(q);
  BOOST_CHECK(q->quality == Quality::stale);
  deliver({quote("AAPL", t + 60s)});
  messages = sent();
  check_equal(of(messages, "status|quote|AAPL|"), {"3 live"});
}

BOOST_AUTO_TEST_CASE(silence_outside_the_session_is_no_news) {
  const auto night = from_unix_ns(1'381'197'600'000'000'000);  // 22:00 in New York
  subscribers("quote|AAPL|", 1);
  subscribers("quote|IBM|", 1);
  deliver({quote("AAPL", night)});
  deliver({quote("IBM", night + 10min)});
  advance(3s);
  BOOST_CHECK(of(sent(), "status|quote|AAPL|") == Texts{"1 live"});
  const auto thanksgiving_noon = from_unix_ns(1'385'658'000'000'000'000);
  const auto after_the_early_close = from_unix_ns(1'385'749'800'000'000'000);  // 13:30 in New York, the day after
  for (const auto t : {thanksgiving_noon, after_the_early_close}) {
    deliver({quote("IBM", t), quote("IBM", t + 10min)});
    advance(3s);
    BOOST_CHECK(of(sent(), "status|quote|AAPL|").empty());
  }
}

BOOST_AUTO_TEST_CASE(a_provider_that_dies_is_a_gap_and_goes_on_where_it_was) {
  subscribers("quote|AAPL|", 1);
  const auto t = clock.now();
  deliver({quote("AAPL", t), quote("AAPL", t + 1ms)});
  sent();
  provider->open.clear();
  self->send(hub, ProviderHandle{ProviderName{"fake"}, ProviderActor{}, true});
  run();
  auto messages = sent();
  check_equal(of(messages, "status|quote|AAPL|"), {"2 gap"});
  check_equal(of(messages, "status|provider|fake|"), {"2 down"});
  start_provider();
  check_equal(provider->calls, {"subscribe quote AAPL", "subscribe quote AAPL"});
  BOOST_CHECK(provider->connects == (std::vector<std::uint64_t>{0, 2}));
  deliver({quote("AAPL", t + 2ms, "12")});
  messages = sent();
  check_equal(of(messages, "quote|AAPL|"), {"3 12"});
  BOOST_CHECK(of(messages, "status|provider|fake|") == Texts{"3 up"});
}

BOOST_AUTO_TEST_CASE(a_lossless_provider_gets_no_credit_while_the_bus_is_full) {
  provider->capabilities.lossless = true;
  start_provider();
  subscribers("quote|AAPL|", 1);
  provider->credit = 0;
  const auto t = clock.now();
  for (int i = 0; i < 200; ++i) deliver({quote("AAPL", t + std::chrono::milliseconds{i})});
  const auto given = provider->credit;
  BOOST_CHECK_GT(given, 0U);
  BOOST_CHECK_LT(given, 200U);
  sent();
  self->send(hub, BusHasRoom{});
  run();
  BOOST_CHECK_EQUAL(provider->credit, 200U);
  BOOST_CHECK_EQUAL(queue.dropped(), 0U);
}

BOOST_AUTO_TEST_CASE(disconnect_and_connect_by_command) {
  subscribers("quote|AAPL|", 1);
  auto status = ask<ProviderStatus>(hub, SetProviderLink{ProviderName{"fake"}, false});
  BOOST_REQUIRE(status);
  BOOST_CHECK(status->state == LinkState::down);
  BOOST_CHECK(of(sent(), "status|quote|AAPL|").back().ends_with("gap"));
  status = ask<ProviderStatus>(hub, SetProviderLink{ProviderName{"fake"}, true});
  BOOST_REQUIRE(status);
  BOOST_CHECK(status->state == LinkState::up);
  BOOST_CHECK_EQUAL(provider->open.size(), 1U);
  BOOST_CHECK(!ask<ProviderStatus>(hub, SetProviderLink{ProviderName{"nobody"}, true}));
}

BOOST_AUTO_TEST_CASE(topics_are_bounded_and_unused_ones_make_room) {
  TopicStore store{3};
  for (const char* symbol : {"A", "B", "C"}) {
    const auto made = store.make(StreamKind::quote, Symbol{symbol}, 0, false);
    BOOST_REQUIRE(made && !made->forgotten);
    store[made->ref].subscribers = symbol[0] == 'B' ? 0 : 1;
  }
  const auto made = store.make(StreamKind::quote, Symbol{"D"}, 0, false);
  BOOST_REQUIRE(made && made->forgotten);
  BOOST_CHECK_EQUAL(made->ref, 1U);
  store[made->ref].subscribers = 1;
  BOOST_CHECK(!store.find(StreamKind::quote, Symbol{"B"}, 0, false));
  BOOST_CHECK(!store.make(StreamKind::quote, Symbol{"E"}, 0, false));
}

BOOST_AUTO_TEST_SUITE_END()
