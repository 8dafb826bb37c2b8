#include "actors/providers/massive/json.hpp"

#include <simdjson.h>

#include <charconv>
#include <cmath>

#include "actors/providers/massive/short_number.hpp"
#include "actors/providers/massive/venue_time.hpp"

namespace tradebus::massive::json {

namespace od = simdjson::ondemand;

class Value {
 public:
  od::value& json;  // the parser's own: copies of it are a third of the time
};

namespace {

std::string_view token(Value& value) {
  std::string_view out = value.json.raw_json_token();
  if (out.empty() || out.back() > ' ') return out;
  while (!out.empty() && (out.back() == ' ' || out.back() == '\n' || out.back() == '\r' || out.back() == '\t'))
    out.remove_suffix(1);
  return out;
}

bool is_number(std::string_view raw) { return !raw.empty() && (raw[0] == '-' || (raw[0] >= '0' && raw[0] <= '9')); }

bool failed(Reader& reader, simdjson::error_code error) {
  if (error != simdjson::SUCCESS) reader.break_off(simdjson::error_message(error));
  return error != simdjson::SUCCESS;
}

// The key as it stands there; empty: it is long, or has escapes. A closing quote follows: the parser has found one.
std::string_view short_key(const char* raw) {
  constexpr std::size_t long_enough = 24;
  for (std::size_t i = 0; i < long_enough; ++i) {
    if (raw[i] == '"') return {raw, i};
    if (raw[i] == '\\') break;
  }
  return {};
}

void each_field(Reader& reader, od::object& object, const OnField& f) {
  for (auto each : object) {
    if (failed(reader, each.error())) return;
    od::field& field = each.value_unsafe();
    auto key = short_key(field.key().raw());
    if (key.empty() && failed(reader, field.unescaped_key().get(key))) return;
    Value value{field.value()};
    f(key, value);
    if (reader.broken()) return;
  }
}

}  // namespace

void Reader::document(std::string_view body, OnField f) {
  body_size_ = body.size();
  od::parser parser;
  const simdjson::padded_string padded{body};
  od::document document;
  od::object object;
  if (failed(*this, parser.iterate(padded).get(document)) || failed(*this, document.get_object().get(object))) return;
  each_field(*this, object, f);
  if (!broken() && document.current_location().error() == simdjson::SUCCESS) break_off("something follows its end");
}

void Reader::mark(std::string_view key, std::string_view why) {
  if (bad_.empty()) bad_ = std::string{key.substr(0, 32)} + ": " + std::string{why.substr(0, 160)};
}

void Reader::fields(std::string_view key, Value& value, OnField f) {
  od::object object;
  if (is_null(value)) return;
  if (!is_object(value) || value.json.get_object().get(object) != simdjson::SUCCESS) return mark(key, "is no object");
  each_field(*this, object, f);
}

void Reader::elements(std::string_view key, Value& value, OnElement f) {
  od::array array;
  if (is_null(value)) return;
  if (!is_array(value) || value.json.get_array().get(array) != simdjson::SUCCESS) return mark(key, "is no list");
  for (auto each : array) {
    if (failed(*this, each.error())) return;
    Value element{each.value_unsafe()};
    f(element);
    if (broken()) return;
  }
}

bool Reader::is_null(Value& value) { return token(value) == "null"; }
bool Reader::is_object(Value& value) { return token(value).starts_with('{'); }
bool Reader::is_array(Value& value) { return token(value).starts_with('['); }

template <class D>
std::optional<D> Reader::decimal(std::string_view key, Value& value) {
  std::int64_t nanos = 0;
  if (read_short(token(value), nanos)) return D::from_raw(nanos);
  const auto written = digits(key, value);
  if (!written) return std::nullopt;
  auto out = D::parse_rounded(*written);
  if (out) return *out;
  mark(key, out.error().message);
  return std::nullopt;
}

std::optional<Price> Reader::price(std::string_view key, Value& value) { return decimal<Price>(key, value); }
std::optional<Quantity> Reader::quantity(std::string_view key, Value& value) { return decimal<Quantity>(key, value); }
std::optional<Money> Reader::money(std::string_view key, Value& value) { return decimal<Money>(key, value); }
std::optional<Price> Reader::price_above_zero(std::string_view key, Value& value) {
  const auto out = price(key, value);
  return out && out->is_positive() ? out : std::nullopt;
}

std::optional<std::string_view> Reader::digits(std::string_view key, Value& value) {
  const auto raw = token(value);
  if (raw == "null") return std::nullopt;
  if (raw.starts_with('"')) {
    std::string_view inside;
    if (value.json.get_string().get(inside) == simdjson::SUCCESS && !inside.empty()) return inside;
  } else if (is_number(raw)) {
    return raw;
  }
  mark(key, "is no number");
  return std::nullopt;
}

std::optional<double> Reader::number(std::string_view key, Value& value) {
  const auto written = digits(key, value);
  if (!written) return std::nullopt;
  double out = 0;
  const auto [end, error] = std::from_chars(written->data(), written->data() + written->size(), out);
  if (error == std::errc{} && end == written->data() + written->size() && std::isfinite(out)) return out;
  mark(key, "is no number");
  return std::nullopt;
}

std::optional<std::int64_t> Reader::integer(std::string_view key, Value& value) {
  std::int64_t count = 0;
  if (read_digits(token(value), count)) return count;
  const auto exact = quantity(key, value);
  if (!exact) return std::nullopt;
  const Int128 whole = exact->raw() / Quantity::scale;
  if (whole <= INT64_MAX && whole >= INT64_MIN) return static_cast<std::int64_t>(whole);
  mark(key, "is out of range");
  return std::nullopt;
}

std::optional<std::string> Reader::text(std::string_view key, Value& value) {
  const auto raw = token(value);
  if (raw == "null") return std::nullopt;
  if (raw.starts_with('"')) {
    std::string_view inside;
    if (value.json.get_string().get(inside) == simdjson::SUCCESS) return std::string{inside};
  } else if (is_number(raw)) {
    return std::string{raw};
  }
  mark(key, "is no text");
  return std::nullopt;
}

std::optional<Timestamp> Reader::time(std::string_view key, Value& value, std::int64_t unit_ns) {
  const auto count = integer(key, value);
  if (!count || *count == 0) return std::nullopt;
  if (*count >= unix_ns(first_time) / unit_ns && *count <= unix_ns(last_time) / unit_ns)
    return from_unix_ns(*count * unit_ns);
  mark(key, "is no time");
  return std::nullopt;
}

std::optional<Timestamp> Reader::utc(std::string_view key, Value& value) {
  const auto written = text(key, value);
  if (!written || written->empty()) return std::nullopt;
  const auto out = parse_rfc3339(*written);
  if (!out) mark(key, "is no time: \"" + written->substr(0, 40) + "\"");
  return out;
}

std::optional<Date> Reader::date(std::string_view key, Value& value) {
  const auto written = text(key, value);
  if (!written || written->empty()) return std::nullopt;
  const auto out = Date::parse(*written);
  if (out) return *out;
  mark(key, out.error().message);
  return std::nullopt;
}

}  // namespace tradebus::massive::json
