#include "actors/cache/memory/sane_answer.hpp"
#include "actors/cache/memory/memory.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/actors/cache/cache_fixture.hpp"

using namespace tradebus;
using namespace tradebus::memory;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

struct SaneAnswerFixture : CacheFixture {
  SaneAnswerFixture() {
    CacheRegistry registry;
    register_in(registry);
    start(registry, "memory");
  }
};
HistoricalBar bar_of(const char* symbol, int price) {
  HistoricalBar bar;
  bar.symbol = Symbol{symbol};
  bar.open = bar.high = bar.low = bar.close = Price::from_int(price);
  return bar;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sane_answer)

BOOST_AUTO_TEST_CASE(an_answer_about_another_symbol_is_none) {
  TickerDetails details;
  BOOST_CHECK(make_sane(GetTickerDetails{Symbol{"AAPL"}}, details));
  BOOST_CHECK_EQUAL(details.symbol.str(), "AAPL");  // what was left out is meant
  BOOST_CHECK(!make_sane(GetTickerDetails{Symbol{"MSFT"}}, details));
  DailySnapshot snapshot;
  snapshot.day = bar_of("IBM", 1);
  BOOST_CHECK(!make_sane(GetDailySnapshot{Symbol{"AAPL"}}, snapshot));
  snapshot.day = bar_of("", -1);
  BOOST_CHECK(!make_sane(GetDailySnapshot{Symbol{"AAPL"}}, snapshot));
  snapshot.day = bar_of("", 0);
  BOOST_CHECK(make_sane(GetDailySnapshot{Symbol{"AAPL"}}, snapshot));
  BOOST_CHECK_EQUAL(snapshot.day->symbol.str(), "AAPL");
  OptionChain chain{std::vector<OptionQuote>(3)};
  chain.quotes[2].underlying = Symbol{"MSFT"};
  BOOST_CHECK(!make_sane(GetOptionChain{Symbol{"AAPL"}, {}, {}, {}, {}, 1'000}, chain));
}

BOOST_AUTO_TEST_CASE(what_is_too_much_is_cut) {
  NewsItems news{std::vector<NewsItem>(50)};
  BOOST_CHECK(make_sane(GetNews{Symbol{"AAPL"}, 20, {}}, news));
  BOOST_CHECK_EQUAL(news.items.size(), 20U);
  BOOST_CHECK(make_sane(GetMarketNews{7, {}}, news));
  BOOST_CHECK_EQUAL(news.items.size(), 7U);
  OptionChain chain{std::vector<OptionQuote>(50)};
  BOOST_CHECK(make_sane(GetOptionChain{Symbol{"AAPL"}, {}, {}, {}, {}, 10}, chain));
  BOOST_CHECK_EQUAL(chain.quotes.size(), 10U);
  SymbolMatches matches{std::vector<SymbolMatch>(50)};
  BOOST_CHECK(make_sane(SearchSymbols{"a", 9}, matches));
  BOOST_CHECK_EQUAL(matches.matches.size(), 9U);
  BOOST_CHECK(shorten(matches));
  BOOST_CHECK_EQUAL(matches.matches.size(), 4U);
}

BOOST_FIXTURE_TEST_CASE(no_answer_passes_a_megabyte, SaneAnswerFixture) {
  script->size = 500;
  script->text_bytes = 10'000;
  const auto reply = ask<CachedAnswer>(cache, Ask<GetNews>{{}, {Symbol{"AAPL"}, 500, {}}, {}, 0});
  BOOST_REQUIRE(reply);
  BOOST_CHECK_LT(reply->packed->size(), 1'000'000U);
  BOOST_CHECK_GT(reply->packed->size(), 300'000U);
  BOOST_CHECK(ask<CachedAnswer>(cache, Ask<GetNews>{{}, {Symbol{"AAPL"}, 500, {}}, {}, 0}));
  BOOST_CHECK_EQUAL(script->calls, 1);
  script->size = 1;
  script->text_bytes = 2'000'000;
  BOOST_CHECK(get(news("MSFT")).error().code == Errc::provider_unavailable);
}

// ---- a source that does not answer in time ------------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(the_last_answer_is_given_before_the_asker_gives_up, SaneAnswerFixture) {
  timeout_ms = 1'000;
  BOOST_REQUIRE(get(snapshot("AAPL")));
  pass(2s);
  script->hold = true;
  auto first = begin(snapshot("AAPL"));
  advance(500ms, 10ms);
  auto second = begin(snapshot("AAPL"));
  advance(440ms, 10ms);
  BOOST_CHECK_EQUAL(stats("snapshots").stale, 0);
  advance(20ms, 10ms);  // 960 ms
  BOOST_CHECK_EQUAL(stats("snapshots").stale, 1);
  const auto old = finish<GetDailySnapshot>(first);
  BOOST_REQUIRE(old);
  BOOST_CHECK(old->stale);
  advance(500ms, 10ms);
  BOOST_CHECK(finish<GetDailySnapshot>(second)->stale);
  BOOST_CHECK_EQUAL(script->calls, 2);
  // It answers after all, with nobody waiting: good for the next one.
  release(provider);
  script->hold = false;
  const auto fresh = get(snapshot("AAPL"));
  BOOST_REQUIRE(fresh);
  BOOST_CHECK(fresh->cached && !fresh->stale);
  BOOST_CHECK_EQUAL(script->calls, 2);
}

BOOST_FIXTURE_TEST_CASE(without_a_last_answer_nobody_is_answered_before_the_source_is, SaneAnswerFixture) {
  timeout_ms = 1'000;
  script->hold = true;
  auto pending = begin(snapshot("AAPL"));
  advance(2s, 100ms);
  release(provider);
  const auto late = finish<GetDailySnapshot>(pending);
  BOOST_REQUIRE(late);
  BOOST_CHECK(!late->cached && !late->stale);
}

BOOST_AUTO_TEST_SUITE_END()
