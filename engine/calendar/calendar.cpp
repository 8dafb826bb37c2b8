#include "engine/calendar/calendar.hpp"

#include <algorithm>

namespace tradebus {

namespace {

using namespace std::chrono;

constexpr std::int64_t never_minute = 0x1fff'ffff;  // the sentinel: the largest that fits

std::int64_t minute_of(sys_seconds t) { return floor<minutes>(t).time_since_epoch().count(); }
Timestamp at_minute(std::int64_t minute) { return Timestamp{minutes{minute}}; }

template <class Day>
auto first_from(const std::vector<Day>& days, sys_days date) {
  return std::ranges::lower_bound(days, date, {}, &Day::date);
}

}  // namespace

Result<std::shared_ptr<const Calendar>> Calendar::make(const CalendarSpec& spec, std::shared_ptr<const Zone> zone) {
  auto plan = DayPlan::make(spec);
  if (!plan) return tl::unexpected{plan.error()};
  std::shared_ptr<Calendar> out{new Calendar};  // NOLINT: the constructor is private
  out->code_ = spec.code;
  out->name_ = spec.name.empty() ? spec.code : spec.name;
  out->zone_ = std::move(zone);
  out->week_starts_ = spec.week_starts.value_or(Monday);
  out->plan_ = std::move(*plan);
  if (auto ok = out->lay_out(spec); !ok) return tl::unexpected{ok.error()};
  return out;
}

Result<void> Calendar::lay_out(const CalendarSpec& spec) {
  edges_.push_back(Edge{static_cast<std::uint32_t>(Phase::closed)});
  const auto overlap = [&](sys_days date) {
    return fail(Errc::config_invalid, spec.origin + ": " + code_ + ": the session of " +
                                          to_iso8601(date).substr(0, 10) +
                                          " begins before the one before it has ended");
  };
  for (const auto& day : plan_.sessions) {
    const auto& hours = plan_.hours[day.hours];
    const auto end_before = edges_.back().minute();
    const auto at = [&](minutes of_day) { return zone_->to_utc(day.date, of_day); };
    const auto begin = at(hours.pre == LocalSpan{} ? hours.regular.begin : hours.pre.begin);
    if (minute_of(begin) < end_before) return overlap(day.date);
    if (hours.pre != LocalSpan{}) {
      add_edge(at(hours.pre.begin), Phase::pre);
      add_edge(at(hours.pre.end), Phase::closed);
    }
    add_edge(at(hours.regular.begin), Phase::regular);
    if (hours.pause != LocalSpan{}) {
      add_edge(at(hours.pause.begin), Phase::pause);
      add_edge(at(hours.pause.end), Phase::regular);
    }
    add_edge(at(hours.regular.end), Phase::closed);
    if (hours.post != LocalSpan{}) {
      add_edge(at(hours.post.begin), Phase::post);
      add_edge(at(hours.post.end), Phase::closed);
    }
  }
  // Where phases follow each other without a gap, or stay the same, edges have come to nothing.
  std::size_t kept = 1;
  for (std::size_t i = 1; i < edges_.size(); ++i) {
    if (i + 1 < edges_.size() && edges_[i + 1].minute() == edges_[i].minute()) continue;
    if (edges_[i].phase() != edges_[kept - 1].phase()) edges_[kept++] = edges_[i];
  }
  edges_.resize(kept);
  constexpr Edge never{static_cast<std::uint32_t>(never_minute << 3U)};
  edges_.push_back(never);
  edges_end_ = edges_.size();

  // A session may begin the day before its date in UTC, and end days after.
  constexpr int beyond = 3;
  constexpr std::int64_t day_minutes = 24 * 60;
  first_day_ = std::max<std::int64_t>((plan_.first - days{beyond}).time_since_epoch().count(), 0);
  const auto end_day = (plan_.last + days{beyond}).time_since_epoch().count();
  by_day_.reserve(static_cast<std::size_t>(end_day - first_day_));
  std::uint32_t i = 0;
  for (auto day = first_day_; day < end_day; ++day) {
    while (edges_[i].minute() <= day * day_minutes) ++i;
    by_day_.push_back(i);
    if (by_day_.size() > 1) edges_a_day_ = std::max<std::size_t>(edges_a_day_, i - by_day_[by_day_.size() - 2]);
  }
  edges_.resize(edges_end_ + edges_a_day_, never);
  edges_.shrink_to_fit();
  plan_.sessions.shrink_to_fit();
  plan_.closures.shrink_to_fit();
  return {};
}

void Calendar::add_edge(sys_seconds t, Phase phase) {
  const auto minute = std::max(minute_of(t), edges_.back().minute());  // a change of the clocks may turn two round
  edges_.push_back(Edge{static_cast<std::uint32_t>(minute << 3U) | static_cast<std::uint32_t>(phase)});
}

std::optional<Timestamp> Calendar::next_change(Timestamp t) const {
  const auto i = edges_until(floor<minutes>(t).time_since_epoch().count());
  if (i + 1 >= edges_end_) return std::nullopt;
  return at_minute(edges_[i].minute());
}

std::optional<Timestamp> Calendar::next_open(Timestamp t) const {
  for (auto i = edges_until(floor<minutes>(t).time_since_epoch().count()); i + 1 < edges_end_; ++i)
    if (edges_[i].phase() == Phase::regular) return at_minute(edges_[i].minute());
  return std::nullopt;
}

std::optional<Timestamp> Calendar::next_close(Timestamp t) const {
  for (auto i = edges_until(floor<minutes>(t).time_since_epoch().count()); i + 1 < edges_end_; ++i)
    if (edges_[i - 1].phase() == Phase::regular) return at_minute(edges_[i].minute());
  return std::nullopt;
}

Session::Span Calendar::span(sys_days date, LocalSpan local) const {
  if (local == LocalSpan{}) return {};
  return {zone_->to_utc(date, local.begin), zone_->to_utc(date, local.end)};
}

Session Calendar::session(const DayPlan::Day& day) const {
  const auto& hours = plan_.hours[day.hours];
  const auto regular = span(day.date, hours.regular);
  Session out;
  out.date = day.date;
  out.open = regular.begin;
  out.close = regular.end;
  out.pause = span(day.date, hours.pause);
  out.pre = span(day.date, hours.pre);
  out.post = span(day.date, hours.post);
  out.early = hours.early;
  out.name = plan_.names[day.name];
  return out;
}

std::optional<Session> Calendar::session_of(Timestamp t) const {
  if (t < Timestamp{plan_.first - days{2}} || t > Timestamp{plan_.last + days{3}}) return std::nullopt;
  const auto date = date_of(t);
  // Its date may be the next one (it opens the evening before) or one before (it runs past midnight).
  for (auto it = first_from(plan_.sessions, date - days{2}); it != plan_.sessions.end() && it->date <= date + days{1};
       ++it) {
    const auto found = session(*it);
    const auto begin = found.pre.empty() ? found.open : found.pre.begin;
    const auto end = found.post.empty() ? found.close : found.post.end;
    if (t >= begin && t < end) return found;
  }
  return std::nullopt;
}

std::optional<Session> Calendar::session_on(sys_days date) const {
  const auto it = first_from(plan_.sessions, date);
  if (it == plan_.sessions.end() || it->date != date) return std::nullopt;
  return session(*it);
}

std::vector<Session> Calendar::sessions(sys_days from, sys_days to) const {
  std::vector<Session> out;
  for (auto it = first_from(plan_.sessions, from); it != plan_.sessions.end() && it->date <= to; ++it)
    out.push_back(session(*it));
  return out;
}

std::vector<Closure> Calendar::closures(sys_days from, sys_days to) const {
  std::vector<Closure> out;
  for (auto it = first_from(plan_.closures, from); it != plan_.closures.end() && it->date <= to; ++it)
    out.push_back({it->date, plan_.names[it->name]});
  return out;
}

Timestamp Calendar::week_start(Timestamp t) const {
  const auto date = date_of(t);
  return zone_->midnight(date - (weekday{date} - week_starts_));
}

}  // namespace tradebus
