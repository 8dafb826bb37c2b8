#include "actors/providers/ibkr/history_range.hpp"

#include <algorithm>

#include "actors/brokers/ibkr/wire/venue_time.hpp"
#include "engine/calendar/bar_time.hpp"

namespace tradebus::ibkr::data {

namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;

constexpr auto look_ahead = days{14};  // longer than any market is closed, but for wars

// How much one request may be of: some thousand bars at most.
days days_a_request(Timeframe timeframe) {
  switch (timeframe) {
    case Timeframe::s1:
    case Timeframe::m1:
      return days{1};
    case Timeframe::m5:
    case Timeframe::m15:
      return days{7};
    case Timeframe::h1:
      return days{28};
    case Timeframe::d1:
      return days{350};
    case Timeframe::w1:
      return days{364};
  }
  return days{1};
}

constexpr auto second_bars_a_request = 1'800s;

// Days are counted by the calendar or by sessions, as the venue pleases: a few more are asked for, and bars outside the
// range left out.
std::string days_text(days count) {
  return std::to_string((count + (count >= days{28} ? days{2} : days{0})).count()) + " D";
}

}  // namespace

Timestamp bar_end(const Calendar& calendar, Timeframe timeframe, Timestamp start) {
  if (timeframe != Timeframe::d1 && timeframe != Timeframe::w1) return start + length(timeframe);
  const auto date = calendar.date_of(start);
  const auto count = timeframe == Timeframe::d1 ? days{1} : days{7};
  const auto sessions = calendar.sessions(date, date + count - days{1});
  if (sessions.empty()) return calendar.zone().midnight(date + count);
  const auto& last = sessions.back();
  return last.post.empty() ? last.close : std::max(last.close, last.post.end);
}

std::string bar_size(Timeframe timeframe) {
  switch (timeframe) {
    case Timeframe::s1:
      return "1 secs";
    case Timeframe::m1:
      return "1 min";
    case Timeframe::m5:
      return "5 mins";
    case Timeframe::m15:
      return "15 mins";
    case Timeframe::h1:
      return "1 hour";
    case Timeframe::d1:
      return "1 day";
    case Timeframe::w1:
      return "1 week";
  }
  return "1 min";
}

HistoryRange::HistoryRange(const Calendar& calendar, Timeframe timeframe, Timestamp start, Timestamp end, Timestamp now,
                           bool regular)
    : calendar_{calendar},
      timeframe_{timeframe},
      regular_{regular || timeframe == Timeframe::d1 || timeframe == Timeframe::w1} {
  // Before the calendar there are no sessions; a bar that began before `start` is not wanted.
  at_ = std::max(start, Timestamp{calendar.first()});
  now_ = std::chrono::ceil<std::chrono::seconds>(now);
  end_ = std::min({end, now, Timestamp{calendar.last() + days{1}}});
}

HistoryRange::Span HistoryRange::span_of(const Session& session) const {
  Span out{session.date, session.open, session.close};
  if (regular_) return out;
  if (!session.pre.empty()) out.begin = std::min(out.begin, session.pre.begin);
  if (!session.post.empty()) out.end = std::max(out.end, session.post.end);
  return out;
}

std::optional<HistoryRange::Span> HistoryRange::session_after(Timestamp t) const {
  // A session may begin on the evening before its date, and end on the day after.
  for (auto from = calendar_.date_of(t) - days{2}; calendar_.zone().midnight(from - days{2}) < end_;
       from += look_ahead) {
    for (const auto& session : calendar_.sessions(from, from + look_ahead - days{1})) {
      const auto span = span_of(session);
      if (span.begin >= end_) return std::nullopt;
      if (span.end > t) return span;
    }
  }
  return std::nullopt;
}

HistoryChunk HistoryRange::seconds(Timestamp begin, Timestamp end) const {
  HistoryChunk out{begin, end, {}, {}};
  const auto last = std::chrono::ceil<std::chrono::seconds>(end);
  const auto first = std::chrono::floor<std::chrono::seconds>(begin);
  out.end_text = wire::to_venue_time(last);
  out.duration = std::to_string(std::max((last - first).count(), std::int64_t{30})) + " S";
  return out;
}

std::optional<HistoryChunk> HistoryRange::next() {
  if (at_ >= end_) return std::nullopt;
  if (timeframe_ == Timeframe::d1 || timeframe_ == Timeframe::w1) {
    // Bars are known by their midnights: a whole number of days.
    const auto first = bar_start(calendar_, timeframe_, at_);
    const auto date = calendar_.date_of(first);
    const auto until = calendar_.zone().midnight(date + days_a_request(timeframe_));
    const auto last = std::min(until, end_);
    const auto sessions_end = calendar_.date_of(last - 1ns) + (timeframe_ == Timeframe::w1 ? days{7} : days{1});
    HistoryChunk out{std::max(first, at_), last, {}, {}};
    out.end_text = wire::to_venue_time(std::min(now_, calendar_.zone().midnight(sessions_end)));
    const auto count = std::chrono::duration_cast<days>(sessions_end - date);
    out.duration = timeframe_ == Timeframe::w1 ? std::to_string(std::min((count.count() + 6) / 7 + 1, 52L)) + " W"
                                               : days_text(count);
    at_ = last;
    return out;
  }
  const auto session = session_after(at_);
  if (!session) {
    at_ = end_;
    return std::nullopt;
  }
  const auto begin = std::max(at_, session->begin);
  if (timeframe_ == Timeframe::s1) {
    const auto mark = std::chrono::floor<std::chrono::minutes>(begin) -
                      std::chrono::floor<std::chrono::minutes>(begin).time_since_epoch() % second_bars_a_request;
    at_ = std::min({Timestamp{mark + second_bars_a_request}, session->end, end_});
    return seconds(begin, at_);
  }
  if (timeframe_ == Timeframe::m1) {
    at_ = std::min({session->end, end_, begin + 24h});
    return seconds(begin, at_);
  }
  auto last = *session;
  while (const auto more = session_after(last.end)) {
    if (more->date - session->date >= days_a_request(timeframe_)) break;
    last = *more;
  }
  at_ = std::min(last.end, end_);
  HistoryChunk out{begin, at_, wire::to_venue_time(std::chrono::ceil<std::chrono::seconds>(at_)), {}};
  out.duration = days_text(last.date - session->date + days{1});
  return out;
}

std::optional<HistoricalBar> to_bar(const wire::VenueBar& row, const Symbol& symbol, const Calendar& calendar,
                                    Timeframe timeframe) {
  const auto time = wire::parse_venue_time(row.date);
  if (!time || (!time->is_utc && time->has_time_of_day)) return std::nullopt;
  HistoricalBar bar;
  bar.symbol = symbol;
  const auto told = from_unix_ns(time->local_ns);
  // A date is the exchange's own; of a week any of its days.
  bar.ts = time->has_time_of_day ? told : calendar.zone().midnight(std::chrono::floor<days>(told));
  bar.ts = bar_start(calendar, timeframe, time->has_time_of_day ? bar.ts : bar.ts + 12h);
  bar.open = row.open;
  bar.high = row.high;
  bar.low = row.low;
  bar.close = row.close;
  if (row.volume.is_positive()) bar.volume = row.volume;  // -1: none, of quotes
  if (row.wap.is_positive()) bar.vwap = row.wap;
  if (row.count > 0) bar.trades = row.count;
  const bool is_sound =
      bar.low.is_positive() && bar.low <= std::min(bar.open, bar.close) && bar.high >= std::max(bar.open, bar.close);
  return is_sound ? std::optional{bar} : std::nullopt;
}

}  // namespace tradebus::ibkr::data
