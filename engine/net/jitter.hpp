// Spreads waits, so that many clients of a venue that came back don't all knock at once. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace tradebus {

class Jitter {
 public:
  // 0: a seed from the system.
  explicit Jitter(std::uint64_t seed) : random_{seed != 0 ? seed : std::random_device{}()} {}
  // From the upper half of `wait`.
  std::chrono::milliseconds operator()(std::chrono::milliseconds wait) {
    const auto half = wait.count() / 2;
    return std::chrono::milliseconds{
        std::uniform_int_distribution<std::int64_t>{wait.count() - half, wait.count()}(random_)};
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace tradebus
