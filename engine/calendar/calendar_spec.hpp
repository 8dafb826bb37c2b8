// An exchange's calendar as its file says it: rules and single days, not yet worked out.
// Minutes are local and count from the midnight that begins the session's date; below zero is the day before.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "bus/model/enums.hpp"
#include "engine/calendar/date_rule.hpp"

namespace tradebus {

// [begin, end)
struct LocalSpan {
  std::chrono::minutes begin{0};
  std::chrono::minutes end{0};
  friend bool operator==(const LocalSpan&, const LocalSpan&) = default;
};

// [[CODE.hours]]: an ordinary day from a date on.
struct HoursSpec {
  std::chrono::sys_days from = std::chrono::sys_days::min();
  LocalSpan regular;
  std::optional<LocalSpan> pre;
  std::optional<LocalSpan> post;
  std::optional<LocalSpan> pause;                        // the break within the regular session
  std::optional<std::chrono::minutes> early_close;       // of a day with an early close
  std::optional<std::chrono::minutes> early_post_close;  // empty: no after-hours on such a day
  std::string origin;                                    // FILE:LINE, for errors
};

// [[CODE.holiday]] and [[CODE.early_close]]: a day of every year.
struct YearlyDay {
  std::string name;
  DateRule on;
  int from = std::numeric_limits<int>::min();  // years, inclusive
  int until = std::numeric_limits<int>::max();
  std::vector<int> years;                            // empty: all from..until
  std::vector<int> except;                           // years in which it is not kept
  std::bitset<7> weekdays = std::bitset<7>{}.set();  // Sunday first: kept only when the rule's date is one of these
  std::array<std::int8_t, 7> observed{};             // by the date's weekday: days by which it moves
  std::optional<std::chrono::minutes> close;         // an early close at a time of its own
  std::string origin;

  bool is_kept_in(int year) const;
  // Where it falls in a year, moved as observed says.
  std::optional<std::chrono::sys_days> in(int year) const;
};

// [[CODE.closure]] and [[CODE.special_day]]: one date. For the same date the last one said holds.
struct SingleDay {
  std::string name;
  bool closed = true;
  std::optional<std::chrono::minutes> open;
  std::optional<std::chrono::minutes> close;
  std::string origin;
  std::chrono::sys_days date{};
};

// [CODE]
struct CalendarSpec {
  std::string code;
  std::string origin;
  std::string name;
  std::string based_on;  // takes over what is not said here; hours: all of them or none
  std::vector<std::string> aliases;
  std::string timezone;
  std::optional<std::bitset<7>> week;  // Sunday first: the days that have sessions
  std::optional<std::chrono::weekday> week_starts;
  std::optional<std::chrono::sys_days> first;  // what the calendar covers, both inclusive
  std::optional<std::chrono::sys_days> last;
  std::optional<std::string> bridge_holiday;  // a weekday between two holidays is one too, by this name
  std::vector<AssetClass> asset_classes;      // whose instruments trade by this calendar
  std::vector<std::string> option_roots;      // options that trade by it, whatever their asset class says
  std::vector<HoursSpec> hours;
  std::vector<YearlyDay> holidays;
  std::vector<YearlyDay> early_closes;
  std::vector<SingleDay> single_days;
};

}  // namespace tradebus
