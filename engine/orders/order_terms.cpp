#include "engine/orders/order_terms.hpp"

#include <algorithm>

namespace tradebus {

Order order_of(const TradeOrder& asked, const std::vector<OrderLeg>& legs) {
  Order order;
  order.client_order_id = asked.client_order_id;
  order.symbol = asked.symbol;
  order.side = asked.side;
  order.qty = asked.qty.value_or(Quantity{});
  order.notional = asked.notional;
  order.order_type = asked.order_type;
  order.limit_price = asked.limit_price;
  order.stop_price = asked.stop_price;
  order.trail_amount = asked.trail_amount;
  order.trail_percent = asked.trail_percent;
  order.time_in_force = asked.time_in_force;
  order.expires_at = asked.expires_at;
  order.extended_hours = asked.extended_hours;
  order.leaves_qty = order.qty;
  order.tag = asked.tag;
  order.oco = asked.oco;
  order.limit_offset = asked.limit_offset;
  order.target_strategy = asked.target_strategy;
  order.strategy_parameters = asked.strategy_parameters;
  if (!legs.empty()) order.legs = legs;
  return order;
}

TradeOrder trade_order_of(const Order& order) {
  TradeOrder asked;
  asked.client_order_id = order.client_order_id;
  asked.symbol = order.symbol;
  asked.side = order.side;
  if (order.notional)
    asked.notional = order.notional;
  else
    asked.qty = order.qty;
  asked.order_type = order.order_type;
  asked.limit_price = order.limit_price;
  asked.stop_price = order.stop_price;
  asked.trail_amount = order.trail_amount;
  asked.trail_percent = order.trail_percent;
  asked.time_in_force = order.time_in_force;
  asked.expires_at = order.expires_at;
  asked.extended_hours = order.extended_hours;
  asked.tag = order.tag;
  asked.oco = order.oco;
  asked.limit_offset = order.limit_offset;
  asked.target_strategy = order.target_strategy;
  asked.strategy_parameters = order.strategy_parameters;
  return asked;
}

namespace {

bool lasts(TimeInForce tif) { return tif == TimeInForce::day || tif == TimeInForce::gtc || tif == TimeInForce::gtd; }

}  // namespace

std::vector<TradeOrder> exits_of(const TradeOrder& entry, const BrokerCapabilities& can) {
  std::vector<TradeOrder> out;
  if (!entry.bracket) return out;
  TradeOrder exit;
  exit.symbol = entry.symbol;
  exit.side = opposite(entry.side);
  exit.qty = entry.qty;
  exit.time_in_force = entry.time_in_force;
  exit.expires_at = entry.expires_at;
  if (!lasts(entry.time_in_force)) {  // the entry is done at once, what protects its position stays
    const bool gtc = std::ranges::find(can.times_in_force, TimeInForce::gtc) != can.times_in_force.end();
    exit.time_in_force = gtc ? TimeInForce::gtc : TimeInForce::day;
  }
  exit.tag = entry.tag;
  const Bracket& bracket = *entry.bracket;
  if (bracket.take_profit) {
    TradeOrder limit = exit;
    limit.client_order_id = ClientOrderId{entry.client_order_id.str() + ".take_profit"};
    limit.order_type = OrderType::limit;
    limit.limit_price = bracket.take_profit;
    limit.extended_hours = entry.extended_hours;  // stops work in the regular session only
    out.push_back(std::move(limit));
  }
  if (bracket.stop_loss) {
    TradeOrder stop = exit;
    stop.client_order_id = ClientOrderId{entry.client_order_id.str() + ".stop_loss"};
    stop.order_type = bracket.stop_loss_limit ? OrderType::stop_limit : OrderType::stop;
    stop.stop_price = bracket.stop_loss;
    stop.limit_price = bracket.stop_loss_limit;
    out.push_back(std::move(stop));
  }
  return out;
}

}  // namespace tradebus
