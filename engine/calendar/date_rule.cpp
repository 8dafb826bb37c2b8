#include "engine/calendar/date_rule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "config/names.hpp"

namespace tradebus {

namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> weekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 12> months{"january",   "february", "march",    "april",
                                                  "may",       "june",     "july",     "august",
                                                  "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 5> ordinals{"1st", "2nd", "3rd", "4th", "5th"};

constexpr int offset_days_max = 60;

// The index of a name, or of its first three letters.
template <std::size_t N>
std::optional<unsigned> index_of(const std::array<std::string_view, N>& names, std::string_view text) {
  for (unsigned i = 0; i < N; ++i)
    if (text == names[i] || (text.size() == 3 && names[i].starts_with(text))) return i;
  return std::nullopt;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "+1", "-2"
std::optional<days> offset_of(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto value = number(text.substr(1));
  if (!value || *value < 0 || *value > offset_days_max) return std::nullopt;
  return days{text[0] == '-' ? -*value : *value};
}

// "12-25"
bool read_fixed(std::string_view text, DateRule& rule) {
  if (text.size() != 5 || text[2] != '-') return false;
  const auto m = number(text.substr(0, 2));
  const auto d = number(text.substr(3));
  if (!m || !d || *m < 1 || *d < 1) return false;
  rule.month = month{static_cast<unsigned>(*m)};
  rule.day = day{static_cast<unsigned>(*d)};
  return year_month_day{2024y, rule.month, rule.day}.ok();  // a leap year
}

bool read_weekday_of_month(const std::vector<std::string_view>& words, DateRule& rule) {
  const auto on = parse_weekday(words[1]);
  const auto m = index_of(months, words[2]);
  if (!on || !m) return false;
  rule.weekday = *on;
  rule.month = month{*m + 1};
  if (words[0] == "last") {
    rule.kind = DateRule::Kind::last_weekday;
    return true;
  }
  const auto nth = std::ranges::find(ordinals, words[0]);
  rule.kind = DateRule::Kind::nth_weekday;
  rule.nth = static_cast<unsigned>(nth - ordinals.begin()) + 1;
  return nth != ordinals.end();
}

bool read(std::vector<std::string_view> words, DateRule& rule) {
  if (words.size() > 1)
    if (const auto offset = offset_of(words.back())) {
      rule.offset = *offset;
      words.pop_back();
    }
  switch (words.size()) {
    case 1:
      if (words[0] != "easter") return read_fixed(words[0], rule);
      rule.kind = DateRule::Kind::easter;
      return true;
    case 2:
      rule.kind = words[0] == "march" ? DateRule::Kind::march_equinox : DateRule::Kind::september_equinox;
      return words[1] == "equinox" && (words[0] == "march" || words[0] == "september");
    case 3:
      return read_weekday_of_month(words, rule);
    default:
      return false;
  }
}

// Western Easter, by the anonymous Gregorian computus (Meeus).
sys_days easter_sunday(int y) {
  const int a = y % 19, b = y / 100, c = y % 100, d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
  const int h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
  const int m = (a + 11 * h + 22 * l) / 451, n = h + l - 7 * m + 114;
  return year{y} / month{static_cast<unsigned>(n / 31)} / std::chrono::day{static_cast<unsigned>(n % 31 + 1)};
}

// The day of the month on which the sun crosses the equator, Japan's time: the Coast Guard's hydrographic formula for
// 1980 to 2099, which every day announced so far has followed.
sys_days equinox(year y, month m, double in_1980) {
  const int since_1980 = static_cast<int>(y) - 1980;
  const auto of_month = static_cast<unsigned>(in_1980 + 0.242194 * since_1980 - static_cast<double>(since_1980 / 4));
  return y / m / std::chrono::day{of_month};
}

}  // namespace

std::optional<weekday> parse_weekday(std::string_view text) {
  const auto index = index_of(weekdays, text);
  if (!index) return std::nullopt;
  return weekday{*index};
}

Result<DateRule> DateRule::parse(std::string_view text) {
  DateRule rule;
  if (!read(words_of(text), rule))
    return fail(Errc::config_invalid, "\"" + printable(text) +
                                          "\" is no day of a year; write \"12-25\", \"3rd mon jan\", \"last mon may\", "
                                          "\"easter -2\" or \"4th thu nov +1\"");
  return rule;
}

std::optional<sys_days> DateRule::in(year y) const {
  switch (kind) {
    case Kind::fixed: {
      const auto date = y / month / day;
      if (!date.ok()) return std::nullopt;
      return sys_days{date} + offset;
    }
    case Kind::nth_weekday: {
      const year_month_weekday date{y, month, weekday[nth]};
      if (!date.ok()) return std::nullopt;
      return sys_days{date} + offset;
    }
    case Kind::last_weekday:
      return sys_days{y / month / weekday[last]} + offset;
    case Kind::easter:
      return easter_sunday(static_cast<int>(y)) + offset;
    case Kind::march_equinox:
      return equinox(y, March, 20.8431) + offset;
    case Kind::september_equinox:
      return equinox(y, September, 23.2488) + offset;
  }
  return std::nullopt;
}

}  // namespace tradebus
