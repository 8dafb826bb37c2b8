// Lines that a peer can bring about as often as it likes: so many of a kind in a period are written, for they must not
// fill the disk, and each that is says how many before it were not. Pure; time is passed in. One owner, one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace tradebus {

class LogLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit LogLimit(std::size_t lines_max = 10, std::chrono::milliseconds period = std::chrono::minutes{1})
      : lines_max_{lines_max}, period_{period} {}

  // Whether a line is to be written now: how many were not since the last one that was. Nothing: it is not.
  std::optional<std::uint64_t> take(Time now) {
    if (!began_ || now >= *began_ + period_) {
      began_ = now;
      lines_ = 0;
    }
    if (lines_ >= lines_max_) {
      ++left_out_;
      return std::nullopt;
    }
    ++lines_;
    return std::exchange(left_out_, 0);
  }

 private:
  const std::size_t lines_max_;
  const std::chrono::milliseconds period_;
  std::optional<Time> began_;
  std::size_t lines_ = 0;
  std::uint64_t left_out_ = 0;
};

}  // namespace tradebus
