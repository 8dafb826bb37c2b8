#include "actors/providers/massive/stream/numbers.hpp"

#include <charconv>

namespace tradebus::massive::stream {

namespace detail {

std::string_view bare(std::string_view token) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto end = token.find_last_not_of(blanks);
  token = end == std::string_view::npos ? std::string_view{} : token.substr(0, end + 1);
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"') token = token.substr(1, token.size() - 2);
  return token;
}

Read read_long(std::string_view token, Int128& nanos) {
  const auto text = bare(token);
  if (token.empty() || text == "null") return Read::absent;
  std::string why;
  const auto value = tradebus::detail::parse_nanos(text, true, why);
  if (!value) return Read::bad;
  nanos = *value;
  return Read::good;
}

}  // namespace detail

Read read(std::string_view token, std::int64_t& out) {
  if (read_digits(token, out)) return Read::good;
  const auto text = detail::bare(token);
  if (const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
      ec == std::errc{} && end == text.data() + text.size())
    return Read::good;
  Int128 nanos = 0;
  const auto found = detail::read_long(token, nanos);
  if (found != Read::good) return found;
  constexpr Int128 one = Price::scale;
  if (nanos % one != 0 || nanos / one > std::numeric_limits<std::int64_t>::max() ||
      nanos / one < std::numeric_limits<std::int64_t>::min())
    return Read::bad;
  out = static_cast<std::int64_t>(nanos / one);
  return Read::good;
}

Read read_ms(std::string_view token, Timestamp& out) {
  constexpr std::int64_t first = 100'000'000'000;
  constexpr std::int64_t ns_per_ms = 1'000'000;
  constexpr std::int64_t last = 7'258'118'400'000;  // 2200-01-01
  std::int64_t ms = 0;
  std::int64_t below = 0;
  if (!read_digits(token, ms)) {
    Int128 nanos = 0;
    const auto found = detail::read_long(token, nanos);
    if (found != Read::good) return found;
    const Int128 whole = nanos / Price::scale;
    if (whole < first || whole >= last) return Read::bad;
    ms = static_cast<std::int64_t>(whole);
    below = static_cast<std::int64_t>(nanos % Price::scale / 1'000);
  }
  if (ms < first || ms >= last) return Read::bad;
  out = from_unix_ns(ms * ns_per_ms + below);
  return Read::good;
}

}  // namespace tradebus::massive::stream
