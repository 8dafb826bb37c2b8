// Questions about the past, answered from the recorded files. Blocking and sometimes long: for the archive's thread.
#pragma once

#include <atomic>

#include "actors/providers/provider.hpp"
#include "actors/providers/replay/catalogue.hpp"

namespace tradebus::replay {

class History {
 public:
  static constexpr std::uint32_t bars_max = 1'000'000;  // an answer's bound, whatever the limit asked for

  // `stop`: when it turns true, an answer under way ends early.
  History(Recording files, const Catalogue& catalogue, const std::atomic<bool>& stop)
      : files_{std::move(files)}, catalogue_{&catalogue}, stop_{&stop} {}

  // Bars as recorded where a file has them in that length; else added up from the longest shorter ones; else from
  // trades. Whatever the files hold within [start, end), also what lies ahead of the replay's clock.
  Result<std::vector<HistoricalBar>> bars(const GetHistoricalData& query) const;

  // The day so far, from what was known at `now`, and the last day before it.
  Result<DailySnapshot> snapshot(const GetDailySnapshot& query, Timestamp now) const;

 private:
  struct Source {  // rows of this kind, in all files
    FileKind kind = FileKind::trades;
    Timeframe timeframe = Timeframe::s1;
  };
  struct Range {
    Timeframe timeframe = Timeframe::d1;  // of the bars to make
    std::int64_t start = 0;               // bar starts in [start, end)
    std::int64_t end = 0;
    std::int64_t known_at = INT64_MAX;  // rows that were known later are left out
    std::size_t limit = bars_max;       // the first ones
  };
  std::vector<HistoricalBar> collect(const std::string& symbol, const std::vector<Catalogue::Entry>& entries,
                                     Source source, const Range& range) const;

  Recording files_;
  const Catalogue* catalogue_;
  const std::atomic<bool>* stop_;
};

}  // namespace tradebus::replay
