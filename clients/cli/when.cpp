#include "clients/cli/when.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace tradebus::cli {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t max_seconds = 9'223'372'036;  // what 64 bits of ns hold

// Takes exactly `digits` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + digits, value);
  if (ec != std::errc{} || end != text.data() + digits || value < 0 || text[0] == '-') return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> parse_relative(std::string_view text, std::int64_t now_ns) {
  std::int64_t count = 0;
  const auto [end, ec] = std::from_chars(text.data() + 1, text.data() + text.size(), count);
  if (ec != std::errc{} || end + 1 != text.data() + text.size() || count < 0) return std::nullopt;
  std::int64_t unit = 0;
  switch (*end) {
    case 'w':
      unit = 7 * 86'400;
      break;
    case 'd':
      unit = 86'400;
      break;
    case 'h':
      unit = 3'600;
      break;
    case 'm':
      unit = 60;
      break;
    case 's':
      unit = 1;
      break;
    default:
      return std::nullopt;
  }
  if (count > max_seconds / unit) return std::nullopt;
  std::int64_t out = 0;
  if (__builtin_sub_overflow(now_ns, count * unit * second_ns, &out)) return std::nullopt;
  return out;
}

// "13:30", "13:30:00", "13:30:00.25" as ns of the day.
std::optional<std::int64_t> take_clock(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  std::int64_t ns = (*hour * 3'600LL + *minute * 60LL) * second_ns;
  if (!take(text, ':')) return ns;
  const auto second = take_number(text, 2);
  if (!second || *second > 59) return std::nullopt;
  ns += *second * second_ns;
  if (!take(text, '.')) return ns;
  std::int64_t unit = second_ns / 10;
  bool digit = false;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (unit == 0) return std::nullopt;
    ns += (text.front() - '0') * unit;
    unit /= 10;
    digit = true;
    text.remove_prefix(1);
  }
  return digit ? std::optional{ns} : std::nullopt;
}

std::optional<std::int64_t> parse_iso(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  if (days > max_seconds / 86'400 || days < -max_seconds / 86'400) return std::nullopt;
  std::int64_t ns = days * 86'400 * second_ns;
  if (text.empty()) return ns;
  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  ns += *clock;
  if (text.empty() || text == "Z") return ns;
  const bool east = text.front() == '+';
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto offset = take_clock(text);
  if (!offset || !text.empty()) return std::nullopt;
  return east ? ns - *offset : ns + *offset;
}

struct Fields {
  int year;
  unsigned month, day;
  std::int64_t of_day_ns;
};

Fields split(std::int64_t ns) {
  const std::chrono::sys_time<std::chrono::nanoseconds> t{std::chrono::nanoseconds{ns}};
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
          (t - day).count()};
}

template <class... Args>
std::string formatted(const char* format, Args... args) {
  std::array<char, 64> buffer{};
  const int n = std::snprintf(buffer.data(), buffer.size(), format, args...);
  return {buffer.data(), static_cast<std::size_t>(n > 0 ? n : 0)};
}

std::string clock_text(std::int64_t of_day_ns, std::size_t min_digits) {
  const auto seconds = of_day_ns / second_ns;
  auto text = formatted("%02d:%02d:%02d.%09d", static_cast<int>(seconds / 3'600), static_cast<int>(seconds / 60 % 60),
                        static_cast<int>(seconds % 60), static_cast<int>(of_day_ns % second_ns));
  while (text.size() > 9 + min_digits && text.back() == '0') text.pop_back();
  return text;
}

}  // namespace

std::optional<std::int64_t> parse_when(std::string_view text, std::int64_t now_ns) {
  if (text == "now") return now_ns;
  if (text.empty()) return std::nullopt;
  if (text.front() == '-') return parse_relative(text, now_ns);
  std::int64_t ns = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), ns);
  if (ec == std::errc{} && end == text.data() + text.size()) return ns;
  return parse_iso(text);
}

std::string time_text(std::int64_t ns) { return date_text(ns) + " " + clock_text(split(ns).of_day_ns, 3); }

std::string date_text(std::int64_t ns) {
  const auto f = split(ns);
  return formatted("%04d-%02u-%02u", f.year, f.month, f.day);
}

std::string clock_text(std::int64_t ns) { return clock_text(split(ns).of_day_ns, 3).substr(0, 12); }

std::int64_t wall_clock_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace tradebus::cli
