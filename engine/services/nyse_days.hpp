// The NYSE's trading days by rule: holidays with their observance, scheduled early closes, and the unscheduled closures
// since 1990. Pure date arithmetic, local dates of the exchange.
// Sources: NYSE Rule 7.2 and the exchange's yearly holiday notices. Checked for 1990 to 2035; late openings (of
// minutes, and 1995-12-18, 1996-01-08, 2002-09-11) and halts are not known here.
#pragma once

#include <chrono>

namespace tradebus {

// The regular session in the exchange's local time, from midnight; open == close: no session.
struct DayHours {
  std::chrono::minutes open{0};
  std::chrono::minutes close{0};
  friend bool operator==(const DayHours&, const DayHours&) = default;
};

DayHours nyse_hours(std::chrono::sys_days local_date);

}  // namespace tradebus
