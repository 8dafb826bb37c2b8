// get_quote: what is answered from what is known, and what costs a subscription upstream.
#include "hub_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct Fixture : HubFixture {
  // Asks without waiting for the answer.
  auto begin(const char* symbol) {
    auto pending = self->request(hub, caf::infinite, GetQuote{symbol});
    run();
    return pending;
  }
  template <class Pending>
  std::string bid(Pending& pending) {
    std::string out = "none";
    pending.receive([&](const Quote& q) { out = q.bid->to_string(); },
                    [&](const caf::error& e) { out = to_string(from_caf(e, Errc::internal).code); });
    return out;
  }
  std::string get(const char* symbol) {
    const auto quote = ask<Quote>(hub, GetQuote{symbol});
    return quote ? quote->bid->to_string() : std::string{to_string(quote.error().code)};
  }
  // Asked, answered by the source, and closed again.
  void fetch(const char* symbol, const char* price) {
    auto pending = begin(symbol);
    deliver({quote(symbol, clock.now(), price, "500")});
    BOOST_REQUIRE_EQUAL(bid(pending), price);
    advance(2200ms);
    BOOST_REQUIRE(provider->open.empty());
  }
  QuoteStats stats() { return *ask<QuoteStats>(hub, GetQuoteStats{}); }
  // HubFixture's clock stands at Monday's opening; the test moves it.
  void at(std::chrono::nanoseconds since_the_opening) { clock.advance_to(opening + since_the_opening); }
  const Timestamp opening = clock.now();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(market_hub_quotes, Fixture)

BOOST_AUTO_TEST_CASE(equal_questions_at_once_make_one_subscription) {
  auto first = begin("AAPL");
  auto second = begin("AAPL");
  auto named = begin("AAPL@fake");  // the default provider by its name
  check_equal(provider->calls, {"subscribe quote AAPL"});
  deliver({quote("AAPL", clock.now(), "100", "101")});
  BOOST_CHECK_EQUAL(bid(first), "100");
  BOOST_CHECK_EQUAL(bid(second), "100");
  BOOST_CHECK_EQUAL(bid(named), "100");
  BOOST_CHECK_EQUAL(get("AAPL"), "100");  // it still flows
  check_equal(provider->calls, {"subscribe quote AAPL"});
  const auto s = stats();
  BOOST_CHECK_EQUAL(s.misses, 1);
  BOOST_CHECK_EQUAL(s.coalesced, 2);
  BOOST_CHECK_EQUAL(s.hits, 1);
  BOOST_CHECK_EQUAL(s.upstream_calls, 1);
  BOOST_CHECK_EQUAL(s.entries, 1);
  BOOST_CHECK_GT(s.bytes, 0);
}

BOOST_AUTO_TEST_CASE(in_session_the_quote_of_a_closed_topic_is_good_for_a_second) {
  at(1h);
  fetch("AAPL", "100");
  at(1h + 999ms);
  BOOST_CHECK_EQUAL(get("AAPL"), "100");
  BOOST_CHECK_EQUAL(provider->calls.size(), 2U);  // subscribed, unsubscribed
  at(1h + 1s);
  auto pending = begin("AAPL");
  BOOST_CHECK_EQUAL(provider->calls.size(), 3U);
  deliver({quote("AAPL", clock.now(), "102", "103")});
  BOOST_CHECK_EQUAL(bid(pending), "102");
  BOOST_CHECK_EQUAL(stats().upstream_calls, 2);
}

BOOST_AUTO_TEST_CASE(at_night_it_is_good_until_the_pre_market_opens) {
  at(12h);  // 21:30
  fetch("AAPL", "100");
  at(18h + 29min);  // 03:59 of the next morning
  BOOST_CHECK_EQUAL(get("AAPL"), "100");
  BOOST_CHECK_EQUAL(get("AAPL@fake"), "100");
  BOOST_CHECK_EQUAL(stats().upstream_calls, 1);
  BOOST_CHECK_EQUAL(stats().hits, 2);
  BOOST_CHECK_EQUAL(stats().entries, 1);
  at(18h + 30min);
  auto pending = begin("AAPL");
  BOOST_CHECK_EQUAL(stats().upstream_calls, 2);
  deliver({quote("AAPL", clock.now(), "101", "102")});
  BOOST_CHECK_EQUAL(bid(pending), "101");
}

BOOST_AUTO_TEST_CASE(a_snapshot_by_the_default_providers_name_is_the_same) {
  auto pending = begin("AAPL");
  deliver({quote("AAPL", clock.now(), "100", "101")});
  BOOST_CHECK_EQUAL(bid(pending), "100");
  for (const auto* name : {"AAPL", "AAPL@fake"}) {
    const auto snapshot = ask<MarketSnapshot>(hub, GetSnapshot{name});
    BOOST_REQUIRE(snapshot && snapshot->quote);
    BOOST_CHECK_EQUAL(snapshot->quote->bid->to_string(), "100");
  }
}

BOOST_AUTO_TEST_CASE(a_coin_is_never_closed) {
  at(12h);
  fetch("BTC-USD", "100");
  at(12h + 2s);
  auto pending = begin("BTC-USD");
  BOOST_CHECK_EQUAL(stats().upstream_calls, 2);
  deliver({quote("BTC-USD", clock.now(), "101", "102")});
  BOOST_CHECK_EQUAL(bid(pending), "101");
}

BOOST_AUTO_TEST_CASE(what_does_not_exist_is_asked_for_once_in_a_while) {
  provider->unknown.insert(Symbol{"NONE"});
  for (int i = 0; i < 3; ++i) BOOST_CHECK_EQUAL(get("NONE"), "instrument.unknown");
  BOOST_CHECK_EQUAL(get("NONE@fake"), "instrument.unknown");
  check_equal(provider->calls, {"subscribe quote NONE"});
  at(5s);
  provider->unknown.clear();
  auto pending = begin("NONE");
  deliver({quote("NONE", clock.now(), "7", "8")});
  BOOST_CHECK_EQUAL(bid(pending), "7");
}

BOOST_AUTO_TEST_CASE(clearing_forgets_what_is_closed_and_not_what_flows) {
  at(12h);
  fetch("AAPL", "100");
  fetch("MSFT", "200");
  auto pending = begin("IBM");
  deliver({quote("IBM", clock.now(), "300", "301")});
  BOOST_CHECK_EQUAL(bid(pending), "300");
  BOOST_CHECK_EQUAL(stats().entries, 3);
  BOOST_CHECK_EQUAL(ask<QuoteStats>(hub, ClearQuotes{Symbol{"AAPL"}})->entries, 2);
  BOOST_CHECK_EQUAL(get("MSFT"), "200");
  BOOST_CHECK_EQUAL(ask<QuoteStats>(hub, ClearQuotes{})->entries, 1);
  BOOST_CHECK_EQUAL(get("IBM"), "300");
}

BOOST_AUTO_TEST_CASE(a_quote_with_a_hole_behind_it_is_not_kept) {
  at(12h);
  auto pending = begin("AAPL");
  deliver({quote("AAPL", clock.now(), "100", "101")});
  BOOST_REQUIRE_EQUAL(bid(pending), "100");
  self->send(hub, TopicStatus{ProviderName{"fake"}, ref(StreamKind::quote, "AAPL"), TopicState::gap, "test"});
  advance(2200ms);
  BOOST_CHECK_EQUAL(stats().entries, 0);
}

BOOST_AUTO_TEST_SUITE_END()
