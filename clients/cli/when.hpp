// Times as people write and read them. UTC throughout.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tradebus::cli {

// ns since 1970 from "2024-06-21", "2024-06-21T13:30[:00[.5]][Z|+02:00]" (a blank for the T will do), "now", "-5d",
// "-2h" (w d h m s before `now_ns`), or a whole number of ns. Empty when it is none of them.
std::optional<std::int64_t> parse_when(std::string_view text, std::int64_t now_ns);

// "2024-06-21 13:30:00.123456789", without trailing zeros of the fraction beyond milliseconds.
std::string time_text(std::int64_t ns);
// "2024-06-21"
std::string date_text(std::int64_t ns);
// "13:30:00.123"
std::string clock_text(std::int64_t ns);

std::int64_t wall_clock_ns();

}  // namespace tradebus::cli
