#include "engine/market/topic_store.hpp"

namespace tradebus {

std::optional<TopicRef> TopicStore::find(StreamKind kind, const Symbol& symbol, std::uint16_t provider,
                                         bool named) const {
  const auto it = by_name_.find(Key{kind, symbol.str(), provider, named});
  if (it == by_name_.end()) return std::nullopt;
  return *it;
}

std::optional<TopicStore::Made> TopicStore::make(StreamKind kind, const Symbol& symbol, std::uint16_t provider,
                                                 bool named) {
  Made made{static_cast<TopicRef>(topics_.size()), false};
  if (topics_.size() >= topics_max_) {
    // Round robin over what nobody uses.
    std::size_t looked = 0;
    while (looked < topics_.size()) {
      const auto& candidate = topics_[next_victim_];
      const bool unused = !candidate.used() && !candidate.lingering &&
                          (candidate.upstream == Upstream::closed || candidate.upstream == Upstream::rejected);
      if (unused) break;
      next_victim_ = (next_victim_ + 1) % static_cast<TopicRef>(topics_.size());
      ++looked;
    }
    if (looked == topics_.size()) return std::nullopt;
    made = {next_victim_, true};
    by_name_.erase(next_victim_);
    topics_[next_victim_] = Topic{};
    next_victim_ = (next_victim_ + 1) % static_cast<TopicRef>(topics_.size());
  } else {
    topics_.emplace_back();
  }
  auto& topic = topics_[made.ref];
  topic.symbol = symbol;
  topic.kind = kind;
  topic.provider = provider;
  topic.named_provider = named;
  by_name_.insert(made.ref);
  return made;
}

}  // namespace tradebus
