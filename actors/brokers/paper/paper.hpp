// The broker "paper": simulates a venue that fills against the daemon's own live quotes. Config: [brokers.paper].
//
// An order is accepted once its symbol is watched and latency_ms have passed, then filled by the quotes that follow.
// Times are those of the context's clock: in a recording they come with the events, so that the same recording and the
// same orders give the same fills at any speed.
#pragma once

#include <spdlog/fwd.h>
#include <algorithm>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "actors/brokers/paper/paper_venue.hpp"
#include "actors/registry.hpp"

namespace tradebus::paper {

void register_in(BrokerRegistry& registry);

struct PaperState {
  static inline const char* name = "paper";
  explicit PaperState(BrokerActor::pointer self);
  BrokerActor::behavior_type make_behavior(BrokerName broker, PaperConfig config, Clock clock,
                                           std::shared_ptr<spdlog::logger> log);

  // -- link ----------------------------------------------------------------------------------------------------------
  BrokerStatus connect(const ConnectBroker& request);
  BrokerStatus disconnect();

  // -- orders --------------------------------------------------------------------------------------------------------
  caf::result<OrderAccepted> place(const PlaceStockOrder& order);
  caf::result<Done> replace(const ReplaceBrokerOrder& change);
  caf::result<Done> cancel(const CancelBrokerOrder& request);

  // -- market --------------------------------------------------------------------------------------------------------
  void take_events(const WatchedEvents& batch);
  void wake();

 private:
  // An order on its way: waits for its market, then for the latency to pass.
  struct Pending {
    PlaceStockOrder order;
    std::vector<caf::typed_response_promise<OrderAccepted>> askers;
    std::vector<ReplaceBrokerOrder> replaces;  // asked for meanwhile, carried out after the acceptance
    bool cancel = false;
    Timestamp due{};
  };
  struct Watch {
    std::uint32_t ref = 0;
    bool asked = false;
    bool ready = false;
    std::size_t pending = 0;       // orders on their way
    std::vector<OrderId> waiting;  // of those: for the market
  };

  void ask_market(const Symbol& symbol, Watch& watch);
  void market_ready(const Symbol& symbol, std::uint32_t ref);
  void market_refused(const Symbol& symbol, std::uint32_t ref, const Error& error);
  caf::result<OrderAccepted> accept_now(const PlaceStockOrder& order);
  void arrive(const OrderId& id);
  void settle(const OrderId& id, Timestamp now);
  void settle_due(Timestamp until);
  void refuse(const OrderId& id, const Error& error);
  void unwatch_if_idle(const Symbol& symbol);
  void arm();
  // The time of what happens now: reports never go back in time, though a last quote may be older than an order.
  Timestamp at(Timestamp t) { return time_ = std::max(time_, t); }
  void flush();

  BrokerActor::pointer self_;
  BrokerName broker_;
  PaperConfig config_;
  Clock clock_;
  std::shared_ptr<spdlog::logger> log_;
  std::optional<PaperVenue> venue_;
  BrokerStatus status_;
  BrokerSink sink_;
  MarketWatch market_;
  std::unordered_map<Symbol, Watch> watches_;
  std::unordered_map<std::uint32_t, Symbol> symbols_;  // by ref
  std::uint32_t last_ref_ = 0;
  std::unordered_map<OrderId, Pending> pending_;
  std::deque<OrderId> delayed_;  // by due time
  bool armed_ = false;
  Timestamp time_{};
  std::uint64_t events_seen_ = 0;
  std::uint64_t events_at_wake_ = 0;
  Reports reports_;           // not sent yet
  std::vector<Symbol> told_;  // of the flush at hand
};

}  // namespace tradebus::paper
