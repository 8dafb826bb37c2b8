#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "config/loading.hpp"
#include "config/names.hpp"

namespace tradebus::loading {

std::string number_text(double v) {
  std::array<char, 32> out{};
  const auto end = std::to_chars(out.data(), out.data() + out.size(), v).ptr;
  return {out.data(), end};
}

namespace {

std::string quoted(std::string_view text) { return "\"" + printable(text) + "\""; }

std::string listed(const std::vector<std::string>& choices) {
  std::string out;
  for (const auto& c : choices) out += (out.empty() ? "" : ", ") + c;
  return out;
}

std::optional<std::string> range_complaint(const KeySpec& key, double v) {
  if (!std::isfinite(v)) return "must be a finite number";
  if (key.min && v < *key.min) return "must be at least " + number_text(*key.min) + ", not " + number_text(v);
  if (key.max && v > *key.max) return "must be at most " + number_text(*key.max) + ", not " + number_text(v);
  return std::nullopt;
}

std::string_view trimmed(std::string_view s) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!s.empty() && blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && blank(s.back())) s.remove_suffix(1);
  return s;
}

std::vector<std::string> entries(std::string_view text) {
  std::vector<std::string> out;
  if (trimmed(text).empty()) return out;
  for (;;) {
    const auto comma = text.find(',');
    out.emplace_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

// A variable can carry any bytes; a TOML file (and so --print-config) cannot.
bool is_utf8(std::string_view s) {
  while (!s.empty()) {
    const auto lead = static_cast<unsigned char>(s[0]);
    const std::size_t n = lead < 0x80                   ? 1
                          : lead >= 0xc2 && lead < 0xe0 ? 2
                          : lead >= 0xe0 && lead < 0xf0 ? 3
                          : lead >= 0xf0 && lead < 0xf5 ? 4
                                                        : 0;
    if (n == 0 || n > s.size()) return false;
    char32_t code = n == 1 ? lead : lead & (0x7fU >> n);
    for (std::size_t i = 1; i < n; ++i) {
      const auto byte = static_cast<unsigned char>(s[i]);
      if ((byte & 0xc0U) != 0x80) return false;
      code = (code << 6U) | (byte & 0x3fU);
    }
    constexpr std::array<char32_t, 5> first = {0, 0, 0x80, 0x800, 0x10000};
    if (code < first[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
    s.remove_prefix(n);
  }
  return true;
}

std::optional<std::string> text_complaint(const KeySpec& key, const std::string& v) {
  if (!is_utf8(v) || v.find('\0') != std::string::npos) return "holds bytes that are no text";
  if (key.choices.empty() || std::ranges::find(key.choices, v) != key.choices.end()) return std::nullopt;
  const auto near = nearest_name(v, key.choices);
  return "must be one of " + listed(key.choices) + ", not " + quoted(v) +
         (near ? "; did you mean \"" + *near + "\"?" : "");
}

template <class T>
std::optional<T> parsed(std::string_view text) {
  text = trimmed(text);
  T out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

tl::unexpected<Error> wants(std::string_view what, const KeySpec& key, const std::string& text) {
  return fail(Errc::config_invalid, "must be " + std::string{what} + (key.secret ? "" : ", not " + quoted(text)));
}

}  // namespace

std::string_view type_name(const ConfigValue& value) {
  constexpr std::array<std::string_view, 5> names = {"true or false", "a whole number", "a number", "a text",
                                                     "a list of texts (for example [\"a\", \"b\"])"};
  return names[value.index()];
}

std::optional<std::string> complaint(const KeySpec& key, const ConfigValue& value) {
  if (const auto* n = std::get_if<std::int64_t>(&value)) return range_complaint(key, static_cast<double>(*n));
  if (const auto* n = std::get_if<double>(&value)) return range_complaint(key, *n);
  if (const auto* text = std::get_if<std::string>(&value)) return text_complaint(key, *text);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    for (auto it = list->begin(); it != list->end(); ++it) {
      if (trimmed(*it).empty()) return "has an empty entry";
      if (std::find(list->begin(), it, *it) != it) return "names " + quoted(*it) + " twice";
      if (auto bad = text_complaint(key, *it)) return bad;
    }
  }
  return std::nullopt;
}

Result<ConfigValue> value_from_text(const KeySpec& key, const std::string& text) {
  if (std::holds_alternative<std::string>(key.fallback)) return ConfigValue{text};
  if (std::holds_alternative<bool>(key.fallback)) {
    const auto t = trimmed(text);
    if (t == "true" || t == "1") return ConfigValue{true};
    if (t == "false" || t == "0") return ConfigValue{false};
  } else if (std::holds_alternative<std::int64_t>(key.fallback)) {
    if (const auto n = parsed<std::int64_t>(text)) return ConfigValue{*n};
  } else if (std::holds_alternative<double>(key.fallback)) {
    if (const auto n = parsed<double>(text)) return ConfigValue{*n};
  } else {
    return ConfigValue{entries(text)};
  }
  return wants(type_name(key.fallback), key, text);
}

// ---- as TOML -------------------------------------------------------------------------------------------------------

std::string toml_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr std::string_view hex = "0123456789abcdef";
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string toml_text(const ConfigValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* n = std::get_if<std::int64_t>(&value)) return std::to_string(*n);
  if (const auto* text = std::get_if<std::string>(&value)) return toml_text(*text);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    std::string out;
    for (const auto& entry : *list) out += (out.empty() ? "" : ", ") + toml_text(entry);
    return "[" + out + "]";
  }
  auto out = number_text(std::get<double>(value));
  if (out.find_first_of(".e") == std::string::npos) out += ".0";  // a TOML float, not an integer
  return out;
}

}  // namespace tradebus::loading
