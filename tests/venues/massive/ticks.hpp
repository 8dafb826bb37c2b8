// What flows over the WebSocket: events as JSON, of the recording in its order, or made up for the topics that are
// wanted.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/venues/massive/recorded.hpp"
#include "tests/venues/massive/topics.hpp"

namespace tradebus::massive_sim {

struct Event {
  std::string channel, ticker, json;
};

// All topics that anybody holds on one market, without repetitions.
using Wanted = std::set<Topic>;

class Ticks {
 public:
  virtual ~Ticks() = default;
  // Up to `count` trades, quotes and the like of these topics, stamped with `now`.
  virtual void fill(const Wanted& wanted, std::size_t count, Ns now, std::vector<Event>& out) = 0;
  // Bars whose window ended in (after, now].
  virtual void bars(const Wanted& wanted, Ns after, Ns now, std::vector<Event>& out) = 0;
};

// `market` is what the REST side answers from: last prices agree with it, apart from the moment.
std::unique_ptr<Ticks> synthetic_ticks(const Market& market);
// Plays rows once, in the order of their times, with their own times; `loop` begins again at the end. Rows that nobody
// wants are passed over.
std::unique_ptr<Ticks> recorded_ticks(const RecordedMarket& market, bool loop);

// Events' texts.
std::string trade_event(std::string_view ticker, const Trade& trade);
std::string quote_event(std::string_view ticker, const Quote& quote);
struct DaySoFar {
  double volume = 0, open = 0, vwap = 0;
};
// `z` is no integer in every seventh bar, and `op` is absent while the day has no open.
std::string bar_event(std::string_view channel, std::string_view ticker, const Bar& bar, Ms width, const DaySoFar& day);

}  // namespace tradebus::massive_sim
