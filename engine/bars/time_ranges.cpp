#include "engine/bars/time_ranges.hpp"

#include <algorithm>

namespace tradebus {

TimeRange intersection(const TimeRange& a, const TimeRange& b) {
  const TimeRange out{std::max(a.begin, b.begin), std::min(a.end, b.end)};
  return out.empty() ? TimeRange{} : out;
}

void TimeRanges::add(TimeRange range) {
  if (range.empty()) return;
  auto it = by_begin_.upper_bound(range.begin);
  if (it != by_begin_.begin() && std::prev(it)->second >= range.begin) --it;
  while (it != by_begin_.end() && it->first <= range.end) {
    range.begin = std::min(range.begin, it->first);
    range.end = std::max(range.end, it->second);
    it = by_begin_.erase(it);
  }
  by_begin_.emplace(range.begin, range.end);
}

void TimeRanges::drop_before(Timestamp t) {
  while (!by_begin_.empty() && by_begin_.begin()->first < t) {
    const auto end = by_begin_.begin()->second;
    by_begin_.erase(by_begin_.begin());
    if (end > t) by_begin_.emplace(t, end);
  }
}

TimeRange TimeRanges::at(Timestamp t) const {
  const auto it = by_begin_.upper_bound(t);
  if (it == by_begin_.begin()) return {};
  const auto& [begin, end] = *std::prev(it);
  return t < end ? TimeRange{begin, end} : TimeRange{};
}

Timestamp TimeRanges::next_begin(Timestamp t, Timestamp otherwise) const {
  const auto it = by_begin_.upper_bound(t);
  return it == by_begin_.end() ? otherwise : it->first;
}

std::vector<TimeRange> TimeRanges::all() const {
  std::vector<TimeRange> out;
  out.reserve(by_begin_.size());
  for (const auto& [begin, end] : by_begin_) out.push_back({begin, end});
  return out;
}

}  // namespace tradebus
