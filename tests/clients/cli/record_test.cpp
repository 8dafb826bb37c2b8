// Recordings by the real binary: exactly the files that replay reads, whatever happens on the way.
#include <zlib.h>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/clients/support/fake_bus.hpp"
#include "tests/clients/support/subprocess.hpp"

using namespace tradebus::test;

namespace {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "tradebus-record-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

std::string read_plain(const std::string& path) {
  std::ifstream in{path};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// The whole text, and whether the file ends as a gzip file must (trailer and checksum).
std::pair<std::string, bool> read_gz(const std::string& path) {
  gzFile in = gzopen(path.c_str(), "rb");
  if (in == nullptr) return {"", false};
  std::string out;
  std::array<char, 4096> buffer{};
  int n = 0;
  while ((n = gzread(in, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0)
    out.append(buffer.data(), static_cast<std::size_t>(n));
  int error = Z_OK;
  gzerror(in, &error);
  const bool whole = n == 0 && error == Z_OK && gzdirect(in) == 0;
  return {out, gzclose(in) == Z_OK && whole};
}

bool wait_file(const std::string& path, const std::string& text) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < deadline) {
    if (read_plain(path).find(text) != std::string::npos) return true;
    std::this_thread::yield();
  }
  return false;
}

std::vector<std::string> record(const FakeBus& bus, std::vector<std::string> args) {
  args.insert(args.begin(), "record");
  args.insert(args.end(), {"--stream", bus.stream(), "--command", bus.command()});
  return args;
}

constexpr auto quote_header = "ts_ns,symbol,bid,bid_size,ask,ask_size\n";

}  // namespace

BOOST_AUTO_TEST_CASE(quotes_are_written_as_exact_decimals_and_absent_sides_stay_empty) {
  FakeBus bus;
  Folder folder;
  bus.set_last("quote|AAPL|", quote_body(1, 190.1, 190.2));
  Subprocess program{TRADEBUS_CLI, record(bus, {"quote:AAPL", "-o", folder.file("q.csv"), "--count", "4"})};
  BOOST_REQUIRE(bus.wait_subscribed("quote|AAPL|"));
  bus.publish("quote|AAPL|", quote_body(1, 190.1, 190.2));  // the snapshot again
  bus.publish("quote|AAPL|", quote_body(2, 0.000000001, 123456.789012345));
  bus.publish("quote|AAPL|", map_of({{"symbol", "AAPL"}, {"ts", 5}, {"ask", 1e-7}, {"seq", 3}}));
  bus.publish("quote|AAPL|", map_of({{"symbol", "AAPL"}, {"ts", 6}, {"bid", 190}, {"bid_size", 0.5}, {"seq", 4}}));
  BOOST_CHECK_EQUAL(program.wait().code, 0);
  BOOST_CHECK_EQUAL(read_plain(folder.file("q.csv")),
                    std::string{quote_header} +
                        "1718976600000000001,AAPL,190.1,200,190.2,300\n"
                        "1718976600000000002,AAPL,0.000000001,200,123456.789012345,300\n"
                        "5,AAPL,,,0.0000001,\n"
                        "6,AAPL,190,0.5,,\n");
}

BOOST_AUTO_TEST_CASE(several_kinds_get_a_file_each) {
  FakeBus bus;
  Folder folder;
  Subprocess program{TRADEBUS_CLI, record(bus, {"quote|AAPL|", "trade:AAPL", "bar_1m:AAPL", "-o",
                                                folder.file("rec.csv.gz"), "--count", "3", "--json"})};
  BOOST_REQUIRE(bus.wait_subscribed("quote|AAPL|") && bus.wait_subscribed("trade|AAPL|") &&
                bus.wait_subscribed("bar_1m|AAPL|"));
  auto bar = [](std::uint64_t seq, bool final) {
    return map_of({{"symbol", "AAPL"},
                   {"ts", 60},
                   {"open", 1},
                   {"high", 2.5},
                   {"low", 0.5},
                   {"close", 2},
                   {"volume", 1000},
                   {"final", final},
                   {"seq", seq}});
  };
  bus.publish("bar_1m|AAPL|", bar(1, false));  // still grows
  bus.publish("bar_1m|AAPL|", bar(2, true));
  bus.publish("trade|AAPL|", trade_body(1, 190.15, 100));
  bus.publish("quote|AAPL|", quote_body(1, 190.1, 190.2));
  const auto result = program.wait();
  BOOST_CHECK_EQUAL(result.code, 0);
  BOOST_CHECK(result.out.find("\"rows\":1") != std::string::npos);
  BOOST_CHECK_EQUAL(read_gz(folder.file("rec.quotes.csv.gz")).first,
                    std::string{quote_header} + "1718976600000000001,AAPL,190.1,200,190.2,300\n");
  BOOST_CHECK_EQUAL(read_gz(folder.file("rec.trades.csv.gz")).first,
                    "ts_ns,symbol,price,size\n1718976600000000001,AAPL,190.15,100\n");
  BOOST_CHECK_EQUAL(read_gz(folder.file("rec.bars.csv.gz")).first,
                    "ts_ns,symbol,timeframe,open,high,low,close,volume\n60,AAPL,1m,1,2.5,0.5,2,1000\n");
}

BOOST_AUTO_TEST_CASE(a_feed_is_recorded_item_by_item) {
  FakeBus bus;
  Folder folder;
  Subprocess program{TRADEBUS_CLI, record(bus, {"feed|trade|", "-o", folder.file("t.csv"), "--count", "2"})};
  BOOST_REQUIRE(bus.wait_subscribed("feed|trade|"));
  bus.publish("feed|trade|",
              map_of({{"seq", 1}, {"items", Value::Array{trade_body(1, 1, 2), trade_body(1, 3, 4, "MSFT")}}}));
  BOOST_CHECK_EQUAL(program.wait().code, 0);
  BOOST_CHECK_EQUAL(read_plain(folder.file("t.csv")),
                    "ts_ns,symbol,price,size\n1718976600000000001,AAPL,1,2\n1718976600000000001,MSFT,3,4\n");
}

BOOST_AUTO_TEST_CASE(ctrl_c_leaves_a_whole_file) {
  for (const int signal : {SIGINT, SIGTERM}) {
    FakeBus bus;
    Folder folder;
    const auto path = folder.file("t.csv.gz");
    Subprocess program{TRADEBUS_CLI, record(bus, {"trade:AAPL", "quote:AAPL", "-o", path})};
    BOOST_REQUIRE(bus.wait_subscribed("trade|AAPL|") && bus.wait_subscribed("quote|AAPL|"));
    bus.publish("trade|AAPL|", trade_body(1, 190.15, 100));
    const auto written = folder.file("t.trades.csv.gz");
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (read_gz(written).first.find("190.15") == std::string::npos && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();  // flushed while it runs
    program.signal(signal);
    BOOST_CHECK_EQUAL(program.wait().code, 0);
    const auto [text, whole] = read_gz(written);
    BOOST_CHECK(whole);
    BOOST_CHECK_EQUAL(text, "ts_ns,symbol,price,size\n1718976600000000001,AAPL,190.15,100\n");
    BOOST_CHECK(read_gz(folder.file("t.quotes.csv.gz")).second);
  }
}

BOOST_AUTO_TEST_CASE(a_gap_is_refilled_or_told) {
  for (const bool kept : {true, false}) {
    FakeBus bus;
    Folder folder;
    bus.on("get_missed", [kept](const Value&) {
      Value::Array messages;
      if (kept) messages = {trade_body(2, 2, 1), trade_body(3, 3, 1)};
      return FakeBus::Answer{true, map_of({{"messages", messages}, {"complete", kept}, {"first_kept", 2}})};
    });
    Subprocess program{TRADEBUS_CLI, record(bus, {"trade:AAPL", "-o", folder.file("t.csv")})};
    BOOST_REQUIRE(bus.wait_subscribed("trade|AAPL|"));
    bus.publish("trade|AAPL|", trade_body(1, 1, 1));
    bus.publish("trade|AAPL|", trade_body(4, 4, 1));
    BOOST_REQUIRE(wait_file(folder.file("t.csv"), "AAPL,4,1\n"));
    program.signal(SIGINT);
    const auto result = program.wait();
    BOOST_CHECK_EQUAL(result.code, kept ? 0 : 4);
    BOOST_CHECK_EQUAL(result.err.find("lost") != std::string::npos, !kept);
    const std::string first = "ts_ns,symbol,price,size\n1718976600000000001,AAPL,1,1\n";
    const std::string middle = "1718976600000000002,AAPL,2,1\n1718976600000000003,AAPL,3,1\n";
    BOOST_CHECK_EQUAL(read_plain(folder.file("t.csv")),
                      first + (kept ? middle : "") + "1718976600000000004,AAPL,4,1\n");
  }
}

BOOST_AUTO_TEST_CASE(a_hole_upstream_is_code_4) {
  FakeBus bus;
  Folder folder;
  Subprocess program{TRADEBUS_CLI, record(bus, {"trade:AAPL", "-o", folder.file("t.csv"), "--count", "1"})};
  BOOST_REQUIRE(bus.wait_subscribed("trade|AAPL|") && bus.wait_subscribed("status|trade|AAPL|"));
  bus.publish("status|trade|AAPL|", map_of({{"seq", 1}, {"state", "gap"}, {"reason", "transport"}}));
  bus.publish("trade|AAPL|", trade_body(1, 1, 1));
  const auto result = program.wait();
  BOOST_CHECK_EQUAL(result.code, 4);
  BOOST_CHECK(result.err.find("transport") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_recording_ends_when_all_its_data_has_ended) {
  FakeBus bus;
  Folder folder;
  Subprocess program{TRADEBUS_CLI, record(bus, {"trade:AAPL", "quote:AAPL", "-o", folder.file("t.csv")})};
  BOOST_REQUIRE(bus.wait_subscribed("trade|AAPL|") && bus.wait_subscribed("quote|AAPL|"));
  bus.publish("status|trade|AAPL|", map_of({{"seq", 1}, {"state", "ended"}}));
  bus.publish("quote|AAPL|", quote_body(1, 1, 2));
  bus.publish("status|quote|AAPL|", map_of({{"seq", 1}, {"state", "ended"}}));
  BOOST_CHECK_EQUAL(program.wait().code, 0);
  BOOST_CHECK_EQUAL(read_plain(folder.file("t.quotes.csv")),
                    std::string{quote_header} + "1718976600000000001,AAPL,1,200,2,300\n");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_recorded_is_code_1) {
  FakeBus bus;
  BOOST_CHECK_EQUAL((Subprocess{TRADEBUS_CLI, record(bus, {"order:PAPER", "-o", "/dev/null"})}.wait().code), 1);
  BOOST_CHECK_EQUAL((Subprocess{TRADEBUS_CLI, record(bus, {"trade:AAPL", "-o", "/nowhere/at/all.csv"})}.wait().code),
                    1);
  const auto full = Subprocess{TRADEBUS_CLI, record(bus, {"trade:AAPL", "-o", "/dev/full", "--for", "0.2"})}.wait();
  BOOST_CHECK_EQUAL(full.code, 1);
  BOOST_CHECK(full.err.find("/dev/full") != std::string::npos);
}
