// The open quote and trade topics and the walks behind them. A symbol that nobody listens to any more is parked: it
// goes on where it stopped when somebody comes back. No time, no actors in here: the caller says how many events are
// due. About 150 bytes a symbol, both kinds open, all containers counted.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "actors/providers/sim/walk.hpp"

namespace tradebus::sim {

class LiveMarket {
 public:
  // Bounds: refs are dense, so this many topics can be open (4 bytes each); parked symbols cost a walk each.
  static constexpr TopicRef ref_end = 1U << 20;
  static constexpr std::size_t parked_max = 1U << 16;

  // kind: quote or trade. A topic that is open already gets the new ref. overloaded for a ref beyond ref_end.
  Result<void> open(TopicRef ref, StreamKind kind, const Profile& profile);
  // false: not open.
  bool close(TopicRef ref);
  void close_all();

  std::size_t topics() const { return topics_open_; }
  std::size_t symbols() const { return open_.size(); }
  std::size_t parked() const { return parked_.size(); }
  // The last quote's middle, for a symbol that somebody listens to.
  std::optional<Price> mid(const Symbol& symbol) const;

  // The next `count` events, one symbol after the other; each goes to emit(const MarketEvent&).
  template <class Emit>
  void generate(std::uint64_t count, std::int64_t now_ns, Emit&& emit) {
    if (open_.empty()) return;
    for (; count > 0; --count) {
      if (turn_ >= open_.size()) turn_ = 0;
      emit(walks_[open_[turn_++]].next(now_ns));
    }
  }

 private:
  using Slot = std::uint32_t;

  Slot slot_of(const Profile& profile);
  void park(Slot slot);
  void forget(Slot slot);
  void add(std::vector<Slot>& list, Slot slot);
  void remove(std::vector<Slot>& list, Slot slot);

  std::deque<Walk> walks_;  // by slot
  std::vector<Slot> free_;  // slots without a symbol
  std::unordered_map<Symbol, Slot> slots_;
  std::vector<Slot> open_;  // in turn
  std::vector<Slot> parked_;
  std::vector<std::uint32_t> topics_;  // by ref: 0 = closed, else (slot * 2 + is_trade) + 1
  std::size_t topics_open_ = 0;
  std::size_t turn_ = 0;
};

}  // namespace tradebus::sim
