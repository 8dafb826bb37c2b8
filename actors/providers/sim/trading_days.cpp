#include "actors/providers/sim/trading_days.hpp"

#include <date/tz.h>

#include <exception>
#include <string>

namespace tradebus::sim {

namespace {

using namespace std::chrono_literals;
constexpr auto opens = 9h + 30min;
constexpr auto closes = 16h;

Timestamp to_utc(const date::time_zone& zone, std::chrono::sys_days day, std::chrono::minutes of_day) {
  const date::local_time<std::chrono::seconds> local{day.time_since_epoch() + of_day};
  return Timestamp{zone.to_sys(local, date::choose::earliest)};
}

}  // namespace

TradingDays::TradingDays(AssetClass asset_class, const date::time_zone* new_york)
    : zone_{asset_class == AssetClass::crypto || asset_class == AssetClass::fx ? nullptr : new_york} {}

std::optional<TradingDay> TradingDays::day(Date date) const {
  if (zone_ == nullptr) return TradingDay{Timestamp{date}, Timestamp{date}, Timestamp{date + std::chrono::days{1}}};
  const std::chrono::weekday weekday{date};
  if (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday) return std::nullopt;
  return TradingDay{midnight(date), to_utc(*zone_, date, opens), to_utc(*zone_, date, closes)};
}

TradingDays::Date TradingDays::date_of(Timestamp t) const {
  if (zone_ == nullptr) return std::chrono::floor<std::chrono::days>(t);
  const auto local = zone_->to_local(std::chrono::floor<std::chrono::seconds>(t));
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{local.time_since_epoch()});
}

Timestamp TradingDays::midnight(Date date) const {
  return zone_ == nullptr ? Timestamp{date} : to_utc(*zone_, date, 0min);
}

Result<const date::time_zone*> find_new_york() {
  try {
    return date::locate_zone("America/New_York");
  } catch (const std::exception& e) {
    return fail(Errc::config_invalid,
                std::string{"no time zone data for America/New_York (install tzdata): "} + e.what());
  }
}

}  // namespace tradebus::sim
