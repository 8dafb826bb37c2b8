#include <algorithm>

#include "tests/venues/massive/ticks.hpp"

namespace tradebus::massive_sim {
namespace {

class RecordedTicks final : public Ticks {
 public:
  RecordedTicks(const RecordedMarket& market, bool loop) : loop_(loop) {
    for (const auto& [ticker, series] : market.series()) {
      const auto add = [&](const auto& rows, const char* channel, Ms width) {
        for (std::size_t i = 0; i < rows.size(); ++i)
          order_.push_back({&series, &ticker, due(rows[i], width), channel, i});
      };
      add(series.trades, "T", 0);
      add(series.quotes, "Q", 0);
      add(series.seconds, "A", 1000);
      add(series.minutes, "AM", ms_per_minute);
    }
    std::stable_sort(order_.begin(), order_.end(), [](const Row& a, const Row& b) { return a.time < b.time; });
  }

  void fill(const Wanted& wanted, std::size_t count, Ns, std::vector<Event>& out) override {
    bool found = true;
    for (const std::size_t end = out.size() + count; out.size() < end;) {
      if (at_ == order_.size()) {
        if (!loop_ || !found) return;
        at_ = 0;
        found = false;  // a whole pass without a wanted row ends
      }
      const Row& row = order_[at_++];
      asked_.channel = row.channel;
      asked_.ticker = *row.ticker;
      if (!wanted.contains(asked_)) {
        asked_.ticker = "*";
        if (!wanted.contains(asked_) || row.ticker->starts_with("O:")) continue;
      }
      found = true;
      out.push_back({row.channel, *row.ticker, text(row)});
    }
  }

  void bars(const Wanted&, Ns, Ns, std::vector<Event>&) override {}  // they come with the rest

 private:
  struct Row {
    const RecordedMarket::Series* series;
    const std::string* ticker;
    Ns time;
    const char* channel;
    std::size_t index;
  };

  static Ns due(const Bar& bar, Ms width) { return (bar.time + width) * ns_per_ms; }
  static Ns due(const Trade& row, Ms) { return row.time; }
  static Ns due(const Quote& row, Ms) { return row.time; }

  static std::string text(const Row& row) {
    const std::string_view channel = row.channel;
    if (channel == "T") return trade_event(*row.ticker, row.series->trades[row.index]);
    if (channel == "Q") return quote_event(*row.ticker, row.series->quotes[row.index]);
    const bool minutes = channel == "AM";
    const Bar& bar = minutes ? row.series->minutes[row.index] : row.series->seconds[row.index];
    return bar_event(channel, *row.ticker, bar, minutes ? ms_per_minute : 1000, {bar.volume, bar.open, bar.vwap});
  }

  const bool loop_;
  std::vector<Row> order_;
  std::size_t at_ = 0;
  Topic asked_;
};

}  // namespace

std::unique_ptr<Ticks> recorded_ticks(const RecordedMarket& market, bool loop) {
  return std::make_unique<RecordedTicks>(market, loop);
}

}  // namespace tradebus::massive_sim
