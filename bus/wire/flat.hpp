// A value of flat fields packed through a bare pointer, after room for the longest that it can be was made: the same
// bytes as wire::packed(), in a third of the time. For what is packed with every order.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "bus/model/decimal.hpp"
#include "bus/model/describe.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"
#include "bus/wire/pack.hpp"

namespace tradebus::wire::flat {

inline constexpr std::size_t number_max = 9;
inline constexpr std::size_t head_max = 5;

template <Described T>
inline constexpr auto fields_of = T::fields();
template <Described T>
using indexes_of = std::make_index_sequence<std::tuple_size_v<std::remove_const_t<decltype(fields_of<T>)>>>;

// ---- the most that a value takes -----------------------------------------------------------------------------------

template <class T>
requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) constexpr std::size_t most(T) {
  if constexpr (std::is_enum_v<T>) {
    std::size_t longest = 0;
    for (const auto text : EnumTexts<T>::texts) longest = std::max(longest, text.size());
    return head_max + longest;
  } else {
    return number_max;
  }
}
inline std::size_t most(Timestamp) { return number_max; }
template <class Tag, class Rep>
std::size_t most(Decimal<Tag, Rep>) {
  return number_max;
}
inline std::size_t most(const std::string& text) { return head_max + text.size(); }
template <class Tag>
std::size_t most(const StrongString<Tag>& text) {
  return most(text.str());
}
template <Described T>
std::size_t most(const T& value);
template <class T>
std::size_t most(const std::vector<T>& values) {
  std::size_t sum = head_max;
  for (const auto& value : values) sum += most(value);
  return sum;
}
inline std::size_t most(const std::map<std::string, std::string>& texts) {
  std::size_t sum = head_max;
  for (const auto& [name, text] : texts) sum += most(name) + most(text);
  return sum;
}
template <Described T>
std::size_t most(const T& value) {
  return std::apply(
      [&](const auto&... f) {
        const auto one = [&](const auto& each) {
          const auto& v = value.*(each.member);
          if constexpr (is_optional<std::decay_t<decltype(v)>>)
            return v ? head_max + each.name.size() + most(*v) : 0;
          else
            return head_max + each.name.size() + most(v);
        };
        return head_max + (one(f) + ... + 0);
      },
      fields_of<T>);
}

// How many keys it has.
template <Described T>
std::size_t present(const T& value) {
  return std::apply(
      [&](const auto&... f) {
        const auto one = [&](const auto& v) -> std::size_t {
          if constexpr (is_optional<std::decay_t<decltype(v)>>)
            return v ? 1 : 0;
          else
            return 1;
        };
        return (one(value.*(f.member)) + ... + 0);
      },
      fields_of<T>);
}

// ---- writing: where the next one goes ------------------------------------------------------------------------------

inline char* put_head(char* at, std::uint8_t first, std::uint64_t value, std::size_t width) {
  *at++ = static_cast<char>(first);
  for (std::size_t i = width; i > 0; --i, value >>= 8U) at[i - 1] = static_cast<char>(value & 0xffU);
  return at + width;
}
[[gnu::always_inline]] inline char* put(char* at, std::string_view text) {
  if (text.size() <= 31)
    *at++ = static_cast<char>(0xa0U | text.size());
  else if (text.size() <= UINT8_MAX)
    at = put_head(at, 0xd9, text.size(), 1);
  else if (text.size() <= UINT16_MAX)
    at = put_head(at, 0xda, text.size(), 2);
  else
    at = put_head(at, 0xdb, text.size(), 4);
  return at + text.copy(at, text.size());
}
inline char* put(char* at, const std::string& text) { return put(at, std::string_view{text}); }
template <class Tag>
char* put(char* at, const StrongString<Tag>& text) {
  return put(at, std::string_view{text.str()});
}
template <NamedEnum E>
char* put(char* at, E value) {
  return put(at, to_string(value));
}
inline char* put(char* at, bool value) { return put_head(at, value ? 0xc3 : 0xc2, 0, 0); }
inline char* put(char* at, double value) { return put_head(at, 0xcb, std::bit_cast<std::uint64_t>(value), 8); }
template <std::integral I>
requires(!std::is_same_v<I, bool>) char* put(char* at, I value) {
  const auto bits = static_cast<std::uint64_t>(value);
  if constexpr (std::is_signed_v<I>) {
    if (value < 0) {
      if (value >= -32) return put_head(at, static_cast<std::uint8_t>(bits), 0, 0);
      if (value >= INT8_MIN) return put_head(at, 0xd0, bits, 1);
      if (value >= INT16_MIN) return put_head(at, 0xd1, bits, 2);
      if (value >= INT32_MIN) return put_head(at, 0xd2, bits, 4);
      return put_head(at, 0xd3, bits, 8);
    }
  }
  if (bits <= 0x7f) return put_head(at, static_cast<std::uint8_t>(bits), 0, 0);
  if (bits <= UINT8_MAX) return put_head(at, 0xcc, bits, 1);
  if (bits <= UINT16_MAX) return put_head(at, 0xcd, bits, 2);
  if (bits <= UINT32_MAX) return put_head(at, 0xce, bits, 4);
  return put_head(at, 0xcf, bits, 8);
}
inline char* put(char* at, Timestamp t) { return put(at, unix_ns(t)); }
inline char* put(char* at, Price value) { return put(at, value.to_double()); }
// Whole numbers as integers, as in pack().
template <class Tag, class Rep>
char* put(char* at, Decimal<Tag, Rep> value) {
  constexpr Rep exact = Rep{1} << 53;
  if (value.raw() >= INT64_MIN && value.raw() <= INT64_MAX) {
    const auto narrow = static_cast<std::int64_t>(value.raw());
    const auto units = narrow / value.scale;
    return units * value.scale == narrow ? put(at, units) : put(at, value.to_double());
  }
  const Rep whole = value.raw() / value.scale;
  if (whole * value.scale == value.raw() && whole < exact && whole > -exact)
    return put(at, static_cast<std::int64_t>(whole));
  return put(at, value.to_double());
}
inline char* put_container(char* at, std::size_t size, std::uint8_t small, std::uint8_t large) {
  if (size <= 0x0f) return put_head(at, static_cast<std::uint8_t>(small | size), 0, 0);
  if (size <= UINT16_MAX) return put_head(at, large, size, 2);
  return put_head(at, static_cast<std::uint8_t>(large + 1), size, 4);
}
template <Described T>
char* put(char* at, const T& value);
template <class T>
char* put(char* at, const std::vector<T>& values) {
  at = put_container(at, values.size(), 0x90, 0xdc);
  for (const auto& value : values) at = put(at, value);
  return at;
}
inline char* put(char* at, const std::map<std::string, std::string>& texts) {
  at = put_container(at, texts.size(), 0x80, 0xde);
  for (const auto& [name, text] : texts) at = put(put(at, name), text);
  return at;
}
template <Described T, std::size_t... I>
char* put_fields(char* at, const T& value, std::index_sequence<I...>) {
  const auto one = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {
    constexpr auto f = std::get<N>(fields_of<T>);  // its name is a constant then, and so is the length that is copied
    const auto& v = value.*(f.member);
    if constexpr (is_optional<std::decay_t<decltype(v)>>) {
      if (v) at = put(put(at, f.name), *v);
    } else {
      at = put(put(at, f.name), v);
    }
  };
  (one(std::integral_constant<std::size_t, I>{}), ...);
  return at;
}
template <Described T>
char* put(char* at, const T& value) {
  return put_fields(put_container(at, present(value), 0x80, 0xde), value, indexes_of<T>{});
}

template <Described T>
std::string packed(const T& value) {
  std::string out;
  out.resize(most(value));
  const char* end = put(out.data(), value);
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

}  // namespace tradebus::wire::flat
