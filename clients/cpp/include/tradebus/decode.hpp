// Reads a struct out of a msgpack map. A struct names its keys once, in `fields(reader)`; unknown keys are skipped,
// absent ones keep the member's default, a value of another type counts as absent.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <map>
#include <msgpack.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tradebus/value.hpp"

namespace tradebus::client {

class MapReader;

template <class T>
concept Readable = requires(T& t, MapReader& r) {
  t.fields(r);
};

// One map, read in about the order in which it was written: each look-up goes on where the last one ended.
class MapReader {
 public:
  explicit MapReader(const msgpack::object& object)
      : entries_{object.type == msgpack::type::MAP ? object.via.map.ptr : nullptr},
        size_{object.type == msgpack::type::MAP ? object.via.map.size : 0} {}

  const msgpack::object* find(std::string_view key) {
    for (std::uint32_t i = 0; i < size_; ++i) {
      const auto at = next_ + i < size_ ? next_ + i : next_ + i - size_;
      const auto& entry = entries_[at];
      if (entry.key.type != msgpack::type::STR ||
          key != std::string_view{entry.key.via.str.ptr, entry.key.via.str.size})
        continue;
      next_ = at + 1 < size_ ? at + 1 : 0;
      return &entry.val;
    }
    return nullptr;
  }

  template <class T>
  void operator()(std::string_view key, T& out) {
    if (const auto* object = find(key)) read(*object, out);
  }

  static void read(const msgpack::object& o, std::string& out) {
    if (o.type == msgpack::type::STR) out.assign(o.via.str.ptr, o.via.str.size);
  }
  static void read(const msgpack::object& o, bool& out) {
    if (o.type == msgpack::type::BOOLEAN) out = o.via.boolean;
  }
  static void read(const msgpack::object& o, double& out) {
    if (o.type == msgpack::type::FLOAT64 || o.type == msgpack::type::FLOAT32) out = o.via.f64;
    if (o.type == msgpack::type::POSITIVE_INTEGER) out = static_cast<double>(o.via.u64);
    if (o.type == msgpack::type::NEGATIVE_INTEGER) out = static_cast<double>(o.via.i64);
  }
  static void read(const msgpack::object& o, std::int64_t& out) {
    if (o.type == msgpack::type::NEGATIVE_INTEGER) out = o.via.i64;
    if (o.type == msgpack::type::POSITIVE_INTEGER && std::in_range<std::int64_t>(o.via.u64))
      out = static_cast<std::int64_t>(o.via.u64);
  }
  static void read(const msgpack::object& o, std::uint64_t& out) {
    if (o.type == msgpack::type::POSITIVE_INTEGER) out = o.via.u64;
  }
  static void read(const msgpack::object& o, Value& out) { out = Value::from(o); }
  template <Readable T>
  static void read(const msgpack::object& o, T& out) {
    MapReader inner{o};
    out.fields(inner);
  }
  template <class T>
  static void read(const msgpack::object& o, std::optional<T>& out) {
    if (o.type == msgpack::type::NIL) return;
    out.emplace();
    read(o, *out);
  }
  template <class T>
  static void read(const msgpack::object& o, std::vector<T>& out) {
    if (o.type != msgpack::type::ARRAY) return;
    out.assign(o.via.array.size, T{});
    for (std::uint32_t i = 0; i < o.via.array.size; ++i) read(o.via.array.ptr[i], out[i]);
  }
  static void read(const msgpack::object& o, std::map<std::string, std::string>& out) {
    if (o.type != msgpack::type::MAP) return;
    for (std::uint32_t i = 0; i < o.via.map.size; ++i) {
      std::string name;
      read(o.via.map.ptr[i].key, name);
      read(o.via.map.ptr[i].val, out[name]);
    }
  }

 private:
  const msgpack::object_kv* entries_;
  std::uint32_t size_;
  std::uint32_t next_ = 0;
};

template <class T>
T decode(const msgpack::object& object) {
  T out{};
  MapReader::read(object, out);
  return out;
}

}  // namespace tradebus::client
