#include "actors/providers/massive/bars.hpp"

#include "actors/providers/massive/bar_row.hpp"
#include "actors/providers/massive/page_reader.hpp"
#include "actors/providers/massive/symbols.hpp"
#include "engine/calendar/bar_time.hpp"

namespace tradebus::massive {

namespace {

using namespace std::chrono_literals;

// A moment well inside the bar that begins at `t` there, whatever the season and the first day of the week.
Timestamp inside(Timeframe timeframe, Timestamp t) {
  if (timeframe == Timeframe::d1) return t + 12h;
  return timeframe == Timeframe::w1 ? t + 84h : t;
}

std::optional<HistoricalBar> finish(json::Reader& reader, const BarRow& row) {
  auto bar = row.bar();
  if (!bar)
    reader.mark("o h l c", "a price is missing or zero");
  else if (!row.start)
    reader.mark("t", "is missing");
  else if (!BarRow::is_sound(*bar))
    reader.mark("o h l c v", "a high below the low, or a volume below zero");
  return bar;
}

}  // namespace

Span span_of(Timeframe timeframe) {
  switch (timeframe) {
    case Timeframe::s1:
      return {1, "second"};
    case Timeframe::m1:
      return {1, "minute"};
    case Timeframe::m5:
      return {5, "minute"};
    case Timeframe::m15:
      return {15, "minute"};
    case Timeframe::h1:
      return {1, "hour"};
    case Timeframe::d1:
      return {1, "day"};
    case Timeframe::w1:
      return {1, "week"};
  }
  return {1, "minute"};
}

Result<Page<HistoricalBar>> decode_bars(std::string_view body, const Symbol& symbol, Timeframe timeframe,
                                        const Calendar& calendar) {
  return read_page<HistoricalBar>(
      body, "results", [&](json::Reader& reader, json::Value& object) -> std::optional<HistoricalBar> {
        BarRow row;
        reader.fields("row", object, [&](std::string_view key, json::Value& value) { row.take(reader, key, value); });
        auto bar = finish(reader, row);
        if (!bar || !row.start) return std::nullopt;
        bar->symbol = symbol;
        bar->ts = bar_start(calendar, timeframe, inside(timeframe, *row.start));
        return bar;
      });
}

Result<Page<HistoricalBar>> decode_day_bars(std::string_view body, const Calendar& calendar) {
  return read_page<HistoricalBar>(body, "results",
                                  [&](json::Reader& reader, json::Value& object) -> std::optional<HistoricalBar> {
                                    BarRow row;
                                    std::optional<std::string> ticker;
                                    reader.fields("row", object, [&](std::string_view key, json::Value& value) {
                                      if (key == "T")
                                        ticker = reader.text(key, value);
                                      else
                                        row.take(reader, key, value);
                                    });
                                    auto bar = finish(reader, row);
                                    if (!bar || !row.start) return std::nullopt;
                                    auto symbol = from_rest(ticker.value_or(""));
                                    if (!symbol) {
                                      reader.mark("T", symbol.error().message);
                                      return std::nullopt;
                                    }
                                    bar->symbol = std::move(*symbol);
                                    bar->ts = calendar.day_start(*row.start);
                                    return bar;
                                  });
}

}  // namespace tradebus::massive
