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
    if (it != groups_.end() && !it->second.members.empty()) {
      const auto& [members, left] = it->second;
      const auto name = "oco group \"" + *command.order.oco + "\"";
      const Order& other = members.front()->order;
      if (other.broker != route.broker || other.account != route.account)
        return invalid("oco", name + " is with broker " + other.broker.str() + ", account " + other.account.str() +
                                  "; a group has one of each");
      // It would work beside what the group was for.
      if (left > 0 || std::ranges::any_of(members, [](const Entry* e) { return e->order.filled_qty.is_positive(); }))
        return invalid("oco", name + " has got fills already: an order that comes later is in a group of another name");
      if (std::ranges::count_if(members, &Entry::is_open) >= static_cast<std::ptrdiff_t>(group_orders_max))
        return invalid("oco", "an oco group has at most " + std::to_string(group_orders_max) + " open orders");
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
  groups_[entry.group].members.push_back(&entry);
}

void OrderBook::leave_group(Entry& entry) {
  if (entry.group.empty()) return;
  const auto it = groups_.find(entry.group);
  auto& [members, left] = it->second;
  std::erase(members, &entry);
  left += entry.order.filled_qty.raw();
  if (std::ranges::none_of(members, &Entry::is_open)) {  // the others are in no group any more
    for (Entry* other : members) other->group.clear();
    members.clear();
  }
  if (members.empty()) groups_.erase(it);
  entry.group.clear();
}

Int128 OrderBook::others_got(const Entry& entry) const {
  const auto& [members, left] = groups_.at(entry.group);
  Int128 out = left;
  for (const Entry* other : members)
    if (other != &entry) out += other->order.filled_qty.raw();
  return out;
}

void OrderBook::take_from_others(Entry& entry, Timestamp ts, Effects& out) {
  const auto members = groups_[entry.group].members;  // a copy: orders may close on the way
  for (Entry* other : members)
    if (other != &entry) take(*other, ts, out);
}

// What the others of its group got, and was not yet taken off this one. It counts as taken when the broker has said so:
// until then each answer, and each reconciliation, comes here again.
void OrderBook::take(Entry& entry, Timestamp ts, Effects& out) {
  if (entry.group.empty() || !entry.is_open || entry.grouped_at_broker || entry.recovered) return;
  const Quantity needed = Quantity::from_raw(others_got(entry));
  if (needed <= entry.oco_taken) return;
  Order& order = entry.order;
  const Quantity rest = Quantity::from_raw(order.qty.raw() - (needed.raw() - entry.oco_taken.raw()));
  const bool nothing_left = rest <= order.filled_qty;
  if (entry.is_held()) {
    entry.oco_taken = needed;
    if (nothing_left) return cancel_here(entry, "another order of its group was filled", ts, out);
    order.qty = rest;
    set_status(entry, order.status);
    return announce(entry, OrderEventType::replaced, ts, out);
  }
  if (order.status == OrderStatus::pending_cancel) return;
  // Too much would be worse than too little.
  if (nothing_left || !entry.can_replace || entry.oco_cancels) {
    if (entry.oco_canceled && *entry.oco_canceled >= needed) return;  // refused already
    entry.oco_canceled = needed;
    return ask_cancel(entry, ts, out);
  }
  const bool works = order.status == OrderStatus::new_ || order.status == OrderStatus::partially_filled;
  if (!works) return;
  entry.oco_taking = needed;
  entry.replacing = std::make_unique<ReplaceBrokerOrder>(ReplaceBrokerOrder{order.order_id, rest, {}, {}, {}});
  set_status(entry, OrderStatus::pending_replace);
  announce(entry, OrderEventType::pending_replace, ts, out);
  out.emplace_back(SendReplace{order.broker, *entry.replacing});
}

// `replaced_with`: the quantity that the broker tells now, of an order that was being replaced; nothing: as it was
// asked.
void OrderBook::took(Entry& entry, const std::optional<Quantity>& replaced_with) {
  const auto taking = std::exchange(entry.oco_taking, std::nullopt);
  if (taking && entry.replacing && (!replaced_with || replaced_with == entry.replacing->qty)) entry.oco_taken = *taking;
}

// The broker refused to replace it.
void OrderBook::not_taken(Entry& entry, Timestamp ts, Effects& out) {
  if (std::exchange(entry.oco_taking, std::nullopt)) entry.oco_cancels = true;
  take(entry, ts, out);
}

// The broker refused to cancel it.
void OrderBook::not_canceled(Entry& entry, Timestamp ts, Effects& out) {
  if (!entry.is_open || entry.group.empty()) return;
  if (entry.oco_canceled && entry.oco_canceled->raw() >= others_got(entry))
    out.emplace_back(
        Anomaly{entry.order.order_id,
                "others of its group were filled, and its broker refuses to cancel it: cancel it by hand"});
  take(entry, ts, out);
}

// Held exits are for as much as their entry, unless their own quantity was changed.
void OrderBook::follow_entry(Entry& entry, Quantity before, Timestamp ts, Effects& out) {
  const Quantity now = entry.order.qty;
  if (now == before) return;
  const auto exits = entry.exits;
  for (const OrderId& id : exits) {
    Entry* const exit = known(id);
    if (exit == nullptr || !exit->is_open || !exit->is_held() || exit->order.qty != before) continue;
    exit->order.qty = now;
    set_status(*exit, exit->order.status);
    announce(*exit, OrderEventType::replaced, ts, out);
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
    if (exit->recovered) continue;  // resume() does, once it is known whether its broker keeps groups
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
