#include "engine/calendar/calendar.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

#include "engine/calendar/bar_time.hpp"
#include "tests/engine/calendar/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

const char* const codes[] = {"XNYS", "XNAS", "OPRA", "XCBO", "XCBO-GTH", "XLON", "XTKS", "CMES", "FX", "24/7"};

std::vector<Session> all(const Calendar& exchange) { return exchange.sessions(exchange.first(), exchange.last()); }
Timestamp begin(const Session& s) { return s.pre.empty() ? s.open : s.pre.begin; }
Timestamp end(const Session& s) { return s.post.empty() ? s.close : s.post.end; }

// What the sessions say, without the tables.
Phase phase_in(const Session& s, Timestamp t) {
  const auto within = [&](const Session::Span& span) { return t >= span.begin && t < span.end; };
  if (within(s.pause)) return Phase::pause;
  if (t >= s.open && t < s.close) return Phase::regular;
  if (within(s.pre)) return Phase::pre;
  if (within(s.post)) return Phase::post;
  return Phase::closed;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sessions_are_in_order_and_apart) {
  for (const auto* code : codes) BOOST_TEST_CONTEXT(code) {
      const auto sessions = all(calendar(code));
      BOOST_REQUIRE(sessions.size() > 10'000);
      for (std::size_t i = 0; i < sessions.size(); ++i) {
        const auto& s = sessions[i];
        BOOST_TEST_CONTEXT(iso(s.date)) {
          BOOST_REQUIRE(s.open < s.close);
          BOOST_REQUIRE(s.close - s.open <= 25h);
          if (!s.pause.empty())
            BOOST_REQUIRE(s.open < s.pause.begin && s.pause.begin < s.pause.end && s.pause.end < s.close);
          if (!s.pre.empty()) BOOST_REQUIRE(s.pre.begin < s.pre.end && s.pre.end <= s.open);
          if (!s.post.empty()) BOOST_REQUIRE(s.close <= s.post.begin && s.post.begin < s.post.end);
          if (i > 0) BOOST_REQUIRE(sessions[i - 1].date < s.date && end(sessions[i - 1]) <= begin(s));
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(the_phase_at_any_moment_is_what_the_sessions_say) {
  std::mt19937_64 random{11};
  for (const auto* code : codes) BOOST_TEST_CONTEXT(code) {
      const auto& exchange = calendar(code);
      const auto sessions = all(exchange);
      const auto check = [&](Timestamp t) {
        const auto it = std::ranges::upper_bound(sessions, t, {}, begin);
        const auto expected = it == sessions.begin() ? Phase::closed : phase_in(*std::prev(it), t);
        BOOST_REQUIRE_MESSAGE(exchange.phase_at(t) == expected, to_iso8601(t));
        BOOST_REQUIRE_EQUAL(exchange.is_open(t), expected == Phase::regular);
        const auto found = exchange.session_of(t);
        const bool inside = it != sessions.begin() && t < end(*std::prev(it));
        BOOST_REQUIRE_MESSAGE(found.has_value() == inside, to_iso8601(t));
        if (inside) BOOST_REQUIRE(found->date == std::prev(it)->date);
      };
      for (const auto& s : sessions)
        for (const auto t :
             {s.open, s.close, s.pause.begin, s.pause.end, s.pre.begin, s.pre.end, s.post.begin, s.post.end})
          for (const auto step : {-1ns, 0ns, 1ns})
            if (t > Timestamp{}) check(t + step);
      std::uniform_int_distribution<std::int64_t> any{unix_ns(Timestamp{exchange.first() - days{400}}),
                                                      unix_ns(Timestamp{exchange.last() + days{400}})};
      for (int i = 0; i < 20'000; ++i) check(from_unix_ns(any(random)));
      // The days around each change of the clocks.
      for (int year = 1990; year < 2038; ++year)
        for (const auto& change : {sys_days{std::chrono::year{year} / March / Sunday[2]},
                                   sys_days{std::chrono::year{year} / March / Sunday[last]},
                                   sys_days{std::chrono::year{year} / October / Sunday[last]},
                                   sys_days{std::chrono::year{year} / November / Sunday[1]}})
          for (auto t = Timestamp{change - days{1}}; t < Timestamp{change + days{2}}; t += 29min) check(t);
    }
}

BOOST_AUTO_TEST_CASE(next_open_and_next_close_are_where_is_open_turns) {
  std::mt19937_64 random{5};
  for (const auto* code : codes) BOOST_TEST_CONTEXT(code) {
      const auto& exchange = calendar(code);
      std::uniform_int_distribution<std::int64_t> any{unix_ns(Timestamp{exchange.first() + days{10}}),
                                                      unix_ns(Timestamp{exchange.last() - days{20}})};
      for (int i = 0; i < 3'000; ++i) {
        const auto t = from_unix_ns(any(random));
        const auto open = exchange.next_open(t);
        const auto close = exchange.next_close(t);
        if (std::string_view{code} == "24/7") {
          BOOST_REQUIRE(!open);
          BOOST_REQUIRE(*close > Timestamp{exchange.last()});
          continue;
        }
        BOOST_REQUIRE(open && close && *open > t && *close > t && *open != *close);
        BOOST_REQUIRE(exchange.is_open(*open) && !exchange.is_open(*open - 1ns));
        BOOST_REQUIRE(!exchange.is_open(*close) && exchange.is_open(*close - 1ns));
        BOOST_REQUIRE_EQUAL(exchange.is_open(t), *close < *open);
        // Nothing turns before the first of both.
        const auto first = std::min(*open, *close);
        BOOST_REQUIRE_EQUAL(exchange.is_open(first - 1ns), exchange.is_open(t));
        BOOST_REQUIRE(first - t <= 7 * 24h);
        const auto change = exchange.next_change(t);
        BOOST_REQUIRE(change && *change > t && *change <= first);
        BOOST_REQUIRE(exchange.phase_at(*change) != exchange.phase_at(t));
        BOOST_REQUIRE(exchange.phase_at(*change - 1ns) == exchange.phase_at(t));
      }
    }
}

BOOST_AUTO_TEST_CASE(the_next_opening_over_a_weekend_with_a_clock_change) {
  const auto& nyse = calendar("XNYS");
  BOOST_CHECK(*nyse.next_open(utc("2024-03-08T21:00")) == utc("2024-03-11T13:30"));
  BOOST_CHECK(*nyse.next_open(utc("2024-11-01T20:00")) == utc("2024-11-04T14:30"));
  BOOST_CHECK(*nyse.next_open(utc("2001-09-10T20:00")) == utc("2001-09-17T13:33"));
  BOOST_CHECK(*nyse.next_close(utc("2024-11-28T15:00")) == utc("2024-11-29T18:00"));
  // At the opening itself the next one is another day's.
  BOOST_CHECK(*nyse.next_open(utc("2024-03-11T13:30")) == utc("2024-03-12T13:30"));
  const auto& tokyo = calendar("XTKS");
  BOOST_CHECK(*tokyo.next_close(utc("2024-06-21T01:00")) == utc("2024-06-21T02:30"));  // lunch
  BOOST_CHECK(*tokyo.next_open(utc("2024-06-21T02:30")) == utc("2024-06-21T03:30"));
  BOOST_CHECK(tokyo.phase_at(utc("2024-06-21T03:00")) == Phase::pause);
}

BOOST_AUTO_TEST_CASE(outside_what_it_covers_everything_is_closed) {
  for (const auto* code : codes) BOOST_TEST_CONTEXT(code) {
      const auto& exchange = calendar(code);
      for (const auto t : {Timestamp::min(), Timestamp{-1ns}, Timestamp{}, utc("1980-03-03T15:00"),
                           utc("2038-03-03T15:00"), utc("2200-03-03T15:00"), Timestamp::max()}) {
        BOOST_CHECK(exchange.phase_at(t) == Phase::closed);
        BOOST_CHECK(!exchange.session_of(t));
      }
      BOOST_CHECK(!exchange.next_open(Timestamp::max()) && !exchange.next_close(Timestamp::max()) &&
                  !exchange.next_change(Timestamp::max()));
      BOOST_CHECK(exchange.next_open(Timestamp::min()) == all(exchange).front().open);
      BOOST_CHECK(exchange.sessions(ymd("2038-01-01"), ymd("2100-01-01")).empty());
      BOOST_CHECK(exchange.sessions(ymd("2024-01-10"), ymd("2024-01-01")).empty());
      BOOST_CHECK(!exchange.session_on(ymd("1985-03-04")));
    }
}

BOOST_AUTO_TEST_CASE(days_of_other_exchanges) {
  const std::map<std::pair<const char*, std::string>, const char*> known = {
      {{"XLON", "2024-06-21"}, "08:00-16:30"},
      {{"XLON", "2024-12-24"}, "08:00-12:30 early"},
      {{"XLON", "2023-12-22"}, "08:00-12:30 early"},
      {{"XLON", "2023-12-29"}, "08:00-12:30 early"},
      {{"XLON", "2024-04-01"}, "closed"},
      {{"XLON", "2023-05-08"}, "closed"},
      {{"XLON", "2023-05-01"}, "closed"},
      {{"XLON", "2020-05-04"}, "08:00-16:30"},
      {{"XLON", "2020-05-08"}, "closed"},
      {{"XLON", "2012-05-28"}, "08:00-16:30"},
      {{"XLON", "2011-04-29"}, "closed"},
      {{"XLON", "1999-12-31"}, "closed"},
      {{"XLON", "2027-12-27"}, "closed"},
      {{"XLON", "2027-12-28"}, "closed"},
      {{"XLON", "2028-01-03"}, "closed"},
      {{"XTKS", "2024-11-01"}, "09:00-15:00"},
      {{"XTKS", "2024-11-05"}, "09:00-15:30"},
      {{"XTKS", "2024-11-04"}, "closed"},
      {{"XTKS", "2026-09-22"}, "closed"},  // between two holidays
      {{"XTKS", "2009-09-22"}, "closed"},
      {{"XTKS", "2026-05-06"}, "closed"},
      {{"XTKS", "2008-05-06"}, "closed"},
      {{"XTKS", "2005-05-04"}, "closed"},
      {{"XTKS", "1998-05-06"}, "09:00-15:00"},
      {{"XTKS", "2019-05-02"}, "closed"},
      {{"XTKS", "2024-12-31"}, "closed"},
      {{"XTKS", "2024-12-30"}, "09:00-15:30"},
      {{"XTKS", "2020-10-01"}, "closed"},
      {{"XTKS", "2020-10-12"}, "09:00-15:00"},
      {{"CMES", "2024-06-21"}, "06-20 17:00-16:00"},
      {{"CMES", "2024-06-24"}, "06-23 17:00-16:00"},
      {{"CMES", "2013-10-07"}, "10-06 17:00-16:15"},
      {{"CMES", "2024-11-28"}, "11-27 17:00-12:00 early"},
      {{"CMES", "2024-11-29"}, "11-28 17:00-12:15 early"},
      {{"CMES", "2013-09-02"}, "09-01 17:00-10:30 early"},
      {{"CMES", "2026-04-03"}, "04-02 17:00-08:15 early"},
      {{"CMES", "2025-04-18"}, "closed"},
      {{"CMES", "2024-12-25"}, "closed"},
      {{"CMES", "2024-12-26"}, "12-25 17:00-16:00"},
      {{"CMES", "2024-06-22"}, "closed"},
      {{"FX", "2024-06-24"}, "06-23 17:00-17:00"},
      {{"FX", "2024-06-22"}, "closed"},
      {{"24/7", "2024-12-25"}, "00:00-12-26 00:00"},
  };
  for (const auto& [where, expected] : known)
    BOOST_CHECK_MESSAGE(shown(calendar(where.first), where.second) == expected,
                        where.first << " " << where.second << " is " << shown(calendar(where.first), where.second));
}

BOOST_AUTO_TEST_CASE(the_break_of_futures_until_june_2021) {
  const auto& cme = calendar("CMES");
  BOOST_CHECK(cme.phase_at(utc("2021-06-25T20:20")) == Phase::pause);
  BOOST_CHECK(cme.phase_at(utc("2021-06-28T20:20")) == Phase::regular);
  BOOST_CHECK(cme.phase_at(utc("2021-06-28T21:30")) == Phase::closed);  // the daily pause
  BOOST_CHECK(cme.phase_at(utc("2021-06-28T22:00")) == Phase::regular);
  BOOST_CHECK(cme.session_of(utc("2021-06-28T22:00"))->date == ymd("2021-06-29"));
}

BOOST_AUTO_TEST_CASE(fx_trades_from_sunday_to_friday_17_00_new_york) {
  const auto& fx = calendar("FX");
  for (const auto& [t, open] :
       std::map<std::string, bool>{{"2024-06-21T20:59", true},
                                   {"2024-06-21T21:00", false},
                                   {"2024-06-22T12:00", false},
                                   {"2024-06-23T20:59", false},
                                   {"2024-06-23T21:00", true},
                                   {"2024-06-24T21:00", true},  // a day ends, the market does not
                                   {"2024-01-07T21:59", false},
                                   {"2024-01-07T22:00", true},
                                   // clocks change on that Sunday, before the market opens
                                   {"2024-03-10T20:59", false},
                                   {"2024-03-10T21:00", true},
                                   {"2024-11-03T21:59", false},
                                   {"2024-11-03T22:00", true}})
    BOOST_CHECK_MESSAGE(fx.is_open(utc(t)) == open, t);
  BOOST_CHECK(*fx.next_close(utc("2024-06-24T12:00")) == utc("2024-06-28T21:00"));
}

BOOST_AUTO_TEST_CASE(bars_start_where_they_should) {
  const auto& nyse = calendar("XNYS");
  const auto t = utc("2024-06-21T13:38") + 42s + 123456789ns;
  BOOST_CHECK(bar_start(nyse, Timeframe::s1, t) == utc("2024-06-21T13:38") + 42s);
  BOOST_CHECK(bar_start(nyse, Timeframe::m1, t) == utc("2024-06-21T13:38"));
  BOOST_CHECK(bar_start(nyse, Timeframe::m5, t) == utc("2024-06-21T13:35"));
  BOOST_CHECK(bar_start(nyse, Timeframe::m15, t) == utc("2024-06-21T13:30"));
  BOOST_CHECK(bar_start(nyse, Timeframe::h1, t) == utc("2024-06-21T13:00"));
  BOOST_CHECK(bar_start(nyse, Timeframe::d1, t) == utc("2024-06-21T04:00"));
  BOOST_CHECK(bar_start(nyse, Timeframe::w1, t) == utc("2024-06-17T04:00"));
  BOOST_CHECK(bar_start(nyse, Timeframe::w1, utc("2024-03-13T12:00")) == utc("2024-03-11T04:00"));
  BOOST_CHECK(bar_start(calendar("FX"), Timeframe::w1, utc("2024-03-13T12:00")) == utc("2024-03-10T05:00"));
  BOOST_CHECK(bar_start(calendar("24/7"), Timeframe::w1, utc("2024-06-17T00:00")) == utc("2024-06-17T00:00"));
  // What lies on the boundary starts its own bar; before 1970 too.
  BOOST_CHECK(bar_start(nyse, Timeframe::m5, utc("2024-06-21T13:35")) == utc("2024-06-21T13:35"));
  BOOST_CHECK(bar_start(nyse, Timeframe::m1, Timestamp{-1ns}) == Timestamp{-60s});
}

BOOST_AUTO_TEST_CASE(a_day_starts_at_local_midnight) {
  BOOST_CHECK(calendar("XNYS").day_start(utc("2024-06-22T00:30")) == utc("2024-06-21T04:00"));  // after-hours
  BOOST_CHECK(calendar("XNYS").day_start(utc("2024-01-16T05:00")) == utc("2024-01-16T05:00"));
  BOOST_CHECK(calendar("XNYS").day_start(utc("2024-01-16T04:59")) == utc("2024-01-15T05:00"));
  BOOST_CHECK(calendar("24/7").day_start(utc("2024-06-21T00:30")) == utc("2024-06-21T00:00"));
  BOOST_CHECK(calendar("CMES").day_start(utc("2024-06-21T05:00")) == utc("2024-06-21T05:00"));
  // Days of 23 and 25 hours.
  BOOST_CHECK(calendar("FX").day_start(utc("2024-03-11T03:59")) == utc("2024-03-10T05:00"));
  BOOST_CHECK(calendar("FX").day_start(utc("2024-11-04T04:59")) == utc("2024-11-03T04:00"));
}
