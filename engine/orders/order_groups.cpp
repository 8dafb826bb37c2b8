// The order book's orders that hang together: brackets (an entry and its exits) and OCO groups (what fills one takes
// that much off the others). All of it is done again from the orders themselves after a restart: nothing rests on a
// message that may be lost.
#include <algorithm>

#include "engine/orders/order_book.hpp"
#include "engine/orders/order_checks.hpp"
#include "engine/orders/order_terms.hpp"

namespace tradebus {

namespace {

constexpr std::size_t group_orders_max = 64;

}  // namespace

Result<void> OrderBook::check_group(const PlaceOrder& command, const BrokerRoute& route) const {
  if (command.order.oco) {
    const auto it = groups_.find(command.client.str() + '\n' + *command.order.oco);
    if (it != groups_.end() && !it->second.empty()) {
      const Order& other = it->second.front()->order;
      if (other.broker != route.broker || other.account != route.account)
        return invalid("oco", "oco group \"" + *command.order.oco + "\" is with broker " + other.broker.str() +
                                  ", account " + other.account.str() + "; a group has one of each");
      if (it->second.size() >= group_orders_max)
        return invalid("oco", "an oco group has at most " + std::to_string(group_orders_max) + " orders");
    }
  }
  for (const auto& exit : exits_of(command.order, *route.can)) {
    if (by_client_.contains(ClientKey{command.client, exit.client_order_id}) ||
        is_forgotten(command.client, exit.client_order_id))
      return invalid("client_order_id", "the exit's id " + exit.client_order_id.str() + " is in use");
    if (auto ok = check_capabilities(exit, {}, false, *route.can, route.broker); !ok) {
      ok.error().message = "bracket: " + ok.error().message;
      return ok;
    }
  }
  return {};
}

void OrderBook::join_group(Entry& entry, std::string key) {
  entry.group = std::move(key);
  groups_[entry.group].push_back(&entry);
}

void OrderBook::leave_group(Entry& entry) {
  if (entry.group.empty()) return;
  const auto it = groups_.find(entry.group);
  std::erase(it->second, &entry);
  if (it->second.empty()) groups_.erase(it);
  entry.group.clear();
}

void OrderBook::take_from_others(Entry& entry, Timestamp ts, Effects& out) {
  const auto members = groups_[entry.group];  // a copy: orders may close on the way
  for (Entry* other : members)
    if (other != &entry) take(*other, ts, out);
}

// What the others of its group got, and was not yet taken off this one.
void OrderBook::take(Entry& entry, Timestamp ts, Effects& out) {
  if (entry.group.empty() || !entry.is_open || entry.grouped_at_broker) return;
  Int128 needed = 0;
  for (const Entry* other : groups_[entry.group])
    if (other != &entry) needed += other->order.filled_qty.raw();
  const Int128 more = needed - entry.oco_taken.raw();
  if (more <= 0) return;
  Order& order = entry.order;
  if (order.status == OrderStatus::pending_replace && entry.replacing) return;  // taken once that is answered
  entry.oco_taken = Quantity::from_raw(needed);
  const Quantity rest = Quantity::from_raw(order.qty.raw() - more);
  if (rest <= order.filled_qty) {
    if (entry.is_held())
      cancel_here(entry, "another order of its group was filled", ts, out);
    else if (order.status != OrderStatus::pending_cancel)
      ask_cancel(entry, ts, out);
    return;
  }
  if (entry.is_held()) {
    order.qty = rest;
    set_status(entry, order.status);
    announce(entry, OrderEventType::replaced, ts, out);
    return;
  }
  const bool works = order.status == OrderStatus::new_ || order.status == OrderStatus::partially_filled;
  if (works && entry.can_replace) {
    entry.replacing = std::make_unique<ReplaceBrokerOrder>(ReplaceBrokerOrder{order.order_id, rest, {}, {}, {}});
    set_status(entry, OrderStatus::pending_replace);
    announce(entry, OrderEventType::pending_replace, ts, out);
    out.emplace_back(SendReplace{order.broker, *entry.replacing});
  } else if (order.status != OrderStatus::pending_cancel) {
    ask_cancel(entry, ts, out);  // too much would be worse than too little
  }
}

// The entry is closed: its exits protect what it got.
void OrderBook::release_exits(Entry& entry, Timestamp ts, Effects& out) {
  const Quantity filled = entry.order.filled_qty;
  const auto exits = entry.exits;
  for (const OrderId& id : exits) {
    Entry* const exit = known(id);
    if (exit == nullptr || !exit->is_open) continue;
    if (!exit->is_held()) {
      if (filled.raw() > exit->order.qty.raw() + exit->oco_taken.raw())
        out.emplace_back(Anomaly{id, "its entry was filled by " + filled.to_string() + " after it was sent for " +
                                         exit->order.qty.to_string() + "; protect the rest by hand"});
      continue;
    }
    if (filled.is_zero())
      cancel_here(*exit, "its entry is " + std::string{to_string(entry.order.status)} + ", and got nothing", ts, out);
    else
      release(*exit, filled, ts, out);
  }
}

void OrderBook::release(Entry& exit, Quantity qty, Timestamp ts, Effects& out) {
  Order& order = exit.order;
  order.qty = std::min(order.qty, qty);
  order.held.reset();
  exit.sent = true;
  set_status(exit, OrderStatus::pending_new);
  announce(exit, OrderEventType::pending_new, ts, out);
  send(exit, out);
}

// Of an order that no broker has.
void OrderBook::cancel_here(Entry& entry, const std::string& reason, Timestamp ts, Effects& out) {
  entry.order.reason = reason;
  entry.cancel_asked = false;
  entry.order.held.reset();
  set_status(entry, OrderStatus::canceled);
  announce(entry, OrderEventType::canceled, ts, out);
  close_out(entry, ts, out);
}

void OrderBook::ask_cancel(Entry& entry, Timestamp ts, Effects& out) {
  Order& order = entry.order;
  const auto next = next_status(order.status, OrderInput::cancel_sent, !order.filled_qty.is_zero());
  if (!next) return;
  entry.cancel_asked = true;
  if (*next != order.status) {
    set_status(entry, *next);
    announce(entry, OrderEventType::pending_cancel, ts, out);
  }
  out.emplace_back(SendCancel{order.broker, {order.order_id}});
}

}  // namespace tradebus
