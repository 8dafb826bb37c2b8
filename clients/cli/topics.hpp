// Topics as people type them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tradebus::cli {

// "quote|AAPL|" from itself, "quote|AAPL" or "quote:AAPL"; "feed|quote|" from "feed:quote"; the prefix "quote|" stays.
// Empty when it is none.
std::optional<std::string> parse_topic(std::string_view text);

}  // namespace tradebus::cli
