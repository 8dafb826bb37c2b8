#include "actors/providers/massive/bar_row.hpp"

#include <algorithm>

namespace tradebus::massive {

bool BarRow::take(json::Reader& reader, std::string_view key, json::Value& value) {
  if (key == "o")
    open = reader.price_above_zero(key, value);
  else if (key == "h")
    high = reader.price_above_zero(key, value);
  else if (key == "l")
    low = reader.price_above_zero(key, value);
  else if (key == "c")
    close = reader.price_above_zero(key, value);
  else if (key == "v") {
    const auto read = reader.quantity(key, value);
    if (!exact_volume_) volume = read;
  } else if (key == "dv") {  // the same with its fractions of a share, as text
    const auto read = reader.quantity(key, value);
    exact_volume_ = read.has_value();
    if (read) volume = read;
  } else if (key == "vw")
    vwap = reader.price_above_zero(key, value);
  else if (key == "n")
    trades = reader.integer(key, value);
  else if (key == "t")
    start = reader.ms(key, value);
  else
    return false;
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
