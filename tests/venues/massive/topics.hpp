// Topics as clients write them: T.AAPL, Q.BRK.B, AM.*, T.O:AAPL240621C00190000.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tradebus::massive_sim {

struct Topic {
  std::string channel, ticker;

  std::string text() const { return channel + '.' + ticker; }
  auto operator<=>(const Topic&) const = default;
};

// "T.AAPL, Q.AAPL": what stands between commas, blanks off. A part without a period has an empty ticker.
std::vector<Topic> parse_topics(std::string_view params);

// Is this a channel of the market (the last part of the address)? Options' quotes have no "*".
bool offered(std::string_view market, const Topic& topic);

// A connection's subscriptions.
class TopicSet {
 public:
  static constexpr std::size_t topics_max = 100'000;

  bool add(const Topic& topic);  // false: already held, or too many
  bool remove(const Topic& topic);
  bool wants(std::string_view channel, std::string_view ticker) const;
  const std::set<Topic>& all() const { return topics_; }

 private:
  std::set<Topic> topics_;
  mutable Topic asked_;  // for look-ups without allocations
};

}  // namespace tradebus::massive_sim
