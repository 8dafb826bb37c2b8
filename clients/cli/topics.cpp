#include "clients/cli/topics.hpp"

#include <algorithm>

namespace tradebus::cli {

std::optional<std::string> parse_topic(std::string_view text) {
  std::string topic{text};
  std::replace(topic.begin(), topic.end(), ':', '|');
  const auto first = topic.find('|');
  if (first == 0 || first == std::string::npos || topic.find("||") != std::string::npos) return std::nullopt;
  if (std::any_of(topic.begin(), topic.end(), [](char c) { return c <= ' ' || c == '\x7f'; })) return std::nullopt;
  if (topic.back() != '|') topic += '|';
  return topic;
}

}  // namespace tradebus::cli
