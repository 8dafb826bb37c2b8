#include "engine/services/segment_log/segment_scan.hpp"

#include <algorithm>

namespace tradebus::segments {

namespace {
constexpr std::size_t read_bytes = 1U << 20U;
}

const char* SegmentScan::bytes(std::size_t offset, std::size_t wanted, std::size_t& available) {
  if (offset < buffer_offset_ || offset + wanted > buffer_offset_ + buffered_) {
    const auto size = std::min(std::max(read_bytes, wanted), size_ - std::min(offset, size_));
    if (buffer_.size() < size) buffer_.resize(size);
    buffered_ = file_.read_at(buffer_.data(), size, offset, error_);
    buffer_offset_ = offset;
    if (error_ != 0) {
      buffered_ = 0;
      return nullptr;
    }
  }
  available = buffer_offset_ + buffered_ - offset;
  return buffer_.data() + (offset - buffer_offset_);
}

tl::unexpected<Error> SegmentScan::unreadable() const {
  return fail(Errc::internal, "can't read " + path_ + " at offset " + std::to_string(offset_) + ": " +
                                  system_text(error_) + "; copy the folder to a disk that works");
}

Result<ScanStep> SegmentScan::next(ScannedRecord& out) {
  if (offset_ + frame_bytes > size_) return ScanStep::end;
  std::size_t available = 0;
  const char* at = bytes(offset_, frame_bytes, available);
  if (at == nullptr) return unreadable();
  if (available < frame_bytes) return ScanStep::end;
  const auto word = load<std::uint32_t>(at);
  const auto seq = load<std::uint64_t>(at + 8);
  const std::size_t length = word & ~acknowledged_bit;
  if (length == 0) return load<std::uint64_t>(at) == 0 && seq == 0 ? ScanStep::end : ScanStep::damaged;
  if (length > size_ - offset_ - frame_bytes) return ScanStep::damaged;
  at = bytes(offset_, frame_bytes + length, available);
  if (at == nullptr) return unreadable();
  if (available < frame_bytes + length || load<std::uint32_t>(at + 4) != record_crc(at, length))
    return ScanStep::damaged;
  out.seq = seq;
  out.after_acknowledged = (word & acknowledged_bit) != 0;
  out.offset = offset_;
  out.payload = {at + frame_bytes, length};
  offset_ += record_bytes(length);
  return ScanStep::record;
}

Result<ScanStep> SegmentScan::find_next(std::uint64_t after, ScannedRecord& out) {
  for (; offset_ + frame_bytes <= size_; offset_ += 8) {
    std::size_t available = 0;
    const char* at = bytes(offset_, frame_bytes, available);
    if (at == nullptr) return unreadable();
    if (available < frame_bytes) break;
    // Checksums only where the seq could be: damaged lengths would make them endless.
    const auto seq = load<std::uint64_t>(at + 8);
    if (seq <= after || seq - after > size_ / frame_bytes) continue;
    auto step = next(out);
    if (!step || *step == ScanStep::record) return step;
  }
  return ScanStep::end;
}

Result<std::size_t> SegmentScan::end_of_content() {
  auto end = offset_;
  for (auto offset = offset_; offset < size_;) {
    std::size_t available = 0;
    const char* at = bytes(offset, std::min(read_bytes, size_ - offset), available);
    if (at == nullptr) return unreadable();
    if (available == 0) break;
    for (std::size_t i = available; i > 0; --i) {
      if (at[i - 1] == 0) continue;
      end = offset + i;
      break;
    }
    offset += available;
  }
  return end;
}

}  // namespace tradebus::segments
