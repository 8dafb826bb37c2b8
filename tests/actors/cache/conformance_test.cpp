// What every cache promises, whatever it keeps its answers in.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/actors/cache/cache_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

CacheRegistry registry() {
  CacheRegistry out;
  register_caches(out);
  return out;
}
const auto caches = boost::unit_test::data::make(registry().names());

struct Fixture : CacheFixture {
  void start_cache(const std::string& cache_name, const Section& with = settings()) {
    start(registry(), cache_name, with);
  }

  // Every kind of question once.
  template <class F>
  static void for_each_question(F f) {
    f("bars", bars(Timeframe::m1, morning - 1h, morning));
    f("details", details("AAPL"));
    f("snapshots", snapshot("AAPL"));
    f("news", news("AAPL"));
    f("news", GetMarketNews{});
    f("chains", GetOptionChain{Symbol{"AAPL"}, {}, {}, {}, {}, 1'000});
    f("search", SearchSymbols{"app", 20});
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cache_conformance)

BOOST_DATA_TEST_CASE_F(Fixture, the_second_of_two_equal_questions_makes_no_call, caches, cache_name) {
  start_cache(cache_name);
  for_each_question([&](const char* kind, auto query) {
    const auto before = stats(kind);
    const auto calls = script->calls;
    const auto first = get(query);
    const auto second = get(query);
    BOOST_REQUIRE(first && second);
    BOOST_CHECK(!first->cached);
    BOOST_CHECK(second->cached);
    BOOST_CHECK(first->answer == second->answer);
    BOOST_CHECK_EQUAL(script->calls, calls + 1);
    const auto after = stats(kind);
    BOOST_CHECK_EQUAL(after.misses, before.misses + 1);
    BOOST_CHECK_EQUAL(after.hits, before.hits + 1);
    BOOST_CHECK_EQUAL(after.upstream_calls, before.upstream_calls + 1);
    BOOST_CHECK_EQUAL(after.coalesced, 0);
    BOOST_CHECK_EQUAL(after.entries, before.entries + 1);
    BOOST_CHECK_GT(after.bytes, before.bytes);
    BOOST_CHECK_GT(after.ttl_ms, 0);
  });
}

BOOST_DATA_TEST_CASE_F(Fixture, equal_questions_at_the_same_time_make_one_call, caches, cache_name) {
  start_cache(cache_name);
  script->hold = true;
  for_each_question([&](const char* kind, auto query) {
    using Query = decltype(query);
    const auto before = stats(kind);
    const auto calls = script->calls;
    auto first = begin(query);
    auto second = begin(query);
    auto third = begin(query);
    BOOST_CHECK_EQUAL(script->calls, calls + 1);
    release(provider);
    const auto a = finish<Query>(first);
    const auto b = finish<Query>(second);
    const auto c = finish<Query>(third);
    BOOST_REQUIRE(a && b && c);
    BOOST_CHECK(!a->cached);
    BOOST_CHECK(b->cached && c->cached);
    BOOST_CHECK(a->answer == b->answer && a->answer == c->answer);
    BOOST_CHECK_EQUAL(stats(kind).coalesced, before.coalesced + 2);
    BOOST_CHECK_EQUAL(stats(kind).misses, before.misses + 1);
    BOOST_CHECK_EQUAL(stats(kind).upstream_calls, before.upstream_calls + 1);
  });
}

BOOST_DATA_TEST_CASE_F(Fixture, another_question_is_another_call, caches, cache_name) {
  start_cache(cache_name);
  auto base = bars(Timeframe::m1, morning - 1h, morning);
  auto other_symbol = base, other_frame = base, other_start = base, other_end = base, adjusted = base, limit = base;
  other_symbol.symbol = Symbol{"MSFT"};
  other_frame.timeframe = Timeframe::m5;
  other_start.start -= 5min;
  other_end.end -= 5min;
  adjusted.adjusted = true;
  limit.limit = 3;
  for (const auto& query : {base, other_symbol, other_frame, other_start, other_end, adjusted, limit})
    BOOST_CHECK(!get(query)->cached);
  BOOST_CHECK_EQUAL(script->calls, 7);
  // The same text in another kind of question.
  BOOST_CHECK(!get(details("AAPL"))->cached);
  BOOST_CHECK(!get(snapshot("AAPL"))->cached);
}

BOOST_DATA_TEST_CASE_F(Fixture, each_provider_answers_for_itself, caches, cache_name) {
  start_cache(cache_name);
  const auto other = std::make_shared<Script>();
  start_provider("other", other);
  BOOST_CHECK(!get(details("AAPL"))->cached);
  BOOST_CHECK(!get(details("AAPL"), "other")->cached);
  BOOST_CHECK_EQUAL(script->calls, 1);
  BOOST_CHECK_EQUAL(other->calls, 1);
  BOOST_TEST_CONTEXT("the default provider, by its name") { BOOST_CHECK(get(details("AAPL"), "fake")->cached); }
}

BOOST_DATA_TEST_CASE_F(Fixture, answers_are_kept_for_their_kinds_time, caches, cache_name) {
  start_cache(cache_name);
  const auto check = [&](auto query, std::chrono::nanoseconds ttl) {
    BOOST_REQUIRE(get(query));
    pass(ttl - 1ns);
    BOOST_CHECK(get(query)->cached);
    pass(1ns);
    BOOST_CHECK(!get(query)->cached);
  };
  BOOST_CHECK_EQUAL(stats("news").ttl_ms, 300'000);
  check(snapshot("AAPL"), 1s);
  check(news("AAPL"), 300s);
  check(GetMarketNews{}, 300s);
  check(GetOptionChain{Symbol{"AAPL"}, {}, {}, {}, {}, 1'000}, 60s);
  check(details("AAPL"), 86'400s);
  check(SearchSymbols{"app", 20}, 86'400s);
}

BOOST_DATA_TEST_CASE_F(Fixture, the_configured_times_are_taken, caches, cache_name) {
  auto with = settings();
  with.set("news_s", 2.5);
  with.set("snapshot_s", 0.0);
  start_cache(cache_name, with);
  BOOST_REQUIRE(get(news("AAPL")));
  pass(2'499ms);
  BOOST_CHECK(get(news("AAPL"))->cached);
  pass(1ms);
  BOOST_CHECK(!get(news("AAPL"))->cached);
  BOOST_REQUIRE(get(snapshot("AAPL")));
  BOOST_CHECK(!get(snapshot("AAPL"))->cached);
  BOOST_CHECK_EQUAL(stats("snapshots").entries, 0);
}

BOOST_DATA_TEST_CASE_F(Fixture, bars_of_today_are_kept_until_the_bar_under_way_ends, caches, cache_name) {
  start_cache(cache_name);
  const auto query = bars(Timeframe::m1, morning - 1h, morning);  // 20 seconds into its minute
  BOOST_REQUIRE(get(query));
  pass(39s);
  BOOST_CHECK(get(query)->cached);
  pass(1s);
  BOOST_CHECK(!get(query)->cached);
}

BOOST_DATA_TEST_CASE_F(Fixture, bars_of_past_days_are_kept, caches, cache_name) {
  start_cache(cache_name);
  const auto query = bars(Timeframe::m1, morning - 96h, morning - 72h);
  BOOST_REQUIRE(get(query));
  pass(24h * 365);
  BOOST_CHECK(get(query)->cached);
}

BOOST_DATA_TEST_CASE_F(Fixture, clearing_forgets_one_kind_or_all, caches, cache_name) {
  start_cache(cache_name);
  const auto fill = [&] { BOOST_REQUIRE(get(details("AAPL")) && get(news("AAPL")) && get(GetMarketNews{})); };
  fill();
  const auto cleared = ask<CacheStats>(cache, ClearCache{"news", {}});
  BOOST_REQUIRE(cleared);
  BOOST_CHECK_EQUAL(cleared->kinds.size(), 7U);
  BOOST_CHECK_EQUAL(stats("news").entries, 0);
  BOOST_CHECK_EQUAL(stats("news").bytes, 0);
  BOOST_CHECK_EQUAL(stats("news").misses, 2);  // counters go on
  BOOST_CHECK_EQUAL(stats("details").entries, 1);
  BOOST_CHECK(!get(news("AAPL"))->cached);
  BOOST_CHECK(get(details("AAPL"))->cached);

  fill();
  BOOST_REQUIRE(ask<CacheStats>(cache, ClearCache{{}, {}}));
  BOOST_CHECK_EQUAL(stats("news").entries + stats("details").entries, 0);
  BOOST_CHECK(!get(details("AAPL"))->cached);

  const auto wrong = ask<CacheStats>(cache, ClearCache{"nonsense", {}});
  BOOST_REQUIRE(!wrong);
  BOOST_CHECK(wrong.error().code == Errc::request_invalid);
  BOOST_CHECK_EQUAL(wrong.error().key, "kind");
}

BOOST_DATA_TEST_CASE_F(Fixture, an_answer_from_before_a_clear_is_given_but_not_kept, caches, cache_name) {
  start_cache(cache_name);
  script->hold = true;
  auto pending = begin(details("AAPL"));
  BOOST_REQUIRE(ask<CacheStats>(cache, ClearCache{"details", {}}));
  release(provider);
  BOOST_CHECK(finish<GetTickerDetails>(pending));
  script->hold = false;
  BOOST_CHECK(!get(details("AAPL"))->cached);
}

BOOST_DATA_TEST_CASE_F(Fixture, the_least_recently_used_answer_goes_first, caches, cache_name) {
  auto with = settings();
  with.set("memory_mb", std::int64_t{1});
  start_cache(cache_name, with);
  script->text_bytes = 300'000;  // three of them fit
  BOOST_REQUIRE(get(news("A")) && get(news("B")) && get(news("C")));
  BOOST_CHECK_EQUAL(stats("news").entries, 3);
  BOOST_CHECK_GE(stats("news").bytes, 900'000);
  BOOST_CHECK(get(news("A"))->cached);
  BOOST_REQUIRE(get(news("D")));  // B goes
  BOOST_CHECK_EQUAL(stats("news").entries, 3);
  BOOST_CHECK_LE(stats("news").bytes, 1 << 20);
  BOOST_CHECK(get(news("A"))->cached);
  BOOST_CHECK(get(news("C"))->cached);
  BOOST_CHECK(get(news("D"))->cached);
  BOOST_CHECK(!get(news("B"))->cached);

  script->text_bytes = 2'000'000;  // no message is as large: refused, not kept, and nothing goes for it
  const auto entries = stats("news").entries;
  for (int i = 0; i < 2; ++i) BOOST_CHECK(get(news("E")).error().code == Errc::provider_unavailable);
  BOOST_CHECK_EQUAL(stats("news").entries, entries);
}

BOOST_DATA_TEST_CASE_F(Fixture, an_error_reaches_every_waiter_and_is_not_kept, caches, cache_name) {
  start_cache(cache_name);
  script->hold = true;
  script->error = Error{Errc::provider_rate_limited, "5 calls a minute are used up", {}, 12'000};
  auto first = begin(details("AAPL"));
  auto second = begin(details("AAPL"));
  release(provider);
  const auto a = finish<GetTickerDetails>(first);
  const auto b = finish<GetTickerDetails>(second);
  BOOST_REQUIRE(!a && !b);
  BOOST_CHECK(a.error() == *script->error);
  BOOST_CHECK(b.error() == *script->error);
  BOOST_CHECK_EQUAL(stats("details").entries, 0);
  script->hold = false;
  script->error.reset();
  advance(12s, 12s);  // the pause that the source asked for
  const auto again = get(details("AAPL"));
  BOOST_REQUIRE(again);
  BOOST_CHECK(!again->cached);
}

BOOST_DATA_TEST_CASE_F(Fixture, what_does_not_exist_is_remembered_for_a_moment, caches, cache_name) {
  start_cache(cache_name);
  for (const auto code : {Errc::instrument_unknown, Errc::provider_not_found}) {
    const auto calls = script->calls;
    const auto query = details(code == Errc::instrument_unknown ? "NOSUCH" : "NOTHERE");
    script->error = Error{code, "there is no such thing"};
    BOOST_CHECK(get(query).error() == *script->error);
    pass(4'999ms);
    BOOST_CHECK(get(query).error() == *script->error);
    BOOST_CHECK_EQUAL(script->calls, calls + 1);
    pass(1ms);
    script->error.reset();
    BOOST_CHECK(get(query));
    BOOST_CHECK_EQUAL(script->calls, calls + 2);
  }
}

BOOST_DATA_TEST_CASE_F(Fixture, an_unknown_provider_is_unavailable, caches, cache_name) {
  start_cache(cache_name);
  const auto answer = get(details("AAPL"), "nosuch");
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == Errc::provider_unavailable);
  BOOST_CHECK(answer.error().message.find("nosuch") != std::string::npos);
  BOOST_CHECK_EQUAL(script->calls, 0);
}

BOOST_DATA_TEST_CASE_F(Fixture, before_any_provider_is_known_questions_are_answered_too, caches, cache_name) {
  auto made = registry().find(cache_name)->make(sys, context(cache_name, settings(), clock));
  BOOST_REQUIRE(made);
  cache = keep(*made);
  BOOST_CHECK(get(details("AAPL")).error().code == Errc::provider_unavailable);
}

BOOST_DATA_TEST_CASE_F(Fixture, a_provider_that_is_down_is_named_and_asked_again_after_its_restart, caches,
                       cache_name) {
  start_cache(cache_name);
  set_provider("fake", {});
  const auto down = get(details("AAPL"));
  BOOST_REQUIRE(!down);
  BOOST_CHECK(down.error().code == Errc::provider_unavailable);
  BOOST_CHECK(down.error().message.find("\"fake\"") != std::string::npos);
  start_provider("fake", script);  // still the default
  BOOST_CHECK(get(details("AAPL")));
}

BOOST_DATA_TEST_CASE_F(Fixture, the_questions_of_a_provider_that_dies_are_answered, caches, cache_name) {
  start_cache(cache_name);
  const auto other = std::make_shared<Script>();
  other->hold = true;
  const auto other_actor = start_provider("other", other);
  script->hold = true;
  auto first = begin(details("AAPL"));
  auto second = begin(details("AAPL"));
  auto elsewhere = begin(details("AAPL"), "other");
  end(provider);
  for (auto* pending : {&first, &second}) {
    const auto answer = finish<GetTickerDetails>(*pending);
    BOOST_REQUIRE(!answer);
    BOOST_CHECK(answer.error().code == Errc::provider_unavailable);
    BOOST_CHECK(answer.error().message.find("\"fake\"") != std::string::npos);
  }
  // Before the supervisor has said a word: nobody is sent to the dead one.
  BOOST_CHECK(get(news("AAPL")).error().code == Errc::provider_unavailable);
  script->held.clear();
  script->hold = false;
  provider = start_provider("fake", script);
  BOOST_CHECK(get(details("AAPL")));
  release(other_actor);
  BOOST_CHECK(finish<GetTickerDetails>(elsewhere));
}

BOOST_DATA_TEST_CASE_F(Fixture, a_question_that_a_dead_provider_never_read_is_answered, caches, cache_name) {
  start_cache(cache_name);
  caf::anon_send_exit(provider, caf::exit_reason::kill);
  auto pending = self->request(cache, caf::infinite, Ask<GetTickerDetails>{{}, details("AAPL"), {}, 0});
  const auto answer = finish<GetTickerDetails>(pending);
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == Errc::provider_unavailable);
}

BOOST_DATA_TEST_CASE_F(Fixture, the_late_answer_of_a_replaced_provider_is_dropped, caches, cache_name) {
  start_cache(cache_name);
  script->hold = true;
  auto pending = begin(details("AAPL"));
  const auto successor = std::make_shared<Script>();
  start_provider("fake", successor);
  BOOST_CHECK(finish<GetTickerDetails>(pending).error().code == Errc::provider_unavailable);
  release(provider);  // the old one speaks
  BOOST_CHECK_EQUAL(stats("details").entries, 0);
  BOOST_CHECK(!get(details("AAPL"))->cached);
  BOOST_CHECK_EQUAL(successor->calls, 1);
}

BOOST_DATA_TEST_CASE_F(Fixture, what_is_kept_is_served_while_the_provider_is_down, caches, cache_name) {
  start_cache(cache_name);
  BOOST_REQUIRE(get(details("AAPL")));
  set_provider("fake", {});
  BOOST_CHECK(get(details("AAPL"))->cached);
}

BOOST_DATA_TEST_CASE_F(Fixture, an_answer_past_its_time_is_better_than_none, caches, cache_name) {
  auto with = settings();
  with.set("stale_max_s", 100.0);
  start_cache(cache_name, with);
  const auto check = [&](const char* kind, auto query) {
    BOOST_TEST_CONTEXT(kind) {
      script->error.reset();
      const auto first = get(query);
      BOOST_REQUIRE(first);
      BOOST_CHECK(!first->stale);
      pass(std::chrono::milliseconds{stats(kind).ttl_ms} + 50s);
      script->error = Error{Errc::provider_unavailable, "the venue is down"};
      const auto stale = get(query);
      BOOST_REQUIRE(stale);
      BOOST_CHECK(stale->stale && stale->cached);
      BOOST_CHECK(stale->answer == first->answer);
      BOOST_CHECK_EQUAL(stats(kind).stale, 1);
      pass(51s);
      const auto gone = get(query);
      BOOST_REQUIRE(!gone);
      BOOST_CHECK(gone.error() == *script->error);
    }
  };
  check("snapshots", snapshot("AAPL"));
  check("news", news("AAPL"));
  check("chains", GetOptionChain{Symbol{"AAPL"}, {}, {}, {}, {}, 1'000});
  check("bars", bars(Timeframe::m1, morning - 1h, morning + 24h));
  check("details", details("AAPL"));
  check("search", SearchSymbols{"app", 20});
}

BOOST_DATA_TEST_CASE_F(Fixture, a_refusal_is_never_hidden_by_an_old_answer, caches, cache_name) {
  start_cache(cache_name);
  BOOST_REQUIRE(get(news("AAPL")));
  pass(301s);
  script->error = Error{Errc::instrument_unknown, "it was delisted"};
  BOOST_CHECK(get(news("AAPL")).error() == *script->error);
}

BOOST_DATA_TEST_CASE_F(Fixture, a_provider_that_is_down_is_replaced_by_its_last_answer, caches, cache_name) {
  start_cache(cache_name);
  BOOST_REQUIRE(get(news("AAPL")));
  pass(301s);
  set_provider("fake", {});
  const auto stale = get(news("AAPL"));
  BOOST_REQUIRE(stale);
  BOOST_CHECK(stale->stale);
}

BOOST_DATA_TEST_CASE_F(Fixture, a_cache_that_ends_answers_its_waiters, caches, cache_name) {
  start_cache(cache_name);
  script->hold = true;
  auto pending = begin(details("AAPL"));
  caf::anon_send_exit(cache, caf::exit_reason::user_shutdown);
  BOOST_CHECK(!finish<GetTickerDetails>(pending));
  script->held.clear();
}

BOOST_DATA_TEST_CASE_F(Fixture, a_recording_that_takes_over_the_clock_sees_no_answers_from_its_future, caches,
                       cache_name) {
  clock = Clock{};  // wall time, until the recording's first event
  start_cache(cache_name);
  BOOST_REQUIRE(get(details("AAPL")));
  BOOST_CHECK(get(details("AAPL"))->cached);
  clock.advance_to(morning);
  BOOST_CHECK(!get(details("AAPL"))->cached);
  BOOST_CHECK(get(details("AAPL"))->cached);
}

BOOST_AUTO_TEST_SUITE_END()
