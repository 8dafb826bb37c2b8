// Between a provider's source of events and the hub: fills batches, keeps within the credit, and knows what to do when
// the hub is behind. push(), flush(), set_cursor() belong to one producing thread; the rest may come from any thread.
// A lock is taken once a batch, never once an event.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <unordered_map>

#include "actors/providers/provider.hpp"

namespace tradebus {

class Outlet {
 public:
  enum class WhenFull : std::uint8_t { wait, drop_oldest };
  using Send = std::function<void(MarketBatch)>;  // delivers one batch to the hub; called without a lock held

  // `held_max`: batches held back while there is no credit (drop_oldest only; a waiting producer holds one). Of more,
  // each topic's newest event stays, in a batch as long as there are topics, and the rest goes.
  Outlet(ProviderName provider, WhenFull when_full, std::size_t held_max, Send send);

  // Adds one event; a full batch goes out at once. drop_oldest: never waits. wait: blocks while there is no credit;
  // false means that close() was called. An actor must not use mode wait.
  bool push(const MarketEvent& event);
  bool push(TopicRef ref, OptionQuote option);
  bool push(TopicRef ref, NewsItem item);
  // Goes out at once, behind what was pushed before it. It is never dropped, though what came before it may be.
  bool push(CorporateAction action);
  // The source has nothing more right now: what has been pushed goes out (as far as the credit reaches).
  bool flush();
  void set_cursor(std::uint64_t cursor) { cursor_ = cursor; }  // the source's position after the last pushed event

  void add_credit(std::uint32_t batches);
  void close();  // ends every wait for good

  // As much is held back as may be: what is pushed now costs the oldest.
  bool full() const;
  std::uint64_t sent_events() const;
  std::uint64_t dropped_events() const;

 private:
  bool hand_over();
  void drop(const MarketBatch& batch);
  MarketBatch fresh() const;

  const ProviderName provider_;
  const WhenFull when_full_;
  const std::size_t held_max_;
  const Send send_;

  MarketBatch building_;  // the producer's own
  std::uint64_t cursor_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable credit_came_;
  bool closed_ = false;
  bool sending_ = false;  // one thread at a time delivers, so that batches keep their order
  std::uint32_t credit_ = batch_credit;
  std::deque<MarketBatch> held_;
  std::unordered_map<TopicRef, std::uint32_t> dropped_;  // not yet reported
  std::uint64_t sent_total_ = 0;
  std::uint64_t dropped_total_ = 0;

  void deliver(std::unique_lock<std::mutex>& lock);
};

}  // namespace tradebus
