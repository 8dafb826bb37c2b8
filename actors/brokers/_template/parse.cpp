#include "actors/brokers/_template/parse.hpp"

namespace tradebus::_template::broker {

namespace {

tl::unexpected<Error> unsupported(const std::string& what) {
  return fail(Errc::broker_unsupported, "broker _template does not take " + what);
}

Result<std::string> side_of(Side side) {
  switch (side) {
    case Side::buy:
    case Side::buy_to_cover:
      return "buy";
    case Side::sell:
      return "sell";
    case Side::sell_short:
      break;
  }
  return unsupported("side " + std::string{to_string(side)});
}

Result<std::string> type_of(OrderType type) {
  switch (type) {
    case OrderType::market:
      return "market";
    case OrderType::limit:
      return "limit";
    case OrderType::stop:
    case OrderType::stop_limit:
    case OrderType::trailing_stop:
    case OrderType::market_if_touched:
    case OrderType::limit_if_touched:
    case OrderType::market_to_limit:
    case OrderType::trailing_stop_limit:
      break;
  }
  return unsupported("order_type " + std::string{to_string(type)});
}

Result<std::string> time_in_force_of(TimeInForce tif) {
  switch (tif) {
    case TimeInForce::day:
      return "day";
    case TimeInForce::gtc:
      return "gtc";
    case TimeInForce::ioc:
    case TimeInForce::fok:
    case TimeInForce::opg:
    case TimeInForce::cls:
    case TimeInForce::gtd:
      break;
  }
  return unsupported("time_in_force " + std::string{to_string(tif)});
}

std::optional<BrokerReport> report_of(const std::string& event) {
  if (event == "new") return BrokerReport::accepted;
  if (event == "fill") return BrokerReport::fill;
  if (event == "canceled") return BrokerReport::canceled;
  if (event == "rejected") return BrokerReport::rejected;
  if (event == "expired") return BrokerReport::expired;
  return std::nullopt;
}

}  // namespace

Result<OrderPayload> to_payload(const PlaceStockOrder& placed) {
  const auto& order = placed.order;
  const auto instrument = Instrument::parse(order.symbol.str());
  if (!instrument) return fail(Errc::broker_rejected, instrument.error().message);
  if (instrument->is_option()) return unsupported("option orders");
  const auto side = side_of(order.side);
  if (!side) return tl::unexpected{side.error()};
  const auto type = type_of(order.order_type);
  if (!type) return tl::unexpected{type.error()};
  const auto tif = time_in_force_of(order.time_in_force);
  if (!tif) return tl::unexpected{tif.error()};
  if (!order.qty) return unsupported("orders by notional");
  if (order.target_strategy) return unsupported("target_strategy");
  OrderPayload out;
  out.client_order_id = placed.order_id.str();
  out.symbol = order.symbol.str();
  out.side = *side;
  out.type = *type;
  out.qty = order.qty->to_string();
  if (order.limit_price) out.limit_price = order.limit_price->to_string();
  out.time_in_force = *tif;
  return out;
}

Result<BrokerEvent> to_event(const OrderUpdate& update, const BrokerName& broker) {
  const auto report = report_of(update.event);
  if (!report)
    return invalid("event", "the venue said \"" + update.event.substr(0, 32) + "\", which is not known here");
  BrokerEvent out;
  out.broker = broker;
  out.order_id = OrderId{update.client_order_id};
  if (!update.id.empty()) out.broker_order_id = BrokerOrderId{update.id};
  out.report = *report;
  out.reason = update.reason;
  out.ts = from_unix_ns(update.t);
  if (*report != BrokerReport::fill) return out;
  Fill fill;
  fill.exec_id = ExecId{update.execution_id};
  if (fill.exec_id.empty())
    return invalid("execution_id", "a fill without an execution_id can't be told from its repeat");
  const auto qty = Quantity::parse(update.qty);
  if (!qty) return invalid("qty", qty.error().message);
  const auto price = Price::parse(update.price);
  if (!price) return invalid("price", price.error().message);
  fill.qty = *qty;
  fill.price = *price;
  fill.ts = out.ts;
  out.fill = fill;
  return out;
}

}  // namespace tradebus::_template::broker
