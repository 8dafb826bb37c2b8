#include "actors/providers/replay/history.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "actors/providers/replay/bar_builder.hpp"
#include "actors/providers/replay/file_reader.hpp"
#include "actors/providers/replay/trading_day.hpp"

namespace tradebus::replay {

namespace {

constexpr std::int64_t half_day = length_ns(Timeframe::d1) / 2;

using Entries = std::vector<Catalogue::Entry>;

bool has_bars(const Entries& entries, Timeframe timeframe) {
  return std::ranges::any_of(entries,
                             [&](const auto& e) { return e.kind == FileKind::bars && e.timeframe == timeframe; });
}
bool has_trades(const Entries& entries) {
  return std::ranges::any_of(entries, [](const auto& e) { return e.kind == FileKind::trades; });
}

tl::unexpected<Error> unknown(const std::string& symbol) {
  return fail(Errc::instrument_unknown, symbol + " stands in no file of the recording (providers.replay.files)");
}

}  // namespace

Result<std::vector<HistoricalBar>> History::bars(const GetHistoricalData& query) const {
  const std::string& symbol = query.symbol.str();
  if (query.start >= query.end) return invalid("start", "start must lie before end");
  if (query.adjusted)
    return fail(Errc::provider_unsupported,
                "recordings are raw: bars adjusted for splits and dividends can't be answered");
  const auto* entries = catalogue_->find(symbol);
  if (entries == nullptr) return unknown(symbol);
  Range range;
  range.timeframe = query.timeframe;
  range.start = unix_ns(query.start);
  range.end = unix_ns(query.end);
  range.limit = std::min(query.limit, bars_max);
  if (range.limit == 0) return std::vector<HistoricalBar>{};
  for (int i = static_cast<int>(query.timeframe); i >= 0; --i)
    if (const auto timeframe = static_cast<Timeframe>(i); has_bars(*entries, timeframe))
      return collect(symbol, *entries, {FileKind::bars, timeframe}, range);
  if (has_trades(*entries)) return collect(symbol, *entries, {FileKind::trades}, range);
  return fail(Errc::provider_unsupported, "the recording has neither trades nor bars of at most " +
                                              std::string{to_string(query.timeframe)} + " of " + symbol);
}

std::vector<HistoricalBar> History::collect(const std::string& symbol, const Entries& entries, Source source,
                                            const Range& range) const {
  BarBuilder builder{range.limit};
  TradingDay days;
  const DayZone zone = day_zone(symbol);
  for (const auto& entry : entries) {
    if (entry.kind != source.kind || entry.timeframe != source.timeframe) continue;
    const bool as_recorded = source.kind == FileKind::bars && source.timeframe == range.timeframe;
    // A day belongs to the week of its noon, whatever midnight the recording counts from.
    const std::int64_t shift = source.kind == FileKind::bars && source.timeframe == Timeframe::d1 ? half_day : 0;
    auto start_of = [&](std::int64_t ts) {
      return as_recorded ? ts : days.bar_start(zone, range.timeframe, ts + shift);
    };
    if (start_of(entry.first_ts) >= range.end || start_of(entry.last_ts) < range.start) continue;
    SymbolTable symbols;
    const auto wanted = symbols.intern(symbol);
    auto reader =
        FileReader::open((*files_)[entry.file], symbols, {.order = FileReader::Order::recorded, .stop = stop_});
    if (!reader || !wanted) continue;
    Row row;
    while (reader->next(row)) {
      if (row.symbol != *wanted || (source.kind == FileKind::bars && row.timeframe != source.timeframe)) continue;
      const std::int64_t start = start_of(unix_ns(row.event.ts));
      if (start >= range.end || builder.full_before(start)) {
        if (entry.in_order) break;
        continue;
      }
      if (start < range.start || row.due > range.known_at) continue;
      if (source.kind == FileKind::trades) {
        builder.add_trade(start, row.event);
      } else if (as_recorded) {
        builder.keep_bar(start, row.event);
      } else {
        builder.add_bar(start, row.event);
      }
    }
  }
  return builder.take(symbol);
}

Result<DailySnapshot> History::snapshot(const GetDailySnapshot& query, Timestamp now) const {
  const std::string& symbol = query.symbol.str();
  const auto* entries = catalogue_->find(symbol);
  if (entries == nullptr) return unknown(symbol);
  // What tells most about a day that is not over comes first.
  std::optional<Source> fine;
  if (has_bars(*entries, Timeframe::m1)) fine = Source{FileKind::bars, Timeframe::m1};
  if (!fine && has_trades(*entries)) fine = Source{FileKind::trades};
  for (const auto timeframe : {Timeframe::s1, Timeframe::m5, Timeframe::m15, Timeframe::h1})
    if (!fine && has_bars(*entries, timeframe)) fine = Source{FileKind::bars, timeframe};

  constexpr std::int64_t days_back = 10;  // past the longest run of holidays
  TradingDay days;
  const std::int64_t today = days.bar_start(day_zone(symbol), Timeframe::d1, unix_ns(now));
  Range range;
  range.timeframe = Timeframe::d1;
  range.start = today - days_back * length_ns(Timeframe::d1);
  range.end = today + 1;
  range.known_at = unix_ns(now);

  DailySnapshot out;
  out.symbol = query.symbol;
  out.ts = now;
  auto take = [&](std::vector<HistoricalBar> bars) {
    for (auto& bar : bars) {
      if (unix_ns(bar.ts) == today) {
        if (!out.day) out.day = std::move(bar);
      } else if (!out.previous_day || bar.ts > out.previous_day->ts) {
        out.previous_day = std::move(bar);
      }
    }
  };
  if (has_bars(*entries, Timeframe::d1)) take(collect(symbol, *entries, {FileKind::bars, Timeframe::d1}, range));
  if (fine) take(collect(symbol, *entries, *fine, range));
  if (!fine && !has_bars(*entries, Timeframe::d1))
    return fail(Errc::provider_unsupported, "the recording has neither trades nor bars of " + symbol);
  if (out.day && out.previous_day) {
    const Price before = out.previous_day->close;
    out.change = checked_sub(out.day->close, before);
    if (out.change && before.is_positive()) out.change_percent = out.change->to_double() / before.to_double() * 100.0;
  }
  return out;
}

}  // namespace tradebus::replay
