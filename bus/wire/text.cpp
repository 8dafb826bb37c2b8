#include "bus/wire/text.hpp"

#include <cstdint>

namespace tradebus::wire {

namespace {

// Length of the UTF-8 sequence at the front of `s`, 0 when it is broken (RFC 3629: no surrogates, no overlong forms).
std::size_t sequence(std::string_view s) {
  const auto at = [&](std::size_t i) { return i < s.size() ? static_cast<std::uint8_t>(s[i]) : std::uint8_t{0}; };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xc0U) == 0x80U; };
  const auto b = at(0);
  if (b < 0x80) return 1;
  if (b >= 0xc2 && b <= 0xdf) return tail(1) ? 2 : 0;
  if (b >= 0xe0 && b <= 0xef) {
    const bool second = b == 0xe0   ? at(1) >= 0xa0 && at(1) <= 0xbf
                        : b == 0xed ? at(1) >= 0x80 && at(1) <= 0x9f
                                    : tail(1);
    return second && tail(2) ? 3 : 0;
  }
  if (b >= 0xf0 && b <= 0xf4) {
    const bool second = b == 0xf0   ? at(1) >= 0x90 && at(1) <= 0xbf
                        : b == 0xf4 ? at(1) >= 0x80 && at(1) <= 0x8f
                                    : tail(1);
    return second && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto n = sequence(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

std::string clean_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto n = sequence(text);
    const auto b = static_cast<std::uint8_t>(text[0]);
    if (n == 0 || b < 0x20 || b == 0x7f) {
      out += '?';
      text.remove_prefix(1);
    } else {
      out.append(text.substr(0, n));
      text.remove_prefix(n);
    }
  }
  return out;
}

}  // namespace tradebus::wire
