#include "engine/net/proxy_settings.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace tradebus {

namespace {

constexpr std::size_t entries_max = 1'000;

struct Address {
  std::array<unsigned char, 16> bytes{};
  std::size_t size = 0;  // 4 or 16; 0: not an address
};
Address address_of(const std::string& text) {
  Address a;
  if (inet_pton(AF_INET, text.c_str(), a.bytes.data()) == 1)
    a.size = 4;
  else if (inet_pton(AF_INET6, text.c_str(), a.bytes.data()) == 1)
    a.size = 16;
  return a;
}

bool in_network(const Address& host, const std::string& network, std::string_view prefix) {
  const auto net = address_of(network);
  std::size_t bits = 0;
  const auto [end, failed] = std::from_chars(prefix.data(), prefix.data() + prefix.size(), bits);
  if (net.size == 0 || net.size != host.size || failed != std::errc{} || end != prefix.data() + prefix.size() ||
      bits > net.size * 8)
    return false;
  for (std::size_t i = 0; i < bits; ++i) {
    const auto mask = static_cast<unsigned char>(0x80 >> (i % 8));
    if (((host.bytes[i / 8] ^ net.bytes[i / 8]) & mask) != 0) return false;
  }
  return true;
}

bool matches(std::string entry, const Url& url) {
  if (entry == "*") return true;
  const auto host = address_of(url.host);
  if (const auto slash = entry.find('/'); slash != std::string::npos)
    return host.size > 0 && in_network(host, entry.substr(0, slash), std::string_view{entry}.substr(slash + 1));
  if (address_of(entry).size == 0) {  // a bare IPv6 address has colons and no port
    if (entry.starts_with('[')) {
      const auto close = entry.find(']');
      if (close == std::string::npos) return false;
      const auto behind = entry.substr(close + 1);
      if (!behind.empty() && behind != ":" + std::to_string(url.port)) return false;
      entry = entry.substr(1, close - 1);
    } else if (const auto colon = entry.rfind(':'); colon != std::string::npos) {
      if (entry.substr(colon + 1) != std::to_string(url.port)) return false;
      entry.resize(colon);
    }
  }
  if (const auto wanted = address_of(entry); wanted.size > 0)
    return wanted.size == host.size && wanted.bytes == host.bytes;
  if (host.size > 0) return false;
  if (entry.starts_with("*.")) entry.erase(0, 1);
  if (entry.starts_with('.')) return url.host.ends_with(entry) || url.host == std::string_view{entry}.substr(1);
  return !entry.empty() && (url.host == entry || url.host.ends_with("." + entry));
}

Result<std::optional<Url>> read(std::string_view name, std::string value) {
  if (value.empty()) return std::optional<Url>{};
  if (value.find("://") == std::string::npos) value = "http://" + value;
  const auto url = parse_url(value);
  if (!url || url->scheme != "http") {
    return fail(Errc::config_invalid,
                std::string{name} + ": " +
                    (url ? "only http:// proxies are known (it tunnels TLS all the same)" : url.error().message) +
                    "; give http://HOST:PORT, or unset it");
  }
  return std::optional<Url>{*url};
}

}  // namespace

const Url* ProxySettings::proxy_for(const Url& url) const {
  const auto& proxy = url.is_tls() ? for_https : for_http;
  if (!proxy || url.is_loopback()) return nullptr;
  if (std::any_of(direct.begin(), direct.end(), [&](const std::string& entry) { return matches(entry, url); }))
    return nullptr;
  return &*proxy;
}

Result<ProxySettings> proxy_from_environment(const std::function<std::optional<std::string>(std::string_view)>& get) {
  // The name under which it was found, and its value.
  const auto find = [&](std::string_view lower_name,
                        std::string_view upper_name) -> std::pair<std::string_view, std::string> {
    if (auto value = get(lower_name); value && !value->empty()) return {lower_name, *value};
    if (auto value = get(upper_name); value && !value->empty()) return {upper_name, *value};
    return {lower_name, ""};
  };
  const auto all = find("all_proxy", "ALL_PROXY");
  auto https = find("https_proxy", "HTTPS_PROXY");
  auto http = find("http_proxy", get("REQUEST_METHOD") ? "http_proxy" : "HTTP_PROXY");
  if (https.second.empty()) https = all;
  if (http.second.empty()) http = all;

  ProxySettings settings;
  auto for_https = read(https.first, https.second);
  if (!for_https) return tl::unexpected{for_https.error()};
  auto for_http = read(http.first, http.second);
  if (!for_http) return tl::unexpected{for_http.error()};
  settings.for_https = std::move(*for_https);
  settings.for_http = std::move(*for_http);

  const auto [direct_name, direct] = find("no_proxy", "NO_PROXY");
  for (std::size_t at = 0; at < direct.size();) {
    const auto end = std::min(direct.find_first_of(", \t", at), direct.size());
    if (end > at) settings.direct.push_back(lowered(std::string_view{direct}.substr(at, end - at)));
    at = end + 1;
  }
  if (settings.direct.size() > entries_max)
    return fail(Errc::config_invalid, std::string{direct_name} + ": more than 1000 entries; name networks or suffixes");
  return settings;
}

Result<ProxySettings> proxy_from_environment() {
  return proxy_from_environment([](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string{name}.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  });
}

}  // namespace tradebus
