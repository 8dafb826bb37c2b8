// Answers by key, within a memory bound: the least recently used go first. An answer is good until it expires; some are
// kept a while longer, for when the source fails. Time is passed in. One owner, no lock.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "actors/cache/memory/questions.hpp"
#include "bus/model/time.hpp"

namespace tradebus::memory {

template <class Value>
class AnswerStore {
 public:
  struct Usage {
    std::int64_t entries = 0;
    std::int64_t bytes = 0;
    std::int64_t evicted = 0;  // for want of room
  };
  // Until when it is good, and until when it is better than nothing (not before `fresh`).
  struct Life {
    Timestamp fresh{};
    Timestamp stale{};
  };
  static constexpr std::size_t entry_overhead = 320;  // an entry's nodes in three containers; also bounds their number

  explicit AnswerStore(std::size_t bytes_max) : bytes_max_{bytes_max} {}

  // Null when there is none, or none that is good at `now`. Valid until the next call of put, clear or find.
  const Value* find(std::string_view key, Timestamp now) {
    auto* entry = look_up(key, now);
    return entry != nullptr && entry->life.fresh > now ? &entry->value : nullptr;
  }
  // Also when it is past its time: for when the source fails.
  const Value* find_stale(std::string_view key, Timestamp now) {
    auto* entry = look_up(key, now);
    return entry != nullptr ? &entry->value : nullptr;
  }

  // Replaces an answer with the same key. `bytes`: what the value holds, the key not counted. False: it was not kept,
  // as it is too large, or expires at once; an older one stays, for as long as it is better than nothing.
  bool put(std::string key, Kind kind, Value value, std::size_t bytes, Timestamp now, Life life) {
    drop_expired(now);
    if (life.fresh <= now) return false;
    if (const auto it = index_.find(key); it != index_.end()) erase(it->second);
    if (bytes > bytes_max_) return false;
    bytes += key.size() + entry_overhead;
    if (bytes > bytes_max_) return false;
    while (bytes_ + bytes > bytes_max_) {
      const auto oldest = std::prev(entries_.end());
      ++usage_[static_cast<std::size_t>(oldest->kind)].evicted;
      erase(oldest);
    }
    life.stale = std::max(life.stale, life.fresh);
    entries_.push_front(Entry{std::move(key), kind, std::move(value), bytes, now, life});
    const auto entry = entries_.begin();
    index_.emplace(entry->key, entry);
    by_expiry_.emplace(life.stale, &*entry);
    count(*entry, 1);
    return true;
  }
  bool put(std::string key, Kind kind, Value value, std::size_t bytes, Timestamp now, Timestamp expires) {
    return put(std::move(key), kind, std::move(value), bytes, now, Life{expires, expires});
  }

  // One kind, or all.
  void clear(std::optional<Kind> kind) {
    erase_if([&](const std::string&, Kind each) { return !kind || each == *kind; });
  }
  // Those of which `condition(key, kind)` holds.
  template <class Condition>
  void erase_if(Condition condition) {
    for (auto it = entries_.begin(); it != entries_.end();) {
      const auto entry = it++;
      if (condition(entry->key, entry->kind)) erase(entry);
    }
  }

  void drop_expired(Timestamp now) {
    while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) erase(index_.at(by_expiry_.begin()->second->key));
  }

  const Usage& usage(Kind kind) const { return usage_[static_cast<std::size_t>(kind)]; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string key;
    Kind kind;
    Value value;
    std::size_t bytes;
    Timestamp stored;
    Life life;
  };
  using Place = typename std::list<Entry>::iterator;

  Entry* look_up(std::string_view key, Timestamp now) {
    drop_expired(now);
    const auto it = index_.find(key);
    if (it == index_.end()) return nullptr;
    // A clock that was set back (a recording took over) knows nothing of answers from its future.
    if (it->second->stored > now) {
      erase(it->second);
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, it->second);
    return &*it->second;
  }
  void erase(Place entry) {
    count(*entry, -1);
    by_expiry_.erase({entry->life.stale, &*entry});
    index_.erase(entry->key);
    entries_.erase(entry);
  }
  void count(const Entry& entry, int sign) {
    auto& usage = usage_[static_cast<std::size_t>(entry.kind)];
    usage.entries += sign;
    usage.bytes += sign * static_cast<std::int64_t>(entry.bytes);
    if (sign > 0)
      bytes_ += entry.bytes;
    else
      bytes_ -= entry.bytes;
  }

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // the most recently used first
  std::unordered_map<std::string_view, Place> index_;
  std::set<std::pair<Timestamp, const Entry*>> by_expiry_;
  std::array<Usage, kinds_count> usage_{};
};

}  // namespace tradebus::memory
