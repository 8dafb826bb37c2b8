#include "engine/orders/order_book.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/orders/fingerprint.hpp"
#include "engine/orders/order_checks.hpp"

namespace tradebus {

namespace {

// Short: with an epoch of eight characters ids stay within the fifteen that a string holds without an allocation.
std::string numbered(const std::string& prefix, std::uint64_t number) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 36).ptr;
  std::string out = prefix;
  return out.append(digits.data(), end);
}

tl::unexpected<Error> not_open(const Order& order) {
  return fail(Errc::order_not_open, "order " + order.order_id.str() + " is " + std::string{to_string(order.status)});
}

Result<void> check_replace(const ReplaceOrder& r, const Order& order) {
  if (!r.qty && !r.limit_price && !r.stop_price && !r.time_in_force)
    return invalid("qty", "a replace changes at least one of qty, limit_price, stop_price, time_in_force");
  if (r.qty && !r.qty->is_positive()) return invalid("qty", "qty must be above 0, not " + r.qty->to_string());
  if (r.qty && *r.qty <= order.filled_qty)
    return invalid("qty", "qty " + r.qty->to_string() + " is not above the " + order.filled_qty.to_string() +
                              " that are filled already; cancel the rest instead");
  if (r.limit_price && !order.limit_price)
    return invalid("limit_price", "a " + std::string{to_string(order.order_type)} + " order has no limit_price");
  if (r.limit_price && !r.limit_price->is_positive())
    return invalid("limit_price", "limit_price must be above 0, not " + r.limit_price->to_string());
  if (r.stop_price && !order.stop_price)
    return invalid("stop_price", "a " + std::string{to_string(order.order_type)} + " order has no stop_price");
  if (r.stop_price && !r.stop_price->is_positive())
    return invalid("stop_price", "stop_price must be above 0, not " + r.stop_price->to_string());
  return {};
}

}  // namespace

// ---- commands ------------------------------------------------------------------------------------------------------

Result<OrderBook::Placed> OrderBook::place(const PlaceOrder& command, const Result<BrokerRoute>& route,
                                           std::optional<Price> last_price, Timestamp now, Effects& out) {
  const auto content = fingerprint(command.order, command.legs);
  const ClientKey key{command.client, command.order.client_order_id};
  if (const auto it = by_client_.find(key); it != by_client_.end()) {
    const Entry& first = **it;
    if (first.fingerprint != content)
      return fail(Errc::order_duplicate_id, "client_order_id \"" + command.order.client_order_id.str() +
                                                "\" names another order of this client (" + first.order.order_id.str() +
                                                "); take a new id for a new order");
    return Placed{&first.order, true};
  }
  if (auto ok = check_order(command.order, command.legs); !ok) return tl::unexpected{ok.error()};
  if (!route) return tl::unexpected{route.error()};
  auto instrument = Instrument::parse(command.order.symbol.str());
  if (!instrument) return tl::unexpected{instrument.error()};
  const bool as_option = instrument->is_option() || !command.legs.empty();
  if (auto ok = check_capabilities(command.order, command.legs, as_option, *route->can, route->broker); !ok)
    return tl::unexpected{ok.error()};
  if (open_.size() >= limits_.open_max)
    return fail(Errc::overloaded,
                std::to_string(open_.size()) + " orders are open, which is the limit; cancel some first");

  Entry& entry = add(command, *route, now);
  entry.fingerprint = content;
  if (auto ok = check_risk(entry.order, risk_, last_price); !ok) {
    entry.order.reason = std::string{to_string(ok.error().code)} + ": " + ok.error().message;
    set_status(entry, OrderStatus::rejected);
    announce(entry, OrderEventType::rejected, now, out);
    close_out(entry);  // the entry may be gone from here on
    return tl::unexpected{ok.error()};
  }
  entry.sent = true;
  announce(entry, OrderEventType::pending_new, now, out);
  if (as_option) {
    OptionOrder option{command.order, std::nullopt, command.legs};
    if (command.legs.empty()) option.contract = std::move(*instrument);
    out.emplace_back(SendOptionOrder{route->broker, {entry.order.order_id, route->account, std::move(option)}});
  } else {
    out.emplace_back(SendStockOrder{route->broker, {entry.order.order_id, route->account, command.order}});
  }
  return Placed{&entry.order, false};
}

OrderBook::Entry& OrderBook::add(const PlaceOrder& command, const BrokerRoute& route, Timestamp now) {
  const auto number = ++last_number_;
  OrderId id{numbered(id_prefix_, number)};
  Entry& entry = orders_[id];
  Order& order = entry.order;
  const TradeOrder& asked = command.order;
  order.order_id = std::move(id);
  order.client_order_id = asked.client_order_id;
  order.client = command.client;
  order.broker = route.broker;
  order.account = route.account;
  order.symbol = asked.symbol;
  order.side = asked.side;
  order.qty = asked.qty.value_or(Quantity{});
  order.order_type = asked.order_type;
  order.limit_price = asked.limit_price;
  order.stop_price = asked.stop_price;
  order.time_in_force = asked.time_in_force;
  order.leaves_qty = order.qty;
  order.created = now;
  order.updated = now;
  order.tag = asked.tag;
  if (!command.legs.empty()) order.legs = command.legs;
  by_client_.insert(&entry);
  kept_.push_back(entry);
  open_.push_back(entry);
  return entry;
}

Result<const Order*> OrderBook::replace(const OrderId& id, const ReplaceOrder& command,
                                        const Result<BrokerRoute>& route, std::optional<Price> last_price,
                                        Timestamp now, Effects& out) {
  const auto it = orders_.find(id);
  if (it == orders_.end()) return fail(Errc::order_not_found, "no order " + id.str());
  Entry& entry = it->second;
  Order& order = entry.order;
  if (order.status == OrderStatus::in_doubt)
    return fail(Errc::broker_reconciling, "order " + id.str() + " is in doubt; replace it when it is settled");
  const auto next = next_status(order.status, OrderInput::replace_sent, !order.filled_qty.is_zero());
  if (!next) return not_open(order);
  if (auto ok = check_replace(command, order); !ok) return tl::unexpected{ok.error()};
  if (!route) return tl::unexpected{route.error()};
  if (!route->can->replace)
    return fail(Errc::broker_unsupported,
                "broker " + order.broker.str() + " does not replace orders; cancel and place anew");
  const auto& tifs = route->can->times_in_force;
  if (command.time_in_force && std::ranges::find(tifs, *command.time_in_force) == tifs.end())
    return fail(Errc::broker_unsupported, "broker " + order.broker.str() + " does not take time_in_force " +
                                              std::string{to_string(*command.time_in_force)});
  Order changed = order;
  if (command.qty) changed.qty = *command.qty;
  if (command.limit_price) changed.limit_price = command.limit_price;
  if (command.stop_price) changed.stop_price = command.stop_price;
  if (auto ok = check_risk(changed, risk_, last_price); !ok) return tl::unexpected{ok.error()};

  entry.replacing = std::make_unique<ReplaceBrokerOrder>(
      ReplaceBrokerOrder{id, command.qty, command.limit_price, command.stop_price, command.time_in_force});
  set_status(entry, *next);
  announce(entry, OrderEventType::pending_replace, now, out);
  out.emplace_back(SendReplace{order.broker, *entry.replacing});
  return &order;
}

Result<const Order*> OrderBook::cancel(const OrderId& id, const Result<BrokerRoute>& route, Timestamp now,
                                       Effects& out) {
  const auto it = orders_.find(id);
  if (it == orders_.end()) return fail(Errc::order_not_found, "no order " + id.str());
  Entry& entry = it->second;
  Order& order = entry.order;
  if (order.status == OrderStatus::pending_cancel) return &order;
  const auto next = next_status(order.status, OrderInput::cancel_sent, !order.filled_qty.is_zero());
  if (!next) return not_open(order);
  if (!route) return tl::unexpected{route.error()};
  if (*next != order.status) {
    set_status(entry, *next);
    announce(entry, OrderEventType::pending_cancel, now, out);
  }
  out.emplace_back(SendCancel{order.broker, {id}});
  return &order;
}

// ---- look-ups ------------------------------------------------------------------------------------------------------

const Order* OrderBook::find(const OrderId& id) const {
  const auto it = orders_.find(id);
  return it == orders_.end() ? nullptr : &it->second.order;
}

Result<const Order*> OrderBook::find(const ClientName& client, const std::optional<OrderId>& id,
                                     const std::optional<ClientOrderId>& client_order_id) const {
  if (!id && !client_order_id) return invalid("order_id", "name the order by order_id or client_order_id");
  if (id) {
    if (const Order* order = find(*id)) return order;
    return fail(Errc::order_not_found, "no order " + id->str());
  }
  const auto it = by_client_.find(ClientKey{client, *client_order_id});
  if (it != by_client_.end()) return &(*it)->order;
  return fail(Errc::order_not_found,
              "client \"" + client.str() + "\" has no order with client_order_id \"" + client_order_id->str() + "\"");
}

std::vector<Order> OrderBook::list(const GetOrders& query) const {
  const std::size_t limit = std::min(query.limit, orders_limit_max);
  std::vector<Order> out;
  const auto newest_first = [&](const auto& from) {
    for (auto it = from.rbegin(); it != from.rend() && out.size() < limit; ++it) {
      const Order& order = it->order;
      if (query.client && order.client != *query.client) continue;
      if (query.account && order.account != *query.account) continue;
      if (query.symbol && order.symbol != *query.symbol) continue;
      if (query.since && order.updated < *query.since) continue;
      out.push_back(order);
    }
  };
  if (query.status == OrderFilter::open)
    newest_first(open_);
  else
    newest_first(kept_);
  std::ranges::reverse(out);
  return out;
}

std::vector<OrderId> OrderBook::matching(const CancelAll& command) const {
  std::vector<OrderId> out;
  for (const auto& entry : open_) {
    const Order& order = entry.order;
    if (!command.client.empty() && order.client != command.client) continue;
    if (command.broker && order.broker != *command.broker) continue;
    if (command.account && order.account != *command.account) continue;
    if (command.symbol && order.symbol != *command.symbol) continue;
    if (order.status == OrderStatus::pending_cancel) continue;
    out.push_back(order.order_id);
  }
  return out;
}

}  // namespace tradebus
