// What is the memory cache's own; what every cache promises stands in conformance_test.cpp.
#include "actors/cache/memory/memory.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/actors/cache/cache_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

struct MemoryFixture : CacheFixture {
  void start_cache(const Section& with = settings()) {
    CacheRegistry registry;
    memory::register_in(registry);
    start(registry, "memory", with);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory_cache, MemoryFixture)

BOOST_AUTO_TEST_CASE(calls_under_way_are_bounded) {
  auto with = settings();
  with.set("calls_max", std::int64_t{2});
  start_cache(with);
  script->hold = true;
  auto first = begin(details("A"));
  auto second = begin(details("B"));
  const auto third = get(details("C"));
  BOOST_REQUIRE(!third);
  BOOST_CHECK(third.error().code == Errc::overloaded);
  BOOST_CHECK(third.error().retry_after_ms);
  BOOST_CHECK(third.error().message.find("cache.calls_max") != std::string::npos);
  auto joined = begin(details("A"));  // costs no call
  BOOST_CHECK_EQUAL(script->calls, 2);
  release(provider);
  BOOST_CHECK(finish<GetTickerDetails>(first));
  BOOST_CHECK(finish<GetTickerDetails>(second));
  BOOST_CHECK(finish<GetTickerDetails>(joined));
  script->hold = false;
  BOOST_CHECK(get(details("C")));
}

BOOST_AUTO_TEST_CASE(a_call_that_is_never_answered_does_not_block_its_question_for_ever) {
  start_cache();
  script->hold = true;
  auto lost = begin(details("AAPL"));
  advance(121s, 121s);
  auto again = begin(details("AAPL"));
  BOOST_CHECK_EQUAL(script->calls, 2);
  const auto answer = finish<GetTickerDetails>(lost);
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == Errc::provider_unavailable);
  release(provider);  // both are answered now; the first one too late
  BOOST_CHECK(finish<GetTickerDetails>(again));
  BOOST_CHECK_EQUAL(stats("details").entries, 1);
}

BOOST_AUTO_TEST_CASE(strategies_that_ask_until_now_share_an_answer) {
  start_cache();
  BOOST_REQUIRE(get(bars(Timeframe::m1, morning - 1h, morning)));
  pass(7s);
  BOOST_CHECK(get(bars(Timeframe::m1, morning - 1h, morning + 7s))->cached);
}

BOOST_AUTO_TEST_CASE(a_hit_shares_the_stored_message) {
  start_cache();
  script->size = 1'000;
  const auto query = bars(Timeframe::m1, morning - 72h, morning - 48h);
  BOOST_REQUIRE(get(query));
  const void* first = nullptr;
  const void* second = nullptr;
  for (const void** place : {&first, &second}) {
    auto pending = self->request(cache, caf::infinite, Ask<GetHistoricalData>{{}, query, {}, 0});
    run();
    pending.receive([&](const CachedAnswer& r) { *place = r.packed->data(); }, [](const caf::error&) {});
  }
  BOOST_CHECK(first != nullptr);
  BOOST_CHECK_EQUAL(first, second);
}

BOOST_AUTO_TEST_CASE(bytes_follow_what_is_kept) {
  start_cache();
  script->size = 1'000;
  BOOST_REQUIRE(get(bars(Timeframe::m1, morning - 72h, morning - 48h)));
  const auto kept = static_cast<std::size_t>(stats("bars").bytes);
  const auto reply =
      ask<CachedAnswer>(cache, Ask<GetHistoricalData>{{}, bars(Timeframe::m1, morning - 72h, morning - 48h), {}, 0});
  BOOST_REQUIRE(reply);
  BOOST_CHECK_GE(kept, reply->packed->size());
  BOOST_CHECK_LE(kept, reply->packed->size() + 1'000);
}

BOOST_AUTO_TEST_CASE(bad_settings_are_refused_by_name) {
  CacheRegistry registry;
  memory::register_in(registry);
  for (const auto* key : {"memory_mb", "calls_max"}) {
    auto with = settings();
    with.set(key, std::int64_t{0});
    const auto made = registry.find("memory")->make(sys, context("memory", with, clock));
    BOOST_REQUIRE(!made);
    BOOST_CHECK(made.error().code == Errc::config_invalid);
    BOOST_CHECK(made.error().message.find(key) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(it_runs_without_calls_max) {
  const auto all = settings();
  Section with;
  for (const auto& [key, value] : all.values())
    if (key != "calls_max") with.set(key, value);
  start_cache(with);
  BOOST_CHECK(get(details("AAPL")));
}

BOOST_AUTO_TEST_SUITE_END()
