#include "actors/brokers/paper/paper_sessions.hpp"

#include <algorithm>

namespace tradebus::paper {

std::optional<Timestamp> day_end(const Calendar& calendar, Timestamp t, bool extended) {
  const auto end_of = [&](const Session& s) { return extended && !s.post.empty() ? s.post.end : s.close; };
  if (const auto now = calendar.session_of(t); now && end_of(*now) > t) return end_of(*now);
  const auto next = next_session(calendar, t);
  if (!next) return std::nullopt;
  const auto session = calendar.session_of(next->begin);
  return session ? end_of(*session) : next->end;
}

std::optional<Session::Span> next_session(const Calendar& calendar, Timestamp t) {
  // The end of a break is an opening too, but not of a session.
  for (auto open = calendar.next_open(t); open; open = calendar.next_open(*open)) {
    const auto session = calendar.session_of(*open);
    if (!session) return std::nullopt;
    if (session->open == *open) return Session::Span{session->open, session->close};
  }
  return std::nullopt;
}

bool never_closes(const Calendar& calendar, Timestamp t) {
  const auto session = calendar.session_of(t);
  return session && calendar.is_open(session->close);
}

Timestamp expiry_time(const Calendar& calendar, Date expiry) {
  if (const auto session = calendar.session_on(expiry.to_days())) return session->close;
  return Timestamp{calendar.zone().midnight(expiry.to_days() + std::chrono::days{1})};
}

}  // namespace tradebus::paper
