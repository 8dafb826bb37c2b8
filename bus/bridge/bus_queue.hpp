// What the actors hand to the bridge's thread: encoded messages for the stream, and replies. Bounded. The only place
// where the two sides meet; a lock is taken once a batch.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bus/bridge/byte_buffer.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/error.hpp"

namespace tradebus {

// A market-data topic as hub and bridge number it.
using BusTopicId = std::uint32_t;

// One message of a batch; its bytes lie in BusBatch::bytes.
struct BusEntry {
  enum class Type : std::uint8_t {
    market,    // a message of market topic `id`
    passing,   // the same, and no snapshot: a trade that is not the last price
    announce,  // topic `id` has the name that the bytes hold; comes before its first message
    outdated,  // topic `id` is no longer open upstream: its last message is no snapshot any more
    stale,     // the last message of topic `id` as it should be shown from now on (marked stale), until the next one
    retire,    // topic `id` is forgotten, and the number may be given to another
    publish,   // topic name (name_size bytes), then the body
  };
  Type type = Type::market;
  StreamKind kind = StreamKind::quote;
  std::uint16_t name_size = 0;
  BusTopicId id = 0;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint64_t seq = 0;
};

struct BusBatch {
  ByteBuffer bytes;
  std::vector<BusEntry> entries;
  bool lossless = false;              // from a recording at full speed: subscribers are waited for
  std::uint32_t source = 0;           // which provider, for the counters
  std::vector<std::uint8_t> sources;  // of each entry, where one batch was made of several

  bool empty() const { return entries.empty(); }
  std::uint32_t source_of(std::size_t entry) const { return sources.empty() ? source : sources[entry]; }
  void clear() {
    bytes.clear();
    entries.clear();
    sources.clear();
    lossless = false;
  }
};

struct BusReply {
  std::uint64_t token = 0;
  std::string result;                              // packed
  std::optional<Error> error;                      // or this
  std::shared_ptr<const std::string> shared = {};  // or this: packed, and not copied on the way
};

class BusQueue {
 public:
  // `capacity`: batches that may wait; of more, lossless ones aside, few are made (squeeze.hpp): of each topic its
  // newest message, of orders all up to `kept_bytes_max`. Lossless batches are bounded by the credit that their source
  // gets.
  explicit BusQueue(std::size_t capacity, std::size_t kept_bytes_max = 64U << 20U);
  ~BusQueue();
  BusQueue(const BusQueue&) = delete;
  BusQueue& operator=(const BusQueue&) = delete;

  // ---- the actors' side (any thread) -------------------------------------------------------------------------------
  void push(BusBatch batch);
  void reply(BusReply reply);
  bool reply(std::vector<BusReply>& replies);  // all at once; empty afterwards. True: the bridge slept, and is woken
  // Answers that may leave once release() has passed `seq`; at once when it has. Empty afterwards. Bounded, as all
  // answers are, by the requests that are open. Seqs never fall from one call to the next.
  void hold(std::uint64_t seq, std::vector<BusReply>& replies);
  void release(std::uint64_t seq);     // what is held up to and with this one leaves
  void refuse_held(const Error& why);  // what is still held never leaves; this goes in its stead
  BusBatch fresh();                    // an empty batch, its memory reused where possible
  std::size_t depth() const { return depth_.load(std::memory_order_relaxed); }
  // For lossless sources: is the bridge keeping up? After a "no", `on_room` is called once it has caught up.
  bool has_room();
  void set_on_room(std::function<void()> on_room);  // called on the bridge's thread; before it starts
  // Messages (not batches) dropped, by source.
  std::uint64_t dropped(std::uint32_t source) const;
  std::uint64_t dropped() const;

  // ---- the bridge's side (one thread) ------------------------------------------------------------------------------
  bool pop(BusBatch& out);  // the previous batch is finished
  void take_replies(std::vector<BusReply>& out);
  int wake_fd() const { return wake_fd_; }  // readable when something was pushed while asleep
  // Call before polling: false means there is work already.
  bool prepare_sleep();
  void woke(bool readable = true);  // was wake_fd() readable?
  void interrupt() { wake(); }      // from any thread: look around now

 private:
  bool wake();
  void make_room();

  const std::size_t capacity_;
  const std::size_t kept_bytes_max_;
  int wake_fd_ = -1;
  std::atomic<bool> asleep_{false};
  std::atomic<std::size_t> depth_{0};
  std::atomic<bool> room_wanted_{false};
  std::function<void()> on_room_;

  mutable std::mutex mutex_;
  std::deque<BusBatch> batches_;
  std::size_t lossy_ = 0;  // of them
  std::size_t lossy_max_;  // then room is made
  std::vector<BusReply> replies_;
  struct Held {
    std::uint64_t seq = 0;
    BusReply reply;
  };
  std::deque<Held> held_;
  std::uint64_t released_ = 0;
  std::vector<BusBatch> spare_;
  std::vector<std::uint64_t> dropped_;
  bool popped_ = false;
};

}  // namespace tradebus
