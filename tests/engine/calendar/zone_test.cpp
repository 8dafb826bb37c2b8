#include "engine/calendar/zone.hpp"

#include <date/tz.h>
#include <boost/test/unit_test.hpp>

#include "tests/engine/calendar/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_AUTO_TEST_CASE(offsets_are_those_of_the_database) {
  for (const auto* name : {"America/New_York", "America/Chicago", "Europe/London", "Asia/Tokyo", "UTC"}) {
    const auto zone = *Zone::find(name);
    const auto* source = date::locate_zone(name);
    for (sys_seconds t = sys_days{1960y / 1 / 1}; t < sys_days{2038y / 1 / 1}; t += hours{7})
      BOOST_REQUIRE_MESSAGE(zone->offset_at(t) == source->get_info(t).offset, name << " at " << to_iso8601(t));
  }
}

BOOST_AUTO_TEST_CASE(the_database_knows_clock_changes_until_the_calendars_end) {
  const auto zone = *Zone::find("America/New_York");
  BOOST_CHECK(zone->offset_at(sys_days{2037y / July / 1}) == -4h);
  BOOST_CHECK(zone->offset_at(sys_days{2037y / December / 31}) == -5h);
}

BOOST_AUTO_TEST_CASE(local_times_round_trip_but_where_clocks_change) {
  const auto zone = *Zone::find("America/New_York");
  for (sys_days date = 2000y / 1 / 1; date < sys_days{2037y / 1 / 1}; date += days{1})
    for (const auto of_day : {0min, minutes{9h + 30min}, minutes{23h + 59min}}) {
      const auto t = zone->to_utc(date, of_day);
      BOOST_REQUIRE(zone->date_of(t) == date);
      BOOST_REQUIRE(t + zone->offset_at(t) == date + of_day);
    }
  // 02:30 is skipped in spring: the moment of the change; and comes twice in autumn: the first one.
  BOOST_CHECK(zone->to_utc(ymd("2024-03-10"), 2h + 30min) == floor<seconds>(utc("2024-03-10T07:00")));
  BOOST_CHECK(zone->to_utc(ymd("2024-11-03"), 1h + 30min) == floor<seconds>(utc("2024-11-03T05:30")));
  BOOST_CHECK(zone->to_utc(ymd("2024-06-21"), -7h) == floor<seconds>(utc("2024-06-20T21:00")));
}

BOOST_AUTO_TEST_CASE(an_unknown_zone_is_named) {
  const auto zone = Zone::find("America/Gotham");
  BOOST_REQUIRE(!zone);
  BOOST_CHECK(zone.error().code == Errc::config_invalid);
  BOOST_CHECK(zone.error().message.find("America/Gotham") != std::string::npos);
}
