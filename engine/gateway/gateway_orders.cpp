// Order commands and questions: to the order manager.
#include "bus/wire/pack.hpp"
#include "engine/gateway/gateway.hpp"

namespace tradebus {

namespace {

using wire::unpack_key;

constexpr auto pack_order = [](const Order& order) { return wire::packed(order); };

// order_id or client_order_id names an order.
template <class Request>
Result<Request> name_order(const GatewayState::Call& call) {
  Request request;
  request.client = call.client;
  auto ok = unpack_key(*call.args, "order_id", false, request.order_id);
  if (ok) ok = unpack_key(*call.args, "client_order_id", false, request.client_order_id);
  if (ok && !request.order_id && !request.client_order_id)
    ok = invalid("order_id", "order_id or client_order_id is missing");
  if (!ok) return tl::unexpected{ok.error()};
  return request;
}

// What the protocol knows and this version does not do yet is refused by name, never left out in silence.
Result<void> refuse_unsupported(const msgpack::object& args) {
  for (const std::string_view key : {"bracket", "oco"})
    if (const auto* value = wire::find(args, key); value != nullptr && !value->is_nil())
      return tl::unexpected{Error{Errc::broker_unsupported,
                                  std::string{key} + " orders are not offered by this version", std::string{key}}};
  return {};
}

}  // namespace

void GatewayState::place_order(const Call& call) {
  PlaceOrder request;
  request.client = call.client;
  auto ok = wire::unpack_fields(*call.args, request.order, {"client_order_id", "symbol", "side", "order_type"});
  if (ok) ok = unpack_key(*call.args, "legs", false, request.legs);
  if (ok) ok = refuse_unsupported(*call.args);
  if (!ok) return fail_with(call.token, ok.error());
  forward<Order>(call.token, peers.orders, std::move(request), Errc::internal, pack_order);
}

void GatewayState::replace_order(const Call& call) {
  auto request = name_order<ReplaceOrder>(call);
  if (!request) return fail_with(call.token, request.error());
  auto ok = unpack_key(*call.args, "qty", false, request->qty);
  if (ok) ok = unpack_key(*call.args, "limit_price", false, request->limit_price);
  if (ok) ok = unpack_key(*call.args, "stop_price", false, request->stop_price);
  if (ok) ok = unpack_key(*call.args, "time_in_force", false, request->time_in_force);
  if (!ok) return fail_with(call.token, ok.error());
  forward<Order>(call.token, peers.orders, std::move(*request), Errc::internal, pack_order);
}

void GatewayState::cancel_order(const Call& call) {
  auto request = name_order<CancelOrder>(call);
  if (!request) return fail_with(call.token, request.error());
  forward<Order>(call.token, peers.orders, std::move(*request), Errc::internal, pack_order);
}

void GatewayState::cancel_all(const Call& call) {
  CancelAll request;
  auto ok = unpack_key(*call.args, "broker", false, request.broker);
  if (ok) ok = unpack_key(*call.args, "account", false, request.account);
  if (ok) ok = unpack_key(*call.args, "symbol", false, request.symbol);
  if (!ok) return fail_with(call.token, ok.error());
  forward<CanceledCount>(call.token, peers.orders, std::move(request), Errc::internal,
                         [](const CanceledCount& n) { return wire::packed(n); });
}

void GatewayState::get_order(const Call& call) {
  auto request = name_order<GetOrder>(call);
  if (!request) return fail_with(call.token, request.error());
  forward<Order>(call.token, peers.orders, std::move(*request), Errc::internal, pack_order);
}

void GatewayState::get_orders(const Call& call) {
  GetOrders request;
  request.limit = 1'000;
  auto ok = unpack_key(*call.args, "status", false, request.status);
  if (ok) ok = unpack_key(*call.args, "since", false, request.since);
  if (ok) ok = unpack_key(*call.args, "account", false, request.account);
  if (ok) ok = unpack_key(*call.args, "symbol", false, request.symbol);
  if (ok) ok = unpack_key(*call.args, "client", false, request.client);
  if (ok) ok = unpack_key(*call.args, "limit", false, request.limit);
  if (ok && (request.limit == 0 || request.limit > orders_limit_max))
    ok = invalid("limit", "limit: 1 to " + std::to_string(orders_limit_max));
  if (!ok) return fail_with(call.token, ok.error());
  forward<Orders>(call.token, peers.orders, std::move(request), Errc::internal,
                  [](const Orders& o) { return wire::packed(o); });
}

void GatewayState::get_positions(const Call& call) {
  GetPositions request;
  auto ok = unpack_key(*call.args, "broker", false, request.broker);
  if (ok) ok = unpack_key(*call.args, "account", false, request.account);
  if (!ok) return fail_with(call.token, ok.error());
  forward<Positions>(call.token, peers.orders, std::move(request), Errc::internal,
                     [](const Positions& p) { return wire::packed(p); });
}

void GatewayState::get_account_summary(const Call& call) {
  GetAccountSummary request;
  auto ok = unpack_key(*call.args, "broker", false, request.broker);
  if (ok) ok = unpack_key(*call.args, "account", false, request.account);
  if (!ok) return fail_with(call.token, ok.error());
  forward<AccountSummary>(call.token, peers.orders, std::move(request), Errc::internal,
                          [](const AccountSummary& a) { return wire::packed(a); });
}

void GatewayState::get_events(const Call& call) {
  GetOrderEvents request;
  auto ok = unpack_key(*call.args, "after", true, request.after);
  if (ok) ok = unpack_key(*call.args, "account", false, request.account);
  if (ok) ok = unpack_key(*call.args, "limit", false, request.limit);
  if (ok && (request.limit == 0 || request.limit > orders_limit_max))
    ok = invalid("limit", "limit: 1 to " + std::to_string(orders_limit_max));
  if (!ok) return fail_with(call.token, ok.error());
  forward<OrderEvents>(call.token, peers.orders, std::move(request), Errc::internal,
                       [](const OrderEvents& e) { return wire::packed(e); });
}

}  // namespace tradebus
