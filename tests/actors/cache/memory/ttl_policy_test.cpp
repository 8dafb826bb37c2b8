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

TtlConfig config() { return *TtlConfig::from(test::CacheFixture::settings()); }
const Calendar& new_york() { return calendar_of(config(), Symbol{"AAPL"}); }
const Calendar& coins() { return calendar_of(config(), Symbol{"BTC-USD"}); }

// New York's local time in the week of Thanksgiving 2026 (UTC-5); day: of November.
Timestamp local(int day, int hour, int minute, int second = 0) {
  using namespace std::chrono;
  return sys_days{year{2026} / 11 / day} + 5h + hours{hour} + minutes{minute} + seconds{second};
}
std::chrono::nanoseconds bars_ttl(Timestamp at, Timeframe timeframe = Timeframe::m1) {
  GetHistoricalData query;
  query.symbol = Symbol{"AAPL"};
  query.timeframe = timeframe;
  query.end = at + 1min;
  return bars_expiry(config(), new_york(), query, false, at) - at;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ttl_policy)

// As the functions say it; what the cache does with it: week_test.cpp.
BOOST_AUTO_TEST_CASE(the_week_of_thanksgiving) {
  struct Row {
    Timestamp at;
    std::chrono::nanoseconds snapshot, chain, news, bars;
  };
  for (const auto& row : std::initializer_list<Row>{
           {local(23, 3, 0), 1h, 1h, 30min, 1h},            // Monday, before the pre-market
           {local(23, 3, 45), 15min, 15min, 15min, 15min},  //
           {local(23, 4, 0), 1s, 60s, 300s, 60s},           // pre-market
           {local(23, 9, 30), 1s, 60s, 300s, 60s},          // open
           {local(23, 10, 0, 20), 1s, 60s, 300s, 40s},      // until the bar under way ends
           {local(23, 16, 0), 1s, 60s, 300s, 60s},          // after-hours
           {local(23, 20, 0), 8h, 8h, 30min, 60s},          // closed; bars settle
           {local(23, 20, 15), 7h + 45min, 7h + 45min, 30min, 7h + 45min},
           {local(25, 21, 0), 31h, 31h, 30min, 31h},  // Wednesday evening: until Friday 04:00
           {local(26, 12, 0), 16h, 16h, 30min, 16h},  // Thanksgiving
           {local(27, 12, 59), 1s, 60s, 300s, 60s},   // Friday, closes at 13:00
           {local(27, 13, 1), 1s, 60s, 300s, 60s},    // after-hours until 17:00
           {local(27, 17, 30), 58h + 30min, 58h + 30min, 30min, 58h + 30min},
           {local(28, 12, 0), 40h, 40h, 30min, 40h},  // Saturday
       }) {
    BOOST_TEST_CONTEXT(to_iso8601(row.at)) {
      BOOST_CHECK(expiry(config(), Kind::snapshots, new_york(), row.at) - row.at == row.snapshot);
      BOOST_CHECK(expiry(config(), Kind::chains, new_york(), row.at) - row.at == row.chain);
      BOOST_CHECK(expiry(config(), Kind::news, new_york(), row.at) - row.at == row.news);
      BOOST_CHECK(bars_ttl(row.at) == row.bars);
      // These know no sessions.
      BOOST_CHECK(expiry(config(), Kind::details, new_york(), row.at) - row.at == 24h);
      BOOST_CHECK(expiry(config(), Kind::search, new_york(), row.at) - row.at == 24h);
      // A coin's market never closes.
      BOOST_CHECK(expiry(config(), Kind::snapshots, coins(), row.at) - row.at == 1s);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_chain_goes_by_the_hours_of_options) {
  const auto ttl = [](const char* underlying, Timestamp at) {
    return expiry(config(), Kind::chains, calendar_of_options(config(), Symbol{underlying}), at) - at;
  };
  BOOST_CHECK(ttl("AAPL", local(23, 15, 59)) == 60s);
  BOOST_CHECK(ttl("AAPL", local(23, 16, 0)) == 17h + 30min);
  BOOST_CHECK(ttl("SPY", local(23, 16, 14)) == 60s);
  BOOST_CHECK(ttl("SPY", local(23, 16, 15)) == 17h + 15min);
  BOOST_CHECK(ttl("BTC-USD", local(23, 23, 0)) == 60s);
  BOOST_CHECK(ttl_now(config(), Kind::chains, local(27, 13, 0)) == 68h + 30min);
}

BOOST_AUTO_TEST_CASE(the_configured_times_are_kept_but_not_beyond_the_opening) {
  auto with = config();
  with.closed[static_cast<std::size_t>(Kind::snapshots)] = 2h;
  const auto ttl = [&](Timestamp at) { return expiry(with, Kind::snapshots, new_york(), at) - at; };
  BOOST_CHECK(ttl(local(26, 12, 0)) == 2h);
  BOOST_CHECK(ttl(local(27, 3, 0)) == 1h);
  with.ttl[static_cast<std::size_t>(Kind::bars)] = 10s;
  GetHistoricalData query;
  query.end = now;
  BOOST_CHECK(bars_expiry(with, new_york(), query, false, now) == now + 10s);
  BOOST_CHECK(ttl_now(with, Kind::bars, now) == 10s);
  BOOST_CHECK(ttl_now(config(), Kind::bars, now) == 40s);
  BOOST_CHECK(ttl_now(config(), Kind::chains, now) == 60s);
  BOOST_CHECK(ttl_now(config(), Kind::quotes, now) == 1s);
  BOOST_CHECK(ttl_now(config(), Kind::quotes, local(26, 12, 0)) == 16h);
}

// ---- bars ----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_complete_past_never_expires_unless_it_is_adjusted) {
  GetHistoricalData query;
  query.end = midnight;
  BOOST_CHECK(bars_expiry(config(), new_york(), query, true, now) == Timestamp::max());
  query.adjusted = true;
  BOOST_CHECK(bars_expiry(config(), new_york(), query, true, now) == midnight + 24h);
}

BOOST_AUTO_TEST_CASE(a_past_that_may_still_come_is_asked_for_again_soon) {
  GetHistoricalData query;
  query.timeframe = Timeframe::m1;
  query.end = local(26, 0, 0);
  BOOST_CHECK(bars_expiry(config(), new_york(), query, false, local(26, 12, 0)) == local(26, 12, 1));
}

BOOST_AUTO_TEST_CASE(bars_are_closed_when_their_session_is_over_and_settled) {
  const auto closed = [](Timeframe timeframe, Timestamp at) { return closed_before(new_york(), timeframe, at); };
  BOOST_CHECK(closed(Timeframe::m1, now) == midnight + 4h);  // before today's pre-market
  BOOST_CHECK(closed(Timeframe::m1, midnight + 20h + 14min) == midnight + 4h);
  BOOST_CHECK(closed(Timeframe::m1, midnight + 20h + 15min + 20s) == midnight + 20h);
  BOOST_CHECK(closed(Timeframe::m5, midnight + 22h + 3min) == midnight + 21h + 45min);
  BOOST_CHECK(closed(Timeframe::d1, midnight + 22h) == midnight);  // the day is not over
  BOOST_CHECK(closed(Timeframe::d1, midnight + 24h + 15min) == midnight + 24h);
  BOOST_CHECK(closed(Timeframe::w1, now) == midnight - 96h);  // Monday
  // A coin's day ends at midnight in UTC, and its sessions run into each other.
  BOOST_CHECK(closed_before(coins(), Timeframe::m1, now) == std::chrono::floor<std::chrono::days>(now));
}

BOOST_AUTO_TEST_CASE(an_empty_end_is_believed_where_nothing_was_open) {
  const auto until = [](Timestamp begin, Timestamp end, std::optional<Timestamp> last, Timestamp at,
                        Timeframe timeframe = Timeframe::m1) {
    return believed_until(new_york(), timeframe, begin, end, last, at);
  };
  const auto at = local(27, 21, 0);  // Friday evening
  // The answer ends with Wednesday's session: Thursday is a holiday, Friday's session may still come.
  BOOST_CHECK(until(local(24, 0, 0), local(27, 20, 0), local(25, 19, 59), at) == local(27, 9, 30));
  BOOST_CHECK(until(local(24, 0, 0), local(28, 0, 0), local(25, 0, 0), at, Timeframe::d1) == local(27, 0, 0));
  // A bar of the session is there: so is its end.
  BOOST_CHECK(until(local(24, 0, 0), local(27, 20, 0), local(27, 12, 40), at) == local(27, 20, 0));
  // Nothing at all: a holiday is empty, a session is not believed to be,
  BOOST_CHECK(until(local(26, 0, 0), local(27, 0, 0), std::nullopt, at) == local(27, 0, 0));
  BOOST_CHECK(until(local(27, 0, 0), local(27, 20, 0), std::nullopt, at) == local(27, 9, 30));
  BOOST_CHECK(until(local(27, 10, 0), local(27, 11, 0), std::nullopt, at) == local(27, 10, 0));
  // until the source must have it: two days later.
  BOOST_CHECK(until(local(27, 10, 0), local(27, 11, 0), std::nullopt, local(29, 11, 0)) == local(27, 11, 0));
}

BOOST_AUTO_TEST_CASE(some_errors_are_answers_and_some_are_failures) {
  for (const auto code : {Errc::instrument_unknown, Errc::provider_not_found}) {
    BOOST_CHECK(is_lasting(code));
    BOOST_CHECK(!is_failure(code));
  }
  for (const auto code : {Errc::provider_unavailable, Errc::provider_rate_limited, Errc::internal, Errc::overloaded}) {
    BOOST_CHECK(!is_lasting(code));
    BOOST_CHECK(is_failure(code));
  }
  BOOST_CHECK(!is_failure(Errc::provider_unsupported) && !is_lasting(Errc::provider_unsupported));
}

BOOST_AUTO_TEST_CASE(bad_settings_are_named) {
  for (const double bad : {-1.0, 1e12, std::numeric_limits<double>::quiet_NaN()})
    for (const auto* key : {"chain_s", "news_closed_s", "refusal_s", "stale_max_s"}) {
      auto section = test::CacheFixture::settings();
      section.set(key, bad);
      const auto result = TtlConfig::from(section);
      BOOST_REQUIRE(!result);
      BOOST_CHECK(result.error().code == Errc::config_invalid);
      BOOST_CHECK(result.error().message.find(key) != std::string::npos);
    }
}

BOOST_AUTO_TEST_SUITE_END()
