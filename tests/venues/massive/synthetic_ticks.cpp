#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "tests/venues/massive/json.hpp"
#include "tests/venues/massive/ticks.hpp"

namespace tradebus::massive_sim {
namespace {

constexpr std::size_t wildcard_max = 5000;                   // topics that a "*" stands for
constexpr Ms seconds_back_max = 120, minutes_back_max = 30;  // after a leap of the clock

// Trades and quotes in turn over all wanted topics; each ticker walks by its own small steps around where it began.
class SyntheticTicks final : public Ticks {
 public:
  explicit SyntheticTicks(const Market& market) : market_(market) {}

  void fill(const Wanted& wanted, std::size_t count, Ns now, std::vector<Event>& out) override {
    if (wanted != known_) expand(wanted);
    if (turns_.empty()) return;
    for (std::size_t i = 0; i < count; ++i, ++turn_) {
      const Topic& topic = turns_[turn_ % turns_.size()];
      out.push_back({topic.channel, topic.ticker, make(topic, now)});
    }
  }

  void bars(const Wanted& wanted, Ns after, Ns now, std::vector<Event>& out) override {
    if (wanted != known_) expand(wanted);
    for (const Topic& topic : bar_topics_) {
      const bool minutes = topic.channel == "AM";
      const Ms width = minutes ? ms_per_minute : 1000;
      const Ms last = now / ns_per_ms / width;
      const Ms first = std::max(after / ns_per_ms / width, last - (minutes ? minutes_back_max : seconds_back_max));
      for (Ms i = first; i < last; ++i) add_bar(topic, i * width, width, out);
    }
  }

 private:
  struct Walk {
    double price = 0;
    std::int64_t sequence = 1000;
    std::uint64_t random = 0;
    double volume = 0, money = 0, open = 0;
    bool option = false;
  };

  Walk& walk(const std::string& ticker, Ns now) {
    Walk& x = walks_[ticker];
    if (x.price > 0) return x;
    const auto trade = market_.last_trade(ticker, now);
    const auto quote = trade ? std::nullopt : market_.last_quote(ticker, now);
    x.price = trade ? trade->price : quote ? quote->ask : 1;
    x.open = x.price;
    x.option = ticker.starts_with("O:");
    x.random = std::hash<std::string>{}(ticker) | 1U;
    return x;
  }

  static std::uint64_t next(Walk& x) {
    x.random ^= x.random << 13U;
    x.random ^= x.random >> 7U;
    x.random ^= x.random << 17U;
    return x.random;
  }

  std::string make(const Topic& topic, Ns now) {
    Walk& x = walk(topic.ticker, now);
    const std::uint64_t r = next(x);
    const double tick = x.price < 1 ? 1e4 : 1e2;
    x.sequence += 1 + static_cast<std::int64_t>(r % 5);
    if (topic.channel == "Q") {
      const double middle = std::round(x.price * tick) / tick;
      const auto size = [&](std::uint64_t n) { return (x.option ? 1.0 : 100.0) * static_cast<double>(1 + n % 12); };
      Quote quote{now,
                  std::max(1 / tick, std::round(middle * tick - 1) / tick),
                  std::round(middle * tick + 1) / tick,
                  size(r),
                  size(r / 16),
                  x.sequence,
                  x.option ? 302 : 11,
                  x.option ? 316 : 12,
                  x.option ? 0 : 3,
                  1};
      return quote_event(topic.ticker, quote);
    }
    if (topic.channel == "T") {
      x.price =
          std::max(1 / tick, std::round(x.price * (1 + (static_cast<double>(r % 2001) - 1000) * 2e-7) * tick) / tick);
      Trade trade{now,
                  x.price,
                  static_cast<double>(1 + r / 8 % (x.option ? 30 : 400)),
                  x.sequence,
                  static_cast<std::int64_t>(r % 900'000),
                  x.option     ? 302
                  : r % 5 == 0 ? 4
                               : 12,
                  x.option ? 0 : 3,
                  -1,
                  -1};
      if (r % 2 == 0) trade.condition = x.option ? 209 : trade.size < 100 ? 37 : 14;
      if (r % 16 == 0 && !x.option) trade.condition2 = 41;
      x.volume += trade.size;
      x.money += trade.size * trade.price;
      return trade_event(topic.ticker, trade);
    }
    Json json;  // the oddities: T for the ticker, and times of three units
    json.begin_object().field("ev", topic.channel);
    if (topic.channel == "LULD") {
      json.field("T", topic.ticker)
          .field("h", std::round(x.price * 110) / 100)
          .field("l", std::round(x.price * 90) / 100);
      json.key("i").begin_array().value(21).end_array().field("z", 3).field("t", now / 1000).field("q", x.sequence);
    } else if (topic.channel == "NOI") {
      json.field("T", topic.ticker)
          .field("t", now / ns_per_ms)
          .field("at", 930)
          .field("a", "M")
          .field("i", x.sequence)
          .field("x", 10);
      json.field("o", 480).field("p", 440).field("b", x.price);
    } else {
      json.field("sym", topic.ticker).field("fmv", x.price).field("t", now);
    }
    json.end_object();
    return json.take();
  }

  void add_bar(const Topic& topic, Ms start, Ms width, std::vector<Event>& out) {
    Walk& x = walk(topic.ticker, start * ns_per_ms);
    // What the REST side says of this window; outside the session a small bar of the walk.
    const Span span{start * ns_per_ms, (start + width) * ns_per_ms};
    const auto found = width == 1000 ? market_.seconds(topic.ticker, span) : market_.minutes(topic.ticker, span);
    Bar bar = found.empty() ? Bar{start, x.price, x.price, x.price, x.price, 100, x.price, 1} : found.front();
    x.volume += bar.volume;
    x.money += bar.volume * bar.vwap;
    const DaySoFar day{x.volume, x.open, std::round(x.money / std::max(1.0, x.volume) * 1e4) / 1e4};
    if (width == ms_per_minute && start / width % 5 == 2) {
      // A late trade: this minute comes twice, first without it.
      Bar early = bar;
      early.volume = std::max(1.0, std::floor(bar.volume * 0.9));
      out.push_back({topic.channel, topic.ticker, bar_event(topic.channel, topic.ticker, early, width, day)});
    }
    out.push_back({topic.channel, topic.ticker, bar_event(topic.channel, topic.ticker, bar, width, day)});
  }

  void expand(const Wanted& wanted) {
    known_ = wanted;
    turns_.clear();
    bar_topics_.clear();
    for (const Topic& topic : wanted) {
      auto& into = topic.channel == "A" || topic.channel == "AM" ? bar_topics_ : turns_;
      if (topic.ticker == "*") {
        for (const Listing& listing : market_.listings()) {
          if (into.size() < wildcard_max && listing.delisted == 0) into.push_back({topic.channel, listing.ticker});
        }
      } else if (market_.known(topic.ticker)) {
        into.push_back(topic);
      }
    }
    for (auto* list : {&turns_, &bar_topics_}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
  }

  const Market& market_;
  Wanted known_;
  std::vector<Topic> turns_, bar_topics_;
  std::size_t turn_ = 0;
  std::unordered_map<std::string, Walk> walks_;  // bounded by the tickers that exist
};

}  // namespace

std::unique_ptr<Ticks> synthetic_ticks(const Market& market) { return std::make_unique<SyntheticTicks>(market); }

}  // namespace tradebus::massive_sim
