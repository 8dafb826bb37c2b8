// An absolute URL in its parts: http, https, ws, wss; names, IPv4 and IPv6 in brackets. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bus/model/error.hpp"

namespace tradebus {

struct Url {
  std::string scheme;     // lower case
  std::string user_info;  // "name:password", percent-decoded; empty when there is none. Secret.
  std::string host;       // lower case, an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::string target;  // path and query, at least "/"; may hold secrets in the query. The fragment is dropped.

  bool is_tls() const { return scheme == "https" || scheme == "wss"; }
  // This machine by name or address: "localhost", 127.0.0.0/8, ::1.
  bool is_loopback() const;
  // As the Host header wants it: the port only where it is not the scheme's own.
  std::string host_header() const;
  // "host:port", an IPv6 address in brackets.
  std::string authority() const;
  // "https://host:port": what one connection can serve.
  std::string origin() const;
  // For logs and errors: no query, no user, no password.
  std::string shown() const;
};

// request.invalid: not absolute, another scheme, a bad port, control characters or spaces in it, longer than 8 KiB. The
// message doesn't repeat the URL, which may hold a key.
Result<Url> parse_url(std::string_view text);

// ASCII only.
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lowered(std::string_view text);

// True for 192.0.2.1 and 2001:db8::1 (no brackets).
bool is_ip_address(std::string_view host);

// A value for a query or a path's segment: all but letters, digits, "-._~" becomes %XX.
std::string percent_encode(std::string_view text);
// Empty when a % is not followed by two hexadecimal digits.
std::string percent_decode(std::string_view text);

}  // namespace tradebus
