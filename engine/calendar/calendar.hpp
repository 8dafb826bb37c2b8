// When an exchange is open, worked out once for all its days. Immutable after it is made: any thread may ask, without
// locks; about a megabyte at most. Times are UTC; dates are the exchange's own. All spans are half open: at the closing
// time itself the session is over. Outside first()..last() there are no sessions: everything is closed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/model/error.hpp"
#include "bus/model/time.hpp"
#include "engine/calendar/calendar_spec.hpp"
#include "engine/calendar/day_plan.hpp"
#include "engine/calendar/zone.hpp"

namespace tradebus {

// What an exchange does at a moment. pause: the break within a session (Tokyo's lunch).
enum class Phase : std::uint8_t { closed, pre, regular, pause, post };

// One trading day. Spans that it has not got are empty (begin == end).
struct Session {
  struct Span {
    Timestamp begin{};
    Timestamp end{};
    bool empty() const { return begin == end; }
    friend bool operator==(const Span&, const Span&) = default;
  };
  std::chrono::sys_days date;
  Timestamp open{};  // of the regular session, pauses included
  Timestamp close{};
  Span pause;
  Span pre;
  Span post;
  bool early = false;     // it closes earlier than on an ordinary day
  std::string_view name;  // why the day is special; empty on ordinary ones. Lives as long as the calendar
};

// A day of the usual week without a session.
struct Closure {
  std::chrono::sys_days date;
  std::string_view name;  // lives as long as the calendar
};

class Calendar {
 public:
  // From a spec that takes over nothing any more. config.invalid says which rule gives sessions that overlap.
  static Result<std::shared_ptr<const Calendar>> make(const CalendarSpec& spec, std::shared_ptr<const Zone> zone);

  const std::string& code() const { return code_; }
  const std::string& name() const { return name_; }
  const Zone& zone() const { return *zone_; }
  std::chrono::sys_days first() const { return plan_.first; }
  std::chrono::sys_days last() const { return plan_.last; }  // inclusive

  // -- moments ---------------------------------------------------------------
  // In constant time: a look-up of the day and a step or two.
  Phase phase_at(Timestamp t) const;
  // Is the regular session on, and not paused?
  bool is_open(Timestamp t) const { return phase_at(t) == Phase::regular; }
  // The first moment after `t` at which is_open turns true, or false. Empty: never in the calendar's time (a market
  // that never closes).
  std::optional<Timestamp> next_open(Timestamp t) const;
  std::optional<Timestamp> next_close(Timestamp t) const;
  // The first moment after `t` at which phase_at changes.
  std::optional<Timestamp> next_change(Timestamp t) const;

  // -- sessions --------------------------------------------------------------
  // The session that holds `t`, pauses, pre-market and after-hours included.
  std::optional<Session> session_of(Timestamp t) const;
  std::optional<Session> session_on(std::chrono::sys_days date) const;
  // Those of the dates from..to, both inclusive.
  std::vector<Session> sessions(std::chrono::sys_days from, std::chrono::sys_days to) const;
  std::vector<Closure> closures(std::chrono::sys_days from, std::chrono::sys_days to) const;

  // -- days as bars count them -----------------------------------------------
  std::chrono::sys_days date_of(Timestamp t) const { return zone_->date_of(t); }
  // The local midnight that begins the day (the week) of `t`, on closed days too and at any time, covered or not.
  Timestamp day_start(Timestamp t) const { return zone_->midnight(date_of(t)); }
  Timestamp week_start(Timestamp t) const;

 private:
  // A moment at which the phase changes: minutes since 1970 above three bits of phase (their order is that of time).
  struct Edge {
    std::uint32_t bits = 0;
    std::int64_t minute() const { return bits >> 3U; }
    Phase phase() const { return static_cast<Phase>(bits & 7U); }
  };

  Calendar() = default;
  Result<void> lay_out(const CalendarSpec& spec);
  void add_edge(std::chrono::sys_seconds t, Phase phase);
  // The edges up to and including `t`; the last of them holds.
  std::size_t edges_until(std::int64_t minute) const;
  Session session(const DayPlan::Day& day) const;
  Session::Span span(std::chrono::sys_days date, LocalSpan local) const;

  std::string code_;
  std::string name_;
  std::shared_ptr<const Zone> zone_;
  std::chrono::weekday week_starts_{std::chrono::Monday};
  DayPlan plan_;
  // By time: a closed one first, long ago; from edges_end_ - 1 on sentinels that never come.
  std::vector<Edge> edges_;
  std::size_t edges_end_ = 0;
  std::size_t edges_a_day_ = 0;        // at most so many in one UTC day
  std::vector<std::uint32_t> by_day_;  // by UTC day from first_day_: the edges until its first minute
  std::int64_t first_day_ = 0;         // since 1970
};

inline std::size_t Calendar::edges_until(std::int64_t minute) const {
  constexpr std::int64_t day_minutes = 24 * 60;
  const auto day = static_cast<std::uint64_t>(minute / day_minutes - first_day_);
  // Before the first day the number wraps round: both ends are one comparison.
  if (minute < 0 || day >= by_day_.size()) return minute < first_day_ * day_minutes ? 1 : edges_end_ - 1;
  // Without a branch on what is found: the moments asked for are anywhere, and a wrong guess costs more than the rest.
  const auto limit = static_cast<std::uint32_t>(minute << 3U) | 7U;
  const std::size_t before = by_day_[day];
  std::size_t count = 0;
  for (std::size_t i = 0; i < edges_a_day_; ++i) count += edges_[before + i].bits <= limit ? 1U : 0U;
  return before + count;
}

inline Phase Calendar::phase_at(Timestamp t) const {
  constexpr std::int64_t minute_ns = 60'000'000'000;
  const auto ns = unix_ns(t);
  if (ns < 0) return Phase::closed;
  return edges_[edges_until(ns / minute_ns) - 1].phase();
}

}  // namespace tradebus
