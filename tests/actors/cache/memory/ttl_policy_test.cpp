#include "actors/cache/memory/ttl_policy.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>

#include "tests/actors/cache/cache_fixture.hpp"

using namespace tradebus;
using namespace tradebus::memory;
using namespace std::chrono_literals;

namespace {

constexpr Timestamp now = from_unix_ns(1'718'978'420'000'000'000);       // Friday 2024-06-21 10:00:20 in New York
constexpr Timestamp midnight = from_unix_ns(1'718'942'400'000'000'000);  // the day's start there
constexpr Timestamp monday = midnight - 96h;
const AnswerTimes at_once{now, now};

TtlConfig config() { return *TtlConfig::from(test::CacheFixture::settings()); }
GetHistoricalData bars(Timeframe timeframe, Timestamp end) {
  return {Symbol{"AAPL"}, timeframe, end - std::chrono::hours{24 * 30}, end, false, 1'000};
}
HistoricalBars some() { return {std::vector<HistoricalBar>(1), "p"}; }
Timestamp expiry_of(const GetHistoricalData& query) { return expiry(config(), query, some(), at_once); }

}  // namespace

BOOST_AUTO_TEST_SUITE(ttl_policy)

BOOST_AUTO_TEST_CASE(kinds_have_their_own_times_from_the_answer_on) {
  const AnswerTimes late{now - 3s, now};
  BOOST_CHECK(expiry(config(), GetDailySnapshot{}, DailySnapshot{}, late) == now + 1s);
  BOOST_CHECK(expiry(config(), GetMarketNews{}, NewsItems{}, late) == now + 300s);
  BOOST_CHECK(expiry(config(), GetOptionChain{}, OptionChain{}, late) == now + 60s);
  BOOST_CHECK(expiry(config(), SearchSymbols{}, SymbolMatches{}, late) == now + 24h);
  BOOST_CHECK(expiry(config(), GetTickerDetails{}, TickerDetails{}, late) == now + 24h);
}

BOOST_AUTO_TEST_CASE(bars_of_past_days_never_expire) {
  BOOST_CHECK(expiry_of(bars(Timeframe::m1, midnight)) == Timestamp::max());
  BOOST_CHECK(expiry_of(bars(Timeframe::d1, midnight)) == Timestamp::max());
  BOOST_CHECK(expiry_of(bars(Timeframe::w1, monday)) == Timestamp::max());
}

BOOST_AUTO_TEST_CASE(bars_that_touch_today_or_the_bar_under_way_last_until_it_ends) {
  BOOST_CHECK(expiry_of(bars(Timeframe::s1, now)) == now + 1s);
  BOOST_CHECK(expiry_of(bars(Timeframe::m1, now)) == now + 40s);
  BOOST_CHECK(expiry_of(bars(Timeframe::m1, midnight + 1ns)) == now + 40s);
  BOOST_CHECK(expiry_of(bars(Timeframe::m1, now + 24h)) == now + 40s);
  BOOST_CHECK(expiry_of(bars(Timeframe::m5, now)) == now + 60s);  // capped
  BOOST_CHECK(expiry_of(bars(Timeframe::d1, now)) == now + 60s);
  BOOST_CHECK(expiry_of(bars(Timeframe::w1, midnight)) == now + 60s);  // this week's bar is under way
}

BOOST_AUTO_TEST_CASE(the_day_is_the_instruments_own) {
  auto crypto = bars(Timeframe::m1, midnight);  // 04:00 UTC: within a coin's day
  crypto.symbol = Symbol{"BTC-USD"};
  BOOST_CHECK(expiry_of(crypto) == now + 40s);
  crypto.end = midnight - 4h;
  BOOST_CHECK(expiry_of(crypto) == Timestamp::max());
}

BOOST_AUTO_TEST_CASE(what_was_asked_before_midnight_is_judged_by_that_time) {
  const auto query = bars(Timeframe::m1, midnight);
  const AnswerTimes across{midnight - 1s, midnight + 1s};
  BOOST_CHECK(expiry(config(), query, some(), across) == midnight);  // over before it came: not kept
}

BOOST_AUTO_TEST_CASE(a_past_that_is_empty_or_adjusted_is_asked_for_again) {
  auto query = bars(Timeframe::d1, midnight);
  BOOST_CHECK(expiry(config(), query, HistoricalBars{}, at_once) == now + 60s);
  query.adjusted = true;
  BOOST_CHECK(expiry_of(query) == midnight + 24h);
}

BOOST_AUTO_TEST_CASE(a_configured_time_replaces_the_bar_under_way) {
  auto with = config();
  with.ttl[0] = 10s;
  BOOST_CHECK(expiry(with, bars(Timeframe::m5, now), some(), at_once) == now + 10s);
  BOOST_CHECK(expiry(with, bars(Timeframe::m5, midnight), some(), at_once) == Timestamp::max());
  BOOST_CHECK(ttl_now(with, Kind::bars) == 10s);
  BOOST_CHECK(ttl_now(config(), Kind::bars) == 60s);
  BOOST_CHECK(ttl_now(config(), Kind::chains) == 60s);
}

BOOST_AUTO_TEST_CASE(a_symbol_that_is_none_is_not_kept) {
  auto query = bars(Timeframe::m1, midnight);
  query.symbol = Symbol{"?"};
  BOOST_CHECK(expiry_of(query) <= now);
}

BOOST_AUTO_TEST_CASE(only_what_does_not_exist_is_a_lasting_error) {
  BOOST_CHECK(is_lasting(Errc::instrument_unknown));
  BOOST_CHECK(is_lasting(Errc::provider_not_found));
  for (const auto code : {Errc::provider_unavailable, Errc::provider_rate_limited, Errc::provider_unsupported,
                          Errc::internal, Errc::overloaded})
    BOOST_CHECK(!is_lasting(code));
}

BOOST_AUTO_TEST_CASE(bad_settings_are_named) {
  for (const double bad : {-1.0, 1e12, std::numeric_limits<double>::quiet_NaN()}) {
    auto section = test::CacheFixture::settings();
    section.set("chain_s", bad);
    const auto result = TtlConfig::from(section);
    BOOST_REQUIRE(!result);
    BOOST_CHECK(result.error().code == Errc::config_invalid);
    BOOST_CHECK(result.error().message.starts_with("cache.ttl.chain_s"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
