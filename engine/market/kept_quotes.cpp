#include "engine/market/kept_quotes.hpp"

namespace tradebus {

namespace {
constexpr std::size_t nodes = 128;  // of the list and the map
}

std::size_t KeptQuotes::size_of(const Entry& entry) {
  const auto* error = std::get_if<Error>(&entry.answer);
  return sizeof(Entry) + nodes + 2 * entry.key.first.str().size() + (error != nullptr ? error->message.size() : 0);
}

void KeptQuotes::remove(Entries::iterator entry) {
  bytes_ -= size_of(*entry);
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

void KeptQuotes::put(std::size_t provider, const Symbol& symbol, Answer answer, Timestamp now, Timestamp until) {
  erase(provider, symbol);
  if (until <= now || entries_max_ == 0) return;
  if (entries_.size() >= entries_max_) {
    remove(entries_.begin());
    ++evicted_;
  }
  entries_.push_back({{symbol, provider}, std::move(answer), now, until});
  bytes_ += size_of(entries_.back());
  by_key_.emplace(entries_.back().key, std::prev(entries_.end()));
}

const KeptQuotes::Answer* KeptQuotes::find(std::size_t provider, const Symbol& symbol, Timestamp now) {
  const auto it = by_key_.find({symbol, provider});
  if (it == by_key_.end()) return nullptr;
  // A clock that was set back knows nothing of what is from its future.
  if (it->second->until <= now || it->second->learned > now) {
    remove(it->second);
    return nullptr;
  }
  return &it->second->answer;
}

void KeptQuotes::erase(std::size_t provider, const Symbol& symbol) {
  if (const auto it = by_key_.find({symbol, provider}); it != by_key_.end()) remove(it->second);
}

void KeptQuotes::clear(const Symbol& symbol) {
  for (auto it = entries_.begin(); it != entries_.end();) {
    const auto entry = it++;
    if (symbol.empty() || entry->key.first == symbol) remove(entry);
  }
}

}  // namespace tradebus
