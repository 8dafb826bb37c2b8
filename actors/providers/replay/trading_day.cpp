#include "actors/providers/replay/trading_day.hpp"

#include <date/tz.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "bus/model/instrument.hpp"

namespace tradebus::replay {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::nanoseconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::sys_time;

// date throws when the zone is not there: start-up checks that once (check_time_zones).
const date::time_zone& new_york() {
  static const date::time_zone* const zone = date::locate_zone("America/New_York");
  return *zone;
}

std::int64_t ns(sys_time<nanoseconds> t) { return t.time_since_epoch().count(); }
sys_time<nanoseconds> at(std::int64_t t) { return sys_time<nanoseconds>{nanoseconds{t}}; }

// The New York date of t, as days counted from the epoch.
sys_days local_date(std::int64_t t) {
  const auto seconds = floor<std::chrono::seconds>(at(t));
  return floor<days>(seconds + new_york().get_info(seconds).offset);
}

// Clocks change at 02:00: five hours after midnight UTC it is 00:00 or 01:00 in New York, still before the change.
std::int64_t midnight(sys_days date) {
  const sys_seconds before_any_change = date + hours{5};
  return ns(sys_seconds{date} - new_york().get_info(before_any_change).offset);
}

sys_days monday(sys_days date) { return date - days{static_cast<int>(std::chrono::weekday{date}.iso_encoding()) - 1}; }

std::int64_t floor_to(std::int64_t t, std::int64_t length) {
  const std::int64_t rest = t % length;
  return t - (rest < 0 ? rest + length : rest);
}

}  // namespace

DayZone day_zone(std::string_view symbol) {
  if (const auto instrument = Instrument::parse(symbol);
      instrument && (instrument->asset_class == AssetClass::crypto || instrument->asset_class == AssetClass::fx))
    return DayZone::utc;
  const bool letters =
      std::ranges::all_of(symbol, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
  const bool dollar_last = symbol.ends_with("USD") || symbol.ends_with("USDT") || symbol.ends_with("USDC");
  const bool dollar_first = symbol.starts_with("USD") && symbol.size() == 6;
  return letters && symbol.size() >= 6 && (dollar_last || dollar_first) ? DayZone::utc : DayZone::new_york;
}

Result<bool> check_time_zones() {
  try {
    return new_york().get_info(sys_seconds{}).offset < hours{0};
  } catch (const std::exception& e) {
    return fail(Errc::config_invalid,
                std::string{"time zone America/New_York not found ("} + e.what() + "): install the package tzdata");
  }
}

std::int64_t TradingDay::new_york_day(std::int64_t t) {
  if (t < day_begin_ || t >= day_end_) {
    const sys_days date = local_date(t);
    day_begin_ = midnight(date);
    day_end_ = midnight(date + days{1});
  }
  return day_begin_;
}

std::int64_t TradingDay::bar_start(DayZone zone, Timeframe timeframe, std::int64_t t) {
  if (timeframe != Timeframe::d1 && timeframe != Timeframe::w1) return floor_to(t, length_ns(timeframe));
  if (zone == DayZone::utc) {
    const auto date = floor<days>(at(t));
    return ns(timeframe == Timeframe::d1 ? date : monday(date));
  }
  return timeframe == Timeframe::d1 ? new_york_day(t) : midnight(monday(local_date(t)));
}

std::int64_t TradingDay::bar_end(DayZone zone, Timeframe timeframe, std::int64_t start) {
  if (timeframe == Timeframe::d1 && zone == DayZone::new_york && new_york_day(start) == start) return day_end_;
  return start + length_ns(timeframe);
}

}  // namespace tradebus::replay
