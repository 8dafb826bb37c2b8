// Turns elapsed time into a number of due events: rate x time, fractions carried over. What has piled up beyond the
// backlog's limit is skipped and counted, so that a pause is never followed by a flood.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace tradebus::sim {

class Pacer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Pacer(std::chrono::nanoseconds backlog_max) : backlog_max_{backlog_max} {}

  // Begins at this moment, with nothing due.
  void start(TimePoint now) {
    last_ = now;
    owed_ = 0;
  }
  // How many events are due now, at this many a second since the last call (fewer than one event is never skipped).
  std::uint64_t due(TimePoint now, double per_second) {
    owed_ += std::chrono::duration<double>(now - last_).count() * per_second;
    last_ = now;
    const double limit = std::max(1.0, std::chrono::duration<double>(backlog_max_).count() * per_second);
    if (const double excess = whole(owed_ - limit); excess > 0) {
      owed_ -= excess;
      skipped_ += static_cast<std::uint64_t>(excess);
    }
    return static_cast<std::uint64_t>(std::max(0.0, whole(owed_)));
  }
  void took(std::uint64_t count) { owed_ -= static_cast<double>(count); }
  // These are due and will never be made.
  void skip(std::uint64_t count) {
    took(count);
    skipped_ += count;
  }
  // These are due at once.
  void grant(std::uint64_t count) { owed_ += static_cast<double>(count); }

  // From the last call of due() to the next event.
  std::chrono::nanoseconds until_next(double per_second) const {
    const double seconds = std::clamp((1 - owed_) / per_second, 0.0, 3600.0);
    return std::chrono::nanoseconds{static_cast<std::int64_t>(seconds * 1e9)};
  }
  std::uint64_t skipped() const { return skipped_; }

 private:
  // Sums of fractions fall short of whole numbers by a hair.
  static double whole(double x) { return static_cast<double>(static_cast<std::int64_t>(x + 1e-6)); }

  std::chrono::nanoseconds backlog_max_;
  TimePoint last_{};
  double owed_ = 0;
  std::uint64_t skipped_ = 0;
};

}  // namespace tradebus::sim
