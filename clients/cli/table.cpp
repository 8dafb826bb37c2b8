#include "clients/cli/table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "clients/cli/json.hpp"
#include "clients/cli/when.hpp"
#include "tradebus/decimal.hpp"

namespace tradebus::cli {

namespace {

using client::Value;

constexpr std::int64_t first_time_ns = 100'000'000'000'000'000;  // 1973: whole numbers above are times, not counts

bool is_time(const Value& value) { return value.integer().value_or(0) > first_time_ns; }

// Control characters would break lines or speak to the terminal.
std::string harmless(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, ' ');
  return text;
}

std::string plain(const Value& value) {
  if (value.is_nil()) return {};
  if (const auto* text = value.text()) return harmless(*text);
  if (const auto flag = value.boolean()) return *flag ? "yes" : "no";
  if (const auto whole = value.integer()) return std::to_string(*whole);
  if (const auto* items = value.array()) {
    std::string out;
    for (const auto& item : *items) out += (out.empty() ? "" : ", ") + plain(item);
    return out;
  }
  if (const auto* members = value.map()) {
    if (members->size() == 2 && (*members)[0].key == "name" && (*members)[1].key == "value")
      return plain((*members)[0].value) + "=" + plain((*members)[1].value);  // a counter
    return to_json(value);
  }
  return client::decimal_text(value.number().value_or(0));
}

std::string print_number(const char* format, double number) {
  std::array<char, 400> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, number);
  return buffer.data();
}

bool is_list_of_maps(const Value& value) {
  const auto* items = value.array();
  return items != nullptr && !items->empty() &&
         std::all_of(items->begin(), items->end(), [](const Value& item) { return item.map() != nullptr; });
}

// All keys of the rows, in the order in which they first come.
std::vector<Column> columns_of(const Value::Array& rows) {
  std::vector<Column> columns;
  for (const auto& row : rows) {
    for (const auto& member : *row.map()) {
      if (std::any_of(columns.begin(), columns.end(), [&](const Column& c) { return c.key == member.key; })) continue;
      const auto format = is_time(member.value)               ? Format::time
                          : member.value.number().has_value() ? Format::number
                                                              : Format::text;
      columns.push_back({member.key, member.key, format});
    }
  }
  return columns;
}

struct Parts {
  std::vector<std::pair<std::string, std::string>> lines;
  std::vector<std::pair<std::string, const Value::Array*>> tables;
};

void collect(const Value& map, const std::string& prefix, Parts& out) {
  for (const auto& [key, value] : *map.map()) {
    const auto name = prefix + key;
    if (value.map() != nullptr)
      collect(value, name + ".", out);
    else if (is_list_of_maps(value))
      out.tables.emplace_back(name, value.array());
    else
      out.lines.emplace_back(name, cell(value, is_time(value) ? Format::time : Format::text));
  }
}

}  // namespace

std::string Table::line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                        const Terminal& terminal) const {
  std::string out;
  std::size_t used = 0;
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    std::string text = i < cells.size() ? cells[i] : std::string{};
    const bool last = i + 1 == heads_.size();
    if (last && terminal.tty && !heads_[i].right && used + 1 < terminal.width)
      text = shorten(text, terminal.width - used);
    const auto padding = widths[i] - std::min(widths[i], display_width(text));
    if (heads_[i].right) out.append(padding, ' ');
    out += text;
    if (last) break;
    if (!heads_[i].right) out.append(padding, ' ');
    out += "  ";
    used += widths[i] + 2;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string Table::text(const Terminal& terminal) const {
  std::vector<std::size_t> widths;
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    auto width = display_width(heads_[i].title);
    for (const auto& row : rows_)
      if (i < row.size()) width = std::max(width, display_width(row[i]));
    widths.push_back(width);
    titles.push_back(heads_[i].title);
  }
  std::string out = terminal.paint(line(titles, widths, terminal), Color::bold) + "\n";
  for (const auto& row : rows_) out += line(row, widths, terminal) + "\n";
  return out;
}

std::string cell(const Value& value, Format format) {
  switch (format) {
    case Format::time:
      if (const auto ns = value.integer()) return time_text(*ns);
      break;
    case Format::percent:
      if (const auto number = value.number()) return print_number("%+.2f %%", *number);
      break;
    case Format::model:
      if (const auto number = value.number()) return print_number("%.4f", *number);
      break;
    case Format::text:
    case Format::number:
      break;
  }
  return plain(value);
}

const Value& at_path(const Value& value, std::string_view path) {
  const auto dot = path.find('.');
  const Value& member = value[path.substr(0, dot)];
  return dot == std::string_view::npos ? member : at_path(member, path.substr(dot + 1));
}

std::string table_text(const Value::Array& rows, const std::vector<Column>& columns, const Terminal& terminal) {
  std::vector<const Column*> used;
  for (const auto& column : columns)
    if (std::any_of(rows.begin(), rows.end(), [&](const Value& row) { return !at_path(row, column.key).is_nil(); }))
      used.push_back(&column);
  if (used.empty()) return {};
  std::vector<Table::Head> heads;
  for (const auto* column : used)
    heads.push_back({column->title, column->format != Format::text && column->format != Format::time});
  Table table{std::move(heads)};
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    for (const auto* column : used) cells.push_back(cell(at_path(row, column->key), column->format));
    table.add(std::move(cells));
  }
  return table.text(terminal);
}

std::string record_text(const Value& map, const Terminal& terminal) {
  if (map.map() == nullptr) return plain(map) + "\n";
  Parts parts;
  collect(map, {}, parts);
  std::size_t width = 0;
  for (const auto& [name, text] : parts.lines) width = std::max(width, display_width(name));
  std::string out;
  for (const auto& [name, text] : parts.lines) {
    auto shown = text;
    if (terminal.tty && width + 3 < terminal.width) shown = shorten(text, terminal.width - width - 2);
    out += terminal.paint(name, Color::bold) + std::string(width - display_width(name) + 2, ' ') + shown + "\n";
  }
  for (const auto& [name, rows] : parts.tables) {
    out += (out.empty() ? "" : "\n") + terminal.paint(name, Color::bold) + "\n";
    out += table_text(*rows, columns_of(*rows), terminal);
  }
  return out;
}

}  // namespace tradebus::cli
