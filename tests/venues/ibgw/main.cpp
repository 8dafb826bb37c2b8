// ibgw-sim: stands for TWS or an IB Gateway. docs/brokers/ibgw-sim.md.
#include <CLI/CLI.hpp>
#include <iostream>

#include "tests/venues/ibgw/server.hpp"

int main(int argc, char** argv) {
  using namespace tradebus::ibgw_sim;
  ServerOptions options;
  options.data = IBGW_SIM_DATA;
  std::string cash = "1000000", data = "live";
  int master = -1;

  CLI::App app{"Simulates TWS or an IB Gateway, in plain text, at server versions 157 to 178."};
  app.add_option("--address", options.address, "where to listen")->capture_default_str();
  app.add_option("--port", options.port, "0: any free one")->capture_default_str();
  app.add_option("--control", options.control_port,
                 "a port on 127.0.0.1 for faults and statistics; 0: any; none by default");
  app.add_option("--data", options.data, "the folder of contracts.csv, quotes.csv and trades.csv");
  app.add_option("--recording", options.recordings, "quotes and trades (CSV, .gz) instead of those of the data folder");
  app.add_option("--rate", options.rate, "rows of the recording a second; 0: it stands still")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app.add_option("--sample-ms", options.sample_ms, "how often quotes are sent")
      ->check(CLI::Range(10, 60'000))
      ->capture_default_str();
  app.add_option("--server-version", options.session.version, "the newest that is offered")
      ->check(CLI::Range(157, 178))
      ->capture_default_str();
  app.add_option("--account", options.gateway.accounts, "many may be given")->capture_default_str();
  app.add_option("--cash", cash, "of each account, USD")->capture_default_str();
  app.add_option("--position", options.gateway.positions, "held at the start, in the first account: AAPL=100@150.25");
  app.add_option("--master-client", master, "the client that hears of all clients' orders");
  app.add_option("--market-data", data, "what is subscribed")
      ->check(CLI::IsMember({"live", "delayed", "none"}))
      ->capture_default_str();
  app.add_option("--lines", options.gateway.lines_max, "market data lines of all clients")->capture_default_str();
  app.add_option("--messages-per-second", options.session.messages_per_second, "of a client; 0: any number")
      ->capture_default_str();
  app.add_flag("--read-only", options.gateway.book.read_only, "orders are refused with 321");
  app.add_flag("--pending-cancel", options.gateway.book.tell_pending_cancel,
               "orderStatus PendingCancel before Cancelled");
  app.add_flag("--late-commission", options.gateway.late_commission, "the last commission report after execDetailsEnd");
  app.add_option("--state", options.gateway.state_file, "a file in which orders, executions and accounts are kept");
  CLI11_PARSE(app, argc, argv);

  try {
    const auto amount = Num::parse(cash);
    if (!amount) throw std::invalid_argument("--cash is an amount, not " + cash);
    options.gateway.cash = *amount;
    if (options.gateway.accounts.empty()) throw std::invalid_argument("no account: give --account NAME");
    if (master >= 0) options.gateway.master = master;
    options.gateway.data = data == "live" ? Delivered::live : data == "delayed" ? Delivered::delayed : Delivered::none;
    serve(options);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "ibgw-sim: " << error.what() << '\n';
    return 1;
  }
}
