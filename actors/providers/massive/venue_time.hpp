// The venue's many ways to write a moment. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bus/model/time.hpp"

namespace tradebus::massive {

// Earlier times of data and later ones are mistakes; and what is computed from one never leaves 64 bits.
inline constexpr Timestamp first_time{std::chrono::sys_days{std::chrono::year{1990} / 1 / 1}};
inline constexpr Timestamp last_time{std::chrono::sys_days{std::chrono::year{2200} / 1 / 1}};

// "2022-04-28T18:49:00Z", "2022-04-28T16:48:08.25-04:00". Empty: it is none, or not in that range.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

// For queries: "2022-04-28T18:49:00Z", rounded down; times beyond what the venue can mean are moved into 1970..2200.
std::string to_rfc3339(Timestamp t);

}  // namespace tradebus::massive
