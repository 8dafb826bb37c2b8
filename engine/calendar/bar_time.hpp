// Where bars begin.
#pragma once

#include "bus/model/enums.hpp"
#include "bus/model/time.hpp"
#include "engine/calendar/calendar.hpp"

namespace tradebus {

// The start of the bar that holds `t`. Up to an hour: whole multiples in UTC; a day: the local midnight; a week: its
// first day's, Monday, or Sunday where the week opens on Sunday evening.
Timestamp bar_start(const Calendar& calendar, Timeframe timeframe, Timestamp t);

}  // namespace tradebus
