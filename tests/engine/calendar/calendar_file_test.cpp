#include "engine/calendar/calendar_file.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "engine/calendar/shipped.hpp"
#include "tests/engine/calendar/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {
// The error of a user's file, or of what comes of it.
std::string error_of(const std::string& text) {
  const auto made = Calendars::make({{"my.toml", text}});
  if (made) return "";
  BOOST_CHECK(made.error().code == Errc::config_invalid);
  return made.error().message;
}
void check_error(const std::string& text, const std::string& part) {
  const auto error = error_of(text);
  BOOST_CHECK_MESSAGE(error.find(part) != std::string::npos, "\"" << error << "\" lacks \"" << part << "\"");
}
}  // namespace

BOOST_AUTO_TEST_CASE(errors_name_file_line_and_key) {
  check_error("[XNYS]\n\nfoo = 1\n", "my.toml:3: key XNYS.foo is not known");
  check_error("[[XNYS.closur]]\ndate = 2026-01-02\n",
              "my.toml:1: key XNYS.closur is not known; did you mean \"closure\"?");
  check_error("closure = 1\n", "my.toml:1: key closure is not known");
  check_error("[[XNYS.closure]]\nname = \"x\"\ndate = \"2026-02-30\"\n",
              "my.toml:3: key XNYS.closure.date must be a date, such as");
  check_error("[[XNYS.closure]]\nname = \"x\"\ndate = 5\n", "my.toml:3: key XNYS.closure.date must be a date");
  check_error("[[XNYS.closure]]\nname = \"x\"\n", "my.toml:1: XNYS.closure needs date or dates");
  check_error("[[XNYS.closure]]\ndate = 2026-01-02\n", "my.toml:1: XNYS.closure needs a name");
  check_error("[[XNYS.closure]]\nname = 3\ndate = 2026-01-02\n",
              "my.toml:2: key XNYS.closure.name must be a text, not a whole number");
  check_error("[[XNYS.closure]]\nname = \"x\"\ndate = 2026-01-02\nclose = \"10:00\"\n",
              "my.toml:4: key XNYS.closure.close");
  check_error("[XNYS]\nclosure = [1]\n", "my.toml:2: key XNYS.closure must be written [[XNYS.closure]]");
  check_error("[[XNYS.holiday]]\nname = \"x\"\non = \"sometime\"\n",
              "my.toml:3: key XNYS.holiday.on \"sometime\" is no day");
  check_error("[[XNYS.holiday]]\nname = \"x\"\non = \"12-25\"\nfrom = 20\n",
              "my.toml:4: key XNYS.holiday.from must be a year");
  check_error("[[XNYS.holiday]]\nname = \"x\"\non = \"12-25\"\nfrom = 2020\nuntil = 2019\n",
              "my.toml:5: key XNYS.holiday.until must not be before from");
  check_error("[[XNYS.holiday]]\nname = \"x\"\non = \"12-25\"\nobserved = { sat = 9 }\n",
              "my.toml:4: key XNYS.holiday.observed");
  check_error("[[XNYS.holiday]]\nname = \"x\"\non = \"12-25\"\nweekdays = [\"someday\"]\n",
              "my.toml:4: key XNYS.holiday.weekdays has \"someday\"");
  check_error("[[XNYS.hours]]\nregular = [\"16:00\", \"09:30\"]\n",
              "my.toml:2: key XNYS.hours.regular must end after it begins");
  check_error("[[XNYS.hours]]\nregular = [\"9:30\", \"16:00\"]\n",
              "my.toml:2: key XNYS.hours.regular must be a local time");
  check_error("[[XNYS.hours]]\nregular = [\"09:30\", \"24:30\"]\n",
              "my.toml:2: key XNYS.hours.regular must be a local time");
  check_error("[[XNYS.hours]]\nregular = [\"09:30\", \"16:00\"]\nbreak = [\"15:00\", \"16:00\"]\n",
              "my.toml:3: key XNYS.hours.break must lie within the regular session");
  check_error("[[XNYS.hours]]\npre = [\"04:00\", \"09:30\"]\n", "my.toml:1: XNYS.hours needs regular");
  check_error("[[XNYS.early_close]]\nname = \"x\"\non = \"12-30\"\nclose = \"09:00\"\n",
              "the session would end before it begins");
  check_error("[XNYZ]\n", "my.toml:1: XNYZ is not known; did you mean \"XNYS\"?");
  check_error("[XFOO]\ntimezone = \"Europe/Foo\"\n[[XFOO.hours]]\nregular = [\"09:00\", \"17:00\"]\n",
              "my.toml:1: key XFOO.timezone: time zone Europe/Foo not found");
  check_error("[XFOO]\ntimezone = \"UTC\"\n", "my.toml:1: XFOO needs [[XFOO.hours]]");
  check_error("[XFOO]\nbased_on = \"XBAR\"\n", "my.toml:1: key XFOO.based_on names \"XBAR\", which is not there");
  check_error("[XFOO]\nbased_on = \"XFOO\"\n", "key XFOO.based_on names");
  check_error("[XFOO]\ntimezone = \"UTC\"\nweek = []\n", "my.toml:3: key XFOO.week needs at least one weekday");
  check_error(
      "[XFOO]\ntimezone = \"UTC\"\nfirst = \"2020-01-01\"\nlast = \"2019-01-01\"\n[[XFOO.hours]]\nregular = "
      "[\"09:00\", \"17:00\"]\n",
      "XFOO.first must not be after last");
  check_error(
      "[XFOO]\ntimezone = \"UTC\"\n[[XFOO.hours]]\nregular = [\"-1d 12:00\", \"12:00\"]\npost = [\"13:00\", "
      "\"14:00\"]\n",
      "begins before the one before it has ended");
  check_error("[XNYS\n", "my.toml:1:");
  check_error("[=", "my.toml:1:");
  // All that is wrong is told at once.
  const auto error = error_of("[XNYS]\nfoo = 1\nbar = 2\n");
  BOOST_CHECK(error.find("XNYS.foo") != std::string::npos && error.find("XNYS.bar") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_that_fails_changes_nothing) {
  CalendarSpecs specs;
  BOOST_REQUIRE(read_calendar_file("[A]\ntimezone = \"UTC\"\n", "a.toml", specs));
  BOOST_CHECK(!read_calendar_file("[A]\nname = \"x\"\n[B]\n", "b.toml", specs));
  BOOST_CHECK_EQUAL(specs.size(), 1);
  BOOST_CHECK(specs.at("A").name.empty());
}

// Broken files end in an error or in calendars, never worse.
BOOST_AUTO_TEST_CASE(mutated_files_are_read_or_refused) {
  std::mt19937_64 random{3};
  const auto files = shipped_calendar_files();
  int refused = 0;
  for (int i = 0; i < 1'500; ++i) {
    std::string text{files[i % files.size()].text};
    const auto changes = 1 + random() % 4;
    for (std::uint64_t n = 0; n < changes; ++n) {
      const auto at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 30);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), random() % 40));
          break;
        default:
          text[at] = "[]{}=\"'\n#,-+:0129."[random() % 19];
          break;
      }
      if (text.empty()) text = " ";
    }
    CalendarSpecs specs;
    if (const auto ok = read_calendar_file(text, "mutated.toml", specs); !ok) {
      BOOST_REQUIRE(ok.error().code == Errc::config_invalid);
      BOOST_REQUIRE(ok.error().message.starts_with("mutated.toml"));
      ++refused;
      continue;
    }
    if (i % 10 != 0) continue;  // working out takes longer
    const auto utc_zone = *Zone::find("UTC");
    for (const auto& [code, spec] : specs)
      if (const auto whole = resolved(specs, spec)) BOOST_CHECK_NO_THROW(Calendar::make(*whole, utc_zone));
  }
  BOOST_CHECK(refused > 500);
}
