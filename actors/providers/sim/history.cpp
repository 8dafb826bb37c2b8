#include "actors/providers/sim/history.hpp"

#include <algorithm>
#include <cmath>

#include "actors/providers/sim/hash.hpp"
#include "bus/model/timeframe.hpp"

namespace tradebus::sim {

namespace {

using namespace std::chrono_literals;
using std::chrono::floor;

// ---- the noise's shape ----------------------------------------------------------------------------------------------

constexpr std::size_t fast_octaves = 5;  // periods up to half an hour: these go on after calm_from
constexpr int slow_shift = 5;            // 2^5 minutes between the sums of the slow ones
constexpr double finest_amplitude =
    2e-4;  // of the 2-minute octave; each next one sqrt(2) times as much, as a random walk
constexpr std::int64_t blend_minutes = 24 * 60;

constexpr auto amplitudes = [] {
  std::array<double, 18> out{};
  double a = finest_amplitude;
  for (auto& x : out) {
    x = a;
    a *= 1.41421356237309505;
  }
  return out;
}();

constexpr auto inverse_periods = [] {
  std::array<double, 18> out{};
  double inverse = 0.5;
  for (auto& x : out) {
    x = inverse;
    inverse /= 2;
  }
  return out;
}();

constexpr double smooth(double t) { return t * t * (3 - 2 * t); }

constexpr std::int64_t minute_of(Timestamp t) { return floor<std::chrono::minutes>(t).time_since_epoch().count(); }

std::int64_t ticks_of(double base_ticks, double noise) {
  return std::max<std::int64_t>(2, std::llround(base_ticks * noise));
}

constexpr std::uint64_t bar_salt = 0x6261727300000000U;  // the lattices, the bars and their seconds draw apart
constexpr std::uint64_t second_salt = 0x7365636f00000000U;

}  // namespace

// ---- PriceNoise -----------------------------------------------------------------------------------------------------

PriceNoise::PriceNoise(std::uint64_t seed, Timestamp calm_from) : seed_{seed}, calm_from_{minute_of(calm_from)} {
  static_assert(octaves == amplitudes.size());
}

double PriceNoise::octave(std::size_t index, std::int64_t minute) {
  Octave& o = octaves_[index];
  const auto shift = static_cast<int>(index) + 1;
  const std::int64_t cell = minute >> shift;
  if (cell != o.cell) {
    const auto lattice = [&](std::int64_t at) {
      return amplitudes[index] *
             signed_unit(hash(seed_ ^ static_cast<std::uint64_t>(shift), static_cast<std::uint64_t>(at)));
    };
    o.left = cell == o.cell + 1 ? o.right : lattice(cell);
    o.right = lattice(cell + 1);
    o.cell = cell;
  }
  const double t = static_cast<double>(minute - (cell << shift)) * inverse_periods[index];
  return o.left + (o.right - o.left) * smooth(t);
}

double PriceNoise::slow(std::int64_t minute) {
  const std::int64_t cell = minute >> slow_shift;
  if (cell != slow_.cell) {
    const auto sum = [&](std::int64_t at) {
      double out = 0;
      for (std::size_t i = fast_octaves; i < octaves; ++i) out += octave(i, at << slow_shift);
      return out;
    };
    slow_.left = cell == slow_.cell + 1 ? slow_.right : sum(cell);
    slow_.right = sum(cell + 1);
    slow_.cell = cell;
  }
  return slow_.left +
         (slow_.right - slow_.left) * static_cast<double>(minute - (cell << slow_shift)) * (1.0 / (1 << slow_shift));
}

double PriceNoise::at(std::int64_t minute) {
  double fast = 0;
  for (std::size_t i = 0; i < fast_octaves; ++i) fast += octave(i, minute);
  if (minute >= calm_from_) return 1 + fast;
  const auto left = std::min(calm_from_ - minute, blend_minutes);
  return 1 + fast + slow(minute) * smooth(static_cast<double>(left) / static_cast<double>(blend_minutes));
}

// ---- minutes --------------------------------------------------------------------------------------------------------

void RawBar::add(const RawBar& next) {
  high = std::max(high, next.high);
  low = std::min(low, next.low);
  close = next.close;
  lots += next.lots;
  trades += next.trades;
  turnover += next.turnover;
}

MinuteBars::MinuteBars(const Profile& profile, const TradingDays& days, Timestamp calm_from)
    : noise_{profile.seed, calm_from},
      seed_{profile.seed ^ bar_salt},
      base_ticks_{static_cast<double>(profile.base_ticks)} {
  // Any trading day tells how many minutes the market is open.
  const auto day = days.day(TradingDays::Date{std::chrono::year{2024} / std::chrono::June / 12});
  lots_per_minute_ = profile.daily_lots / static_cast<double>(day ? (day->close - day->open) / 1min : 390);
}

std::int64_t MinuteBars::ticks(std::int64_t minute) { return ticks_of(base_ticks_, noise_.at(minute)); }

RawBar MinuteBars::at(std::int64_t minute) {
  const std::uint64_t r = hash(seed_, static_cast<std::uint64_t>(minute));
  RawBar bar;
  bar.open = minute == next_minute_ ? next_ticks_ : ticks(minute);
  bar.close = ticks(minute + 1);
  next_minute_ = minute + 1;
  next_ticks_ = bar.close;
  const auto wick = [&](std::uint64_t bits) {
    return static_cast<std::int64_t>(std::llround(base_ticks_ * 3e-4 * unit(mix(bits))));
  };
  bar.high = std::max(bar.open, bar.close) + wick(r + 1);
  bar.low = std::max<std::int64_t>(1, std::min(bar.open, bar.close) - wick(r + 2));
  bar.lots = 1 + static_cast<std::int64_t>(lots_per_minute_ * (0.3 + 1.4 * unit(mix(r + 3))));
  bar.trades = 1 + bar.lots / 3;
  bar.turnover = Int128{bar.open + bar.high + bar.low + bar.close} * bar.lots;
  return bar;
}

// A path of straight lines from the open through high and low to the close, in one order or the other.
std::array<RawBar, 60> seconds_of(const RawBar& minute, std::uint64_t seed) {
  const auto first = static_cast<std::size_t>(1 + hash(seed, 1) % 29);
  const auto second = static_cast<std::size_t>(30 + hash(seed, 2) % 29);
  const bool high_first = (hash(seed, 3) & 1) != 0;
  std::array<std::int64_t, 61> path{};
  const auto line = [&](std::size_t from, std::size_t to, std::int64_t a, std::int64_t b) {
    for (std::size_t i = from; i <= to; ++i)
      path[i] = a + (b - a) * static_cast<std::int64_t>(i - from) / static_cast<std::int64_t>(to - from);
  };
  const std::int64_t one = high_first ? minute.high : minute.low;
  const std::int64_t other = high_first ? minute.low : minute.high;
  line(0, first, minute.open, one);
  line(first, second, one, other);
  line(second, 60, other, minute.close);

  std::array<RawBar, 60> out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    RawBar& bar = out[i];
    const auto n = static_cast<std::int64_t>(i);
    bar.open = path[i];
    bar.close = path[i + 1];
    bar.high = std::max(bar.open, bar.close);
    bar.low = std::min(bar.open, bar.close);
    bar.lots = minute.lots * (n + 1) / 60 - minute.lots * n / 60;
    bar.trades = minute.trades * (n + 1) / 60 - minute.trades * n / 60;
    bar.turnover = Int128{bar.open + bar.high + bar.low + bar.close} * bar.lots;
  }
  return out;
}

// ---- BarScan --------------------------------------------------------------------------------------------------------

BarScan::BarScan(const Profile& profile, const std::shared_ptr<const Calendars>& calendars, const BarQuery& query)
    : profile_{profile},
      days_{profile.asset_class, calendars},
      query_{query},
      minutes_{profile, days_, query.calm_from},
      date_{std::max(days_.date_of(std::max(query.start, Timestamp{first_day})), first_day)} {
  query_.limit = std::min(query_.limit, bars_max);
  query_.end = std::min(query_.end, query_.now);
  if (query_.timeframe == Timeframe::w1) {
    const auto since_monday = std::chrono::weekday{date_} - std::chrono::Monday;
    date_ -= since_monday;
  }
  done_ = query_.limit == 0 || query_.start >= query_.end;
  --date_;
  next_day();
}

void BarScan::next_day() {
  ++date_;
  day_ = days_.day(date_);
  const bool monday = std::chrono::weekday{date_} == std::chrono::Monday;
  if (monday || week_ == Timestamp{}) week_ = days_.midnight(date_);
  if (day_) at_ = day_->open;
}

bool BarScan::step(std::size_t minutes_max) {
  for (; !done_ && minutes_max > 0; --minutes_max) done_ = !minute();
  if (done_) flush();
  return done_;
}

// One minute, or a step to the next day; false at the end of the question.
bool BarScan::minute() {
  if (!day_ || at_ >= day_->close) {
    next_day();
    return !day_ || day_->midnight < query_.now;
  }
  if (at_ >= query_.now) return false;
  const Timestamp start = bar_start(at_);
  if (query_.timeframe == Timeframe::s1 ? start >= query_.end : start >= query_.end && (!open_ || start != open_start_))
    return false;
  const Timestamp minute = at_;
  at_ += 1min;
  // A week or a day that began before the range is passed over as a whole.
  if (start < query_.start && query_.timeframe != Timeframe::s1) {
    if (query_.timeframe == Timeframe::d1 || query_.timeframe == Timeframe::w1) at_ = day_->close;
    return true;
  }
  if (query_.timeframe == Timeframe::s1) {
    if (minute + 1min > query_.start) seconds(minutes_.at(minute_of(minute)), minute);
    return !full();
  }
  if (open_ && start != open_start_) flush();
  if (full()) return false;
  const RawBar bar = minutes_.at(minute_of(minute));
  if (open_) {
    open_->add(bar);
  } else {
    open_ = bar;
    open_start_ = start;
  }
  return true;
}

void BarScan::seconds(const RawBar& bar, Timestamp minute) {
  const auto all = seconds_of(bar, hash(profile_.seed ^ second_salt, static_cast<std::uint64_t>(minute_of(minute))));
  for (std::size_t i = 0; i < all.size() && !full(); ++i) {
    const Timestamp start = minute + std::chrono::seconds{i};
    if (start >= query_.start && start < query_.end) emit(start, all[i]);
  }
}

// Intraday bars begin at whole multiples of their length, but never before the market opens.
Timestamp BarScan::bar_start(Timestamp minute) const {
  switch (query_.timeframe) {
    case Timeframe::d1:
      return day_->midnight;
    case Timeframe::w1:
      return week_;
    case Timeframe::s1:
    case Timeframe::m1:
      return minute;
    case Timeframe::m5:
    case Timeframe::m15:
    case Timeframe::h1:
      break;
  }
  const auto length = tradebus::length(query_.timeframe);
  return std::max(minute - minute.time_since_epoch() % length, day_->open);
}

void BarScan::flush() {
  if (open_ && !full()) emit(open_start_, *open_);
  open_.reset();
}

void BarScan::emit(Timestamp start, const RawBar& bar) {
  HistoricalBar out;
  out.symbol = profile_.symbol;
  out.ts = start;
  out.open = profile_.price(bar.open);
  out.high = profile_.price(bar.high);
  out.low = profile_.price(bar.low);
  out.close = profile_.price(bar.close);
  out.volume = profile_.lots(bar.lots);
  if (bar.lots > 0)
    out.vwap = Price::from_raw(static_cast<std::int64_t>(bar.turnover * profile_.tick_raw / (Int128{4} * bar.lots)));
  out.trades = bar.trades;
  bars_.push_back(std::move(out));
}

Price price_at(const Profile& profile, Timestamp now, Timestamp calm_from) {
  PriceNoise noise{profile.seed, calm_from};
  return profile.price(ticks_of(profile.base_ticks, noise.at(minute_of(now))));
}

std::vector<HistoricalBar> bars(const Profile& profile, const std::shared_ptr<const Calendars>& calendars,
                                const BarQuery& query) {
  BarScan scan{profile, calendars, query};
  while (!scan.step(100'000)) {
  }
  return scan.take();
}

}  // namespace tradebus::sim
