// Bus values as aligned text: lists as tables, single things as key and value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/terminal.hpp"
#include "tradebus/value.hpp"

namespace tradebus::cli {

enum class Format { text, number, time, percent, model };  // model: of a formula, four decimals are enough

struct Column {
  std::string title;
  std::string key;  // a path: "order.symbol"
  Format format = Format::text;
};

// Rows of cells, aligned; in a terminal the last column is cut where the line ends.
class Table {
 public:
  struct Head {
    std::string title;
    bool right = false;
  };
  explicit Table(std::vector<Head> heads) : heads_{std::move(heads)} {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string text(const Terminal& terminal) const;

 private:
  std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                   const Terminal& terminal) const;

  std::vector<Head> heads_;
  std::vector<std::vector<std::string>> rows_;
};

// One cell: times as UTC, numbers as exact decimals, lists joined by commas; "" for nil.
std::string cell(const client::Value& value, Format format);
// The value at a path of keys.
const client::Value& at_path(const client::Value& value, std::string_view path);

// Columns in which no row has a value are left out.
std::string table_text(const client::Value::Array& rows, const std::vector<Column>& columns, const Terminal& terminal);

// A map of anything: its plain members as "key  value" lines, maps inside as "key.member", lists of maps as tables
// below.
std::string record_text(const client::Value& map, const Terminal& terminal);

}  // namespace tradebus::cli
