// One question for bars, answered from what is kept and from as few calls as possible: which ranges to ask for, in
// order, and the answer put together. Pure: no clock, no I/O. One owner, no lock.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "bus/model/error.hpp"
#include "bus/model/market_data.hpp"
#include "engine/bars/bar_file.hpp"
#include "engine/bars/time_ranges.hpp"

namespace tradebus {

class BarPlan {
 public:
  static constexpr std::size_t calls_max = 8;  // a question that would need more ends early, with next_start

  struct Question {
    TimeRange range;
    std::uint32_t limit = 1;                     // the first so many that are wanted
    std::uint32_t page = 1;                      // the most to ask for at once
    bool compare_seams = false;                  // adjusted bars: a split since they were kept changes them all
    std::function<bool(Timestamp)> wanted = {};  // empty: all are
  };
  explicit BarPlan(Question question) : question_{std::move(question)}, at_{question_.range.begin} {}

  // What is kept of the range. At most once, before anything else.
  void add_kept(KnownBars kept);

  struct Call {
    TimeRange range;
    std::uint32_t limit = 0;
  };
  // What to ask the source for now; empty: the answer is complete.
  std::optional<Call> next();

  struct Learned {
    TimeRange range;                  // now known to hold `bars` and no others
    std::vector<HistoricalBar> bars;  // within `range`
    bool cut = false;                 // the source's limit ended the range
    bool readjusted = false;          // what was kept is no longer true: it is asked for again
  };
  // The answer to next(). provider.unavailable when it is no answer to that: bars out of order or of another time.
  Result<Learned> add(const Call& call, std::vector<HistoricalBar> bars);

  // The bars so far, and where the next page begins when these are not all.
  std::vector<HistoricalBar> take() { return std::move(out_); }
  std::optional<Timestamp> next_start() const;
  std::size_t calls() const { return calls_; }

 private:
  bool full() const { return out_.size() >= question_.limit; }
  void append(const HistoricalBar& bar);
  void take_kept(Timestamp until);

  Question question_;
  Timestamp at_;  // everything before it is in out_
  std::vector<HistoricalBar> out_;
  std::vector<HistoricalBar> kept_;
  std::size_t next_kept_ = 0;
  TimeRanges known_;
  std::optional<Timestamp> kept_cut_;       // what is kept beyond it has not been read
  std::optional<HistoricalBar> last_kept_;  // before at_, without a hole between
  std::size_t calls_ = 0;
};

}  // namespace tradebus
