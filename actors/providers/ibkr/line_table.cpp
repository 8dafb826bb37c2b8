#include "actors/providers/ibkr/line_table.hpp"

#include <algorithm>
#include <utility>

namespace tradebus::ibkr::data {

LineTable::Grant LineTable::need(TopicRef topic, ConId contract) {
  if (const auto has = line_of(topic); has && *has == contract) return Grant::joined;
  release(topic);
  const auto found = lines_.find(contract);
  if (found == lines_.end() && free() == 0) {
    wait(topic);
    return Grant::refused;
  }
  if (found == lines_.end() && offered_ > 0) --offered_;
  auto& topics = found == lines_.end() ? lines_[contract] : found->second;
  topics.insert(std::ranges::lower_bound(topics, topic), topic);
  by_topic_[topic] = contract;
  return found == lines_.end() ? Grant::opened : Grant::joined;
}

std::optional<LineTable::ConId> LineTable::release(TopicRef topic) {
  std::erase(waiting_, topic);
  const auto found = by_topic_.find(topic);
  if (found == by_topic_.end()) return std::nullopt;
  const auto contract = found->second;
  by_topic_.erase(found);
  auto& topics = lines_[contract];
  std::erase(topics, topic);
  if (!topics.empty()) return std::nullopt;
  lines_.erase(contract);
  return contract;
}

std::vector<TopicRef> LineTable::drop(ConId contract) {
  auto line = lines_.extract(contract);
  if (line.empty()) return {};
  for (const auto topic : line.mapped()) by_topic_.erase(topic);
  return std::move(line.mapped());
}

void LineTable::clear() {
  lines_.clear();
  by_topic_.clear();
  end_offers();
}

void LineTable::allow_no_more(std::size_t refused) {
  allowed_ = std::clamp<std::size_t>(used() - std::min(used(), refused), 1, lines_max_);
}

void LineTable::raise() { allowed_ = std::min(allowed_ + 1, lines_max_); }

void LineTable::wait(TopicRef topic) {
  std::erase(waiting_, topic);
  if (waiting_.size() >= waiting_max) waiting_.pop_front();
  waiting_.push_back(topic);
}

std::vector<TopicRef> LineTable::take_waiting() {
  std::vector<TopicRef> out;
  for (auto room = free(); room > 0 && !waiting_.empty(); --room) {
    out.push_back(waiting_.front());
    waiting_.pop_front();
  }
  offered_ += out.size();
  return out;
}

bool LineTable::borrow() {
  if (!waiting_.empty() || free() <= offered_) return false;
  ++borrowed_;
  return true;
}

void LineTable::give_back() {
  if (borrowed_ > 0) --borrowed_;
}

std::optional<LineTable::ConId> LineTable::line_of(TopicRef topic) const {
  const auto found = by_topic_.find(topic);
  return found == by_topic_.end() ? std::nullopt : std::optional{found->second};
}

const std::vector<TopicRef>* LineTable::topics_of(ConId contract) const {
  const auto found = lines_.find(contract);
  return found == lines_.end() ? nullptr : &found->second;
}

}  // namespace tradebus::ibkr::data
