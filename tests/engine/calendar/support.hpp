// Times and days in the words of these tests.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "bus/model/instrument.hpp"
#include "engine/calendar/calendars.hpp"

namespace tradebus::test {

using namespace std::chrono;

inline sys_days ymd(const std::string& iso) {
  const auto date = Date::parse(iso);
  BOOST_REQUIRE_MESSAGE(date, iso);
  return date->to_days();
}
inline std::string iso(sys_days date) { return Date::from_days(date).to_string(); }

// "2024-06-21T13:30" or "2024-06-21T13:30:00Z", in UTC.
inline Timestamp utc(const std::string& text) {
  const auto number = [&](std::size_t at) { return std::stoi(text.substr(at, 2)); };
  return ymd(text.substr(0, 10)) + hours{number(11)} + minutes{number(14)};
}

inline const Calendar& calendar(const char* code) {
  const auto* found = Calendars::shipped()->find(code);
  BOOST_REQUIRE_MESSAGE(found != nullptr, code);
  return *found;
}

// The exchange's own clock: "09:30"; on another date than the session's with it: "06-20 17:00".
inline std::string local(const Calendar& calendar, sys_days date, Timestamp t) {
  const auto shown = to_iso8601(t + calendar.zone().offset_at(floor<seconds>(t)));
  return shown.substr(0, 10) == iso(date) ? shown.substr(11, 5) : shown.substr(5, 5) + " " + shown.substr(11, 5);
}
// "09:30-16:00", "09:30-13:00 early", "closed"
inline std::string shown(const Calendar& calendar, const std::string& date) {
  const auto session = calendar.session_on(ymd(date));
  if (!session) return "closed";
  return local(calendar, session->date, session->open) + "-" + local(calendar, session->date, session->close) +
         (session->early ? " early" : "");
}

// The folder with recorded facts, where there is one.
inline std::string shared_folder() {
  const char* set = std::getenv("TRADEBUS_SHARED");  // NOLINT(concurrency-mt-unsafe)
  return set != nullptr ? set : std::string{TRADEBUS_SOURCE_DIR} + "/../shared";
}

// The rows of a CSV file without its head; empty when there is no such file.
inline std::vector<std::vector<std::string>> csv_rows(const std::string& path) {
  std::vector<std::vector<std::string>> out;
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream fields{line};
    auto& row = out.emplace_back();
    for (std::string field; std::getline(fields, field, ',');) row.push_back(field);
  }
  return out;
}

}  // namespace tradebus::test
