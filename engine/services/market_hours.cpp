#include "engine/services/market_hours.hpp"

#include <date/tz.h>
#include <algorithm>

#include "engine/services/nyse_days.hpp"

namespace tradebus {

namespace {

using namespace std::chrono;

constexpr minutes day_length = 24h;
constexpr DayHours all_day{minutes{0}, day_length};

const date::time_zone* zone_of(AssetClass asset_class) {
  // The library loads a zone once and keeps it; only the look-up by name is saved here.
  static const auto* const new_york = date::locate_zone("America/New_York");
  static const auto* const chicago = date::locate_zone("America/Chicago");
  static const auto* const utc = date::locate_zone("UTC");
  switch (asset_class) {
    case AssetClass::equity:
    case AssetClass::option:
    case AssetClass::fx:
      return new_york;
    case AssetClass::future:
      return chicago;
    case AssetClass::crypto:
      return utc;
  }
  return utc;
}

DayHours fx_hours(sys_days local_date) {
  constexpr minutes turn = 17h;  // the week begins and ends at 17:00 New York
  const weekday on{local_date};
  if (on == Saturday) return {};
  if (on == Sunday) return {turn, day_length};
  if (on == Friday) return {minutes{0}, turn};
  return all_day;
}

DayHours hours_of(AssetClass asset_class, sys_days local_date) {
  switch (asset_class) {
    case AssetClass::equity:
    case AssetClass::option:
      return nyse_hours(local_date);
    case AssetClass::fx:
      return fx_hours(local_date);
    case AssetClass::future:
      return weekday{local_date} == Saturday ? DayHours{} : all_day;
    case AssetClass::crypto:
      return all_day;
  }
  return {};
}

// The local date, counted as if it were a date in UTC.
sys_days local_date(AssetClass asset_class, Timestamp t) {
  return sys_days{floor<days>(zone_of(asset_class)->to_local(t)).time_since_epoch()};
}

// A wall-clock time of the zone. Where a clock change makes it ambiguous or skips it, the earlier one: no session of
// these markets begins or ends there.
Timestamp at(AssetClass asset_class, sys_days date, minutes of_day) {
  const date::local_time<minutes> local{date.time_since_epoch() + of_day};
  return zone_of(asset_class)->to_sys(local, date::choose::earliest);
}

Timestamp week_start(AssetClass asset_class, Timestamp t) {
  const bool from_sunday = asset_class == AssetClass::fx || asset_class == AssetClass::future;
  const auto date = local_date(asset_class, t);
  return at(asset_class, date - (weekday{date} - (from_sunday ? Sunday : Monday)), minutes{0});
}

}  // namespace

bool is_open(const Instrument& instrument, Timestamp t) { return SessionWindow{instrument}.is_open(t); }

Timestamp trading_day_start(const Instrument& instrument, Timestamp t) {
  return SessionWindow{instrument}.day_start(t);
}

Timestamp bar_start(Timeframe timeframe, const Instrument& instrument, Timestamp t) {
  return SessionWindow{instrument}.bar_start(timeframe, t);
}

Timestamp SessionWindow::bar_start(Timeframe timeframe, Timestamp t) {
  switch (timeframe) {
    case Timeframe::s1:
      return floor<seconds>(t);
    case Timeframe::m1:
      return floor<minutes>(t);
    case Timeframe::m5:
      return floor<duration<std::int64_t, std::ratio<300>>>(t);
    case Timeframe::m15:
      return floor<duration<std::int64_t, std::ratio<900>>>(t);
    case Timeframe::h1:
      return floor<hours>(t);
    case Timeframe::d1:
      return day_start(t);
    case Timeframe::w1:
      return week_start(asset_class_, t);
  }
  return t;
}

void SessionWindow::look_up(Timestamp t) {
  const auto date = local_date(asset_class_, t);
  const auto hours = hours_of(asset_class_, date);
  day_start_ = at(asset_class_, date, minutes{0});
  from_ = day_start_;
  until_ = at(asset_class_, date + days{1}, minutes{0});
  open_ = false;
  if (hours.open == hours.close) return;
  const auto open = at(asset_class_, date, hours.open);
  const auto close = at(asset_class_, date, hours.close);
  if (t < open) {
    until_ = open;
  } else if (t >= close) {
    from_ = close;
  } else {
    from_ = open;
    until_ = close;
    open_ = true;
  }
}

}  // namespace tradebus
