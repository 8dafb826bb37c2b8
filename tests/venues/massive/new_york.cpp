#include "tests/venues/massive/new_york.hpp"

#include <date/tz.h>

#include <array>
#include <charconv>
#include <cstdio>

namespace tradebus::massive_sim {
namespace {

const date::time_zone* zone() {
  static const date::time_zone* const found = date::locate_zone("America/New_York");
  return found;
}

std::optional<int> number(std::string_view text) {
  int n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

// The n-th weekday of a month.
Day nth(int year, int month, int weekday, int n) {
  const Day first = from_civil(year, month, 1);
  return first + (weekday - weekday_of(first) + 7) % 7 + 7 * (n - 1);
}

Day last_monday_of_may(int year) {
  const Day last = from_civil(year, 5, 31);
  return last - (weekday_of(last) + 6) % 7;
}

// Anonymous Gregorian algorithm.
Day easter(int y) {
  const int a = y % 19, b = y / 100, c = y % 100, d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
  const int h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
  const int m = (a + 11 * h + 22 * l) / 451, month = (h + l - 7 * m + 114) / 31;
  return from_civil(y, month, (h + l - 7 * m + 114) % 31 + 1);
}

Day observed(Day day) {
  const int weekday = weekday_of(day);
  return weekday == 6 ? day - 1 : weekday == 0 ? day + 1 : day;
}

const char* holiday(Day day) {
  const auto [year, month, dom] = civil(day);
  if (day == observed(from_civil(year, 1, 1)) && weekday_of(from_civil(year, 1, 1)) != 6) return "New Year's Day";
  if (day == nth(year, 1, 1, 3)) return "Martin Luther King, Jr. Day";
  if (day == nth(year, 2, 1, 3)) return "Washington's Birthday";
  if (day == easter(year) - 2) return "Good Friday";
  if (day == last_monday_of_may(year)) return "Memorial Day";
  if (year >= 2022 && day == observed(from_civil(year, 6, 19))) return "Juneteenth";
  if (day == observed(from_civil(year, 7, 4))) return "Independence Day";
  if (day == nth(year, 9, 1, 1)) return "Labor Day";
  if (day == nth(year, 11, 4, 4)) return "Thanksgiving";
  if (day == observed(from_civil(year, 12, 25))) return "Christmas";
  return nullptr;
}

bool early(Day day) {
  const auto [year, month, dom] = civil(day);
  return day == nth(year, 11, 4, 4) + 1 || (month == 12 && dom == 24) || (month == 7 && dom == 3);
}

}  // namespace

Civil civil(Day day) {
  const date::year_month_day ymd{date::sys_days{date::days{day}}};
  return {int{ymd.year()}, static_cast<int>(unsigned{ymd.month()}), static_cast<int>(unsigned{ymd.day()})};
}

Day from_civil(int year, int month, int day) {
  const date::sys_days days{date::year{year} / month / day};
  return static_cast<Day>(days.time_since_epoch().count());
}

int weekday_of(Day day) { return ((day % 7) + 11) % 7; }

Ms at(Day day, int hour, int minute) {
  const auto local = date::local_days{date::days{day}} + std::chrono::hours{hour} + std::chrono::minutes{minute};
  const auto utc = zone()->to_sys(local, date::choose::earliest);
  return std::chrono::duration_cast<std::chrono::milliseconds>(utc.time_since_epoch()).count();
}

Ms midnight(Day day) { return at(day, 0); }

Day day_of(Ms time) {
  const date::sys_time<std::chrono::milliseconds> utc{std::chrono::milliseconds{time}};
  return static_cast<Day>(date::floor<date::days>(zone()->to_local(utc)).time_since_epoch().count());
}

bool trades_on(Day day) {
  const int weekday = weekday_of(day);
  return weekday != 0 && weekday != 6 && holiday(day) == nullptr;
}

Day previous_trading_day(Day day) {
  do --day;
  while (!trades_on(day));
  return day;
}

Day next_trading_day(Day day) {
  do ++day;
  while (!trades_on(day));
  return day;
}

Day last_trading_day(Day day) { return trades_on(day) ? day : previous_trading_day(day); }

Session session_of(Day day) {
  const bool short_day = early(day);
  return {at(day, 4), at(day, 9, 30), at(day, short_day ? 13 : 16), at(day, short_day ? 17 : 20), short_day};
}

std::vector<Closure> closures_from(Day day, std::size_t count) {
  std::vector<Closure> out;
  for (; out.size() < count; ++day) {
    const int weekday = weekday_of(day);
    if (weekday == 0 || weekday == 6) continue;
    if (const char* name = holiday(day)) {
      out.push_back({day, name, false});
    } else if (early(day)) {
      const int month = civil(day).month;
      out.push_back({day, month == 11 ? "Thanksgiving" : month == 12 ? "Christmas" : "Independence Day", true});
    }
  }
  return out;
}

std::optional<Day> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const auto ymd = date::year{*year} / *month / *day;
  if (!ymd.ok()) return std::nullopt;
  return from_civil(*year, *month, *day);
}

std::string text_of(Day day) {
  const auto [year, month, dom] = civil(day);
  std::array<char, 48> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02d", year, month, dom);
  return buffer.data();
}

std::string utc_text(Ns time) {
  const date::sys_seconds seconds{
      date::floor<std::chrono::seconds>(date::sys_time<std::chrono::nanoseconds>{std::chrono::nanoseconds{time}})};
  return date::format("%Y-%m-%dT%H:%M:%SZ", seconds);
}

std::string new_york_text(Ns time) {
  const date::sys_seconds seconds{
      date::floor<std::chrono::seconds>(date::sys_time<std::chrono::nanoseconds>{std::chrono::nanoseconds{time}})};
  return date::format("%Y-%m-%dT%H:%M:%S%Ez", date::make_zoned(zone(), seconds));
}

std::optional<Ns> parse_utc(std::string_view text) {
  const auto day = parse_day(text.substr(0, 10));
  if (!day) return std::nullopt;
  const Ns base = Ns{*day} * 86'400 * ns_per_s;
  if (text.size() == 10) return base;
  if (text.size() < 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text.back() != 'Z')
    return std::nullopt;
  const auto hour = number(text.substr(11, 2)), minute = number(text.substr(14, 2)),
             second = number(text.substr(17, 2));
  if (!hour || !minute || !second) return std::nullopt;
  Ns fraction = 0;
  if (text[19] == '.') {
    Ns unit = ns_per_s / 10;
    for (const char c : text.substr(20, text.size() - 21)) {
      if (c < '0' || c > '9') return std::nullopt;
      fraction += (c - '0') * unit;
      unit /= 10;
    }
  } else if (text.size() != 20) {
    return std::nullopt;
  }
  return base + (Ns{*hour} * 3600 + Ns{*minute} * 60 + *second) * ns_per_s + fraction;
}

}  // namespace tradebus::massive_sim
