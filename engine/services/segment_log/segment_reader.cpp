#include "engine/services/segment_log/segment_reader.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "engine/services/segment_log/segment_scan.hpp"

namespace tradebus {

using segments::ScanStep;

namespace {
constexpr std::size_t place_bytes = 128U << 10U;  // between two places that are kept
constexpr std::size_t places_max = 65'536;        // 8 GB of records; some 5 MB
}  // namespace

std::string SegmentReader::path_of(std::uint64_t number) const {
  return folder_ + "/" + segments::segment_name(number);
}

Result<void> SegmentReader::open(std::uint64_t number) {
  auto opened = segments::open_segment(path_of(number), O_RDONLY);
  if (!opened) return tl::unexpected{opened.error()};
  open_ = std::move(*opened);
  offset_ = segments::header_bytes;
  next_seq_ = open_->header.first_seq;
  return {};
}

// A record that begins behind a multiple of place_bytes, and the one before it does not: always the same ones.
void SegmentReader::come_by(std::size_t before) {
  if (before / place_bytes == offset_ / place_bytes) return;
  const LogPosition position{static_cast<std::uint32_t>(open_->header.number), static_cast<std::uint32_t>(offset_)};
  places_.try_emplace(next_seq_, position);
  if (places_.size() > places_max) places_.erase(places_.begin());
}

// The segment in which a record is, or will be, as near before it as is known.
Result<void> SegmentReader::seek(std::uint64_t seq) {
  const auto find = [&] {
    return std::ranges::upper_bound(known_, seq, {}, [](const Known& each) { return each.first_seq; });
  };
  // What comes behind the last known one may have begun meanwhile.
  if (find() == known_.end()) {
    auto listed = segments::list_segments(folder_);
    if (!listed) return tl::unexpected{listed.error()};
    for (const auto number : *listed) {
      if (!known_.empty() && number <= known_.back().number) continue;
      const auto one = segments::open_segment(path_of(number), O_RDONLY);
      if (!one) return tl::unexpected{one.error()};
      if (one->header.first_seq == 0) break;
      known_.push_back({number, one->header.first_seq});
    }
  }
  const auto it = find();
  if (it == known_.begin()) return fail(Errc::internal, folder_ + ": no segment holds record " + std::to_string(seq));
  const auto number = std::prev(it)->number;
  if (auto ok = open(number); !ok) return ok;
  const auto place = places_.upper_bound(seq);
  if (place == places_.begin() || std::prev(place)->second.segment != number) return {};
  next_seq_ = std::prev(place)->first;
  offset_ = std::prev(place)->second.offset;
  return {};
}

Result<void> SegmentReader::for_each(std::uint64_t from, std::uint64_t to,
                                     const std::function<bool(const LogRecord&)>& take) {
  from = std::max<std::uint64_t>(from, 1);
  if (from > to) return {};
  if (next_seq_ != from || !open_)
    if (auto ok = seek(from); !ok) return ok;
  while (next_seq_ <= to) {
    segments::SegmentScan scan{open_->file, open_->path, open_->bytes, offset_};
    const auto number = static_cast<std::uint32_t>(open_->header.number);
    auto step = Result<ScanStep>{ScanStep::record};
    while (next_seq_ <= to) {
      segments::ScannedRecord record;
      step = scan.next(record);
      if (!step) return tl::unexpected{step.error()};
      if (*step != ScanStep::record) break;
      if (record.seq != next_seq_)
        return fail(Errc::internal, open_->path + ": record " + std::to_string(record.seq) + " in place of " +
                                        std::to_string(next_seq_) + " at offset " + std::to_string(record.offset));
      const auto before = std::exchange(offset_, scan.offset());
      ++next_seq_;
      come_by(before);
      if (record.seq < from) continue;
      if (!take({record.seq, {number, static_cast<std::uint32_t>(record.offset)}, record.payload})) return {};
    }
    if (next_seq_ > to) break;
    if (*step == ScanStep::damaged)
      return fail(Errc::internal, open_->path + ": a damaged record at offset " + std::to_string(offset_) +
                                      ", where record " + std::to_string(next_seq_) + " should be");
    const auto wanted = next_seq_;
    if (auto ok = open(number + 1U); !ok) return ok;
    if (next_seq_ != wanted) {
      next_seq_ = 0;
      return fail(Errc::internal, open_->path + ": it does not begin with record " + std::to_string(wanted));
    }
  }
  return {};
}

Result<std::string> SegmentReader::read_at(LogPosition position) {
  if (!open_ || open_->header.number != position.segment)
    if (auto ok = open(position.segment); !ok) return tl::unexpected{ok.error()};
  next_seq_ = 0;
  const auto damaged = [&] {
    return fail(Errc::internal, open_->path + ": no whole record at offset " + std::to_string(position.offset));
  };
  int error = 0;
  std::string bytes(segments::frame_bytes, '\0');
  if (open_->file.read_at(bytes.data(), bytes.size(), position.offset, error) < bytes.size() || error != 0)
    return damaged();
  const std::size_t length = segments::load<std::uint32_t>(bytes.data()) & ~segments::acknowledged_bit;
  if (length > open_->bytes) return damaged();
  bytes.resize(segments::frame_bytes + length);
  const auto got =
      open_->file.read_at(bytes.data() + segments::frame_bytes, length, position.offset + segments::frame_bytes, error);
  if (got < length || error != 0 ||
      segments::load<std::uint32_t>(bytes.data() + 4) != segments::record_crc(bytes.data(), length))
    return damaged();
  bytes.erase(0, segments::frame_bytes);
  return bytes;
}

}  // namespace tradebus
