// When a simulated instrument has bars: equities in New York's regular session, Monday to Friday, without holidays;
// everything else around the clock, in UTC days.
#pragma once

#include <chrono>
#include <optional>

#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"
#include "bus/model/time.hpp"

namespace date {
class time_zone;
}

namespace tradebus::sim {

struct TradingDay {
  Timestamp midnight;  // that starts the day, in the market's zone: the start of its daily bar
  Timestamp open;
  Timestamp close;  // exclusive
};

class TradingDays {
 public:
  using Date = std::chrono::sys_days;  // a calendar date in the market's zone

  // `new_york` from find_new_york(), alive as long as the program.
  TradingDays(AssetClass asset_class, const date::time_zone* new_york);

  std::optional<TradingDay> day(Date date) const;
  Date date_of(Timestamp t) const;
  Timestamp midnight(Date date) const;

 private:
  const date::time_zone* zone_;  // null = UTC, around the clock
};

// The system's time zone data; config.invalid when it is missing. For start-up.
Result<const date::time_zone*> find_new_york();

}  // namespace tradebus::sim
