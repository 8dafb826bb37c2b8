// What the control port tells of the server's life. No keys.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tradebus::massive_sim {

struct Stats {
  static constexpr std::size_t paths_max = 1000;

  std::map<std::string, std::uint64_t> calls;  // by path, without its query
  std::uint64_t calls_total = 0;
  std::uint64_t auth_failures = 0;
  std::uint64_t rate_limited = 0;
  std::uint64_t faults = 0;
  std::uint64_t connections = 0;  // WebSocket, ever
  std::uint64_t evicted = 0;      // one too many of a key
  std::uint64_t slow_consumers = 0;
  std::uint64_t frames = 0;
  std::uint64_t events = 0;

  void count_call(const std::string& path) {
    ++calls_total;
    if (calls.size() < paths_max || calls.contains(path)) ++calls[path];
  }
};

}  // namespace tradebus::massive_sim
