// From an exchange's rules to its days: which have a session, with which local hours, and why not.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bus/model/error.hpp"
#include "engine/calendar/calendar_spec.hpp"

namespace tradebus {

// The local hours of one session. An empty span: there is none.
struct DayHours {
  LocalSpan regular;
  LocalSpan pre;
  LocalSpan post;
  LocalSpan pause;
  bool early = false;  // the regular session ends earlier than on an ordinary day
  friend bool operator==(const DayHours&, const DayHours&) = default;
};

// What the calendar covers unless its file says otherwise.
inline constexpr std::chrono::sys_days calendar_first{std::chrono::year{1990} / 1 / 1};
// The last year for which time zones are known: zone.hpp.
inline constexpr std::chrono::sys_days calendar_last{std::chrono::year{2037} / 12 / 31};

struct DayPlan {
  struct Day {
    std::chrono::sys_days date;
    std::uint16_t hours = 0;  // of `hours`; not used by closures
    std::uint16_t name = 0;   // of `names`; 0: an ordinary day
  };
  std::chrono::sys_days first;
  std::chrono::sys_days last;  // inclusive
  std::vector<DayHours> hours;
  std::vector<std::string> names;  // the first one is empty
  std::vector<Day> sessions;       // by date
  std::vector<Day> closures;       // days of the week's usual ones without a session, by date

  // From a spec that takes over nothing any more. config.invalid names file, line and key.
  static Result<DayPlan> make(const CalendarSpec& spec);
};

}  // namespace tradebus
