// Reads the header line and the rows of a recording. Pure: text in, values out; no file, no thread, no allocation a
// row.
//
// The header decides the kind of file; columns are found by name, so that further ones may stand anywhere:
//   quotes  ts_ns,symbol,bid,bid_size,ask,ask_size
//   trades  ts_ns,symbol,price,size
//   bars    ts_ns,symbol,timeframe,open,high,low,close,volume
//   actions ts_ns,symbol,action,value
// ts_ns: UTC ns, a bar's start. Prices and sizes: decimal text; an empty field was not recorded.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "actors/providers/replay/row.hpp"
#include "actors/providers/replay/symbol_table.hpp"
#include "actors/providers/replay/trading_day.hpp"
#include "bus/model/error.hpp"

namespace tradebus::replay {

inline constexpr std::size_t columns_max = 64;  // in a header; a table as wide as that is no recording of ours

struct Columns {
  FileKind kind = FileKind::trades;
  std::size_t count = 0;             // fields a line
  std::array<std::uint8_t, 8> at{};  // position of each known column, in the order of the forms above
};

// request.invalid says which columns are missing.
Result<Columns> parse_header(std::string_view line);

class CsvParser {
 public:
  // `keys_only`: reads ts, symbol and timeframe and leaves the numbers alone (a catalogue needs no more).
  explicit CsvParser(Columns columns, bool keys_only = false) : columns_{columns}, keys_only_{keys_only} {}

  // Fills `row` from a line without its line end; a new symbol goes into `symbols`. An empty view: good.
  // Else the reason why the line is bad; `row` is then undefined.
  std::string_view parse(std::string_view line, SymbolTable& symbols, Row& row);

  std::uint64_t rounded() const { return rounded_; }  // values that had more than nine decimals

 private:
  using Fields = std::array<std::string_view, columns_max>;
  std::string_view field(const Fields& fields, std::size_t column) const { return fields[columns_.at[column]]; }
  bool price(std::string_view text, Price& out);
  bool size(std::string_view text, Quantity& out);
  std::string_view parse_quote(const Fields& fields, MarketEvent& event);
  std::string_view parse_action(const Fields& fields, Row& row);
  std::string_view parse_trade(const Fields& fields, MarketEvent& event);
  std::string_view parse_bar(const Fields& fields, MarketEvent& event);
  std::string_view parse_timeframe(const Fields& fields, const SymbolTable& symbols, Row& row);

  Columns columns_;
  bool keys_only_;
  std::uint64_t rounded_ = 0;
  TradingDay days_;
};

}  // namespace tradebus::replay
