// Which bar a moment belongs to, and when a bar is over.
// Intraday bars are cut in UTC. A day of a US equity, option or future begins at midnight in New York, as the
// recordings' 1d bars do; a day of a crypto or currency pair at midnight UTC. Weeks begin on Monday.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"

namespace tradebus::replay {

enum class DayZone : std::uint8_t { new_york, utc };

// By the look of the symbol: BTC-USD, BTCUSD, BTCUSDT, USDJPY are pairs.
DayZone day_zone(std::string_view symbol);

// Whether the system's time zones are there; the error says what to install.
Result<bool> check_time_zones();

constexpr std::int64_t length_ns(Timeframe timeframe) {
  constexpr std::int64_t second = 1'000'000'000;
  switch (timeframe) {
    case Timeframe::s1:
      return second;
    case Timeframe::m1:
      return 60 * second;
    case Timeframe::m5:
      return 300 * second;
    case Timeframe::m15:
      return 900 * second;
    case Timeframe::h1:
      return 3'600 * second;
    case Timeframe::d1:
      return 86'400 * second;
    case Timeframe::w1:
      return 7 * 86'400 * second;
  }
  return second;
}

// All times are UTC ns. One thread an object: it remembers the last day it looked up.
class TradingDay {
 public:
  // Start of the bar that holds `t`.
  std::int64_t bar_start(DayZone zone, Timeframe timeframe, std::int64_t t);
  // End of the bar that starts at `start`. A day that does not start at its zone's midnight takes 24 hours.
  std::int64_t bar_end(DayZone zone, Timeframe timeframe, std::int64_t start);

 private:
  std::int64_t new_york_day(std::int64_t t);

  std::int64_t day_begin_ = 0;  // the New York day looked up last, [begin, end)
  std::int64_t day_end_ = 0;
};

}  // namespace tradebus::replay
