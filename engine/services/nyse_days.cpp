#include "engine/services/nyse_days.hpp"

#include <algorithm>
#include <array>

namespace tradebus {

namespace {

using namespace std::chrono;

// Closures that no rule finds, and single early closes.
constexpr std::array unscheduled_closures = {
    1994y / April / 27,     2001y / September / 11, 2001y / September / 12, 2001y / September / 13,
    2001y / September / 14, 2004y / June / 11,      2007y / January / 2,    2012y / October / 29,
    2012y / October / 30,   2018y / December / 5,   2025y / January / 9,
};
constexpr std::array single_early_closes = {1997y / December / 26, 1999y / December / 31, 2003y / December / 26};

// Western Easter, by the anonymous Gregorian computus (Meeus).
sys_days easter_sunday(int y) {
  const int a = y % 19, b = y / 100, c = y % 100, d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
  const int h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
  const int m = (a + 11 * h + 22 * l) / 451, n = h + l - 7 * m + 114;
  return year{y} / month{static_cast<unsigned>(n / 31)} / day{static_cast<unsigned>(n % 31 + 1)};
}

// A holiday on a Saturday closes the Friday before, one on a Sunday the Monday after.
sys_days observed(year_month_day holiday) {
  const sys_days date{holiday};
  const weekday on{date};
  if (on == Saturday) return date - days{1};
  if (on == Sunday) return date + days{1};
  return date;
}

// New Year's Day on a Saturday is not made up for: that Friday ends the year's accounts.
bool is_new_year(sys_days date, year y) {
  return weekday{sys_days{y / January / 1}} != Saturday && date == observed(y / January / 1);
}

bool is_holiday(sys_days date, year y) {
  return is_new_year(date, y) || (y >= 1998y && date == sys_days{y / January / Monday[3]}) ||
         date == sys_days{y / February / Monday[3]} || date == easter_sunday(static_cast<int>(y)) - days{2} ||
         date == sys_days{y / May / Monday[last]} || (y >= 2022y && date == observed(y / June / 19)) ||
         date == observed(y / July / 4) || date == sys_days{y / September / Monday[1]} ||
         date == sys_days{y / November / Thursday[4]} || date == observed(y / December / 25);
}

bool is_early_close(sys_days date, year_month_day ymd) {
  const auto y = ymd.year();
  const weekday on{date};
  if (y >= 1992y && date == sys_days{y / November / Thursday[4]} + days{1}) return true;
  if (ymd.month() == December && ymd.day() == day{24}) return on != Friday;
  if (ymd.month() == July && y >= 1995y) {
    if (ymd.day() == day{3}) return on == Monday || on == Tuesday || on == Thursday || (on == Wednesday && y >= 2013y);
    if (ymd.day() == day{5}) return on == Friday && y < 2013y;  // the day after a Thursday's July 4
  }
  return std::ranges::find(single_early_closes, ymd) != single_early_closes.end();
}

}  // namespace

DayHours nyse_hours(sys_days local_date) {
  const weekday on{local_date};
  if (on == Saturday || on == Sunday) return {};
  const year_month_day ymd{local_date};
  if (is_holiday(local_date, ymd.year()) || std::ranges::find(unscheduled_closures, ymd) != unscheduled_closures.end())
    return {};
  constexpr minutes open = 9h + 30min;
  if (is_early_close(local_date, ymd)) return {open, ymd.year() < 1993y ? minutes{14h} : minutes{13h}};
  return {open, minutes{16h}};
}

}  // namespace tradebus
