// The parts of HTTP that are text and rules, without a socket. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/net/http_client.hpp"

namespace tradebus {

// Retry-After: seconds, or a date of RFC 9110's preferred form. Empty: neither. A date in the past is zero; what is
// absurd (beyond a day) is a day.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           std::chrono::system_clock::time_point now);
// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text);

// Why these can't be sent, or empty: a bad method, a header that isn't one or is the client's own.
std::string wrong_with(std::string_view method, const std::vector<HttpHeader>& headers);

// No control character but the tab.
bool is_header_value(std::string_view text);

bool same_name(std::string_view a, std::string_view b);  // ASCII, any case
const std::string* find_header(const std::vector<HttpHeader>& headers, std::string_view name);

// "Basic ..." for the proxy's "name:password".
std::string basic_credentials(std::string_view user_info);

// Of a Location header: "https://other.example", or "another path of the same host"; never its query.
std::string where_to(std::string_view location);

}  // namespace tradebus
