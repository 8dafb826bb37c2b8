// Where the daemon listens: checked before anything is bound.
// Source: the protocol page, Security: loopback and ipc may run open, any other address needs CURVE.
#pragma once

#include <string>
#include <string_view>

#include "config/config.hpp"

namespace tradebus {

// tcp://HOST:PORT (PORT 0-65535 or *) or ipc://PATH: the error says what is wrong with anything else.
Result<void> check_endpoint(std::string_view endpoint);
// HOST:PORT of the admin server.
Result<void> check_admin_address(std::string_view address);

// Can only this machine reach it? ipc, 127.0.0.0/8, [::1] and localhost. Anything else, an interface's name too, counts
// as open to others.
bool is_local_endpoint(std::string_view endpoint);
bool is_local_address(std::string_view host_and_port);

// Refuses bus.stream, bus.command and bus.admin endpoints that others can reach, unless bus.insecure is set; and CURVE
// settings, which this build cannot honour yet. Needs the core sections.
Result<void> check_bus_security(const Config& config);

}  // namespace tradebus
