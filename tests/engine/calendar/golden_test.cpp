// The schedules as they were recorded outside this project: each day of each file.
#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/engine/calendar/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct Row {
  Timestamp open, close;
  std::optional<Session::Span> pause;
  bool early = false;
};
using Schedule = std::map<sys_days, Row>;

Schedule recorded(const std::string& name) {
  Schedule out;
  for (const auto& row : csv_rows(shared_folder() + "/data/calendar/" + name + ".csv")) {
    if (row.size() == 6)
      out[ymd(row[0])] = {utc(row[1]), utc(row[4]), Session::Span{utc(row[2]), utc(row[3])}, row[5] == "1"};
    else
      out[ymd(row.at(0))] = {utc(row.at(1)), utc(row.at(2)), std::nullopt, row.at(3) == "1"};
  }
  if (out.empty())
    BOOST_TEST_MESSAGE("SKIPPED: no recorded schedule " << name << " below " << shared_folder()
                                                        << " (TRADEBUS_SHARED names the folder)");
  return out;
}

void check_session(const Calendar& calendar, sys_days date, const Row& row) {
  const auto session = calendar.session_on(date);
  BOOST_REQUIRE_MESSAGE(session, calendar.code() << " has no session on " << iso(date));
  BOOST_CHECK_MESSAGE(session->open == row.open, calendar.code()
                                                     << " " << iso(date) << " opens " << to_iso8601(session->open));
  BOOST_CHECK_MESSAGE(session->close == row.close, calendar.code()
                                                       << " " << iso(date) << " closes " << to_iso8601(session->close));
  BOOST_CHECK_MESSAGE(session->early == row.early, calendar.code() << " " << iso(date) << " early");
  if (row.pause) BOOST_CHECK_MESSAGE(session->pause == *row.pause, calendar.code() << " " << iso(date) << " break");
  BOOST_CHECK(!calendar.is_open(row.open - 1ns) && calendar.is_open(row.open));
  BOOST_CHECK(calendar.is_open(row.close - 1ns) && !calendar.is_open(row.close));
}

void check_all(const char* code, const Schedule& schedule) {
  if (schedule.empty()) return;
  BOOST_REQUIRE(schedule.size() > 1'000);
  const auto& exchange = calendar(code);
  for (auto date = schedule.begin()->first; date <= schedule.rbegin()->first; date += days{1}) {
    const auto row = schedule.find(date);
    if (row != schedule.end())
      check_session(exchange, date, row->second);
    else
      BOOST_CHECK_MESSAGE(!exchange.session_on(date), code << " has a session on " << iso(date));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(new_york) {
  check_all("XNYS", recorded("xnys"));
  check_all("XNAS", recorded("xnys"));
}
BOOST_AUTO_TEST_CASE(london) { check_all("XLON", recorded("xlon")); }
BOOST_AUTO_TEST_CASE(tokyo) { check_all("XTKS", recorded("xtks")); }

// Two sources: what they say alike must hold. The coarse one knows neither the daily pause nor a quarter past noon.
BOOST_AUTO_TEST_CASE(chicago) {
  const auto fine = recorded("cme_globex_equity");
  const auto coarse = recorded("cmes");
  if (fine.empty() || coarse.empty()) return;
  const auto& exchange = calendar("CMES");
  int checked = 0;
  for (auto date = fine.begin()->first; date <= fine.rbegin()->first; date += days{1}) {
    const auto row = fine.find(date);
    if ((row != fine.end()) != coarse.contains(date)) continue;
    ++checked;
    if (row != fine.end())
      check_session(exchange, date, row->second);
    else
      BOOST_CHECK_MESSAGE(!exchange.session_on(date), "CMES has a session on " << iso(date));
  }
  BOOST_CHECK(checked > 1'800);
}
