#include "bus/bridge/topic_table.hpp"

#include "bus/wire/topic.hpp"

namespace tradebus {

namespace {
// Could a market topic begin with this text? Spares the walk over all topics for status|, order|, heartbeat| and so on.
bool may_match_market(std::string_view text) {
  for (const auto& kind : EnumTexts<StreamKind>::texts) {
    const std::string word = std::string{kind} + "|";
    if (std::string_view{word}.starts_with(text) || text.starts_with(word)) return true;
  }
  return false;
}
}  // namespace

BusTopic* TopicTable::find(std::string_view name) {
  const auto it = topics_.find(name);
  return it == topics_.end() ? nullptr : it->get();
}

BusTopic& TopicTable::make(std::string_view name) {
  auto topic = std::make_unique<BusTopic>();
  topic->name = std::string{name};
  for (const auto& [text, count] : market_prefixes_)
    if (name.starts_with(text)) topic->prefix_matches += count;
  auto& out = *topic;
  topics_.insert(std::move(topic));
  return out;
}

void TopicTable::drop_if_unused(BusTopic& topic) {
  if (topic.subscribers > 0 || topic.announced) return;
  topics_.erase(topics_.find(std::string_view{topic.name}));
}

void TopicTable::prefix(std::string_view text, int delta) {
  const auto add = [delta](std::uint32_t& n) { n = static_cast<std::uint32_t>(static_cast<int>(n) + delta); };
  if (may_match_market(text)) {
    for (const auto& topic : topics_)
      if (std::string_view{topic->name}.starts_with(text)) add(topic->prefix_matches);
    auto& count = market_prefixes_[std::string{text}];
    add(count);
    if (count == 0) market_prefixes_.erase(market_prefixes_.find(text));
  }
  constexpr std::string_view orders = "order|";
  if (orders.starts_with(text) || text.starts_with(orders)) add(order_listeners_);
  for (std::size_t i = 0; i < feed_listeners_.size(); ++i) {
    const std::string feed = "feed|" + std::string{EnumTexts<StreamKind>::texts[i]} + "|";
    if (std::string_view{feed}.starts_with(text)) add(feed_listeners_[i]);
  }
}

TopicTable::Change TopicTable::subscribe(std::string_view subscription) {
  if (market_kind(subscription)) {
    auto* topic = find(subscription);
    if (topic == nullptr) {
      if (topics_.size() >= limits_.topics_max) return {true, {}};
      topic = &make(subscription);
    }
    ++subscriptions_;
    return {false, ++topic->subscribers};
  }
  const auto it = prefixes_.find(subscription);
  if (it == prefixes_.end()) {
    if (prefixes_.size() >= limits_.prefixes_max) return {true, {}};
    prefixes_.emplace(std::string{subscription}, 1);
  } else {
    ++it->second;
  }
  ++subscriptions_;
  prefix(subscription, 1);
  return {};
}

TopicTable::Change TopicTable::unsubscribe(std::string_view subscription) {
  if (market_kind(subscription)) {
    auto* topic = find(subscription);
    if (topic == nullptr || topic->subscribers == 0) return {};
    --subscriptions_;
    const auto left = --topic->subscribers;
    drop_if_unused(*topic);
    return {false, left};
  }
  const auto it = prefixes_.find(subscription);
  if (it == prefixes_.end()) return {};
  --subscriptions_;
  if (--it->second == 0) prefixes_.erase(it);
  prefix(subscription, -1);
  return {};
}

void TopicTable::announce(BusTopicId id, std::string_view name) {
  auto* topic = find(name);
  if (topic == nullptr) topic = &make(name);
  topic->announced = true;
  if (by_id_.size() <= id) by_id_.resize(id + 1, nullptr);
  by_id_[id] = topic;
}

void TopicTable::retire(BusTopicId id) {
  auto* topic = by_id(id);
  if (topic == nullptr) return;
  by_id_[id] = nullptr;
  topic->announced = false;
  topic->last.clear();
  topic->kept = {};
  if (const auto state = last_.find("status|" + topic->name); state != last_.end()) last_.erase(state);
  drop_if_unused(*topic);
}

void TopicTable::keep_last(std::string_view topic, std::string_view body) {
  const auto it = last_.find(topic);
  if (it != last_.end()) {
    it->set(body);
  } else if (last_.size() < limits_.last_max) {
    last_.emplace(topic, body);
  }
}

std::optional<std::string_view> TopicTable::last(std::string_view topic) const {
  const auto it = last_.find(topic);
  if (it == last_.end()) return std::nullopt;
  return it->body();
}

}  // namespace tradebus
