#include "engine/net/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace tradebus {

namespace {

constexpr std::size_t url_bytes_max = 8'192;

struct Scheme {
  std::string_view name;
  std::uint16_t port;
};
constexpr std::array<Scheme, 4> schemes{{{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}}};

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_graphic(char c) { return c > ' ' && c < '\x7f'; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_v6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}
bool is_v4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

// Letters, digits, '-', '_', '.'; no empty label, no more than 253 characters. Names in other scripts come as punycode.
bool is_name(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.find("..") != std::string_view::npos)
    return false;
  return std::all_of(host.begin(), host.end(), [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
}

tl::unexpected<Error> bad(std::string why) { return invalid("url", "the URL " + std::move(why)); }

}  // namespace

std::string lowered(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool is_ip_address(std::string_view host) {
  const std::string text{host};
  return is_v4(text) || is_v6(text);
}

bool Url::is_loopback() const {
  if (host == "localhost" || host == "localhost.") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  return false;
}

std::string Url::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Url::host_header() const {
  const auto* known = std::find_if(schemes.begin(), schemes.end(), [&](const Scheme& s) { return s.name == scheme; });
  auto text = authority();
  if (known != schemes.end() && known->port == port) text.resize(text.rfind(':'));
  return text;
}

std::string Url::origin() const { return scheme + "://" + authority(); }

std::string Url::shown() const {
  const auto path = target.substr(0, target.find('?'));
  return scheme + "://" + host_header() + path + (path.size() < target.size() ? "?..." : "");
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > url_bytes_max) return bad("is longer than 8192 characters");
  if (!std::all_of(text.begin(), text.end(), is_graphic))
    return bad("holds a space, a control character or one beyond ASCII: percent-encode it");
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return bad("is not absolute: begin with https:// or wss://");
  Url url;
  url.scheme = lowered(text.substr(0, colon));
  const auto* known =
      std::find_if(schemes.begin(), schemes.end(), [&](const Scheme& s) { return s.name == url.scheme; });
  if (known == schemes.end()) return bad("has an unknown scheme: use https, wss, http or ws");
  url.port = known->port;

  auto rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto end = rest.find_first_of("/?");
  auto authority = rest.substr(0, end);
  if (end == std::string_view::npos)
    url.target = "/";
  else
    url.target = (rest[end] == '?' ? "/" : "") + std::string{rest.substr(end)};

  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    url.user_info = percent_decode(authority.substr(0, at));
    if (url.user_info.empty() && at > 0) return bad("has a user with a bad percent code");
    authority = authority.substr(at + 1);
  }
  std::string_view port;
  bool has_port = false;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return bad("has an IPv6 address without its closing bracket");
    url.host = lowered(authority.substr(1, close - 1));
    if (!is_v6(url.host)) return bad("has brackets around what is no IPv6 address");
    const auto behind = authority.substr(close + 1);
    if (!behind.empty() && behind.front() != ':') return bad("has text between its host and its port");
    has_port = !behind.empty();
    if (has_port) port = behind.substr(1);
  } else {
    const auto split = authority.find(':');
    has_port = split != std::string_view::npos;
    if (has_port) port = authority.substr(split + 1);
    url.host = lowered(authority.substr(0, split));
    if (!is_name(url.host)) return bad("has no valid host name");
  }
  if (has_port) {
    const auto [stop, failed] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (failed != std::errc{} || stop != port.data() + port.size() || url.port == 0)
      return bad("has a port that is not a number from 1 to 65535");
  }
  return url;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return {};
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return {};
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace tradebus
