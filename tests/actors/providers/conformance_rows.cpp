#include "tests/actors/providers/conformance_rows.hpp"

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

}  // namespace

std::vector<ConformanceRow> conformance_rows() { return {sim_stepped(), sim_live()}; }

}  // namespace tradebus::test
