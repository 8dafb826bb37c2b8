#include "engine/calendar/good_until.hpp"

#include <algorithm>

namespace tradebus {

namespace {
Timestamp capped(Timestamp t, std::chrono::nanoseconds more) {
  return t > Timestamp::max() - more ? Timestamp::max() : t + more;
}
}  // namespace

std::optional<Timestamp> opens_after(const Calendar& calendar, Timestamp now) {
  if (calendar.phase_at(now) != Phase::closed) return std::nullopt;
  return calendar.next_change(now);
}

Timestamp good_until(const Calendar& calendar, const SessionLife& life, Timestamp now) {
  const auto opens = opens_after(calendar, now);
  if (!opens) return capped(now, life.open);
  return life.closed == std::chrono::nanoseconds::zero() ? *opens : std::min(*opens, capped(now, life.closed));
}

}  // namespace tradebus
