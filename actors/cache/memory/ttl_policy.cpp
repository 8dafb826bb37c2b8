#include "actors/cache/memory/ttl_policy.hpp"

#include <algorithm>
#include <cmath>

#include "bus/model/instrument.hpp"
#include "engine/calendar/bar_time.hpp"

namespace tradebus::memory {

namespace {

using std::chrono::nanoseconds;

constexpr std::array<std::string_view, kinds_count> keys{"bars_s", "details_s", "snapshot_s",
                                                         "news_s", "chain_s",   "search_s"};

nanoseconds length(Timeframe timeframe) {
  using namespace std::chrono;
  switch (timeframe) {
    case Timeframe::s1:
      return seconds{1};
    case Timeframe::m1:
      return minutes{1};
    case Timeframe::m5:
      return minutes{5};
    case Timeframe::m15:
      return minutes{15};
    case Timeframe::h1:
      return hours{1};
    case Timeframe::d1:
      return days{1};
    case Timeframe::w1:
      return weeks{1};
  }
  return seconds{1};
}

// Bars that can't change any more: they all ended before today and before the bar under way (this week's) began.
bool is_past(const GetHistoricalData& query, const Calendar& exchange, Timestamp now) {
  return query.end <= exchange.day_start(now) && query.end <= bar_start(exchange, query.timeframe, now);
}

}  // namespace

Result<TtlConfig> TtlConfig::from(const Section& section) {
  constexpr double longest_s = 10 * 366 * 86'400.0;
  TtlConfig out;
  for (std::size_t i = 0; i < kinds_count; ++i) {
    const double seconds = section.get<double>(keys[i]);
    if (!std::isfinite(seconds) || seconds < 0 || seconds > longest_s)
      return fail(Errc::config_invalid,
                  "cache.ttl." + std::string{keys[i]} + " must be between 0 seconds and ten years");
    out.ttl[i] = nanoseconds{static_cast<std::int64_t>(seconds * 1e9)};
  }
  return out;
}

Timestamp expiry(const TtlConfig& config, Kind kind, AnswerTimes times) {
  return times.answered + config.ttl[static_cast<std::size_t>(kind)];
}

Timestamp expiry(const TtlConfig& config, const GetHistoricalData& query, const HistoricalBars& answer,
                 AnswerTimes times) {
  const auto instrument = Instrument::parse(query.symbol.str());
  const Calendar* exchange = instrument ? &config.calendars->of(*instrument) : nullptr;
  if (exchange != nullptr && is_past(query, *exchange, times.asked)) {
    // An empty past may only mean that the source hasn't got it yet.
    if (answer.bars.empty()) return times.answered + present_bars_ttl_max;
    // A split adjusts the past from its morning on.
    if (query.adjusted) return exchange->day_start(times.asked) + std::chrono::days{1};
    return Timestamp::max();
  }
  const auto configured = config.ttl[static_cast<std::size_t>(Kind::bars)];
  if (configured > nanoseconds::zero()) return times.answered + configured;
  if (exchange == nullptr) return times.answered;
  const auto bar_end = bar_start(*exchange, query.timeframe, times.asked) + length(query.timeframe);
  return std::min(bar_end, times.asked + present_bars_ttl_max);
}

bool is_lasting(Errc code) { return code == Errc::instrument_unknown || code == Errc::provider_not_found; }

nanoseconds ttl_now(const TtlConfig& config, Kind kind) {
  const auto configured = config.ttl[static_cast<std::size_t>(kind)];
  return kind == Kind::bars && configured == nanoseconds::zero() ? nanoseconds{present_bars_ttl_max} : configured;
}

}  // namespace tradebus::memory
