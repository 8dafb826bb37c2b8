// Aggregates: custom bars, the previous day's. Pure.
#pragma once

#include <string>
#include <string_view>

#include "actors/providers/massive/page.hpp"
#include "bus/model/market_data.hpp"
#include "bus/model/timeframe.hpp"
#include "engine/calendar/calendar.hpp"

namespace tradebus::massive {

// The venue's words for a timeframe; 15m is {15, "minute"}.
struct Span {
  int multiplier = 1;
  std::string_view timespan;
};
Span span_of(Timeframe timeframe);

// GET /v2/aggs/ticker/{ticker}/range/...: `symbol` is the one asked for. Times become our bars' own (bar_time.hpp): a
// day begins at the calendar's midnight, a week with its first day, where the venue's begins on Sunday. Rows that make
// no sense (a high below the low, a price of zero) are bad rows; indices have no volume: zero.
Result<Page<HistoricalBar>> decode_bars(std::string_view body, const Symbol& symbol, Timeframe timeframe,
                                        const Calendar& calendar);

// GET /v2/aggs/ticker/{ticker}/prev: day bars whose times are the day's end there. Each row names its own ticker.
Result<Page<HistoricalBar>> decode_day_bars(std::string_view body, const Calendar& calendar);

}  // namespace tradebus::massive
