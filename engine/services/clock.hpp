// The one clock of everything that decides: wall time live, the recording's time in replay.
// Copies share one time. Any thread may read it; in replay only the market-data hub sets it.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "bus/model/time.hpp"

namespace tradebus {

class Clock {
 public:
  // Wall time until the first advance_to().
  Clock() : driven_{std::make_shared<std::atomic<std::int64_t>>(wall)} {}
  // A clock that stands still at `start` until it is advanced (tests, recordings).
  explicit Clock(Timestamp start) : driven_{std::make_shared<std::atomic<std::int64_t>>(unix_ns(start))} {}

  Timestamp now() const {
    const auto ns = driven_->load(std::memory_order_relaxed);
    return ns == wall ? wall_now() : from_unix_ns(ns);
  }
  bool is_driven() const { return driven_->load(std::memory_order_relaxed) != wall; }
  // From now on this clock is driven; it never goes back.
  void advance_to(Timestamp t) {
    const auto now = driven_->load(std::memory_order_relaxed);
    if (now == wall || unix_ns(t) > now) driven_->store(unix_ns(t), std::memory_order_relaxed);
  }
  static Timestamp wall_now() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
  }

 private:
  static constexpr std::int64_t wall = INT64_MIN;
  std::shared_ptr<std::atomic<std::int64_t>> driven_;
};

}  // namespace tradebus
