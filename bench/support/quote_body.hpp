// A quote as the bus carries it, made without the product's code, for the anchor's publisher.
#pragma once

#include <cstdint>
#include <msgpack.hpp>
#include <string>

#include "bench/support/msgpack_scan.hpp"

namespace tradebus::bench {

inline std::string sample_quote_body(const std::string& symbol, std::int64_t ts) {
  msgpack::sbuffer out;
  msgpack::packer<msgpack::sbuffer> pack{out};
  pack.pack_map(9);
  pack.pack(std::string{"seq"}).pack(std::uint32_t{100'000});
  pack.pack(std::string{"symbol"}).pack(symbol);
  pack.pack(std::string{"ts"}).pack(ts);
  pack.pack(std::string{"rx"}).pack(ts);
  pack.pack(std::string{"bid"}).pack(100.25);
  pack.pack(std::string{"bid_size"}).pack(300);
  pack.pack(std::string{"ask"}).pack(100.26);
  pack.pack(std::string{"ask_size"}).pack(400);
  pack.pack(std::string{"quality"}).pack(std::string{"simulated"});
  return {out.data(), out.size()};
}

// Writes `value` over the eight-byte integer (0xcf, 0xd3) under `key`; false when there is none.
inline bool patch_u64(std::string& body, std::string_view key, std::uint64_t value) {
  const auto at = find(body, key);
  if (!at) return false;
  const auto type = static_cast<std::uint8_t>(body[*at]);
  if (type != 0xcf && type != 0xd3) return false;
  for (std::size_t i = 0; i < 8; ++i) body[*at + 1 + i] = static_cast<char>(value >> (56 - 8 * i) & 0xff);
  return true;
}

}  // namespace tradebus::bench
