#include "engine/orders/order_book.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/orders/fingerprint.hpp"
#include "engine/orders/order_checks.hpp"
#include "engine/orders/order_terms.hpp"
#include "engine/risk/order_symbols.hpp"

namespace tradebus {

namespace {

// An option's symbol is longer than its date, right and strike: what is shorter need not be read.
bool may_be_option(const Symbol& symbol) { return symbol.str().size() > 15; }

tl::unexpected<Error> not_open(const Order& order) {
  return fail(Errc::order_not_open, "order " + order.order_id.str() + " is " + std::string{to_string(order.status)});
}
tl::unexpected<Error> placed_elsewhere(const Order& order) {
  return fail(Errc::broker_unsupported, "order " + order.order_id.str() + " was placed elsewhere, with broker " +
                                            order.broker.str() + "; change it where it was placed");
}
tl::unexpected<Error> other_content(const ClientOrderId& id, const Order& first) {
  return fail(Errc::order_duplicate_id, "client_order_id \"" + id.str() + "\" names another order of this client (" +
                                            first.order_id.str() + "); take a new id for a new order");
}

Result<void> check_replace(const ReplaceOrder& r, const Order& order) {
  if (!r.qty && !r.limit_price && !r.stop_price && !r.time_in_force)
    return invalid("qty", "a replace changes at least one of qty, limit_price, stop_price, time_in_force");
  if (r.qty && !r.qty->is_positive()) return invalid("qty", "qty must be above 0, not " + r.qty->to_string());
  if (r.qty && order.notional) return invalid("qty", "an order by notional has no qty to replace");
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
  if (r.time_in_force && (*r.time_in_force == TimeInForce::gtd) != order.expires_at.has_value())
    return invalid("time_in_force", "a replace neither makes an order gtd nor ends it: cancel and place anew");
  return {};
}

}  // namespace

// ---- commands ------------------------------------------------------------------------------------------------------

bool OrderBook::is_forgotten(const ClientName& client, const ClientOrderId& id) const {
  return !id.empty() && forgotten_.size() > 0 && !by_client_.contains(ClientKey{client, id}) &&
         forgotten_.contains(client_key(client, id));
}

bool OrderBook::has_left_memory(const OrderId& id) const {
  const auto number = number_of(id);
  return number != 0 && number <= last_number_ && !orders_.contains(number);  // the journal compares the whole id
}

Result<OrderBook::Placed> OrderBook::place(const PlaceOrder& command, const Result<BrokerRoute>& route,
                                           const RiskContext& context, Timestamp now, Effects& out,
                                           const RecalledOrder* recalled) {
  const auto content = fingerprint(command.order, command.legs);
  const ClientKey key{command.client, command.order.client_order_id};
  if (const auto it = by_client_.find(key); it != by_client_.end()) {
    const Entry& first = **it;
    if (first.fingerprint != content) return other_content(key.id, first.order);
    return Placed{&first.order, true};
  }
  if (recalled != nullptr) {
    if (recalled->fingerprint != content) return other_content(key.id, recalled->order);
    return Placed{&recalled->order, true};
  }
  if (auto ok = check_order(command.order, command.legs); !ok) return tl::unexpected{ok.error()};
  if (command.order.expires_at && *command.order.expires_at <= now)
    return invalid("expires_at", "expires_at " + to_iso8601(*command.order.expires_at) + " is over already");
  if (!route) return tl::unexpected{route.error()};
  auto instrument = Instrument::parse(command.order.symbol.str());
  if (!instrument) return tl::unexpected{instrument.error()};
  const bool as_option = instrument->is_option() || !command.legs.empty();
  if (auto ok = check_capabilities(command.order, command.legs, as_option, *route->can, route->broker); !ok)
    return tl::unexpected{ok.error()};
  if (auto ok = check_group(command, *route); !ok) return tl::unexpected{ok.error()};
  if (open_.size() >= limits_.open_max)
    return fail(Errc::overloaded,
                std::to_string(open_.size()) + " orders are open, which is the limit; cancel some first");

  Entry& entry = add(command, *route, now);
  entry.fingerprint = content;
  if (auto ok = risk_ ? risk_->check(entry.order, context) : Result<void>{}; !ok) {
    entry.order.reason = std::string{to_string(ok.error().code)} + ": " + ok.error().message;
    set_status(entry, OrderStatus::rejected);
    announce(entry, OrderEventType::rejected, now, out);
    close_out(entry, now, out);
    forget_oldest();  // the entry may be gone from here on
    return tl::unexpected{ok.error()};
  }
  entry.sent = true;
  announce(entry, OrderEventType::pending_new, now, out);
  send(entry, out);
  if (command.order.bracket) add_exits(entry, command, *route, now, out);
  return Placed{&entry.order, false};
}

// Short: with a tag of eight characters ids stay within the fifteen that a string holds without an allocation.
OrderId OrderBook::id_of(std::uint64_t number) const {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 36).ptr;
  std::string out = id_prefix_;
  return OrderId{out.append(digits.data(), end)};
}

// The prefix is of the start that placed it, any one. Who looks an order up compares the whole id: the numbers of a
// journal whose end was lost are given out again.
std::uint64_t OrderBook::number_of(const OrderId& id) {
  const std::string_view text = id.str();
  if (!text.starts_with("o-")) return 0;
  const auto digits = text.substr(text.rfind('-') + 1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 36);
  return error == std::errc{} && end == digits.data() + digits.size() ? number : 0;
}

bool OrderBook::is_of_this_journal(const OrderId& id) const {
  const auto prefix = prefix_of(id);
  return number_of(id) != 0 && (prefix == id_prefix_ || earlier_prefixes_.contains(prefix));
}

OrderBook::Entry& OrderBook::add(std::uint64_t number) {
  OrderId id = id_of(number);
  Entry& entry = orders_[number];
  entry.number = number;
  entry.order.order_id = std::move(id);
  return entry;
}

void OrderBook::list_entry(Entry& entry) {
  if (!entry.order.client_order_id.empty()) by_client_.insert(&entry);
  kept_.push_back(entry);
  open_.push_back(entry);
}

OrderBook::Entry& OrderBook::add(const PlaceOrder& command, const BrokerRoute& route, Timestamp now) {
  Entry& entry = add(++last_number_);
  Order& order = entry.order;
  OrderId id = std::move(order.order_id);
  order = order_of(command.order, command.legs);
  order.order_id = std::move(id);
  order.client = command.client;
  order.broker = route.broker;
  order.account = route.account;
  order.created = now;
  order.updated = now;
  entry.client_key = client_key(order.client, order.client_order_id);
  entry.can_replace = route.can->replace;
  list_entry(entry);
  if (order.oco) {
    entry.grouped_at_broker = route.can->oco;
    join_group(entry, command.client.str() + '\n' + *order.oco);
  }
  return entry;
}

// They wait here for the entry, unless the broker itself lets them.
void OrderBook::add_exits(Entry& entry, const PlaceOrder& command, const BrokerRoute& route, Timestamp now,
                          Effects& out) {
  const std::string group = entry.order.order_id.str();
  for (auto& asked : exits_of(command.order, *route.can)) {
    PlaceOrder exit{command.client, std::move(asked), {}};
    Entry& added = add(exit, route, now);
    added.fingerprint = fingerprint(exit.order, {});
    added.entry_number = entry.number;
    added.order.parent_id = entry.order.order_id;
    added.grouped_at_broker = route.can->oco;
    added.sent = route.can->bracket;
    if (!added.sent) added.order.held = true;
    join_group(added, group);
    entry.exits.push_back(added.order.order_id);
    announce(added, OrderEventType::pending_new, now, out);
    if (added.sent) send(added, out, true);
  }
}

void OrderBook::send(const Entry& entry, Effects& out, bool with_parent) const {
  const Order& order = entry.order;
  std::optional<OrderId> parent;
  std::optional<std::string> group;
  if (with_parent) parent = order.parent_id;
  if (entry.grouped_at_broker && !entry.group.empty()) group = entry.group;
  const auto instrument = may_be_option(order.symbol) ? Instrument::parse(order.symbol.str()) : Instrument{};
  if (order.legs || (instrument && instrument->is_option())) {
    OptionOrder option{trade_order_of(order), std::nullopt, order.legs.value_or(std::vector<OrderLeg>{})};
    if (!order.legs) option.contract = *instrument;
    out.emplace_back(
        SendOptionOrder{order.broker, {order.order_id, order.account, std::move(option), parent, std::move(group)}});
  } else {
    out.emplace_back(
        SendStockOrder{order.broker, {order.order_id, order.account, trade_order_of(order), parent, std::move(group)}});
  }
}

Result<const Order*> OrderBook::replace(const OrderId& id, const ReplaceOrder& command,
                                        const Result<BrokerRoute>& route, const RiskContext& context, Timestamp now,
                                        Effects& out) {
  Entry* const found = known(id);
  if (found == nullptr) return fail(Errc::order_not_found, "no order " + id.str());
  Entry& entry = *found;
  Order& order = entry.order;
  if (entry.is_external()) return placed_elsewhere(order);
  if (order.status == OrderStatus::in_doubt)
    return fail(Errc::broker_reconciling, "order " + id.str() + " is in doubt; replace it when it is settled");
  const auto next = next_status(order.status, OrderInput::replace_sent, !order.filled_qty.is_zero());
  if (!next) return not_open(order);
  if (auto ok = check_replace(command, order); !ok) return tl::unexpected{ok.error()};
  if (!route) return tl::unexpected{route.error()};
  const auto& tifs = route->can->times_in_force;
  if (command.time_in_force && std::ranges::find(tifs, *command.time_in_force) == tifs.end())
    return fail(Errc::broker_unsupported, "broker " + order.broker.str() + " does not take time_in_force " +
                                              std::string{to_string(*command.time_in_force)});
  Order changed = order;
  if (command.qty) changed.qty = *command.qty;
  if (command.limit_price) changed.limit_price = command.limit_price;
  if (command.stop_price) changed.stop_price = command.stop_price;
  if (auto ok = risk_ ? risk_->check_replace(order, changed, context) : Result<void>{}; !ok)
    return tl::unexpected{ok.error()};
  const ReplaceBrokerOrder terms{id, command.qty, command.limit_price, command.stop_price, command.time_in_force};
  if (entry.is_held()) {  // nobody else has it
    change_terms(entry, terms);
    set_status(entry, order.status);
    announce(entry, OrderEventType::replaced, now, out);
    return &order;
  }
  if (!route->can->replace)
    return fail(Errc::broker_unsupported,
                "broker " + order.broker.str() + " does not replace orders; cancel and place anew");
  entry.replacing = std::make_unique<ReplaceBrokerOrder>(terms);
  set_status(entry, *next);
  announce(entry, OrderEventType::pending_replace, now, out);
  out.emplace_back(SendReplace{order.broker, *entry.replacing});
  return &order;
}

Result<const Order*> OrderBook::cancel(const OrderId& id, const Result<BrokerRoute>& route, Timestamp now,
                                       Effects& out) {
  Entry* const found = known(id);
  if (found == nullptr) return fail(Errc::order_not_found, "no order " + id.str());
  Entry& entry = *found;
  Order& order = entry.order;
  if (entry.is_external()) return placed_elsewhere(order);
  if (order.status == OrderStatus::pending_cancel) return &order;
  if (entry.copy.is_lost) {  // nobody has it, and nobody shall have another
    entry.copy.is_lost = false;
    order.reason = "it never reached the broker, and was canceled before it was placed again";
    announce(entry, OrderEventType::reconciled, now, out);
    return &order;
  }
  if (!next_status(order.status, OrderInput::cancel_sent, !order.filled_qty.is_zero())) return not_open(order);
  if (entry.is_held()) {
    cancel_here(entry, "canceled before its entry was filled", now, out);
    return &order;  // closed, and kept: the newest one that closed
  }
  if (!route) return tl::unexpected{route.error()};
  ask_cancel(entry, now, out);
  return &order;
}

// ---- look-ups ------------------------------------------------------------------------------------------------------

const Order* OrderBook::find(const OrderId& id) const {
  const auto it = orders_.find(number_of(id));
  return it == orders_.end() || it->second.order.order_id != id ? nullptr : &it->second.order;
}

bool OrderBook::has_exits(const OrderId& id) const {
  const auto it = orders_.find(number_of(id));
  return it != orders_.end() && it->second.order.order_id == id && !it->second.exits.empty();
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
  const auto is_known = [this](const OrderId& id) { return find(id) != nullptr || has_left_memory(id); };
  const auto after = query.after_order && is_known(*query.after_order) ? number_of(*query.after_order) : 0;
  std::vector<Order> out;
  const auto take = [&](const Entry& entry) {
    const Order& order = entry.order;
    if (query.client && order.client != *query.client) return;
    if (query.account && order.account != *query.account) return;
    if (query.symbol && order.symbol != *query.symbol) return;
    if (query.since && order.updated < *query.since) return;
    if (entry.number > after) out.push_back(order);
  };
  const auto gather = [&](const auto& from) {
    if (query.after_order) {
      for (auto it = from.begin(); it != from.end() && out.size() < limit; ++it) take(*it);
      return;
    }
    for (auto it = from.rbegin(); it != from.rend() && out.size() < limit; ++it) take(*it);
    std::ranges::reverse(out);
  };
  if (query.status == OrderFilter::open)
    gather(open_);
  else
    gather(kept_);
  return out;
}

std::vector<OrderId> OrderBook::matching(const CancelAll& command) const {
  std::vector<OrderId> out;
  const auto take = [&](const Entry& entry) {
    const Order& order = entry.order;
    if (!command.client.empty() && order.client != command.client) return;
    if (command.broker && order.broker != *command.broker) return;
    if (command.account && order.account != *command.account) return;
    if (command.symbol &&
        !(command.all_of_symbol ? risk::concerns(order, *command.symbol) : order.symbol == *command.symbol))
      return;
    if (order.status == OrderStatus::pending_cancel || entry.is_external()) return;
    out.push_back(order.order_id);
  };
  for (const auto& entry : open_) take(entry);
  for (const auto number : lost_exits_)
    if (const auto it = orders_.find(number); it != orders_.end() && it->second.copy.is_lost) take(it->second);
  return out;
}

}  // namespace tradebus
