#include "engine/calendar/calendars.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <map>
#include <thread>

#include "tests/engine/calendar/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {
std::string code_of(const char* symbol) { return Calendars::shipped()->of(*Instrument::parse(symbol)).code(); }

struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("calendars-" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{path / name} << text;
    return path / name;
  }
};
}  // namespace

BOOST_AUTO_TEST_CASE(an_instrument_says_its_calendar) {
  const std::map<const char*, const char*> known{{"AAPL", "XNYS"},
                                                 {"BTC-USD", "24/7"},
                                                 {"EUR-USD", "FX"},
                                                 {"AAPL240621C00190000", "OPRA"},
                                                 {"SPY240621C00540000", "XCBO"},
                                                 {"SPXW240621C05400000", "XCBO-GTH"}};
  for (const auto& [symbol, code] : known) BOOST_CHECK_EQUAL(code_of(symbol), code);
  Instrument future;
  future.symbol = Symbol{"ESZ4"};
  future.asset_class = AssetClass::future;
  BOOST_CHECK_EQUAL(Calendars::shipped()->of(future).code(), "CMES");
}

BOOST_AUTO_TEST_CASE(codes_and_aliases_find_it_in_any_case) {
  const auto calendars = Calendars::shipped();
  for (const auto* name : {"XNYS", "xnys", "NYSE", "nyse"}) BOOST_CHECK_EQUAL(calendars->find(name)->code(), "XNYS");
  BOOST_CHECK_EQUAL(calendars->find("NASDAQ")->code(), "XNAS");
  BOOST_CHECK_EQUAL(calendars->find("CME_GLOBEX_EQUITY")->code(), "CMES");
  BOOST_CHECK(calendars->find("") == nullptr);
  const auto none = calendars->get("XNYZ");
  BOOST_REQUIRE(!none);
  BOOST_CHECK(none.error().code == Errc::request_invalid);
  BOOST_CHECK_EQUAL(none.error().key, "exchange");
  BOOST_CHECK_MESSAGE(none.error().message.find("did you mean \"XNYS\"") != std::string::npos, none.error().message);
  BOOST_CHECK(!calendars->get(std::string(5'000, 'x')));
  BOOST_CHECK(!calendars->get(std::string_view{"\0\xff\n", 3}));
}

BOOST_AUTO_TEST_CASE(every_calendar_is_named_and_covers_1990_to_2035) {
  for (const auto& code : Calendars::shipped()->codes()) {
    const auto& exchange = *Calendars::shipped()->find(code);
    BOOST_CHECK(!exchange.name().empty());
    BOOST_CHECK(exchange.first() <= ymd("1990-01-01") && exchange.last() >= ymd("2035-12-31"));
  }
}

BOOST_AUTO_TEST_CASE(threads_may_ask_for_the_same_calendar_at_once) {
  const auto calendars = *Calendars::make({});
  std::vector<std::thread> threads;
  std::vector<const Calendar*> found(4);
  for (auto& each : found) threads.emplace_back([&] { each = calendars->find("XNYS"); });
  for (auto& thread : threads) thread.join();
  for (const auto* each : found) BOOST_CHECK(each == found[0] && each->is_open(utc("2024-06-21T15:00")));
}

BOOST_AUTO_TEST_CASE(a_users_file_closes_a_day_on_what_is_based_on_it_too) {
  const auto calendars = Calendars::make({{"mine.toml", R"(
[[XNYS.closure]]
name = "Mourning"
date = 2026-12-01
)"}});
  BOOST_REQUIRE(calendars);
  for (const auto* code : {"XNYS", "XNAS", "OPRA", "XCBO", "XCBO-GTH"})
    BOOST_CHECK_MESSAGE(shown(*(*calendars)->find(code), "2026-12-01") == "closed", code);
  BOOST_CHECK_EQUAL(shown(*(*calendars)->find("XNYS"), "2026-12-02"), "09:30-16:00");
  BOOST_CHECK_EQUAL(shown(*(*calendars)->find("XLON"), "2026-12-01"), "08:00-16:30");
  BOOST_CHECK_EQUAL((*calendars)->find("XNYS")->closures(ymd("2026-12-01"), ymd("2026-12-01")).at(0).name, "Mourning");
}

BOOST_AUTO_TEST_CASE(a_later_file_has_the_last_word) {
  const auto calendars = Calendars::make({{"a.toml", R"(
[[XNYS.closure]]
name = "Announced"
date = "2026-12-01"
)"},
                                          {"b.toml", R"(
[[XNYS.special_day]]
name = "Not closed after all"
date = "2026-12-01"
close = "12:00"
[[XNYS.special_day]]
name = "Open on a Saturday"
dates = ["2026-12-05"]
open = "10:00"
[[XNYS.special_day]]
name = "Open on Thanksgiving"
date = "2026-11-26"
[[XLON.hours]]
from = "2027-01-01"
regular = ["08:00", "17:30"]
early_close = "12:30"
)"}});
  BOOST_REQUIRE_MESSAGE(calendars, calendars.error().message);
  const auto& nyse = *(*calendars)->find("XNYS");
  BOOST_CHECK_EQUAL(shown(nyse, "2026-12-01"), "09:30-12:00 early");
  BOOST_CHECK_EQUAL(shown(nyse, "2026-12-05"), "10:00-16:00");
  BOOST_CHECK_EQUAL(shown(nyse, "2026-11-26"), "09:30-16:00");
  BOOST_CHECK_EQUAL(shown(*(*calendars)->find("XLON"), "2026-12-30"), "08:00-16:30");
  BOOST_CHECK_EQUAL(shown(*(*calendars)->find("XLON"), "2027-01-04"), "08:00-17:30");
}

BOOST_AUTO_TEST_CASE(a_new_exchange_takes_over_an_asset_class) {
  const auto calendars = Calendars::make({{"mine.toml", R"(
[XPAR]
name = "Paris"
timezone = "Europe/Paris"
asset_classes = ["equity"]
first = "2000-01-01"
last = "2030-12-31"
[[XPAR.hours]]
regular = ["09:00", "17:30"]
)"}});
  BOOST_REQUIRE_MESSAGE(calendars, calendars.error().message);
  const auto& paris = (*calendars)->of(*Instrument::parse("AIR"));
  BOOST_CHECK_EQUAL(paris.code(), "XPAR");
  BOOST_CHECK_EQUAL(shown(paris, "2024-06-21"), "09:00-17:30");
  BOOST_CHECK_EQUAL(shown(paris, "1999-12-31"), "closed");
  BOOST_CHECK(paris.is_open(utc("2024-06-21T07:00")) && !paris.is_open(utc("2024-06-21T06:59")));
}

BOOST_AUTO_TEST_CASE(files_and_folders_are_read_in_order) {
  const Folder folder;
  folder.write("b.toml", "[[XNYS.closure]]\nname = \"b\"\ndate = 2026-12-01\n");
  folder.write("a.toml", "[[XNYS.closure]]\nname = \"a\"\ndate = 2026-12-01\n");
  folder.write("notes.txt", "no TOML");
  const auto files = read_calendar_files({folder.path.string(), (folder.path / "a.toml").string()}, "");
  BOOST_REQUIRE(files);
  BOOST_REQUIRE_EQUAL(files->size(), 3);
  BOOST_CHECK(files->at(0).path.ends_with("/a.toml") && files->at(1).path.ends_with("/b.toml") &&
              files->at(2).path.ends_with("/a.toml"));
  BOOST_CHECK(read_calendar_files({}, (folder.path / "absent").string())->empty());
  BOOST_CHECK_EQUAL(read_calendar_files({}, folder.path.string())->size(), 2);
  const auto missing = read_calendar_files({(folder.path / "absent.toml").string()}, "");
  BOOST_REQUIRE(!missing);
  BOOST_CHECK(missing.error().message.find("absent.toml cannot be read") != std::string::npos);
}
