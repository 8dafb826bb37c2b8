#include "bus/bridge/message_log.hpp"

#include <algorithm>
#include <cstring>

namespace tradebus {

MessageLog::MessageLog(std::size_t bytes, std::size_t messages_a_topic)
    : capacity_{std::max<std::size_t>(bytes / 8 * 8, 4096)},
      messages_max_{messages_a_topic},
      data_{std::make_unique_for_overwrite<char[]>(capacity_)} {}

MessageLog::Head MessageLog::head(std::uint64_t position) const {
  Head out{};
  std::memcpy(&out, data_.get() + position % capacity_, sizeof out);
  return out;
}

void MessageLog::push(Chain& chain, std::uint64_t seq, std::string_view message) {
  const std::size_t need = (sizeof(Head) + message.size() + 7) / 8 * 8;
  if (need > capacity_) return;
  // A message lies in one piece: what is left at the block's end is skipped.
  const std::size_t place = static_cast<std::size_t>(end_ % capacity_);
  if (place + need > capacity_) end_ += capacity_ - place;
  const Head head{seq, chain.last, message.size()};
  char* at = data_.get() + end_ % capacity_;
  std::memcpy(at, &head, sizeof head);
  std::memcpy(at + sizeof head, message.data(), message.size());
  chain.last = end_ + 1;
  end_ += need;
}

std::vector<MessageLog::Kept> MessageLog::after(const Chain& chain, std::uint64_t after) const {
  std::vector<Kept> out;
  for (auto at = chain.last; at != 0 && still_there(at - 1) && out.size() < messages_max_;) {
    const auto h = head(at - 1);
    if (h.seq <= after) break;
    out.push_back({h.seq, {data_.get() + (at - 1) % capacity_ + sizeof(Head), h.size}});
    at = h.before;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::uint64_t MessageLog::first_kept(const Chain& chain) const {
  std::uint64_t seq = 0;
  std::size_t count = 0;
  for (auto at = chain.last; at != 0 && still_there(at - 1) && count < messages_max_; ++count) {
    const auto h = head(at - 1);
    seq = h.seq;
    at = h.before;
  }
  return seq;
}

}  // namespace tradebus
