// Where the order manager's answers and announcements go: the bus.
#pragma once

#include <vector>

#include "actors/brokers/broker.hpp"
#include "bus/bridge/bus_queue.hpp"
#include "bus/model/orders.hpp"

namespace tradebus {

// Used by the order manager's actor alone, but for release(). Nothing of it may block.
class OrderOutlet {
 public:
  OrderOutlet() = default;
  OrderOutlet(const OrderOutlet&) = delete;
  OrderOutlet& operator=(const OrderOutlet&) = delete;
  virtual ~OrderOutlet() = default;

  // Answers to clients' requests, one for each; they leave at once. Empty afterwards.
  virtual void reply(std::vector<BusReply>& replies) = 0;
  // Answers that leave once release() has passed the journal's `seq`; at once when it has. Empty afterwards. Seqs never
  // fall.
  virtual void hold(std::uint64_t seq, std::vector<BusReply>& replies) = 0;
  // From any thread: all records up to this one are durable.
  virtual void release(std::uint64_t durable_seq) = 0;
  // What is still held never leaves; this goes in its stead.
  virtual void refuse_held(const Error& why) = 0;

  // Announcements, in their order; they leave with flush().
  virtual void publish(const OrderEvent& event) = 0;
  virtual void publish(const Position& position) = 0;
  virtual void publish(const AccountSummary& account) = 0;
  virtual void publish(const BrokerStatus& status) = 0;
  virtual void flush() = 0;
};

}  // namespace tradebus
