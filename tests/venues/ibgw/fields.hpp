// The text protocol's payloads: fields that each end in a NUL. docs/brokers/ibgw-sim.md.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/venues/ibgw/num.hpp"

namespace tradebus::ibgw_sim {

inline constexpr std::string_view unset_double = "1.7976931348623157E308";
inline constexpr std::string_view unset_int = "2147483647";

// What is wrong with a message; the request is answered with code 320.
struct BadMessage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Reads a payload field by field. Throws BadMessage where one is missing or of another kind.
class Reader {
 public:
  // The payload must outlive the reader.
  explicit Reader(std::string_view payload);

  std::size_t size() const { return fields_.size(); }
  std::size_t at() const { return next_; }
  bool done() const { return next_ == fields_.size(); }
  void skip(std::size_t count = 1);

  std::string_view text();
  std::string string() { return std::string(text()); }
  // Empty: 0.
  std::int64_t integer();
  int small();
  bool flag();
  // Empty, or one of the texts for "not set": none.
  std::optional<Num> maybe();
  std::optional<std::int64_t> maybe_integer();
  Num number() { return maybe().value_or(Num{}); }
  // How many of something follow; refuses what can't be in a message of this size.
  std::size_t count(std::size_t most);

 private:
  [[noreturn]] void bad(std::string_view what) const;

  std::vector<std::string_view> fields_;
  std::size_t next_ = 0;
};

// Makes a payload.
class Msg {
 public:
  explicit Msg(int id) { *this << id; }

  Msg& operator<<(std::string_view text);
  Msg& operator<<(const char* text) { return *this << std::string_view{text}; }
  Msg& operator<<(const std::string& text) { return *this << std::string_view{text}; }
  Msg& operator<<(std::int64_t number) { return *this << std::string_view{std::to_string(number)}; }
  Msg& operator<<(int number) { return *this << std::int64_t{number}; }
  Msg& operator<<(std::size_t number) { return *this << static_cast<std::int64_t>(number); }
  Msg& operator<<(bool flag) { return *this << std::string_view{flag ? "1" : "0"}; }
  Msg& operator<<(Num number) { return *this << std::string_view{number.text()}; }
  Msg& operator<<(double number);
  // An amount that isn't set.
  Msg& operator<<(const std::optional<Num>& number) { return number ? *this << *number : *this << unset_double; }

  const std::string& payload() const { return payload_; }

 private:
  std::string payload_;
};

// With its length before it.
std::string frame(std::string_view payload);
std::size_t frame_length(std::string_view four_bytes);

std::vector<std::string> split(std::string_view text, char separator);
std::string upper(std::string_view text);

}  // namespace tradebus::ibgw_sim
