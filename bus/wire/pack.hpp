// Values to msgpack, from their field lists: maps with string keys; a field without a value is absent, never nil.
#pragma once

#include <cstdint>
#include <limits>
#include <msgpack.hpp>
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

// A growing byte string that msgpack::packer can write to. Room is made once, so that the packer's many small writes
// stay cheap.
struct Buffer {
  Buffer() { bytes.reserve(512); }
  explicit Buffer(std::string reused) : bytes{std::move(reused)} {}

  std::string bytes;
  void write(const char* data, std::size_t size) {
    if (size == 1)
      bytes.push_back(*data);
    else
      bytes.append(data, size);
  }
};
using Packer = msgpack::packer<Buffer>;

inline void pack(Packer& out, std::string_view text) {
  out.pack_str(static_cast<std::uint32_t>(text.size()));
  out.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}
inline void pack(Packer& out, const std::string& text) { pack(out, std::string_view{text}); }
inline void pack(Packer& out, const char* text) { pack(out, std::string_view{text}); }
inline void pack(Packer& out, bool value) { value ? out.pack_true() : out.pack_false(); }
// Written by hand: msgpack's own pack_double turns whole numbers into integers, and a reader's type would change.
void pack(Packer& out, double value);
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
