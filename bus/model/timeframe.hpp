// What a bar's timeframe means: how long it is, and which stream carries it.
#pragma once

#include <chrono>
#include <optional>

#include "bus/model/enums.hpp"

namespace tradebus {

// Of days and weeks the usual length: an exchange's own days, and days on which clocks change, are the calendar's
// affair.
constexpr std::chrono::seconds length(Timeframe timeframe) {
  using namespace std::chrono_literals;
  switch (timeframe) {
    case Timeframe::s1:
      return 1s;
    case Timeframe::m1:
      return 1min;
    case Timeframe::m5:
      return 5min;
    case Timeframe::m15:
      return 15min;
    case Timeframe::h1:
      return 1h;
    case Timeframe::d1:
      return 24h;
    case Timeframe::w1:
      return 168h;
  }
  return 1min;
}

// Empty for what is no bar.
constexpr std::optional<Timeframe> timeframe_of(StreamKind kind) {
  switch (kind) {
    case StreamKind::bar_1s:
      return Timeframe::s1;
    case StreamKind::bar_1m:
      return Timeframe::m1;
    case StreamKind::bar_5m:
      return Timeframe::m5;
    case StreamKind::bar_1h:
      return Timeframe::h1;
    case StreamKind::bar_1d:
      return Timeframe::d1;
    case StreamKind::quote:
    case StreamKind::trade:
    case StreamKind::option:
    case StreamKind::news:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace tradebus
