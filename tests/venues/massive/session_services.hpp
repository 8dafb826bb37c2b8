// What a connection needs from the rest of the server.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tests/venues/massive/http_script.hpp"
#include "tests/venues/massive/hub.hpp"

namespace tradebus::massive_sim {

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual HttpReply reply(const HttpRequest& request, std::string& request_id) = 0;
  // The market whose stream stands at this target; nullopt: no WebSocket here.
  virtual std::optional<std::string> stream_at(const std::string& target) const = 0;
};

struct StreamOptions {
  std::size_t buffer_bytes_max = 16U << 20U;  // of a client that reads too slowly
  int ping_interval_ms = 20'000;              // a client that is silent for twice as long is cut
  int login_ms = 10'000;
};

struct Services {
  HttpHandler& http;
  Hub* hub = nullptr;  // null: plain HTTP only
  StreamOptions stream;
  Stats& stats;
};

}  // namespace tradebus::massive_sim
