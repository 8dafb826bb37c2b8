#include "tests/venues/massive/query.hpp"

#include <algorithm>
#include <array>

namespace tradebus::massive_sim {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view cursor_mark = "v1&";

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string to_base64url(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    held += 8;
    while (held >= 6) out += alphabet[(bits >> (held -= 6)) & 63U];
  }
  if (held > 0) out += alphabet[(bits << (6 - held)) & 63U];
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::size_t at = alphabet.find(c);
    if (at == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(at);
    held += 6;
    if (held >= 8) out += static_cast<char>((bits >> (held -= 8)) & 255U);
  }
  return out;
}

}  // namespace

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain = "-_.~:,";
  std::string out;
  for (const char c : text) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || plain.find(c) != plain.npos) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4U];
      out += digits[static_cast<unsigned char>(c) & 15U];
    }
  }
  return out;
}

Query::Query(std::string_view encoded) {
  while (!encoded.empty() && all_.size() < parameters_max) {
    const std::size_t end = std::min(encoded.find('&'), encoded.size());
    const std::string_view part = encoded.substr(0, end);
    const std::size_t equals = std::min(part.find('='), part.size());
    if (!part.empty()) {
      all_.emplace_back(percent_decode(part.substr(0, equals)),
                        percent_decode(part.substr(std::min(equals + 1, part.size()))));
    }
    encoded.remove_prefix(std::min(end + 1, encoded.size()));
  }
}

std::optional<std::string_view> Query::find(std::string_view name) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const auto& x) { return x.first == name; });
  if (found == all_.end()) return std::nullopt;
  return found->second;
}

std::string_view Query::get(std::string_view name, std::string_view otherwise) const {
  return find(name).value_or(otherwise);
}

void Query::erase(std::string_view name) {
  std::erase_if(all_, [&](const auto& x) { return x.first == name; });
}

void Query::set(std::string_view name, std::string_view value) {
  const std::string kept{value};
  erase(name);
  all_.emplace_back(name, kept);
}

std::string Query::encoded() const {
  std::string out;
  for (const auto& [name, value] : all_) {
    if (!out.empty()) out += '&';
    out += percent_encode(name) + '=' + percent_encode(value);
  }
  return out;
}

Target parse_target(std::string_view target) {
  Target out;
  const std::size_t mark = std::min(target.find('?'), target.size());
  std::string_view path = target.substr(0, mark);
  out.query = Query{target.substr(std::min(mark + 1, target.size()))};
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    // '+' is itself in a path.
    std::string raw{path.substr(0, end)};
    for (std::size_t at = 0; (at = raw.find('+', at)) != std::string::npos;) raw.replace(at, 1, "%2B");
    out.segments.push_back(percent_decode(raw));
    path.remove_prefix(end);
  }
  for (const std::string& segment : out.segments) out.path += '/' + segment;
  return out;
}

std::string to_cursor(Query query) {
  query.erase("apiKey");
  query.erase("cursor");
  return to_base64url(std::string(cursor_mark) + query.encoded());
}

std::optional<Query> from_cursor(std::string_view cursor) {
  const auto text = from_base64url(cursor);
  if (!text || !text->starts_with(cursor_mark)) return std::nullopt;
  return Query{std::string_view{*text}.substr(cursor_mark.size())};
}

}  // namespace tradebus::massive_sim
