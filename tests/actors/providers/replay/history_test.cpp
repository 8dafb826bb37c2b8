#include "actors/providers/replay/history.hpp"

#include "actors/providers/replay/bar_builder.hpp"
#include "actors/providers/replay/trading_day.hpp"
#include "tests/actors/providers/replay/recording_files.hpp"

namespace tradebus::replay::test {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t monday_2013 = 1'381'118'400 * second;  // 2013-10-07 04:00 UTC, midnight in New York

struct Library {
  explicit Library(std::vector<std::string> paths) : files{recording(paths)}, catalogue{Catalogue::scan(files, stop)} {}
  Result<std::vector<HistoricalBar>> bars(const char* symbol, Timeframe timeframe, std::int64_t start, std::int64_t end,
                                          std::uint32_t limit = 50'000) const {
    GetHistoricalData query;
    query.symbol = Symbol{symbol};
    query.timeframe = timeframe;
    query.start = from_unix_ns(start);
    query.end = from_unix_ns(end);
    query.limit = limit;
    return history.bars(query);
  }
  DailySnapshot snapshot(const char* symbol, std::int64_t now) const {
    auto out = history.snapshot({Symbol{symbol}}, from_unix_ns(now));
    BOOST_REQUIRE(out);
    return *out;
  }
  std::atomic<bool> stop{false};
  Recording files;
  Catalogue catalogue;
  History history{files, catalogue, stop};
};

std::string trade(std::int64_t ts, const char* symbol, const char* price, int size) {
  return std::to_string(ts) + "," + symbol + "," + price + "," + std::to_string(size) + "\n";
}
std::string bar(std::int64_t ts, const char* symbol, const char* timeframe, const char* values) {
  return std::to_string(ts) + "," + symbol + "," + timeframe + "," + values + "\n";
}

std::string text(const HistoricalBar& b) {
  return std::to_string(unix_ns(b.ts)) + " " + b.open.to_string() + " " + b.high.to_string() + " " + b.low.to_string() +
         " " + b.close.to_string() + " " + b.volume.to_string();
}
std::string text(const Result<std::vector<HistoricalBar>>& bars) {
  if (!bars) return bars.error().message;
  std::string out;
  for (const auto& b : *bars) out += text(b) + "; ";
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(days_begin_where_the_symbol_lives) {
  for (const char* pair : {"BTC-USD", "ETH-BTC", "EUR-USD", "BTCUSD", "BTCUSDT", "USDJPY", "ETHUSDC"})
    BOOST_CHECK_MESSAGE(day_zone(pair) == DayZone::utc, pair);
  for (const char* other : {"AAPL", "BRK.B", "ESU4", "ES_201312", "AAPL240621C00190000", "USD", "USDU", "GOOGL"})
    BOOST_CHECK_MESSAGE(day_zone(other) == DayZone::new_york, other);
  TradingDay days;
  const auto ny = DayZone::new_york;
  BOOST_CHECK_EQUAL(days.bar_start(ny, Timeframe::d1, monday_2013), monday_2013);
  BOOST_CHECK_EQUAL(days.bar_start(ny, Timeframe::d1, monday_2013 + day - 1), monday_2013);
  BOOST_CHECK_EQUAL(days.bar_start(ny, Timeframe::d1, monday_2013 - 1), monday_2013 - day);
  BOOST_CHECK_EQUAL(days.bar_start(ny, Timeframe::w1, monday_2013 + 6 * day), monday_2013);
  BOOST_CHECK_EQUAL(days.bar_start(ny, Timeframe::w1, monday_2013 - 1), monday_2013 - 7 * day);
  BOOST_CHECK_EQUAL(days.bar_start(ny, Timeframe::h1, monday_2013 + hour + 7), monday_2013 + hour);
  BOOST_CHECK_EQUAL(days.bar_start(DayZone::utc, Timeframe::d1, monday_2013), monday_2013 - 4 * hour);
  BOOST_CHECK_EQUAL(days.bar_start(DayZone::utc, Timeframe::w1, monday_2013 + 3 * day), monday_2013 - 4 * hour);
  // Clocks change: 2013-11-03 has 25 hours, 2013-03-10 has 23.
  const std::int64_t nov3 = 1'383'451'200 * second;
  BOOST_CHECK_EQUAL(days.bar_start(ny, Timeframe::d1, nov3 + 25 * hour - 1), nov3);
  BOOST_CHECK_EQUAL(days.bar_start(ny, Timeframe::d1, nov3 + 25 * hour), nov3 + 25 * hour);
  BOOST_CHECK_EQUAL(days.bar_end(ny, Timeframe::d1, nov3), nov3 + 25 * hour);
  const std::int64_t mar10 = 1'362'891'600 * second;
  BOOST_CHECK_EQUAL(days.bar_start(ny, Timeframe::d1, mar10 + 23 * hour - 1), mar10);
  BOOST_CHECK_EQUAL(days.bar_end(ny, Timeframe::d1, mar10), mar10 + 23 * hour);
}

BOOST_AUTO_TEST_CASE(rows_in_any_order_make_the_same_bar) {
  auto at = [](std::int64_t ts, int price, int size) {
    return MarketEvent::trade(0, from_unix_ns(ts), {}, Price::from_int(price), Quantity::from_int(size));
  };
  std::vector<MarketEvent> trades = {at(1, 10, 1), at(2, 15, 2), at(3, 8, 3), at(4, 12, 4)};
  std::ranges::sort(trades, {}, [](const auto& t) { return unix_ns(t.ts); });
  std::vector<int> order = {0, 1, 2, 3};
  do {
    BarBuilder builder{10};
    for (const int i : order) builder.add_trade(0, trades[static_cast<std::size_t>(i)]);
    const auto bars = builder.take("A");
    BOOST_REQUIRE_EQUAL(bars.size(), 1U);
    BOOST_REQUIRE_EQUAL(text(bars[0]), "0 10 15 8 12 10");
    BOOST_REQUIRE_EQUAL(bars[0].trades.value(), 4);
  } while (std::next_permutation(order.begin(), order.end()));
}

BOOST_AUTO_TEST_CASE(the_first_bars_are_kept_whatever_comes_first) {
  BarBuilder builder{2};
  for (const int start : {50, 40, 10, 30, 20, 50, 10})
    builder.add_trade(start, MarketEvent::trade(0, from_unix_ns(start), {}, Price::from_int(1), Quantity::from_int(1)));
  const auto bars = builder.take("A");
  BOOST_REQUIRE_EQUAL(bars.size(), 2U);
  BOOST_CHECK_EQUAL(unix_ns(bars[0].ts), 10);
  BOOST_CHECK_EQUAL(bars[0].trades.value(), 2);
  BOOST_CHECK_EQUAL(unix_ns(bars[1].ts), 20);
}

BOOST_AUTO_TEST_CASE(bars_from_trades) {
  const Folder folder;
  const std::int64_t open = monday_2013 + 9 * hour + 30 * minute;
  const Library library{
      {folder.write("t", std::string{trade_header} + trade(open, "A", "10", 1) + trade(open + 1, "B", "99", 1) +
                             trade(open + 59 * second, "A", "11.5", 2) + trade(open + minute, "A", "9", 3) +
                             trade(open + 5 * minute, "A", "8", 4) + trade(open + day, "A", "7", 5))}};
  const auto o = [&](std::int64_t offset) { return std::to_string(open + offset); };
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::m1, 0, open + hour)),
                    o(0) + " 10 11.5 10 11.5 3; " + o(minute) + " 9 9 9 9 3; " + o(5 * minute) + " 8 8 8 8 4; ");
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::m5, 0, open + hour)),
                    o(0) + " 10 11.5 9 9 6; " + o(5 * minute) + " 8 8 8 8 4; ");
  BOOST_CHECK_EQUAL(
      text(library.bars("A", Timeframe::d1, 0, open + 10 * day)),
      std::to_string(monday_2013) + " 10 11.5 8 8 10; " + std::to_string(monday_2013 + day) + " 7 7 7 7 5; ");
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::w1, 0, open + 10 * day)),
                    std::to_string(monday_2013) + " 10 11.5 7 7 15; ");
  // A bar that begins before the file's first row.
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::d1, monday_2013, monday_2013 + 1)),
                    std::to_string(monday_2013) + " 10 11.5 8 8 10; ");
  // start counts for bar starts, end is exclusive, limit takes the first.
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::m1, open + 1, open + 5 * minute)), o(minute) + " 9 9 9 9 3; ");
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::m1, 0, open + hour, 1)), o(0) + " 10 11.5 10 11.5 3; ");
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::m1, 0, open + hour, 0)), "");
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::m1, open + 2 * day, open + 3 * day)), "");
}

BOOST_AUTO_TEST_CASE(recorded_bars_come_before_computed_ones) {
  const Folder folder;
  const auto bars_text = std::string{bar_header} + bar(monday_2013, "A", "1m", "1,3,1,2,10") +
                         bar(monday_2013 + minute, "A", "1m", "2,4,2,4,20") +
                         bar(monday_2013 + 5 * minute, "A", "1m", "5,5,5,5,1");
  const auto hours_text = std::string{bar_header} + bar(monday_2013, "A", "1h", "7,7,7,7,7");
  const auto trades_text = std::string{trade_header} + trade(monday_2013, "A", "100", 100);
  const Library library{
      {folder.write("t", trades_text), folder.write("h", hours_text), folder.write_gz("m", bars_text)}};
  const auto m = [&](std::int64_t offset) { return std::to_string(monday_2013 + offset); };
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::h1, 0, monday_2013 + day)), m(0) + " 7 7 7 7 7; ");
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::m5, 0, monday_2013 + day)),
                    m(0) + " 1 4 1 4 30; " + m(5 * minute) + " 5 5 5 5 1; ");
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::d1, 0, monday_2013 + day)),
                    m(0) + " 7 7 7 7 7; ");  // from 1h, not from 1m
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::s1, 0, monday_2013 + day)), m(0) + " 100 100 100 100 100; ");
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::m1, monday_2013 + minute, monday_2013 + 5 * minute)),
                    m(minute) + " 2 4 2 4 20; ");
}

BOOST_AUTO_TEST_CASE(bars_from_files_in_any_order_and_twice) {
  const Folder folder;
  const auto late = folder.write(
      "late", std::string{bar_header} + bar(minute, "A", "1m", "2,2,2,2,2") + bar(2 * minute, "A", "1m", "3,3,3,3,3"));
  const auto early = folder.write(
      "early", std::string{bar_header} + bar(0, "A", "1m", "1,1,1,1,1") + bar(minute, "A", "1m", "9,9,9,9,9"));
  const Library library{{late, early}};
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::m1, 0, day)),
                    "0 1 1 1 1 1; 60000000000 2 2 2 2 2; 120000000000 3 3 3 3 3; ");
  BOOST_CHECK_EQUAL(text(library.bars("A", Timeframe::m1, 0, day, 1)), "0 1 1 1 1 1; ");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_answered_says_why) {
  const Folder folder;
  const Library library{{folder.write("q", std::string{quote_header} + "1,Q,1,1,2,2\n"),
                         folder.write("d", std::string{bar_header} + bar(0, "D", "1d", "1,1,1,1,1"))}};
  BOOST_CHECK(library.bars("NONE", Timeframe::m1, 0, 1).error().code == Errc::instrument_unknown);
  BOOST_CHECK(library.bars("Q", Timeframe::m1, 0, 1).error().code == Errc::provider_unsupported);
  BOOST_CHECK(library.bars("D", Timeframe::m1, 0, 1).error().code == Errc::provider_unsupported);
  BOOST_CHECK(library.bars("D", Timeframe::d1, 5, 5).error().code == Errc::request_invalid);
  BOOST_CHECK_EQUAL(library.bars("D", Timeframe::d1, 5, 4).error().key, "start");
  GetHistoricalData adjusted;
  adjusted.symbol = Symbol{"D"};
  adjusted.end = from_unix_ns(1);
  adjusted.adjusted = true;
  BOOST_CHECK(library.history.bars(adjusted).error().code == Errc::provider_unsupported);
}

BOOST_AUTO_TEST_CASE(a_snapshot_knows_nothing_of_what_is_to_come) {
  const Folder folder;
  const std::int64_t open = monday_2013 + 9 * hour + 30 * minute;
  const Library library{
      {folder.write("t", std::string{trade_header} + trade(open - 3 * day, "A", "8", 7) + trade(open, "A", "10", 1) +
                             trade(open + minute, "A", "12", 2) + trade(open + 2 * minute, "A", "50", 4)),
       folder.write("d", std::string{bar_header} + bar(monday_2013 - 3 * day, "D", "1d", "1,1,1,4,1") +
                             bar(monday_2013, "D", "1d", "5,5,5,5,5"))}};
  auto snapshot = library.snapshot("A", open + minute);
  BOOST_REQUIRE(snapshot.day && snapshot.previous_day);
  BOOST_CHECK_EQUAL(text(*snapshot.day), std::to_string(monday_2013) + " 10 12 10 12 3");
  BOOST_CHECK_EQUAL(text(*snapshot.previous_day), std::to_string(monday_2013 - 3 * day) + " 8 8 8 8 7");
  BOOST_CHECK_EQUAL(snapshot.change.value().to_string(), "4");
  BOOST_CHECK_CLOSE(snapshot.change_percent.value(), 50.0, 1e-9);
  snapshot = library.snapshot("A", open - hour);
  BOOST_CHECK(!snapshot.day && snapshot.previous_day && !snapshot.change);
  // A day's bar is known when the day is over.
  snapshot = library.snapshot("D", monday_2013 + day - 1);
  BOOST_CHECK(!snapshot.day);
  BOOST_CHECK_EQUAL(snapshot.previous_day.value().close.to_string(), "4");
  snapshot = library.snapshot("D", monday_2013 + day);
  BOOST_CHECK_EQUAL(snapshot.previous_day.value().close.to_string(), "5");
}

BOOST_AUTO_TEST_CASE(the_catalogue_knows_what_is_there) {
  const Folder folder;
  const Library library{{folder.write("q", std::string{quote_header} + "1,AAPL,1,1,2,2\n5,AAPL,1,1,2,2\nbad\n"),
                         folder.write("t", std::string{trade_header} + "3,AAPL,1,1\n2,AAPL,1,1\n4,TAP,1,1\n"),
                         folder.write("b", std::string{bar_header} + bar(0, "BTC-USD", "1m", "1,1,1,1,1") +
                                               bar(0, "BTC-USD", "15m", "1,1,1,1,1"))}};
  const auto& c = library.catalogue;
  BOOST_CHECK_EQUAL(c.symbols(), 3U);
  BOOST_CHECK_EQUAL(c.rows(), 7U);
  const auto& entries = *c.find("AAPL");
  BOOST_REQUIRE_EQUAL(entries.size(), 2U);
  BOOST_CHECK_EQUAL(entries[0].first_ts, 1);
  BOOST_CHECK_EQUAL(entries[0].last_ts, 5);
  BOOST_CHECK(entries[0].in_order && !entries[1].in_order);
  BOOST_CHECK_EQUAL(entries[1].rows, 2U);
  BOOST_CHECK(c.check(StreamKind::quote, "AAPL"));
  BOOST_CHECK(c.check(StreamKind::bar_1m, "BTC-USD"));
  BOOST_CHECK(c.check(StreamKind::quote, "TAP").error().code == Errc::provider_unsupported);
  BOOST_CHECK(c.check(StreamKind::bar_1m, "AAPL").error().code == Errc::provider_unsupported);
  BOOST_CHECK(c.check(StreamKind::bar_1d, "BTC-USD").error().code == Errc::provider_unsupported);
  BOOST_CHECK(c.check(StreamKind::quote, "MSFT").error().code == Errc::instrument_unknown);
  BOOST_CHECK((c.streams() == std::vector{StreamKind::quote, StreamKind::trade, StreamKind::bar_1m}));
  BOOST_CHECK_EQUAL(c.timeframes().size(), 7U);
  const auto found = c.search({"ap", 10}).matches;
  BOOST_REQUIRE_EQUAL(found.size(), 2U);
  BOOST_CHECK_EQUAL(c.search({"tap", 10}).matches[0].symbol.str(), "TAP");
  BOOST_CHECK_EQUAL(c.search({"", 2}).matches.size(), 2U);
  BOOST_CHECK(c.search({"btc", 10}).matches.at(0).asset_class == AssetClass::crypto);
}

}  // namespace tradebus::replay::test
