// Values to msgpack, from their field lists: maps with string keys; a field without a value is absent, never nil.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/model/decimal.hpp"
#include "bus/model/describe.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/instrument.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"

namespace tradebus::wire {

// A growing byte string that a Packer writes to. Room is made once, so that its many small writes stay cheap.
struct Buffer {
  Buffer() { bytes.reserve(512); }
  explicit Buffer(std::string reused) : bytes{std::move(reused)} {}

  std::string bytes;
};

// Writes msgpack, always in the shortest form. Each value is put together on the stack and appended once.
class Packer {
 public:
  explicit Packer(Buffer& out) : out_{out.bytes} {}

  void pack_nil() { out_.push_back(static_cast<char>(0xc0)); }
  void pack_true() { out_.push_back(static_cast<char>(0xc3)); }
  void pack_false() { out_.push_back(static_cast<char>(0xc2)); }
  void pack_map(std::uint32_t pairs) { container(pairs, 0x80, 0xde); }
  void pack_array(std::uint32_t items) { container(items, 0x90, 0xdc); }
  void pack_int(int value) { pack_int64(value); }
  void pack_int64(std::int64_t value) {
    if (value >= 0) return pack_uint64(static_cast<std::uint64_t>(value));
    const auto bits = static_cast<std::uint64_t>(value);
    if (value >= -32) return out_.push_back(static_cast<char>(bits));
    if (value >= INT8_MIN) return head(0xd0, bits, 1);
    if (value >= INT16_MIN) return head(0xd1, bits, 2);
    if (value >= INT32_MIN) return head(0xd2, bits, 4);
    head(0xd3, bits, 8);
  }
  void pack_uint64(std::uint64_t value) {
    if (value <= 0x7f) return out_.push_back(static_cast<char>(value));
    if (value <= UINT8_MAX) return head(0xcc, value, 1);
    if (value <= UINT16_MAX) return head(0xcd, value, 2);
    if (value <= UINT32_MAX) return head(0xce, value, 4);
    head(0xcf, value, 8);
  }
  // Eight bytes always: a whole number stays floating, and a reader's type does not change.
  void pack_double(double value) { head(0xcb, std::bit_cast<std::uint64_t>(value), 8); }
  void pack_text(std::string_view text) {
    constexpr std::size_t short_max = 31;
    if (text.size() <= short_max) {
      std::array<char, short_max + 1> whole;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled as far as used
      whole[0] = static_cast<char>(0xa0U | text.size());
      text.copy(whole.data() + 1, text.size());
      out_.append(whole.data(), text.size() + 1);
      return;
    }
    if (text.size() <= UINT8_MAX)
      head(0xd9, text.size(), 1);
    else if (text.size() <= UINT16_MAX)
      head(0xda, text.size(), 2);
    else
      head(0xdb, text.size(), 4);
    out_.append(text);
  }

 private:
  // A first byte and `width` bytes of a number, high one first.
  void head(std::uint8_t first, std::uint64_t value, std::size_t width) {
    std::array<char, 9> whole;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled as far as used
    whole[0] = static_cast<char>(first);
    for (std::size_t i = width; i > 0; --i, value >>= 8U) whole[i] = static_cast<char>(value & 0xffU);
    out_.append(whole.data(), width + 1);
  }
  void container(std::uint32_t size, std::uint8_t small, std::uint8_t large) {
    if (size <= 0x0f) return out_.push_back(static_cast<char>(small | size));
    if (size <= UINT16_MAX) return head(large, size, 2);
    head(static_cast<std::uint8_t>(large + 1), size, 4);
  }

  std::string& out_;
};

inline void pack(Packer& out, std::string_view text) { out.pack_text(text); }
inline void pack(Packer& out, const std::string& text) { pack(out, std::string_view{text}); }
inline void pack(Packer& out, const char* text) { pack(out, std::string_view{text}); }
inline void pack(Packer& out, bool value) { value ? out.pack_true() : out.pack_false(); }
inline void pack(Packer& out, double value) { out.pack_double(value); }
template <std::integral I>
requires(!std::is_same_v<I, bool>) void pack(Packer& out, I value) {
  if constexpr (std::is_signed_v<I>)
    out.pack_int64(value);
  else
    out.pack_uint64(value);
}
inline void pack(Packer& out, Timestamp t) { out.pack_int64(unix_ns(t)); }
inline void pack(Packer& out, Date d) { pack(out, d.to_string()); }
template <class Tag>
void pack(Packer& out, const StrongString<Tag>& s) {
  pack(out, std::string_view{s.str()});
}
template <NamedEnum E>
void pack(Packer& out, E value) {
  pack(out, to_string(value));
}
// A whole number goes out as an integer, everything else as the nearest double.
template <class Tag, class Rep>
void pack(Packer& out, Decimal<Tag, Rep> value) {
  if (value.raw() >= INT64_MIN && value.raw() <= INT64_MAX) {  // nearly always: spares a division of 128 bits
    const auto narrow = static_cast<std::int64_t>(value.raw());
    if (const auto units = narrow / value.scale; units * value.scale == narrow) return pack(out, units);
    return pack(out, value.to_double());
  }
  const Rep whole = value.raw() / value.scale;
  constexpr Rep exact = Rep{1} << 53;
  if (whole * value.scale == value.raw() && whole < exact && whole > -exact)
    out.pack_int64(static_cast<std::int64_t>(whole));
  else
    pack(out, value.to_double());
}
// Prices stay floating even when whole, so that a reader's type does not change from tick to tick.
inline void pack(Packer& out, Price value) { pack(out, value.to_double()); }
template <Described T>
void pack(Packer& out, const T& value);
template <class T>
void pack(Packer& out, const std::vector<T>& values) {
  out.pack_array(static_cast<std::uint32_t>(values.size()));
  for (const auto& value : values) pack(out, value);
}

inline void pack(Packer& out, const std::map<std::string, std::string>& texts) {
  out.pack_map(static_cast<std::uint32_t>(texts.size()));
  for (const auto& [name, text] : texts) {
    pack(out, name);
    pack(out, text);
  }
}

// How many keys a value has on the wire.
template <Described T>
std::uint32_t present_fields(const T& value) {
  std::uint32_t n = 0;
  for_each_field<T>([&](const auto& f) {
    if constexpr (is_optional<std::decay_t<decltype(value.*(f.member))>>)
      n += (value.*(f.member)).has_value() ? 1 : 0;
    else
      ++n;
  });
  return n;
}
// Its keys and values, without the map's header: for messages that add keys of their own.
template <Described T>
void pack_fields(Packer& out, const T& value) {
  for_each_field<T>([&](const auto& f) {
    const auto& v = value.*(f.member);
    if constexpr (is_optional<std::decay_t<decltype(v)>>) {
      if (!v) return;
      pack(out, f.name);
      pack(out, *v);
    } else {
      pack(out, f.name);
      pack(out, v);
    }
  });
}
template <Described T>
void pack(Packer& out, const T& value) {
  out.pack_map(present_fields(value));
  pack_fields(out, value);
}

template <class T>
std::string packed(const T& value) {
  Buffer buffer;
  Packer out{buffer};
  pack(out, value);
  return std::move(buffer.bytes);
}

}  // namespace tradebus::wire
