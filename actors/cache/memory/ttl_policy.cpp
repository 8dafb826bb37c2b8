#include "actors/cache/memory/ttl_policy.hpp"

#include <algorithm>
#include <cmath>

#include "bus/model/instrument.hpp"
#include "bus/model/timeframe.hpp"
#include "engine/calendar/bar_time.hpp"
#include "engine/calendar/good_until.hpp"

namespace tradebus::memory {

namespace {

using std::chrono::nanoseconds;

constexpr std::array<std::string_view, kinds_count> names{"quote", "bars",  "details", "snapshot",
                                                          "news",  "chain", "search"};

bool is_intraday(Timeframe timeframe) { return timeframe != Timeframe::d1 && timeframe != Timeframe::w1; }

Timestamp capped(Timestamp t, nanoseconds more) { return t > Timestamp::max() - more ? Timestamp::max() : t + more; }

// What a company is and which symbols there are changes from day to day, whatever the hour.
bool goes_by_session(Kind kind) { return kind != Kind::details && kind != Kind::search; }

std::size_t index(Kind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

Result<TtlConfig> TtlConfig::from(const Section& section) {
  constexpr double longest_s = 10 * 366 * 86'400.0;
  TtlConfig out;
  Result<void> ok;
  const auto read = [&](const char* where, const std::string& key, nanoseconds& into) {
    const double seconds = section.get<double>(key);
    if (std::isfinite(seconds) && seconds >= 0 && seconds <= longest_s)
      into = nanoseconds{static_cast<std::int64_t>(seconds * 1e9)};
    else if (ok)
      ok = fail(Errc::config_invalid, where + key + " must be between 0 seconds and ten years");
  };
  for (std::size_t i = 0; i < kinds_count; ++i) {
    read("cache.ttl.", std::string{names[i]} + "_s", out.ttl[i]);
    if (goes_by_session(static_cast<Kind>(i))) read("cache.ttl.", std::string{names[i]} + "_closed_s", out.closed[i]);
  }
  read("cache.ttl.", "refusal_s", out.refusal);
  read("cache.", "stale_max_s", out.stale_max);
  if (!ok) return tl::unexpected{ok.error()};
  return out;
}

const Calendar& calendar_of(const TtlConfig& config, const Symbol& symbol) {
  const auto instrument = Instrument::parse(symbol.str());
  return instrument ? config.calendars->of(*instrument) : calendar_without_symbol(config);
}

const Calendar& calendar_without_symbol(const TtlConfig& config) { return config.calendars->of(Instrument{}); }

const Calendar& calendar_of_options(const TtlConfig& config, const Symbol& underlying) {
  auto instrument = Instrument::parse(underlying.str());
  if (!instrument) return calendar_without_symbol(config);
  if (instrument->asset_class == AssetClass::equity) {
    instrument->asset_class = AssetClass::option;
    instrument->underlying = underlying;
  }
  return config.calendars->of(*instrument);
}

Timestamp expiry(const TtlConfig& config, Kind kind, const Calendar& calendar, Timestamp now) {
  const auto open = config.ttl[index(kind)];
  return goes_by_session(kind) ? good_until(calendar, {open, config.closed[index(kind)]}, now) : capped(now, open);
}

// ---- bars ----------------------------------------------------------------------------------------------------------

Timestamp closed_before(const Calendar& calendar, Timeframe timeframe, Timestamp now) {
  const auto settled = now - settling;
  // Between two sessions everything that has been is past; days and weeks end at their own time.
  if (is_intraday(timeframe) && calendar.phase_at(settled) == Phase::closed)
    return bar_start(calendar, timeframe, settled);
  auto t = calendar.day_start(settled);
  if (const auto session = calendar.session_of(settled)) {
    const auto begin = session->pre.empty() ? session->open : session->pre.begin;
    t = is_intraday(timeframe) ? begin : std::min(t, begin);
  }
  return bar_start(calendar, timeframe, t);
}

Timestamp believed_until(const Calendar& calendar, Timeframe timeframe, Timestamp begin, Timestamp end,
                         std::optional<Timestamp> last, Timestamp now) {
  auto from = begin;
  if (last) {
    from = std::max(from, std::min(end, *last + length(timeframe)));
    // A source that has some of a session has all of it: a thin stock's last minutes may be empty.
    if (const auto session = calendar.session_of(*last)) from = std::max(from, std::min(end, session->close));
  }
  from = std::max(from, std::min(end, now - late_sources));
  if (from >= end) return end;
  if (calendar.is_open(from)) return std::max(begin, bar_start(calendar, timeframe, from));
  const auto opens = calendar.next_open(from);
  if (!opens || *opens >= end) return end;
  return std::max(std::max(begin, from), bar_start(calendar, timeframe, *opens));
}

Timestamp bars_expiry(const TtlConfig& config, const Calendar& calendar, const GetHistoricalData& query, bool complete,
                      Timestamp now) {
  if (complete) {
    if (!query.adjusted) return Timestamp::max();
    // A split adjusts the past from its morning on.
    return calendar.day_start(now) + std::chrono::days{1};
  }
  // What is under way on an exchange that is closed goes on when it opens.
  if (const auto opens = opens_after(calendar, now); opens && calendar.phase_at(now - settling) == Phase::closed) {
    const auto closed = config.closed[index(Kind::bars)];
    if (query.end <= closed_before(calendar, query.timeframe, now)) return capped(now, present_bars_ttl_max);  // late
    return closed == nanoseconds::zero() ? *opens : std::min(*opens, capped(now, closed));
  }
  const auto configured = config.ttl[index(Kind::bars)];
  if (configured > nanoseconds::zero()) return capped(now, configured);
  const auto bar_end = bar_start(calendar, query.timeframe, now) + length(query.timeframe);
  return std::min(bar_end, now + present_bars_ttl_max);
}

bool is_lasting(Errc code) { return code == Errc::instrument_unknown || code == Errc::provider_not_found; }

bool is_failure(Errc code) {
  return code == Errc::provider_unavailable || code == Errc::provider_rate_limited || code == Errc::overloaded ||
         code == Errc::internal || code == Errc::request_timeout;
}

nanoseconds ttl_now(const TtlConfig& config, Kind kind, Timestamp now) {
  const auto& calendar =
      kind == Kind::chains ? calendar_of_options(config, Symbol{"A"}) : calendar_without_symbol(config);
  if (kind != Kind::bars) return expiry(config, kind, calendar, now) - now;
  GetHistoricalData query;
  query.timeframe = Timeframe::m1;
  query.end = now + std::chrono::minutes{1};
  return bars_expiry(config, calendar, query, false, now) - now;
}

}  // namespace tradebus::memory
