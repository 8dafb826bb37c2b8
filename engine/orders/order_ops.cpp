#include "engine/orders/order_ops.hpp"

#include <caf/typed_event_based_actor.hpp>

#include "bus/wire/flat.hpp"
#include "bus/wire/order_command.hpp"
#include "bus/wire/pack.hpp"
#include "bus/wire/unpack.hpp"
#include "engine/orders/order_checks.hpp"

namespace tradebus {

namespace {

using wire::unpack_key;
using namespace std::chrono_literals;

// Until the bridge has told the client itself that there is no answer in time: the disk is slow then.
std::chrono::milliseconds history_deadline(const ClientRequest& request) {
  return request.timeout_ms > 0 ? std::chrono::milliseconds{request.timeout_ms} : 20s;
}

Error from_history(const caf::error& error) {
  if (error == caf::sec::request_timeout)
    return {Errc::request_timeout,
            "the journal's reader does not answer in time: the disk is slow, or the index is being made anew"};
  return from_caf(error, Errc::internal);
}

Result<wire::Document> arguments(const ClientRequest& request) {
  static constexpr std::string_view none{"\x80", 1};
  return wire::Document::parse(request.args.empty() ? none : std::string_view{request.args});
}

// A name that is given is not empty: it would be taken for none, and for all that there are.
template <class Name>
Result<void> unpack_name(const msgpack::object& args, std::string_view key, std::optional<Name>& out) {
  if (auto ok = unpack_key(args, key, false, out); !ok) return ok;
  if (out && out->empty())
    return invalid(std::string{key}, std::string{key} + ": an empty name; leave it out, or fill it");
  return {};
}

// order_id or client_order_id names an order.
template <class Request>
Result<void> name_order(const msgpack::object& args, Request& out) {
  auto ok = unpack_name(args, "order_id", out.order_id);
  if (ok) ok = unpack_name(args, "client_order_id", out.client_order_id);
  if (ok && !out.order_id && !out.client_order_id) ok = invalid("order_id", "order_id or client_order_id is missing");
  return ok;
}

Result<void> check_limit(std::uint32_t limit) {
  if (limit > 0 && limit <= orders_limit_max) return {};
  return invalid("limit", "limit: 1 to " + std::to_string(orders_limit_max));
}

// Nothing is guessed: a leg without a side is no purchase.
Result<void> read_legs(const msgpack::object& args, std::vector<OrderLeg>& out) {
  auto ok = unpack_key(args, "legs", false, out);
  const auto* legs = wire::find(args, "legs");
  for (std::uint32_t i = 0; ok && i < out.size(); ++i)
    for (const auto* key : {"symbol", "side", "ratio"})
      if (const auto* value = wire::find(legs->via.array.ptr[i], key); ok && (value == nullptr || value->is_nil())) {
        const auto path = "legs[" + std::to_string(i) + "]." + key;
        ok = invalid(path, path + " is missing");
      }
  return ok;
}

Result<void> read(const msgpack::object& args, PlaceOrder& out) {
  auto ok = wire::unpack_fields(args, out.order, {"client_order_id", "symbol", "side", "order_type"});
  return ok ? read_legs(args, out.legs) : ok;
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
  auto ok = unpack_name(args, "broker", out.broker);
  if (ok) ok = unpack_name(args, "account", out.account);
  if (ok) ok = unpack_name(args, "symbol", out.symbol);
  return ok;
}
Result<void> read(const msgpack::object& args, GetOrder& out) { return name_order(args, out); }
Result<void> read(const msgpack::object& args, GetOrders& out) {
  auto ok = unpack_key(args, "status", false, out.status);
  if (ok) ok = unpack_key(args, "since", false, out.since);
  if (ok) ok = unpack_name(args, "account", out.account);
  if (ok) ok = unpack_name(args, "symbol", out.symbol);
  if (ok) ok = unpack_name(args, "client", out.client);
  if (ok) ok = unpack_key(args, "limit", false, out.limit);
  if (ok) ok = unpack_key(args, "after_order", false, out.after_order);
  return ok ? check_limit(out.limit) : ok;
}
template <class Query>
requires(std::is_same_v<Query, GetPositions> ||
         std::is_same_v<Query, GetAccountSummary>) Result<void> read(const msgpack::object& args, Query& out) {
  auto ok = unpack_name(args, "broker", out.broker);
  if (ok) ok = unpack_name(args, "account", out.account);
  return ok;
}
Result<void> read(const msgpack::object& args, AcceptPositions& out) {
  auto ok = unpack_name(args, "broker", out.broker);
  if (ok) ok = unpack_name(args, "account", out.account);
  if (ok) ok = unpack_name(args, "symbol", out.symbol);
  return ok;
}
Result<void> read(const msgpack::object& args, KillSwitch& out) { return wire::unpack_fields(args, out, {}); }
Result<void> read(const msgpack::object& args, GetOrderEvents& out) {
  auto ok = unpack_key(args, "after", true, out.after);
  if (ok) ok = unpack_key(args, "until", false, out.until);
  if (ok) ok = unpack_name(args, "account", out.account);
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
  is_lone_ = batch.requests.size() == 1;
  for (const auto& request : batch.requests) {
    const auto* op = find_order_op(request.op);
    if (op == nullptr)
      reply(request, Result<CanceledCount>{fail(Errc::request_unknown_op, "no op of orders: \"" + request.op + "\"")});
    else
      (this->*op->answer)(request);
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
  if (!wire::read_order(request.args, command.order)) {
    auto again = decoded_for_client<PlaceOrder>(request);
    if (!again) return reply(request, Result<OrderBook::Placed>{tl::unexpected{again.error()}});
    command = std::move(*again);
  }
  if (history_ && book_->is_forgotten(command.client, command.order.client_order_id))
    return place_recalled(request, std::move(command));
  const auto placed = place(command);
  // Of several orders all go to the journal together.
  if (is_lone_) record();
  reply(request, placed);
}

// Its id was used by an order that has left memory.
void OrderManagerState::place_recalled(const ClientRequest& request, PlaceOrder command) {
  GetOrder query{command.client, std::nullopt, command.order.client_order_id};
  recall(request, std::move(query), [this, request, command = std::move(command)](const Result<RecalledOrder>& found) {
    if (!found && found.error().code != Errc::order_not_found)
      reply(request, Result<OrderBook::Placed>{tl::unexpected{found.error()}});
    else
      reply(request, place(command, found ? &*found : nullptr));
    settle();
  });
}

void OrderManagerState::recall(const ClientRequest& request, GetOrder query,
                               std::function<void(const Result<RecalledOrder>&)> then) {
  // As an answer: once all that is recorded so far is durable. What has only just left memory is not found before.
  answers_.emplace_back([this, deadline = history_deadline(request), query = std::move(query),
                         then = std::move(then)](const std::optional<Error>&) {
    self_->request(history_, deadline, query)
        .then([then](const RecalledOrder& found) { then(found); },
              [then](const caf::error& error) { then(tl::unexpected{from_history(error)}); });
  });
}

bool OrderManagerState::left_memory(const ClientName& client, const std::optional<OrderId>& id,
                                    const std::optional<ClientOrderId>& client_order_id) const {
  if (!history_) return false;
  if (id) return book_->has_left_memory(*id);
  return client_order_id && book_->is_forgotten(client, *client_order_id);
}

// Packed by the journal's reader; what it tells is durable.
template <class Query>
void OrderManagerState::answer_from_history(const ClientRequest& request, Query query) {
  self_->request(history_, history_deadline(request), std::move(query))
      .then(
          [this, token = request.token](PackedAnswer& answer) {
            BusReply out;
            out.token = token;
            out.result = std::move(answer.bytes);
            replies_.push_back(std::move(out));
            outlet_->reply(replies_);
          },
          [this, token = request.token](const caf::error& error) {
            BusReply out;
            out.token = token;
            out.error = from_history(error);
            replies_.push_back(std::move(out));
            outlet_->reply(replies_);
          });
}

// A closed order that has left memory can't be changed, and is still found.
template <class Command>
void OrderManagerState::answer_of_order(const ClientRequest& request, const Command& command) {
  if (!left_memory(command.client, command.order_id, command.client_order_id)) {
    if constexpr (std::is_same_v<Command, ReplaceOrder>)
      return reply(request, replace(command));
    else if constexpr (std::is_same_v<Command, CancelOrder>)
      return reply(request, cancel(command));
    else if (!refusal_)
      return reply(request, order(command));
    else
      return reply(request, order(command).map([this](const Order* found) { return marked(*found); }));
  }
  GetOrder query{command.client, command.order_id, command.client_order_id};
  recall(request, std::move(query), [this, request](const Result<RecalledOrder>& found) {
    if (!found)
      reply(request, Result<const Order*>{tl::unexpected{found.error()}});
    else if constexpr (std::is_same_v<Command, GetOrder>)
      reply(request, Result<const Order*>{&found->order});
    else
      reply(request, Result<const Order*>{fail(Errc::order_not_open, "order " + found->order.order_id.str() + " is " +
                                                                         std::string{to_string(found->order.status)})});
    settle();
  });
}

// Checked as an order is, but for risk: nothing is recorded, and nothing is sent to the market.
void OrderManagerState::answer_preview_order(const ClientRequest& request) {
  const auto asked_for = [&]() -> Result<void> {
    auto document = arguments(request);
    if (!document) return tl::unexpected{document.error()};
    PlaceOrder command;
    auto ok = wire::unpack_fields(document->root(), command.order, {"symbol", "side", "order_type"});
    if (ok) ok = read_legs(document->root(), command.legs);
    auto& asked = command.order;
    if (asked.client_order_id.empty()) asked.client_order_id = ClientOrderId{"preview"};
    if (ok) ok = check_order(asked, command.legs);
    if (!ok) return tl::unexpected{ok.error()};
    const auto to = route(asked.broker, asked.account);
    if (!to) return tl::unexpected{to.error()};
    const auto instrument = Instrument::parse(asked.symbol.str());
    if (!instrument) return tl::unexpected{instrument.error()};
    const bool is_option = instrument->is_option() || !command.legs.empty();
    ok = check_capabilities(asked, command.legs, is_option, *to->can, to->broker);
    if (ok && !to->can->preview)
      ok = fail(Errc::broker_unsupported, "broker " + to->broker.str() + " does not preview orders");
    if (!ok) return tl::unexpected{ok.error()};
    PreviewBrokerOrder question{to->account, {asked, std::nullopt, command.legs}};
    if (instrument->is_option()) question.order.contract = *instrument;
    self_->request(brokers_[to->broker].actor, caf::infinite, std::move(question))
        .then(
            [this, token = request.token](const OrderPreview& answer) {
              replies_.push_back({token, packed(answer), std::nullopt});
              settle();
            },
            [this, token = request.token](const caf::error& error) {
              replies_.push_back({token, {}, from_caf(error, Errc::broker_unavailable)});
              settle();
            });
    return {};
  }();
  if (!asked_for) reply(request, Result<OrderPreview>{tl::unexpected{asked_for.error()}});
}

void OrderManagerState::answer_replace_order(const ClientRequest& request) {
  const auto command = decoded_for_client<ReplaceOrder>(request);
  if (!command) return reply(request, Result<const Order*>{tl::unexpected{command.error()}});
  answer_of_order(request, *command);
}

void OrderManagerState::answer_cancel_order(const ClientRequest& request) {
  const auto command = decoded_for_client<CancelOrder>(request);
  if (!command) return reply(request, Result<const Order*>{tl::unexpected{command.error()}});
  answer_of_order(request, *command);
}

void OrderManagerState::answer_cancel_all(const ClientRequest& request) {
  reply(request, decoded<CancelAll>(request).and_then([this](const auto& c) { return cancel_all(c); }));
}

void OrderManagerState::answer_get_order(const ClientRequest& request) {
  const auto query = decoded_for_client<GetOrder>(request);
  if (!query) return reply(request, Result<const Order*>{tl::unexpected{query.error()}});
  answer_of_order(request, *query);
}

void OrderManagerState::answer_get_orders(const ClientRequest& request) {
  auto query = decoded<GetOrders>(request);
  if (query && query->after_order && !query->after_order->empty() && !book_->is_own(*query->after_order))
    query =
        invalid("after_order", "after_order: \"" + query->after_order->str().substr(0, 64) +
                                   "\" is no order_id of this daemon; leave it empty to begin with the first order");
  if (query && history_ && query->status == OrderFilter::all && book_->placed_count() > book_->kept_count())
    return answer_from_history(request, std::move(*query));
  reply(request, query.map([this](const auto& q) { return orders(q); }));
}

void OrderManagerState::answer_get_positions(const ClientRequest& request) {
  reply(request, decoded<GetPositions>(request).and_then([this](const auto& q) { return positions(q); }));
}

void OrderManagerState::answer_get_account_summary(const ClientRequest& request) {
  reply(request, decoded<GetAccountSummary>(request).and_then([this](const auto& q) { return account(q); }));
}

void OrderManagerState::answer_get_events(const ClientRequest& request) {
  auto query = decoded<GetOrderEvents>(request);
  if (query && history_ && !events_->reaches(query->after)) {
    query->as_of = journal_->durable_seq();
    return answer_from_history(request, std::move(*query));
  }
  reply(request, query.map([this](const auto& q) { return events(q); }));
}

void OrderManagerState::answer_kill_switch(const ClientRequest& request) {
  reply(request, decoded<KillSwitch>(request).and_then([this](const auto& c) { return kill_switch(c); }));
}

void OrderManagerState::answer_reload_risk(const ClientRequest& request) { reply(request, reload_risk()); }

void OrderManagerState::answer_accept_positions(const ClientRequest& request) {
  reply(request, decoded<AcceptPositions>(request).and_then([this](const auto& c) { return accept_positions(c); }));
}

}  // namespace tradebus
