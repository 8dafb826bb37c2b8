// The order manager with the paper broker behind a faulty link, and a market: what a seed makes of it. The venue
// outlives the adapter, and both outlive the daemon, which dies with what its journal had not made durable.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "actors/brokers/paper/paper.hpp"
#include "bus/wire/pack.hpp"
#include "bus/wire/unpack.hpp"
#include "engine/faults/faulty_broker.hpp"
#include "engine/orders/order_manager.hpp"
#include "tests/engine/orders/holding_outlet.hpp"
#include "tests/support/fake_market.hpp"

namespace tradebus::test {

// Counts what reaches the venue, and what it has taken.
struct VenueTraffic {
  std::map<OrderId, int> submits;
  std::map<OrderId, int> submits_after_taken;
  std::set<OrderId> taken;
};
struct TrafficState {
  TrafficState() = default;
  static inline const char* name = "venue-traffic";
};

// Keeps records, and forgets those that were not durable when the process died.
class LaggingJournal final : public Journal {
 public:
  struct Entry {
    std::uint64_t seq = 0;
    std::optional<OrderRecord> order;
    std::optional<StateRecord> state;
  };
  void append(OrderRecord& record) override {
    record.event.seq = ++last_;
    log.push_back({last_, record, {}});
  }
  void append(const StateRecord& record) override { log.push_back({++last_, {}, record}); }
  void flush() override {
    if (!lags) durable_ = last_;
  }
  std::uint64_t last_seq() const override { return last_; }
  std::uint64_t durable_seq() const override { return durable_; }
  Result<void> takes_orders() const override { return {}; }
  Result<void> takes_changes() const override { return {}; }
  JournalStatus status() const override { return {}; }
  void on_progress(std::function<void()> tell) override { tell_ = std::move(tell); }

  void catch_up() {
    if (told_ == last_) return;
    told_ = durable_ = last_;
    if (tell_) tell_();
  }
  void lose_power() {
    while (!log.empty() && log.back().seq > durable_) log.pop_back();
    told_ = last_ = durable_;
    tell_ = nullptr;
  }
  RecoveredJournal recovered() const;

  bool lags = false;
  std::vector<Entry> log;

 private:
  std::uint64_t last_ = 0;
  std::uint64_t durable_ = 0;
  std::uint64_t told_ = 0;
  std::function<void()> tell_;
};

class ReplyOutlet final : public HoldingOutlet {
 public:
  void reply(std::vector<BusReply>& all) override {
    for (auto& each : all) replies.push_back(std::move(each));
    all.clear();
  }
  void publish(const OrderEvent& e) override { events.push_back(e); }
  void publish(const Position&) override {}
  void publish(const AccountSummary&) override {}
  void publish(const BrokerStatus&) override {}
  void flush() override {}

  std::vector<BusReply> replies;
  std::vector<OrderEvent> events;
};

inline RecoveredJournal LaggingJournal::recovered() const {
  RecoveredJournal out;
  std::map<std::uint64_t, RecoveredOrder> orders;
  std::uint64_t positions_seq = 0;
  for (const auto& entry : log) {
    if (entry.state) {
      out.state[entry.state->key] = entry.state->value;
      if (entry.state->key == positions_key) positions_seq = entry.seq;
      continue;
    }
    auto& order = orders[entry.order->number];
    order.last = *entry.order;
    if (entry.order->event.fill)
      order.fills.push_back({*entry.order->event.fill, entry.order->event.event == OrderEventType::bust});
  }
  for (const auto& entry : log)
    if (entry.order && entry.order->event.fill && entry.seq > positions_seq && positions_seq != 0)
      out.fills_after.push_back(entry.order->event);
  for (auto& [number, order] : orders) {
    out.last_number = std::max(out.last_number, number);
    out.orders.push_back(std::move(order));
  }
  return out;
}

}  // namespace tradebus::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<tradebus::test::VenueTraffic>)

namespace tradebus::test {

inline BrokerActor::behavior_type venue_traffic(BrokerActor::stateful_pointer<TrafficState> self,
                                                const BrokerActor& venue,
                                                const std::shared_ptr<VenueTraffic>& traffic) {
  return {
      [=](const ConnectBroker& m) { return self->delegate(venue, m); },
      [=](const DisconnectBroker& m) { return self->delegate(venue, m); },
      [=](const PlaceStockOrder& m) -> caf::result<OrderAccepted> {
        ++traffic->submits[m.order_id];
        if (traffic->taken.contains(m.order_id)) ++traffic->submits_after_taken[m.order_id];
        auto promise = self->make_response_promise<OrderAccepted>();
        self->request(venue, caf::infinite, m)
            .then(
                [=](const OrderAccepted& a) mutable {
                  traffic->taken.insert(m.order_id);
                  promise.deliver(a);
                },
                [=](const caf::error& e) mutable { promise.deliver(e); });
        return promise;
      },
      [=](const PlaceOptionOrder& m) { return self->delegate(venue, m); },
      [=](const ReplaceBrokerOrder& m) { return self->delegate(venue, m); },
      [=](const CancelBrokerOrder& m) { return self->delegate(venue, m); },
      [=](const GetBrokerPositions& m) { return self->delegate(venue, m); },
      [=](const GetBrokerAccount& m) { return self->delegate(venue, m); },
      [=](const GetOptionChain& m) { return self->delegate(venue, m); },
      [=](const PreviewBrokerOrder& m) { return self->delegate(venue, m); },
      [=](const GetOpenBrokerOrders& m) { return self->delegate(venue, m); },
      [=](const GetBrokerOrder& m) { return self->delegate(venue, m); },
      [=](const GetExecutions& m) { return self->delegate(venue, m); },
      [=](const GetBrokerCapabilities& m) { return self->delegate(venue, m); },
      [=](const GetProviderCounters& m) { return self->delegate(venue, m); },
      [](const WatchedEvents&) {},
      [](const BrokerWake&) {},
  };
}

}  // namespace tradebus::test
