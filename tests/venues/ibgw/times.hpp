// The venue's time and the forms in which it writes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tradebus::ibgw_sim {

using Seconds = std::int64_t;  // UTC, since 1970

Seconds wall_now();
std::int64_t wall_now_ms();
// 20260611-13:30:30
std::string utc_dash(Seconds time);
// 20260611 09:30:30 US/Eastern
std::string eastern(Seconds time);
// 20260611
std::string eastern_day(Seconds time);
// 2026-06-11 13:30:30.0
std::string utc_news(Seconds time);
// 09:30
std::string eastern_clock(Seconds time);
// The midnight in New York before it, and days from there.
Seconds day_start(Seconds time, int days = 0);
bool weekend(Seconds time);
// `20261231 23:59:59 US/Eastern`, `20261231 23:59:59`, `20261231-23:59:59`, `20261231`; IANA zones too.
std::optional<Seconds> parse_time(std::string_view text);

}  // namespace tradebus::ibgw_sim
