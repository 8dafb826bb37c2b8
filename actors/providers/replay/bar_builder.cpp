#include "actors/providers/replay/bar_builder.hpp"

#include <algorithm>

namespace tradebus::replay {

void BarBuilder::add_trade(std::int64_t start, const MarketEvent& trade) {
  const Price p = trade.price[0];
  add(start, unix_ns(trade.ts), {p, p, p, p, trade.qty[0], 0, 0, 1});
}

void BarBuilder::add_bar(std::int64_t start, const MarketEvent& bar) {
  add(start, unix_ns(bar.ts), {bar.price[0], bar.price[1], bar.price[2], bar.price[3], bar.qty[0], 0, 0, 0});
}

void BarBuilder::keep_bar(std::int64_t start, const MarketEvent& bar) {
  if (!bars_.contains(start)) add_bar(start, bar);
}

void BarBuilder::add(std::int64_t start, std::int64_t ts, const Sum& part) {
  if (limit_ == 0 || full_before(start)) return;
  const auto [it, is_new] = bars_.try_emplace(start, part);
  Sum& sum = it->second;
  if (is_new) {
    sum.first = sum.last = ts;
    if (bars_.size() > limit_) bars_.erase(std::prev(bars_.end()));
    return;
  }
  if (ts < sum.first) {
    sum.first = ts;
    sum.open = part.open;
  }
  if (ts >= sum.last) {
    sum.last = ts;
    sum.close = part.close;
  }
  sum.high = std::max(sum.high, part.high);
  sum.low = std::min(sum.low, part.low);
  sum.volume = checked_add(sum.volume, part.volume).value_or(sum.volume);
  sum.trades += part.trades;
}

std::vector<HistoricalBar> BarBuilder::take(const std::string& symbol) {
  std::vector<HistoricalBar> out;
  out.reserve(bars_.size());
  for (const auto& [start, sum] : bars_) {
    HistoricalBar bar;
    bar.symbol = Symbol{symbol};
    bar.ts = from_unix_ns(start);
    bar.open = sum.open;
    bar.high = sum.high;
    bar.low = sum.low;
    bar.close = sum.close;
    bar.volume = sum.volume;
    if (sum.trades > 0) bar.trades = sum.trades;
    out.push_back(std::move(bar));
  }
  bars_.clear();
  return out;
}

}  // namespace tradebus::replay
