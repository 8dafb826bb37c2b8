// Orders and what becomes of them, in FIX's words.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bus/model/decimal.hpp"
#include "bus/model/describe.hpp"
#include "bus/model/enums.hpp"
#include "bus/model/instrument.hpp"
#include "bus/model/strong_string.hpp"
#include "bus/model/time.hpp"

namespace tradebus {

// What follows a filled entry: two exits of which one ends the other. One of the two prices at least.
struct Bracket {
  std::optional<Price> take_profit;      // limit
  std::optional<Price> stop_loss;        // stop
  std::optional<Price> stop_loss_limit;  // makes the stop a stop_limit

  static constexpr std::string_view type_name = "Bracket";
  static constexpr auto fields() {
    return std::tuple{field("take_profit", &Bracket::take_profit), field("stop_loss", &Bracket::stop_loss),
                      field("stop_loss_limit", &Bracket::stop_loss_limit)};
  }
};

// What a strategy is told, by the names that its broker has for it.
using StrategyParameters = std::map<std::string, std::string>;

// A stock order as a client asks for it. New fields go to the end: what was kept before is read by position.
struct TradeOrder {
  ClientOrderId client_order_id;
  Symbol symbol;
  Side side = Side::buy;
  std::optional<Quantity> qty;  // one of qty and notional
  std::optional<Money> notional;
  OrderType order_type = OrderType::market;
  std::optional<Price> limit_price;
  std::optional<Price> stop_price;
  std::optional<Price> trail_amount;
  std::optional<double> trail_percent;
  TimeInForce time_in_force = TimeInForce::day;
  std::optional<Timestamp> expires_at;  // gtd
  std::optional<bool> extended_hours;
  std::optional<BrokerName> broker;
  std::optional<AccountId> account;
  std::optional<std::string> tag;
  std::optional<Bracket> bracket;
  std::optional<std::string> oco;          // a group of this client's orders: what fills one takes it off the others
  std::optional<Price> limit_offset = {};  // trailing_stop_limit: from the stop to the limit
  std::optional<std::string> target_strategy = {};  // an algo or a type of the broker's own, by its name there
  std::optional<StrategyParameters> strategy_parameters = {};

  static constexpr std::string_view type_name = "TradeOrder";
  static constexpr auto fields() {
    return std::tuple{field("client_order_id", &TradeOrder::client_order_id),
                      field("symbol", &TradeOrder::symbol),
                      field("side", &TradeOrder::side),
                      field("qty", &TradeOrder::qty),
                      field("notional", &TradeOrder::notional),
                      field("order_type", &TradeOrder::order_type),
                      field("limit_price", &TradeOrder::limit_price),
                      field("stop_price", &TradeOrder::stop_price),
                      field("trail_amount", &TradeOrder::trail_amount),
                      field("trail_percent", &TradeOrder::trail_percent),
                      field("time_in_force", &TradeOrder::time_in_force),
                      field("expires_at", &TradeOrder::expires_at),
                      field("extended_hours", &TradeOrder::extended_hours),
                      field("broker", &TradeOrder::broker),
                      field("account", &TradeOrder::account),
                      field("tag", &TradeOrder::tag),
                      field("bracket", &TradeOrder::bracket),
                      field("oco", &TradeOrder::oco),
                      field("limit_offset", &TradeOrder::limit_offset),
                      field("target_strategy", &TradeOrder::target_strategy),
                      field("strategy_parameters", &TradeOrder::strategy_parameters)};
  }
};

struct OrderLeg {
  Symbol symbol;
  Side side = Side::buy;
  std::int32_t ratio = 1;

  static constexpr std::string_view type_name = "OrderLeg";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &OrderLeg::symbol), field("side", &OrderLeg::side),
                      field("ratio", &OrderLeg::ratio)};
  }
};

// An option order: one contract, or several legs that trade together.
struct OptionOrder {
  TradeOrder order;
  std::optional<Instrument> contract;  // single-leg orders
  std::vector<OrderLeg> legs;          // multi-leg orders

  static constexpr std::string_view type_name = "OptionOrder";
  static constexpr auto fields() {
    return std::tuple{field("order", &OptionOrder::order), field("contract", &OptionOrder::contract),
                      field("legs", &OptionOrder::legs)};
  }
};

// What one leg of a multi-leg order got.
struct LegFill {
  Symbol symbol;
  Side side = Side::buy;
  Quantity qty;
  Price price;

  static constexpr std::string_view type_name = "LegFill";
  static constexpr auto fields() {
    return std::tuple{field("symbol", &LegFill::symbol), field("side", &LegFill::side), field("qty", &LegFill::qty),
                      field("price", &LegFill::price)};
  }
};

// One execution. A fill with an exec_id seen before is never counted again.
struct Fill {
  ExecId exec_id;
  Quantity qty;
  Price price;
  Money commission;
  Timestamp ts{};
  std::optional<std::vector<LegFill>> legs = {};  // of a multi-leg order, whose price is the net one of a unit

  static constexpr std::string_view type_name = "Fill";
  static constexpr auto fields() {
    return std::tuple{field("exec_id", &Fill::exec_id),       field("qty", &Fill::qty), field("price", &Fill::price),
                      field("commission", &Fill::commission), field("ts", &Fill::ts),   field("legs", &Fill::legs)};
  }
};

// An order as the daemon knows it, and as the journal keeps it: new fields go to the end. leaves_qty = qty - filled_qty
// while it is open, 0 once it is closed.
struct Order {
  OrderId order_id;
  ClientOrderId client_order_id;
  ClientName client;
  BrokerName broker;
  AccountId account;
  Symbol symbol;
  Side side = Side::buy;
  Quantity qty;                   // of an order by notional: 0 until the broker has told it
  std::optional<Money> notional;  // as it was asked
  OrderType order_type = OrderType::market;
  std::optional<Price> limit_price;
  std::optional<Price> stop_price;
  std::optional<Price> trail_amount;
  std::optional<double> trail_percent;
  TimeInForce time_in_force = TimeInForce::day;
  std::optional<Timestamp> expires_at;
  std::optional<bool> extended_hours;
  OrderStatus status = OrderStatus::pending_new;
  Quantity filled_qty;
  Quantity leaves_qty;
  std::optional<Price> avg_price;  // exact mean of the fills, rounded half to even to nine decimals
  std::optional<BrokerOrderId> broker_order_id;
  std::optional<std::string> reason;  // why it was rejected, canceled or doubted
  Timestamp created{};
  Timestamp updated{};
  std::optional<std::string> tag;
  std::optional<std::vector<OrderLeg>> legs;
  std::optional<OrderId> parent_id;  // an exit of a bracket: its entry
  std::optional<std::string> oco;
  std::optional<bool> held;       // no broker has it: it waits here for its entry's fill
  std::optional<bool> external;   // placed elsewhere: shown, never changed from here
  std::optional<bool> duplicate;  // replies only: the same client_order_id came before
  std::optional<Price> limit_offset = {};
  std::optional<std::string> target_strategy = {};
  std::optional<StrategyParameters> strategy_parameters = {};  // as they were asked for
  // Replies only: the disk that is full or broken does not have this yet; the daemon's death may undo it.
  std::optional<bool> unrecorded = {};

  static constexpr std::string_view type_name = "Order";
  static constexpr auto fields() {
    return std::tuple{field("order_id", &Order::order_id),
                      field("client_order_id", &Order::client_order_id),
                      field("client", &Order::client),
                      field("broker", &Order::broker),
                      field("account", &Order::account),
                      field("symbol", &Order::symbol),
                      field("side", &Order::side),
                      field("qty", &Order::qty),
                      field("notional", &Order::notional),
                      field("order_type", &Order::order_type),
                      field("limit_price", &Order::limit_price),
                      field("stop_price", &Order::stop_price),
                      field("trail_amount", &Order::trail_amount),
                      field("trail_percent", &Order::trail_percent),
                      field("time_in_force", &Order::time_in_force),
                      field("expires_at", &Order::expires_at),
                      field("extended_hours", &Order::extended_hours),
                      field("status", &Order::status),
                      field("filled_qty", &Order::filled_qty),
                      field("leaves_qty", &Order::leaves_qty),
                      field("avg_price", &Order::avg_price),
                      field("broker_order_id", &Order::broker_order_id),
                      field("reason", &Order::reason),
                      field("created", &Order::created),
                      field("updated", &Order::updated),
                      field("tag", &Order::tag),
                      field("legs", &Order::legs),
                      field("parent_id", &Order::parent_id),
                      field("oco", &Order::oco),
                      field("held", &Order::held),
                      field("external", &Order::external),
                      field("duplicate", &Order::duplicate),
                      field("limit_offset", &Order::limit_offset),
                      field("target_strategy", &Order::target_strategy),
                      field("strategy_parameters", &Order::strategy_parameters),
                      field("unrecorded", &Order::unrecorded)};
  }
};

// One change of an order's state, as order|ACCOUNT| carries it. seq is the journal's own number.
struct OrderEvent {
  std::uint64_t seq = 0;
  Timestamp ts{};
  OrderEventType event = OrderEventType::pending_new;
  Order order;  // after the change
  std::optional<Fill> fill;

  static constexpr std::string_view type_name = "OrderEvent";
  static constexpr auto fields() {
    return std::tuple{field("seq", &OrderEvent::seq), field("ts", &OrderEvent::ts), field("event", &OrderEvent::event),
                      field("order", &OrderEvent::order), field("fill", &OrderEvent::fill)};
  }
};

struct Position {
  BrokerName broker;
  AccountId account;
  Symbol symbol;
  Quantity qty;  // negative when short
  Price avg_price;
  std::optional<Price> market_price;
  std::optional<Money> market_value;
  std::optional<Money> unrealized_pnl;
  Money realized_pnl;
  Timestamp updated{};
  std::optional<Quantity> expected_qty = {};  // what the fills known here make it, when the broker says otherwise

  static constexpr std::string_view type_name = "Position";
  static constexpr auto fields() {
    return std::tuple{field("broker", &Position::broker),
                      field("account", &Position::account),
                      field("symbol", &Position::symbol),
                      field("qty", &Position::qty),
                      field("avg_price", &Position::avg_price),
                      field("market_price", &Position::market_price),
                      field("market_value", &Position::market_value),
                      field("unrealized_pnl", &Position::unrealized_pnl),
                      field("realized_pnl", &Position::realized_pnl),
                      field("updated", &Position::updated),
                      field("expected_qty", &Position::expected_qty)};
  }
};

struct AccountSummary {
  BrokerName broker;
  AccountId account;
  std::string currency = "USD";
  Money cash;
  Money equity;  // cash + market value of all positions
  Money buying_power;
  Money realized_pnl;
  Money unrealized_pnl;
  Money commissions;
  Timestamp updated{};

  static constexpr std::string_view type_name = "AccountSummary";
  static constexpr auto fields() {
    return std::tuple{field("broker", &AccountSummary::broker),
                      field("account", &AccountSummary::account),
                      field("currency", &AccountSummary::currency),
                      field("cash", &AccountSummary::cash),
                      field("equity", &AccountSummary::equity),
                      field("buying_power", &AccountSummary::buying_power),
                      field("realized_pnl", &AccountSummary::realized_pnl),
                      field("unrealized_pnl", &AccountSummary::unrealized_pnl),
                      field("commissions", &AccountSummary::commissions),
                      field("updated", &AccountSummary::updated)};
  }
};

}  // namespace tradebus
