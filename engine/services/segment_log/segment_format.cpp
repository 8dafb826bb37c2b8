#include "engine/services/segment_log/segment_format.hpp"

#include <isa-l/crc.h>

#include <algorithm>
#include <charconv>

namespace tradebus::segments {

namespace {
constexpr std::string_view magic = "TRADELOG";
constexpr std::string_view ending = ".seg";
constexpr std::size_t digits = 12;
constexpr std::size_t crc_at = header_bytes - 4;
}  // namespace

std::array<char, header_bytes> SegmentHeader::encode() const {
  std::array<char, header_bytes> out{};
  magic.copy(out.data(), magic.size());
  store(&out[8], format_version);
  store(&out[12], schema_version);
  std::ranges::copy(log_id, &out[16]);
  store(&out[32], number);
  store(&out[40], first_seq);
  std::string_view{kind}.copy(&out[48], kind_bytes);
  store(&out[crc_at], crc32c(out.data(), crc_at));
  return out;
}

Result<SegmentHeader> SegmentHeader::decode(std::string_view bytes, const std::string& name) {
  const auto refuse = [&](const std::string& why) { return fail(Errc::internal, name + ": " + why); };
  if (bytes.size() < header_bytes || !bytes.starts_with(magic))
    return refuse(
        "not a segment of a log (offset 0); if it is none, move it out of the folder, else restore it from a backup");
  // Before the checksum: a newer format may have another one.
  if (const auto version = load<std::uint32_t>(&bytes[8]); version != format_version)
    return refuse("format version " + std::to_string(version) + ", this program knows " +
                  std::to_string(format_version) + "; start the program that wrote it");
  if (load<std::uint32_t>(&bytes[crc_at]) != crc32c(bytes.data(), crc_at))
    return refuse("the header is damaged (offset 0); restore the file from a backup");
  SegmentHeader out;
  out.schema_version = load<std::uint32_t>(&bytes[12]);
  bytes.substr(16).copy(out.log_id.data(), out.log_id.size());
  out.number = load<std::uint64_t>(&bytes[32]);
  out.first_seq = load<std::uint64_t>(&bytes[40]);
  out.kind = bytes.substr(48, kind_bytes);
  out.kind.erase(std::min(out.kind.find('\0'), out.kind.size()));
  return out;
}

std::string segment_name(std::uint64_t number) {
  auto text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text.append(ending);
}

std::uint64_t segment_number(std::string_view name) {
  if (!name.ends_with(ending)) return 0;
  name.remove_suffix(ending.size());
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), out);
  return error == std::errc{} && end == name.data() + name.size() && name.size() >= digits ? out : 0;
}

std::uint32_t crc32c(const char* bytes, std::size_t size, std::uint32_t before) {
  // It takes bytes that it doesn't change by a pointer to changeable ones, and an int for their size.
  constexpr std::size_t step = 1U << 30U;
  std::uint32_t state = ~before;
  auto* at = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes));
  for (; size > step; size -= step, at += step) state = crc32_iscsi(at, static_cast<int>(step), state);
  return ~crc32_iscsi(at, static_cast<int>(size), state);
}

std::uint32_t record_crc(const char* at, std::size_t payload) { return crc32c(at + 8, 8 + payload, crc32c(at, 4)); }

}  // namespace tradebus::segments
