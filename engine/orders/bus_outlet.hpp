// The order manager's outlet onto the bus: order|, position|, account| and status|broker| topics, and replies.
#pragma once

#include "bus/bridge/bridge.hpp"
#include "bus/bridge/publisher.hpp"
#include "engine/orders/order_outlet.hpp"
#include "engine/services/core_turn.hpp"

namespace tradebus {

class BusOutlet final : public OrderOutlet {
 public:
  // All three outlive it.
  BusOutlet(BusQueue& queue, Publisher& publisher, const BridgeStats& stats)
      : queue_{queue}, publisher_{publisher}, stats_{stats} {}

  void reply(std::vector<BusReply>& replies) override;
  void hold(std::uint64_t seq, std::vector<BusReply>& replies) override { queue_.hold(seq, replies); }
  void release(std::uint64_t durable_seq) override { queue_.release(durable_seq); }
  void refuse_held(const Error& why) override { queue_.refuse_held(why); }
  void publish(const OrderEvent& event) override;
  void publish(const Position& position) override;
  void publish(const AccountSummary& account) override;
  void publish(const BrokerStatus& status) override;
  void flush() override;

 private:
  template <class T>
  void add(std::string_view kind, std::string_view key, const T& value);

  BusQueue& queue_;
  Publisher& publisher_;
  const BridgeStats& stats_;
  BusBatch batch_;  // since the last flush
  std::string topic_;
  CoreTurn turn_;
};

}  // namespace tradebus
