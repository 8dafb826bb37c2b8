// The BROKER interface: orders in, order events out. One actor a broker. Sockets and their thread live behind a class
// without CAF in it. What a broker can't do it answers with broker.unsupported.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/caf_support.hpp"
#include "actors/market_watch.hpp"
#include "actors/providers/provider.hpp"
#include "bus/model/orders.hpp"

namespace tradebus {

// ---- what a broker reports, unasked --------------------------------------------------------------------------------

struct BrokerStatus {
  BrokerName broker;
  LinkState state = LinkState::down;
  std::string reason;
  std::string message;
  std::vector<AccountId> accounts;  // known once it is up; the first one is the default

  static constexpr std::string_view type_name = "BrokerStatus";
  static constexpr auto fields() {
    return std::tuple{field("broker", &BrokerStatus::broker), field("state", &BrokerStatus::state),
                      field("reason", &BrokerStatus::reason), field("message", &BrokerStatus::message),
                      field("accounts", &BrokerStatus::accounts)};
  }
};

// What the venue said of one order. Late, repeated and reordered reports are normal: the order manager sorts them out.
enum class BrokerReport : std::uint8_t {
  accepted,
  fill,
  replaced,
  replace_rejected,
  canceled,
  cancel_rejected,
  rejected,
  expired,
  busted  // the venue took an execution back: `fill` names it by its exec_id
};
TRADEBUS_ENUM(BrokerReport, "accepted", "fill", "replaced", "replace_rejected", "canceled", "cancel_rejected",
              "rejected", "expired", "busted");

struct BrokerEvent {
  BrokerName broker;
  OrderId order_id;  // ours, as it was sent; empty for an order placed elsewhere
  std::optional<BrokerOrderId> broker_order_id;
  BrokerReport report = BrokerReport::accepted;
  std::optional<Fill> fill;          // reports fill and busted
  std::optional<Quantity> qty;       // report replaced: the quantity now in force
  std::optional<Price> limit_price;  // report replaced: the price now in force
  std::string reason;
  Timestamp ts{};
  std::optional<Price> stop_price = {};    // report replaced: the stop now in force
  std::optional<Price> trail_amount = {};  // report replaced: the distance now in force

  static constexpr std::string_view type_name = "BrokerEvent";
  static constexpr auto fields() {
    return std::tuple{field("broker", &BrokerEvent::broker),
                      field("order_id", &BrokerEvent::order_id),
                      field("broker_order_id", &BrokerEvent::broker_order_id),
                      field("report", &BrokerEvent::report),
                      field("fill", &BrokerEvent::fill),
                      field("qty", &BrokerEvent::qty),
                      field("limit_price", &BrokerEvent::limit_price),
                      field("reason", &BrokerEvent::reason),
                      field("ts", &BrokerEvent::ts),
                      field("stop_price", &BrokerEvent::stop_price),
                      field("trail_amount", &BrokerEvent::trail_amount)};
  }
};

// An order as the venue has it. Told unasked when it was placed elsewhere, in the venue's own window say.
struct BrokerOrder {
  OrderId order_id;  // empty when it was placed elsewhere
  BrokerOrderId broker_order_id;
  AccountId account;
  TradeOrder order;
  OrderStatus status = OrderStatus::new_;
  Quantity filled_qty;
  std::optional<Price> avg_price;
  std::string reason;  // why it is closed
  std::vector<OrderLeg> legs;

  static constexpr std::string_view type_name = "BrokerOrder";
  static constexpr auto fields() {
    return std::tuple{field("order_id", &BrokerOrder::order_id),
                      field("broker_order_id", &BrokerOrder::broker_order_id),
                      field("account", &BrokerOrder::account),
                      field("order", &BrokerOrder::order),
                      field("status", &BrokerOrder::status),
                      field("filled_qty", &BrokerOrder::filled_qty),
                      field("avg_price", &BrokerOrder::avg_price),
                      field("reason", &BrokerOrder::reason),
                      field("legs", &BrokerOrder::legs)};
  }
};
// Where a broker delivers: the order manager.
using BrokerSink =
    protocol<void(BrokerEvent), void(BrokerOrder), void(BrokerStatus), void(Position), void(AccountSummary)>;

// ---- what a broker is asked ----------------------------------------------------------------------------------------

struct ConnectBroker {
  BrokerSink sink;
  MarketWatch market;  // for brokers that price their fills by the live market

  template <class Inspector>
  friend auto inspect(Inspector& f, ConnectBroker& x) -> typename Inspector::result_type {
    return f(x.sink, x.market);
  }
};
struct DisconnectBroker {
  static constexpr std::string_view type_name = "DisconnectBroker";
  static constexpr auto fields() { return std::tuple{}; }
};

// One order on its way to the venue. The venue keeps order_id with it, so that nothing is ever sent twice.
struct PlaceStockOrder {
  OrderId order_id;
  AccountId account;
  TradeOrder order;
  std::optional<OrderId> parent = {};  // capability bracket: it works once this one is filled, by what was filled
  std::optional<std::string> oco_group =
      {};  // capability oco: a fill of one of the group takes its quantity off the others

  static constexpr std::string_view type_name = "PlaceStockOrder";
  static constexpr auto fields() {
    return std::tuple{field("order_id", &PlaceStockOrder::order_id), field("account", &PlaceStockOrder::account),
                      field("order", &PlaceStockOrder::order), field("parent", &PlaceStockOrder::parent),
                      field("oco_group", &PlaceStockOrder::oco_group)};
  }
};
struct PlaceOptionOrder {
  OrderId order_id;
  AccountId account;
  OptionOrder order;
  std::optional<OrderId> parent = {};
  std::optional<std::string> oco_group = {};

  static constexpr std::string_view type_name = "PlaceOptionOrder";
  static constexpr auto fields() {
    return std::tuple{field("order_id", &PlaceOptionOrder::order_id), field("account", &PlaceOptionOrder::account),
                      field("order", &PlaceOptionOrder::order), field("parent", &PlaceOptionOrder::parent),
                      field("oco_group", &PlaceOptionOrder::oco_group)};
  }
};
struct OrderAccepted {
  BrokerOrderId broker_order_id;
  Timestamp ts{};                    // when the venue took it; without one: when the answer came
  std::optional<Quantity> qty = {};  // of an order by notional

  static constexpr std::string_view type_name = "OrderAccepted";
  static constexpr auto fields() {
    return std::tuple{field("broker_order_id", &OrderAccepted::broker_order_id), field("ts", &OrderAccepted::ts),
                      field("qty", &OrderAccepted::qty)};
  }
};

struct ReplaceBrokerOrder {
  OrderId order_id;
  std::optional<Quantity> qty;
  std::optional<Price> limit_price;
  std::optional<Price> stop_price;
  std::optional<TimeInForce> time_in_force;

  static constexpr std::string_view type_name = "ReplaceBrokerOrder";
  static constexpr auto fields() {
    return std::tuple{field("order_id", &ReplaceBrokerOrder::order_id), field("qty", &ReplaceBrokerOrder::qty),
                      field("limit_price", &ReplaceBrokerOrder::limit_price),
                      field("stop_price", &ReplaceBrokerOrder::stop_price),
                      field("time_in_force", &ReplaceBrokerOrder::time_in_force)};
  }
};
struct CancelBrokerOrder {
  OrderId order_id;

  static constexpr std::string_view type_name = "CancelBrokerOrder";
  static constexpr auto fields() { return std::tuple{field("order_id", &CancelBrokerOrder::order_id)}; }
};

// What an order would cost, and do to its account's margin, by the venue's own reckoning. Nothing is sent to the
// market.
struct PreviewBrokerOrder {
  AccountId account;
  OptionOrder order;  // of any kind: without contract and legs it is of its symbol

  static constexpr std::string_view type_name = "PreviewBrokerOrder";
  static constexpr auto fields() {
    return std::tuple{field("account", &PreviewBrokerOrder::account), field("order", &PreviewBrokerOrder::order)};
  }
};
// What the venue doesn't say is absent.
struct OrderPreview {
  BrokerName broker;
  AccountId account;
  std::optional<std::string> currency;
  std::optional<Money> commission;
  std::optional<Money> commission_min;
  std::optional<Money> commission_max;
  std::optional<Money> initial_margin;  // of the whole account, with the order
  std::optional<Money> initial_margin_change;
  std::optional<Money> maintenance_margin;
  std::optional<Money> maintenance_margin_change;
  std::optional<Money> equity;
  std::optional<Money> equity_change;
  std::optional<std::string> warning;

  static constexpr std::string_view type_name = "OrderPreview";
  static constexpr auto fields() {
    return std::tuple{field("broker", &OrderPreview::broker),
                      field("account", &OrderPreview::account),
                      field("currency", &OrderPreview::currency),
                      field("commission", &OrderPreview::commission),
                      field("commission_min", &OrderPreview::commission_min),
                      field("commission_max", &OrderPreview::commission_max),
                      field("initial_margin", &OrderPreview::initial_margin),
                      field("initial_margin_change", &OrderPreview::initial_margin_change),
                      field("maintenance_margin", &OrderPreview::maintenance_margin),
                      field("maintenance_margin_change", &OrderPreview::maintenance_margin_change),
                      field("equity", &OrderPreview::equity),
                      field("equity_change", &OrderPreview::equity_change),
                      field("warning", &OrderPreview::warning)};
  }
};

struct GetBrokerPositions {
  std::optional<AccountId> account;

  static constexpr std::string_view type_name = "GetBrokerPositions";
  static constexpr auto fields() { return std::tuple{field("account", &GetBrokerPositions::account)}; }
};
struct Positions {
  std::vector<Position> positions;

  static constexpr std::string_view type_name = "Positions";
  static constexpr auto fields() { return std::tuple{field("positions", &Positions::positions)}; }
};
struct GetBrokerAccount {
  std::optional<AccountId> account;

  static constexpr std::string_view type_name = "GetBrokerAccount";
  static constexpr auto fields() { return std::tuple{field("account", &GetBrokerAccount::account)}; }
};

// ---- reconciliation ------------------------------------------------------------------------------------------------
//
// What a venue must give so that nothing is lost or sent twice, asked after each time that its link comes up:
// - every open order, with the id that it was sent with (orders placed elsewhere without one);
// - every execution since a time, each with the exec_id under which it was, or would have been, reported, also those of
//   orders that have closed meanwhile, and of orders placed elsewhere, with what those were;
// - one order by our id, so that a submit whose answer was lost is known to have arrived, or not to have.
// An answer holds all that was so when it was given: what is reported before it is in it.

// Everything open now, and every execution since a time.
struct GetOpenBrokerOrders {
  static constexpr std::string_view type_name = "GetOpenBrokerOrders";
  static constexpr auto fields() { return std::tuple{}; }
};
struct OpenBrokerOrders {
  std::vector<BrokerOrder> orders;

  static constexpr std::string_view type_name = "OpenBrokerOrders";
  static constexpr auto fields() { return std::tuple{field("orders", &OpenBrokerOrders::orders)}; }
};
// One order by our id, open or closed, as long as the venue remembers it. order.not_found: it never arrived.
struct GetBrokerOrder {
  OrderId order_id;

  static constexpr std::string_view type_name = "GetBrokerOrder";
  static constexpr auto fields() { return std::tuple{field("order_id", &GetBrokerOrder::order_id)}; }
};
struct GetExecutions {
  Timestamp since{};

  static constexpr std::string_view type_name = "GetExecutions";
  static constexpr auto fields() { return std::tuple{field("since", &GetExecutions::since)}; }
};
struct Executions {
  std::vector<BrokerEvent> fills;
  // Of these, the orders that were placed elsewhere and are closed: a fill does not say what was ordered.
  std::vector<BrokerOrder> closed_elsewhere = {};

  static constexpr std::string_view type_name = "Executions";
  static constexpr auto fields() {
    return std::tuple{field("fills", &Executions::fills), field("closed_elsewhere", &Executions::closed_elsewhere)};
  }
};

struct GetBrokerCapabilities {
  static constexpr std::string_view type_name = "GetBrokerCapabilities";
  static constexpr auto fields() { return std::tuple{}; }
};
struct BrokerCapabilities {
  std::vector<OrderType> order_types;
  std::vector<TimeInForce> times_in_force;
  bool stock_orders = false;
  bool option_orders = false;
  bool multi_leg = false;
  bool replace = false;
  bool notional = false;
  bool extended_hours = false;
  bool short_selling = false;
  bool option_chain = false;
  bool bracket = false;
  bool oco = false;
  bool preview = false;
  bool strategies = false;  // it takes target_strategy

  static constexpr std::string_view type_name = "BrokerCapabilities";
  static constexpr auto fields() {
    return std::tuple{field("order_types", &BrokerCapabilities::order_types),
                      field("times_in_force", &BrokerCapabilities::times_in_force),
                      field("stock_orders", &BrokerCapabilities::stock_orders),
                      field("option_orders", &BrokerCapabilities::option_orders),
                      field("multi_leg", &BrokerCapabilities::multi_leg),
                      field("replace", &BrokerCapabilities::replace),
                      field("notional", &BrokerCapabilities::notional),
                      field("extended_hours", &BrokerCapabilities::extended_hours),
                      field("short_selling", &BrokerCapabilities::short_selling),
                      field("option_chain", &BrokerCapabilities::option_chain),
                      field("bracket", &BrokerCapabilities::bracket),
                      field("oco", &BrokerCapabilities::oco),
                      field("preview", &BrokerCapabilities::preview),
                      field("strategies", &BrokerCapabilities::strategies)};
  }
};

// INTERNAL to an adapter: its timer fired, or its I/O thread has news.
struct BrokerWake {
  std::uint64_t generation = 0;

  static constexpr std::string_view type_name = "BrokerWake";
  static constexpr auto fields() { return std::tuple{field("generation", &BrokerWake::generation)}; }
};

using BrokerActor = protocol<
    // Opens the link; all later events go to the sink. Answers when it is up or known to be coming up.
    BrokerStatus(ConnectBroker),
    // Closes it. Working orders stay at the venue.
    BrokerStatus(DisconnectBroker),
    // Sends an order. Answers when the venue has it, with its permanent id; broker.rejected or broker.unsupported when
    // it certainly has not; any other error, or no answer, means in_doubt.
    OrderAccepted(PlaceStockOrder), OrderAccepted(PlaceOptionOrder),
    // Answer when the venue has the request; what becomes of it arrives as a BrokerEvent.
    Done(ReplaceBrokerOrder), Done(CancelBrokerOrder), Positions(GetBrokerPositions), AccountSummary(GetBrokerAccount),
    OptionChain(GetOptionChain), OpenBrokerOrders(GetOpenBrokerOrders), BrokerOrder(GetBrokerOrder),
    Executions(GetExecutions), OrderPreview(PreviewBrokerOrder), BrokerCapabilities(GetBrokerCapabilities),
    Counters(GetProviderCounters),
    // The market of a symbol that this broker watches.
    void(WatchedEvents),
    // INTERNAL
    void(BrokerWake)>;

#define TRADEBUS_BROKER_MESSAGES(X) \
  X(BrokerStatus)                   \
  X(BrokerEvent)                    \
  X(DisconnectBroker)               \
  X(PlaceStockOrder)                \
  X(PlaceOptionOrder)               \
  X(OrderAccepted)                  \
  X(ReplaceBrokerOrder)             \
  X(CancelBrokerOrder)              \
  X(PreviewBrokerOrder)             \
  X(OrderPreview)                   \
  X(GetBrokerPositions)             \
  X(Positions)                      \
  X(GetBrokerAccount)               \
  X(GetOpenBrokerOrders)            \
  X(BrokerOrder)                    \
  X(OpenBrokerOrders)               \
  X(GetBrokerOrder)                 \
  X(GetExecutions)                  \
  X(Executions)                     \
  X(GetBrokerCapabilities)          \
  X(BrokerCapabilities)             \
  X(BrokerWake)                     \
  X(Bracket)                        \
  X(TradeOrder)                     \
  X(OptionOrder)                    \
  X(OrderLeg)                       \
  X(LegFill)                        \
  X(Fill)                           \
  X(Order)                          \
  X(OrderEvent)                     \
  X(Position)                       \
  X(AccountSummary)
TRADEBUS_BROKER_MESSAGES(TRADEBUS_DECLARE_INSPECT)

}  // namespace tradebus
