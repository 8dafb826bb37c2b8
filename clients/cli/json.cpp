#include "clients/cli/json.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <type_traits>

#include "tradebus/decimal.hpp"

namespace tradebus::cli {

namespace {

using client::Value;

void write_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          std::array<char, 8> escape{};
          std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
          out += escape.data();
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// Prices and sizes as decimals; model values may be so small that only an exponent is readable.
void write_number(std::string& out, double x) {
  if (!std::isfinite(x)) {
    out += "null";
  } else if (x == 0 || (std::abs(x) >= 1e-9 && std::abs(x) < 1e15)) {
    out += client::decimal_text(x);
  } else {
    std::array<char, 40> buffer{};
    const auto [end, ec] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), x);
    out.append(buffer.data(), end);
  }
}

void write(std::string& out, const Value& value) {
  value.visit([&](const auto& x) {
    using T = std::decay_t<decltype(x)>;
    if constexpr (std::is_same_v<T, std::monostate>) {
      out += "null";
    } else if constexpr (std::is_same_v<T, bool>) {
      out += x ? "true" : "false";
    } else if constexpr (std::is_same_v<T, double>) {
      write_number(out, x);
    } else if constexpr (std::is_same_v<T, std::string>) {
      write_text(out, x);
    } else if constexpr (std::is_same_v<T, Value::Array>) {
      out += '[';
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (i != 0) out += ',';
        write(out, x[i]);
      }
      out += ']';
    } else if constexpr (std::is_same_v<T, Value::Map>) {
      out += '{';
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (i != 0) out += ',';
        write_text(out, x[i].key);
        out += ':';
        write(out, x[i].value);
      }
      out += '}';
    } else {
      out += std::to_string(x);
    }
  });
}

}  // namespace

std::string to_json(const Value& value) {
  std::string out;
  write(out, value);
  return out;
}

}  // namespace tradebus::cli
