#include "actors/providers/replay/csv_parser.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <span>

#include "actors/providers/replay/plain_decimal.hpp"

namespace tradebus::replay {

namespace {

constexpr std::array<std::string_view, 6> quote_columns = {"ts_ns", "symbol", "bid", "bid_size", "ask", "ask_size"};
constexpr std::array<std::string_view, 4> trade_columns = {"ts_ns", "symbol", "price", "size"};
constexpr std::array<std::string_view, 8> bar_columns = {"ts_ns", "symbol", "timeframe", "open",
                                                         "high",  "low",    "close",     "volume"};
constexpr std::array<std::string_view, 4> action_columns = {"ts_ns", "symbol", "action", "value"};

// Splits at commas; the number of fields, or columns_max + 1 when there are too many.
std::size_t split(std::string_view line, std::array<std::string_view, columns_max>& fields) {
  std::size_t count = 0;
  const char* begin = line.data();
  const char* const end = begin + line.size();
  for (const char* p = begin; p != end; ++p) {
    if (*p != ',') continue;
    if (count == columns_max) return columns_max + 1;
    fields[count++] = {begin, static_cast<std::size_t>(p - begin)};
    begin = p + 1;
  }
  if (count == columns_max) return columns_max + 1;
  fields[count++] = {begin, static_cast<std::size_t>(end - begin)};
  return count;
}

bool read_time(std::string_view text, std::int64_t& ns) {
  if (text.empty() || text.size() > 19) return false;
  std::uint64_t value = 0;
  for (const char c : text) {
    const unsigned d = detail::digit_of(c);
    if (d > 9) return false;
    value = value * 10 + d;
  }
  // Room is left for the end of a bar that starts then.
  constexpr std::uint64_t latest =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) - 1'000'000'000'000'000;
  if (value > latest) return false;
  ns = static_cast<std::int64_t>(value);
  return true;
}

template <class Value>
bool read_decimal(std::string_view text, Value& out, std::uint64_t& rounded) {
  std::int64_t nanos = 0;
  const auto plain = read_plain(text, nanos);
  if (plain != PlainDecimal::other) {
    out = Value::from_raw(nanos);
    if (plain == PlainDecimal::rounded) ++rounded;
    return true;
  }
  if (auto exact = Value::parse(text)) {
    out = *exact;
    return true;
  }
  auto near = Value::parse_rounded(text);
  if (!near) return false;
  ++rounded;
  out = *near;
  return true;
}

}  // namespace

Result<Columns> parse_header(std::string_view line) {
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);  // a byte order mark
  std::array<std::string_view, columns_max> names;
  const std::size_t count = split(line, names);
  auto unknown = [&] {
    return fail(Errc::request_invalid,
                "no known header line; expected ts_ns,symbol,bid,bid_size,ask,ask_size or ts_ns,symbol,price,size or "
                "ts_ns,symbol,timeframe,open,high,low,close,volume or ts_ns,symbol,action,value, found \"" +
                    std::string{line.substr(0, 80)} + "\"");
  };
  if (count > columns_max) return unknown();
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(count);
  auto match = [&](FileKind kind, std::span<const std::string_view> wanted, Columns& out) {
    out.kind = kind;
    out.count = count;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto it = std::find(names.begin(), end, wanted[i]);
      if (it == end) return false;
      out.at[i] = static_cast<std::uint8_t>(it - names.begin());
    }
    return true;
  };
  Columns out;
  if (match(FileKind::quotes, quote_columns, out)) return out;
  if (match(FileKind::bars, bar_columns, out)) return out;
  if (match(FileKind::trades, trade_columns, out)) return out;
  if (match(FileKind::actions, action_columns, out)) return out;
  return unknown();
}

std::string_view CsvParser::parse(std::string_view line, SymbolTable& symbols, Row& row) {
  Fields fields;
  if (split(line, fields) != columns_.count) return "wrong number of fields";
  std::int64_t ts = 0;
  if (!read_time(field(fields, 0), ts)) return "ts_ns is not a time in nanoseconds";
  const auto symbol = symbols.intern(field(fields, 1));
  if (!symbol) return "symbol is not one that the bus accepts";
  row.symbol = *symbol;
  row.event.ts = from_unix_ns(ts);
  row.due = ts;
  std::string_view bad;
  switch (columns_.kind) {
    case FileKind::quotes:
      return keys_only_ ? bad : parse_quote(fields, row.event);
    case FileKind::trades:
      return keys_only_ ? bad : parse_trade(fields, row.event);
    case FileKind::bars:
      bad = parse_timeframe(fields, symbols, row);
      return keys_only_ || !bad.empty() ? bad : parse_bar(fields, row.event);
    case FileKind::actions:
      return parse_action(fields, row);
  }
  return bad;
}

bool CsvParser::price(std::string_view text, Price& out) { return read_decimal(text, out, rounded_); }

bool CsvParser::size(std::string_view text, Quantity& out) {
  return read_decimal(text, out, rounded_) && !out.is_negative();
}

std::string_view CsvParser::parse_quote(const Fields& fields, MarketEvent& event) {
  event.kind = StreamKind::quote;
  event.flags = 0;
  event.price[0] = event.price[1] = Price{};
  event.qty[0] = event.qty[1] = Quantity{};
  if (const auto text = field(fields, 2); !text.empty()) {
    if (!price(text, event.price[0])) return "bid is not a price";
    event.flags |= MarketEvent::has_bid;
  }
  if (const auto text = field(fields, 3); !text.empty()) {
    if (!size(text, event.qty[0])) return "bid_size is not a size";
    event.flags |= MarketEvent::has_bid_size;
  }
  if (const auto text = field(fields, 4); !text.empty()) {
    if (!price(text, event.price[1])) return "ask is not a price";
    event.flags |= MarketEvent::has_ask;
  }
  if (const auto text = field(fields, 5); !text.empty()) {
    if (!size(text, event.qty[1])) return "ask_size is not a size";
    event.flags |= MarketEvent::has_ask_size;
  }
  return {};
}

std::string_view CsvParser::parse_trade(const Fields& fields, MarketEvent& event) {
  event.kind = StreamKind::trade;
  event.qty[0] = Quantity{};
  if (!price(field(fields, 2), event.price[0])) return "price is not a price";
  if (const auto text = field(fields, 3); !text.empty() && !size(text, event.qty[0])) return "size is not a size";
  return {};
}

std::string_view CsvParser::parse_action(const Fields& fields, Row& row) {
  const auto action = enum_from_string<CorporateActionKind>(field(fields, 2));
  if (!action) return "action is not one of split dividend";
  row.action = *action;
  row.event.qty[0] = Quantity{};
  if (const auto text = field(fields, 3);
      !text.empty() && (!size(text, row.event.qty[0]) || row.event.qty[0].is_zero()))
    return "value is not above zero";
  return {};
}

std::string_view CsvParser::parse_timeframe(const Fields& fields, const SymbolTable& symbols, Row& row) {
  const auto timeframe = enum_from_string<Timeframe>(field(fields, 2));
  if (!timeframe) return "timeframe is not one of 1s 1m 5m 15m 1h 1d 1w";
  row.timeframe = *timeframe;
  row.event.kind = stream_of(*timeframe).value_or(StreamKind::bar_1d);
  // Only days depend on the zone.
  const auto zone = *timeframe == Timeframe::d1 ? day_zone(symbols.name(row.symbol)) : DayZone::utc;
  row.due = days_.bar_end(zone, *timeframe, row.due);
  return {};
}

std::string_view CsvParser::parse_bar(const Fields& fields, MarketEvent& event) {
  constexpr std::array<std::string_view, 4> reasons = {"open is not a price", "high is not a price",
                                                       "low is not a price", "close is not a price"};
  event.flags = MarketEvent::bar_final;
  event.qty[0] = Quantity{};
  for (std::size_t i = 0; i < reasons.size(); ++i)
    if (!price(field(fields, 3 + i), event.price[i])) return reasons[i];
  if (const auto text = field(fields, 7); !text.empty() && !size(text, event.qty[0])) return "volume is not a size";
  return {};
}

}  // namespace tradebus::replay
