#include "bus/wire/unpack.hpp"

#include <cmath>

#include "bus/wire/text.hpp"

namespace tradebus::wire {

namespace {

constexpr std::size_t unpack_depth_max = 32;

Result<void> wrong(const char* what) { return fail(Errc::request_invalid, what); }

template <class I>
Result<void> unpack_integer(const msgpack::object& in, I& out) {
  if (in.type == msgpack::type::POSITIVE_INTEGER) {
    if (in.via.u64 > static_cast<std::uint64_t>(std::numeric_limits<I>::max())) return wrong("integer out of range");
    out = static_cast<I>(in.via.u64);
    return {};
  }
  if (in.type == msgpack::type::NEGATIVE_INTEGER) {
    if constexpr (std::is_signed_v<I>) {
      if (in.via.i64 >= static_cast<std::int64_t>(std::numeric_limits<I>::min())) {
        out = static_cast<I>(in.via.i64);
        return {};
      }
    }
    return wrong("integer out of range");
  }
  return wrong("not an integer");
}

}  // namespace

Result<Document> Document::parse(std::string_view bytes) {
  try {
    Document out;
    std::size_t offset = 0;
    out.handle_ =
        msgpack::unpack(bytes.data(), bytes.size(), offset, nullptr, nullptr,
                        msgpack::unpack_limit{list_items_max, 1024, 1U << 20, 1U << 20, 1U << 16, unpack_depth_max});
    if (offset != bytes.size()) return fail(Errc::request_malformed, "bytes after the end of the msgpack value");
    return out;
  } catch (const msgpack::unpack_error& e) {
    return fail(Errc::request_malformed, std::string{"not a msgpack value within limits: "} + e.what());
  } catch (const std::bad_alloc&) {
    return fail(Errc::request_malformed, "a msgpack value that is too large");
  }
}

const msgpack::object* find(const msgpack::object& map, std::string_view key) {
  if (map.type != msgpack::type::MAP) return nullptr;
  for (std::uint32_t i = 0; i < map.via.map.size; ++i) {
    const auto& pair = map.via.map.ptr[i];
    if (pair.key.type == msgpack::type::STR && std::string_view{pair.key.via.str.ptr, pair.key.via.str.size} == key)
      return &pair.val;
  }
  return nullptr;
}

Result<void> unpack(const msgpack::object& in, std::string& out) {
  if (in.type != msgpack::type::STR) return wrong("not a text");
  if (in.via.str.size > text_bytes_max) return wrong("a text of more than 4096 bytes");
  const std::string_view text{in.via.str.ptr, in.via.str.size};
  if (!is_utf8(text)) return wrong("not UTF-8 text");
  out.assign(text);
  return {};
}

Result<void> unpack(const msgpack::object& in, bool& out) {
  if (in.type != msgpack::type::BOOLEAN) return wrong("not true or false");
  out = in.via.boolean;
  return {};
}

Result<void> unpack(const msgpack::object& in, double& out) {
  switch (in.type) {
    case msgpack::type::POSITIVE_INTEGER:
      out = static_cast<double>(in.via.u64);
      return {};
    case msgpack::type::NEGATIVE_INTEGER:
      out = static_cast<double>(in.via.i64);
      return {};
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
      if (!std::isfinite(in.via.f64)) return wrong("not a finite number");
      out = in.via.f64;
      return {};
    case msgpack::type::STR: {  // as of prices and quantities
      const auto exact = Price::parse({in.via.str.ptr, in.via.str.size});
      if (!exact) return wrong("not a decimal number of nine places at most");
      out = exact->to_double();
      return {};
    }
    case msgpack::type::NIL:
    case msgpack::type::BOOLEAN:
    case msgpack::type::BIN:
    case msgpack::type::ARRAY:
    case msgpack::type::MAP:
    case msgpack::type::EXT:
      break;
  }
  return wrong("not a number");
}

Result<void> unpack(const msgpack::object& in, std::int64_t& out) { return unpack_integer(in, out); }
Result<void> unpack(const msgpack::object& in, std::uint64_t& out) { return unpack_integer(in, out); }
Result<void> unpack(const msgpack::object& in, std::int32_t& out) { return unpack_integer(in, out); }
Result<void> unpack(const msgpack::object& in, std::uint32_t& out) { return unpack_integer(in, out); }

Result<void> unpack(const msgpack::object& in, Timestamp& out) {
  std::int64_t ns = 0;
  if (auto ok = unpack_integer(in, ns); !ok) return wrong("not a time (integer, nanoseconds since 1970 UTC)");
  out = from_unix_ns(ns);
  return {};
}

Result<void> unpack(const msgpack::object& in, Date& out) {
  std::string text;
  if (auto ok = unpack(in, text); !ok) return ok;
  auto date = Date::parse(text);
  if (!date) return tl::unexpected{date.error()};
  out = *date;
  return {};
}

Result<void> unpack(const msgpack::object& in, Symbol& out) {
  std::string text;
  if (auto ok = unpack(in, text); !ok) return ok;
  auto symbol = parse_symbol(text);
  if (!symbol) return tl::unexpected{symbol.error()};
  out = *symbol;
  return {};
}

Result<void> unpack(const msgpack::object& in, std::map<std::string, std::string>& out) {
  if (in.type != msgpack::type::MAP) return wrong("not a map");
  out.clear();
  for (std::uint32_t i = 0; i < in.via.map.size; ++i) {
    const auto& pair = in.via.map.ptr[i];
    std::string name;
    std::string text;
    if (auto ok = unpack(pair.key, name); !ok) return fail(Errc::request_invalid, "a name is " + ok.error().message);
    if (auto ok = unpack(pair.val, text); !ok) return invalid(name, "\"" + name + "\" is " + ok.error().message);
    if (!out.emplace(name, std::move(text)).second) return invalid(name, "\"" + name + "\" comes twice");
  }
  return {};
}

}  // namespace tradebus::wire
