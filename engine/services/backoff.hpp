// How long to wait before the next try: doubling, bounded, and forgotten after a time without failure. A plain class.
#pragma once

#include <algorithm>
#include <chrono>

namespace tradebus {

class Backoff {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::milliseconds;

  Backoff(Duration first, Duration max, Duration healthy_after)
      : first_{first}, max_{max}, healthy_after_{healthy_after} {}

  // It failed at `now`, having been started at `started`.
  Duration failed(Time started, Time now) {
    if (now - started >= healthy_after_) delay_ = Duration::zero();
    delay_ = delay_ == Duration::zero() ? first_ : std::min(delay_ * 2, max_);
    return delay_;
  }

 private:
  Duration first_;
  Duration max_;
  Duration healthy_after_;
  Duration delay_{0};
};

}  // namespace tradebus
