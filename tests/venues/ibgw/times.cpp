#include "tests/venues/ibgw/times.hpp"

#include <date/tz.h>

#include <chrono>
#include <sstream>

namespace tradebus::ibgw_sim {
namespace {

using Point = date::sys_seconds;

Point point(Seconds time) { return Point{std::chrono::seconds{time}}; }

const date::time_zone* new_york() {
  static const date::time_zone* const zone = date::locate_zone("America/New_York");
  return zone;
}

std::string local(const char* format, Seconds time) { return date::format(format, new_york()->to_local(point(time))); }

}  // namespace

std::int64_t wall_now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Seconds wall_now() { return wall_now_ms() / 1000; }

std::string utc_dash(Seconds time) { return date::format("%Y%m%d-%H:%M:%S", point(time)); }
std::string eastern(Seconds time) { return local("%Y%m%d %H:%M:%S US/Eastern", time); }
std::string eastern_day(Seconds time) { return local("%Y%m%d", time); }
std::string utc_news(Seconds time) { return date::format("%Y-%m-%d %H:%M:%S.0", point(time)); }
std::string eastern_clock(Seconds time) { return local("%H:%M", time); }

Seconds day_start(Seconds time, int days) {
  const auto day = date::floor<date::days>(new_york()->to_local(point(time))) + date::days{days};
  return new_york()->to_sys(date::local_seconds{day}, date::choose::earliest).time_since_epoch().count();
}

bool weekend(Seconds time) {
  const date::weekday day{date::floor<date::days>(new_york()->to_local(point(time)))};
  return day == date::Saturday || day == date::Sunday;
}

std::optional<Seconds> parse_time(std::string_view text) {
  std::string rest(text);
  bool utc = false;
  if (rest.size() > 8 && rest[8] == '-') {
    utc = true;
    rest[8] = ' ';
  }
  if (rest.size() == 8) rest += " 00:00:00";
  std::istringstream in(rest);
  date::local_seconds time;
  in >> date::parse("%Y%m%d %H:%M:%S", time);
  if (in.fail()) return std::nullopt;
  std::string zone;
  in >> zone;
  if (utc || zone == "UTC" || zone == "GMT") return time.time_since_epoch().count();
  try {
    const auto* place =
        zone.empty() || zone == "US/Eastern" || zone == "EST" || zone == "EDT" ? new_york() : date::locate_zone(zone);
    return place->to_sys(time, date::choose::earliest).time_since_epoch().count();
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

}  // namespace tradebus::ibgw_sim
