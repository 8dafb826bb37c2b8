// The daemon's configuration and its clients read the same variables; the daemon binds, we connect.
#pragma once

#include <string>
#include <string_view>

namespace tradebus::cli {

// The first of a comma-separated list, with an address that means "every interface" replaced by the loopback.
inline std::string connectable(std::string_view endpoints) {
  std::string one{endpoints.substr(0, endpoints.find(','))};
  for (const std::string_view any : {"://*:", "://0.0.0.0:"})
    if (const auto at = one.find(any); at != std::string::npos) one.replace(at, any.size(), "://127.0.0.1:");
  return one;
}

}  // namespace tradebus::cli
