#include "config/endpoints.hpp"

#include <arpa/inet.h>
#include <algorithm>
#include <charconv>
#include <optional>

#include "config/names.hpp"

namespace tradebus {

namespace {

constexpr std::string_view tcp = "tcp://";
constexpr std::string_view ipc = "ipc://";
constexpr std::size_t ipc_path_max = 107;  // sockaddr_un

struct HostPort {
  std::string host;
  std::string port;
};

std::optional<HostPort> split(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  auto host = text.substr(0, colon);
  if (host.front() == '[') {
    if (host.size() < 3 || host.back() != ']') return std::nullopt;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // IPv6 without brackets
  }
  const auto odd = [](char c) { return c <= 0x20 || c == 0x7f || c == '/' || c == '[' || c == ']'; };
  if (std::ranges::any_of(host, odd)) return std::nullopt;
  return HostPort{std::string{host}, std::string{text.substr(colon + 1)}};
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port <= 65535;
}

bool is_loopback(const std::string& host) {
  in_addr four{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24U) == 127;
  in6_addr six{};
  if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six) != 0;  // NOLINT
  return host == "localhost";
}

tl::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(Errc::config_invalid, "\"" + printable(text, 200) + "\" " + std::string{why});
}

}  // namespace

Result<void> check_endpoint(std::string_view endpoint) {
  if (endpoint.starts_with(ipc)) {
    const auto path = endpoint.substr(ipc.size());
    if (path.empty() || path.size() > ipc_path_max) return bad(endpoint, "needs a path of 1 to 107 bytes after ipc://");
    return {};
  }
  if (!endpoint.starts_with(tcp)) return bad(endpoint, "is no endpoint: write tcp://HOST:PORT or ipc://PATH");
  const auto at = split(endpoint.substr(tcp.size()));
  if (!at)
    return bad(endpoint, "is no endpoint: write tcp://HOST:PORT, for example tcp://127.0.0.1:5570 or tcp://[::1]:5570");
  if (at->port != "*" && !is_port(at->port))
    return bad(endpoint, "has a port that is not 0 to 65535 (0: any free one)");
  return {};
}

Result<void> check_admin_address(std::string_view address) {
  const auto at = split(address);
  if (!at) return bad(address, "is no address: write HOST:PORT, for example 127.0.0.1:5572, or \"\" for none");
  if (!is_port(at->port)) return bad(address, "has a port that is not 0 to 65535 (0: any free one)");
  return {};
}

bool is_local_endpoint(std::string_view endpoint) {
  if (endpoint.starts_with(ipc)) return true;
  return endpoint.starts_with(tcp) && is_local_address(endpoint.substr(tcp.size()));
}

bool is_local_address(std::string_view host_and_port) {
  const auto at = split(host_and_port);
  return at && is_loopback(at->host);
}

Result<void> check_bus_security(const Config& config) {
  const auto& bus = config.section("bus");
  if (!config.section("bus.curve").get<std::string>("secret_key").empty())
    return fail(Errc::config_invalid,
                config.origin("bus.curve", "secret_key") +
                    ": bus.curve.secret_key is set, but CURVE is not supported yet by this build; "
                    "remove it and keep the bus on loopback or ipc endpoints");
  if (!config.clients().empty())
    return fail(Errc::config_invalid,
                config.clients().front().origin +
                    ": [[bus.client]] needs CURVE, which is not supported yet by this build; nothing "
                    "would check who a client is. Remove it and keep the bus on loopback or ipc endpoints");
  if (bus.get<bool>("insecure")) return {};
  std::string text;
  const auto refuse = [&](const std::string& key, const std::string& endpoint) {
    text += (text.empty() ? "" : "\n") + config.origin("bus", key) + ": bus." + key + " \"" + printable(endpoint, 200) +
            "\" can be reached from other machines, and nothing would check who connects: use a loopback or ipc "
            "endpoint, or "
            "set bus.insecure = true if the network itself is trusted (CURVE is not supported yet by this build)";
  };
  for (const std::string key : {"stream", "command"})
    for (const auto& endpoint : bus.get<std::vector<std::string>>(key))
      if (!is_local_endpoint(endpoint)) refuse(key, endpoint);
  const auto& admin = bus.get<std::string>("admin");
  if (!admin.empty() && !is_local_address(admin)) refuse("admin", admin);
  if (text.empty()) return {};
  return fail(Errc::config_invalid, text);
}

}  // namespace tradebus
