#include "bus/bridge/publisher.hpp"

namespace tradebus {

std::uint64_t Publisher::next_seq(std::string_view topic) {
  const std::lock_guard lock{mutex_};
  const auto it = seq_.find(topic);
  if (it != seq_.end()) return ++it->second;
  seq_.emplace(std::string{topic}, 1);
  return 1;
}

void add_publish(BusBatch& batch, std::string_view topic, std::string_view body) {
  BusEntry entry;
  entry.type = BusEntry::Type::publish;
  entry.name_size = static_cast<std::uint16_t>(topic.size());
  entry.offset = static_cast<std::uint32_t>(batch.bytes.size());
  entry.size = static_cast<std::uint32_t>(topic.size() + body.size());
  batch.bytes.append(topic);
  batch.bytes.append(body);
  batch.entries.push_back(entry);
}

}  // namespace tradebus
