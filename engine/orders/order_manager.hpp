// The ORDER MANAGER: the only owner of order state. Validate, risk, journal, reply; then broker, events, journal,
// stream. A reply never waits for a broker.
#pragma once

#include <spdlog/fwd.h>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "engine/orders/event_ring.hpp"
#include "engine/orders/journal.hpp"
#include "engine/orders/order_book.hpp"
#include "engine/orders/order_config.hpp"
#include "engine/services/clock.hpp"

namespace tradebus {

// Where changes are announced: the bus bridge.
using OrderStream = protocol<void(OrderEvent), void(Position), void(AccountSummary), void(BrokerStatus)>;

using OrderManagerActor = protocol<
    // Answers once the order is recorded, before any broker has it. request.invalid, instrument.unknown,
    // order.duplicate_id, broker.unavailable, broker.reconciling, broker.unsupported, risk.*, overloaded.
    Order(PlaceOrder),
    // Answer once the request is recorded. order.not_found, order.not_open, and as above.
    Order(ReplaceOrder), Order(CancelOrder),
    // Asks for the cancel of each; those whose broker can't be asked now are not counted.
    CanceledCount(CancelAll), Order(GetOrder), Orders(GetOrders),
    // As the brokers reported them last.
    Positions(GetPositions), AccountSummary(GetAccountSummary), OrderEvents(GetOrderEvents),
    OrderManagerStatus(GetOrderManagerStatus),
    // From the supervisor.
    void(BrokerHandle),
    // From the brokers: this actor is their sink.
    void(BrokerEvent), void(BrokerStatus), void(Position), void(AccountSummary)>;

struct OrderManagerConfig {
  std::string epoch;  // differs at each start, and so do the order ids: "o-<epoch>-<n>"
  OrderLimits limits;
  RiskLimits risk;
  Clock clock;
  std::shared_ptr<Journal> journal;  // used by this actor alone
  std::shared_ptr<spdlog::logger> log;
  // A symbol's last price for risk, where one is known; called by the actor, must not block. May be empty.
  std::function<std::optional<Price>(const Symbol&)> last_price;
};

// The epoch of an order id: nanoseconds since 1970, in base 36.
std::string order_epoch(Timestamp started);

struct OrderManagerState {
  static inline const char* name = "order-manager";
  explicit OrderManagerState(OrderManagerActor::pointer self);
  OrderManagerActor::behavior_type make_behavior(OrderManagerConfig config, OrderStream stream);

  // -- commands ------------------------------------------------------------------------------------------------------
  caf::result<Order> place(const PlaceOrder& command);
  caf::result<Order> replace(const ReplaceOrder& command);
  caf::result<Order> cancel(const CancelOrder& command);
  caf::result<CanceledCount> cancel_all(const CancelAll& command);

  // -- questions -----------------------------------------------------------------------------------------------------
  caf::result<Positions> positions(const GetPositions& query) const;
  caf::result<AccountSummary> account(const GetAccountSummary& query) const;
  OrderManagerStatus status() const;

  // -- brokers -------------------------------------------------------------------------------------------------------
  void take_handle(const BrokerHandle& handle);
  void take_status(const BrokerStatus& status);
  void take_position(const Position& position);

 private:
  struct Broker {
    BrokerActor actor;
    BrokerStatus status;  // down until the broker says otherwise
    std::optional<BrokerCapabilities> can;
  };
  using PositionKey = std::tuple<BrokerName, AccountId, Symbol>;
  using AccountKey = std::pair<BrokerName, AccountId>;

  Result<const Broker*> named(const BrokerName& name) const;
  Result<BrokerRoute> route(const std::optional<BrokerName>& name, const std::optional<AccountId>& account) const;
  std::optional<Price> last_price(const Symbol& symbol) const;
  std::string known_brokers() const;
  void refresh(const BrokerName& name);
  void broker_down(const BrokerName& name, const std::string& reason);

  // Effects in two halves, with the reply between them: facts first, then what others hear and do.
  void record();
  void carry_out();
  void record_and_carry_out();
  void send(SendStockOrder& effect);
  void send(SendOptionOrder& effect);
  void send(SendReplace& effect);
  void send(SendCancel& effect);
  template <class Request>
  void submit(const BrokerName& broker, const OrderId& id, Request request);

  OrderManagerActor::pointer self_;
  OrderStream stream_;
  Clock clock_;
  std::shared_ptr<Journal> journal_;
  std::shared_ptr<spdlog::logger> log_;
  std::function<std::optional<Price>(const Symbol&)> last_price_;
  std::optional<OrderBook> book_;
  std::optional<EventRing> events_;
  Effects effects_;  // of the message at hand; kept for its memory
  std::map<BrokerName, Broker> brokers_;
  std::optional<BrokerName> default_broker_;
  std::map<PositionKey, Position> positions_;
  std::map<AccountKey, AccountSummary> accounts_;
  std::uint64_t anomalies_ = 0;
};

OrderManagerActor spawn_order_manager(caf::actor_system& system, OrderManagerConfig config, OrderStream stream);

}  // namespace tradebus
