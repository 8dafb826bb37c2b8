// Topics: `kind|key|`, always closed by `|`. A shorter text is a prefix: "quote|" matches every quote.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tradebus::client {

enum class Kind : std::uint8_t {
  quote,
  trade,
  bar,
  option,
  news,
  order,
  position,
  account,
  status,
  heartbeat,
  feed,
  other
};

inline std::string make_topic(std::string_view kind, std::string_view key) {
  return std::string{kind} + "|" + std::string{key} + "|";
}
inline std::string quote_topic(std::string_view symbol) { return make_topic("quote", symbol); }
inline std::string trade_topic(std::string_view symbol) { return make_topic("trade", symbol); }
// timeframe: 1s, 1m, 5m, 1h, 1d
inline std::string bar_topic(std::string_view timeframe, std::string_view symbol) {
  return make_topic("bar_" + std::string{timeframe}, symbol);
}

// The first word: "quote" of "quote|AAPL|".
inline std::string_view topic_word(std::string_view topic) { return topic.substr(0, topic.find('|')); }

// What stands between the first and the last bar: "AAPL" of "quote|AAPL|", "quote|AAPL" of "status|quote|AAPL|".
inline std::string_view topic_key(std::string_view topic) {
  const auto first = topic.find('|');
  if (first == std::string_view::npos) return {};
  auto rest = topic.substr(first + 1);
  return rest.ends_with('|') ? rest.substr(0, rest.size() - 1) : rest;
}

inline Kind topic_kind(std::string_view topic) {
  const auto word = topic_word(topic);
  if (word == "quote") return Kind::quote;
  if (word == "trade") return Kind::trade;
  if (word.starts_with("bar_")) return Kind::bar;
  if (word == "option") return Kind::option;
  if (word == "news") return Kind::news;
  if (word == "order") return Kind::order;
  if (word == "position") return Kind::position;
  if (word == "account") return Kind::account;
  if (word == "status") return Kind::status;
  if (word == "heartbeat") return Kind::heartbeat;
  if (word == "feed") return Kind::feed;
  return Kind::other;
}

}  // namespace tradebus::client
