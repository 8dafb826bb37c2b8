// HTTP for operators, in one thread of its own: /metrics (Prometheus), /healthz (the process lives), /readyz (it
// serves). GET and HEAD only; nothing here changes anything.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "bus/model/error.hpp"

namespace tradebus {

struct AdminConfig {
  std::string address = "127.0.0.1:5572";  // HOST:PORT, [::1]:PORT; port 0 binds a free one
  std::size_t connections_max = 64;        // more wait in the kernel's queue until one ends
  std::size_t request_bytes_max = 8'192;   // a larger one is answered with 431
  // For a whole request to arrive (and so for an idle connection), and for an answer to be taken.
  std::chrono::milliseconds deadline{5'000};
};

// Called on the server's thread, one at a time: quick, and safe to call beside all other threads. What they throw is
// answered with 500.
struct AdminHandlers {
  std::function<std::string()> metrics;  // exposition text (metrics_text.hpp)
  std::function<bool()> ready;
};

class AdminServer {
 public:
  AdminServer(AdminConfig config, AdminHandlers handlers);
  ~AdminServer();  // stops
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  // "http://127.0.0.1:5572" with the real port. config.invalid: an address that is none, a port in use.
  Result<std::string> bind();
  // After bind().
  void start();
  // Closes all connections, also busy ones; waits only for a handler that is running.
  void stop();

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace tradebus
