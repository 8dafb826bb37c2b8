// Described values as few bytes, for what is kept and never leaves the machine: fields by position, numbers of variable
// length, exact. A struct begins with how many fields it was written with, so that one that has grown at its end still
// reads what was written before.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "bus/model/decimal.hpp"
#include "bus/model/describe.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/instrument.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"

namespace tradebus::wire::compact {

inline constexpr std::size_t varint_max = 19;  // of 128 bits

// ---- the most that a value takes -----------------------------------------------------------------------------------

template <class T>
requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) constexpr std::size_t most(T) { return 10; }
inline std::size_t most(Timestamp) { return 10; }
inline std::size_t most(Date) { return 10; }
template <class Tag, class Rep>
std::size_t most(Decimal<Tag, Rep>) {
  return varint_max;
}
inline std::size_t most(const std::string& text) { return 5 + text.size(); }
template <class Tag>
std::size_t most(const StrongString<Tag>& text) {
  return most(text.str());
}
template <Described T>
std::size_t most(const T& value);
template <class T>
std::size_t most(const std::vector<T>& values) {
  std::size_t sum = 5;
  for (const auto& value : values) sum += most(value);
  return sum;
}
inline std::size_t most(const std::map<std::string, std::string>& texts) {
  std::size_t sum = 5;
  for (const auto& [name, text] : texts) sum += most(name) + most(text);
  return sum;
}
template <class T>
std::size_t most_field(const T& value) {
  if constexpr (is_optional<T>)
    return value ? 1 + most(*value) : 1;
  else
    return most(value);
}
template <Described T>
std::size_t most(const T& value) {
  std::size_t sum = 1;
  for_each_field<T>([&](const auto& f) { sum += most_field(value.*(f.member)); });
  return sum;
}

// ---- writing: where the next one goes ------------------------------------------------------------------------------

template <class U>
char* put_varint(char* at, U value) {
  while (value >= 0x80) {
    *at++ = static_cast<char>(static_cast<std::uint8_t>(value) | 0x80U);
    value >>= 7U;
  }
  *at++ = static_cast<char>(static_cast<std::uint8_t>(value));
  return at;
}
inline std::uint64_t zigzag(std::int64_t v) {
  return static_cast<std::uint64_t>(v) << 1U ^ static_cast<std::uint64_t>(v >> 63);
}
inline UInt128 zigzag(Int128 v) { return static_cast<UInt128>(v) << 1U ^ static_cast<UInt128>(v >> 127); }
inline std::int64_t unzigzag(std::uint64_t v) {
  return static_cast<std::int64_t>(v >> 1U) ^ -static_cast<std::int64_t>(v & 1U);
}
inline Int128 unzigzag(UInt128 v) { return static_cast<Int128>(v >> 1U) ^ -static_cast<Int128>(v & 1U); }

inline char* put(char* at, bool value) {
  *at++ = value ? 1 : 0;
  return at;
}
template <class E>
requires std::is_enum_v<E>
char* put(char* at, E value) {
  *at++ = static_cast<char>(value);
  return at;
}
inline char* put(char* at, double value) {
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}
template <std::integral I>
requires(!std::is_same_v<I, bool>) char* put(char* at, I value) {
  if constexpr (std::is_signed_v<I>)
    return put_varint(at, zigzag(static_cast<std::int64_t>(value)));
  else
    return put_varint(at, static_cast<std::uint64_t>(value));
}
inline char* put(char* at, Timestamp t) { return put(at, unix_ns(t)); }
inline char* put(char* at, Date d) { return put(at, std::int64_t{d.to_days().time_since_epoch().count()}); }
template <class Tag, class Rep>
char* put(char* at, Decimal<Tag, Rep> value) {
  const auto raw = value.raw();
  // 64 bits do for nearly all, and are three times as fast.
  if (raw >= INT64_MIN / 2 && raw <= INT64_MAX / 2) return put_varint(at, zigzag(static_cast<std::int64_t>(raw)));
  return put_varint(at, zigzag(static_cast<Int128>(raw)));
}
inline char* put(char* at, const std::string& text) {
  at = put_varint(at, text.size());
  return at + text.copy(at, text.size());
}
template <class Tag>
char* put(char* at, const StrongString<Tag>& text) {
  return put(at, text.str());
}
template <Described T>
char* put(char* at, const T& value);
template <class T>
char* put(char* at, const std::vector<T>& values) {
  at = put_varint(at, values.size());
  for (const auto& value : values) at = put(at, value);
  return at;
}
inline char* put(char* at, const std::map<std::string, std::string>& texts) {
  at = put_varint(at, texts.size());
  for (const auto& [name, text] : texts) at = put(put(at, name), text);
  return at;
}
template <class T>
char* put_field(char* at, const T& value) {
  if constexpr (is_optional<T>) {
    at = put(at, value.has_value());
    return value ? put(at, *value) : at;
  } else {
    return put(at, value);
  }
}
template <Described T>
char* put(char* at, const T& value) {
  constexpr auto count = std::tuple_size_v<decltype(T::fields())>;
  static_assert(count < 128);
  *at++ = static_cast<char>(count);
  for_each_field<T>([&](const auto& f) { at = put_field(at, value.*(f.member)); });
  return at;
}

template <Described T>
std::string packed(const T& value) {
  std::string out;
  out.resize(most(value));
  out.resize(static_cast<std::size_t>(put(out.data(), value) - out.data()));
  return out;
}

// ---- reading -------------------------------------------------------------------------------------------------------

// False, for good, after the first value that isn't there whole. Never reads beyond the bytes.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : at_{bytes.data()}, end_{bytes.data() + bytes.size()} {}

  bool at_end() const { return at_ == end_; }

  bool get(bool& out) {
    std::uint8_t byte = 0;
    if (!take(byte) || byte > 1) return false;
    out = byte == 1;
    return true;
  }
  template <NamedEnum E>
  bool get(E& out) {
    std::uint8_t byte = 0;
    if (!take(byte) || byte >= EnumTexts<E>::texts.size()) return false;
    out = static_cast<E>(byte);
    return true;
  }
  bool get(double& out) {
    if (left() < sizeof out) return false;
    std::memcpy(&out, at_, sizeof out);
    at_ += sizeof out;
    return true;
  }
  template <std::integral I>
  requires(!std::is_same_v<I, bool>) bool get(I& out) {
    std::uint64_t raw = 0;
    if (!varint(raw)) return false;
    if constexpr (std::is_signed_v<I>) {
      const auto value = unzigzag(raw);
      out = static_cast<I>(value);
      return out == value;
    } else {
      out = static_cast<I>(raw);
      return out == raw;
    }
  }
  bool get(Timestamp& out) {
    std::int64_t ns = 0;
    if (!get(ns)) return false;
    out = from_unix_ns(ns);
    return true;
  }
  bool get(Date& out) {
    std::int64_t days = 0;
    constexpr std::int64_t days_max = 10'000'000;  // what a calendar can count
    if (!get(days) || days < -days_max || days > days_max) return false;
    out = Date::from_days(std::chrono::sys_days{std::chrono::days{days}});
    return true;
  }
  template <class Tag, class Rep>
  bool get(Decimal<Tag, Rep>& out) {
    UInt128 raw = 0;
    if (!varint(raw)) return false;
    const Int128 value = unzigzag(raw);
    out = Decimal<Tag, Rep>::from_raw(static_cast<Rep>(value));
    return out.raw() == value;
  }
  bool get(std::string& out) {
    std::uint64_t size = 0;
    if (!varint(size) || size > left()) return false;
    out.assign(at_, size);
    at_ += size;
    return true;
  }
  template <class Tag>
  bool get(StrongString<Tag>& out) {
    std::string text;
    if (!get(text)) return false;
    out = StrongString<Tag>{std::move(text)};
    return true;
  }
  template <class T>
  bool get(std::vector<T>& out) {
    std::uint64_t count = 0;
    if (!varint(count) || count > left()) return false;  // an element takes a byte at least
    out.clear();
    out.reserve(std::min<std::size_t>(count, 64));
    for (; count > 0; --count)
      if (!get(out.emplace_back())) return false;
    return true;
  }
  bool get(std::map<std::string, std::string>& out) {
    std::uint64_t count = 0;
    if (!varint(count) || count > left()) return false;
    out.clear();
    for (; count > 0; --count) {
      std::string name;
      std::string text;
      if (!get(name) || !get(text)) return false;
      out.insert_or_assign(std::move(name), std::move(text));
    }
    return true;
  }
  template <Described T>
  bool get(T& out) {
    std::uint8_t count = 0;
    if (!take(count) || count > std::tuple_size_v<decltype(T::fields())>) return false;
    bool good = true;
    for_each_field<T>([&](const auto& f) {
      if (!good || count == 0) return;
      --count;
      good = get_field(out.*(f.member));
    });
    return good;
  }

 private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  bool take(std::uint8_t& out) {
    if (at_ == end_) return false;
    out = static_cast<std::uint8_t>(*at_++);
    return true;
  }
  template <class U>
  bool varint(U& out) {
    out = 0;
    for (unsigned shift = 0; shift < sizeof(U) * 8; shift += 7) {
      std::uint8_t byte = 0;
      if (!take(byte)) return false;
      out |= static_cast<U>(byte & 0x7fU) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  template <class T>
  bool get_field(T& out) {
    if constexpr (is_optional<T>) {
      bool there = false;
      if (!get(there)) return false;
      if (!there) {
        out.reset();
        return true;
      }
      return get(out.emplace());
    } else {
      return get(out);
    }
  }

  const char* at_;
  const char* end_;
};

// All of the bytes, or false.
template <Described T>
bool unpack(std::string_view bytes, T& out) {
  Reader reader{bytes};
  return reader.get(out) && reader.at_end();
}

}  // namespace tradebus::wire::compact
