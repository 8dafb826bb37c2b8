#include <cmath>

#include "tests/venues/massive/json.hpp"
#include "tests/venues/massive/ticks.hpp"

namespace tradebus::massive_sim {

std::string trade_event(std::string_view ticker, const Trade& trade) {
  Json json;
  json.begin_object().field("ev", "T").field("sym", ticker);
  if (trade.tape != 0) json.field("i", std::to_string(trade.id));
  json.field("x", trade.exchange).field("p", trade.price).field("s", trade.size);
  if (trade.tape != 0 && trade.size < 100) json.field("ds", std::to_string(static_cast<long long>(trade.size)) + ".0");
  if (trade.condition >= 0) {
    json.key("c").begin_array().value(trade.condition);
    if (trade.condition2 >= 0) json.value(trade.condition2);
    json.end_array();
  }
  json.field("t", trade.time / ns_per_ms).field("q", trade.sequence);
  if (trade.tape != 0) json.field("z", trade.tape);
  if (trade.exchange == 4) json.field("trfi", 202).field("trft", trade.time / ns_per_ms - 1);
  json.end_object();
  return json.take();
}

std::string quote_event(std::string_view ticker, const Quote& quote) {
  Json json;
  json.begin_object().field("ev", "Q").field("sym", ticker).field("bx", quote.bid_exchange).field("bp", quote.bid);
  json.field("bs", quote.bid_size).field("ax", quote.ask_exchange).field("ap", quote.ask).field("as", quote.ask_size);
  if (quote.tape != 0 && quote.sequence % 3 == 0)
    json.field("c", quote.condition).key("i").begin_array().value(604).end_array();
  json.field("t", quote.time / ns_per_ms).field("q", quote.sequence);
  if (quote.tape != 0) json.field("z", quote.tape);
  json.end_object();
  return json.take();
}

std::string bar_event(std::string_view channel, std::string_view ticker, const Bar& bar, Ms width,
                      const DaySoFar& day) {
  Json json;
  json.begin_object().field("ev", channel).field("sym", ticker).field("v", bar.volume).field("av", day.volume);
  if (day.open > 0) json.field("op", day.open);
  json.field("vw", bar.vwap)
      .field("o", bar.open)
      .field("c", bar.close)
      .field("h", bar.high)
      .field("l", bar.low)
      .field("a", day.vwap);
  const double size = bar.trades > 0 ? bar.volume / static_cast<double>(bar.trades) : 0;
  json.field("z", bar.time / width % 7 == 3 ? std::floor(size) + 0.5 : std::floor(size));
  json.field("s", bar.time).field("e", bar.time + width).end_object();
  return json.take();
}

}  // namespace tradebus::massive_sim
