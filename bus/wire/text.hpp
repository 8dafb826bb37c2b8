// Texts on the wire are UTF-8: a reader in Python refuses anything else.
#pragma once

#include <string>
#include <string_view>

namespace tradebus::wire {

bool is_utf8(std::string_view text);
// For texts that quote what a client or a venue sent: control characters and broken bytes become '?'.
std::string clean_text(std::string_view text);

}  // namespace tradebus::wire
