#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "actors/providers/sim/history.hpp"
#include "bus/model/print.hpp"

using namespace tradebus;
using namespace tradebus::sim;
using namespace std::chrono_literals;

namespace {

constexpr Timestamp at(int year, unsigned month, unsigned day, std::chrono::nanoseconds of_day = 0ns) {
  return Timestamp{std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)}} +
         of_day;
}

struct History {
  std::shared_ptr<const Calendars> calendars = Calendars::shipped();
  Universe universe = *Universe::make(1, {});
  Timestamp now = at(2024, 6, 15);  // a Saturday
  Timestamp started = at(2024, 6, 14, 15h);

  std::vector<HistoricalBar> ask(const char* symbol, Timeframe timeframe, Timestamp start, Timestamp end,
                                 std::uint32_t limit = 1'000'000) {
    return bars(*universe.find(Symbol{symbol}), calendars, {timeframe, start, end, now, started, limit});
  }
};

// The longer bars' values must be those of the shorter ones that they cover. `span` is a longer bar's length.
void check_agree(const std::vector<HistoricalBar>& shorter, const std::vector<HistoricalBar>& longer,
                 std::chrono::nanoseconds span) {
  std::size_t i = 0;
  for (std::size_t n = 0; n < longer.size(); ++n) {
    const auto& bar = longer[n];
    // The first hour of a New York session is half an hour.
    const Timestamp until = n + 1 < longer.size() ? std::min(bar.ts + span, longer[n + 1].ts) : bar.ts + span;
    BOOST_REQUIRE(i < shorter.size());
    BOOST_CHECK(bar.open == shorter[i].open);
    Price high = shorter[i].high;
    Price low = shorter[i].low;
    Price close;
    Int128 volume = 0;
    std::int64_t trades = 0;
    for (; i < shorter.size() && shorter[i].ts < until; ++i) {
      high = std::max(high, shorter[i].high);
      low = std::min(low, shorter[i].low);
      close = shorter[i].close;
      volume += shorter[i].volume.raw();
      trades += *shorter[i].trades;
    }
    BOOST_CHECK(bar.high == high);
    BOOST_CHECK(bar.low == low);
    BOOST_CHECK(bar.close == close);
    BOOST_CHECK(bar.volume.raw() == volume);
    BOOST_CHECK_EQUAL(*bar.trades, trades);
  }
  BOOST_CHECK_EQUAL(i, shorter.size());
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(all_timeframes_tell_one_story, History) {
  const Timestamp start = at(2024, 5, 6);  // Monday to Saturday
  const Timestamp end = at(2024, 5, 11);
  for (const char* symbol : {"AAPL", "BTC-USD", "EUR-USD", "NOBODY"}) {
    BOOST_TEST_CONTEXT(symbol) {
      const auto m1 = ask(symbol, Timeframe::m1, start, end);
      check_agree(m1, ask(symbol, Timeframe::m5, start, end), 5min);
      check_agree(m1, ask(symbol, Timeframe::m15, start, end), 15min);
      check_agree(ask(symbol, Timeframe::m5, start, end), ask(symbol, Timeframe::h1, start, end), 1h);
    }
  }
  check_agree(ask("AAPL", Timeframe::m1, start, end), ask("AAPL", Timeframe::d1, start, end), 24h);
  check_agree(ask("BTC-USD", Timeframe::h1, start, start + 7 * 24h), ask("BTC-USD", Timeframe::w1, start, end),
              7 * 24h);
  const Timestamp noon = at(2024, 5, 7, 16h);
  check_agree(ask("AAPL", Timeframe::s1, noon, noon + 10min), ask("AAPL", Timeframe::m1, noon, noon + 10min), 1min);
}

BOOST_FIXTURE_TEST_CASE(equities_have_bars_in_new_york_sessions_only, History) {
  // Across the change to summer time on 2024-03-10.
  const auto m1 = ask("AAPL", Timeframe::m1, at(2024, 3, 8), at(2024, 3, 12));
  BOOST_REQUIRE_EQUAL(m1.size(), 2 * 390);
  BOOST_CHECK_EQUAL(to_iso8601(m1[0].ts), to_iso8601(at(2024, 3, 8, 14h + 30min)));
  BOOST_CHECK_EQUAL(to_iso8601(m1[389].ts), to_iso8601(at(2024, 3, 8, 20h + 59min)));
  BOOST_CHECK_EQUAL(to_iso8601(m1[390].ts), to_iso8601(at(2024, 3, 11, 13h + 30min)));
  BOOST_CHECK(ask("AAPL", Timeframe::m1, at(2024, 3, 9), at(2024, 3, 11)).empty());

  const auto h1 = ask("AAPL", Timeframe::h1, at(2024, 3, 8), at(2024, 3, 9));
  BOOST_REQUIRE_EQUAL(h1.size(), 7);
  BOOST_CHECK_EQUAL(to_iso8601(h1[0].ts), to_iso8601(at(2024, 3, 8, 14h + 30min)));
  BOOST_CHECK_EQUAL(to_iso8601(h1[1].ts), to_iso8601(at(2024, 3, 8, 15h)));

  const auto d1 = ask("AAPL", Timeframe::d1, at(2024, 3, 8), at(2024, 3, 13));
  BOOST_REQUIRE_EQUAL(d1.size(), 3);
  BOOST_CHECK_EQUAL(to_iso8601(d1[0].ts), to_iso8601(at(2024, 3, 8, 5h)));  // midnight in New York
  BOOST_CHECK_EQUAL(to_iso8601(d1[1].ts), to_iso8601(at(2024, 3, 11, 4h)));

  const auto w1 = ask("AAPL", Timeframe::w1, at(2024, 3, 5), at(2024, 3, 20));
  BOOST_REQUIRE_EQUAL(w1.size(), 2);
  BOOST_CHECK_EQUAL(to_iso8601(w1[0].ts), to_iso8601(at(2024, 3, 11, 4h)));
}

BOOST_FIXTURE_TEST_CASE(equities_keep_the_exchanges_holidays_and_early_closes, History) {
  now = at(2024, 12, 15);
  BOOST_CHECK(ask("AAPL", Timeframe::m1, at(2024, 11, 28), at(2024, 11, 29)).empty());
  const auto half_day = ask("AAPL", Timeframe::m1, at(2024, 11, 29), at(2024, 11, 30));
  BOOST_REQUIRE_EQUAL(half_day.size(), 210);
  BOOST_CHECK_EQUAL(to_iso8601(half_day.back().ts), to_iso8601(at(2024, 11, 29, 17h + 59min)));
  // A week with a holiday on its Monday still begins on that Monday.
  const auto week = ask("AAPL", Timeframe::w1, at(2024, 9, 1), at(2024, 9, 8));
  BOOST_REQUIRE_EQUAL(week.size(), 1);
  BOOST_CHECK_EQUAL(to_iso8601(week[0].ts), to_iso8601(at(2024, 9, 2, 4h)));
}

BOOST_FIXTURE_TEST_CASE(pairs_have_bars_around_the_clock, History) {
  BOOST_CHECK_EQUAL(ask("BTC-USD", Timeframe::m1, at(2024, 3, 9), at(2024, 3, 11)).size(), 2 * 1'440);
  const auto d1 = ask("EUR-USD", Timeframe::d1, at(2024, 3, 8), at(2024, 3, 12));
  BOOST_REQUIRE_EQUAL(d1.size(), 4);
  BOOST_CHECK_EQUAL(to_iso8601(d1[1].ts), to_iso8601(at(2024, 3, 9)));
}

BOOST_FIXTURE_TEST_CASE(a_range_is_start_inclusive_end_exclusive_and_cut_at_now, History) {
  const Timestamp noon = at(2024, 5, 7, 16h);
  const auto two = ask("AAPL", Timeframe::m1, noon, noon + 2min);
  BOOST_REQUIRE_EQUAL(two.size(), 2);
  BOOST_CHECK(two[0].ts == noon);
  BOOST_CHECK_EQUAL(ask("AAPL", Timeframe::m1, noon + 1ns, noon + 2min).size(), 1);
  BOOST_CHECK_EQUAL(ask("AAPL", Timeframe::m1, noon, noon + 2min + 1ns).size(), 3);
  BOOST_CHECK_EQUAL(ask("AAPL", Timeframe::s1, noon + 1ns, noon + 90s).size(), 89);
  BOOST_CHECK_EQUAL(ask("AAPL", Timeframe::m5, noon + 1min, noon + 20min).size(), 3);
  BOOST_CHECK_EQUAL(ask("AAPL", Timeframe::m1, noon, noon + 24h, 10).size(), 10);
  BOOST_CHECK_EQUAL(ask("AAPL", Timeframe::s1, noon, noon + 24h, 100).size(), 100);
  BOOST_CHECK(ask("AAPL", Timeframe::m1, noon, noon + 24h, 0).empty());

  now = noon + 30s;
  BOOST_CHECK_EQUAL(ask("AAPL", Timeframe::m1, noon - 5min, noon + 24h).size(), 6);  // the sixth has begun
  BOOST_CHECK_EQUAL(ask("AAPL", Timeframe::s1, noon, noon + 24h).size(), 30);
  BOOST_CHECK_EQUAL(ask("AAPL", Timeframe::d1, at(2024, 5, 6), at(2030, 1, 1)).size(), 2);
  BOOST_CHECK(ask("AAPL", Timeframe::d1, at(2030, 1, 1), at(2031, 1, 1)).empty());
  BOOST_CHECK(!ask("AAPL", Timeframe::d1, Timestamp::min(), Timestamp::max(), 5).empty());
}

BOOST_FIXTURE_TEST_CASE(a_range_gives_the_same_bars_however_it_is_asked_for, History) {
  const auto whole = ask("MSFT", Timeframe::m1, at(2023, 11, 1), at(2023, 11, 11));
  const auto part = ask("MSFT", Timeframe::m1, at(2023, 11, 6, 17h + 7min), at(2023, 11, 8));
  BOOST_REQUIRE(!part.empty());
  const auto same = std::search(whole.begin(), whole.end(), part.begin(), part.end());
  BOOST_CHECK(same != whole.end());

  BarScan slices{*universe.find(Symbol{"MSFT"}),
                 calendars,
                 {Timeframe::m1, at(2023, 11, 1), at(2023, 11, 11), now, started, 1'000'000}};
  std::size_t steps = 1;
  while (!slices.step(7)) ++steps;
  BOOST_CHECK_GT(steps, 100);
  BOOST_CHECK(slices.take() == whole);

  // A later start changes only the day before it.
  started = at(2024, 6, 10);
  BOOST_CHECK(ask("MSFT", Timeframe::m1, at(2023, 11, 1), at(2023, 11, 11)) == whole);
}

BOOST_FIXTURE_TEST_CASE(bars_are_sound_and_move, History) {
  for (const char* symbol : {"AAPL", "T", "BTC-USD", "USD-JPY"}) {
    const auto m1 = ask(symbol, Timeframe::m1, at(2024, 4, 1), at(2024, 5, 1));
    std::set<std::int64_t> closes;
    std::size_t bad = 0;
    for (const auto& b : m1) {
      bad += !b.low.is_positive() || b.low > std::min(b.open, b.close) || b.high < std::max(b.open, b.close);
      bad += !b.volume.is_positive() || *b.vwap < b.low || *b.vwap > b.high || *b.trades < 1;
      closes.insert(b.close.raw());
    }
    BOOST_CHECK_EQUAL(bad, 0);
    BOOST_CHECK_GT(closes.size(), 20);
  }
  const auto days = ask("AAPL", Timeframe::d1, at(2022, 1, 1), at(2024, 1, 1));
  BOOST_CHECK_EQUAL(days.size(), 251 + 250);  // as many as the exchange had
  double low = 1e9;
  double high = 0;
  for (const auto& d : days) {
    low = std::min(low, d.low.to_double());
    high = std::max(high, d.high.to_double());
  }
  BOOST_CHECK_GT(high / low, 1.05);  // two years are not a flat line
  BOOST_CHECK_LT(high / low, 2.5);
}

BOOST_FIXTURE_TEST_CASE(history_meets_the_live_walk_at_its_base_price, History) {
  const auto profile = *universe.find(Symbol{"AAPL"});
  const auto last = ask("AAPL", Timeframe::m1, started - 1min, started);
  BOOST_REQUIRE_EQUAL(last.size(), 1);
  BOOST_CHECK_CLOSE(last[0].close.to_double(), profile.price(profile.base_ticks).to_double(), 0.5);
  BOOST_CHECK_CLOSE(price_at(profile, started + 1h, started).to_double(), profile.price(profile.base_ticks).to_double(),
                    0.5);
}
