// Ranges as the venue's requests, and its bars as ours.
#include <boost/test/unit_test.hpp>

#include <random>
#include <vector>

#include "actors/providers/ibkr/history_range.hpp"
#include "engine/calendar/bar_time.hpp"
#include "engine/calendar/calendars.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::data;
using namespace std::chrono_literals;
using std::chrono::sys_days;
namespace wire = tradebus::ibkr::wire;

namespace {

const Calendar& nyse() {
  static const auto all = Calendars::shipped();
  return all->of(*Instrument::parse("AAPL"));
}
constexpr Timestamp at(int month, int day, std::chrono::minutes of_day) {
  return Timestamp{sys_days{std::chrono::year{2026} / month / day}} + of_day;
}
constexpr Timestamp late = at(12, 1, 0min);

std::vector<HistoryChunk> all_of(HistoryRange range) {
  std::vector<HistoryChunk> out;
  while (auto chunk = range.next()) {
    out.push_back(std::move(*chunk));
    BOOST_REQUIRE_LT(out.size(), 10'000);
  }
  return out;
}
HistoryRange range(Timeframe timeframe, Timestamp from, Timestamp to, bool regular = false, Timestamp now = late) {
  return HistoryRange{nyse(), timeframe, from, to, now, regular};
}
wire::VenueBar row(const std::string& date, const char* open, const char* high, const char* low, const char* close) {
  wire::VenueBar out;
  out.date = date;
  out.open = *Price::parse(open);
  out.high = *Price::parse(high);
  out.low = *Price::parse(low);
  out.close = *Price::parse(close);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(history_range)

BOOST_AUTO_TEST_CASE(minutes_are_asked_for_by_session) {
  // Thursday evening to Monday morning, in June: New York is four hours behind.
  const auto chunks = all_of(range(Timeframe::m1, at(6, 11, 22h), at(6, 15, 15h)));
  BOOST_REQUIRE_EQUAL(chunks.size(), 3);
  BOOST_CHECK((chunks[0] == HistoryChunk{at(6, 11, 22h), at(6, 12, 0h), "20260612-00:00:00", "7200 S"}));
  BOOST_CHECK((chunks[1] == HistoryChunk{at(6, 12, 8h), at(6, 13, 0h), "20260613-00:00:00", "57600 S"}));
  BOOST_CHECK((chunks[2] == HistoryChunk{at(6, 15, 8h), at(6, 15, 15h), "20260615-15:00:00", "25200 S"}));
  const auto regular = all_of(range(Timeframe::m1, at(6, 12, 0h), at(6, 13, 0h), true));
  BOOST_REQUIRE_EQUAL(regular.size(), 1);
  BOOST_CHECK_EQUAL(regular[0].duration, "23400 S");
}

BOOST_AUTO_TEST_CASE(seconds_are_asked_for_by_half_an_hour) {
  const auto chunks = all_of(range(Timeframe::s1, at(6, 11, 14h + 10min), at(6, 11, 15h + 5min)));
  BOOST_REQUIRE_EQUAL(chunks.size(), 3);
  BOOST_CHECK_EQUAL(chunks[0].duration, "1200 S");
  BOOST_CHECK((chunks[1] == HistoryChunk{at(6, 11, 14h + 30min), at(6, 11, 15h), "20260611-15:00:00", "1800 S"}));
  BOOST_CHECK_EQUAL(chunks[2].duration, "300 S");
  // The venue takes no shorter one.
  BOOST_CHECK_EQUAL(all_of(range(Timeframe::s1, at(6, 11, 14h), at(6, 11, 14h) + 4s))[0].duration, "30 S");
}

BOOST_AUTO_TEST_CASE(days_and_weeks_are_whole_ones) {
  const auto days = all_of(range(Timeframe::d1, at(6, 8, 4h), at(6, 13, 4h)));
  BOOST_REQUIRE_EQUAL(days.size(), 1);
  BOOST_CHECK_EQUAL(days[0].end_text, "20260613-04:00:00");
  BOOST_CHECK_EQUAL(days[0].duration, "5 D");
  const auto years = all_of(range(Timeframe::d1, at(1, 1, 5h) - 24h * 800, at(6, 1, 4h)));
  BOOST_CHECK_EQUAL(years.size(), 3);
  BOOST_CHECK_EQUAL(years[0].duration, "352 D");
  const auto weeks = all_of(range(Timeframe::w1, at(6, 1, 4h), at(6, 12, 4h)));
  BOOST_REQUIRE_EQUAL(weeks.size(), 1);
  BOOST_CHECK_EQUAL(weeks[0].duration, "4 W");
  // A day under way: nothing after now.
  const auto today = all_of(range(Timeframe::d1, at(6, 8, 4h), at(6, 11, 15h), false, at(6, 11, 15h)));
  BOOST_CHECK_EQUAL(today.at(0).end_text, "20260611-15:00:00");
}

BOOST_AUTO_TEST_CASE(nothing_is_asked_for_where_nobody_trades) {
  BOOST_CHECK(all_of(range(Timeframe::m1, at(6, 13, 1h), at(6, 15, 7h))).empty());   // a weekend
  BOOST_CHECK(all_of(range(Timeframe::m5, at(7, 3, 5h), at(7, 4, 5h))).empty());     // Independence Day, observed
  BOOST_CHECK(all_of(range(Timeframe::h1, at(12, 2, 0h), at(12, 30, 0h))).empty());  // yet to come
}

// Any range of any size: parts in order, without overlaps, within it; and every bar of every session is in one of them.
BOOST_AUTO_TEST_CASE(random_ranges_are_covered) {
  std::mt19937 random{11};
  for (int i = 0; i < 300; ++i) {
    const auto timeframe = static_cast<Timeframe>(random() % 7);
    const auto from = at(1, 5, 0h) + std::chrono::minutes{random() % (200 * 24 * 60)};
    const auto to = from + std::chrono::minutes{1 + random() % (timeframe == Timeframe::s1 ? 3'000 : 60'000)};
    const bool regular = random() % 2 == 0;
    const auto chunks = all_of(range(timeframe, from, to, regular));
    auto end = from;
    for (const auto& chunk : chunks) {
      BOOST_REQUIRE(chunk.begin >= end && chunk.begin < chunk.end && chunk.end <= to);
      end = chunk.end;
    }
    for (const auto& session : nyse().sessions(nyse().date_of(from), nyse().date_of(to)))
      for (auto t = session.open; t < session.close; t += 30min) {
        const auto bar = bar_start(nyse(), timeframe, t);
        if (bar < from || t < from || t >= to) continue;
        BOOST_REQUIRE_MESSAGE(
            std::ranges::any_of(chunks, [&](const auto& c) { return bar >= c.begin && bar < c.end; }) ||
                (timeframe == Timeframe::h1 && bar < session.open),
            to_string(timeframe) << " bar of " << to_iso8601(bar) << " is in no request");
      }
  }
}

BOOST_AUTO_TEST_CASE(bars_are_read_as_they_are_asked_for) {
  const auto minute =
      to_bar(row("1781188200", "190.1", "190.5", "190", "190.2"), Symbol{"AAPL"}, nyse(), Timeframe::m1);
  BOOST_REQUIRE(minute);
  BOOST_CHECK(minute->ts == at(6, 11, 14h + 30min));
  BOOST_CHECK(minute->high == *Price::parse("190.5") && minute->volume.is_zero() && !minute->vwap && !minute->trades);
  auto told = row("20260611", "190.1", "190.5", "190", "190.2");
  told.volume = *Quantity::parse("12345.5");
  told.wap = *Price::parse("190.25");
  told.count = 17;
  const auto day = to_bar(told, Symbol{"AAPL"}, nyse(), Timeframe::d1);
  BOOST_REQUIRE(day);
  BOOST_CHECK(day->ts == at(6, 11, 4h) && day->volume == told.volume && day->vwap == told.wap && day->trades == 17);
  BOOST_CHECK(to_bar(told, Symbol{"AAPL"}, nyse(), Timeframe::w1)->ts == at(6, 8, 4h));
  for (const char* bad : {"", "yesterday", "20260611 09:30:00 US/Eastern"})
    BOOST_CHECK_MESSAGE(!to_bar(row(bad, "1", "2", "1", "2"), Symbol{"AAPL"}, nyse(), Timeframe::m1), bad);
  BOOST_CHECK(!to_bar(row("1781188200", "1", "0.9", "0.5", "1"), Symbol{"AAPL"}, nyse(), Timeframe::m1));
  BOOST_CHECK(!to_bar(row("1781188200", "0", "0", "0", "0"), Symbol{"AAPL"}, nyse(), Timeframe::m1));
}

BOOST_AUTO_TEST_CASE(a_bar_is_over_with_its_last_session) {
  BOOST_CHECK(bar_end(nyse(), Timeframe::m5, at(6, 11, 14h)) == at(6, 11, 14h + 5min));
  BOOST_CHECK(bar_end(nyse(), Timeframe::d1, at(6, 11, 4h)) == at(6, 12, 0h));
  BOOST_CHECK(bar_end(nyse(), Timeframe::w1, at(6, 8, 4h)) == at(6, 13, 0h));
}

BOOST_AUTO_TEST_SUITE_END()
