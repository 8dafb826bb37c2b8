// Invented history: any range at random access, a pure function of (seed, symbol, time). One grid of minutes lies under
// every timeframe: longer bars add its minutes up, second bars divide one minute, so all of them agree.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "actors/providers/sim/trading_days.hpp"
#include "actors/providers/sim/universe.hpp"
#include "bus/model/market_data.hpp"

namespace tradebus::sim {

// Value noise: octaves from 2 minutes to half a year, each with its own lattice; the slow ones are summed up every half
// an hour and drawn straight in between. Only the fast ones go on after `calm_from`, where the live walk takes over at
// the base price. Cheap when asked in rising order.
class PriceNoise {
 public:
  PriceNoise(std::uint64_t seed, Timestamp calm_from);
  // The price at the start of this minute (since 1970), as a fraction of the base price: between 0.6 and 1.4.
  double at(std::int64_t minute);

 private:
  static constexpr std::size_t octaves = 18;
  struct Octave {
    std::int64_t cell = INT64_MIN;
    double left = 0;
    double right = 0;
  };
  double octave(std::size_t index, std::int64_t minute);
  double slow(std::int64_t minute);

  std::uint64_t seed_;
  std::int64_t calm_from_;  // minutes
  Octave slow_;             // the sum of the slow octaves, cell by half-hour cell
  std::array<Octave, octaves> octaves_;
};

// A bar's values in ticks and lots.
struct RawBar {
  std::int64_t open = 0;
  std::int64_t high = 0;
  std::int64_t low = 0;
  std::int64_t close = 0;
  std::int64_t lots = 0;
  std::int64_t trades = 0;
  Int128 turnover = 0;  // sum of price x lots, four times: the average of open, high, low, close stands for a minute

  void add(const RawBar& next);
};

class MinuteBars {
 public:
  MinuteBars(const Profile& profile, const TradingDays& days, Timestamp calm_from);
  RawBar at(std::int64_t minute);

 private:
  std::int64_t ticks(std::int64_t minute);

  PriceNoise noise_;
  std::uint64_t seed_;
  double base_ticks_;
  double lots_per_minute_;
  std::int64_t next_minute_ = INT64_MIN;  // whose price is known already
  std::int64_t next_ticks_ = 0;
};

// The sixty seconds of a minute: their highs, lows and volumes make exactly this minute.
std::array<RawBar, 60> seconds_of(const RawBar& minute, std::uint64_t seed);

struct BarQuery {
  Timeframe timeframe = Timeframe::d1;
  Timestamp start{};      // first bar start, inclusive
  Timestamp end{};        // exclusive
  Timestamp now{};        // bars that start later do not exist yet
  Timestamp calm_from{};  // since when the live walk runs
  std::uint32_t limit = 0;
};

// One question for bars, answered in slices so that a long one never holds up the actors' worker.
class BarScan {
 public:
  // A year of minutes around the clock; more takes a second question.
  static constexpr std::uint32_t bars_max = 600'000;
  // Before this there is no history: it bounds the work of an open range.
  static constexpr std::chrono::sys_days first_day{std::chrono::year{1990} / std::chrono::January / 1};

  BarScan(const Profile& profile, const std::shared_ptr<const Calendars>& calendars, const BarQuery& query);
  // Works through at most so many minutes; true when the answer is complete.
  bool step(std::size_t minutes_max);
  std::vector<HistoricalBar> take() { return std::move(bars_); }

 private:
  bool minute();
  void seconds(const RawBar& bar, Timestamp minute);
  Timestamp bar_start(Timestamp minute) const;
  void flush();
  void emit(Timestamp start, const RawBar& bar);
  void next_day();
  bool full() const { return bars_.size() >= query_.limit; }

  Profile profile_;
  TradingDays days_;
  BarQuery query_;
  MinuteBars minutes_;
  TradingDays::Date date_;
  std::optional<TradingDay> day_;
  Timestamp week_{};  // the week's first midnight
  Timestamp at_{};    // the next minute
  std::optional<RawBar> open_;
  Timestamp open_start_{};
  bool done_ = false;
  std::vector<HistoricalBar> bars_;
};

// Where the noise puts the price now: for symbols whose walk nobody follows.
Price price_at(const Profile& profile, Timestamp now, Timestamp calm_from);

// All at once, for questions that are known to be short.
std::vector<HistoricalBar> bars(const Profile& profile, const std::shared_ptr<const Calendars>& calendars,
                                const BarQuery& query);

}  // namespace tradebus::sim
