// The state of a symbol right now: /v2/snapshot (stocks), /v3/snapshot (anything). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "actors/providers/massive/page.hpp"
#include "bus/model/market_data.hpp"
#include "engine/calendar/calendar.hpp"

namespace tradebus::massive {

// GET /v2/snapshot/locale/us/markets/stocks/tickers[/{ticker}]: one row or many. Zeros are absent: between 03:30 and
// 04:00 New York time there is no `day`, and no change. `now` is a snapshot's time where the venue gives none.
Result<Page<DailySnapshot>> decode_snapshots(std::string_view body, const Calendar& calendar, Timestamp now);

// One row of GET /v3/snapshot. Those that the venue refuses carry why, in the middle of a 200.
struct UniversalRow {
  std::optional<Error> error;  // NOT_FOUND: instrument.unknown; NOT_ENTITLED: provider.unsupported
  DailySnapshot snapshot;      // of the previous day the venue gives the close alone: no previous_day
};
Result<Page<UniversalRow>> decode_universal(std::string_view body, const Calendar& calendar, Timestamp now);

}  // namespace tradebus::massive
