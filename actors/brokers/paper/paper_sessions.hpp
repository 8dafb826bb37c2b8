// What an exchange's day means for an order: when it ends, opens and closes. Pure.
#pragma once

#include <optional>

#include "bus/model/instrument.hpp"
#include "engine/calendar/calendar.hpp"

namespace tradebus::paper {

// The end of the session that holds `t`, or of the next one: of the regular one, with `extended` of the after-hours.
// Empty: outside the calendar's time.
std::optional<Timestamp> day_end(const Calendar& calendar, Timestamp t, bool extended);
// The next opening after `t` of a regular session, and the close of that session.
std::optional<Session::Span> next_session(const Calendar& calendar, Timestamp t);
// A market whose days follow each other without a pause: it has no opening and no close.
bool never_closes(const Calendar& calendar, Timestamp t);
// When an option's last session ends; at its day's end where the exchange has none then.
Timestamp expiry_time(const Calendar& calendar, Date expiry);

}  // namespace tradebus::paper
