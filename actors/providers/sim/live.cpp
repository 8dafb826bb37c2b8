#include "actors/providers/sim/live.hpp"

#include <algorithm>
#include <string>

namespace tradebus::sim {

Result<void> LiveMarket::open(TopicRef ref, StreamKind kind, const Profile& profile) {
  if (ref >= ref_end)
    return fail(Errc::overloaded, "topic ref " + std::to_string(ref) + " is beyond the " + std::to_string(ref_end) +
                                      " topics that the simulation keeps: unsubscribe what is not needed");
  close(ref);
  const Slot slot = slot_of(profile);
  Walk& walk = walks_[slot];
  const bool trade = kind == StreamKind::trade;
  const std::uint8_t bit = trade ? Walk::trades : Walk::quotes;
  TopicRef& walk_ref = trade ? walk.trade_ref : walk.quote_ref;
  if (walk.open == 0) {
    remove(parked_, slot);
    add(open_, slot);
  }
  if ((walk.open & bit) != 0) {
    topics_[walk_ref] = 0;
    --topics_open_;
  }
  walk.open |= bit;
  walk_ref = ref;
  if (ref >= topics_.size()) topics_.resize(ref + 1);
  topics_[ref] = slot * 2 + (trade ? 1 : 0) + 1;
  ++topics_open_;
  return {};
}

bool LiveMarket::close(TopicRef ref) {
  if (ref >= topics_.size() || topics_[ref] == 0) return false;
  const std::uint32_t entry = topics_[ref] - 1;
  topics_[ref] = 0;
  --topics_open_;
  Walk& walk = walks_[entry / 2];
  walk.open &= static_cast<std::uint8_t>(~((entry & 1) != 0 ? Walk::trades : Walk::quotes));
  if (walk.open == 0) {
    remove(open_, entry / 2);
    park(entry / 2);
  }
  return true;
}

void LiveMarket::close_all() {
  for (TopicRef ref = 0; ref < topics_.size(); ++ref) close(ref);
}

std::optional<Price> LiveMarket::mid(const Symbol& symbol) const {
  const auto it = slots_.find(symbol);
  if (it == slots_.end() || walks_[it->second].open == 0) return std::nullopt;
  return walks_[it->second].mid();
}

// The symbol's slot; a new one begins parked.
LiveMarket::Slot LiveMarket::slot_of(const Profile& profile) {
  const auto [it, is_new] = slots_.try_emplace(profile.symbol, 0);
  if (!is_new) return it->second;
  Slot slot = static_cast<Slot>(walks_.size());
  if (free_.empty()) {
    walks_.emplace_back(profile, &it->first);
  } else {
    slot = free_.back();
    free_.pop_back();
    walks_[slot] = Walk{profile, &it->first};
  }
  it->second = slot;
  add(parked_, slot);
  return slot;
}

// Beyond the bound one that was parked long ago starts over when it comes back.
void LiveMarket::park(Slot slot) {
  if (parked_.size() >= parked_max) forget(parked_.front());
  add(parked_, slot);
}

void LiveMarket::forget(Slot slot) {
  remove(parked_, slot);
  slots_.erase(Symbol{*walks_[slot].name});
  free_.push_back(slot);
}

void LiveMarket::add(std::vector<Slot>& list, Slot slot) {
  walks_[slot].list_index = static_cast<std::uint32_t>(list.size());
  list.push_back(slot);
}

void LiveMarket::remove(std::vector<Slot>& list, Slot slot) {
  const auto at = walks_[slot].list_index;
  list[at] = list.back();
  walks_[list[at]].list_index = at;
  list.pop_back();
}

}  // namespace tradebus::sim
