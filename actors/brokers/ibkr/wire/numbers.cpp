#include "actors/brokers/ibkr/wire/numbers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace tradebus::ibkr::wire {

namespace {

template <class Int>
Parsed parse_whole(std::string_view text, Int& out) {
  if (text.empty()) return Parsed::unset;
  Int value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec == std::errc::result_out_of_range) return Parsed::out_of_range;
  if (ec != std::errc{} || end != text.data() + text.size()) return Parsed::bad;
  out = value;
  return Parsed::good;
}

}  // namespace

bool is_unset(std::string_view text) {
  constexpr auto words =
      std::to_array<std::string_view>({"", "None", "NaN", "2147483647", "9223372036854775807", "-9223372036854775808",
                                       "1.7976931348623157E308", "1.7976931348623157e+308", "1.7976931348623157E+308"});
  return std::ranges::find(words, text) != words.end();
}

namespace detail {

Parsed parse_long(std::string_view text, Int128& nanos) {
  if (is_unset(text)) return Parsed::unset;
  std::string why;
  const auto value = tradebus::detail::parse_nanos(text, true, why);
  if (value) {
    nanos = *value;
    return Parsed::good;
  }
  return why.starts_with("number out of range") ? Parsed::out_of_range : Parsed::bad;
}

}  // namespace detail

Parsed parse(std::string_view text, std::int32_t& out) { return parse_whole(text, out); }
Parsed parse(std::string_view text, std::int64_t& out) { return parse_whole(text, out); }

Parsed parse(std::string_view text, double& out) {
  if (is_unset(text)) return Parsed::unset;
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec == std::errc::result_out_of_range) return Parsed::out_of_range;
  if (text == "Infinite" || text == "-Infinite") return Parsed::out_of_range;
  if (ec != std::errc{} || end != text.data() + text.size()) return Parsed::bad;
  if (!std::isfinite(value)) return std::isnan(value) ? Parsed::unset : Parsed::out_of_range;
  out = value;
  return Parsed::good;
}

Parsed parse(std::string_view text, bool& out) {
  if (text.empty()) return Parsed::unset;
  const bool is_true = text == "1" || text == "true";
  if (!is_true && text != "0" && text != "false") return Parsed::bad;
  out = is_true;
  return Parsed::good;
}

std::optional<Money> amount(std::string_view text) {
  Money out;
  return parse(text, out) == Parsed::good ? std::optional{out} : std::nullopt;
}

}  // namespace tradebus::ibkr::wire
