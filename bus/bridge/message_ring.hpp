// The last messages of one topic, as they were sent: what get_missed and snapshots answer from.
// Grows with use up to a number of messages, within a memory budget that all rings share; then the oldest goes.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace tradebus {

class MessageRing {
 public:
  struct Budget {
    std::size_t bytes_max = 0;
    std::size_t bytes = 0;
    std::size_t messages_max = 1;  // a ring
  };

  // `seq` rises from call to call, with holes where messages were dropped.
  void push(std::uint64_t seq, std::string_view message, Budget& budget);
  void release(Budget& budget);

  std::size_t size() const { return count_; }
  // i = 0 is the oldest kept.
  std::uint64_t seq(std::size_t i) const;
  std::string_view message(std::size_t i) const;
  // The first kept message with a seq above `after`; size() when there is none.
  std::size_t first_after(std::uint64_t after) const;

 private:
  static constexpr std::size_t head_bytes = 12;

  const char* slot(std::size_t i) const { return data_.get() + ((first_ + i) % capacity_) * stride_; }
  bool resize(std::size_t capacity, std::size_t stride, Budget& budget);

  std::unique_ptr<char[]> data_;
  std::uint32_t stride_ = 0;    // bytes a slot
  std::uint32_t capacity_ = 0;  // slots
  std::uint32_t first_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace tradebus
