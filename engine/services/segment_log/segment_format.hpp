// How a segment file looks. All numbers are little-endian.
//
//   header, 64 bytes
//     0  8  magic "TRADELOG"
//     8  4  format version
//    12  4  schema version: the owner's, of its payloads
//    16 16  log id: random, the same in all segments of a log
//    32  8  number of the segment, from 1
//    40  8  seq of its first record; 0 while none was ever written
//    48  8  kind of log: the owner's name for it, padded with zeros
//    56  4  zero
//    60  4  crc32c of bytes 0 to 59
//   records, each beginning at a multiple of 8
//     0  4  length of the payload; the top bit: all records before this one had been acknowledged when it was written
//     4  4  crc32c of the length, the seq and the payload
//     8  8  seq
//    16  n  payload, then zeros up to a multiple of 8
//   zeros up to the end of the file
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "bus/model/error.hpp"

namespace tradebus::segments {

static_assert(std::endian::native == std::endian::little, "numbers are written as they stand in memory");

inline constexpr std::uint32_t format_version = 1;
inline constexpr std::size_t header_bytes = 64;
inline constexpr std::size_t frame_bytes = 16;
inline constexpr std::size_t kind_bytes = 8;
inline constexpr std::uint32_t acknowledged_bit = 0x8000'0000U;
inline constexpr std::size_t payload_bytes_max = 1U << 30U;

using LogId = std::array<char, 16>;

struct SegmentHeader {
  std::uint32_t schema_version = 0;
  LogId log_id{};
  std::uint64_t number = 0;
  std::uint64_t first_seq = 0;
  std::string kind;

  std::array<char, header_bytes> encode() const;
  // `name` is the file's, for what is said when it isn't a header of ours.
  static Result<SegmentHeader> decode(std::string_view bytes, const std::string& name);
};

// "000000000001.seg"
std::string segment_name(std::uint64_t number);
// 0 when it isn't one.
std::uint64_t segment_number(std::string_view name);

// CRC-32C (Castagnoli). Goes on from `before`, the checksum of what stood in front.
std::uint32_t crc32c(const char* bytes, std::size_t size, std::uint32_t before = 0);

template <class N>
N load(const char* from) {
  N out;
  std::memcpy(&out, from, sizeof out);
  return out;
}
template <class N>
void store(char* to, N value) {
  std::memcpy(to, &value, sizeof value);
}

constexpr std::size_t padded(std::size_t size) { return (size + 7U) & ~std::size_t{7}; }
constexpr std::size_t record_bytes(std::size_t payload) { return frame_bytes + padded(payload); }

// The checksum that belongs to the record at `at`, of this length.
std::uint32_t record_crc(const char* at, std::size_t payload);

}  // namespace tradebus::segments
