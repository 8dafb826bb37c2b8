// One row of a recording, ready to be sent: an event without its topic number and its time of receipt.
#pragma once

#include <cstdint>
#include <optional>

#include "actors/providers/market_batch.hpp"
#include "actors/providers/provider.hpp"
#include "bus/model/timeframe.hpp"

namespace tradebus::replay {

enum class FileKind : std::uint8_t { quotes, trades, bars, actions };

using SymbolId = std::uint32_t;  // a symbol's number within its file

struct Row {
  MarketEvent event;     // `ref` and `rx` are still to be set; event.ts as recorded (a bar's start)
  std::int64_t due = 0;  // UTC ns at which this was known: ts, and the end of a bar
  SymbolId symbol = 0;
  Timeframe timeframe = Timeframe::s1;  // bars only
  // Actions only; its value is event.qty[0].
  CorporateActionKind action = CorporateActionKind::split;
};

// The stream that carries bars of this length; 15m and 1w bars only serve history.
constexpr std::optional<StreamKind> stream_of(Timeframe timeframe) {
  switch (timeframe) {
    case Timeframe::s1:
      return StreamKind::bar_1s;
    case Timeframe::m1:
      return StreamKind::bar_1m;
    case Timeframe::m5:
      return StreamKind::bar_5m;
    case Timeframe::h1:
      return StreamKind::bar_1h;
    case Timeframe::d1:
      return StreamKind::bar_1d;
    case Timeframe::m15:
    case Timeframe::w1:
      return std::nullopt;
  }
  return std::nullopt;
}

inline constexpr std::size_t timeframe_count = 7;

}  // namespace tradebus::replay
