#include "actors/providers/replay/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tradebus::replay {

namespace {
// 30 years: no recording waits longer, and sums of times stay far from overflow.
constexpr double wait_ns_max = 1e18;
}  // namespace

Schedule::Schedule(StartRule rule, double speed, std::chrono::nanoseconds settle, bool resumed)
    : rule_{rule}, speed_{speed}, settle_{settle}, resumed_{resumed} {}

void Schedule::subscribed(Steady now) {
  any_topic_ = true;
  quiet_since_ = now;
}

Schedule::Steady Schedule::start_at() const {
  const Steady settled = quiet_since_ + settle_;
  switch (rule_) {
    case StartRule::subscribe:
      return any_topic_ ? settled : never;
    case StartRule::connect:
      if (resumed_) return settled;
      return go_ ? Steady::min() : never;
    case StartRule::now:
      return resumed_ ? settled : Steady::min();
  }
  return never;
}

Schedule::Steady Schedule::release_at(std::int64_t due, Steady now) {
  if (!running_) {
    const Steady start = start_at();
    if (start > now) return start;
    running_ = true;
  }
  if (!anchored_) {
    anchored_ = true;
    wall_anchor_ = now;
    recorded_anchor_ = due;
  }
  if (speed_ == 0.0 || due <= recorded_anchor_) return wall_anchor_;
  const double wait = static_cast<double>(due - recorded_anchor_) / speed_;
  return wall_anchor_ + std::chrono::nanoseconds{static_cast<std::int64_t>(std::min(std::ceil(wait), wait_ns_max))};
}

std::int64_t Schedule::recorded_at(Steady now) const {
  if (speed_ == 0.0) return std::numeric_limits<std::int64_t>::max();
  const auto passed = static_cast<double>(std::chrono::nanoseconds{now - wall_anchor_}.count()) * speed_;
  return recorded_anchor_ + static_cast<std::int64_t>(std::min(passed, wait_ns_max));
}

}  // namespace tradebus::replay
