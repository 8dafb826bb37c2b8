// The letters of a bar, as aggregates and snapshots share them. For .cpp files of this folder only.
#pragma once

#include <optional>
#include <string_view>

#include "actors/providers/massive/json.hpp"
#include "bus/model/market_data.hpp"

namespace tradebus::massive {

struct BarRow {
  std::optional<Price> open;
  std::optional<Price> high;
  std::optional<Price> low;
  std::optional<Price> close;
  std::optional<Quantity> volume;
  std::optional<Price> vwap;
  std::optional<std::int64_t> trades;
  std::optional<Timestamp> start;  // from milliseconds

  // Takes o h l c v dv vw n t; false for other keys.
  bool take(json::Reader& reader, std::string_view key, json::Value& value);
  // Empty where a price is missing. `bar.symbol` and `bar.ts` are left to the caller.
  std::optional<HistoricalBar> bar() const;
  // Not what a market could have done: a high below the low, a volume below zero.
  static bool is_sound(const HistoricalBar& bar);

 private:
  bool take_long(json::Reader& reader, std::string_view key, json::Value& value);

  bool exact_volume_ = false;
};

}  // namespace tradebus::massive
