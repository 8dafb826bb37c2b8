// Topics that have their turn seldom (an option's revaluation, a news item): each once a period, one after the other, a
// new one at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>

#include "actors/providers/market_batch.hpp"
#include "actors/providers/sim/pacer.hpp"

namespace tradebus::sim {

template <class T>
class Turns {
 public:
  explicit Turns(std::chrono::nanoseconds period) : period_{period}, pacer_{period} {}

  void open(TopicRef ref, T topic, Pacer::TimePoint now) {
    if (topics_.empty()) pacer_.start(now);
    const auto id = ++last_id_;
    topics_.insert_or_assign(ref, Entry{id, std::move(topic)});
    queue_.emplace_front(ref, id);
    pacer_.grant(1);
  }
  bool close(TopicRef ref) {
    if (topics_.erase(ref) == 0) return false;
    if (queue_.size() > 2 * topics_.size() + slack)
      std::erase_if(queue_, [this](const Turn& turn) { return is_stale(turn); });
    return true;
  }
  void close_all() {
    topics_.clear();
    queue_.clear();
  }
  std::size_t size() const { return topics_.size(); }

  // Gives everyone who is due its turn, `count_max` at most: turn(ref, T&). True when more are due.
  template <class F>
  bool take(Pacer::TimePoint now, std::uint64_t count_max, F&& turn) {
    if (topics_.empty()) return false;
    const double per_second = static_cast<double>(topics_.size()) / std::chrono::duration<double>(period_).count();
    const auto due = pacer_.due(now, per_second);
    const auto count = std::min(due, count_max);
    pacer_.took(count);
    for (std::uint64_t taken = 0; taken < count;) {
      const auto next = queue_.front();
      queue_.pop_front();
      if (is_stale(next)) continue;
      queue_.push_back(next);
      ++taken;
      turn(next.first, topics_.find(next.first)->second.topic);
    }
    return due > count;
  }

 private:
  struct Entry {
    std::uint64_t id;  // tells a reopened ref from its former self in the queue
    T topic;
  };
  using Turn = std::pair<TopicRef, std::uint64_t>;
  static constexpr std::size_t slack = 64;  // turns of closed topics that may wait to be swept out

  bool is_stale(const Turn& turn) const {
    const auto it = topics_.find(turn.first);
    return it == topics_.end() || it->second.id != turn.second;
  }

  std::chrono::nanoseconds period_;
  Pacer pacer_;
  std::unordered_map<TopicRef, Entry> topics_;
  std::deque<Turn> queue_;
  std::uint64_t last_id_ = 0;
};

}  // namespace tradebus::sim
