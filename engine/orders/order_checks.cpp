#include "engine/orders/order_checks.hpp"

#include <algorithm>

namespace tradebus {

namespace {

bool wants_limit(OrderType type) {
  return type == OrderType::limit || type == OrderType::stop_limit || type == OrderType::limit_if_touched;
}
bool wants_stop(OrderType type) {
  return type == OrderType::stop || type == OrderType::stop_limit || type == OrderType::market_if_touched ||
         type == OrderType::limit_if_touched;
}

std::string type_text(const TradeOrder& order) { return std::string{to_string(order.order_type)}; }

// A price is there exactly when the order type has one, and is above zero.
Result<void> check_price(const TradeOrder& order, const char* key, const std::optional<Price>& price, bool wanted) {
  if (wanted && !price) return invalid(key, "a " + type_text(order) + " order needs " + key);
  if (!wanted && price) return invalid(key, "a " + type_text(order) + " order has no " + key);
  if (price && !price->is_positive())
    return invalid(key, std::string{key} + " must be above 0, not " + price->to_string());
  return {};
}

Result<void> check_trail(const TradeOrder& order) {
  const auto has_no = [&](const char* key) { return invalid(key, "a " + type_text(order) + " order has no " + key); };
  if (order.limit_offset && order.order_type != OrderType::trailing_stop_limit) return has_no("limit_offset");
  if (!is_trailing(order.order_type)) {
    if (order.trail_amount) return has_no("trail_amount");
    if (order.trail_percent) return has_no("trail_percent");
    return {};
  }
  if (order.trail_amount.has_value() == order.trail_percent.has_value())
    return invalid("trail_amount", "a " + type_text(order) + " order needs one of trail_amount and trail_percent");
  if (order.trail_amount && !order.trail_amount->is_positive())
    return invalid("trail_amount", "trail_amount must be above 0, not " + order.trail_amount->to_string());
  if (order.trail_percent && !(*order.trail_percent > 0 && *order.trail_percent < 100))
    return invalid("trail_percent", "trail_percent must lie between 0 and 100");
  if (order.order_type != OrderType::trailing_stop_limit) return {};
  if (!order.limit_offset) return invalid("limit_offset", "a " + type_text(order) + " order needs limit_offset");
  if (order.limit_offset->is_negative())
    return invalid("limit_offset", "limit_offset must not be below 0, as " + order.limit_offset->to_string() + " is");
  return {};
}

// It is sent on as it is: no broker's format has a place for control characters.
Result<void> check_text(const std::string& key, const char* what, const std::string& text, std::size_t min,
                        std::size_t max) {
  if (text.size() < min || text.size() > max)
    return invalid(key, std::string{what} + " has " + std::to_string(min) + " to " + std::to_string(max) +
                            " bytes, not " + std::to_string(text.size()));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  if (std::ranges::any_of(text, is_control)) return invalid(key, std::string{what} + " has no control characters");
  return {};
}

Result<void> check_strategy(const TradeOrder& order) {
  if (order.strategy_parameters && !order.target_strategy)
    return invalid("strategy_parameters", "strategy_parameters go with target_strategy");
  if (order.target_strategy)
    if (auto ok = check_text("target_strategy", "target_strategy", *order.target_strategy, 1, strategy_name_size_max);
        !ok)
      return ok;
  if (!order.strategy_parameters) return {};
  const std::string key = "strategy_parameters";
  if (order.strategy_parameters->size() > strategy_parameters_max)
    return invalid(key, "a strategy has at most " + std::to_string(strategy_parameters_max) + " parameters, not " +
                            std::to_string(order.strategy_parameters->size()));
  for (const auto& [name, text] : *order.strategy_parameters) {
    if (auto ok = check_text(key, "a parameter's name", name, 1, strategy_name_size_max); !ok) return ok;
    if (auto ok = check_text(key + "." + name, "a parameter's value", text, 0, strategy_value_size_max); !ok) return ok;
  }
  return {};
}

Result<void> check_legs(const std::vector<OrderLeg>& legs) {
  if (legs.empty()) return {};
  if (legs.size() < 2 || legs.size() > legs_max)
    return invalid(
        "legs", "a multi-leg order has 2 to " + std::to_string(legs_max) + " legs, not " + std::to_string(legs.size()));
  for (std::size_t i = 0; i < legs.size(); ++i) {
    const std::string key = "legs[" + std::to_string(i) + "]";
    if (legs[i].ratio < 1) return invalid(key + ".ratio", "a leg's ratio is a whole number above 0");
    if (auto instrument = Instrument::parse(legs[i].symbol.str()); !instrument)
      return invalid(key + ".symbol", instrument.error().message);
  }
  return {};
}

Result<void> check_oco(const TradeOrder& order) {
  if (!order.oco) return {};
  const auto& text = *order.oco;
  if (text.empty() || text.size() > client_order_id_size_max ||
      !std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }))
    return invalid("oco", "oco is the name of a group: 1-64 printable ASCII characters");
  if (order.notional) return invalid("oco", "an order of an oco group needs qty, not notional");
  return {};
}

Result<void> check_bracket(const TradeOrder& order, const std::vector<OrderLeg>& legs) {
  if (!order.bracket) return {};
  const auto& [profit, stop, stop_limit] = *order.bracket;
  if (!profit && !stop) return invalid("bracket", "a bracket needs take_profit, stop_loss or both");
  if (stop_limit && !stop) return invalid("bracket.stop_loss_limit", "stop_loss_limit goes with stop_loss");
  if (!order.qty) return invalid("bracket", "a bracket needs qty, not notional");
  if (!legs.empty()) return invalid("bracket", "a multi-leg order has no bracket");
  if (order.oco) return invalid("oco", "the exits of a bracket are a group of their own; leave oco out");
  if (order.client_order_id.str().size() > client_order_id_size_max - exit_suffix_size_max)
    return invalid("client_order_id", "with a bracket client_order_id has at most " +
                                          std::to_string(client_order_id_size_max - exit_suffix_size_max) +
                                          " characters: its exits are named after it");
  for (const auto& [key, price] :
       {std::pair{"take_profit", profit}, std::pair{"stop_loss", stop}, std::pair{"stop_loss_limit", stop_limit}})
    if (price && !price->is_positive())
      return invalid("bracket." + std::string{key}, std::string{key} + " must be above 0, not " + price->to_string());
  const bool buys = order.side == Side::buy || order.side == Side::buy_to_cover;
  const auto beyond = [&](const Price& a, const Price& b) { return buys ? a > b : a < b; };
  const std::string above = buys ? "above" : "below";
  if (profit && stop && !beyond(*profit, *stop))
    return invalid("bracket.take_profit", "take_profit must lie " + above + " stop_loss");
  if (profit && order.limit_price && !beyond(*profit, *order.limit_price))
    return invalid("bracket.take_profit", "take_profit must lie " + above + " limit_price");
  if (stop && order.limit_price && !beyond(*order.limit_price, *stop))
    return invalid("bracket.stop_loss", "limit_price must lie " + above + " stop_loss");
  return {};
}

tl::unexpected<Error> unsupported(const BrokerName& broker, std::string what) {
  return fail(Errc::broker_unsupported, "broker " + broker.str() + " does not take " + std::move(what));
}

}  // namespace

Result<void> check_client_order_id(const ClientOrderId& id) {
  const auto& text = id.str();
  if (text.empty() || text.size() > client_order_id_size_max ||
      !std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }))
    return invalid("client_order_id",
                   "client_order_id must be 1-64 printable ASCII characters, unique for this client");
  return {};
}

Result<void> check_order(const TradeOrder& order, const std::vector<OrderLeg>& legs) {
  if (auto ok = check_client_order_id(order.client_order_id); !ok) return ok;
  if (order.broker && order.broker->empty())
    return invalid("broker", "broker: an empty name; leave it out, or fill it");
  if (order.account && order.account->empty())
    return invalid("account", "account: an empty name; leave it out, or fill it");
  if (auto symbol = parse_symbol(order.symbol.str()); !symbol) return tl::unexpected{symbol.error()};
  if (order.qty.has_value() == order.notional.has_value())
    return invalid("qty", "an order needs exactly one of qty and notional");
  if (order.qty && !order.qty->is_positive())
    return invalid("qty", "qty must be above 0, not " + order.qty->to_string());
  if (order.notional && !order.notional->is_positive())
    return invalid("notional", "notional must be above 0, not " + order.notional->to_string());
  if (auto ok = check_price(order, "limit_price", order.limit_price, wants_limit(order.order_type)); !ok) return ok;
  if (auto ok = check_price(order, "stop_price", order.stop_price, wants_stop(order.order_type)); !ok) return ok;
  if (auto ok = check_trail(order); !ok) return ok;
  if ((order.time_in_force == TimeInForce::gtd) != order.expires_at.has_value())
    return invalid("expires_at", "expires_at goes with time_in_force gtd, and only with it");
  if (order.tag && order.tag->size() > tag_size_max)
    return invalid("tag", "tag is longer than " + std::to_string(tag_size_max) + " characters");
  if (auto ok = check_strategy(order); !ok) return ok;
  if (auto ok = check_oco(order); !ok) return ok;
  if (auto ok = check_bracket(order, legs); !ok) return ok;
  return check_legs(legs);
}

Result<void> check_capabilities(const TradeOrder& order, const std::vector<OrderLeg>& legs, bool is_option,
                                const BrokerCapabilities& can, const BrokerName& broker) {
  if (order.notional && !can.notional) return unsupported(broker, "orders by notional; give qty");
  if (std::ranges::find(can.order_types, order.order_type) == can.order_types.end())
    return unsupported(broker, "order_type " + type_text(order));
  if (std::ranges::find(can.times_in_force, order.time_in_force) == can.times_in_force.end())
    return unsupported(broker, "time_in_force " + std::string{to_string(order.time_in_force)});
  if (order.target_strategy && !can.strategies) return unsupported(broker, "target_strategy");
  if (order.extended_hours.value_or(false) && !can.extended_hours) return unsupported(broker, "extended_hours");
  if (!legs.empty()) {
    if (!can.multi_leg) return unsupported(broker, "multi-leg orders");
    const auto is_stock = [](const OrderLeg& leg) {
      const auto instrument = Instrument::parse(leg.symbol.str());
      return !instrument || !instrument->is_option();
    };
    const auto stock = std::ranges::find_if(legs, is_stock);
    return stock == legs.end() ? Result<void>{}
                               : unsupported(broker, "legs that are no options, as " + stock->symbol.str());
  }
  if (is_option) return can.option_orders ? Result<void>{} : unsupported(broker, "option orders");
  if (!can.stock_orders) return unsupported(broker, "stock orders");
  if (order.side == Side::sell_short && !can.short_selling) return unsupported(broker, "side sell_short");
  return {};
}

}  // namespace tradebus
