// Real recordings through the player, compared with a second, slow reading of the same files (zlib's gzgets and
// Decimal).
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "actors/providers/replay/catalogue.hpp"
#include "actors/providers/replay/history.hpp"
#include "tests/actors/providers/replay/recording_files.hpp"

namespace tradebus::replay::test {
namespace {

std::string market_data() {
  const char* shared = std::getenv("TRADEBUS_SHARED");
  const std::string root = shared != nullptr ? shared : std::string{TRADEBUS_SOURCE_DIR} + "/../shared";
  return root + "/data/market/";
}

// Empty, and says so, when the recordings are not there.
std::vector<std::string> find(std::initializer_list<const char*> names) {
  std::vector<std::string> out;
  for (const char* name : names) {
    out.push_back(market_data() + name);
    if (!std::filesystem::exists(out.back())) {
      BOOST_TEST_MESSAGE("SKIPPED: no recording " << out.back());
      return {};
    }
  }
  return out;
}

std::vector<std::vector<std::string>> read_slowly(const std::string& path) {
  std::vector<std::vector<std::string>> out;
  gzFile file = gzopen(path.c_str(), "rb");
  BOOST_REQUIRE(file != nullptr);
  char line[4'096];
  gzgets(file, line, sizeof line);
  while (gzgets(file, line, sizeof line) != nullptr) {
    std::vector<std::string> fields{""};
    for (const char* c = line; *c != '\0' && *c != '\n'; ++c) {
      if (*c == ',')
        fields.emplace_back();
      else
        fields.back() += *c;
    }
    out.push_back(std::move(fields));
  }
  gzclose(file);
  return out;
}

struct Played {
  FakeListener listener;
  FakeBus bus;
  double seconds = 0;
  PlayerCounters counters;
};
void play(Played& out, const std::vector<std::string>& paths, const std::vector<Topic>& topics, bool keep) {
  PlayerOptions options;
  options.provider = ProviderName{"replay"};
  options.speed = 0.0;
  options.start = StartRule::connect;
  if (!keep) out.bus.count_only();
  Player player{recording(paths), options, out.listener, out.bus.send()};
  out.bus.serve(&player);
  for (const auto& topic : topics) player.subscribe(topic);
  const auto start = std::chrono::steady_clock::now();
  player.go();
  BOOST_REQUIRE(out.listener.wait_for<Ended>(1, 200s));
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  out.counters = player.counters();
  out.bus.serve(nullptr);
}

void say_rate(const char* what, const Played& played) {
  BOOST_TEST_MESSAGE(what << ": " << played.counters.rows << " rows, " << played.bus.count() << " delivered, "
                          << static_cast<std::int64_t>(static_cast<double>(played.counters.rows) / played.seconds)
                          << " rows/s");
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_value_of_a_day) {
  const auto paths = find({"nasdaq-20120621/quotes.csv.gz", "nasdaq-20120621/trades.csv.gz"});
  if (paths.empty()) return;
  Played played;
  play(played, paths, {{1, StreamKind::quote, "AAPL"}, {2, StreamKind::trade, "AAPL"}}, true);
  const auto events = played.bus.events();

  struct Line {
    std::int64_t ts;
    TopicRef ref;
    std::vector<std::string> fields;
  };
  std::vector<Line> expected;
  for (const TopicRef ref : {1U, 2U})
    for (auto& fields : read_slowly(paths[ref - 1])) {
      const auto ts = std::stoll(fields[0]);
      expected.push_back({ts, ref, std::move(fields)});
    }
  std::stable_sort(expected.begin(), expected.end(), [](const Line& a, const Line& b) { return a.ts < b.ts; });
  BOOST_REQUIRE_EQUAL(events.size(), 118'497U + 34'990U);
  BOOST_REQUIRE_EQUAL(events.size(), expected.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& e = events[i];
    const auto& line = expected[i];
    BOOST_REQUIRE_EQUAL(unix_ns(e.ts), line.ts);
    BOOST_REQUIRE_EQUAL(e.ref, line.ref);
    auto check = [&](std::size_t column, auto value, bool there) {
      const auto& text = line.fields[column];
      BOOST_REQUIRE_EQUAL(there, !text.empty());
      if (there) BOOST_REQUIRE_EQUAL(value.to_string(), decltype(value)::parse_rounded(text)->to_string());
    };
    if (line.ref == 1) {
      check(2, e.price[0], (e.flags & MarketEvent::has_bid) != 0);
      check(3, e.qty[0], (e.flags & MarketEvent::has_bid_size) != 0);
      check(4, e.price[1], (e.flags & MarketEvent::has_ask) != 0);
      check(5, e.qty[1], (e.flags & MarketEvent::has_ask_size) != 0);
    } else {
      check(2, e.price[0], true);
      check(3, e.qty[0], true);
    }
  }
  BOOST_CHECK_EQUAL(played.counters.read.bad_lines, 0U);
  BOOST_CHECK_EQUAL(played.counters.read.out_of_order, 0U);
}

BOOST_AUTO_TEST_CASE(bars_with_fractions_of_a_coin) {
  const auto paths = find({"crypto/bars_1m.csv.gz", "crypto/quotes.csv.gz", "crypto/trades.csv.gz"});
  if (paths.empty()) return;
  Played played;
  play(played, paths, {{1, StreamKind::bar_1m, "BTCUSD"}, {2, StreamKind::bar_1m, "ETHUSD"}}, true);
  BOOST_CHECK_EQUAL(played.counters.read.bad_lines, 0U);
  std::map<std::pair<std::string, std::int64_t>, std::string> volumes;
  for (const auto& fields : read_slowly(paths[0]))
    volumes[{fields[1], std::stoll(fields[0])}] = Quantity::parse_rounded(fields[7])->to_string();
  const auto events = played.bus.events();
  BOOST_REQUIRE_EQUAL(events.size(), volumes.size());
  for (const auto& e : events)
    BOOST_REQUIRE_EQUAL(e.qty[0].to_string(), (volumes[{e.ref == 1 ? "BTCUSD" : "ETHUSD", unix_ns(e.ts)}]));
}

BOOST_AUTO_TEST_CASE(minute_bars_added_up_from_recorded_seconds) {
  const auto paths = find({"us-equity-20131007/bars_1s.csv.gz", "us-equity-20131007/bars_1m.csv.gz"});
  if (paths.empty()) return;
  std::atomic<bool> stop{false};
  auto bars_of = [&](const std::string& path) {
    const auto files = recording({path});
    const auto catalogue = Catalogue::scan(files, stop);
    GetHistoricalData query;
    query.symbol = Symbol{"SPY"};
    query.timeframe = Timeframe::m1;
    query.end = from_unix_ns(2'000'000'000'000'000'000);
    const auto bars = History{files, catalogue, stop}.bars(query);
    BOOST_REQUIRE(bars);
    return *bars;
  };
  const auto computed = bars_of(paths[0]);
  const auto recorded = bars_of(paths[1]);
  BOOST_REQUIRE_EQUAL(computed.size(), recorded.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < computed.size(); ++i) {
    const auto& a = computed[i];
    const auto& b = recorded[i];
    BOOST_REQUIRE(a.ts == b.ts);
    different += a.open == b.open && a.high == b.high && a.low == b.low && a.close == b.close ? 0U : 1U;
  }
  BOOST_CHECK_LE(different, 1U);  // the recording's own seam at the close
}

BOOST_AUTO_TEST_CASE(rows_a_second_through_the_thread) {
  const auto nasdaq = find({"nasdaq-20120621/quotes.csv.gz", "nasdaq-20120621/trades.csv.gz"});
  if (!nasdaq.empty()) {
    Played played;
    play(played, nasdaq, {{1, StreamKind::quote, "AAPL"}, {2, StreamKind::trade, "AAPL"}}, false);
    say_rate("nasdaq, two gz files", played);
    BOOST_CHECK_EQUAL(played.bus.count(), 153'487U);
  }
  const auto equity = find({"us-equity-20131007/quotes.csv.gz", "us-equity-20131007/trades.csv.gz"});
  if (!equity.empty()) {
    std::vector<Topic> topics;
    for (const char* symbol : {"AIG", "BAC", "IBM", "SPY"}) {
      topics.push_back({static_cast<TopicRef>(topics.size()), StreamKind::quote, symbol});
      topics.push_back({static_cast<TopicRef>(topics.size()), StreamKind::trade, symbol});
    }
    Played all;
    play(all, equity, topics, false);
    say_rate("us-equity, two gz files", all);
    BOOST_CHECK_EQUAL(all.bus.count(), 832'927U + 388'405U);
    Played one;
    play(one, equity, {{1, StreamKind::trade, "IBM"}}, false);
    say_rate("us-equity, one topic", one);
    std::atomic<bool> stop{false};
    const auto files = recording(equity);
    const auto start = std::chrono::steady_clock::now();
    const auto catalogue = Catalogue::scan(files, stop);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    BOOST_CHECK_EQUAL(catalogue.rows(), 832'927U + 388'405U);
    BOOST_TEST_MESSAGE("catalogue of both: " << took.count() << " s");
  }
}

}  // namespace tradebus::replay::test
