// The NYSE day by day: what rules and tables must give for 1990 to 2035.
#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/engine/calendar/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {
const std::string full = "09:30-16:00";
const std::string half = "09:30-13:00 early";
const std::string two_o_clock = "09:30-14:00 early";
const std::string closed = "closed";
}  // namespace

BOOST_AUTO_TEST_CASE(known_days) {
  const std::map<std::string, std::string> days = {
      // holidays and where they are observed
      {"2024-01-01", closed},
      {"2023-01-02", closed},
      {"2021-12-31", full},
      {"2010-12-31", full},
      {"1993-12-31", full},
      {"1997-01-20", full},
      {"1998-01-19", closed},
      {"2024-02-19", closed},
      {"2024-03-29", closed},
      {"2024-04-01", full},
      {"2024-05-27", closed},
      {"2021-06-18", full},
      {"2022-06-20", closed},
      {"2024-06-19", closed},
      {"2027-06-18", closed},
      {"2020-07-03", closed},
      {"2021-07-05", closed},
      {"2024-07-04", closed},
      {"2024-09-02", closed},
      {"2024-11-28", closed},
      {"2024-12-25", closed},
      {"2021-12-24", closed},
      {"2022-12-26", closed},
      // early closes
      {"2024-07-03", half},
      {"2013-07-03", half},
      {"2002-07-03", full},
      {"2002-07-05", half},
      {"1996-07-05", half},
      {"1991-07-05", full},
      {"2013-07-05", full},
      {"2019-07-05", full},
      {"2023-07-03", half},
      {"2025-07-03", half},
      {"2022-07-01", full},
      {"2022-07-05", full},
      {"1994-07-05", full},
      {"1995-07-03", half},
      {"2024-11-29", half},
      {"1992-11-27", two_o_clock},
      {"1991-11-29", full},
      {"2024-12-24", half},
      {"1990-12-24", two_o_clock},
      {"1992-12-24", two_o_clock},
      {"1993-11-26", half},
      {"2023-12-22", full},
      {"2016-12-23", full},
      {"1997-12-26", half},
      {"1999-12-31", half},
      {"2003-12-26", half},
      {"2008-12-26", full},
      {"2014-12-26", full},
      {"2025-12-26", full},
      // unscheduled
      {"1994-04-27", closed},
      {"2001-09-10", full},
      {"2001-09-11", closed},
      {"2001-09-14", closed},
      {"2001-09-17", "09:33-16:00"},
      {"2004-06-11", closed},
      {"2007-01-02", closed},
      {"2012-10-29", closed},
      {"2012-10-30", closed},
      {"2012-10-31", full},
      {"2018-12-05", closed},
      {"2025-01-09", closed},
      // late openings, unplanned closes
      {"1990-12-27", "09:31-16:00"},
      {"2006-12-27", "09:32-16:00"},
      {"1995-12-18", "10:30-16:00"},
      {"1996-01-08", "11:00-14:00 early"},
      {"2002-09-11", "12:00-16:00"},
      {"1994-02-11", "09:30-14:30 early"},
      {"1997-10-27", "09:30-15:30 early"},
      {"2005-06-01", "09:30-15:56 early"},
      {"2020-03-09", full},
      {"2015-07-08", full},
      // no holidays here, and weekends
      {"2024-10-14", full},
      {"2024-11-11", full},
      {"2024-12-31", full},
      {"2024-11-05", full},
      {"2024-06-22", closed},
      {"2024-06-23", closed},
  };
  const auto& nyse = calendar("XNYS");
  for (const auto& [date, expected] : days)
    BOOST_CHECK_MESSAGE(shown(nyse, date) == expected, date << " is " << shown(nyse, date));
}

BOOST_AUTO_TEST_CASE(a_year_has_the_right_number_of_sessions) {
  std::map<int, int> sessions;
  std::map<int, int> early;
  const auto& nyse = calendar("XNYS");
  for (const auto& session : nyse.sessions(ymd("1990-01-01"), ymd("2035-12-31"))) {
    const auto year = static_cast<int>(year_month_day{session.date}.year());
    ++sessions[year];
    early[year] += session.early ? 1 : 0;
  }
  BOOST_CHECK_EQUAL(sessions.size(), 46);
  for (const auto& [year, n] : sessions) BOOST_CHECK_MESSAGE(n >= 248 && n <= 254, year << " has " << n);
  for (const auto& [year, n] : std::map<int, int>{{1990, 253},
                                                  {1992, 254},
                                                  {1996, 254},
                                                  {2001, 248},
                                                  {2004, 252},
                                                  {2007, 251},
                                                  {2012, 250},
                                                  {2018, 251},
                                                  {2020, 253},
                                                  {2022, 251},
                                                  {2023, 250},
                                                  {2024, 252},
                                                  {2025, 250},
                                                  {2026, 251}})
    BOOST_CHECK_MESSAGE(sessions[year] == n, year << " has " << sessions[year]);
  for (const auto& [year, n] : std::map<int, int>{{2024, 3}, {2022, 1}, {2021, 1}, {1997, 5}, {2013, 3}})
    BOOST_CHECK_MESSAGE(early[year] == n, year << " has " << early[year] << " early closes");
}

BOOST_AUTO_TEST_CASE(before_and_after_hours) {
  const auto& nyse = calendar("XNYS");
  const auto of = [&](const char* date) {
    const auto s = *nyse.session_on(ymd(date));
    return local(nyse, s.date, s.pre.begin) + "-" + local(nyse, s.date, s.pre.end) + " " +
           local(nyse, s.date, s.post.begin) + "-" + local(nyse, s.date, s.post.end);
  };
  BOOST_CHECK_EQUAL(of("2024-06-21"), "04:00-09:30 16:00-20:00");
  BOOST_CHECK_EQUAL(of("2024-11-29"), "04:00-09:30 13:00-17:00");
  BOOST_CHECK_EQUAL(of("2002-09-11"), "04:00-12:00 16:00-20:00");
  BOOST_CHECK_EQUAL(of("1997-10-27"), "04:00-09:30 15:30-20:00");
  // In winter after-hours run past midnight UTC: they belong to the day before.
  BOOST_CHECK(nyse.phase_at(utc("2024-01-17T00:30")) == Phase::post);
  BOOST_CHECK(nyse.session_of(utc("2024-01-17T00:30"))->date == ymd("2024-01-16"));
  BOOST_CHECK(nyse.phase_at(utc("2024-01-17T01:00")) == Phase::closed);
  BOOST_CHECK(!nyse.session_of(utc("2024-01-17T01:00")));
  BOOST_CHECK(nyse.phase_at(utc("2024-01-17T08:59")) == Phase::closed);
  BOOST_CHECK(nyse.phase_at(utc("2024-01-17T09:00")) == Phase::pre);
}

BOOST_AUTO_TEST_CASE(options_keep_its_days_and_their_own_hours) {
  const auto check = [](const char* code, const char* date, const char* expected) {
    BOOST_CHECK_MESSAGE(shown(calendar(code), date) == expected,
                        code << " " << date << " " << shown(calendar(code), date));
  };
  check("OPRA", "2024-06-21", "09:30-16:00");
  check("OPRA", "2024-11-29", "09:30-13:00 early");
  check("XCBO", "2024-06-21", "09:30-16:15");
  check("XCBO", "2024-11-29", "09:30-13:15 early");
  check("XCBO", "2025-01-09", "closed");
  check("XCBO-GTH", "2021-01-15", "09:30-16:15");
  const auto& gth = calendar("XCBO-GTH");
  BOOST_CHECK(gth.phase_at(utc("2021-01-15T10:00")) == Phase::closed);
  BOOST_CHECK(gth.phase_at(utc("2023-06-26T01:00")) == Phase::pre);  // Sunday evening
  BOOST_CHECK(gth.phase_at(utc("2023-06-26T13:27")) == Phase::closed);
  BOOST_CHECK(gth.phase_at(utc("2023-06-26T20:30")) == Phase::post);
  BOOST_CHECK(gth.phase_at(utc("2023-06-26T21:00")) == Phase::closed);
}

BOOST_AUTO_TEST_CASE(closures_have_names) {
  const auto closures = calendar("XNYS").closures(ymd("2026-01-01"), ymd("2026-12-31"));
  std::string all;
  for (const auto& each : closures) all += iso(each.date) + " " + std::string{each.name} + "\n";
  BOOST_CHECK_EQUAL(all,
                    "2026-01-01 New Year's Day\n"
                    "2026-01-19 Martin Luther King Jr. Day\n"
                    "2026-02-16 Washington's Birthday\n"
                    "2026-04-03 Good Friday\n"
                    "2026-05-25 Memorial Day\n"
                    "2026-06-19 Juneteenth\n"
                    "2026-07-03 Independence Day\n"
                    "2026-09-07 Labor Day\n"
                    "2026-11-26 Thanksgiving Day\n"
                    "2026-12-25 Christmas Day\n");
  BOOST_CHECK_EQUAL(calendar("XNYS").session_on(ymd("2026-11-27"))->name, "Day after Thanksgiving");
  BOOST_CHECK_EQUAL(calendar("XNYS").session_on(ymd("2026-11-25"))->name, "");
}
