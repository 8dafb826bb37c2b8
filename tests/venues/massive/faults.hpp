// Failures on demand: each is armed for a number of calls and the paths it is meant for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tradebus::massive_sim {

enum class FaultKind : std::uint8_t {
  status,           // 429, 500 or 503 in the venue's words
  cut,              // half an answer, then the end of the connection
  reset,            // TCP reset instead of an answer
  half_open,        // the request is read, nothing comes, the connection stays
  garbage,          // bytes that are no HTTP
  slow_body,        // a byte at a time, delay_ms between them
  slow_first_byte,  // the answer after delay_ms
  empty_body,       // 200 without a body
  html_error,       // a proxy's page with 502
  truncated_gzip,   // a body whose gzip ends too early
  max_connections,  // WebSocket: "Maximum number of ..." after a subscribe, and 1008
  silence,          // WebSocket: accepted, and never a word
};

struct Fault {
  FaultKind kind = FaultKind::status;
  int status = 500;
  std::uint64_t count = 1;
  std::string path_prefix;
  std::optional<int> retry_after;  // seconds
  int delay_ms = 1000;
};

// The names of the control port: "429", "cut", ... Nullopt: none of them.
std::optional<Fault> parse_fault(std::string_view kind);

class Faults {
 public:
  static constexpr std::size_t armed_max = 100;

  bool arm(Fault fault);  // false: too many are armed
  // The first armed fault for this path, one less of it from now on. Not those of connections.
  std::optional<Fault> take(std::string_view path);
  bool take_for_connection(FaultKind kind);
  void clear() { armed_.clear(); }
  std::uint64_t armed() const;

 private:
  std::vector<Fault> armed_;
};

}  // namespace tradebus::massive_sim
