// A day of the year by rule, as calendar files write it:
//   "12-25"              a fixed date, month-day
//   "3rd mon jan"        1st to 5th, or last, weekday of a month
//   "easter"             Easter Sunday (Western)
//   "march equinox"      as Japan's calendar counts it; also "september equinox" (1980 to 2099)
// and days added or taken off at the end: "easter -2", "4th thu nov +1".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bus/model/error.hpp"

namespace tradebus {

struct DateRule {
  enum class Kind : std::uint8_t { fixed, nth_weekday, last_weekday, easter, march_equinox, september_equinox };

  Kind kind = Kind::fixed;
  std::chrono::month month{1};
  std::chrono::day day{1};                            // fixed
  std::chrono::weekday weekday{std::chrono::Monday};  // nth and last weekday
  unsigned nth = 1;                                   // 1 to 5
  std::chrono::days offset{0};

  // config.invalid says what such a rule looks like.
  static Result<DateRule> parse(std::string_view text);
  // Empty: this year has no such day (a fifth Monday, February 29).
  std::optional<std::chrono::sys_days> in(std::chrono::year year) const;
};

// "mon" to "sun", or the whole English name.
std::optional<std::chrono::weekday> parse_weekday(std::string_view text);

}  // namespace tradebus
