#include "engine/services/nyse_days.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "bus/model/instrument.hpp"

using namespace tradebus;
using namespace std::chrono;

namespace {
std::string shown(const std::string& iso) {
  const auto hours = nyse_hours(Date::parse(iso)->to_days());
  if (hours == DayHours{}) return "closed";
  BOOST_CHECK(hours.open == 9h + 30min);
  return std::to_string(hours.close / 1h);
}
}  // namespace

BOOST_AUTO_TEST_CASE(known_days) {
  const std::map<std::string, std::string> days = {
      // holidays and where they are observed
      {"2024-01-01", "closed"},
      {"2023-01-02", "closed"},
      {"2021-12-31", "16"},
      {"2010-12-31", "16"},
      {"1997-01-20", "16"},
      {"1998-01-19", "closed"},
      {"2024-02-19", "closed"},
      {"2024-03-29", "closed"},
      {"2024-04-01", "16"},
      {"2024-05-27", "closed"},
      {"2021-06-18", "16"},
      {"2022-06-20", "closed"},
      {"2024-06-19", "closed"},
      {"2020-07-03", "closed"},
      {"2021-07-05", "closed"},
      {"2024-07-04", "closed"},
      {"2024-09-02", "closed"},
      {"2024-11-28", "closed"},
      {"2024-12-25", "closed"},
      {"2021-12-24", "closed"},
      {"2022-12-26", "closed"},
      // early closes
      {"2024-07-03", "13"},
      {"2013-07-03", "13"},
      {"2002-07-03", "16"},
      {"2002-07-05", "13"},
      {"1996-07-05", "13"},
      {"2013-07-05", "16"},
      {"2019-07-05", "16"},
      {"2023-07-03", "13"},
      {"2025-07-03", "13"},
      {"2022-07-01", "16"},
      {"2022-07-05", "16"},
      {"1994-07-05", "16"},
      {"2024-11-29", "13"},
      {"1992-11-27", "14"},
      {"1991-11-29", "16"},
      {"2024-12-24", "13"},
      {"1990-12-24", "14"},
      {"2023-12-22", "16"},
      {"2016-12-23", "16"},
      {"1997-12-26", "13"},
      {"1999-12-31", "13"},
      {"2003-12-26", "13"},
      {"2008-12-26", "16"},
      {"2025-12-26", "16"},
      // unscheduled
      {"1994-04-27", "closed"},
      {"2001-09-10", "16"},
      {"2001-09-11", "closed"},
      {"2001-09-14", "closed"},
      {"2001-09-17", "16"},
      {"2004-06-11", "closed"},
      {"2007-01-02", "closed"},
      {"2012-10-29", "closed"},
      {"2012-10-30", "closed"},
      {"2012-10-31", "16"},
      {"2018-12-05", "closed"},
      {"2025-01-09", "closed"},
      // no holidays here, and weekends
      {"2024-10-14", "16"},
      {"2024-11-11", "16"},
      {"2024-12-31", "16"},
      {"2024-11-05", "16"},
      {"2024-06-22", "closed"},
      {"2024-06-23", "closed"},
  };
  for (const auto& [day, expected] : days) BOOST_CHECK_MESSAGE(shown(day) == expected, day << " is " << shown(day));
}

BOOST_AUTO_TEST_CASE(good_friday_is_two_days_before_easter) {
  for (const auto* day : {"1990-04-13", "1997-03-28", "2000-04-21", "2008-03-21", "2011-04-22", "2019-04-19",
                          "2026-04-03", "2030-04-19", "2035-03-23"})
    BOOST_CHECK_EQUAL(shown(day), "closed");
}

BOOST_AUTO_TEST_CASE(a_year_has_the_right_number_of_sessions) {
  std::map<int, int> sessions;
  std::map<int, int> early;
  for (sys_days d = 1990y / January / 1; d < sys_days{2036y / January / 1}; d += days{1}) {
    const auto hours = nyse_hours(d);
    if (hours == DayHours{}) continue;
    const auto year = static_cast<int>(year_month_day{d}.year());
    ++sessions[year];
    early[year] += hours.close < 16h ? 1 : 0;
  }
  for (const auto& [year, n] : sessions) {
    BOOST_CHECK_MESSAGE(n >= 248 && n <= 254, year << " has " << n);
    BOOST_CHECK_MESSAGE(early[year] <= 4, year << " has " << early[year] << " early closes");
  }
  for (const auto& [year, n] : std::map<int, int>{
           {1992, 254}, {1996, 254}, {2001, 248}, {2020, 253}, {2022, 251}, {2023, 250}, {2024, 252}, {2025, 250}})
    BOOST_CHECK_EQUAL(sessions[year], n);
  BOOST_CHECK_EQUAL(early[2024], 3);
  BOOST_CHECK_EQUAL(early[2022], 1);
}
