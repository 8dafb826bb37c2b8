#include "tests/venues/massive/topics.hpp"

#include <algorithm>
#include <array>

namespace tradebus::massive_sim {

std::vector<Topic> parse_topics(std::string_view params) {
  std::vector<Topic> out;
  while (true) {
    const std::size_t comma = params.find(',');
    std::string_view part = params.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    const std::size_t dot = part.find('.');
    if (!part.empty())
      out.push_back({std::string(part.substr(0, dot)), dot == part.npos ? "" : std::string(part.substr(dot + 1))});
    if (comma == std::string_view::npos) return out;
    params.remove_prefix(comma + 1);
  }
}

bool offered(std::string_view market, const Topic& topic) {
  constexpr std::array<std::string_view, 7> stocks = {"T", "Q", "A", "AM", "LULD", "NOI", "FMV"};
  constexpr std::array<std::string_view, 5> options = {"T", "Q", "A", "AM", "FMV"};
  const auto has = [&](const auto& channels) {
    return std::find(channels.begin(), channels.end(), topic.channel) != channels.end();
  };
  if (topic.ticker.empty()) return false;
  if (market == "stocks") return has(stocks);
  if (market == "options") return has(options) && !(topic.channel == "Q" && topic.ticker == "*");
  return false;
}

bool TopicSet::add(const Topic& topic) { return topics_.size() < topics_max && topics_.insert(topic).second; }

bool TopicSet::remove(const Topic& topic) { return topics_.erase(topic) > 0; }

bool TopicSet::wants(std::string_view channel, std::string_view ticker) const {
  asked_.channel = channel;
  asked_.ticker = ticker;
  if (topics_.contains(asked_)) return true;
  asked_.ticker = "*";
  return topics_.contains(asked_);
}

}  // namespace tradebus::massive_sim
