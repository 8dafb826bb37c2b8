// Finds one key of a msgpack map in place: the clients must read a number or two out of each message and otherwise cost
// as little as a subscriber can. Bounds are checked; malformed input is "not found".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tradebus::bench {

// The big-endian unsigned number of `width` bytes at `at`.
inline std::optional<std::uint64_t> big_endian(std::string_view b, std::size_t at, std::size_t width) {
  if (at > b.size() || b.size() - at < width) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<std::uint8_t>(b[at + i]);
  return value;
}

// What begins at `at`: bytes of the head, bytes that follow it as they are, values nested in it.
struct MsgpackHead {
  std::size_t head = 1;
  std::size_t bytes = 0;
  std::uint64_t values = 0;
};

inline std::optional<MsgpackHead> head_at(std::string_view b, std::size_t at) {
  if (at >= b.size()) return std::nullopt;
  const auto type = static_cast<std::uint8_t>(b[at]);
  if (type <= 0x7f || type >= 0xe0) return MsgpackHead{};
  if (type <= 0x8f) return MsgpackHead{1, 0, 2U * (type & 0x0fU)};
  if (type <= 0x9f) return MsgpackHead{1, 0, type & 0x0fU};
  if (type <= 0xbf) return MsgpackHead{1, type & 0x1fU, 0};
  const auto counted = [&](std::size_t width, std::size_t extra,
                           std::uint64_t per_value) -> std::optional<MsgpackHead> {
    const auto n = big_endian(b, at + 1, width);
    if (!n) return std::nullopt;
    return per_value == 0 ? MsgpackHead{1 + width + extra, static_cast<std::size_t>(*n), 0}
                          : MsgpackHead{1 + width, 0, *n * per_value};
  };
  switch (type) {
    case 0xc4:
    case 0xd9:
      return counted(1, 0, 0);
    case 0xc5:
    case 0xda:
      return counted(2, 0, 0);
    case 0xc6:
    case 0xdb:
      return counted(4, 0, 0);
    case 0xc7:
      return counted(1, 1, 0);
    case 0xc8:
      return counted(2, 1, 0);
    case 0xc9:
      return counted(4, 1, 0);
    case 0xcc:
    case 0xd0:
      return MsgpackHead{1, 1, 0};
    case 0xcd:
    case 0xd1:
      return MsgpackHead{1, 2, 0};
    case 0xca:
    case 0xce:
    case 0xd2:
      return MsgpackHead{1, 4, 0};
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return MsgpackHead{1, 8, 0};
    case 0xd4:
      return MsgpackHead{2, 1, 0};
    case 0xd5:
      return MsgpackHead{2, 2, 0};
    case 0xd6:
      return MsgpackHead{2, 4, 0};
    case 0xd7:
      return MsgpackHead{2, 8, 0};
    case 0xd8:
      return MsgpackHead{2, 16, 0};
    case 0xdc:
      return counted(2, 0, 1);
    case 0xdd:
      return counted(4, 0, 1);
    case 0xde:
      return counted(2, 0, 2);
    case 0xdf:
      return counted(4, 0, 2);
    default:
      return MsgpackHead{};  // nil, false, true
  }
}

// The place behind the value at `at`.
inline std::optional<std::size_t> skip(std::string_view b, std::size_t at) {
  std::uint64_t open = 1;
  while (open > 0) {
    const auto head = head_at(b, at);
    if (!head) return std::nullopt;
    at += head->head + head->bytes;
    if (at > b.size() || head->values > b.size()) return std::nullopt;
    open += head->values - 1;
  }
  return at;
}

inline std::string_view string_at(std::string_view b, std::size_t at) {
  const auto head = head_at(b, at);
  if (!head || at + head->head + head->bytes > b.size()) return {};
  return b.substr(at + head->head, head->bytes);
}

// Where the value of `key` begins in the map at `at`.
inline std::optional<std::size_t> find(std::string_view b, std::string_view key, std::size_t at = 0) {
  const auto map = head_at(b, at);
  if (!map) return std::nullopt;
  at += map->head;
  for (std::uint64_t pair = 0; pair < map->values / 2; ++pair) {
    const bool hit = string_at(b, at) == key;
    const auto value = skip(b, at);
    if (!value) return std::nullopt;
    if (hit) return value;
    const auto next = skip(b, *value);
    if (!next) return std::nullopt;
    at = *next;
  }
  return std::nullopt;
}

// The unsigned integer (or positive int64) at `at`.
inline std::optional<std::uint64_t> unsigned_at(std::string_view b, std::size_t at) {
  if (at >= b.size()) return std::nullopt;
  const auto type = static_cast<std::uint8_t>(b[at]);
  if (type <= 0x7f) return type;
  switch (type) {
    case 0xcc:
      return big_endian(b, at + 1, 1);
    case 0xcd:
      return big_endian(b, at + 1, 2);
    case 0xce:
    case 0xd2:
      return big_endian(b, at + 1, 4);
    case 0xcf:
    case 0xd3:
      return big_endian(b, at + 1, 8);
    default:
      return std::nullopt;
  }
}

inline std::optional<std::uint64_t> unsigned_of(std::string_view b, std::string_view key) {
  const auto at = find(b, key);
  return at ? unsigned_at(b, *at) : std::nullopt;
}

}  // namespace tradebus::bench
