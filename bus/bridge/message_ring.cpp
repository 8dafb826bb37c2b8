#include "bus/bridge/message_ring.hpp"

#include <algorithm>

namespace tradebus {

bool MessageRing::resize(std::size_t capacity, std::size_t stride, Budget& budget) {
  const auto before = static_cast<std::size_t>(capacity_) * stride_;
  const auto after = capacity * stride;
  if (budget.bytes - before + after > budget.bytes_max && after > before) return false;
  auto data = std::make_unique_for_overwrite<char[]>(after);
  const auto keep = std::min<std::size_t>(count_, capacity);
  for (std::size_t i = 0; i < keep; ++i)
    std::memcpy(data.get() + i * stride, slot(count_ - keep + i), std::min<std::size_t>(stride_, stride));
  data_ = std::move(data);
  budget.bytes = budget.bytes - before + after;
  capacity_ = static_cast<std::uint32_t>(capacity);
  stride_ = static_cast<std::uint32_t>(stride);
  first_ = 0;
  count_ = static_cast<std::uint32_t>(keep);
  return true;
}

void MessageRing::push(std::uint64_t seq, std::string_view message, Budget& budget) {
  const auto need = head_bytes + message.size();
  if (need > stride_) {
    // Slots in steps of 32 bytes; a message that is longer than the ones before widens them all.
    const auto stride = (need + 31) / 32 * 32;
    if (!resize(std::max<std::size_t>(capacity_, 1), stride, budget)) {
      count_ = 0;  // no room for this one: rather nothing than a hole that looks complete
      return;
    }
  }
  if (count_ == capacity_ && capacity_ < budget.messages_max)
    resize(std::min<std::size_t>(static_cast<std::size_t>(capacity_) * 4, budget.messages_max), stride_, budget);
  if (count_ == capacity_) {
    first_ = (first_ + 1) % capacity_;
    --count_;
  }
  char* at = data_.get() + ((first_ + count_) % capacity_) * stride_;
  const auto size = static_cast<std::uint32_t>(message.size());
  std::memcpy(at, &seq, sizeof seq);
  std::memcpy(at + 8, &size, sizeof size);
  std::memcpy(at + head_bytes, message.data(), message.size());
  ++count_;
}

void MessageRing::release(Budget& budget) {
  budget.bytes -= static_cast<std::size_t>(capacity_) * stride_;
  *this = MessageRing{};
}

std::uint64_t MessageRing::seq(std::size_t i) const {
  std::uint64_t out = 0;
  std::memcpy(&out, slot(i), sizeof out);
  return out;
}

std::string_view MessageRing::message(std::size_t i) const {
  std::uint32_t size = 0;
  std::memcpy(&size, slot(i) + 8, sizeof size);
  return {slot(i) + head_bytes, size};
}

std::size_t MessageRing::first_after(std::uint64_t after) const {
  std::size_t low = 0;
  std::size_t high = count_;
  while (low < high) {
    const auto middle = (low + high) / 2;
    if (seq(middle) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

}  // namespace tradebus
