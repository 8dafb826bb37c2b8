// What every socket of the bus has in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>
#include <zmq.hpp>

#include "bus/model/error.hpp"

namespace tradebus {

// Dead peers are found by ZMTP heartbeats; nothing lingers at the end.
void set_common_options(zmq::socket_t& socket);

// Binds every endpoint; `what` names the socket in errors. The answer lists the real endpoints (port 0 resolved).
Result<std::vector<std::string>> bind_all(zmq::socket_t& socket, std::string_view what,
                                          const std::vector<std::string>& endpoints);

}  // namespace tradebus
