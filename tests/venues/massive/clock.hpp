// The venue's time: the wall's, moved by an offset, or standing still. A test sets and advances it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

namespace tradebus::massive_sim {

using Ns = std::int64_t;  // UTC nanoseconds since 1970
using Ms = std::int64_t;

inline constexpr Ns ns_per_ms = 1'000'000;
inline constexpr Ns ns_per_s = 1'000'000'000;
inline constexpr Ms ms_per_minute = 60'000;

class Clock {
 public:
  using Wall = std::function<Ns()>;

  explicit Clock(Wall wall = &system_now) : wall_(std::move(wall)) {}

  Ns now() const { return frozen_ ? at_ : wall_() + offset_; }
  void set(Ns time) {
    at_ = time;
    offset_ = time - wall_();
  }
  void advance(Ns by) { set(now() + by); }
  void freeze(bool on) {
    set(now());
    frozen_ = on;
  }
  bool frozen() const { return frozen_; }

  static Ns system_now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }

 private:
  Wall wall_;
  Ns offset_ = 0;
  Ns at_ = 0;
  bool frozen_ = false;
};

}  // namespace tradebus::massive_sim
