#include "actors/brokers/ibkr/oca_names.hpp"

namespace tradebus::ibkr {

namespace {

// "client\ngroup" in printable characters, and different for each.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n')
      out += "~n";
    else if (c == '~')
      out += "~~";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string OcaNames::join(const std::string& group, const OrderId& order) {
  const auto key = escaped(group);
  auto& entry = groups_[key];
  const bool is_bracket = group.find('\n') == std::string::npos;
  if (entry.venue_name.empty()) entry.venue_name = (is_bracket ? group : order.str()) + ":" + key;
  entry.orders.insert(order);
  of_order_[order] = key;
  return entry.venue_name;
}

void OcaNames::found(const std::string& venue_name, const OrderId& order) {
  const auto colon = venue_name.find(':');  // ids of orders have none
  if (colon == std::string::npos) return;
  const auto key = venue_name.substr(colon + 1);
  auto& entry = groups_[key];
  entry.venue_name = venue_name;
  entry.orders.insert(order);
  of_order_[order] = key;
}

void OcaNames::left(const OrderId& order) {
  const auto known = of_order_.find(order);
  if (known == of_order_.end()) return;
  const auto group = groups_.find(known->second);
  of_order_.erase(known);
  if (group == groups_.end()) return;
  group->second.orders.erase(order);
  if (group->second.orders.empty()) groups_.erase(group);
}

}  // namespace tradebus::ibkr
