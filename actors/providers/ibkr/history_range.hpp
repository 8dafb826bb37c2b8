// A range of bars as the requests that the venue takes: how long one may be depends on the size of its bars, and where
// nobody trades none is made. Pure; sessions come from the calendar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "actors/brokers/ibkr/wire/history_messages.hpp"
#include "bus/model/market_data.hpp"
#include "bus/model/timeframe.hpp"
#include "engine/calendar/calendar.hpp"

namespace tradebus::ibkr::data {

// When a bar is over: the day with its after-hours, the week with its last session.
Timestamp bar_end(const Calendar& calendar, Timeframe timeframe, Timestamp start);

// As the venue calls it: "1 min".
std::string bar_size(Timeframe timeframe);

struct HistoryChunk {
  Timestamp begin{};  // bars that start within [begin, end) are wanted of its answer
  Timestamp end{};
  std::string end_text;  // "20260611-20:00:00", UTC
  std::string duration;  // "5 D"
  friend bool operator==(const HistoryChunk&, const HistoryChunk&) = default;
};

class HistoryRange {
 public:
  // `regular`: bars of the regular session alone; days and weeks always are. Nothing after `now` is asked for. The
  // calendar outlives it.
  HistoryRange(const Calendar& calendar, Timeframe timeframe, Timestamp start, Timestamp end, Timestamp now,
               bool regular);

  // From the oldest to the newest, without overlaps. Empty: that was all.
  std::optional<HistoryChunk> next();
  bool is_regular() const { return regular_; }

 private:
  struct Span {
    std::chrono::sys_days date;
    Timestamp begin{};
    Timestamp end{};
  };
  // The first session that is not over at `t` and begins before the range's end.
  std::optional<Span> session_after(Timestamp t) const;
  Span span_of(const Session& session) const;
  HistoryChunk seconds(Timestamp begin, Timestamp end) const;

  const Calendar& calendar_;
  Timeframe timeframe_;
  bool regular_;
  Timestamp at_{};  // what lies before has been asked for
  Timestamp end_{};
  Timestamp now_{};
};

// The venue's bar as ours. Empty: it makes no sense.
std::optional<HistoricalBar> to_bar(const wire::VenueBar& row, const Symbol& symbol, const Calendar& calendar,
                                    Timeframe timeframe);

}  // namespace tradebus::ibkr::data
