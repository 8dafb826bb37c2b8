// Any msgpack value of the bus as an owned tree: for requests, and for answers that have no type of their own here.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <msgpack.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tradebus::client {

class Value {
 public:
  struct Member;
  using Array = std::vector<Value>;
  using Map = std::vector<Member>;  // in the order in which the keys came

  Value() = default;  // nil: a key with no value
  Value(bool b);
  template <std::integral I>
  requires(!std::same_as<I, bool>) Value(I i);
  Value(double d);
  Value(std::string text);
  Value(std::string_view text);
  Value(const char* text);
  Value(Array items);
  Value(Map members);

  static Value make_map();
  static Value from(const msgpack::object& object);

  bool is_nil() const { return std::holds_alternative<std::monostate>(data_); }
  const std::string* text() const { return std::get_if<std::string>(&data_); }
  const Array* array() const { return std::get_if<Array>(&data_); }
  const Map* map() const { return std::get_if<Map>(&data_); }
  std::optional<bool> boolean() const {
    const bool* b = std::get_if<bool>(&data_);
    return b != nullptr ? std::optional{*b} : std::nullopt;
  }
  // A whole number that fits 64 bits with a sign.
  std::optional<std::int64_t> integer() const {
    const auto* i = std::get_if<std::int64_t>(&data_);
    return i != nullptr ? std::optional{*i} : std::nullopt;
  }
  std::optional<double> number() const {
    if (const auto* d = std::get_if<double>(&data_)) return *d;
    if (const auto* i = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*i);
    if (const auto* u = std::get_if<std::uint64_t>(&data_)) return static_cast<double>(*u);
    return std::nullopt;
  }
  std::string text_or(std::string_view fallback) const {
    const auto* t = text();
    return t != nullptr ? *t : std::string{fallback};
  }

  // A member, or nil when there is none (or this is no map): so that look-ups chain.
  const Value& operator[](std::string_view key) const;
  // Adds or replaces a member; makes a map of a nil. A nil `value` is left out, as the protocol wants it.
  Value& set(std::string_view key, Value value);

  // Adds the members of another map.
  Value& merge(const Value& other);

  template <class F>
  auto visit(F&& f) const {
    return std::visit(std::forward<F>(f), data_);
  }
  template <class Stream>
  void pack(msgpack::packer<Stream>& to) const;

 private:
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array, Map> data_;
};

struct Value::Member {
  std::string key;
  Value value;
};

// Here, where a member is complete.
inline Value::Value(bool b) : data_{b} {}
template <std::integral I>
requires(!std::same_as<I, bool>) Value::Value(I i) {
  if (std::in_range<std::int64_t>(i))
    data_ = static_cast<std::int64_t>(i);
  else
    data_ = static_cast<std::uint64_t>(i);
}
inline Value::Value(double d) : data_{d} {}
inline Value::Value(std::string text) : data_{std::move(text)} {}
inline Value::Value(std::string_view text) : data_{std::string{text}} {}
inline Value::Value(const char* text) : data_{std::string{text}} {}
inline Value::Value(Array items) : data_{std::move(items)} {}
inline Value::Value(Map members) : data_{std::move(members)} {}
inline Value Value::make_map() { return Value{Map{}}; }

inline const Value& Value::operator[](std::string_view key) const {
  static const Value nil;
  if (const auto* members = map())
    for (const auto& member : *members)
      if (member.key == key) return member.value;
  return nil;
}

inline Value& Value::set(std::string_view key, Value value) {
  if (is_nil()) data_ = Map{};
  auto* members = std::get_if<Map>(&data_);
  if (members == nullptr || value.is_nil()) return *this;
  for (auto& member : *members) {
    if (member.key != key) continue;
    member.value = std::move(value);
    return *this;
  }
  members->push_back({std::string{key}, std::move(value)});
  return *this;
}

inline Value& Value::merge(const Value& other) {
  if (const auto* members = other.map())
    for (const auto& member : *members) set(member.key, member.value);
  return *this;
}

inline Value Value::from(const msgpack::object& object) {
  switch (object.type) {
    case msgpack::type::BOOLEAN:
      return Value{object.via.boolean};
    case msgpack::type::POSITIVE_INTEGER:
      return Value{object.via.u64};
    case msgpack::type::NEGATIVE_INTEGER:
      return Value{object.via.i64};
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
      return Value{object.via.f64};
    case msgpack::type::STR:
      return Value{std::string_view{object.via.str.ptr, object.via.str.size}};
    case msgpack::type::BIN:
      return Value{std::string_view{object.via.bin.ptr, object.via.bin.size}};
    case msgpack::type::ARRAY: {
      Array items;
      items.reserve(object.via.array.size);
      for (std::uint32_t i = 0; i < object.via.array.size; ++i) items.push_back(from(object.via.array.ptr[i]));
      return Value{std::move(items)};
    }
    case msgpack::type::MAP: {
      Map members;
      members.reserve(object.via.map.size);
      for (std::uint32_t i = 0; i < object.via.map.size; ++i) {
        const auto& kv = object.via.map.ptr[i];
        if (kv.key.type != msgpack::type::STR) continue;  // the protocol knows text keys only
        members.push_back({std::string{kv.key.via.str.ptr, kv.key.via.str.size}, from(kv.val)});
      }
      return Value{std::move(members)};
    }
    case msgpack::type::NIL:
    case msgpack::type::EXT:
      break;
  }
  return {};
}

template <class Stream>
void Value::pack(msgpack::packer<Stream>& to) const {
  std::visit(
      [&](const auto& x) {
        using T = std::decay_t<decltype(x)>;
        if constexpr (std::same_as<T, std::monostate>) {
          to.pack_nil();
        } else if constexpr (std::same_as<T, Array>) {
          to.pack_array(static_cast<std::uint32_t>(x.size()));
          for (const auto& item : x) item.pack(to);
        } else if constexpr (std::same_as<T, Map>) {
          to.pack_map(static_cast<std::uint32_t>(x.size()));
          for (const auto& member : x) {
            to.pack(member.key);
            member.value.pack(to);
          }
        } else {
          to.pack(x);
        }
      },
      data_);
}

}  // namespace tradebus::client
