#include "tests/actors/providers/conformance_rows.hpp"

#include <memory>
#include <string>

#include "engine/calendar/calendars.hpp"
#include "tests/actors/providers/ibkr/gateway_program.hpp"
#include "tests/actors/providers/massive/simulator.hpp"
#include "tests/actors/providers/replay/recording_files.hpp"

namespace tradebus::test {

namespace {

using namespace std::chrono_literals;

ConformanceRow sim_stepped() {
  const Timestamp now = Timestamp{std::chrono::sys_days{std::chrono::year{2024} / 6 / 12}} + 15h;  // in session
  ConformanceRow row;
  row.title = "sim";
  row.provider = "sim";
  row.configure = [](Section& s) { s.set("ticks_per_second", 20'000.0); };
  row.clock = [now] { return Clock{now}; };
  row.known = Symbol{"AAPL"};
  row.other = Symbol{"BTC-USD"};
  row.unknown = Symbol{"not a symbol"};
  row.option = Symbol{"AAPL240621C00210000"};
  row.start = now - 24h;
  row.end = now;
  return row;
}

// The same with a real scheduler; and a list of symbols, so that a well-formed one can be unknown.
ConformanceRow sim_live() {
  ConformanceRow row = sim_stepped();
  row.title = "sim on a real scheduler";
  row.threads = true;
  row.configure = [](Section& s) {
    s.set("ticks_per_second", 20'000.0);
    s.set("symbols", std::vector<std::string>{"AAPL", "BTC-USD"});
  };
  row.unknown = Symbol{"MSFT"};
  return row;
}

// Two sessions of two symbols: a quote every five seconds, a trade a minute, in a folder that lives as long as the row.
ConformanceRow replay_fast() {
  const Timestamp open = Timestamp{std::chrono::sys_days{std::chrono::year{2012} / 6 / 21}} + 13h + 30min;
  ConformanceRow row;
  row.title = "replay as fast as it goes";
  row.provider = "replay";
  row.threads = true;
  row.endless = false;
  row.trailing = true;
  row.configure = [open, folder = std::make_shared<std::unique_ptr<replay::test::Folder>>()](Section& s) {
    *folder = std::make_unique<replay::test::Folder>();
    std::string quotes{replay::test::quote_header};
    std::string trades{replay::test::trade_header};
    for (const auto day : {0h, 24h})
      for (auto at = 0s; at < 6h + 30min; at += 5s)
        for (const char* symbol : {"AAA", "BBB"}) {
          const auto cents = 10 + at.count() * 7 % 50;
          const std::string begin = std::to_string(unix_ns(open + day + at)) + "," + symbol + ",";
          quotes += begin + "10." + std::to_string(cents) + ",100,10." + std::to_string(cents + 2) + ",300\n";
          if (at % 1min == 0s) trades += begin + "10." + std::to_string(cents) + ",50\n";
        }
    s.set("files",
          std::vector<std::string>{(*folder)->write("quotes.csv", quotes), (*folder)->write("trades.csv", trades)});
    s.set("speed", 0.0);
  };
  row.clock = [open] { return Clock{open + 26h}; };  // the second day, so that there is a day before
  row.known = Symbol{"AAA"};
  row.other = Symbol{"BBB"};
  row.unknown = Symbol{"CCC"};
  row.start = open;
  row.end = open + 3h;
  return row;
}

// Against a simulator of the venue, afresh for each case; a minute of its time ends soon after its start. `name`: the
// venue's, or its former one.
ConformanceRow massive_simulated(const std::string& name) {
  const Timestamp now = Timestamp{std::chrono::sys_days{std::chrono::year{2024} / 6 / 21}} + 15h;  // in session
  ConformanceRow row;
  row.title = name + " against massive-sim";
  row.provider = name;
  row.threads = true;
  row.trailing = true;
  row.configure = [venue = std::make_shared<std::unique_ptr<massive::test::Simulator>>()](Section& s) {
    venue->reset();
    *venue = std::make_unique<massive::test::Simulator>(
        std::vector<std::string>{"--rate", "3000", "--now", "2024-06-21T14:59:52Z"});
    s.set("api_key", std::string{"test-key"});
    s.set("rest_url", (*venue)->rest());
    s.set("stream_url", (*venue)->stream());
  };
  row.clock = [now] { return Clock{now}; };
  row.known = Symbol{"AAPL"};
  row.other = Symbol{"MSFT"};
  row.unknown = Symbol{"not a symbol"};
  row.start = now - 24h;
  row.end = now - 21h;
  return row;
}

// Against a simulated gateway, afresh for each case, at today's time: its contracts expire. The bars are those of the
// last session that is over.
ConformanceRow ibkr_simulated() {
  using namespace std::chrono;
  const auto today = floor<days>(Clock::wall_now());
  const auto& calendar = Calendars::shipped()->of(*Instrument::parse("AAPL"));
  auto day = today - days{1};
  while (!calendar.session_on(day)) day -= days{1};
  const year_month_day next{today + days{35}};
  const auto expiry = Date::from_days(sys_days{next.year() / next.month() / Friday[3]});
  ConformanceRow row;
  row.title = "ibkr against ibgw-sim";
  row.provider = "ibkr";
  row.threads = true;
  row.configure = [venue = std::make_shared<std::unique_ptr<ibkr::data::test::GatewayProgram>>()](Section& s) {
    venue->reset();
    *venue = std::make_unique<ibkr::data::test::GatewayProgram>(
        std::vector<std::string>{"--rate", "2000", "--sample-ms", "10"});
    s.set("port", std::int64_t{(*venue)->port()});
  };
  row.known = Symbol{"AAPL"};
  row.other = Symbol{"MSFT"};
  row.unknown = Symbol{"not a symbol"};
  row.option = Instrument::option("AAPL", expiry, OptionRight::call, Price::from_int(190))->symbol;
  row.start = Timestamp{day} + 16h;
  row.end = Timestamp{day} + 19h;
  return row;
}

}  // namespace

std::vector<ConformanceRow> conformance_rows() {
  return {sim_stepped(),   sim_live(), replay_fast(), massive_simulated("massive"), massive_simulated("polygon"),
          ibkr_simulated()};
}

}  // namespace tradebus::test
