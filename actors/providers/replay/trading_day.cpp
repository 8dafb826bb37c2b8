#include "actors/providers/replay/trading_day.hpp"

#include <algorithm>
#include <string>

#include "bus/model/instrument.hpp"
#include "engine/calendar/zone.hpp"

namespace tradebus::replay {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::nanoseconds;
using std::chrono::sys_days;
using std::chrono::sys_time;

// Start-up checks once that it is there (check_time_zones).
const Result<std::shared_ptr<const Zone>>& new_york() {
  static const auto zone = Zone::find("America/New_York");
  return zone;
}

std::int64_t ns(sys_time<nanoseconds> t) { return t.time_since_epoch().count(); }
sys_time<nanoseconds> at(std::int64_t t) { return sys_time<nanoseconds>{nanoseconds{t}}; }

sys_days local_date(std::int64_t t) { return (*new_york())->date_of(at(t)); }
std::int64_t midnight(sys_days date) { return ns((*new_york())->midnight(date)); }

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
  if (!new_york()) return tl::unexpected{new_york().error()};
  return true;
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
