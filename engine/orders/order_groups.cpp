// The order book's orders that hang together: brackets (an entry and its exits) and OCO groups (what fills one takes
// that much off the others). All of it is done again from the orders themselves after a restart: nothing rests on a
// message that may be lost.
#include <algorithm>

#include "engine/orders/fingerprint.hpp"
#include "engine/orders/order_book.hpp"
#include "engine/orders/order_checks.hpp"
#include "engine/orders/order_terms.hpp"

namespace tradebus {

namespace {

constexpr std::size_t group_orders_max = 64;
constexpr std::uint32_t copies_max = 3;  // of an exit that never arrives

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
  if (entry.group.empty() || !entry.is_open || entry.recovered) return;
  // A broker that keeps the group itself has not taken off it what others got before it came.
  const Quantity needed = entry.grouped_at_broker ? entry.oco_before : Quantity::from_raw(others_got(entry));
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

// Its broker has taken it.
void OrderBook::joined(Entry& entry) const {
  if (!entry.group.empty()) entry.oco_before = Quantity::from_raw(others_got(entry));
}

// Its broker tells another quantity, and nobody asked for that: it may have known more of the group than was known
// here.
void OrderBook::reduced_there(Entry& entry, Quantity before, Quantity now) {
  if (entry.replacing || now >= before) return;
  const Quantity taken = Quantity::from_raw(entry.oco_taken.raw() + before.raw() - now.raw());
  entry.oco_taken = std::max(entry.oco_taken, std::min(taken, entry.oco_before));
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

// ---- exits that never arrived --------------------------------------------------------------------------------------
//
// Not even an exit is sent twice: a submit may be slower than the question about it. Another order in its stead is safe
// where the broker itself keeps the group: should the first one turn up after all, what one of them gets is taken off
// the other, and it is canceled as soon as it is heard of.

void OrderBook::knows_groups(const BrokerName& broker, bool keeps) {
  if (keeps)
    group_keepers_.insert(broker);
  else
    group_keepers_.erase(broker);
}

void OrderBook::note_lost(Entry& exit, Effects& out) {
  const bool is_grouped =
      !exit.group.empty() && (exit.grouped_at_broker || (exit.recovered && group_keepers_.contains(exit.order.broker)));
  if (!is_grouped || exit.copy.copy >= copies_max) {
    const auto before = exit.copy.copy > 0 ? ", nor did those before it" : "";
    out.emplace_back(Anomaly{exit.order.order_id, std::string{"an exit of a bracket never reached the broker"} +
                                                      before + ": protect the position by hand"});
    return;
  }
  exit.order.reason = "it never reached the broker";
  if (exit.cancel_asked) return;  // so it was wanted
  exit.copy.is_lost = true;
  lost_exits_.push_back(exit.number);
}

bool OrderBook::has_lost_exits(const BrokerName& broker) const {
  return std::ranges::any_of(lost_exits_, [&](std::uint64_t number) {
    const auto it = orders_.find(number);
    return it != orders_.end() && it->second.copy.is_lost && it->second.order.broker == broker;
  });
}

void OrderBook::place_lost_exits(const BrokerName& broker, const BrokerCapabilities& can, Timestamp now, Effects& out) {
  for (const auto number : std::exchange(lost_exits_, {})) {
    const auto it = orders_.find(number);
    if (it == orders_.end() || !it->second.copy.is_lost) continue;
    Entry& lost = it->second;
    const auto group = groups_.find(lost.group);
    // How much is left for it is known once the others are settled.
    const bool waits = lost.order.broker != broker ||
                       (group != groups_.end() && std::ranges::any_of(group->second.members, [](const Entry* other) {
                          return other->order.status == OrderStatus::in_doubt;
                        }));
    if (waits)
      lost_exits_.push_back(number);
    else
      place_again(lost, can, now, out);
  }
}

// What is decided against is decided again, in the same way, after a restart: all that it follows from is recorded.
void OrderBook::place_again(Entry& lost, const BrokerCapabilities& can, Timestamp now, Effects& out) {
  lost.copy.is_lost = false;
  const auto leave = [&](const std::string& why) {
    out.emplace_back(
        Anomaly{lost.order.order_id, "an exit of a bracket never reached the broker, and is not placed again, as " +
                                         why + ": protect the position by hand"});
  };
  if (!can.oco) return leave("its broker does not keep groups");
  // An entry closes before its exits, and leaves memory before them: while it is here, so is all that they got.
  Entry* const parent = known(lost.order.parent_id.value_or(OrderId{}));
  if (parent == nullptr || lost.group.empty()) return leave("its entry is too long ago");
  if (parent->is_open) return leave("its entry is still open");
  const Quantity needed = Quantity::from_raw(others_got(lost) + lost.order.filled_qty.raw());
  const Quantity rest = Quantity::from_raw(lost.order.qty.raw() - (needed.raw() - lost.oco_taken.raw()));
  if (!rest.is_positive()) return;  // others of its group got what it was for
  if (lost.order.expires_at && *lost.order.expires_at <= now) return leave("its time is over");
  auto name = name_of_copy(lost);
  if (!name) return leave("the ids that it could have are in use");

  PlaceOrder command{lost.order.client, trade_order_of(lost.order), {}};
  command.order.client_order_id = std::move(*name);
  command.order.qty = rest;
  Entry& added = add(command, {lost.order.broker, lost.order.account, &can}, now);
  added.fingerprint = fingerprint(command.order, {});
  added.entry_number = lost.entry_number;
  added.order.parent_id = lost.order.parent_id;
  added.copy = {false, lost.copy.copy + 1, lost.number};
  added.oco_taken = needed;
  added.grouped_at_broker = added.sent = true;
  join_group(added, lost.group);
  parent->exits.push_back(added.order.order_id);
  announce(added, OrderEventType::pending_new, now, out);
  send(added, out);
  out.emplace_back(ExitPlacedAgain{lost.order.order_id, added.order.order_id, added.copy.copy, copies_max});
}

// The exit's id and ".2", ".3", ".4"; the next free one, up to ".9", where the client has used that itself.
std::optional<ClientOrderId> OrderBook::name_of_copy(const Entry& lost) const {
  constexpr std::uint32_t last = 9;  // one digit: ids have a longest length
  auto base = lost.order.client_order_id.str();
  if (lost.copy.of != 0) base.resize(base.rfind('.'));
  const auto first = lost.copy.copy + 2;
  for (auto n = first; n <= last; ++n) {
    ClientOrderId id{base + "." + std::to_string(n)};
    if (!by_client_.contains(ClientKey{lost.order.client, id}) && !is_forgotten(lost.order.client, id)) return id;
  }
  return std::nullopt;
}

// It was said to be rejected, and works at its broker: there may be another order in its stead, of its client or of
// this book.
void OrderBook::recall(Entry& entry, Effects& out) {
  if (!std::exchange(entry.is_recalled, true))
    out.emplace_back(Anomaly{entry.order.order_id,
                             "it has reached the broker after all, and was rejected here: it is canceled there"});
  out.emplace_back(SendCancel{entry.order.broker, {entry.order.order_id}});
}

}  // namespace tradebus
