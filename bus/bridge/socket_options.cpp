#include "bus/bridge/socket_options.hpp"

namespace tradebus {

void set_common_options(zmq::socket_t& socket) {
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::heartbeat_ivl, 10'000);
  socket.set(zmq::sockopt::heartbeat_timeout, 30'000);
  socket.set(zmq::sockopt::heartbeat_ttl, 40'000);
  socket.set(zmq::sockopt::handshake_ivl, 10'000);
  socket.set(zmq::sockopt::backlog, 1024);
}

Result<std::vector<std::string>> bind_all(zmq::socket_t& socket, std::string_view what,
                                          const std::vector<std::string>& endpoints) {
  std::vector<std::string> bound;
  for (const auto& endpoint : endpoints) {
    if (zmq_bind(socket.handle(), endpoint.c_str()) != 0)
      return fail(Errc::config_invalid, "can't bind bus." + std::string{what} + " to " + endpoint + ": " +
                                            zmq_strerror(zmq_errno()) + " (is another daemon running? set bus." +
                                            std::string{what} + " to another one)");
    bound.push_back(socket.get(zmq::sockopt::last_endpoint));
  }
  return bound;
}

}  // namespace tradebus
