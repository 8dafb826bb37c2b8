// msgpack to values, by their field lists. Unknown keys are ignored; what is missing, of another type or out of range
// is request.invalid with the key's path.
#pragma once

#include <map>
#include <msgpack.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/model/decimal.hpp"
#include "bus/model/describe.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/instrument.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"

namespace tradebus::wire {

inline constexpr std::size_t text_bytes_max = 4096;  // of one text in a request's arguments
inline constexpr std::size_t list_items_max = 10'000;

// An owned, decoded msgpack value. Arrays, maps, texts and depth are bounded; a failure is request.malformed.
class Document {
 public:
  static Result<Document> parse(std::string_view bytes);
  const msgpack::object& root() const { return handle_.get(); }

 private:
  msgpack::object_handle handle_;
};

// A map's value by key; null when it is absent or the object is no map.
const msgpack::object* find(const msgpack::object& map, std::string_view key);

Result<void> unpack(const msgpack::object& in, std::string& out);
Result<void> unpack(const msgpack::object& in, bool& out);
Result<void> unpack(const msgpack::object& in, double& out);
Result<void> unpack(const msgpack::object& in, std::int64_t& out);
Result<void> unpack(const msgpack::object& in, std::uint64_t& out);
Result<void> unpack(const msgpack::object& in, std::int32_t& out);
Result<void> unpack(const msgpack::object& in, std::uint32_t& out);
Result<void> unpack(const msgpack::object& in, Timestamp& out);
Result<void> unpack(const msgpack::object& in, Date& out);
Result<void> unpack(const msgpack::object& in, Symbol& out);  // checked; instrument.unknown
// Texts by name. A name that comes twice is an error: nobody knows which of the two is meant.
Result<void> unpack(const msgpack::object& in, std::map<std::string, std::string>& out);

template <class Tag>
Result<void> unpack(const msgpack::object& in, StrongString<Tag>& out) {
  std::string text;
  auto ok = unpack(in, text);
  if (ok) out = StrongString<Tag>{std::move(text)};
  return ok;
}

template <NamedEnum E>
Result<void> unpack(const msgpack::object& in, E& out) {
  std::string text;
  if (auto ok = unpack(in, text); !ok) return ok;
  if (auto value = enum_from_string<E>(text)) {
    out = *value;
    return {};
  }
  std::string known;
  for (const auto& each : EnumTexts<E>::texts) known += (known.empty() ? "" : ", ") + std::string{each};
  return fail(Errc::request_invalid, "\"" + text.substr(0, 64) + "\" is none of " + known);
}

// Numbers come in as integer, float or decimal text.
template <class Tag, class Rep>
Result<void> unpack(const msgpack::object& in, Decimal<Tag, Rep>& out) {
  using D = Decimal<Tag, Rep>;
  Result<D> value = fail(Errc::request_invalid, "not a number");
  switch (in.type) {
    case msgpack::type::POSITIVE_INTEGER:
      if (in.via.u64 > static_cast<std::uint64_t>(INT64_MAX)) return fail(Errc::request_invalid, "number out of range");
      value = D::from_integer(static_cast<std::int64_t>(in.via.u64));
      break;
    case msgpack::type::NEGATIVE_INTEGER:
      value = D::from_integer(in.via.i64);
      break;
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
      value = D::from_double(in.via.f64);
      break;
    case msgpack::type::STR:
      value = D::parse({in.via.str.ptr, in.via.str.size});
      break;
    case msgpack::type::NIL:
    case msgpack::type::BOOLEAN:
    case msgpack::type::BIN:
    case msgpack::type::ARRAY:
    case msgpack::type::MAP:
    case msgpack::type::EXT:
      break;
  }
  if (!value) return tl::unexpected{value.error()};
  out = *value;
  return {};
}

template <Described T>
Result<void> unpack(const msgpack::object& in, T& out);

template <class T>
Result<void> unpack(const msgpack::object& in, std::vector<T>& out) {
  if (in.type != msgpack::type::ARRAY) return fail(Errc::request_invalid, "not a list");
  if (in.via.array.size > list_items_max) return fail(Errc::request_invalid, "a list of more than 10000 items");
  out.resize(in.via.array.size);
  for (std::uint32_t i = 0; i < in.via.array.size; ++i) {
    if (auto ok = unpack(in.via.array.ptr[i], out[i]); !ok) {
      auto error = ok.error();
      error.key = "[" + std::to_string(i) + "]" + (error.key.empty() ? "" : "." + error.key);
      return tl::unexpected{std::move(error)};
    }
  }
  return {};
}

// One key of a map into a member; `required` decides what absence means. nil counts as absent.
template <class T>
Result<void> unpack_key(const msgpack::object& map, std::string_view key, bool required, T& out) {
  const auto* value = find(map, key);
  if (value == nullptr || value->is_nil()) {
    if (required) return invalid(std::string{key}, std::string{key} + " is missing");
    return {};
  }
  Result<void> ok;
  if constexpr (is_optional<T>) {
    out.emplace();
    ok = unpack(*value, *out);
  } else {
    ok = unpack(*value, out);
  }
  if (ok) return ok;
  auto error = ok.error();
  if (error.key.empty()) error.message = std::string{key} + ": " + error.message;
  error.key = std::string{key} + (error.key.empty() || error.key[0] == '[' ? error.key : "." + error.key);
  return tl::unexpected{std::move(error)};
}

// Fields that are optional, or that a default-constructed T already fills sensibly, may be absent: `required` names the
// rest.
template <Described T>
Result<void> unpack_fields(const msgpack::object& in, T& out, std::initializer_list<std::string_view> required) {
  if (in.type != msgpack::type::MAP) return fail(Errc::request_invalid, "not a map");
  Result<void> result;
  for_each_field<T>([&](const auto& f) {
    if (!result) return;
    bool needed = false;
    for (auto name : required) needed = needed || name == f.name;
    result = unpack_key(in, f.name, needed, out.*(f.member));
  });
  return result;
}
template <Described T>
Result<void> unpack(const msgpack::object& in, T& out) {
  return unpack_fields(in, out, {});
}

}  // namespace tradebus::wire
