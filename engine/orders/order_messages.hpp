// What can be asked of the order manager, and what it answers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/brokers/broker.hpp"
#include "bus/model/orders.hpp"
#include "engine/orders/journal.hpp"
#include "engine/risk/risk_engine.hpp"

namespace tradebus {

// ---- commands ------------------------------------------------------------------------------------------------------

struct PlaceOrder {
  ClientName client;
  TradeOrder order;
  std::vector<OrderLeg> legs;

  static constexpr std::string_view type_name = "PlaceOrder";
  static constexpr auto fields() {
    return std::tuple{field("client", &PlaceOrder::client), field("order", &PlaceOrder::order),
                      field("legs", &PlaceOrder::legs)};
  }
};

// An order is named by order_id, or by client_order_id, which is looked up among this client's own orders.
struct ReplaceOrder {
  ClientName client;
  std::optional<OrderId> order_id;
  std::optional<ClientOrderId> client_order_id;
  std::optional<Quantity> qty;  // the new total, executed part included
  std::optional<Price> limit_price;
  std::optional<Price> stop_price;
  std::optional<TimeInForce> time_in_force;

  static constexpr std::string_view type_name = "ReplaceOrder";
  static constexpr auto fields() {
    return std::tuple{field("client", &ReplaceOrder::client),
                      field("order_id", &ReplaceOrder::order_id),
                      field("client_order_id", &ReplaceOrder::client_order_id),
                      field("qty", &ReplaceOrder::qty),
                      field("limit_price", &ReplaceOrder::limit_price),
                      field("stop_price", &ReplaceOrder::stop_price),
                      field("time_in_force", &ReplaceOrder::time_in_force)};
  }
};

struct CancelOrder {
  ClientName client;
  std::optional<OrderId> order_id;
  std::optional<ClientOrderId> client_order_id;

  static constexpr std::string_view type_name = "CancelOrder";
  static constexpr auto fields() {
    return std::tuple{field("client", &CancelOrder::client), field("order_id", &CancelOrder::order_id),
                      field("client_order_id", &CancelOrder::client_order_id)};
  }
};

// All open orders of this client (an empty client: of everyone) that match.
struct CancelAll {
  ClientName client;
  std::optional<BrokerName> broker;
  std::optional<AccountId> account;
  std::optional<Symbol> symbol;
  // Also options on it, and orders with a leg in one of these: what its trading state stops.
  bool all_of_symbol = false;

  static constexpr std::string_view type_name = "CancelAll";
  static constexpr auto fields() {
    return std::tuple{field("client", &CancelAll::client), field("broker", &CancelAll::broker),
                      field("account", &CancelAll::account), field("symbol", &CancelAll::symbol),
                      field("all_of_symbol", &CancelAll::all_of_symbol)};
  }
};
struct CanceledCount {
  std::uint32_t canceled = 0;  // orders whose cancel is on its way

  static constexpr std::string_view type_name = "CanceledCount";
  static constexpr auto fields() { return std::tuple{field("canceled", &CanceledCount::canceled)}; }
};

// ---- questions -----------------------------------------------------------------------------------------------------

struct GetOrder {
  ClientName client;
  std::optional<OrderId> order_id;
  std::optional<ClientOrderId> client_order_id;

  static constexpr std::string_view type_name = "GetOrder";
  static constexpr auto fields() {
    return std::tuple{field("client", &GetOrder::client), field("order_id", &GetOrder::order_id),
                      field("client_order_id", &GetOrder::client_order_id)};
  }
};

enum class OrderFilter : std::uint8_t { open, all };
TRADEBUS_ENUM(OrderFilter, "open", "all");

inline constexpr std::uint32_t orders_limit = 1'000;       // an answer, unless asked otherwise
inline constexpr std::uint32_t orders_limit_max = 10'000;  // an answer at most: the actor must not stand still for it

struct GetOrders {
  std::optional<ClientName> client;
  OrderFilter status = OrderFilter::open;
  std::optional<Timestamp> since;  // updated then or later
  std::optional<AccountId> account;
  std::optional<Symbol> symbol;
  std::uint32_t limit = orders_limit;
  std::optional<OrderId> after_order;  // paging: the oldest ones placed after this one, in place of the newest

  static constexpr std::string_view type_name = "GetOrders";
  static constexpr auto fields() {
    return std::tuple{field("client", &GetOrders::client),
                      field("status", &GetOrders::status),
                      field("since", &GetOrders::since),
                      field("account", &GetOrders::account),
                      field("symbol", &GetOrders::symbol),
                      field("limit", &GetOrders::limit),
                      field("after_order", &GetOrders::after_order)};
  }
};
// The newest `limit` of those that match (with after_order: the next ones), oldest first.
struct Orders {
  std::vector<Order> orders;

  static constexpr std::string_view type_name = "Orders";
  static constexpr auto fields() { return std::tuple{field("orders", &Orders::orders)}; }
};

// As the brokers last reported them; flat ones are left out.
struct GetPositions {
  std::optional<BrokerName> broker;
  std::optional<AccountId> account;

  static constexpr std::string_view type_name = "GetPositions";
  static constexpr auto fields() {
    return std::tuple{field("broker", &GetPositions::broker), field("account", &GetPositions::account)};
  }
};
// Without a broker the default one, without an account its first.
struct GetAccountSummary {
  std::optional<BrokerName> broker;
  std::optional<AccountId> account;

  static constexpr std::string_view type_name = "GetAccountSummary";
  static constexpr auto fields() {
    return std::tuple{field("broker", &GetAccountSummary::broker), field("account", &GetAccountSummary::account)};
  }
};

// What a broker itself has of an underlying's options.
struct GetBrokerChain {
  BrokerName broker;
  GetOptionChain query;

  static constexpr std::string_view type_name = "GetBrokerChain";
  static constexpr auto fields() {
    return std::tuple{field("broker", &GetBrokerChain::broker), field("query", &GetBrokerChain::query)};
  }
};

struct GetOrderEvents {
  std::uint64_t after = 0;
  std::optional<AccountId> account;
  std::uint32_t limit = orders_limit;
  std::optional<std::uint64_t> until = {};  // none beyond it
  // INTERNAL: the journal as it was when it reached so far, last_seq included; what came since belongs to the next
  // question.
  std::optional<std::uint64_t> as_of = {};

  static constexpr std::string_view type_name = "GetOrderEvents";
  static constexpr auto fields() {
    return std::tuple{field("after", &GetOrderEvents::after), field("account", &GetOrderEvents::account),
                      field("limit", &GetOrderEvents::limit), field("until", &GetOrderEvents::until),
                      field("as_of", &GetOrderEvents::as_of)};
  }
};
struct OrderEvents {
  std::vector<OrderEvent> events;
  std::uint64_t last_seq = 0;    // of the journal, 0 when it is empty
  std::uint64_t first_kept = 0;  // what came before it is no longer in memory; 0 when nothing is kept

  static constexpr std::string_view type_name = "OrderEvents";
  static constexpr auto fields() {
    return std::tuple{field("events", &OrderEvents::events), field("last_seq", &OrderEvents::last_seq),
                      field("first_kept", &OrderEvents::first_kept)};
  }
};

struct GetOrderManagerStatus {
  static constexpr std::string_view type_name = "GetOrderManagerStatus";
  static constexpr auto fields() { return std::tuple{}; }
};
struct BrokerState {
  BrokerName broker;
  LinkState state = LinkState::down;
  std::string reason;
  std::vector<AccountId> accounts;
  bool is_default = false;
  std::vector<Counter> counters;  // the broker's own

  static constexpr std::string_view type_name = "BrokerState";
  static constexpr auto fields() {
    return std::tuple{field("broker", &BrokerState::broker),         field("state", &BrokerState::state),
                      field("reason", &BrokerState::reason),         field("accounts", &BrokerState::accounts),
                      field("is_default", &BrokerState::is_default), field("counters", &BrokerState::counters)};
  }
};
struct OrderManagerStatus {
  std::uint64_t orders_open = 0;
  std::uint64_t orders_in_doubt = 0;
  std::uint64_t orders_kept = 0;           // open and closed
  std::uint64_t events_last_seq = 0;       // the journal's number
  std::uint64_t anomalies = 0;             // broker reports that made no sense
  std::uint64_t position_differences = 0;  // between brokers and the fills known here, not accepted yet
  std::vector<BrokerState> brokers;
  JournalStatus journal;
  std::vector<TradingStateRecord> trading_states;  // that are not active

  static constexpr std::string_view type_name = "OrderManagerStatus";
  static constexpr auto fields() {
    return std::tuple{field("orders_open", &OrderManagerStatus::orders_open),
                      field("orders_in_doubt", &OrderManagerStatus::orders_in_doubt),
                      field("orders_kept", &OrderManagerStatus::orders_kept),
                      field("events_last_seq", &OrderManagerStatus::events_last_seq),
                      field("anomalies", &OrderManagerStatus::anomalies),
                      field("position_differences", &OrderManagerStatus::position_differences),
                      field("brokers", &OrderManagerStatus::brokers),
                      field("journal", &OrderManagerStatus::journal),
                      field("trading_states", &OrderManagerStatus::trading_states)};
  }
};

// From the supervisor: this broker has an actor now, or (null) has none.
struct BrokerHandle {
  BrokerName broker;
  BrokerActor actor;
  bool is_default = false;

  template <class Inspector>
  friend auto inspect(Inspector& f, BrokerHandle& x) -> typename Inspector::result_type {
    return f(x.broker, x.actor, x.is_default);
  }
};

// Positions of brokers that differ from the fills known here are right from now on.
struct AcceptPositions {
  std::optional<BrokerName> broker;
  std::optional<AccountId> account;
  std::optional<Symbol> symbol;

  static constexpr std::string_view type_name = "AcceptPositions";
  static constexpr auto fields() {
    return std::tuple{field("broker", &AcceptPositions::broker), field("account", &AcceptPositions::account),
                      field("symbol", &AcceptPositions::symbol)};
  }
};
struct AcceptedCount {
  std::uint32_t accepted = 0;

  static constexpr std::string_view type_name = "AcceptedCount";
  static constexpr auto fields() { return std::tuple{field("accepted", &AcceptedCount::accepted)}; }
};

// The kill switch. Without a state it only tells what is in force. At most one of account, client and symbol: else
// global.
struct KillSwitch {
  std::optional<TradingState> state;
  bool cancel_open = false;  // of the same scope, whoever placed them
  std::optional<AccountId> account;
  std::optional<ClientName> client;
  std::optional<Symbol> symbol;
  std::optional<std::string> reason;

  static constexpr std::string_view type_name = "KillSwitch";
  static constexpr auto fields() {
    return std::tuple{field("state", &KillSwitch::state),     field("cancel_open", &KillSwitch::cancel_open),
                      field("account", &KillSwitch::account), field("client", &KillSwitch::client),
                      field("symbol", &KillSwitch::symbol),   field("reason", &KillSwitch::reason)};
  }
};
struct TradingStatesNow {
  std::vector<TradingStateRecord> states;  // that are not active
  std::uint32_t canceled = 0;              // orders whose cancel is on its way

  static constexpr std::string_view type_name = "TradingStatesNow";
  static constexpr auto fields() {
    return std::tuple{field("states", &TradingStatesNow::states), field("canceled", &TradingStatesNow::canceled)};
  }
};
// Reads the limits of the configuration again; they hold from now on. On an error the old ones stay.
struct ReloadRisk {
  static constexpr std::string_view type_name = "ReloadRisk";
  static constexpr auto fields() { return std::tuple{}; }
};
struct RiskReloaded {
  std::uint32_t scopes = 0;  // global, and each table of a client, an account or a symbol

  static constexpr std::string_view type_name = "RiskReloaded";
  static constexpr auto fields() { return std::tuple{field("scopes", &RiskReloaded::scopes)}; }
};
// This client's open orders are to be canceled when it is silent for so long; 0: no longer. Survives a restart: the
// bridge hears from its start on whether the client comes back. As the journal keeps it.
struct WatchClient {
  ClientName client;
  std::int64_t silence_ms = 0;

  static constexpr std::string_view type_name = "WatchClient";
  static constexpr auto fields() {
    return std::tuple{field("client", &WatchClient::client), field("silence_ms", &WatchClient::silence_ms)};
  }
};
// From the bridge: it has been.
struct ClientSilent {
  ClientName client;

  static constexpr std::string_view type_name = "ClientSilent";
  static constexpr auto fields() { return std::tuple{field("client", &ClientSilent::client)}; }
};
// From the bridge: it is heard of again.
struct ClientHeard {
  ClientName client;

  static constexpr std::string_view type_name = "ClientHeard";
  static constexpr auto fields() { return std::tuple{field("client", &ClientHeard::client)}; }
};
// INTERNAL to the order manager: has somebody put a halt file there?
struct WatchHaltFile {
  static constexpr std::string_view type_name = "WatchHaltFile";
  static constexpr auto fields() { return std::tuple{}; }
};

// INTERNAL to the order manager: from its journal, which has got further, or is full.
struct JournalProgress {
  static constexpr std::string_view type_name = "JournalProgress";
  static constexpr auto fields() { return std::tuple{}; }
};
// INTERNAL: what of a broker was not settled is tried again.
struct ReconcileBroker {
  BrokerName broker;
  std::uint64_t round = 0;

  static constexpr std::string_view type_name = "ReconcileBroker";
  static constexpr auto fields() {
    return std::tuple{field("broker", &ReconcileBroker::broker), field("round", &ReconcileBroker::round)};
  }
};
// INTERNAL to the order manager.
struct TellMarks {
  static constexpr std::string_view type_name = "TellMarks";
  static constexpr auto fields() { return std::tuple{}; }
};

struct SettleBrokers {
  static constexpr std::string_view type_name = "SettleBrokers";
  static constexpr auto fields() { return std::tuple{}; }
};

#define TRADEBUS_ORDER_MESSAGES(X) \
  X(PlaceOrder)                    \
  X(ReplaceOrder)                  \
  X(CancelOrder)                   \
  X(CancelAll)                     \
  X(CanceledCount)                 \
  X(GetOrder)                      \
  X(GetOrders)                     \
  X(Orders)                        \
  X(GetPositions)                  \
  X(GetAccountSummary)             \
  X(GetBrokerChain)                \
  X(GetOrderEvents)                \
  X(OrderEvents)                   \
  X(GetOrderManagerStatus)         \
  X(BrokerState)                   \
  X(OrderManagerStatus)            \
  X(JournalStatus)                 \
  X(AcceptPositions)               \
  X(AcceptedCount)                 \
  X(KillSwitch)                    \
  X(TradingStateRecord)            \
  X(TradingStatesNow)              \
  X(ReloadRisk)                    \
  X(RiskReloaded)                  \
  X(WatchHaltFile)                 \
  X(ClientSilent)                  \
  X(ClientHeard)                   \
  X(JournalProgress)               \
  X(ReconcileBroker)               \
  X(SettleBrokers)                 \
  X(TellMarks)
TRADEBUS_ORDER_MESSAGES(TRADEBUS_DECLARE_INSPECT)

}  // namespace tradebus
