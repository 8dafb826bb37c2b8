#include "engine/orders/order_ops.hpp"

#include "bus/wire/flat.hpp"
#include "bus/wire/order_command.hpp"
#include "bus/wire/pack.hpp"
#include "bus/wire/unpack.hpp"

namespace tradebus {

namespace {

using wire::unpack_key;

Result<wire::Document> arguments(const ClientRequest& request) {
  static constexpr std::string_view none{"\x80", 1};
  return wire::Document::parse(request.args.empty() ? none : std::string_view{request.args});
}

// order_id or client_order_id names an order.
template <class Request>
Result<void> name_order(const msgpack::object& args, Request& out) {
  auto ok = unpack_key(args, "order_id", false, out.order_id);
  if (ok) ok = unpack_key(args, "client_order_id", false, out.client_order_id);
  if (ok && !out.order_id && !out.client_order_id) ok = invalid("order_id", "order_id or client_order_id is missing");
  return ok;
}

// What the protocol knows and this version does not do yet is refused by name, never left out in silence.
Result<void> refuse_unsupported(const msgpack::object& args) {
  for (const std::string_view key : {"bracket", "oco"})
    if (const auto* value = wire::find(args, key); value != nullptr && !value->is_nil())
      return tl::unexpected{Error{Errc::broker_unsupported,
                                  std::string{key} + " orders are not offered by this version", std::string{key}}};
  return {};
}

Result<void> check_limit(std::uint32_t limit) {
  if (limit > 0 && limit <= orders_limit_max) return {};
  return invalid("limit", "limit: 1 to " + std::to_string(orders_limit_max));
}

Result<void> read(const msgpack::object& args, PlaceOrder& out) {
  auto ok = wire::unpack_fields(args, out.order, {"client_order_id", "symbol", "side", "order_type"});
  if (ok) ok = unpack_key(args, "legs", false, out.legs);
  if (ok) ok = refuse_unsupported(args);
  return ok;
}
Result<void> read(const msgpack::object& args, ReplaceOrder& out) {
  auto ok = name_order(args, out);
  if (ok) ok = unpack_key(args, "qty", false, out.qty);
  if (ok) ok = unpack_key(args, "limit_price", false, out.limit_price);
  if (ok) ok = unpack_key(args, "stop_price", false, out.stop_price);
  if (ok) ok = unpack_key(args, "time_in_force", false, out.time_in_force);
  return ok;
}
Result<void> read(const msgpack::object& args, CancelOrder& out) { return name_order(args, out); }
Result<void> read(const msgpack::object& args, CancelAll& out) {
  auto ok = unpack_key(args, "broker", false, out.broker);
  if (ok) ok = unpack_key(args, "account", false, out.account);
  if (ok) ok = unpack_key(args, "symbol", false, out.symbol);
  return ok;
}
Result<void> read(const msgpack::object& args, GetOrder& out) { return name_order(args, out); }
Result<void> read(const msgpack::object& args, GetOrders& out) {
  auto ok = unpack_key(args, "status", false, out.status);
  if (ok) ok = unpack_key(args, "since", false, out.since);
  if (ok) ok = unpack_key(args, "account", false, out.account);
  if (ok) ok = unpack_key(args, "symbol", false, out.symbol);
  if (ok) ok = unpack_key(args, "client", false, out.client);
  if (ok) ok = unpack_key(args, "limit", false, out.limit);
  return ok ? check_limit(out.limit) : ok;
}
template <class Query>
requires(std::is_same_v<Query, GetPositions> ||
         std::is_same_v<Query, GetAccountSummary>) Result<void> read(const msgpack::object& args, Query& out) {
  auto ok = unpack_key(args, "broker", false, out.broker);
  if (ok) ok = unpack_key(args, "account", false, out.account);
  return ok;
}
Result<void> read(const msgpack::object& args, GetOrderEvents& out) {
  auto ok = unpack_key(args, "after", true, out.after);
  if (ok) ok = unpack_key(args, "account", false, out.account);
  if (ok) ok = unpack_key(args, "limit", false, out.limit);
  return ok ? check_limit(out.limit) : ok;
}

// A request's arguments, by way of a msgpack object.
template <class Command>
Result<Command> decoded(const ClientRequest& request) {
  auto document = arguments(request);
  if (!document) return tl::unexpected{document.error()};
  Command out;
  if (auto ok = read(document->root(), out); !ok) return tl::unexpected{ok.error()};
  return out;
}

// The same of a command or query that says who asks.
template <class Command>
Result<Command> decoded_for_client(const ClientRequest& request) {
  auto out = decoded<Command>(request);
  if (out) out->client = ClientName{request.client};
  return out;
}

std::string packed(const Order* order) { return wire::flat::packed(*order); }
std::string packed(const OrderBook::Placed& placed) {
  if (!placed.duplicate) return packed(placed.order);
  Order first = *placed.order;
  first.duplicate = true;
  return packed(&first);
}
template <Described T>
std::string packed(const T& answer) {
  return wire::packed(answer);
}

}  // namespace

void OrderManagerState::answer(const ClientRequests& batch) {
  for (const auto& request : batch.requests) {
    if (const auto* op = find_order_op(request.op))
      (this->*op->answer)(request);
    else
      reply(request, Result<CanceledCount>{fail(Errc::request_unknown_op, "no op of orders: \"" + request.op + "\"")});
  }
  settle();
}

// Encoded at once, as things are now; it leaves with settle().
template <class T>
void OrderManagerState::reply(const ClientRequest& to, const Result<T>& answer) {
  auto& out = replies_.emplace_back();
  out.token = to.token;
  if (answer)
    out.result = packed(*answer);
  else
    out.error = answer.error();
}

void OrderManagerState::answer_place_order(const ClientRequest& request) {
  PlaceOrder command;
  command.client = ClientName{request.client};
  if (wire::read_order(request.args, command.order)) return reply(request, place(command));
  const auto again = decoded_for_client<PlaceOrder>(request);
  reply(request, again ? place(*again) : tl::unexpected{again.error()});
}

void OrderManagerState::answer_replace_order(const ClientRequest& request) {
  reply(request, decoded_for_client<ReplaceOrder>(request).and_then([this](const auto& c) { return replace(c); }));
}

void OrderManagerState::answer_cancel_order(const ClientRequest& request) {
  reply(request, decoded_for_client<CancelOrder>(request).and_then([this](const auto& c) { return cancel(c); }));
}

void OrderManagerState::answer_cancel_all(const ClientRequest& request) {
  reply(request, decoded<CancelAll>(request).map([this](const auto& c) { return cancel_all(c); }));
}

void OrderManagerState::answer_get_order(const ClientRequest& request) {
  reply(request, decoded_for_client<GetOrder>(request).and_then([this](const auto& q) { return order(q); }));
}

void OrderManagerState::answer_get_orders(const ClientRequest& request) {
  reply(request, decoded<GetOrders>(request).map([this](const auto& q) { return Orders{book_->list(q)}; }));
}

void OrderManagerState::answer_get_positions(const ClientRequest& request) {
  reply(request, decoded<GetPositions>(request).and_then([this](const auto& q) { return positions(q); }));
}

void OrderManagerState::answer_get_account_summary(const ClientRequest& request) {
  reply(request, decoded<GetAccountSummary>(request).and_then([this](const auto& q) { return account(q); }));
}

void OrderManagerState::answer_get_events(const ClientRequest& request) {
  reply(request, decoded<GetOrderEvents>(request).map([this](const auto& q) { return events(q); }));
}

}  // namespace tradebus
