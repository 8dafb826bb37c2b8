// When a recorded row may leave: the start rule, and the recording's time against the wall's. Pure: time is passed in.
#pragma once

#include <chrono>
#include <cstdint>

namespace tradebus::replay {

enum class StartRule : std::uint8_t {
  subscribe,  // when a topic is open and no further one came for the settle time
  connect,    // when asked to connect once more
  now,        // at once
};

class Schedule {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  static constexpr Steady never = Steady::max();

  // `speed`: recorded seconds a second, 0 = no waiting. `resumed`: goes on after a restart, whose subscribers come back
  // one by one: it waits for them whatever the rule says.
  Schedule(StartRule rule, double speed, std::chrono::nanoseconds settle, bool resumed);

  void connected(Steady now) { quiet_since_ = now; }
  void subscribed(Steady now);
  void go() { go_ = true; }

  // The wall time at which a row of recorded time `due` may leave; `never` until something else happens. Starts the
  // run, with this row at its beginning, when the rule is met.
  Steady release_at(std::int64_t due, Steady now);
  // The recording's time at `now`: rows up to there may leave. Only while running.
  std::int64_t recorded_at(Steady now) const;
  // The recording starts over (loop): its next row leaves at once.
  void start_over() { anchored_ = false; }
  bool running() const { return running_; }

 private:
  Steady start_at() const;

  StartRule rule_;
  double speed_;
  std::chrono::nanoseconds settle_;
  bool resumed_;
  bool go_ = false;
  bool any_topic_ = false;
  bool running_ = false;
  bool anchored_ = false;
  Steady quiet_since_{};
  Steady wall_anchor_{};
  std::int64_t recorded_anchor_ = 0;
};

}  // namespace tradebus::replay
