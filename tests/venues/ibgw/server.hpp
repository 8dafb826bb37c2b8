// The whole simulator: its parts put together and its one thread.
#pragma once

#include "tests/venues/ibgw/session.hpp"

namespace tradebus::ibgw_sim {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  int control_port = -1;                // -1: none
  std::string data;                     // folder of contracts.csv and the recording
  std::vector<std::string> recordings;  // empty: quotes.csv and trades.csv of that folder
  double rate = 20;                     // rows a second; 0: it stands still
  int sample_ms = 250;
  GatewayOptions gateway;
  SessionOptions session;
};

// Serves until SIGTERM or SIGINT; prints one line of JSON once it does. Throws std::exception with what is wrong at the
// start.
void serve(const ServerOptions& options);

}  // namespace tradebus::ibgw_sim
