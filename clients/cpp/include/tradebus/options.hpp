// Where the daemon is, and how to come in.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace tradebus::client {

using namespace std::chrono_literals;

inline constexpr const char* default_stream = "tcp://127.0.0.1:5570";
inline constexpr const char* default_command = "tcp://127.0.0.1:5571";

// CURVE keys in Z85 (40 characters), for a daemon that asks for them.
struct Curve {
  std::string server_key;  // the daemon's public key
  std::string public_key;  // ours
  std::string secret_key;
};

struct SessionOptions {
  std::string command = default_command;
  std::string client = {};  // the name of this strategy; empty: the daemon gives one
  // The daemon cancels this client's open orders when the connection is lost, or when it heard nothing for `silence`:
  // call Session::keep_alive() at least three times as often. open() fails where a daemon does not offer it.
  bool cancel_on_disconnect = false;
  std::chrono::milliseconds silence = 5000ms;
  std::chrono::milliseconds timeout = 5000ms;  // of one request, when the call names none
  std::optional<Curve> curve = {};
};

struct StreamOptions {
  std::string stream = default_stream;
  // For refilling gaps (get_missed, get_events) through a session of its own; empty: gaps are only reported.
  std::string command = default_command;
  std::string client = {};
  std::chrono::milliseconds liveness = 3000ms;  // silent for longer: the daemon counts as lost (it beats once a second)
  std::chrono::milliseconds recover_timeout = 2000ms;  // of one request that refills a gap
  std::size_t recover_max = 100'000;                   // messages of one gap; more are reported as lost
  int receive_hwm = 100'000;  // messages that wait here when this program is slow; more are lost, and seen as gaps
  std::optional<Curve> curve = {};
};

}  // namespace tradebus::client
