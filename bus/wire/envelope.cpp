#include "bus/wire/envelope.hpp"

#include <array>

#include "bus/wire/pack.hpp"
#include "bus/wire/text.hpp"

namespace tradebus::wire {

namespace {

constexpr int depth_max = 32;

std::uint8_t byte_at(std::string_view s, std::size_t i) { return static_cast<std::uint8_t>(s[i]); }

std::uint64_t big_endian(std::string_view s, std::size_t at, std::size_t width) {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < width; ++i) v = v << 8 | byte_at(s, at + i);
  return v;
}

// What a value's first byte announces: bytes of head, then bytes of body, then so many values inside it.
struct Head {
  std::size_t bytes = 1;
  std::uint64_t body = 0;
  std::uint64_t children = 0;
};

std::optional<Head> read_head(std::string_view s) {
  if (s.empty()) return std::nullopt;
  const auto b = byte_at(s, 0);
  auto sized = [&](std::size_t width, std::uint64_t extra) -> std::optional<Head> {
    if (s.size() < 1 + width) return std::nullopt;
    return Head{1 + width, big_endian(s, 1, width) + extra, 0};
  };
  auto nested = [&](std::size_t width, std::uint64_t per_item) -> std::optional<Head> {
    if (s.size() < 1 + width) return std::nullopt;
    return Head{1 + width, 0, big_endian(s, 1, width) * per_item};
  };
  if (b <= 0x7f || b >= 0xe0) return Head{};
  if (b <= 0x8f) return Head{1, 0, static_cast<std::uint64_t>(b & 0x0fU) * 2};
  if (b <= 0x9f) return Head{1, 0, static_cast<std::uint64_t>(b & 0x0fU)};
  if (b <= 0xbf) return Head{1, static_cast<std::uint64_t>(b & 0x1fU), 0};
  switch (b) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return Head{};
    case 0xc4:
    case 0xd9:
      return sized(1, 0);
    case 0xc5:
    case 0xda:
      return sized(2, 0);
    case 0xc6:
    case 0xdb:
      return sized(4, 0);
    case 0xc7:
      return sized(1, 1);
    case 0xc8:
      return sized(2, 1);
    case 0xc9:
      return sized(4, 1);
    case 0xca:
    case 0xce:
    case 0xd2:
      return Head{1, 4, 0};
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return Head{1, 8, 0};
    case 0xcc:
    case 0xd0:
      return Head{1, 1, 0};
    case 0xcd:
    case 0xd1:
    case 0xd4:
      return Head{1, 2, 0};
    case 0xd5:
      return Head{1, 3, 0};
    case 0xd6:
      return Head{1, 5, 0};
    case 0xd7:
      return Head{1, 9, 0};
    case 0xd8:
      return Head{1, 17, 0};
    case 0xdc:
      return nested(2, 1);
    case 0xdd:
      return nested(4, 1);
    case 0xde:
      return nested(2, 2);
    case 0xdf:
      return nested(4, 2);
    default:
      return std::nullopt;  // 0xc1 is never used
  }
}

std::optional<std::string_view> read_text(std::string_view value) {
  const auto head = read_head(value);
  const auto b = byte_at(value, 0);
  const bool text = (b >= 0xa0 && b <= 0xbf) || b == 0xd9 || b == 0xda || b == 0xdb;
  if (!head || !text) return std::nullopt;
  return value.substr(head->bytes);
}

std::optional<std::int64_t> read_integer(std::string_view value) {
  const auto b = byte_at(value, 0);
  if (b <= 0x7f) return b;
  if (b >= 0xe0) return static_cast<std::int8_t>(b);
  switch (b) {
    case 0xcc:
      return static_cast<std::int64_t>(big_endian(value, 1, 1));
    case 0xcd:
      return static_cast<std::int64_t>(big_endian(value, 1, 2));
    case 0xce:
      return static_cast<std::int64_t>(big_endian(value, 1, 4));
    case 0xcf: {
      const auto u = big_endian(value, 1, 8);
      if (u > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
      return static_cast<std::int64_t>(u);
    }
    case 0xd0:
      return static_cast<std::int8_t>(big_endian(value, 1, 1));
    case 0xd1:
      return static_cast<std::int16_t>(big_endian(value, 1, 2));
    case 0xd2:
      return static_cast<std::int32_t>(big_endian(value, 1, 4));
    case 0xd3:
      return static_cast<std::int64_t>(big_endian(value, 1, 8));
    default:
      return std::nullopt;
  }
}

// As value_length(), of a value that may open `levels` levels.
std::optional<std::size_t> length_within(std::string_view bytes, int levels) {
  const auto first = read_head(bytes);
  if (!first) return std::nullopt;
  if (first->children == 0) {  // nearly always
    if (first->body > bytes.size() - first->bytes) return std::nullopt;
    return first->bytes + static_cast<std::size_t>(first->body);
  }
  // Values left to read at each level; a value with children opens a level.
  std::array<std::uint64_t, depth_max> open;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled as far as used
  int depth = 0;
  open[0] = 1;
  std::size_t at = 0;
  while (true) {
    while (open[static_cast<std::size_t>(depth)] == 0) {
      if (depth == 0) return at;
      --depth;
    }
    --open[static_cast<std::size_t>(depth)];
    const auto head = read_head(bytes.substr(at));
    if (!head) return std::nullopt;
    if (head->body > bytes.size() - at - head->bytes) return std::nullopt;
    at += head->bytes + static_cast<std::size_t>(head->body);
    if (head->children > 0) {
      // A child takes a byte at least: more than there are bytes left is a lie.
      if (head->children > bytes.size() - at) return std::nullopt;
      if (++depth == levels) return std::nullopt;
      open[static_cast<std::size_t>(depth)] = head->children;
    }
  }
}

}  // namespace

std::optional<std::size_t> value_length(std::string_view bytes) { return length_within(bytes, depth_max); }

tl::expected<Envelope, EnvelopeError> read_envelope(std::string_view frame) {
  Envelope out;
  auto refuse = [&](Errc code, std::string key, std::string message) {
    return tl::unexpected<EnvelopeError>{EnvelopeError{Error{code, std::move(message), std::move(key)}, out.id}};
  };
  const auto malformed = [&](std::string message) {
    out.id = {};  // what was read of a frame that is none says nothing
    return refuse(Errc::request_malformed, "", std::move(message));
  };
  constexpr auto torn = "the frame is not one msgpack value (torn, or nested over 32 deep)";
  constexpr auto too_long = "bytes after the end of the msgpack value";
  const auto head = read_head(frame);
  const auto b = head ? byte_at(frame, 0) : std::uint8_t{0};
  if (!((b >= 0x80 && b <= 0x8f) || b == 0xde || b == 0xdf)) {
    const auto length = value_length(frame);
    if (!length) return malformed(torn);
    return malformed(*length != frame.size() ? too_long : "a request is a map: {v: 1, id, op, args}");
  }
  std::size_t at = head->bytes;
  std::optional<std::string_view> version;
  std::optional<std::string_view> op;
  std::optional<std::string_view> timeout;
  // The next value as a whole; everything that it holds has been checked then.
  const auto next = [&]() -> std::optional<std::string_view> {
    const auto length = length_within(frame.substr(at), depth_max - 1);
    if (!length) return std::nullopt;
    const auto value = frame.substr(at, *length);
    at += *length;
    return value;
  };
  for (std::uint64_t i = 0; i < head->children / 2; ++i) {
    const auto packed_key = next();
    const auto value = packed_key ? next() : std::nullopt;
    if (!value) return malformed(torn);
    const auto key = read_text(*packed_key);
    if (!key) continue;
    if (*key == "id")
      out.id = *value;
    else if (*key == "op")
      op = value;
    else if (*key == "args")
      out.args = *value;
    else if (*key == "v")
      version = value;
    else if (*key == "timeout_ms")
      timeout = value;
  }
  if (at != frame.size()) return malformed(too_long);
  if (!version) return refuse(Errc::request_invalid, "v", "v is missing: this daemon speaks version 1");
  if (read_integer(*version) != 1)
    return refuse(Errc::request_invalid, "v", "v is not 1: this daemon speaks version 1");
  if (!op) return refuse(Errc::request_invalid, "op", "op is missing");
  const auto op_text = read_text(*op);
  if (!op_text) return refuse(Errc::request_invalid, "op", "op is not a text");
  out.op = *op_text;
  if (!out.args.empty()) {
    const auto a = byte_at(out.args, 0);
    if (a == 0xc0)
      out.args = {};
    else if (!((a >= 0x80 && a <= 0x8f) || a == 0xde || a == 0xdf))
      return refuse(Errc::request_invalid, "args", "args is not a map");
  }
  if (timeout && byte_at(*timeout, 0) != 0xc0) {
    out.timeout_ms = read_integer(*timeout);
    if (!out.timeout_ms || *out.timeout_ms <= 0)
      return refuse(Errc::request_invalid, "timeout_ms", "timeout_ms is not a positive integer");
  }
  return out;
}

std::optional<std::string_view> find_text(std::string_view packed_map, std::string_view key) {
  const auto head = read_head(packed_map);
  if (!head) return std::nullopt;
  std::size_t at = head->bytes;
  for (std::uint64_t i = 0; i < head->children / 2; ++i) {
    const auto key_bytes = value_length(packed_map.substr(at));
    if (!key_bytes) return std::nullopt;
    const auto name = read_text(packed_map.substr(at, *key_bytes));
    at += *key_bytes;
    const auto value_bytes = value_length(packed_map.substr(at));
    if (!value_bytes) return std::nullopt;
    if (name == key) return read_text(packed_map.substr(at, *value_bytes));
    at += *value_bytes;
  }
  return std::nullopt;
}

// ---- replies -------------------------------------------------------------------------------------------------------

namespace {
Buffer begin_reply(std::string_view id, bool ok, std::size_t more_bytes) {
  Buffer buffer;
  buffer.bytes.reserve(id.size() + more_bytes + 16);
  Packer out{buffer};
  out.pack_map(id.empty() ? 3 : 4);
  pack(out, "v");
  out.pack_int(1);
  if (!id.empty()) {
    pack(out, "id");
    buffer.bytes.append(id);
  }
  pack(out, "ok");
  pack(out, ok);
  return buffer;
}
}  // namespace

std::string reply_head(std::string_view id) {
  auto buffer = begin_reply(id, true, 8);
  Packer out{buffer};
  pack(out, "result");
  return std::move(buffer.bytes);
}

std::string reply_ok(std::string_view id, std::string_view result) {
  auto buffer = begin_reply(id, true, result.size() + 8);
  Packer out{buffer};
  pack(out, "result");
  buffer.bytes.append(result);
  return std::move(buffer.bytes);
}

std::string reply_error(std::string_view id, const Error& error) {
  const auto message = clean_text(error.message);
  const auto key = clean_text(error.key);
  auto buffer = begin_reply(id, false, message.size() * 2 + 96);
  Packer out{buffer};
  pack(out, "error");
  out.pack_map(2U + (key.empty() ? 0U : 1U) + (error.retry_after_ms ? 1U : 0U));
  pack(out, "code");
  pack(out, to_string(error.code));
  pack(out, "message");
  pack(out, message);
  if (!key.empty()) {
    pack(out, "details");
    out.pack_map(2);
    pack(out, "key");
    pack(out, key);
    pack(out, "why");
    pack(out, message);
  }
  if (error.retry_after_ms) {
    pack(out, "retry_after_ms");
    pack(out, *error.retry_after_ms);
  }
  return std::move(buffer.bytes);
}

std::string with_flag(std::string_view encoded_map, std::string_view key) {
  Buffer buffer;
  if (encoded_map.empty()) return {};
  const auto b = byte_at(encoded_map, 0);
  Packer out{buffer};
  std::size_t head = 1;
  if (b >= 0x80 && b <= 0x8f) {
    out.pack_map((b & 0x0fU) + 1U);
  } else if (b == 0xde && encoded_map.size() >= 3) {
    out.pack_map(static_cast<std::uint32_t>(big_endian(encoded_map, 1, 2)) + 1U);
    head = 3;
  } else {
    return std::string{encoded_map};
  }
  buffer.bytes.append(encoded_map.substr(head));
  pack(out, key);
  pack(out, true);
  return std::move(buffer.bytes);
}

}  // namespace tradebus::wire
