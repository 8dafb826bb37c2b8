// Closed bars of past sessions in one SQLite file, with the ranges that are known of each series: what is known and has
// no bar is known to be empty. Bounded: the series used longest ago go first. It blocks: never on the actors' worker.
// One owner, one thread. Prices are kept exactly.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"
#include "bus/model/market_data.hpp"
#include "engine/bars/time_ranges.hpp"

namespace tradebus {

// What is kept apart.
struct BarSeries {
  std::string source;  // the provider, and which of its histories (ProviderCapabilities::history)
  Symbol symbol;
  Timeframe timeframe = Timeframe::d1;
  bool adjusted = false;

  static constexpr std::string_view type_name = "BarSeries";
  static constexpr auto fields() {
    return std::tuple{field("source", &BarSeries::source), field("symbol", &BarSeries::symbol),
                      field("timeframe", &BarSeries::timeframe), field("adjusted", &BarSeries::adjusted)};
  }
};

// What of a range is kept: bars by time, and the spans in which these are all there are.
struct KnownBars {
  std::vector<HistoricalBar> bars;
  std::vector<TimeRange> known;
  bool cut = false;  // there are more behind the last bar: `known` ends there

  static constexpr std::string_view type_name = "KnownBars";
  static constexpr auto fields() {
    return std::tuple{field("bars", &KnownBars::bars), field("known", &KnownBars::known),
                      field("cut", &KnownBars::cut)};
  }
};

class BarFile {
 public:
  // Version of the file's layout. A newer one is refused and left alone; there is no older one yet.
  static constexpr std::int64_t version = 1;

  struct Opened {
    std::unique_ptr<BarFile> file;
    std::string set_aside;  // not empty: the file was damaged, and is now called this
    std::string why;
  };
  // A file that is missing is made; one that is damaged, or not ours, is set aside under a new name (with `now` in it)
  // and made anew. `internal` when it can't be used at all: a folder that can't be written to, a newer version.
  static Result<Opened> open(const std::string& path, std::int64_t bytes_max, Timestamp now);
  ~BarFile();
  BarFile(const BarFile&) = delete;
  BarFile& operator=(const BarFile&) = delete;

  // The first `limit` bars of a range, up to `now`.
  Result<KnownBars> read(const BarSeries& series, const TimeRange& range, std::size_t limit, Timestamp now);
  // `bars` are all there are in `range`; others that were kept there go.
  Result<void> keep(const BarSeries& series, const TimeRange& range, const std::vector<HistoricalBar>& bars,
                    Timestamp now);
  // Everything of a symbol (an empty one: of all), or only what is adjusted. How many series went.
  Result<std::int64_t> forget(const Symbol& symbol, bool only_adjusted);

  std::int64_t bytes() const { return bytes_; }      // of the file without its log
  std::int64_t ranges() const { return ranges_; }    // known spans, of all series
  std::int64_t evicted() const { return evicted_; }  // series, for want of room
  // After an operation failed: is the file damaged? Then close it and open it anew: it is set aside.
  bool is_damaged() const { return damaged_; }

 private:
  struct Parts;
  explicit BarFile(std::unique_ptr<Parts> parts, std::int64_t bytes_max);
  template <class F>
  auto guarded(const char* what, F f) -> Result<decltype(f())>;
  std::optional<std::int64_t> id_of(const BarSeries& series);
  std::int64_t make_id(const BarSeries& series, Timestamp now);
  void put(std::int64_t id, const TimeRange& range, const std::vector<HistoricalBar>& bars);
  void make_room(std::int64_t keep_id);
  void count();
  std::int64_t used_bytes();

  std::unique_ptr<Parts> parts_;
  std::int64_t bytes_max_;
  std::int64_t bytes_ = 0;
  std::int64_t ranges_ = 0;
  std::int64_t evicted_ = 0;
  bool damaged_ = false;
};

}  // namespace tradebus
