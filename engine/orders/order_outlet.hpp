// Where the order manager's answers and announcements go: the bus.
#pragma once

#include <vector>

#include "actors/brokers/broker.hpp"
#include "bus/bridge/bus_queue.hpp"
#include "bus/model/orders.hpp"

namespace tradebus {

// Used by the order manager's actor alone. Nothing of it may block.
class OrderOutlet {
 public:
  OrderOutlet() = default;
  OrderOutlet(const OrderOutlet&) = delete;
  OrderOutlet& operator=(const OrderOutlet&) = delete;
  virtual ~OrderOutlet() = default;

  // Answers to clients' requests, one for each; they leave at once. Empty afterwards.
  virtual void reply(std::vector<BusReply>& replies) = 0;

  // Announcements, in their order; they leave with flush().
  virtual void publish(const OrderEvent& event) = 0;
  virtual void publish(const Position& position) = 0;
  virtual void publish(const AccountSummary& account) = 0;
  virtual void publish(const BrokerStatus& status) = 0;
  virtual void flush() = 0;
};

}  // namespace tradebus
