// Reads a log while another thread, or process, appends to it: whole, checked records up to the seq that the writer
// said is durable. One thread a reader; it blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/services/segment_log/segment_files.hpp"
#include "engine/services/segment_log/segment_log.hpp"

namespace tradebus {

class SegmentReader {
 public:
  explicit SegmentReader(std::string folder) : folder_{std::move(folder)} {}

  // Every record with from <= seq <= to, in order, until `take` answers false. Going on where the last call ended costs
  // nothing; elsewhere the segment is read from the last place before it that was come by and kept (one in 128 kB),
  // else from its beginning. `internal`: a file is missing or damaged, or `to` is not there yet.
  Result<void> for_each(std::uint64_t from, std::uint64_t to, const std::function<bool(const LogRecord&)>& take);
  // The payload of one record; cheapest in the order in which they were written.
  Result<std::string> read_at(LogPosition position);

 private:
  struct Known {
    std::uint64_t number = 0;
    std::uint64_t first_seq = 0;
  };
  Result<void> seek(std::uint64_t seq);
  Result<void> open(std::uint64_t number);
  void come_by(std::size_t before);
  std::string path_of(std::uint64_t number) const;

  std::string folder_;
  std::vector<Known> known_;                     // segments, by number
  std::map<std::uint64_t, LogPosition> places_;  // of records, by seq; the oldest make room
  std::optional<segments::OpenSegment> open_;
  std::size_t offset_ = 0;      // in it: where the record next_seq_ is, or would be
  std::uint64_t next_seq_ = 0;  // 0: nowhere
};

}  // namespace tradebus
