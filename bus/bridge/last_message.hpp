// The last message of one topic: what snapshots and get_quote answer with. Sixteen bytes while there is none.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace tradebus {

class LastMessage {
 public:
  void set(std::string_view message) {
    if (message.size() > capacity_) {
      capacity_ = static_cast<std::uint32_t>((message.size() + 15) / 16 * 16);
      data_ = std::make_unique_for_overwrite<char[]>(capacity_);
    }
    std::memcpy(data_.get(), message.data(), message.size());
    size_ = static_cast<std::uint32_t>(message.size());
  }
  // It no longer says how things are.
  void clear() { size_ = 0; }
  std::string_view get() const { return {data_.get(), size_}; }

 private:
  std::unique_ptr<char[]> data_;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace tradebus
