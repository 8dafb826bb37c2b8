#include "engine/calendar/date_rule.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/engine/calendar/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {
std::string in(const std::string& rule, int year) {
  const auto parsed = DateRule::parse(rule);
  BOOST_REQUIRE_MESSAGE(parsed, rule);
  const auto date = parsed->in(std::chrono::year{year});
  return date ? iso(*date) : "none";
}
}  // namespace

BOOST_AUTO_TEST_CASE(rules_name_days) {
  BOOST_CHECK_EQUAL(in("12-25", 2026), "2026-12-25");
  BOOST_CHECK_EQUAL(in("02-29", 2024), "2024-02-29");
  BOOST_CHECK_EQUAL(in("02-29", 2026), "none");
  BOOST_CHECK_EQUAL(in("3rd mon jan", 2026), "2026-01-19");
  BOOST_CHECK_EQUAL(in("5th monday june", 2026), "2026-06-29");
  BOOST_CHECK_EQUAL(in("5th mon feb", 2026), "none");
  BOOST_CHECK_EQUAL(in("last mon may", 2026), "2026-05-25");
  BOOST_CHECK_EQUAL(in("4th thu nov", 2026), "2026-11-26");
  BOOST_CHECK_EQUAL(in("4th thu nov +1", 2026), "2026-11-27");
  BOOST_CHECK_EQUAL(in("01-01 -1", 2026), "2025-12-31");
}

BOOST_AUTO_TEST_CASE(easter_is_where_the_tables_have_it) {
  const std::map<int, const char*> sundays{
      {1990, "1990-04-15"}, {1997, "1997-03-30"}, {2000, "2000-04-23"}, {2008, "2008-03-23"}, {2011, "2011-04-24"},
      {2019, "2019-04-21"}, {2024, "2024-03-31"}, {2026, "2026-04-05"}, {2030, "2030-04-21"}, {2035, "2035-03-25"}};
  for (const auto& [year, sunday] : sundays) BOOST_CHECK_EQUAL(in("easter", year), sunday);
  BOOST_CHECK_EQUAL(in("easter -2", 2026), "2026-04-03");
}

BOOST_AUTO_TEST_CASE(equinoxes_are_where_japan_announced_them) {
  const std::map<int, std::pair<const char*, const char*>> announced{
      {1990, {"1990-03-21", "1990-09-23"}}, {2000, {"2000-03-20", "2000-09-23"}}, {2012, {"2012-03-20", "2012-09-22"}},
      {2019, {"2019-03-21", "2019-09-23"}}, {2024, {"2024-03-20", "2024-09-22"}}, {2025, {"2025-03-20", "2025-09-23"}},
      {2026, {"2026-03-20", "2026-09-23"}}, {2027, {"2027-03-21", "2027-09-23"}}};
  for (const auto& [year, days] : announced) {
    BOOST_CHECK_EQUAL(in("march equinox", year), days.first);
    BOOST_CHECK_EQUAL(in("september equinox", year), days.second);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_rule_is_refused) {
  for (const auto* text : {"",
                           " ",
                           "13-01",
                           "02-30",
                           "00-10",
                           "1-1",
                           "12-25-",
                           "6th mon jan",
                           "0th mon jan",
                           "3rd jan",
                           "3rd foo jan",
                           "3rd mon foo",
                           "eastern",
                           "easter -",
                           "easter -x",
                           "easter -2 +1",
                           "easter +1000",
                           "july equinox",
                           "mon",
                           "last last last",
                           "12-25 1",
                           "\xff\xfe"})
    BOOST_CHECK_MESSAGE(!DateRule::parse(text), text);
}
