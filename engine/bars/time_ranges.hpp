// Spans of time, and sets of them: which parts of a series of bars are known. Half open, times of bars' starts.
#pragma once

#include <map>
#include <vector>

#include "bus/model/describe.hpp"
#include "bus/model/time.hpp"

namespace tradebus {

struct TimeRange {
  Timestamp begin{};
  Timestamp end{};

  bool empty() const { return begin >= end; }

  static constexpr std::string_view type_name = "TimeRange";
  static constexpr auto fields() {
    return std::tuple{field("begin", &TimeRange::begin), field("end", &TimeRange::end)};
  }
};
TimeRange intersection(const TimeRange& a, const TimeRange& b);

// Spans that neither overlap nor touch. One owner, no lock.
class TimeRanges {
 public:
  TimeRanges() = default;
  explicit TimeRanges(const std::vector<TimeRange>& ranges) {
    for (const auto& range : ranges) add(range);
  }
  // Joins what it overlaps or touches.
  void add(TimeRange range);
  // What lies before `t` goes.
  void drop_before(Timestamp t);
  // The span that holds `t`; an empty one when none does.
  TimeRange at(Timestamp t) const;
  // The first start of a span after `t`; `otherwise` when there is none.
  Timestamp next_begin(Timestamp t, Timestamp otherwise) const;
  std::vector<TimeRange> all() const;
  bool empty() const { return by_begin_.empty(); }

 private:
  std::map<Timestamp, Timestamp> by_begin_;
};

}  // namespace tradebus
