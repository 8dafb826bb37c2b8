// massive-sim: stands for api.massive.com and socket.massive.com. docs/providers/massive-sim.md.
#include <CLI/CLI.hpp>
#include <iostream>

#include "tests/venues/massive/certificate.hpp"
#include "tests/venues/massive/server.hpp"

namespace {

bool is_loopback(const std::string& address) { return address == "::1" || address.starts_with("127."); }

}  // namespace

int main(int argc, char** argv) {
  using tradebus::massive_sim::ServerOptions;
  ServerOptions options;
  std::string certificate_folder, rate = "100", evict = "older";
  std::vector<std::string> hosts = {"localhost", "127.0.0.1", "::1"};

  CLI::App app{"Simulates the data venue Massive: REST and WebSocket."};
  app.add_option("--address", options.address, "where to listen")->capture_default_str();
  app.add_option("--rest-port", options.rest_port, "0: any free one")->capture_default_str();
  app.add_option("--ws-port", options.ws_port, "0: any free one")->capture_default_str();
  app.add_option("--control", options.control_port,
                 "a port on 127.0.0.1 for faults, clock and statistics; 0: any; none by default");
  app.add_flag("--plain", options.plain, "no TLS; on loopback addresses only");
  app.add_option("--certificate", options.certificate, "PEM file");
  app.add_option("--private-key", options.key, "PEM file");
  app.add_option("--make-certificate", certificate_folder,
                 "write ca.pem, cert.pem and key.pem into this folder and end");
  app.add_option("--host", hosts, "names and addresses of the certificate that is made")->capture_default_str();
  app.add_option("--key", options.keys, "KEY, KEY=PLAN or KEY=PLAN:T,Q,A,AM; PLAN: free, delayed, realtime (default)");
  app.add_option("--free-calls", options.free_calls, "of a free plan in any 60 s")->capture_default_str();
  app.add_option("--answers", options.answers, "recorded answers: FOLDER (with index.jsonl) or FOLDER=INDEX");
  app.add_option("--market", options.recordings, "recordings (CSV, .gz) instead of the synthetic market");
  app.add_flag("--no-market", options.no_market, "recorded answers only");
  app.add_flag("--loop", options.loop, "a recording's stream begins again at its end");
  app.add_option("--now", options.now, "the venue's time at the start, like 2024-06-21T15:00:00Z");
  app.add_flag("--frozen", options.frozen, "the venue's time stands still until the control port moves it");
  app.add_option(
         "--rate", rate,
         "trades and quotes a second, all topics together, or max: frames made beforehand, as fast as they are read")
      ->capture_default_str();
  app.add_flag("--delayed", options.hub.delayed, "this is the host of delayed data: keys of the delayed plan only");
  app.add_option("--connections-max", options.hub.connections_max, "WebSocket connections of a key and market")
      ->capture_default_str();
  app.add_option("--evict", evict, "who goes when there is one too many: older or newcomer")
      ->check(CLI::IsMember({"older", "newcomer"}))
      ->capture_default_str();
  app.add_option("--auth-timeout-ms", options.stream.login_ms)->capture_default_str();
  app.add_option("--ping-interval-ms", options.stream.ping_interval_ms)->capture_default_str();
  app.add_option("--buffer-max", options.stream.buffer_bytes_max,
                 "bytes a slow client may have waiting before it is cut")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  try {
    if (!certificate_folder.empty()) {
      tradebus::massive_sim::make_certificate(certificate_folder, hosts);
      return 0;
    }
    if (options.plain && !is_loopback(options.address))
      throw std::invalid_argument("--plain is for loopback addresses; " + options.address + " is none");
    if (options.keys.empty()) throw std::invalid_argument("no key: give --key KEY, any word will do");
    options.hub.evict_newcomer = evict == "newcomer";
    options.hub.as_fast_as_possible = rate == "max";
    if (!options.hub.as_fast_as_possible) {
      std::size_t end = 0;
      options.hub.rate = std::stoul(rate, &end);
      if (end != rate.size()) throw std::invalid_argument("--rate is a number or max, not " + rate);
    }
    serve(options);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "massive-sim: " << error.what() << '\n';
    return 1;
  }
}
