#include "tests/venues/massive/windows.hpp"

#include <algorithm>
#include <array>

namespace tradebus::massive_sim {
namespace {

Day floor_to(Day day, int step) { return day - ((day % step) + step) % step; }

// Collects base bars, which come in order, into windows.
class Collector {
 public:
  Collector(const Width& width, bool descending, std::size_t limit, BarPage& page)
      : width_(width), descending_(descending), limit_(limit), page_(page) {}

  // False: the page is full.
  bool add(const Bar& bar) {
    const Ms start = window_start(width_, bar.time);
    const bool begins = page_.bars.empty() || page_.bars.back().time != start;
    if (page_.read >= limit_) {
      if (begins) {
        page_.next = descending_ ? bar.time + 1 : start;
        return false;
      }
      if (page_.bars.size() > 1) {  // this window didn't fit
        const Bar& open = page_.bars.back();
        page_.next = descending_ ? first_ + 1 : open.time;
        page_.read -= held_;
        page_.bars.pop_back();
        return false;
      }
    }
    ++page_.read;
    if (begins) {
      page_.bars.push_back(bar);
      page_.bars.back().time = start;
      first_ = bar.time;
      held_ = 1;
      return true;
    }
    ++held_;
    Bar& open = page_.bars.back();
    if (!descending_) {
      extend(open, bar);
      return true;
    }
    Bar earlier = bar;  // this one comes before
    extend(earlier, open);
    earlier.time = start;
    open = earlier;
    return true;
  }

 private:
  const Width width_;
  const bool descending_;
  const std::size_t limit_;
  BarPage& page_;
  Ms first_ = 0;  // the open window's first base bar in reading order
  std::size_t held_ = 0;
};

}  // namespace

std::optional<Timespan> parse_timespan(std::string_view text) {
  constexpr std::array<std::string_view, 8> names = {"second", "minute", "hour",    "day",
                                                     "week",   "month",  "quarter", "year"};
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Timespan>(found - names.begin());
}

bool of_days(Timespan timespan) { return timespan >= Timespan::day; }

Ms window_start(const Width& width, Ms time) {
  const Day day = day_of(time);
  const auto [year, month, dom] = civil(day);
  const auto months = [&](int step) {
    const int since = floor_to(year * 12 + month - 1, step);
    return midnight(from_civil(since / 12, since % 12 + 1, 1));
  };
  const auto part = [&](Ms unit) {
    const Ms begin = midnight(day), step = unit * width.multiplier;
    return begin + (time - begin) / step * step;
  };
  switch (width.timespan) {
    case Timespan::second:
      return part(1000);
    case Timespan::minute:
      return part(ms_per_minute);
    case Timespan::hour:
      return part(60 * ms_per_minute);
    case Timespan::day:
      return midnight(floor_to(day, width.multiplier));
    case Timespan::week:
      return midnight(floor_to(day + 4, 7 * width.multiplier) - 4);  // 1970-01-01 was a Thursday
    case Timespan::month:
      return months(width.multiplier);
    case Timespan::quarter:
      return months(3 * width.multiplier);
    case Timespan::year:
      return months(12 * width.multiplier);
  }
  return time;
}

BarPage read_windows(const Width& width, Ms from, Ms to, bool descending, std::size_t limit, const BaseBars& base) {
  BarPage page;
  if (from >= to) return page;
  Collector collector{width, descending, limit, page};
  const Day first = day_of(from), last = day_of(to - 1);
  const auto inside = [&](const Bar& bar) { return bar.time >= from && bar.time < to; };
  for (Day i = 0; i <= last - first; ++i) {
    auto bars = base(descending ? last - i : first + i);
    if (descending) std::reverse(bars.begin(), bars.end());
    for (const Bar& bar : bars) {
      if (inside(bar) && !collector.add(bar)) return page;
    }
  }
  return page;
}

}  // namespace tradebus::massive_sim
