// New York's days: their midnights, the NYSE's holidays, early closes and hours. The rules are the exchange's of today,
// used for every year.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/venues/massive/clock.hpp"

namespace tradebus::massive_sim {

using Day = std::int32_t;  // since 1970-01-01, a date without a zone

struct Session {
  Ms pre = 0, open = 0, close = 0, post = 0;  // 04:00, 09:30, 16:00 (13:00 on an early day), 20:00
  bool early = false;
};

struct Closure {
  Day day = 0;
  std::string name;
  bool early = false;
};

Ms midnight(Day day);
// A wall-clock time of a day in New York.
Ms at(Day day, int hour, int minute = 0);
Day day_of(Ms time);
bool trades_on(Day day);
Day previous_trading_day(Day day);  // before it
Day next_trading_day(Day day);      // after it
Day last_trading_day(Day day);      // it or the one before
Session session_of(Day day);
// Holidays and early closes from this day on, `count` of them, in order.
std::vector<Closure> closures_from(Day day, std::size_t count);

// A number's weekday, 0 = Sunday.
int weekday_of(Day day);
struct Civil {
  int year = 0, month = 0, day = 0;
};
Civil civil(Day day);
Day from_civil(int year, int month, int day);

std::optional<Day> parse_day(std::string_view text);  // 2024-06-21
std::string text_of(Day day);
std::string utc_text(Ns time);                       // 2024-06-21T13:30:00Z
std::string new_york_text(Ns time);                  // 2024-06-21T09:30:00-04:00
std::optional<Ns> parse_utc(std::string_view text);  // RFC 3339 with Z, or a date (its midnight UTC)

}  // namespace tradebus::massive_sim
