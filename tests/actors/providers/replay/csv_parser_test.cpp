#include "actors/providers/replay/csv_parser.hpp"

#include <boost/test/unit_test.hpp>
#include <charconv>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "actors/providers/replay/plain_decimal.hpp"
#include "bus/model/instrument.hpp"

namespace tradebus::replay {
namespace {

Price price(const char* text) { return *Price::parse(text); }
Quantity qty(const char* text) { return *Quantity::parse(text); }

constexpr std::string_view quotes = "ts_ns,symbol,bid,bid_size,ask,ask_size";
constexpr std::string_view trades = "ts_ns,symbol,price,size";
constexpr std::string_view bars = "ts_ns,symbol,timeframe,open,high,low,close,volume";

struct Parsed {
  std::string_view bad;
  Row row;
  SymbolTable symbols;
  std::uint64_t rounded = 0;
};
Parsed parse(std::string_view header, std::string_view line) {
  Parsed out;
  CsvParser parser{*parse_header(header)};
  out.bad = parser.parse(line, out.symbols, out.row);
  out.rounded = parser.rounded();
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_header_decides_the_kind) {
  BOOST_CHECK(parse_header(quotes)->kind == FileKind::quotes);
  BOOST_CHECK(parse_header(trades)->kind == FileKind::trades);
  BOOST_CHECK(parse_header(bars)->kind == FileKind::bars);
  BOOST_CHECK(parse_header("\xEF\xBB\xBF" + std::string{trades})->kind == FileKind::trades);
  BOOST_CHECK(parse_header("ts_ns,symbol,price,size,exchange,conditions")->kind == FileKind::trades);
  for (const char* line :
       {"", "ts_ns,symbol,price", "ts_ns,symbol,open_interest", "1,AAPL,2,3", "TS_NS,SYMBOL,PRICE,SIZE",
        "ts_ns,symbol,timeframe,bid_open,bid_high,bid_low,bid_close,bid_size,ask_open,ask_high,ask_low,ask_close"}) {
    const auto columns = parse_header(line);
    BOOST_CHECK_MESSAGE(!columns, line);
    if (!columns) BOOST_CHECK(columns.error().message.find("ts_ns,symbol,price,size") != std::string::npos);
  }
  BOOST_CHECK(!parse_header(std::string(1'000, ',')));
}

BOOST_AUTO_TEST_CASE(a_quote_row) {
  const auto p = parse(quotes, "1340285400000000001,AAPL,585.33,18,585.9,200");
  BOOST_CHECK_EQUAL(p.bad, "");
  BOOST_CHECK_EQUAL(p.symbols.name(p.row.symbol), "AAPL");
  BOOST_CHECK(p.row.event.kind == StreamKind::quote);
  BOOST_CHECK_EQUAL(unix_ns(p.row.event.ts), 1340285400000000001);
  BOOST_CHECK_EQUAL(p.row.due, 1340285400000000001);
  BOOST_CHECK(p.row.event.price[0] == price("585.33") && p.row.event.price[1] == price("585.9"));
  BOOST_CHECK(p.row.event.qty[0] == qty("18") && p.row.event.qty[1] == qty("200"));
  BOOST_CHECK_EQUAL(p.row.event.flags, 15);
}

BOOST_AUTO_TEST_CASE(empty_fields_were_not_recorded) {
  BOOST_CHECK_EQUAL(parse(quotes, "1,A,1.5,,1.6,").row.event.flags, MarketEvent::has_bid | MarketEvent::has_ask);
  BOOST_CHECK_EQUAL(parse(quotes, "1,A,,,1.6,7").row.event.flags, MarketEvent::has_ask | MarketEvent::has_ask_size);
  BOOST_CHECK_EQUAL(parse(quotes, "1,A,,,,").row.event.flags, 0);
  BOOST_CHECK_EQUAL(parse(trades, "1,A,1.5,").bad, "");
  BOOST_CHECK(parse(trades, "1,A,1.5,").row.event.qty[0].is_zero());
  BOOST_CHECK_EQUAL(parse(trades, "1,A,,5").bad, "price is not a price");
  BOOST_CHECK_EQUAL(parse(bars, "1,A,1m,1,2,1,2,").bad, "");
  BOOST_CHECK_EQUAL(parse(bars, "1,A,1m,1,,1,2,3").bad, "high is not a price");
}

BOOST_AUTO_TEST_CASE(a_bar_is_due_at_its_end) {
  const auto m1 = parse(bars, "60000000000,A,1m,1,4,0.5,2,100");
  BOOST_CHECK(m1.row.event.kind == StreamKind::bar_1m);
  BOOST_CHECK_EQUAL(unix_ns(m1.row.event.ts), 60'000'000'000);
  BOOST_CHECK_EQUAL(m1.row.due, 120'000'000'000);
  BOOST_CHECK(m1.row.event.price[0] == price("1") && m1.row.event.price[1] == price("4") &&
              m1.row.event.price[2] == price("0.5") && m1.row.event.price[3] == price("2"));
  BOOST_CHECK(m1.row.event.qty[0] == qty("100"));
  BOOST_CHECK_EQUAL(m1.row.event.flags, MarketEvent::bar_final);
  // 2012-03-11 in New York has 23 hours, 2012-11-04 has 25.
  BOOST_CHECK_EQUAL(parse(bars, "1331442000000000000,A,1d,1,1,1,1,1").row.due,
                    1331442000000000000 + 23 * 3'600'000'000'000);
  BOOST_CHECK_EQUAL(parse(bars, "1352001600000000000,A,1d,1,1,1,1,1").row.due,
                    1352001600000000000 + 25 * 3'600'000'000'000);
  BOOST_CHECK_EQUAL(parse(bars, "1331424000000000000,BTCUSD,1d,1,1,1,1,1").row.due,
                    1331424000000000000 + 86'400'000'000'000);
  // A day that begins elsewhere than at midnight in New York takes 24 hours.
  BOOST_CHECK_EQUAL(parse(bars, "1331424000000000000,A,1d,1,1,1,1,1").row.due,
                    1331424000000000000 + 86'400'000'000'000);
  BOOST_CHECK_EQUAL(parse(bars, "1,A,2m,1,1,1,1,1").bad, "timeframe is not one of 1s 1m 5m 15m 1h 1d 1w");
}

BOOST_AUTO_TEST_CASE(further_columns_may_stand_anywhere) {
  const auto p = parse("size,exchange,price,symbol,ts_ns,note", "5,Q,1.25,MSFT,77,x y");
  BOOST_CHECK_EQUAL(p.bad, "");
  BOOST_CHECK_EQUAL(p.symbols.name(p.row.symbol), "MSFT");
  BOOST_CHECK(p.row.event.price[0] == price("1.25") && p.row.event.qty[0] == qty("5"));
  BOOST_CHECK_EQUAL(unix_ns(p.row.event.ts), 77);
}

BOOST_AUTO_TEST_CASE(bad_lines_have_a_reason) {
  const std::vector<std::pair<const char*, const char*>> table = {
      {"1340285400000000001,AAPL,585.33", "wrong number of fields"},
      {"1340285400000000001,AAPL,585.33,1,2", "wrong number of fields"},
      {"134028540", "wrong number of fields"},
      {",AAPL,585.33,1", "ts_ns is not a time in nanoseconds"},
      {"-5,AAPL,585.33,1", "ts_ns is not a time in nanoseconds"},
      {"1.5,AAPL,585.33,1", "ts_ns is not a time in nanoseconds"},
      {"99999999999999999999,AAPL,585.33,1", "ts_ns is not a time in nanoseconds"},
      {"9223372036854775807,AAPL,585.33,1", "ts_ns is not a time in nanoseconds"},
      {"1,,585.33,1", "symbol is not one that the bus accepts"},
      {"1,AA PL,585.33,1", "symbol is not one that the bus accepts"},
      {"1,A23456789012345678901234567890123,585.33,1", "symbol is not one that the bus accepts"},
      {"1,AAPL,585.3.3,1", "price is not a price"},
      {"1,AAPL,nan,1", "price is not a price"},
      {"1,AAPL,0x10,1", "price is not a price"},
      {"1,AAPL, 5,1", "price is not a price"},
      {"1,AAPL,99999999999,1", "price is not a price"},
      {"1,AAPL,5,-1", "size is not a size"},
      {"1,AAPL,5,\"1\"", "size is not a size"},
  };
  for (const auto& [line, reason] : table) BOOST_CHECK_EQUAL(parse(trades, line).bad, reason);
}

BOOST_AUTO_TEST_CASE(numbers_in_every_form) {
  const std::vector<std::pair<const char*, const char*>> exact = {{"0", "0"},
                                                                  {"007", "7"},
                                                                  {"5.", "5"},
                                                                  {".5", "0.5"},
                                                                  {"+1.5", "1.5"},
                                                                  {"1e3", "1000"},
                                                                  {"1.5E-3", "0.0015"},
                                                                  {"123456789.123456789", "123456789.123456789"},
                                                                  {"9223372036", "9223372036"},
                                                                  {"-37.63", "-37.63"},
                                                                  {"1.1234567890000", "1.123456789"}};
  for (const auto& [text, value] : exact) {
    const auto p = parse(trades, "1,A," + std::string{text} + ",1");
    BOOST_CHECK_EQUAL(p.bad, "");
    BOOST_CHECK_EQUAL(p.row.event.price[0].to_string(), price(value).to_string());
    BOOST_CHECK_EQUAL(p.rounded, 0U);
  }
  const std::vector<std::pair<const char*, const char*>> dust = {{"33.35399601000002", "33.35399601"},
                                                                 {"0.1234567895", "0.12345679"},
                                                                 {"0.1234567885", "0.123456788"},
                                                                 {"0.12345678850000001", "0.123456789"},
                                                                 {"1e-10", "0"},
                                                                 {"999999999.9999999999", "1000000000"}};
  for (const auto& [text, value] : dust) {
    const auto p = parse(trades, "1,A,1," + std::string{text});
    BOOST_CHECK_EQUAL(p.bad, "");
    BOOST_CHECK_EQUAL(p.row.event.qty[0].to_string(), qty(value).to_string());
    BOOST_CHECK_EQUAL(p.rounded, 1U);
  }
  const auto huge = parse(trades, "1,A,1,123456789012345678901");
  BOOST_CHECK_EQUAL(huge.row.event.qty[0].to_string(), "123456789012345678901");
}

BOOST_AUTO_TEST_CASE(the_fast_way_reads_what_the_exact_way_reads) {
  std::mt19937_64 random{7};
  const std::string alphabet = "0123456789..5505e-+ x";
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    const auto length = random() % 24;
    for (std::uint64_t k = 0; k < length; ++k) text += alphabet[random() % alphabet.size()];
    std::int64_t nanos = 0;
    const auto fast = read_plain(text, nanos);
    if (fast == PlainDecimal::other) continue;
    const auto slow = Quantity::parse_rounded(text);
    BOOST_REQUIRE_MESSAGE(slow, text);
    BOOST_REQUIRE_MESSAGE(slow->raw() == nanos, text);
    BOOST_REQUIRE_MESSAGE(Quantity::parse(text).has_value() == (fast == PlainDecimal::exact), text);
  }
}

namespace {

// The same rules, written down a second time without any haste.
struct Reference {
  bool good = false;
  std::int64_t ts = 0;
  std::string symbol;
  std::vector<std::optional<Int128>> values;
};
Reference read_slowly(FileKind kind, const std::string& line) {
  Reference out;
  std::vector<std::string> fields{""};
  for (const char c : line) {
    if (c == ',')
      fields.emplace_back();
    else
      fields.back() += c;
  }
  const std::size_t first_value = kind == FileKind::bars ? 3 : 2;
  if (fields.size() != (kind == FileKind::quotes ? 6U : kind == FileKind::trades ? 4U : 8U)) return out;
  const auto& ts = fields[0];
  if (ts.empty() || ts.size() > 19 || ts.find_first_not_of("0123456789") != std::string::npos) return out;
  unsigned long long ns = std::stoull(ts);
  if (ns > 9'222'372'036'854'775'807ULL) return out;
  out.ts = static_cast<std::int64_t>(ns);
  if (!parse_symbol(fields[1])) return out;
  out.symbol = fields[1];
  if (kind == FileKind::bars && !enum_from_string<Timeframe>(fields[2])) return out;
  for (std::size_t i = first_value; i < fields.size(); ++i) {
    const bool is_size = kind == FileKind::quotes ? i % 2 == 1 : kind == FileKind::trades ? i == 3 : i == 7;
    if (fields[i].empty()) {
      if (kind != FileKind::quotes && !is_size) return out;
      out.values.emplace_back();
    } else if (is_size) {
      const auto value = Quantity::parse_rounded(fields[i]);
      if (!value || value->is_negative()) return out;
      out.values.emplace_back(value->raw());
    } else {
      const auto value = Price::parse_rounded(fields[i]);
      if (!value) return out;
      out.values.emplace_back(value->raw());
    }
  }
  out.good = true;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_hundred_thousand_mutated_lines) {
  const std::vector<std::pair<std::string_view, std::string>> seeds = {
      {quotes, "1340285400000000001,AAPL,585.33,18,585.9,200"},
      {quotes, "1340285400000000001,BRK.B,,,585.9,33.35399601000002"},
      {trades, "1381132800000000000,IBM,182.01,100"},
      {bars, "1381132800000000000,SPY,1m,168.1,168.25,168.09,168.2,12345"},
  };
  const std::string alphabet = "0123456789,,..-+eE mdshAZ\"\r\t";
  std::mt19937_64 random{20120621};
  std::size_t good = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto& [header, seed] = seeds[random() % seeds.size()];
    std::string line = seed;
    for (auto edits = 1 + random() % 3; edits > 0 && !line.empty(); --edits) {
      const auto at = random() % line.size();
      const char c = random() % 50 == 0 ? static_cast<char>(random() % 256) : alphabet[random() % alphabet.size()];
      switch (random() % 4) {
        case 0:
          line[at] = c;
          break;
        case 1:
          line.insert(at, 1, c);
          break;
        case 2:
          line.erase(at, 1);
          break;
        default:
          line.resize(at);
          break;
      }
    }
    if (line.find('\n') != std::string::npos) continue;
    const auto columns = *parse_header(header);
    CsvParser parser{columns};
    SymbolTable symbols;
    Row row;
    const auto bad = parser.parse(line, symbols, row);
    const auto expected = read_slowly(columns.kind, line);
    BOOST_REQUIRE_MESSAGE(bad.empty() == expected.good, "line: " + line + " reason: " + std::string{bad});
    if (!expected.good) continue;
    ++good;
    BOOST_REQUIRE_EQUAL(unix_ns(row.event.ts), expected.ts);
    BOOST_REQUIRE_EQUAL(symbols.name(row.symbol), expected.symbol);
    std::vector<Int128> got;
    if (columns.kind == FileKind::quotes)
      got = {row.event.price[0].raw(), row.event.qty[0].raw(), row.event.price[1].raw(), row.event.qty[1].raw()};
    else if (columns.kind == FileKind::trades)
      got = {row.event.price[0].raw(), row.event.qty[0].raw()};
    else
      got = {row.event.price[0].raw(), row.event.price[1].raw(), row.event.price[2].raw(), row.event.price[3].raw(),
             row.event.qty[0].raw()};
    for (std::size_t k = 0; k < got.size(); ++k) {
      if (columns.kind == FileKind::quotes)
        BOOST_REQUIRE_EQUAL((row.event.flags & (1U << k)) != 0, expected.values[k].has_value());
      BOOST_REQUIRE_MESSAGE(got[k] == expected.values[k].value_or(0), line);
    }
  }
  BOOST_CHECK_GT(good, 10'000U);
}

BOOST_AUTO_TEST_CASE(symbols_get_small_numbers) {
  SymbolTable symbols;
  for (int round = 0; round < 2; ++round)
    for (unsigned i = 0; i < 10'000; ++i) BOOST_REQUIRE_EQUAL(symbols.intern("S" + std::to_string(i)).value(), i);
  BOOST_CHECK_EQUAL(symbols.size(), 10'000U);
  BOOST_CHECK_EQUAL(symbols.find("S77").value(), 77U);
  BOOST_CHECK(!symbols.find("T77"));
  BOOST_CHECK(!symbols.intern(""));
  BOOST_CHECK(!symbols.intern("no symbol"));
  BOOST_CHECK_EQUAL(symbols.size(), 10'000U);
}

BOOST_AUTO_TEST_CASE(rows_a_second_from_memory) {
  std::mt19937_64 random{1};
  const auto time_one = [](std::string_view header, const std::vector<std::string>& lines, const char* what) {
    CsvParser parser{*parse_header(header)};
    SymbolTable symbols;
    Row row;
    std::uint64_t rows = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int round = 0; round < 20; ++round)
      for (const auto& line : lines) rows += parser.parse(line, symbols, row).empty() ? 1U : 0U;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    BOOST_CHECK_EQUAL(rows, 20 * lines.size());
    BOOST_TEST_MESSAGE("parse from memory, " << what << ": "
                                             << static_cast<std::int64_t>(static_cast<double>(rows) / took.count())
                                             << " rows/s");
  };
  const std::vector<std::string> names = {"AIG", "BAC", "IBM", "SPY"};
  std::vector<std::string> trade_lines;
  std::vector<std::string> quote_lines;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const auto ts = std::to_string(1381132800000000000 + i * 1'000'000);
    const auto& name = names[random() % names.size()];
    const auto p = std::to_string(100 + random() % 100) + "." + std::to_string(10 + random() % 90);
    const auto n = std::to_string(100 * (1 + random() % 20));
    trade_lines.push_back(ts + "," + name + "," + p + "," + n);
    quote_lines.push_back(ts + "," + name + "," + p + "," + n + "," + p + "," + n);
  }
  time_one(trades, trade_lines, "trades");
  time_one(quotes, quote_lines, "quotes");
}

}  // namespace tradebus::replay
