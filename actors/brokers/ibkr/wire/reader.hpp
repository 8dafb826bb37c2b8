// A payload's fields, one after the other. The first thing that is wrong stands in error(), and all that is read after
// it is empty: a table of fields is read to its end without a question in between, and asked once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "actors/brokers/ibkr/wire/numbers.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"

namespace tradebus::ibkr::wire {

enum class DecodeFault : std::uint8_t {
  none,
  empty_message,
  not_terminated,  // the last byte is no zero
  bad_id,
  unknown_id,  // not an error of the connection: log it and go on
  missing_field,
  bad_integer,
  bad_number,
  bad_bool,
  out_of_range,
  bad_count,  // negative, or more than the message can hold
  too_many,   // more than rows_max
  bad_condition,
};
}  // namespace tradebus::ibkr::wire

namespace tradebus {
TRADEBUS_ENUM(ibkr::wire::DecodeFault, "none", "empty message", "not terminated", "bad message id",
              "unknown message id", "missing field", "not an integer", "not a number", "not a bool",
              "number out of range", "bad count", "too many rows", "unknown kind of condition");
}  // namespace tradebus

namespace tradebus::ibkr::wire {

struct DecodeError {
  DecodeFault fault = DecodeFault::none;
  std::int32_t message_id = 0;
  std::int32_t field = 0;      // counted from 0, the id
  std::string_view text = {};  // of the field; a view into the payload

  explicit operator bool() const { return fault != DecodeFault::none; }
};
// internal, with what failed where: "message 5, field 16: not a number: \"abc\"".
Error to_error(const DecodeError& error);

class Reader {
 public:
  static constexpr std::int32_t rows_max = 200'000;  // of one list: a day of bars of a second, twice

  Reader(std::string_view payload, std::int32_t version);

  std::int32_t version() const { return version_; }
  bool is_good() const { return error_.fault == DecodeFault::none; }
  const DecodeError& error() const { return error_; }
  std::int32_t message_id() const { return error_.message_id; }

  // Each of these fields in turn. What has no value: optionals are empty, others get their type's zero.
  template <class... T>
  void operator()(T&... fields) {
    (get(fields), ...);
  }
  // A server of that version or later sends them.
  template <class... T>
  void since(std::int32_t first, T&... fields) {
    if (version_ >= first) (get(fields), ...);
  }
  void skip(int fields = 1) {
    for (; fields > 0; --fields) next();
  }
  // A count, then so many rows of at least `width` fields each; `row` reads one.
  template <class T, class Row>
  void list(std::vector<T>& rows, std::size_t width, Row row) {
    const auto count = this->count(width);
    rows.clear();
    rows.reserve(std::min<std::size_t>(count, 1'024));
    for (std::size_t i = 0; i < count && is_good(); ++i) row(*this, rows.emplace_back());
  }
  // Of a list whose rows are not kept.
  std::size_t count(std::size_t width);

  std::string_view next() {
    if (rest_.empty()) {
      fail(DecodeFault::missing_field, {});
      return {};
    }
    const std::size_t size = std::strlen(rest_.data());  // the payload ends with a zero
    const auto out = rest_.substr(0, size);
    rest_.remove_prefix(size + 1);
    ++field_;
    return out;
  }
  // The first fault counts. Nothing can be read after it.
  void fail(DecodeFault fault, std::string_view text);
  bool is_at_end() const { return rest_.empty(); }

 private:
  void get(std::string& out) { out = next(); }
  void get(std::string_view& out) { out = next(); }
  void get(std::optional<OptionRight>& out);
  void get(bool& out) { take(out, DecodeFault::bad_bool); }
  void get(std::int32_t& out) { take(out, DecodeFault::bad_integer); }
  void get(std::int64_t& out) { take(out, DecodeFault::bad_integer); }
  void get(double& out) { take(out, DecodeFault::bad_number); }
  template <class Tag, class Rep>
  void get(Decimal<Tag, Rep>& out) {
    take(out, DecodeFault::bad_number);
  }
  template <class T>
  void get(std::optional<T>& out) {
    const auto text = next();
    out.reset();
    if (is_unset(text)) return;
    T value{};
    const auto parsed = parse(text, value);
    if (parsed == Parsed::good)
      out = value;
    else
      refuse(parsed, std::is_integral_v<T> ? DecodeFault::bad_integer : DecodeFault::bad_number, text);
  }

  template <class T>
  void take(T& out, DecodeFault fault) {
    const auto text = next();
    const auto parsed = parse(text, out);
    if (parsed == Parsed::good) return;
    out = T{};
    refuse(parsed, fault, text);
  }
  void refuse(Parsed parsed, DecodeFault fault, std::string_view text) {
    if (parsed == Parsed::bad) fail(fault, text);
    if (parsed == Parsed::out_of_range) fail(DecodeFault::out_of_range, text);
  }

  std::string_view rest_;
  std::int32_t version_;
  std::int32_t field_ = 0;  // of the one that comes next
  DecodeError error_;
};

}  // namespace tradebus::ibkr::wire
