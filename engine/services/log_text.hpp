// Text from outside on its way into a log line: it can't end the line, nor the quotes that it stands in.
#pragma once

#include <string>
#include <string_view>

namespace tradebus {

// Control characters as \n, \t or \x1b; with `quotes` also " and \ behind a \. UTF-8 stays.
inline std::string log_text(std::string_view text, bool quotes = true) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (byte < 0x20 || byte == 0x7f)
      ((out += "\\x") += hex[byte >> 4U]) += hex[byte & 15U];
    else if (quotes && (c == '"' || c == '\\'))
      (out += '\\') += c;
    else
      out += c;
  }
  return out;
}

}  // namespace tradebus
