#include "engine/calendar/bar_time.hpp"

namespace tradebus {

Timestamp bar_start(const Calendar& calendar, Timeframe timeframe, Timestamp t) {
  using namespace std::chrono;
  switch (timeframe) {
    case Timeframe::s1:
      return floor<seconds>(t);
    case Timeframe::m1:
      return floor<minutes>(t);
    case Timeframe::m5:
      return floor<duration<std::int64_t, std::ratio<300>>>(t);
    case Timeframe::m15:
      return floor<duration<std::int64_t, std::ratio<900>>>(t);
    case Timeframe::h1:
      return floor<hours>(t);
    case Timeframe::d1:
      return calendar.day_start(t);
    case Timeframe::w1:
      return calendar.week_start(t);
  }
  return t;
}

}  // namespace tradebus
