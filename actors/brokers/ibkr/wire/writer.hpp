// A request's fields into a frame, one after the other. What can't be sent is remembered; finish() says it.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/brokers/ibkr/wire/contract.hpp"
#include "bus/model/decimal.hpp"
#include "bus/model/error.hpp"

namespace tradebus::ibkr::wire {

// Stands in a table where a message carries a field that we never fill.
struct EmptyField {};
inline constexpr EmptyField empty_field{};

class Writer {
 public:
  // Appends to `out`, which outlives it.
  Writer(std::string& out, std::int32_t version);

  std::int32_t version() const { return version_; }

  template <class... T>
  void operator()(const T&... fields) {
    (put(fields), ...);
  }
  template <class... T>
  void since(std::int32_t first, const T&... fields) {
    if (version_ >= first) (put(fields), ...);
  }
  // A count, then the rows.
  template <class T, class Row>
  void list(const std::vector<T>& rows, std::size_t, Row row) {
    put(static_cast<std::int64_t>(rows.size()));
    for (const auto& each : rows) row(*this, each);
  }
  // "tag=value;tag2=value2;" in one field.
  void tags(const std::vector<TagValue>& tags);
  void refuse(std::string_view why);

  // The length goes before the fields. request.invalid, and `out` is as it was: a text that can't be sent, or too much.
  Result<void> finish();

 private:
  void put(std::string_view text);
  void put(const std::string& text) { put(std::string_view{text}); }
  void put(const char* text) { put(std::string_view{text}); }
  void put(EmptyField) { end(); }
  void put(std::same_as<bool> auto value) { put(std::string_view{value ? "1" : "0"}); }
  void put(std::int32_t value) { put(static_cast<std::int64_t>(value)); }
  void put(std::int64_t value);
  void put(std::optional<OptionRight> right);
  template <class Tag, class Rep>
  void put(Decimal<Tag, Rep> value) {
    out_ += value.to_string();
    end();
  }
  template <class T>
  void put(const std::optional<T>& value) {
    if (value)
      put(*value);
    else
      end();
  }
  void end() {
    out_ += '\0';
    ++field_;
  }

  std::string& out_;
  std::int32_t version_;
  std::size_t begin_;
  int field_ = 0;
  std::string refusal_;
};

}  // namespace tradebus::ibkr::wire
