// `limit` counts base bars; pages put together are the same bars as one page; days begin at New York's midnight.
#include "tests/venues/massive/windows.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/venues/massive/synthetic.hpp"

using namespace tradebus::massive_sim;

namespace {

const Day friday = from_civil(2024, 6, 21);

// A minute bar for each minute from 09:30 to 10:30 of every trading day; its close is its number.
std::vector<Bar> an_hour(Day day) {
  std::vector<Bar> out;
  if (!trades_on(day)) return out;
  for (int i = 0; i < 60; ++i) {
    const double x = i;
    out.push_back({at(day, 9, 30) + i * ms_per_minute, x, x + 0.5, x - 0.5, x, 100, x, 1});
  }
  return out;
}

std::vector<Bar> all_pages(const Width& width, Ms from, Ms to, bool descending, std::size_t limit,
                           std::size_t* pages = nullptr) {
  std::vector<Bar> out;
  for (std::size_t n = 1;; ++n) {
    const BarPage page = read_windows(width, from, to, descending, limit, an_hour);
    out.insert(out.end(), page.bars.begin(), page.bars.end());
    if (pages != nullptr) *pages = n;
    if (!page.next) return out;
    BOOST_REQUIRE(n < 1000);
    (descending ? to : from) = *page.next;
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(windows)

BOOST_AUTO_TEST_CASE(the_limit_counts_minutes_not_bars) {
  const Ms from = midnight(friday), to = midnight(friday + 1);
  const BarPage page = read_windows({5, Timespan::minute}, from, to, false, 30, an_hour);
  BOOST_CHECK_EQUAL(page.bars.size(), 6U);
  BOOST_CHECK_EQUAL(page.read, 30U);
  BOOST_REQUIRE(page.next);
  BOOST_CHECK_EQUAL(*page.next, at(friday, 10, 0));
  const BarPage all = read_windows({5, Timespan::minute}, from, to, false, 5000, an_hour);
  BOOST_CHECK_EQUAL(all.bars.size(), 12U);
  BOOST_CHECK(!all.next);
}

BOOST_AUTO_TEST_CASE(pages_cut_no_window_and_lose_none) {
  const Ms from = midnight(friday - 7), to = midnight(friday + 1);
  for (const bool descending : {false, true}) {
    for (const Width width :
         {Width{5, Timespan::minute}, Width{7, Timespan::minute}, Width{1, Timespan::hour}, Width{1, Timespan::day}}) {
      const auto whole = all_pages(width, from, to, descending, 50'000);
      for (const std::size_t limit : {1, 3, 5, 6, 17, 59, 60, 61, 119, 400}) {
        const auto parts = all_pages(width, from, to, descending, limit);
        BOOST_REQUIRE_EQUAL(parts.size(), whole.size());
        for (std::size_t i = 0; i < whole.size(); ++i) {
          BOOST_CHECK_EQUAL(parts[i].time, whole[i].time);
          BOOST_CHECK_EQUAL(parts[i].open, whole[i].open);
          BOOST_CHECK_EQUAL(parts[i].close, whole[i].close);
          BOOST_CHECK_EQUAL(parts[i].volume, whole[i].volume);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_list_that_ends_with_the_limit_has_no_next_page) {
  std::size_t pages = 0;
  all_pages({1, Timespan::minute}, midnight(friday), midnight(friday + 1), false, 60, &pages);
  BOOST_CHECK_EQUAL(pages, 1U);
}

BOOST_AUTO_TEST_CASE(days_begin_at_midnight_in_new_york_in_both_seasons) {
  const Width day{1, Timespan::day};
  BOOST_CHECK_EQUAL(utc_text(window_start(day, at(from_civil(2020, 1, 2), 10)) * ns_per_ms), "2020-01-02T05:00:00Z");
  BOOST_CHECK_EQUAL(utc_text(window_start(day, at(from_civil(2020, 7, 2), 10)) * ns_per_ms), "2020-07-02T04:00:00Z");
  BOOST_CHECK_EQUAL(window_start({1, Timespan::week}, at(friday, 10)), midnight(friday - 5));  // Sunday
  BOOST_CHECK_EQUAL(window_start({1, Timespan::month}, at(friday, 10)), midnight(from_civil(2024, 6, 1)));
  BOOST_CHECK_EQUAL(window_start({1, Timespan::quarter}, at(friday, 10)), midnight(from_civil(2024, 4, 1)));
  BOOST_CHECK_EQUAL(window_start({1, Timespan::year}, at(friday, 10)), midnight(from_civil(2024, 1, 1)));
}

BOOST_AUTO_TEST_CASE(the_calendar_knows_holidays_and_early_closes) {
  for (const auto& [year, month, day] :
       {std::tuple{2024, 3, 29}, {2024, 6, 19}, {2024, 7, 4}, {2024, 11, 28}, {2021, 12, 24}, {2023, 1, 2}}) {
    BOOST_TEST_CONTEXT(text_of(from_civil(year, month, day))) BOOST_CHECK(!trades_on(from_civil(year, month, day)));
  }
  BOOST_CHECK(trades_on(from_civil(2021, 12, 31)));  // New Year on a Saturday is not observed
  BOOST_CHECK(session_of(from_civil(2024, 11, 29)).early);
  BOOST_CHECK_EQUAL(previous_trading_day(from_civil(2024, 6, 24)), friday);
}

BOOST_AUTO_TEST_CASE(the_market_is_the_same_in_every_run_and_agrees_with_itself) {
  const SyntheticMarket one, two;
  const Span hour{at(friday, 10) * ns_per_ms, at(friday, 11) * ns_per_ms};
  const auto trades = one.trades("AAPL", hour);
  BOOST_REQUIRE(trades.size() > 100);
  BOOST_CHECK_EQUAL(trades.size(), two.trades("AAPL", hour).size());
  BOOST_CHECK(
      std::is_sorted(trades.begin(), trades.end(), [](const Trade& a, const Trade& b) { return a.time < b.time; }));
  double volume = 0;
  for (const Bar& bar : one.minutes("AAPL", hour)) {
    BOOST_CHECK(bar.low <= bar.open && bar.open <= bar.high && bar.low <= bar.close && bar.close <= bar.high);
    volume += bar.volume;
  }
  double sum = 0;
  for (const Trade& trade : trades) sum += trade.size;
  BOOST_CHECK_EQUAL(volume, sum);
  for (const Quote& quote : one.quotes("AAPL", hour)) BOOST_CHECK(quote.bid < quote.ask);
  BOOST_CHECK(
      one.trades("AAPL", {at(friday + 1, 10) * ns_per_ms, at(friday + 1, 11) * ns_per_ms}).empty());  // a Saturday
}

BOOST_AUTO_TEST_CASE(a_contract_survives_its_text) {
  const auto contract = parse_contract("O:SPY251219C00650000");
  BOOST_REQUIRE(contract);
  BOOST_CHECK_EQUAL(contract->underlying, "SPY");
  BOOST_CHECK_EQUAL(contract->strike, 650);
  BOOST_CHECK_EQUAL(contract_ticker("SPY", contract->expiry, true, 650), "O:SPY251219C00650000");
  BOOST_CHECK(!parse_contract("SPY"));
  BOOST_CHECK(!parse_contract("O:251219C00650000"));
}

BOOST_AUTO_TEST_SUITE_END()
