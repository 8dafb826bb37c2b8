// What the command prints and reads, without a daemon.
#include <boost/test/unit_test.hpp>

#include "clients/cli/endpoint.hpp"
#include "clients/cli/json.hpp"
#include "clients/cli/plot.hpp"
#include "clients/cli/recording.hpp"
#include "clients/cli/table.hpp"
#include "clients/cli/topics.hpp"
#include "clients/cli/when.hpp"

using namespace tradebus::cli;
using tradebus::client::Bar;
using tradebus::client::Value;

namespace {

constexpr std::int64_t s = 1'000'000'000;
constexpr std::int64_t now = 1'718'976'600 * s;  // 2024-06-21 13:30 UTC

}  // namespace

BOOST_AUTO_TEST_CASE(times_are_read_in_every_form) {
  BOOST_CHECK(parse_when("2024-06-21", 0) == 1'718'928'000 * s);
  BOOST_CHECK(parse_when("2024-06-21T13:30", 0) == now);
  BOOST_CHECK(parse_when("2024-06-21 13:30:00Z", 0) == now);
  BOOST_CHECK(parse_when("2024-06-21T09:30:00-04:00", 0) == now);
  BOOST_CHECK(parse_when("2024-06-21T15:30:00+02:00", 0) == now);
  BOOST_CHECK(parse_when("2024-06-21T13:30:00.000000001", 0) == now + 1);
  BOOST_CHECK(parse_when("-5d", now) == now - 5 * 86'400 * s);
  BOOST_CHECK(parse_when("-90s", now) == now - 90 * s);
  BOOST_CHECK(parse_when("now", now) == now);
  BOOST_CHECK(parse_when("1718976600000000000", 0) == now);
  for (const auto* bad :
       {"", "-", "-5", "-5y", "yesterday", "2024-13-01", "2024-02-30", "2024-06-21T", "2024-06-21T25:00",
        "2024-06-21T13:30:00X", "2024-06-21T13:30:00.", "9999-01-01", "-99999999999d", "2024-06-21T13:30:00+2"})
    BOOST_CHECK_MESSAGE(!parse_when(bad, now), bad);
}

BOOST_AUTO_TEST_CASE(times_are_written_with_the_digits_that_count) {
  BOOST_CHECK_EQUAL(time_text(now), "2024-06-21 13:30:00.000");
  BOOST_CHECK_EQUAL(time_text(now + 1), "2024-06-21 13:30:00.000000001");
  BOOST_CHECK_EQUAL(time_text(-1), "1969-12-31 23:59:59.999999999");
  BOOST_CHECK_EQUAL(clock_text(now + 123'456'789), "13:30:00.123");
}

BOOST_AUTO_TEST_CASE(json_is_exact_and_escaped) {
  Value value;
  value.set("text", "a\"b\\c\n\x01").set("price", 190.1).set("n", 5).set("list", Value::Array{Value{true}, Value{}});
  BOOST_CHECK_EQUAL(to_json(value), R"({"text":"a\"b\\c\n\u0001","price":190.1,"n":5,"list":[true,null]})");
}

BOOST_AUTO_TEST_CASE(numbers_beyond_prices_have_an_exponent_in_json_and_are_cut_in_tables) {
  BOOST_CHECK_EQUAL(to_json(Value{2.5e-63}), "2.5e-63");
  BOOST_CHECK_EQUAL(to_json(Value{1e-9}), "0.000000001");
  BOOST_CHECK_EQUAL(cell(Value{0.123456}, Format::model), "0.1235");
  BOOST_CHECK_EQUAL(cell(Value{-3.6611}, Format::percent), "-3.66 %");
  BOOST_CHECK_EQUAL(cell(Value{Value::Array{Value{}.set("name", "ticks").set("value", 5)}}, Format::text), "ticks=5");
}

BOOST_AUTO_TEST_CASE(tables_are_aligned_and_leave_out_empty_columns) {
  const Value::Array rows{Value{}.set("symbol", "AAPL").set("bid", 190.1).set("title", "é"),
                          Value{}.set("symbol", "X").set("bid", 5).set("title", "two\x1b[31m")};
  const auto text = table_text(
      rows, {{"SYMBOL", "symbol"}, {"BID", "bid", Format::number}, {"ASK", "ask", Format::number}, {"T", "title"}},
      Terminal{});
  BOOST_CHECK_EQUAL(text,
                    "SYMBOL    BID  T\n"
                    "AAPL    190.1  é\n"
                    "X           5  two [31m\n");
}

BOOST_AUTO_TEST_CASE(a_record_shows_nested_things) {
  const auto value = Value{}
                         .set("state", "up")
                         .set("ts", now)
                         .set("cache", Value{}.set("hits", 3))
                         .set("list", Value::Array{Value{}.set("a", 1)});
  BOOST_CHECK_EQUAL(record_text(value, Terminal{}),
                    "state       up\n"
                    "ts          2024-06-21 13:30:00.000\n"
                    "cache.hits  3\n"
                    "\nlist\na\n1\n");
}

BOOST_AUTO_TEST_CASE(colours_only_where_they_are_wanted) {
  BOOST_CHECK_EQUAL((Terminal{.tty = true, .colors = false}.paint("x", Color::red)), "x");
  BOOST_CHECK_EQUAL((Terminal{.tty = true, .colors = true}.paint("x", Color::red)), "\x1b[31mx\x1b[0m");
}

BOOST_AUTO_TEST_CASE(text_is_cut_by_cells) {
  BOOST_CHECK_EQUAL(shorten("Grüße an alle", 6), "Grüße…");
  BOOST_CHECK_EQUAL(shorten("Grüße", 5), "Grüße");
}

BOOST_AUTO_TEST_CASE(topics_are_read_in_every_form) {
  BOOST_CHECK_EQUAL(parse_topic("quote|AAPL|").value(), "quote|AAPL|");
  BOOST_CHECK_EQUAL(parse_topic("quote|AAPL").value(), "quote|AAPL|");
  BOOST_CHECK_EQUAL(parse_topic("quote:AAPL").value(), "quote|AAPL|");
  BOOST_CHECK_EQUAL(parse_topic("feed:quote").value(), "feed|quote|");
  BOOST_CHECK_EQUAL(parse_topic("quote|").value(), "quote|");
  for (const auto* bad : {"", "AAPL", ":AAPL", "quote||", "quote:AA PL"}) BOOST_CHECK_MESSAGE(!parse_topic(bad), bad);
}

BOOST_AUTO_TEST_CASE(the_kind_goes_into_the_file_name) {
  BOOST_CHECK_EQUAL(insert_word("rec.csv.gz", "quotes"), "rec.quotes.csv.gz");
  BOOST_CHECK_EQUAL(insert_word("a.b/rec.csv", "trades"), "a.b/rec.trades.csv");
  BOOST_CHECK_EQUAL(insert_word("a.b/rec", "bars"), "a.b/rec.bars");
  BOOST_CHECK_EQUAL(insert_word("rec.gz", "bars"), "rec.bars.gz");
  BOOST_CHECK_EQUAL(insert_word(".hidden", "bars"), ".hidden.bars");
}

BOOST_AUTO_TEST_CASE(what_the_daemon_binds_is_connected_to) {
  BOOST_CHECK_EQUAL(connectable("tcp://*:5570,ipc:///run/x"), "tcp://127.0.0.1:5570");
  BOOST_CHECK_EQUAL(connectable("tcp://0.0.0.0:1"), "tcp://127.0.0.1:1");
  BOOST_CHECK_EQUAL(connectable("tcp://host:1"), "tcp://host:1");
}

BOOST_AUTO_TEST_CASE(candles_fill_the_plot) {
  auto bar = [](std::int64_t minute, double open, double high, double low, double close) {
    Bar b;
    b.ts = now + minute * 60 * s;
    b.open = open, b.high = high, b.low = low, b.close = close;
    return b;
  };
  const auto text = plot_candles({bar(0, 10, 12, 10, 12), bar(1, 12, 14, 8, 8), bar(2, 11, 14, 8, 11)},
                                 {.width = 40, .height = 6}, Terminal{});
  BOOST_CHECK_EQUAL(text,
                    "14.00 ┤  ││\n"
                    "      │  ││\n"
                    "      │ ┃┃┿\n"
                    "      │ ┃┃│\n"
                    " 9.00 ┤  ┃│\n"
                    " 8.00 ┤  ┃│\n"
                    "        2024-06-21 13:30\n");
  BOOST_CHECK_EQUAL(plot_candles({}, {}, Terminal{}), "");
  // One flat bar is still seen, and more bars than columns are merged.
  BOOST_CHECK(plot_candles({bar(0, 5, 5, 5, 5)}, {.width = 40, .height = 4}, Terminal{}).find("━") !=
              std::string::npos);
  std::vector<Bar> many;
  for (int i = 0; i < 1000; ++i) many.push_back(bar(i, i, i + 2, i - 1, i + 1));
  const auto merged = merge_bars(many, 60);
  BOOST_CHECK_LE(merged.size(), 60U);
  BOOST_CHECK_EQUAL(merged.front().low, -1);
  BOOST_CHECK_EQUAL(merged.back().high, 1001);
  BOOST_CHECK_EQUAL(merged.back().close, 1000);
}
