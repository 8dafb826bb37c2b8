// How long an answer is good for. All of the policy is behind expiry(); times are by the daemon's clock.
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
  // By kind. bars: those that touch the present day; zero: until the bar under way ends.
  std::array<std::chrono::nanoseconds, kinds_count> ttl{};
  // By which days begin.
  std::shared_ptr<const Calendars> calendars = Calendars::shipped();

  // Keys bars_s, details_s, snapshot_s, news_s, chain_s, search_s (double, seconds). config.invalid names the key.
  static Result<TtlConfig> from(const Section& section);
};

// A bar under way is at most this far from being asked for again: sources publish late and correct.
inline constexpr std::chrono::seconds present_bars_ttl_max{60};
// "No such instrument" is worth a moment: typing errors in a loop must not use up a venue's calls.
inline constexpr std::chrono::seconds refusal_ttl{5};

// When the answer was asked for, and when it came.
struct AnswerTimes {
  Timestamp asked{};
  Timestamp answered{};
};

// The time from which the answer is no longer good; Timestamp::max(): never. Not later than `answered`: don't keep it.
Timestamp expiry(const TtlConfig& config, const GetHistoricalData& query, const HistoricalBars& answer,
                 AnswerTimes times);
Timestamp expiry(const TtlConfig& config, Kind kind, AnswerTimes times);
template <class Query>
Timestamp expiry(const TtlConfig& config, const Query&, const AnswerTo<Query>&, AnswerTimes times) {
  return expiry(config, kind_of<Query>, times);
}

// Errors that are answers: kept for refusal_ttl. All others are never kept.
bool is_lasting(Errc code);

// The time to live in force now, for statistics.
std::chrono::nanoseconds ttl_now(const TtlConfig& config, Kind kind);

}  // namespace tradebus::memory
