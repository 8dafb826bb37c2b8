// The names of OCA groups at the venue. There they are of the whole account, and one that was used up cancels what
// joins it later; here a client uses its names again. So each is made of the order that opens the group. A bracket's is
// made of its entry, which is no other's for ever: an exit in the stead of a lost one comes into the same group. Pure.
#pragma once

#include <map>
#include <set>
#include <string>

#include "bus/model/strong_string.hpp"

namespace tradebus::ibkr {

class OcaNames {
 public:
  // The venue's name of `group` ("client\nname", or a bracket's entry), which this order is about to join. Printable.
  std::string join(const std::string& group, const OrderId& order);
  // An order that the venue has already, from before this process.
  void found(const std::string& venue_name, const OrderId& order);
  // It is over; a group without orders has no name any more.
  void left(const OrderId& order);
  std::size_t size() const { return groups_.size(); }

 private:
  struct Group {
    std::string venue_name;
    std::set<OrderId> orders;
  };
  std::map<std::string, Group> groups_;  // by the escaped name
  std::map<OrderId, std::string> of_order_;
};

}  // namespace tradebus::ibkr
