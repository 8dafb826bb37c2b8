// Records on their way into a log: framed and checksummed where they arise, written where the file is. One thread at a
// time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "engine/services/segment_log/segment_format.hpp"

namespace tradebus {

class RecordBatch {
 public:
  // `write(char*)` puts the payload (one byte at least, `most` at most) there and returns its end.
  template <class Write>
  void add(std::uint64_t seq, std::size_t most, Write write) {
    char* at = reserve(segments::record_bytes(most));
    char* payload = at + segments::frame_bytes;
    char* end = write(payload);
    const auto length = static_cast<std::size_t>(end - payload);
    std::fill_n(end, segments::padded(length) - length, '\0');
    segments::store(at, static_cast<std::uint32_t>(length));
    segments::store(at + 8, seq);
    segments::store(at + 4, segments::record_crc(at, length));
    end_ += segments::record_bytes(length);
    if (count_++ == 0) first_seq_ = seq;
    last_seq_ = seq;
  }
  void add(std::uint64_t seq, std::string_view payload) {
    add(seq, payload.size(), [&](char* at) { return at + payload.copy(at, payload.size()); });
  }
  // All of another one, which continues this one.
  void add(const RecordBatch& other) {
    if (other.empty()) return;
    std::copy_n(other.data(), other.size(), reserve(other.size()));
    end_ += other.size();
    if (count_ == 0) first_seq_ = other.first_seq_;
    count_ += other.count_;
    last_seq_ = other.last_seq_;
  }

  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  std::uint64_t first_seq() const { return first_seq_; }
  std::uint64_t last_seq() const { return last_seq_; }
  const char* data() const { return bytes_.get() + begin_; }
  char* data() { return bytes_.get() + begin_; }
  std::size_t size() const { return end_ - begin_; }  // bytes

  // How many whole records, and bytes of them, fit into `room`.
  struct Part {
    std::size_t count = 0;
    std::size_t bytes = 0;
  };
  Part fitting(std::size_t room) const {
    if (size() <= room) return {count_, size()};
    Part out;
    while (out.count < count_) {
      const auto next =
          segments::record_bytes(segments::load<std::uint32_t>(data() + out.bytes) & ~segments::acknowledged_bit);
      if (out.bytes + next > room) break;
      out.bytes += next;
      ++out.count;
    }
    return out;
  }
  void drop_front(const Part& part) {
    count_ -= part.count;
    if (count_ == 0) return clear();
    begin_ += part.bytes;
    first_seq_ += part.count;
  }
  // Keeps its memory, unless a burst made it large.
  void clear() {
    begin_ = end_ = count_ = 0;
    if (capacity_ > kept_bytes) {
      bytes_.reset();
      capacity_ = 0;
    }
  }

 private:
  static constexpr std::size_t kept_bytes = 4U << 20U;

  char* reserve(std::size_t more) {
    if (end_ + more > capacity_) grow(more);
    return bytes_.get() + end_;
  }
  void grow(std::size_t more) {
    const auto used = size();
    constexpr std::size_t smallest = 64U << 10U;
    const auto room = std::max({smallest, 2 * used, used + more});
    auto larger = std::make_unique_for_overwrite<char[]>(room);
    if (used > 0) std::copy_n(data(), used, larger.get());
    bytes_ = std::move(larger);
    capacity_ = room;
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t count_ = 0;
  std::uint64_t first_seq_ = 0;
  std::uint64_t last_seq_ = 0;
};

}  // namespace tradebus
