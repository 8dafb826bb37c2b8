// Times are nanoseconds since 1970-01-01 UTC; zones exist only at the edge.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tradebus {

using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

constexpr Timestamp from_unix_ns(std::int64_t ns) { return Timestamp{std::chrono::nanoseconds{ns}}; }
constexpr std::int64_t unix_ns(Timestamp t) { return t.time_since_epoch().count(); }

// "2024-06-21T13:30:00.000000001Z", for people and logs.
std::string to_iso8601(Timestamp t);

}  // namespace tradebus
