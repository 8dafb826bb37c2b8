#include "tests/venues/massive/json.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace tradebus::massive_sim {
namespace {

constexpr double scientific_from = 1e7;

template <class... Format>
std::string shortest(double number, Format... format) {
  std::array<char, 400> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format...).ptr;
  return {buffer.data(), end};
}

}  // namespace

void Json::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

Json& Json::open(char bracket) {
  separate();
  out_ += bracket;
  comma_ = false;
  return *this;
}

Json& Json::close(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}

Json& Json::key(std::string_view name) {
  value(name);
  out_ += ':';
  comma_ = false;
  return *this;
}

Json& Json::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

Json& Json::value(double number) { return raw(shortest(number, std::chars_format::fixed)); }

Json& Json::volume(double number) {
  if (std::abs(number) < scientific_from) return value(number);
  return raw(shortest(number, std::chars_format::scientific));
}

Json& Json::value(std::string_view text) {
  separate();
  out_ += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view hex = "0123456789abcdef";
      const auto code = static_cast<unsigned char>(c);
      out_ += "\\u00";
      out_ += hex[code >> 4U];
      out_ += hex[code & 15U];
    } else {
      out_ += c;
    }
  }
  out_ += '"';
  return *this;
}

}  // namespace tradebus::massive_sim
