// Topics that were refused for now: for the login, or for want of room. And many at once.
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "tests/engine/market/hub_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

const ProviderName fake{"fake"};

struct RefusalsFixture : HubFixture {
  RefusalsFixture() { log->sinks().push_back(std::make_shared<spdlog::sinks::ostream_sink_mt>(lines)); }
  // How many lines of the log say so.
  std::size_t logged(const std::string& what) {
    std::size_t out = 0;
    for (std::size_t at = 0; (at = lines.str().find(what, at)) != std::string::npos; ++at) ++out;
    return out;
  }
  void tell(LinkState state, const std::string& reason = {}) {
    self->send(hub, ProviderStatus{fake, state, reason, "", {}});
    run();
  }
  void tell(TopicRef ref, TopicState state, const std::string& reason = {}) {
    self->send(hub, TopicStatus{fake, ref, state, reason});
  }
  std::vector<std::string> calls() { return std::exchange(provider->calls, {}); }
  void want_quotes(int first, int last, std::uint32_t subscribers = 1) {
    for (int i = first; i <= last; ++i) subscribers_of(i, subscribers);
  }
  void subscribers_of(int i, std::uint32_t n) { subscribers("quote|S" + std::to_string(i) + "|", n); }
  // Those open at the provider: "S1 S3".
  std::string open() const {
    std::set<std::string> symbols;
    for (const auto& [ref, s] : provider->open) symbols.insert(s.symbol.str());
    std::string out;
    for (const auto& symbol : symbols) out += (out.empty() ? "" : " ") + symbol;
    return out;
  }

  std::ostringstream lines;
};

std::string symbol_of(int i) { return "S" + std::to_string(i); }
std::string quote_of(int i) { return "quote|" + symbol_of(i) + "|"; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(market_hub_refusals, RefusalsFixture)

BOOST_AUTO_TEST_CASE(a_cut_of_thousands_of_topics_is_told_of_each_in_few_batches) {
  constexpr int count = 3'000;
  TopicsWanted wanted;
  for (int i = 0; i < count; ++i) wanted.topics.push_back({quote_of(i), 1});
  self->send(hub, std::move(wanted));
  run();
  sent();
  const auto open = provider->open;
  for (const auto* state : {"gap", "live"}) {
    for (const auto& [ref, each] : open) tell(ref, *enum_from_string<TopicState>(state), "transport");
    run();
    BOOST_CHECK_LE(queue.depth(), 10U);
    const auto all = sent();
    for (int i = 0; i < count; ++i) BOOST_REQUIRE_EQUAL(of(all, "status|" + quote_of(i)).size(), 1U);
    BOOST_CHECK_EQUAL(of(all, "status|" + quote_of(count - 1)).back().substr(2), state);
  }
  BOOST_CHECK_EQUAL(queue.dropped(), 0U);
}

BOOST_AUTO_TEST_CASE(a_thousand_refusals_are_told_of_each) {
  TopicsWanted wanted;
  for (int i = 0; i < 1'000; ++i) {
    wanted.topics.push_back({quote_of(i), 1});
    provider->unknown.insert(Symbol{symbol_of(i)});
  }
  self->send(hub, std::move(wanted));
  run();
  BOOST_CHECK_LE(queue.depth(), 10U);
  const auto all = sent();
  for (int i = 0; i < 1'000; ++i) check_equal(of(all, "status|" + quote_of(i)), {"1 rejected"});
}

BOOST_AUTO_TEST_CASE(what_was_dropped_is_said_once_in_a_while) {
  for (int i = 0; i < 1'000; ++i) publisher.publish("status|provider|x|", TopicWant{"x", 1});
  BOOST_CHECK_GT(queue.dropped(), 0U);
  advance(1s);
  BOOST_CHECK_EQUAL(logged("bus-behind dropped=" + std::to_string(queue.dropped())), 1U);
  for (int i = 0; i < 1'000; ++i) publisher.publish("status|provider|x|", TopicWant{"x", 1});
  advance(5s);
  BOOST_CHECK_EQUAL(logged("bus-behind"), 1U);
  advance(5s);
  BOOST_CHECK_EQUAL(logged("bus-behind"), 2U);
  advance(60s);
  BOOST_CHECK_EQUAL(logged("bus-behind"), 2U);
}

// ---- refused for the login -----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(what_was_denied_is_asked_for_anew_when_the_provider_is_up_again) {
  subscribers("quote|A|", 1);
  subscribers("quote|B|", 1);
  const auto a = ref(StreamKind::quote, "A");
  sent();
  calls();
  tell(a, TopicState::rejected, "auth.denied");
  provider->open.erase(a);
  tell(LinkState::down, "auth");
  check_equal(of(sent(), "status|quote|A|"), {"2 rejected"});
  tell(LinkState::connecting);
  BOOST_CHECK(calls().empty());
  tell(LinkState::up);
  check_equal(calls(), {"subscribe quote A"});
  check_equal(of(sent(), "status|quote|A|"), {"3 live"});
}

BOOST_AUTO_TEST_CASE(denied_again_is_no_news_and_whoever_left_is_not_asked_for) {
  provider->denies = true;
  subscribers("quote|A|", 1);
  subscribers("quote|B|", 1);
  subscribers("quote|A@fake|", 1);
  subscribers("bar_1m|A|", 1);
  subscribers("quote|B|", 0);
  auto all = sent();
  BOOST_CHECK_EQUAL(of(all, "status|bar_1m|A|").back().substr(2), "rejected");
  for (int i = 0; i < 3; ++i) {
    tell(LinkState::down, "auth");
    tell(LinkState::up);
  }
  all = sent();
  for (const auto* topic : {"quote|A|", "quote|B|", "quote|A@fake|", "bar_1m|A|", "trade|A|"})
    check_equal(of(all, std::string{"status|"} + topic), {});
  provider->denies = false;
  calls();
  tell(LinkState::down, "auth");
  tell(LinkState::up);
  all = sent();
  for (const auto* topic : {"quote|A|", "quote|A@fake|", "bar_1m|A|"}) {
    const auto statuses = of(all, std::string{"status|"} + topic);
    BOOST_REQUIRE_GE(statuses.size(), 1U);
    BOOST_CHECK_EQUAL(statuses.back().substr(2), "live");
  }
  check_equal(of(all, "status|quote|B|"), {});
  check_equal(calls(), {"subscribe quote A", "subscribe trade A"});
}

BOOST_AUTO_TEST_CASE(disconnect_and_connect_with_a_good_key_bring_them_back) {
  provider->denies = true;
  subscribers("quote|A|", 1);
  check_equal(of(sent(), "status|quote|A|"), {"1 rejected"});
  BOOST_REQUIRE(ask<ProviderStatus>(hub, SetProviderLink{fake, false}));
  provider->denies = false;
  BOOST_REQUIRE(ask<ProviderStatus>(hub, SetProviderLink{fake, true}));
  check_equal(of(sent(), "status|quote|A|"), {"2 live"});
}

BOOST_AUTO_TEST_CASE(bars_do_not_ask_for_trades_that_the_source_has_refused) {
  provider->capabilities.streams.push_back(StreamKind::bar_1m);
  start_provider();
  subscribers("trade|A|", 1);
  subscribers("bar_1m|A|", 1);
  const auto trades = ref(StreamKind::trade, "A");
  const auto bars = ref(StreamKind::bar_1m, "A");
  sent();
  calls();
  tell(trades, TopicState::rejected, "provider.unsupported");
  tell(bars, TopicState::rejected, "provider.unsupported");
  run();
  const auto all = sent();
  BOOST_CHECK(calls().empty());
  BOOST_CHECK_EQUAL(of(all, "status|trade|A|").size(), 1U);
  BOOST_CHECK_EQUAL(of(all, "status|bar_1m|A|").size(), 1U);
  BOOST_CHECK_EQUAL(of(all, "status|bar_1m|A|").back().substr(2), "rejected");
}

// ---- refused for want of room --------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(room_goes_to_those_that_wait_in_the_order_of_their_asking) {
  provider->room = 2;
  want_quotes(1, 5);
  auto all = sent();
  BOOST_CHECK_EQUAL(open(), "S1 S2");
  for (int i = 3; i <= 5; ++i) check_equal(of(all, "status|" + quote_of(i)), {"1 rejected"});
  subscribers_of(1, 0);  // no linger while somebody waits
  BOOST_CHECK_EQUAL(open(), "S2 S3");
  check_equal(of(sent(), "status|" + quote_of(3)), {"2 live"});
  subscribers_of(4, 0);  // waits no more
  subscribers_of(2, 0);
  BOOST_CHECK_EQUAL(open(), "S3 S5");
  all = sent();
  check_equal(of(all, "status|" + quote_of(5)), {"2 live"});
  check_equal(of(all, "status|" + quote_of(4)), {});
  subscribers_of(2, 1);
  subscribers_of(4, 1);
  subscribers_of(3, 0);
  BOOST_CHECK_EQUAL(open(), "S2 S5");
}

BOOST_AUTO_TEST_CASE(what_only_lingers_is_given_up_for_what_is_wanted) {
  provider->room = 2;
  want_quotes(1, 2);
  want_quotes(1, 2, 0);
  BOOST_CHECK_EQUAL(open(), "S1 S2");  // kept warm
  want_quotes(3, 3);
  BOOST_CHECK_EQUAL(open(), "S2 S3");  // the one that has lingered the longest went
  want_quotes(4, 5);
  BOOST_CHECK_EQUAL(open(), "S3 S4");
  const auto all = sent();
  check_equal(of(all, "status|" + quote_of(3)), {"1 live"});  // nobody was refused meanwhile
  check_equal(of(all, "status|" + quote_of(5)), {"1 rejected"});
}

BOOST_AUTO_TEST_CASE(room_that_the_hub_did_not_make_is_found_and_refusals_meanwhile_are_no_news) {
  provider->room = 1;
  want_quotes(1, 4);
  sent();
  advance(20s);
  BOOST_CHECK_EQUAL(open(), "S1");
  auto all = sent();
  for (int i = 2; i <= 4; ++i) check_equal(of(all, "status|" + quote_of(i)), {});
  provider->room = 3;
  advance(6s);
  BOOST_CHECK_EQUAL(open(), "S1 S2 S3");
  all = sent();
  check_equal(of(all, "status|" + quote_of(2)), {"2 live"});
  check_equal(of(all, "status|" + quote_of(4)), {});
  calls();
  advance(60s);
  BOOST_CHECK_LE(calls().size(), 13U);  // one question in five seconds, however many wait
}

BOOST_AUTO_TEST_CASE(thousands_that_wait_all_get_the_room_of_thousands_that_leave) {
  provider->room = 1'000;
  want_quotes(1, 2'000);
  const auto refused = sent();
  check_equal(of(refused, "status|" + quote_of(2'000)), {"1 rejected"});
  want_quotes(1, 1'000, 0);
  BOOST_CHECK_EQUAL(provider->open.size(), 1'000U);
  const auto all = sent();
  for (int i = 1'001; i <= 2'000; ++i) check_equal(of(all, "status|" + quote_of(i)), {"2 live"});
}

// ---- can't be given now ---------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(what_cannot_be_given_now_is_a_gap_and_asked_for_again) {
  provider->unavailable = {Symbol{"A"}};
  for (const auto* topic : {"quote|A|", "quote|A@fake|", "bar_1m|A|"}) subscribers(topic, 1);
  auto all = sent();
  for (const auto* topic : {"quote|A|", "quote|A@fake|", "bar_1m|A|", "trade|A|"})
    check_equal(of(all, std::string{"status|"} + topic), {"1 gap"});
  calls();
  advance(40s);
  all = sent();
  for (const auto* topic : {"quote|A|", "quote|A@fake|", "bar_1m|A|", "trade|A|"})
    check_equal(of(all, std::string{"status|"} + topic), {});  // it is no news
  BOOST_CHECK_EQUAL(calls().size(), 2 * 3U);                   // after 5, 10 and 20 seconds
  advance(300s);
  BOOST_CHECK_LE(calls().size(), 2 * 6U);  // once a minute
  provider->unavailable.clear();
  advance(62s);
  all = sent();
  for (const auto* topic : {"quote|A|", "quote|A@fake|", "bar_1m|A|", "trade|A|"})
    check_equal(of(all, std::string{"status|"} + topic), {"2 live"});
  calls();
  advance(300s);
  BOOST_CHECK(calls().empty());
}

BOOST_AUTO_TEST_CASE(an_open_topic_that_the_provider_gives_up_for_now_comes_back) {
  subscribers("quote|A|", 1);
  const auto a = ref(StreamKind::quote, "A");
  deliver({quote("A", clock.now())});
  sent();
  calls();
  provider->open.erase(a);
  tell(a, TopicState::rejected, "provider.unavailable");
  run();
  auto all = sent();
  check_equal(of(all, "status|quote|A|"), {"2 gap"});
  BOOST_CHECK_EQUAL(of(all, "marked quote|A|").size(), 1U);  // its last quote is a stale one
  advance(6s);
  check_equal(calls(), {"subscribe quote A"});
  check_equal(of(sent(), "status|quote|A|"), {"3 live"});
}

BOOST_AUTO_TEST_CASE(who_asks_once_is_answered_at_the_second_time) {
  provider->unavailable = {Symbol{"A"}};
  std::vector<Errc> answers;
  const auto note = [&](const caf::error& e) { answers.push_back(from_caf(e, Errc::internal).code); };
  const auto nothing = [](const auto&) { BOOST_FAIL("it can't be had"); };
  auto quote = self->request(hub, caf::infinite, GetQuote{"A"});
  auto watch = self->request(
      hub, caf::infinite, WatchSymbol{Symbol{"A"}, 1, caf::actor_cast<WatchSink>(caf::strong_actor_ptr{self->ctrl()})});
  run();
  check_equal(calls(), {"subscribe quote A", "subscribe trade A"});
  BOOST_CHECK(!self->has_next_message());  // it may be the last word of a provider that is started anew
  advance(6s);
  quote.receive([&](const Quote& q) { nothing(q); }, note);
  watch.receive([&](const Done& d) { nothing(d); }, note);
  const std::vector<Errc> want(2, Errc::provider_unavailable);
  BOOST_CHECK(answers == want);
  advance(10s);  // nobody needs it any more
  calls();
  advance(120s);
  BOOST_CHECK(calls().empty());
}

BOOST_AUTO_TEST_CASE(a_topic_that_waits_is_asked_for_once_when_its_provider_comes_back) {
  provider->unavailable = {Symbol{"A"}};
  subscribers("quote|A|", 1);
  BOOST_REQUIRE(ask<ProviderStatus>(hub, SetProviderLink{fake, false}));
  calls();
  advance(60s);
  BOOST_CHECK(calls().empty());
  provider->unavailable.clear();
  BOOST_REQUIRE(ask<ProviderStatus>(hub, SetProviderLink{fake, true}));
  check_equal(calls(), {"subscribe quote A"});
  BOOST_CHECK_EQUAL(of(sent(), "status|quote|A|").back().substr(2), "live");
  advance(60s);
  BOOST_CHECK(calls().empty());
}

BOOST_AUTO_TEST_SUITE_END()
