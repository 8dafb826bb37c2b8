#include "engine/net/http_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "engine/net/url.hpp"

namespace tradebus {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds wait_max = std::chrono::hours{24};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

template <class Int>
std::optional<Int> number(std::string_view text) {
  Int value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

}  // namespace

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}

std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text) {
  using namespace std::chrono;
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  text = trimmed(text);
  if (text.size() != 29 || text[3] != ',' || text[4] != ' ' || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' ||
      text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT")
    return std::nullopt;
  const auto* month = std::find(months.begin(), months.end(), text.substr(8, 3));
  const auto d = number<unsigned>(text.substr(5, 2));
  const auto y = number<int>(text.substr(12, 4));
  const auto h = number<int>(text.substr(17, 2));
  const auto m = number<int>(text.substr(20, 2));
  const auto s = number<int>(text.substr(23, 2));
  if (month == months.end() || !d || !y || !h || !m || !s || *h < 0 || *h > 23 || *m < 0 || *m > 59 || *s < 0 ||
      *s > 60)
    return std::nullopt;
  const year_month_day date{year{*y}, std::chrono::month{static_cast<unsigned>(month - months.begin()) + 1}, day{*d}};
  if (!date.ok() || *y < 1970 || *y > 2200) return std::nullopt;
  return sys_days{date} + hours{*h} + minutes{*m} + seconds{*s};
}

std::optional<milliseconds> parse_retry_after(std::string_view text, std::chrono::system_clock::time_point now) {
  text = trimmed(text);
  if (!text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    const auto seconds = number<std::int64_t>(text);
    if (!seconds || *seconds > std::chrono::seconds{std::chrono::hours{24}}.count()) return wait_max;
    return std::chrono::seconds{*seconds};
  }
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  const auto wait = std::chrono::ceil<milliseconds>(*date - now);
  return std::clamp(wait, milliseconds{0}, wait_max);
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

const std::string* find_header(const std::vector<HttpHeader>& headers, std::string_view name) {
  const auto it =
      std::find_if(headers.begin(), headers.end(), [&](const HttpHeader& h) { return same_name(h.name, name); });
  return it == headers.end() ? nullptr : &it->value;
}

std::string wrong_with(std::string_view method, const std::vector<HttpHeader>& headers) {
  constexpr std::array<std::string_view, 9> own{"Host",           "User-Agent",        "Accept-Encoding",
                                                "Content-Length", "Connection",        "Keep-Alive",
                                                "Upgrade",        "Transfer-Encoding", "Proxy-Authorization"};
  constexpr std::size_t headers_max = 64;
  if (!is_token(method) || method == "CONNECT") return "the method is not one that can be sent";
  if (headers.size() > headers_max) return "there are more than 64 headers";
  for (const auto& header : headers) {
    if (!is_token(header.name)) return "a header's name is not a token";
    if (!is_header_value(header.value)) return "the value of " + header.name + " holds a control character";
    if (std::any_of(own.begin(), own.end(), [&](std::string_view name) { return same_name(name, header.name); }))
      return header.name + " is set by the client itself";
  }
  return {};
}

bool is_secret_header(std::string_view name) {
  constexpr std::array<std::string_view, 8> words{"authorization", "cookie",   "key",       "secret",
                                                  "token",         "password", "signature", "credential"};
  std::string low{name};
  std::transform(low.begin(), low.end(), low.begin(), lower);
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return low.find(word) != std::string::npos; });
}

std::string shown(const HttpRequest& request) {
  const auto url = parse_url(request.url);
  std::string text = request.method + " " + (url ? url->shown() : "<not a URL>");
  for (const auto& header : request.headers)
    text += " " + header.name + "=" + (is_secret_header(header.name) ? "<redacted>" : header.value);
  return text;
}

const std::string* HttpResponse::header(std::string_view name) const { return find_header(headers, name); }

std::string basic_credentials(std::string_view user_info) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = "Basic ";
  for (std::size_t i = 0; i < user_info.size(); i += 3) {
    const auto byte = [&](std::size_t at) {
      return at < user_info.size() ? static_cast<unsigned>(static_cast<unsigned char>(user_info[at])) : 0u;
    };
    const unsigned bits = (byte(i) << 16) | (byte(i + 1) << 8) | byte(i + 2);
    out += digits[bits >> 18 & 63];
    out += digits[bits >> 12 & 63];
    out += i + 1 < user_info.size() ? digits[bits >> 6 & 63] : '=';
    out += i + 2 < user_info.size() ? digits[bits & 63] : '=';
  }
  return out;
}

std::string where_to(std::string_view location) {
  const auto url = parse_url(location);
  return url ? url->scheme + "://" + url->host_header() : "another path of the same host";
}

}  // namespace tradebus
