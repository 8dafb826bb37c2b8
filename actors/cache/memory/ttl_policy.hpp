// How long an answer is good for. All of the policy is behind lifetime functions of here; times are by the daemon's
// clock, sessions by the instrument's calendar (questions without a symbol: New York's).
#pragma once

#include <array>
#include <chrono>
#include <memory>

#include "actors/cache/memory/questions.hpp"
#include "bus/model/error.hpp"
#include "bus/model/time.hpp"
#include "config/section.hpp"
#include "engine/calendar/calendars.hpp"

namespace tradebus::memory {

// Every time to live is within [0, 10 years], so that sums with any time of ours stay in range.
struct TtlConfig {
  // In the hours in which the exchange does something: pre-market, session, after-hours.
  // bars: those that are not past; zero: until the bar under way ends.
  std::array<std::chrono::nanoseconds, kinds_count> ttl{};
  // While it is closed; never beyond its next opening. Zero: until then.
  std::array<std::chrono::nanoseconds, kinds_count> closed{};
  // "No such instrument" is worth a moment: typing errors in a loop must not use up a venue's calls.
  std::chrono::nanoseconds refusal{};
  // How long past its time an answer is served while the source fails.
  std::chrono::nanoseconds stale_max{};
  std::shared_ptr<const Calendars> calendars = Calendars::shipped();

  // [cache.ttl]: quote_s, bars_s, details_s, snapshot_s, news_s, chain_s, search_s, of all but details and search also
  // _closed_s, refusal_s; [cache]: stale_max_s (all double, seconds). config.invalid names the key.
  static Result<TtlConfig> from(const Section& section);
};

// A bar under way is at most this far from being asked for again: sources publish late and correct.
inline constexpr std::chrono::seconds present_bars_ttl_max{60};
// Bars are final so long after they ended; until then sources publish late and correct.
inline constexpr std::chrono::minutes settling{15};
// For so long an empty end of an answer may only mean that the source hasn't got it yet.
inline constexpr std::chrono::hours late_sources{48};

// The calendar that decides about a question.
const Calendar& calendar_of(const TtlConfig& config, const Symbol& symbol);
const Calendar& calendar_without_symbol(const TtlConfig& config);
// Option chains: a share's options have no hours before and after.
const Calendar& calendar_of_options(const TtlConfig& config, const Symbol& underlying);

// An answer to anything but bars that came at `now`: when it expires. Not later than `now`: don't keep it.
Timestamp expiry(const TtlConfig& config, Kind kind, const Calendar& calendar, Timestamp now);

// ---- bars ----------------------------------------------------------------------------------------------------------

// All bars that start before this are closed, and of sessions that are over: they never change, unless they are
// adjusted. Never later than `now`.
Timestamp closed_before(const Calendar& calendar, Timeframe timeframe, Timestamp now);
// Up to where an answer for [begin, end) whose last bar starts at `last` (empty: none) may be believed to be complete
// at `now`: a hole at its end is one only where nothing was open, or where the source must have had it by now.
Timestamp believed_until(const Calendar& calendar, Timeframe timeframe, Timestamp begin, Timestamp end,
                         std::optional<Timestamp> last, Timestamp now);
// `complete`: all that was asked for is past and believed. Then raw bars never expire.
Timestamp bars_expiry(const TtlConfig& config, const Calendar& calendar, const GetHistoricalData& query, bool complete,
                      Timestamp now);

// Errors that are answers: kept for `refusal`. All others are never kept.
bool is_lasting(Errc code);
// Errors that an answer past its time is better than.
bool is_failure(Errc code);

// The time to live of an answer that came now, for statistics; bars: of the minute under way.
std::chrono::nanoseconds ttl_now(const TtlConfig& config, Kind kind, Timestamp now);

}  // namespace tradebus::memory
