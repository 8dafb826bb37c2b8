// The pace of calls: waiting for a turn, refusals in time, the source's own pauses.
#include <boost/test/unit_test.hpp>

#include "actors/cache/memory/memory.hpp"
#include "tests/actors/cache/cache_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

struct CallsFixture : CacheFixture {
  void start_cache(PacingRules rules) {
    script->capabilities.pacing = rules;
    CacheRegistry registry;
    memory::register_in(registry);
    start(registry, "memory");
  }
  PacingStats pacing() { return ask<CacheStats>(cache, GetCacheStats{})->pacing.at(0); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(paced_calls, CallsFixture)

BOOST_AUTO_TEST_CASE(a_call_waits_for_its_turn) {
  start_cache({.calls_per_minute = 2});
  timeout_ms = 60'000;
  BOOST_REQUIRE(get(details("A")) && get(details("B")));
  timeout_ms = 120'000;
  auto waits = begin(details("C"));
  advance(59s, 1s);
  BOOST_CHECK_EQUAL(script->calls, 2);
  BOOST_CHECK_EQUAL(pacing().waiting, 1);
  advance(2s, 1s);
  BOOST_CHECK_EQUAL(script->calls, 3);
  BOOST_CHECK(finish<GetTickerDetails>(waits));
  BOOST_CHECK_EQUAL(pacing().calls, 3);
  BOOST_CHECK_EQUAL(pacing().under_way, 0);
  BOOST_CHECK_EQUAL(pacing().rules.calls_per_minute, 2);
}

BOOST_AUTO_TEST_CASE(who_can_wait_no_longer_is_told_when_to_come_back) {
  start_cache({.calls_per_minute = 1});
  timeout_ms = 1'000;
  BOOST_REQUIRE(get(details("A")));
  auto waits = begin(details("B"));
  advance(900ms, 100ms);
  BOOST_CHECK_EQUAL(pacing().waiting, 1);
  advance(100ms, 10ms);  // before the second is over: the answer must still reach the asker
  BOOST_CHECK_EQUAL(pacing().waiting, 0);
  const auto refused = finish<GetTickerDetails>(waits);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == Errc::provider_rate_limited);
  BOOST_CHECK(refused.error().message.find("calls_per_minute = 1") != std::string::npos);
  BOOST_REQUIRE(refused.error().retry_after_ms);
  BOOST_CHECK_GT(*refused.error().retry_after_ms, 58'000);
  BOOST_CHECK_LT(*refused.error().retry_after_ms, 60'000);
  BOOST_CHECK_EQUAL(pacing().refused, 1);
  advance(120s, 10s);  // it is not made later for nobody
  BOOST_CHECK_EQUAL(script->calls, 1);
}

BOOST_AUTO_TEST_CASE(each_waiter_has_his_own_end) {
  start_cache({.calls_per_minute = 1});
  timeout_ms = 1'000;
  BOOST_REQUIRE(get(details("A")));
  auto impatient = begin(details("B"));
  timeout_ms = 100'000;
  auto patient = begin(details("B"));
  advance(1s, 100ms);
  BOOST_CHECK(finish<GetTickerDetails>(impatient).error().code == Errc::provider_rate_limited);
  advance(60s, 1s);
  BOOST_CHECK(finish<GetTickerDetails>(patient));
  BOOST_CHECK_EQUAL(script->calls, 2);
}

BOOST_AUTO_TEST_CASE(an_old_answer_is_given_instead_of_a_refusal) {
  start_cache({.calls_per_minute = 1});
  timeout_ms = 1'000;
  BOOST_REQUIRE(get(snapshot("A")));
  pass(2s);
  auto waits = begin(snapshot("A"));
  advance(1s, 100ms);
  const auto stale = finish<GetDailySnapshot>(waits);
  BOOST_REQUIRE(stale);
  BOOST_CHECK(stale->stale);
}

BOOST_AUTO_TEST_CASE(clients_take_turns) {
  start_cache({.calls_at_once = 1});
  script->hold = true;
  timeout_ms = 60'000;
  client = ClientName{"greedy"};
  auto first = begin(details("G1"));
  auto second = begin(details("G2"));
  auto third = begin(details("G3"));
  client = ClientName{"modest"};
  auto other = begin(details("M1"));
  BOOST_CHECK_EQUAL(script->calls, 1);
  release(provider);  // G1 ends; G2 has waited longest
  release(provider);  // then it is the other's turn
  BOOST_CHECK(finish<GetTickerDetails>(first));
  BOOST_CHECK(finish<GetTickerDetails>(second));
  BOOST_CHECK_EQUAL(script->calls, 3);
  release(provider);
  BOOST_CHECK(finish<GetTickerDetails>(other));
  release(provider);
  BOOST_CHECK(finish<GetTickerDetails>(third));
  BOOST_CHECK_EQUAL(pacing().under_way, 0);
}

BOOST_AUTO_TEST_CASE(the_sources_own_pause_is_kept_and_the_question_asked_again) {
  start_cache({});
  timeout_ms = 60'000;
  script->error = Error{Errc::provider_rate_limited, "slow down", {}, 5'000};
  auto pending = begin(details("A"));
  BOOST_CHECK_EQUAL(script->calls, 1);
  script->error.reset();
  auto other = begin(details("B"));  // waits with it
  advance(4'900ms, 100ms);
  BOOST_CHECK_EQUAL(script->calls, 1);
  advance(200ms, 100ms);
  BOOST_CHECK(finish<GetTickerDetails>(pending));
  BOOST_CHECK(finish<GetTickerDetails>(other));
  BOOST_CHECK_EQUAL(script->calls, 3);
}

BOOST_AUTO_TEST_CASE(a_pause_longer_than_anybody_waits_is_passed_on) {
  start_cache({});
  timeout_ms = 1'000;
  script->error = Error{Errc::provider_rate_limited, "slow down", {}, 30'000};
  const auto refused = get(details("A"));
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == Errc::provider_rate_limited);
  BOOST_CHECK(refused.error().retry_after_ms == 30'000);
}

BOOST_AUTO_TEST_CASE(a_restart_of_the_adapter_does_not_reset_the_venues_count) {
  start_cache({.calls_per_minute = 1});
  timeout_ms = 1'000;
  BOOST_REQUIRE(get(details("A")));
  set_provider("fake", {});
  start_provider("fake", script, true);
  auto waits = begin(details("B"));
  advance(1s, 100ms);
  BOOST_CHECK(finish<GetTickerDetails>(waits).error().code == Errc::provider_rate_limited);
}

BOOST_AUTO_TEST_CASE(those_who_wait_for_a_provider_that_dies_are_answered) {
  start_cache({.calls_per_minute = 1});
  timeout_ms = 60'000;
  BOOST_REQUIRE(get(details("A")));
  auto waits = begin(details("B"));
  end(provider);
  BOOST_CHECK(finish<GetTickerDetails>(waits).error().code == Errc::provider_unavailable);
  BOOST_CHECK_EQUAL(pacing().waiting, 0);
}

BOOST_AUTO_TEST_SUITE_END()
