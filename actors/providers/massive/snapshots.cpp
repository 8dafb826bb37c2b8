#include "actors/providers/massive/snapshots.hpp"

#include <algorithm>

#include "actors/providers/massive/bar_row.hpp"
#include "actors/providers/massive/page_reader.hpp"
#include "actors/providers/massive/symbols.hpp"

namespace tradebus::massive {

namespace {

// The last session's day before `day`; a fortnight back there is always one.
Timestamp day_before(const Calendar& calendar, Timestamp day) {
  const auto date = calendar.date_of(day);
  const auto sessions = calendar.sessions(date - std::chrono::days{14}, date - std::chrono::days{1});
  return calendar.zone().midnight(sessions.empty() ? date - std::chrono::days{1} : sessions.back().date);
}

std::optional<HistoricalBar> day_bar(json::Reader& reader, std::string_view key, const BarRow& row,
                                     const Symbol& symbol, Timestamp day) {
  auto bar = row.bar();
  if (!bar) return std::nullopt;
  if (!BarRow::is_sound(*bar)) {
    reader.mark(key, "a high below the low, or a volume below zero");
    return std::nullopt;
  }
  bar->symbol = symbol;
  bar->ts = day;
  return bar;
}

Result<Symbol> symbol_of(json::Reader& reader, std::string_view key, const std::optional<std::string>& ticker) {
  auto symbol = from_rest(ticker.value_or(""));
  if (!symbol) reader.mark(key, symbol.error().message);
  return symbol;
}

// -- /v2 ---------------------------------------------------------------------

std::optional<DailySnapshot> snapshot_row(json::Reader& reader, json::Value& object, const Calendar& calendar,
                                          Timestamp now) {
  BarRow day;
  BarRow previous;
  std::optional<std::string> ticker;
  std::optional<Timestamp> updated;
  std::optional<Timestamp> traded;
  std::optional<Price> change;
  std::optional<double> percent;
  const auto bar = [&](BarRow& row) {
    return [&reader, &row](std::string_view key, json::Value& value) { row.take(reader, key, value); };
  };
  reader.fields("row", object, [&](std::string_view key, json::Value& value) {
    if (key == "ticker")
      ticker = reader.text(key, value);
    else if (key == "day")
      reader.fields(key, value, bar(day));
    else if (key == "prevDay")
      reader.fields(key, value, bar(previous));
    else if (key == "lastTrade")
      reader.fields(key, value, [&](std::string_view k, json::Value& v) {
        if (k == "t") traded = reader.ns(k, v);
      });
    else if (key == "updated")
      updated = reader.ns(key, value);
    else if (key == "todaysChange")
      change = reader.price(key, value);
    else if (key == "todaysChangePerc")
      percent = reader.number(key, value);
  });
  auto symbol = symbol_of(reader, "ticker", ticker);
  if (!symbol) return std::nullopt;
  DailySnapshot out;
  out.symbol = *symbol;
  out.ts = updated ? *updated : traded.value_or(now);
  const auto today = calendar.day_start(out.ts);
  out.day = day_bar(reader, "day", day, *symbol, today);
  // Before the day has begun, the last trade is of the previous one.
  const auto current = day.bar() ? today : calendar.day_start(now);
  out.previous_day = day_bar(reader, "prevDay", previous, *symbol, day_before(calendar, current));
  // Before the day has begun, a change of 0 says nothing.
  const bool begun = out.day || (change && !change->is_zero());
  if (begun) {
    out.change = change;
    out.change_percent = percent;
  }
  return out;
}

// -- /v3 ---------------------------------------------------------------------

Error row_error(const std::string& word, const std::string& text) {
  unsigned status = 500;
  if (word == "NOT_FOUND") status = 404;
  if (word == "NOT_ENTITLED" || word == "NOT_AUTHORIZED") status = 403;
  return refused(status, text.empty() ? word : text);
}

void session_key(json::Reader& reader, std::string_view key, json::Value& value, BarRow& day, UniversalRow& row) {
  if (key == "open")
    day.open = reader.price_above_zero(key, value);
  else if (key == "high")
    day.high = reader.price_above_zero(key, value);
  else if (key == "low")
    day.low = reader.price_above_zero(key, value);
  else if (key == "close")
    day.close = reader.price_above_zero(key, value);
  else if (key == "volume")
    day.volume = reader.quantity(key, value);
  else if (key == "change")
    row.snapshot.change = reader.price(key, value);
  else if (key == "change_percent")
    row.snapshot.change_percent = reader.number(key, value);
}

std::optional<UniversalRow> universal_row(json::Reader& reader, json::Value& object, const Calendar& calendar,
                                          Timestamp now) {
  UniversalRow out;
  BarRow day;
  std::optional<std::string> ticker;
  std::optional<Timestamp> updated;
  std::string error;
  std::string message;
  const auto note = [&](std::optional<Timestamp> t) {
    if (t && (!updated || *t > *updated)) updated = t;
  };
  reader.fields("row", object, [&](std::string_view key, json::Value& value) {
    if (key == "ticker") {
      ticker = reader.text(key, value);
    } else if (key == "error") {
      error = reader.text(key, value).value_or("");
    } else if (key == "message") {
      message = reader.text(key, value).value_or("");
    } else if (key == "last_updated") {
      note(reader.ns(key, value));
    } else if (key == "session") {
      reader.fields(key, value, [&](std::string_view k, json::Value& v) { session_key(reader, k, v, day, out); });
    } else if (key == "last_trade") {
      reader.fields(key, value, [&](std::string_view k, json::Value& v) {
        if (k == "sip_timestamp" || k == "last_updated") note(reader.ns(k, v));
      });
    } else if (key == "last_quote") {
      reader.fields(key, value, [&](std::string_view k, json::Value& v) {
        if (k == "last_updated") note(reader.ns(k, v));
      });
    }
  });
  if (!error.empty()) {
    // The ticker may be one that we can't name either; the refusal counts.
    out.error = row_error(error, message);
    return out;
  }
  auto symbol = symbol_of(reader, "ticker", ticker);
  if (!symbol) return std::nullopt;
  out.snapshot.symbol = *symbol;
  out.snapshot.ts = updated.value_or(now);
  out.snapshot.day = day_bar(reader, "session", day, *symbol, calendar.day_start(out.snapshot.ts));
  if (!out.snapshot.day && out.snapshot.change && out.snapshot.change->is_zero()) {
    out.snapshot.change.reset();
    out.snapshot.change_percent.reset();
  }
  return out;
}

}  // namespace

Result<Page<DailySnapshot>> decode_snapshots(std::string_view body, const Calendar& calendar, Timestamp now) {
  return read_page<DailySnapshot>(body, {"ticker", "tickers"}, [&](json::Reader& reader, json::Value& object) {
    return snapshot_row(reader, object, calendar, now);
  });
}

Result<Page<UniversalRow>> decode_universal(std::string_view body, const Calendar& calendar, Timestamp now) {
  return read_page<UniversalRow>(body, "results", [&](json::Reader& reader, json::Value& object) {
    return universal_row(reader, object, calendar, now);
  });
}

}  // namespace tradebus::massive
