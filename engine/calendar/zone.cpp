#include "engine/calendar/zone.hpp"

#include <date/tz.h>
#include <algorithm>
#include <exception>

namespace tradebus {

namespace {
using namespace std::chrono;
constexpr sys_seconds table_begin{sys_days{1900y / January / 1}};
constexpr sys_seconds table_end{sys_days{2100y / January / 1}};
}  // namespace

Result<std::shared_ptr<const Zone>> Zone::find(const std::string& name) {
  try {
    const auto* source = date::locate_zone(name);
    auto out = std::make_shared<Zone>();
    out->name_ = name;
    for (auto t = table_begin; t < table_end;) {
      const auto info = source->get_info(t);
      const auto offset = info.offset.count();
      if (out->changes_.empty())
        out->changes_.push_back({INT64_MIN, offset});
      else if (out->changes_.back().offset != offset)
        out->changes_.push_back({t.time_since_epoch().count(), offset});
      if (info.end <= t) break;
      t = info.end;
    }
    return out;
  } catch (const std::exception& e) {
    return fail(Errc::config_invalid,
                "time zone " + name + " not found (" + e.what() + "); is the package tzdata installed?");
  }
}

std::size_t Zone::index_at(std::int64_t t) const {
  const auto after = std::ranges::upper_bound(changes_, t, {}, &Change::at);
  return static_cast<std::size_t>(after - changes_.begin()) - 1;
}

seconds Zone::offset_at(sys_seconds t) const {
  return seconds{changes_[index_at(t.time_since_epoch().count())].offset};
}

sys_days Zone::date_of(Timestamp t) const {
  const auto utc = floor<seconds>(t);
  return floor<days>(utc + offset_at(utc));
}

sys_seconds Zone::to_utc(sys_days date, minutes of_day) const {
  const std::int64_t local = seconds{date.time_since_epoch() + of_day}.count();
  // Offsets are within a day of each other: the change that may matter is near the local time read as UTC.
  for (auto i = index_at(local - 86'400);; ++i) {
    const bool is_last = i + 1 == changes_.size();
    const auto t = local - changes_[i].offset;
    if (is_last || t < changes_[i + 1].at) return sys_seconds{seconds{std::max(t, changes_[i].at)}};
  }
}

}  // namespace tradebus
