#include "clients/cli/csv.hpp"

#include "clients/cli/json.hpp"
#include "clients/cli/table.hpp"

namespace tradebus::cli {

namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string field(const client::Value& value) {
  if (value.is_nil()) return {};
  if (const auto* text = value.text()) return quoted(*text);
  return quoted(to_json(value));
}

}  // namespace

std::string csv_head(const std::vector<std::string>& keys) {
  std::string out;
  for (const auto& key : keys) out += (out.empty() ? "" : ",") + key;
  return out;
}

std::string csv_line(const client::Value& row, const std::vector<std::string>& keys) {
  std::string out;
  for (std::size_t i = 0; i < keys.size(); ++i) out += (i == 0 ? "" : ",") + field(at_path(row, keys[i]));
  return out;
}

}  // namespace tradebus::cli
