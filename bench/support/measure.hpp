// Clocks and percentiles of the benchmark programs.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tradebus::bench {

inline std::int64_t clock_ns(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}
inline std::int64_t now_ns() { return clock_ns(CLOCK_MONOTONIC); }
// Comparable between processes and with the times in messages.
inline std::int64_t wall_ns() { return clock_ns(CLOCK_REALTIME); }

// The value that `share` (0..1) of the samples don't exceed, in microseconds; 0 without samples. Reorders the samples.
inline double percentile_us(std::vector<std::int64_t>& samples_ns, double share) {
  if (samples_ns.empty()) return 0;
  const auto last = static_cast<double>(samples_ns.size() - 1);
  const auto nth = samples_ns.begin() + static_cast<std::ptrdiff_t>(share * last);
  std::nth_element(samples_ns.begin(), nth, samples_ns.end());
  return static_cast<double>(*nth) / 1000.0;
}

}  // namespace tradebus::bench
