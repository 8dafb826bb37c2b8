// The whole simulator: its parts put together and its one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/venues/massive/session_services.hpp"

namespace tradebus::massive_sim {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t rest_port = 0, ws_port = 0;
  int control_port = -1;  // -1: none
  bool plain = false;
  std::string certificate, key;         // PEM files
  std::vector<std::string> keys;        // KEY[=PLAN[:CHANNELS]]
  std::vector<std::string> answers;     // FOLDER or FOLDER=INDEX
  std::vector<std::string> recordings;  // files of a market; empty: the synthetic one
  bool no_market = false;               // recorded answers only
  bool loop = false;
  std::string now;  // the clock's time at the start; empty: the wall's
  bool frozen = false;
  std::size_t free_calls = 5;
  HubOptions hub;
  StreamOptions stream;
};

// Serves until SIGTERM or SIGINT; prints one line of JSON once it does. Throws std::exception with what is wrong at the
// start.
void serve(const ServerOptions& options);

}  // namespace tradebus::massive_sim
