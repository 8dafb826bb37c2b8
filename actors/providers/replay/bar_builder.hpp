// Adds up rows of one symbol into bars, and keeps the first `limit` of them. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "actors/providers/replay/row.hpp"
#include "bus/model/market_data.hpp"

namespace tradebus::replay {

class BarBuilder {
 public:
  explicit BarBuilder(std::size_t limit) : limit_{limit} {}

  // `start`: the bar that a trade belongs to. Rows may come in any order: open and close go by their times, and at
  // equal times by the order of the calls.
  void add_trade(std::int64_t start, const MarketEvent& trade);
  void add_bar(std::int64_t start, const MarketEvent& bar);
  // A recorded bar as it stands; the first one of a start counts.
  void keep_bar(std::int64_t start, const MarketEvent& bar);

  // No row that belongs to a later bar can change the result any more.
  bool full_before(std::int64_t start) const {
    return !bars_.empty() && bars_.size() >= limit_ && start > bars_.rbegin()->first;
  }
  std::vector<HistoricalBar> take(const std::string& symbol);

 private:
  struct Sum {
    Price open, high, low, close;
    Quantity volume;
    std::int64_t first = 0;  // time of the row that gave open, and close
    std::int64_t last = 0;
    std::int64_t trades = 0;  // 0: made from bars
  };
  void add(std::int64_t start, std::int64_t ts, const Sum& part);

  std::size_t limit_;
  std::map<std::int64_t, Sum> bars_;
};

}  // namespace tradebus::replay
