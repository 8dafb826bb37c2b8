#include "actors/providers/massive/stream/topics.hpp"

#include <algorithm>

namespace tradebus::massive::stream {

Topics::Id Topics::add(Channel channel, std::string_view symbol) {
  auto it = symbols_.find(symbol);
  if (it == symbols_.end()) {
    it = symbols_.emplace(std::string{symbol}, std::array<Id, channels>{}).first;
    it->second.fill(none);
  }
  Id id = end();
  if (free_.empty()) {
    topics_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  auto& topic = topics_[id];
  const bool in_queue = topic.in_queue;
  topic = Topic{};
  topic.in_queue = in_queue;
  topic.stage = Topic::Stage::queued;
  topic.channel = channel;
  topic.symbol = &it->first;
  it->second[static_cast<std::size_t>(channel)] = id;
  ++size_;
  ++sizes_[static_cast<std::size_t>(channel)];
  return id;
}

void Topics::remove(Id id) {
  unwant(id);
  auto& topic = topics_[id];
  const auto it = symbols_.find(std::string_view{*topic.symbol});
  it->second[static_cast<std::size_t>(topic.channel)] = none;
  --size_;
  --sizes_[static_cast<std::size_t>(topic.channel)];
  topic.stage = Topic::Stage::none;
  topic.symbol = nullptr;
  if (std::ranges::all_of(it->second, [](Id other) { return other == none; })) symbols_.erase(it);
  free_.push_back(id);
}

void Topics::want(Id id, TopicRef ref) {
  if (const auto before = find(ref); before != none && before != id) unwant(before);
  unwant(id);
  topics_[id].wanted = true;
  topics_[id].ref = ref;
  refs_[ref] = id;
}

void Topics::unwant(Id id) {
  auto& topic = topics_[id];
  if (topic.wanted) refs_.erase(topic.ref);
  topic.wanted = false;
}

}  // namespace tradebus::massive::stream
