#include "actors/brokers/ibkr/words.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "actors/brokers/ibkr/contracts.hpp"

namespace tradebus::ibkr {

namespace {

tl::unexpected<Error> unsupported(const std::string& what) {
  return fail(Errc::broker_unsupported, "broker ibkr has no " + what);
}
tl::unexpected<Error> incomplete(const std::string& what) {
  return fail(Errc::broker_rejected, "nothing was sent: the order has no " + what);
}

const char* action_of(Side side) { return side == Side::buy || side == Side::buy_to_cover ? "BUY" : "SELL"; }

Result<void> set_trail(const TradeOrder& order, wire::Order& out) {
  out.aux_price = order.trail_amount;
  if (order.trail_amount) return {};
  if (!order.trail_percent) return incomplete("trail_amount or trail_percent");
  const auto percent = wire::Ratio::from_double(*order.trail_percent);
  if (!percent) return fail(Errc::broker_rejected, "trail_percent: " + percent.error().message);
  out.trailing_percent = *percent;
  return {};
}

// At the close an order is of a type of its own; at the opening it has a time in force.
Result<void> set_type(const TradeOrder& order, wire::Order& out) {
  const bool is_close = order.time_in_force == TimeInForce::cls;
  if (is_close && order.order_type != OrderType::market && order.order_type != OrderType::limit)
    return unsupported("order_type " + std::string{to_string(order.order_type)} + " at the close");
  switch (order.order_type) {
    case OrderType::market:
      out.order_type = is_close ? "MOC" : "MKT";
      return {};
    case OrderType::limit:
      if (!order.limit_price) return incomplete("limit_price");
      out.order_type = is_close ? "LOC" : "LMT";
      out.limit_price = order.limit_price;
      return {};
    case OrderType::stop:
      if (!order.stop_price) return incomplete("stop_price");
      out.order_type = "STP";
      out.aux_price = order.stop_price;
      return {};
    case OrderType::stop_limit:
      if (!order.stop_price || !order.limit_price) return incomplete("stop_price or limit_price");
      out.order_type = "STP LMT";
      out.aux_price = order.stop_price;
      out.limit_price = order.limit_price;
      return {};
    case OrderType::trailing_stop:
      out.order_type = "TRAIL";
      return set_trail(order, out);
    case OrderType::market_if_touched:
      if (!order.stop_price) return incomplete("stop_price");
      out.order_type = "MIT";
      out.aux_price = order.stop_price;
      return {};
    case OrderType::limit_if_touched:
      if (!order.stop_price || !order.limit_price) return incomplete("stop_price or limit_price");
      out.order_type = "LIT";
      out.aux_price = order.stop_price;
      out.limit_price = order.limit_price;
      return {};
    case OrderType::market_to_limit:
      out.order_type = "MTL";
      return {};
    case OrderType::trailing_stop_limit:
      if (!order.limit_offset) return incomplete("limit_offset");
      out.order_type = "TRAIL LIMIT";
      out.limit_price_offset = order.limit_offset;
      return set_trail(order, out);
  }
  return unsupported("order_type " + std::string{to_string(order.order_type)});
}

// ---- strategies ----------------------------------------------------------------------------------------------------

using PriceField = std::optional<Price> wire::Order::*;

// A price that a type of the venue's own takes, which we have as a strategy's parameter.
struct PegParameter {
  std::string_view name;
  PriceField field = nullptr;
};
// Types of the venue's own, over market, or over limit with its price as the worst one.
struct Peg {
  std::string_view type;
  std::array<PegParameter, 3> parameters;
};
constexpr PegParameter peg_offset{"offset", &wire::Order::aux_price};
constexpr std::array<Peg, 3> pegs{{{"MIDPRICE", {}},
                                   {"REL", {peg_offset}},
                                   {"PEG MID",
                                    {peg_offset,
                                     {"mid_offset_at_whole", &wire::Order::mid_offset_at_whole},
                                     {"mid_offset_at_half", &wire::Order::mid_offset_at_half}}}}};

const Peg* peg_of(std::string_view type) {
  const auto found = std::ranges::find(pegs, type, &Peg::type);
  return found == pegs.end() ? nullptr : &*found;
}

tl::unexpected<Error> unknown_parameter(const Peg& peg, const std::string& name) {
  std::string known;
  for (const auto& each : peg.parameters)
    if (each.field != nullptr) known.append(known.empty() ? "" : ", ").append(each.name);
  return fail(Errc::broker_rejected, "nothing was sent: strategy " + std::string{peg.type} + " has no parameter \"" +
                                         name + "\"; " + (known.empty() ? "it has none" : "it has " + known));
}

Result<void> set_peg(const Peg& peg, const TradeOrder& order, wire::Order& out) {
  if (out.order_type != "MKT" && out.order_type != "LMT")
    return unsupported("strategy " + std::string{peg.type} +
                       " over anything but market and limit orders, or at the close");
  out.order_type = peg.type;
  if (!order.strategy_parameters) return {};
  for (const auto& [name, text] : *order.strategy_parameters) {
    const auto found = std::ranges::find(peg.parameters, name, &PegParameter::name);
    if (found == peg.parameters.end() || found->field == nullptr) return unknown_parameter(peg, name);
    const auto price = Price::parse(text);
    if (!price)
      return fail(Errc::broker_rejected, "nothing was sent: parameter " + name + ": " + price.error().message);
    out.*(found->field) = *price;
  }
  return {};
}

// What is no type of the venue's own is an algo: which ones there are, and what they take, only the venue knows.
Result<void> set_strategy(const TradeOrder& order, wire::Order& out) {
  if (!order.target_strategy) return {};
  if (const Peg* peg = peg_of(*order.target_strategy)) return set_peg(*peg, order, out);
  out.algo_strategy = *order.target_strategy;
  if (order.strategy_parameters)
    for (const auto& [name, text] : *order.strategy_parameters) out.algo_params.push_back({name, text});
  return {};
}

// As an order's echo has it; a type that we have no word for is told by its name.
void tell_strategy(const wire::Order& order, bool is_our_type, TradeOrder& out) {
  StrategyParameters parameters;
  if (!order.algo_strategy.empty()) {
    out.target_strategy = order.algo_strategy;
    for (const auto& [name, text] : order.algo_params) parameters.insert_or_assign(name, text);
  } else if (!is_our_type && !order.order_type.empty()) {
    out.target_strategy = order.order_type;
    if (const Peg* peg = peg_of(order.order_type))
      for (const auto& [name, field] : peg->parameters)
        if (field != nullptr && order.*field && !(order.*field)->is_zero())
          parameters.emplace(name, (order.*field)->to_string());
  }
  if (!parameters.empty()) out.strategy_parameters = std::move(parameters);
}

// ---- times in force ------------------------------------------------------------------------------------------------

Result<std::string> tif_of(TimeInForce tif) {
  switch (tif) {
    case TimeInForce::day:
    case TimeInForce::cls:
      return "DAY";
    case TimeInForce::gtc:
      return "GTC";
    case TimeInForce::ioc:
      return "IOC";
    case TimeInForce::fok:
      return "FOK";
    case TimeInForce::opg:
      return "OPG";
    case TimeInForce::gtd:
      return "GTD";
  }
  return unsupported("time_in_force " + std::string{to_string(tif)});
}

}  // namespace

Result<wire::Order> to_wire_order(const TradeOrder& order, const OrderId& id, const AccountId& account) {
  wire::Order out;
  if (!order.qty) return unsupported("orders by notional");
  if (auto ok = set_type(order, out); !ok) return tl::unexpected{ok.error()};
  if (auto ok = set_strategy(order, out); !ok) return tl::unexpected{ok.error()};
  auto tif = tif_of(order.time_in_force);
  if (!tif) return tl::unexpected{tif.error()};
  out.time_in_force = std::move(*tif);
  if (order.time_in_force == TimeInForce::gtd) {
    if (!order.expires_at) return incomplete("expires_at");
    out.good_till_date = wire::to_venue_time(*order.expires_at);
  }
  out.action = action_of(order.side);
  out.total_quantity = *order.qty;
  out.account = account.str();
  out.order_ref = id.str();
  out.outside_rth = order.extended_hours.value_or(false);
  return out;
}

bool has_stop(const wire::Order& order) {
  const auto& type = order.order_type;
  return type == "STP" || type == "STP LMT" || type == "MIT" || type == "LIT";
}

bool has_trail(const wire::Order& order) { return order.order_type == "TRAIL" || order.order_type == "TRAIL LIMIT"; }

Result<wire::Order> changed(const wire::Order& order, const ReplaceBrokerOrder& change) {
  wire::Order out = order;
  if (change.qty) out.total_quantity = *change.qty;
  if (change.limit_price) {
    if (!out.limit_price) return unsupported("change of a " + out.order_type + " order into one with a limit");
    out.limit_price = change.limit_price;
  }
  if (change.stop_price) {
    if (!has_stop(out)) return unsupported("change of a " + out.order_type + " order into one with a stop");
    out.aux_price = change.stop_price;
  }
  if (change.time_in_force) {
    if (*change.time_in_force == TimeInForce::gtd || *change.time_in_force == TimeInForce::cls)
      return unsupported("change of an order's time in force to gtd or cls");
    auto tif = tif_of(*change.time_in_force);
    if (!tif) return tl::unexpected{tif.error()};
    out.time_in_force = std::move(*tif);
  }
  return out;
}

void take_terms(wire::Order& order, const wire::Order& echo) {
  if (echo.total_quantity.is_positive()) order.total_quantity = echo.total_quantity;
  if (order.limit_price && echo.limit_price) order.limit_price = echo.limit_price;
  if (order.aux_price && echo.aux_price) order.aux_price = echo.aux_price;
  if (order.limit_price_offset && echo.limit_price_offset) order.limit_price_offset = echo.limit_price_offset;
  if (echo.time_in_force.empty()) return;
  order.time_in_force = echo.time_in_force;
  order.good_till_date = echo.good_till_date;
}

bool has_expired(const wire::Contract& contract, const wire::Order& order, const std::string& reason,
                 const Calendars& calendars, wire::TimeReader& times, Timestamp now) {
  // The end of the day is 202 with nothing behind "reason:"; a group's cancel names the group.
  if (!reason.empty() && !(reason.starts_with("202 ") && reason.find_last_not_of(' ') == reason.rfind(':')))
    return false;
  if (order.time_in_force == "GTD") {
    const auto end = times.read(order.good_till_date);
    return end && *end <= now;
  }
  if (order.time_in_force != "DAY") return false;
  const auto symbol = to_symbol(contract);
  const auto instrument = symbol ? Instrument::parse(symbol->str()) : Result<Instrument>{fail(Errc::internal, "")};
  if (!instrument) return false;
  const auto& calendar = calendars.of(*instrument);
  if (calendar.is_open(now)) return false;
  const auto session = calendar.session_of(now);
  if (!session) return true;
  if (now < session->close) return false;  // before its opening
  return !order.outside_rth || session->post.empty() || now >= session->post.end;
}

TradeOrder to_trade_order(const wire::Contract& contract, const wire::Order& order, wire::TimeReader& times) {
  TradeOrder out;
  out.symbol = to_symbol(contract).value_or(Symbol{});
  out.side = order.action == "BUY" ? Side::buy : Side::sell;
  out.qty = order.total_quantity;
  if (!order.account.empty()) out.account = AccountId{order.account};
  const auto& type = order.order_type;
  // Fields that a type doesn't use are echoed too, with anything in them.
  const auto tell_trail = [&] {
    if (order.trailing_percent && order.trailing_percent->is_positive())
      out.trail_percent = order.trailing_percent->to_double();
    else
      out.trail_amount = order.aux_price;
  };
  bool is_our_type = true;
  if (type == "MKT" || type == "MOC") {
    out.order_type = OrderType::market;
  } else if (type == "MTL") {
    out.order_type = OrderType::market_to_limit;
  } else if (type == "MIT") {
    out.order_type = OrderType::market_if_touched;
    out.stop_price = order.aux_price;
  } else if (type == "LIT") {
    out.order_type = OrderType::limit_if_touched;
    out.stop_price = order.aux_price;
    out.limit_price = order.limit_price;
  } else if (type == "STP") {
    out.order_type = OrderType::stop;
    out.stop_price = order.aux_price;
  } else if (type == "STP LMT") {
    out.order_type = OrderType::stop_limit;
    out.stop_price = order.aux_price;
    out.limit_price = order.limit_price;
  } else if (type == "TRAIL") {
    out.order_type = OrderType::trailing_stop;
    tell_trail();
  } else if (type == "TRAIL LIMIT") {
    out.order_type = OrderType::trailing_stop_limit;
    out.limit_offset = order.limit_price_offset;
    tell_trail();
  } else {
    is_our_type = type == "LMT" || type == "LOC";
    if (is_our_type || (order.limit_price && !order.limit_price->is_zero())) {
      out.order_type = OrderType::limit;
      out.limit_price = order.limit_price.value_or(Price{});  // 0 too: a combo may cost nothing
    }
  }
  tell_strategy(order, is_our_type, out);
  if (type == "MOC" || type == "LOC") {
    out.time_in_force = TimeInForce::cls;
  } else if (order.time_in_force == "GTC") {
    out.time_in_force = TimeInForce::gtc;
  } else if (order.time_in_force == "IOC") {
    out.time_in_force = TimeInForce::ioc;
  } else if (order.time_in_force == "FOK") {
    out.time_in_force = TimeInForce::fok;
  } else if (order.time_in_force == "OPG") {
    out.time_in_force = TimeInForce::opg;
  } else if (order.time_in_force == "GTD") {
    out.time_in_force = TimeInForce::gtd;
    if (const auto end = times.read(order.good_till_date)) out.expires_at = *end;
  }
  if (order.outside_rth) out.extended_hours = true;
  return out;
}

OrderStatus to_status(wire::VenueStatus status, bool has_fills) {
  using enum wire::VenueStatus;
  switch (status) {
    case api_pending:
    case pending_submit:
      return OrderStatus::pending_new;
    case pre_submitted:
    case submitted:
    case unknown:
      return has_fills ? OrderStatus::partially_filled : OrderStatus::new_;
    case pending_cancel:
      return OrderStatus::pending_cancel;
    case api_cancelled:
    case cancelled:
      return OrderStatus::canceled;
    case filled:
      return OrderStatus::filled;
    case inactive:
      return has_fills ? OrderStatus::canceled : OrderStatus::rejected;
  }
  return OrderStatus::new_;
}

BrokerCapabilities capabilities() {
  BrokerCapabilities out;
  out.order_types = {OrderType::market,           OrderType::limit,           OrderType::stop,
                     OrderType::stop_limit,       OrderType::trailing_stop,   OrderType::market_if_touched,
                     OrderType::limit_if_touched, OrderType::market_to_limit, OrderType::trailing_stop_limit};
  out.times_in_force = {TimeInForce::day, TimeInForce::gtc, TimeInForce::ioc, TimeInForce::fok,
                        TimeInForce::opg, TimeInForce::cls, TimeInForce::gtd};
  out.stock_orders = out.option_orders = out.multi_leg = out.replace = true;
  out.extended_hours = out.short_selling = out.option_chain = true;
  out.oco = out.preview = out.strategies = true;
  return out;
}

}  // namespace tradebus::ibkr
