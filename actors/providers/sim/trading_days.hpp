// When a simulated instrument has bars: equities in New York's regular session, with its holidays and early closes;
// everything else around the clock, in UTC days.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"
#include "bus/model/time.hpp"
#include "engine/calendar/calendars.hpp"

namespace tradebus::sim {

struct TradingDay {
  Timestamp midnight;  // that starts the day, in the market's zone: the start of its daily bar
  Timestamp open;
  Timestamp close;  // exclusive
};

class TradingDays {
 public:
  using Date = std::chrono::sys_days;  // a calendar date in the market's zone

  TradingDays(AssetClass asset_class, std::shared_ptr<const Calendars> calendars);

  std::optional<TradingDay> day(Date date) const;
  Date date_of(Timestamp t) const;
  Timestamp midnight(Date date) const;

 private:
  std::shared_ptr<const Calendars> calendars_;
  const Calendar* exchange_;  // null = UTC, around the clock
};

}  // namespace tradebus::sim
