// The files of a log's folder: what its writer and its readers share.
#pragma once

#include <string>
#include <vector>

#include "engine/services/segment_log/disk.hpp"
#include "engine/services/segment_log/segment_format.hpp"

namespace tradebus::segments {

// The numbers of all segments, in order. `internal` when the folder can't be read.
Result<std::vector<std::uint64_t>> list_segments(const std::string& folder);

// The log's own random name, in hexadecimal digits, as its first segment has it.
Result<std::string> log_id_of(const std::string& folder);

struct OpenSegment {
  File file;
  std::string path;
  SegmentHeader header;
  std::size_t bytes = 0;  // the file's size
};
Result<OpenSegment> open_segment(const std::string& path, int flags);

// All of it; an errno, or 0.
int write_all(Disk& disk, const File& file, const char* bytes, std::size_t size, std::uint64_t offset);

}  // namespace tradebus::segments
