#include "actors/providers/massive/bar_row.hpp"

#include <algorithm>

namespace tradebus::massive {

bool BarRow::take(json::Reader& reader, std::string_view key, json::Value& value) {
  if (key.size() > 1) return take_long(reader, key, value);
  switch (key.empty() ? '\0' : key[0]) {
    case 'o':
      open = reader.price_above_zero(key, value);
      return true;
    case 'h':
      high = reader.price_above_zero(key, value);
      return true;
    case 'l':
      low = reader.price_above_zero(key, value);
      return true;
    case 'c':
      close = reader.price_above_zero(key, value);
      return true;
    case 'v':
      if (const auto read = reader.quantity(key, value); !exact_volume_) volume = read;
      return true;
    case 'n':
      trades = reader.integer(key, value);
      return true;
    case 't':
      start = reader.ms(key, value);
      return true;
    default:
      return false;
  }
}

bool BarRow::take_long(json::Reader& reader, std::string_view key, json::Value& value) {
  if (key == "vw") {
    vwap = reader.price_above_zero(key, value);
  } else if (key == "dv") {  // the volume with its fractions of a share, as text
    const auto read = reader.quantity(key, value);
    exact_volume_ = read.has_value();
    if (read) volume = read;
  } else {
    return false;
  }
  return true;
}

std::optional<HistoricalBar> BarRow::bar() const {
  if (!open || !high || !low || !close) return std::nullopt;
  HistoricalBar out;
  out.open = *open;
  out.high = *high;
  out.low = *low;
  out.close = *close;
  out.volume = volume.value_or(Quantity{});
  out.vwap = vwap;
  if (trades && *trades >= 0) out.trades = trades;
  return out;
}

bool BarRow::is_sound(const HistoricalBar& bar) {
  return bar.low <= std::min(bar.open, bar.close) && bar.high >= std::max(bar.open, bar.close) &&
         !bar.volume.is_negative();
}

}  // namespace tradebus::massive
