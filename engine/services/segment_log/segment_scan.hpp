// Reads one segment's records in order, checking each. Large reads, no mapping: a disk's fault is an error here, not a
// signal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/services/segment_log/disk.hpp"
#include "engine/services/segment_log/segment_format.hpp"

namespace tradebus::segments {

struct ScannedRecord {
  std::uint64_t seq = 0;
  bool after_acknowledged = false;  // all before it had been acknowledged when it was written
  std::size_t offset = 0;           // in the file
  std::string_view payload;         // until the next call
};

enum class ScanStep : std::uint8_t { record, end, damaged };

class SegmentScan {
 public:
  // `size` of the file; begins at `offset`.
  SegmentScan(const File& file, std::string path, std::size_t size, std::size_t offset = header_bytes)
      : file_{file}, path_{std::move(path)}, size_{size}, offset_{offset} {}

  // At the end, and where something is damaged, offset() stays where it is. An error when the file can't be read.
  Result<ScanStep> next(ScannedRecord& out);
  std::size_t offset() const { return offset_; }
  // Looks for a whole record with a seq above `after` anywhere from the current offset on, at multiples of 8.
  Result<ScanStep> find_next(std::uint64_t after, ScannedRecord& out);
  // Where the last byte that is not zero ends, from the current offset on; the offset itself when all are.
  Result<std::size_t> end_of_content();

 private:
  // At least `wanted` bytes from `offset` on, fewer at the file's end; null after an error.
  const char* bytes(std::size_t offset, std::size_t wanted, std::size_t& available);
  tl::unexpected<Error> unreadable() const;

  const File& file_;
  std::string path_;
  std::size_t size_;
  std::size_t offset_;
  std::vector<char> buffer_;
  std::size_t buffer_offset_ = 0;
  std::size_t buffered_ = 0;
  int error_ = 0;
};

}  // namespace tradebus::segments
