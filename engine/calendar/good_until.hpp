// How long what was learned at `now` is good: for so long while the exchange does something (pre-market to
// after-hours), and while it is closed never beyond its next opening: nothing changes before.
#pragma once

#include <chrono>

#include "bus/model/time.hpp"
#include "engine/calendar/calendar.hpp"

namespace tradebus {

struct SessionLife {
  std::chrono::nanoseconds open{};
  std::chrono::nanoseconds closed{};  // zero: until the opening
};

// Never overflows. Not later than `now`: it is good for nothing but its own question.
Timestamp good_until(const Calendar& calendar, const SessionLife& life, Timestamp now);

// While the exchange is closed: its next opening (of the pre-market, where it has one).
std::optional<Timestamp> opens_after(const Calendar& calendar, Timestamp now);

}  // namespace tradebus
