// The last messages of all topics, as they were sent, one after the other in one bounded block of memory: what
// get_missed answers from. Each message knows the one before it on its topic. Written in sequence, so that keeping a
// message costs little more than copying it; when the block is full its oldest messages go, whichever topic they are
// of.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tradebus {

class MessageLog {
 public:
  // Where a topic's chain of messages ends; empty at first.
  struct Chain {
    std::uint64_t last = 0;  // position of its newest message, plus one
  };
  struct Kept {
    std::uint64_t seq = 0;
    std::string_view message;  // valid until the next push()
  };

  // `bytes`: of the block, taken from the system only as it fills. `messages_a_topic`: how far back a chain is
  // followed.
  MessageLog(std::size_t bytes, std::size_t messages_a_topic);

  // A message that is larger than the block is not kept.
  void push(Chain& chain, std::uint64_t seq, std::string_view message);
  // What is kept of a chain with a seq above `after`, oldest first.
  std::vector<Kept> after(const Chain& chain, std::uint64_t after) const;
  // The oldest seq that is kept of it, 0 for none.
  std::uint64_t first_kept(const Chain& chain) const;

  // Bytes in use.
  std::size_t bytes() const { return end_ < capacity_ ? static_cast<std::size_t>(end_) : capacity_; }

 private:
  struct Head {
    std::uint64_t seq;
    std::uint64_t before;  // position of the topic's message before it, plus one
    std::uint64_t size;
  };
  bool still_there(std::uint64_t position) const { return position + capacity_ >= end_; }
  Head head(std::uint64_t position) const;

  std::size_t capacity_;
  std::size_t messages_max_;
  std::unique_ptr<char[]> data_;
  std::uint64_t end_ = 0;  // positions only grow; a position's place is position % capacity
};

}  // namespace tradebus
