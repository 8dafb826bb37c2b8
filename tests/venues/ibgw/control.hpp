// The control port's calls. docs/brokers/ibgw-sim.md lists them.
#pragma once

#include <string>
#include <string_view>

#include "tests/venues/ibgw/faults.hpp"
#include "tests/venues/ibgw/gateway.hpp"

namespace tradebus::ibgw_sim {

// What only the server can do.
struct ServerActions {
  virtual ~ServerActions() = default;
  virtual void cut(std::optional<int> client, Ending ending) = 0;
  virtual void half_open(std::optional<int> client, bool on) = 0;
  virtual void restart(int down_ms) = 0;
  virtual void play(std::size_t rows) = 0;
  virtual void send_raw(std::optional<int> client, std::string payload) = 0;
};

struct ControlReply {
  int status = 200;
  std::string body = "{}";
};

class Control {
 public:
  Control(Gateway& gateway, Faults& faults, ServerActions& server)
      : gateway_(gateway), faults_(faults), server_(server) {}
  ControlReply call(std::string_view method, std::string_view path, const std::string& body);

 private:
  std::string stats() const;
  std::string orders() const;
  std::string executions() const;
  std::string positions() const;

  Gateway& gateway_;
  Faults& faults_;
  ServerActions& server_;
};

}  // namespace tradebus::ibgw_sim
