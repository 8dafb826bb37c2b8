#include "tests/venues/ibgw/fields.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace tradebus::ibgw_sim {

std::string Num::java() const {
  std::string plain = abs().text();
  const Num small = from_raw(1'000'000);  // 0.001
  if (!zero() && abs() < small) {
    const std::size_t first = plain.find_first_not_of("0.");
    const std::size_t exponent = first - plain.find('.');
    std::string digits = plain.substr(first);
    digits.insert(1, digits.size() == 1 ? ".0" : ".");
    plain = digits + "E-" + std::to_string(exponent);
  } else if (plain.find('.') == std::string::npos) {
    plain += ".0";
  }
  return negative() ? '-' + plain : plain;
}

Reader::Reader(std::string_view payload) {
  while (!payload.empty()) {
    const std::size_t end = payload.find('\0');
    if (end == std::string_view::npos) throw BadMessage("the last field has no end");
    fields_.push_back(payload.substr(0, end));
    payload.remove_prefix(end + 1);
  }
}

void Reader::bad(std::string_view what) const {
  throw BadMessage("field " + std::to_string(next_) + ' ' + std::string(what));
}

void Reader::skip(std::size_t count) {
  if (fields_.size() - next_ < count) bad("is missing");
  next_ += count;
}

std::string_view Reader::text() {
  if (done()) bad("is missing");
  return fields_[next_++];
}

std::optional<std::int64_t> Reader::maybe_integer() {
  const std::string_view field = text();
  if (field.empty() || field == unset_int || field == "9223372036854775807") return std::nullopt;
  std::int64_t value = 0;
  const char* end = field.data() + field.size();
  const auto [rest, error] = std::from_chars(field.data(), end, value);
  if (error != std::errc{} || rest != end) {
    --next_;
    bad("is no whole number: " + std::string(field.substr(0, 40)));
  }
  return value;
}

std::int64_t Reader::integer() { return maybe_integer().value_or(0); }

int Reader::small() {
  const std::int64_t value = integer();
  if (value > 2147483647 || value < -2147483648LL) {
    --next_;
    bad("is too large");
  }
  return static_cast<int>(value);
}

bool Reader::flag() {
  const std::string_view field = text();
  if (field == "1" || field == "true") return true;
  if (field.empty() || field == "0" || field == "false") return false;
  --next_;
  bad("is neither 1 nor 0");
}

std::optional<Num> Reader::maybe() {
  const std::string_view field = text();
  if (field.empty() || field == unset_double || field == unset_int || field == "9223372036854775807" ||
      field == "-9223372036854775808" || field == "Infinity" || field == "Infinite") {
    return std::nullopt;
  }
  const auto value = Num::parse(field);
  if (!value) {
    --next_;
    bad("is no number: " + std::string(field.substr(0, 40)));
  }
  return value;
}

std::size_t Reader::count(std::size_t most) {
  const std::int64_t value = integer();
  if (value < 0 || static_cast<std::uint64_t>(value) > std::min(most, fields_.size())) {
    --next_;
    bad("is no count");
  }
  return static_cast<std::size_t>(value);
}

Msg& Msg::operator<<(std::string_view text) {
  payload_.append(text);
  payload_.push_back('\0');
  return *this;
}

Msg& Msg::operator<<(double number) {
  if (!std::isfinite(number)) return *this << unset_double;
  std::array<char, 40> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return *this << std::string_view(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

std::string frame(std::string_view payload) {
  std::string out;
  out.reserve(payload.size() + 4);
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((payload.size() >> shift) & 0xFFU));
  return out.append(payload);
}

std::size_t frame_length(std::string_view four_bytes) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8U | static_cast<unsigned char>(four_bytes[i]);
  return length;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace tradebus::ibgw_sim
