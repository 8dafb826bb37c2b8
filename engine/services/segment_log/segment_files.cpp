#include "engine/services/segment_log/segment_files.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace tradebus::segments {

namespace fs = std::filesystem;

Result<std::vector<std::uint64_t>> list_segments(const std::string& folder) {
  std::vector<std::uint64_t> out;
  std::error_code error;
  for (fs::directory_iterator it{folder, error}, end; !error && it != end; it.increment(error))
    if (const auto number = segment_number(it->path().filename().native()); number != 0) out.push_back(number);
  if (error) return fail(Errc::internal, "can't read the folder " + folder + ": " + error.message());
  std::ranges::sort(out);
  return out;
}

Result<OpenSegment> open_segment(const std::string& path, int flags) {
  OpenSegment out;
  out.path = path;
  auto file = File::open(path, flags);
  if (!file) return tl::unexpected{file.error()};
  out.file = std::move(*file);
  const auto size = out.file.size(path);
  if (!size) return tl::unexpected{size.error()};
  out.bytes = *size;
  std::array<char, header_bytes> bytes{};
  int error = 0;
  const auto got = out.file.read_at(bytes.data(), bytes.size(), 0, error);
  if (error != 0) return fail(Errc::internal, "can't read " + path + ": " + system_text(error));
  auto header = SegmentHeader::decode({bytes.data(), got}, path);
  if (!header) return tl::unexpected{header.error()};
  out.header = std::move(*header);
  return out;
}

Result<std::string> log_id_of(const std::string& folder) {
  const auto first = open_segment(folder + "/" + segment_name(1), O_RDONLY);
  if (!first) return tl::unexpected{first.error()};
  std::string out;
  for (const char byte : first->header.log_id) {
    const auto value = static_cast<std::uint8_t>(byte);
    out += "0123456789abcdef"[value >> 4U];
    out += "0123456789abcdef"[value & 15U];
  }
  return out;
}

int write_all(Disk& disk, const File& file, const char* bytes, std::size_t size, std::uint64_t offset) {
  while (size > 0) {
    const auto n = disk.write_at(file.fd(), bytes, size, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : EIO;
    bytes += n;
    size -= static_cast<std::size_t>(n);
    offset += static_cast<std::uint64_t>(n);
  }
  return 0;
}

}  // namespace tradebus::segments
