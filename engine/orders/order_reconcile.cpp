// The order book after a broker's link came up: what the broker has decides.
#include <algorithm>

#include "engine/orders/fingerprint.hpp"
#include "engine/orders/order_book.hpp"
#include "engine/orders/order_terms.hpp"

namespace tradebus {

namespace {

// As if the venue were its client: so it is remembered for ever that the order was shown.
std::uint64_t elsewhere_id(const BrokerName& broker, const BrokerOrderId& id) {
  return client_key(ClientName{"\x01" + broker.str()}, ClientOrderId{id.str()});
}

}  // namespace

void OrderBook::on_broker_order(const BrokerName& broker, const BrokerOrder& told, Timestamp now, Effects& out) {
  const Tidy tidy{*this};
  if (Entry* entry = told.order_id.empty() ? nullptr : known(told.order_id)) {
    if (entry->order.broker != broker) {
      out.emplace_back(Anomaly{
          told.order_id, "broker " + broker.str() + " has this order, which was sent to " + entry->order.broker.str()});
      return;
    }
    return settle(*entry, told, now, out);
  }
  const bool shown = elsewhere_.contains(elsewhere_key(broker, told.broker_order_id));
  if (!shown && is_of_this_journal(told.order_id) && has_left_memory(told.order_id)) {
    if (!is_closed(told.status))
      out.emplace_back(Anomaly{told.order_id, "broker " + broker.str() +
                                                  " says it is open; it was closed long ago: cancel it at the broker"});
    return;
  }
  adopt(broker, told, now, out);
}

void OrderBook::settle(Entry& entry, const BrokerOrder& told, Timestamp now, Effects& out) {
  Order& order = entry.order;
  if (!entry.is_open) {
    if (is_closed(told.status)) return;
    if (order.status == OrderStatus::rejected)
      recall(entry, out);
    else
      out.emplace_back(Anomaly{order.order_id, "the broker says it is " + std::string{to_string(told.status)} +
                                                   ", here it is " + std::string{to_string(order.status)}});
    return;
  }
  if (told.filled_qty > order.filled_qty) {
    out.emplace_back(Anomaly{order.order_id, "the broker filled " + told.filled_qty.to_string() +
                                                 ", executions are known for " + order.filled_qty.to_string() +
                                                 ": it stays in doubt until they are"});
    change(entry, OrderInput::doubted, "executions are missing", now, out);
    return;
  }
  const auto before = order;
  const bool news = !entry.acknowledged;
  entry.acknowledged = true;
  // What changes is announced below: nobody's view, and no later start, is without it.
  if (!told.broker_order_id.empty() && !order.broker_order_id) order.broker_order_id = told.broker_order_id;
  if (is_closed(told.status)) {
    // Filled by the executions that are known, or else not filled.
    const auto next = told.status == OrderStatus::filled && order.filled_qty != order.qty && !order.notional
                          ? OrderStatus::canceled
                          : told.status;
    set_status(entry, next);
    order.held.reset();
    entry.cancel_asked = false;
    order.reason = told.reason.empty() ? "so the broker says after a break" : told.reason;
    if (next == OrderStatus::filled) order.reason.reset();
    announce(entry, OrderEventType::reconciled, now, out);
    close_out(entry, now, out);
    return;
  }
  if (news) joined(entry);
  if (told.order.qty) reduced_there(entry, order.qty, *told.order.qty);
  took(entry, told.order.qty.value_or(order.qty));
  take_quantity(entry, told.order.qty);
  if (!order.notional && told.order.qty && told.order.qty->is_positive())
    order.qty = std::max(*told.order.qty, order.filled_qty);
  if (told.order.limit_price && order.limit_price) order.limit_price = told.order.limit_price;
  if (told.order.stop_price && order.stop_price && !is_trailing(order.order_type))
    order.stop_price = told.order.stop_price;
  entry.replacing.reset();
  // Changed during the break to what was executed already: it is done, whatever the broker calls it.
  const bool done = order.qty.is_positive() && order.filled_qty >= order.qty;
  const auto working = order.filled_qty.is_zero() ? OrderStatus::new_ : OrderStatus::partially_filled;
  set_status(entry, done ? OrderStatus::filled : working);
  if (done) entry.cancel_asked = false;
  entry.oco_canceled.reset();
  if (news || order != before) announce(entry, OrderEventType::reconciled, now, out);
  follow_entry(entry, before.qty, now, out);
  if (done)
    close_out(entry, now, out);
  else
    take(entry, now, out);
}

OrderBook::Entry& OrderBook::add_elsewhere(const BrokerName& broker, const BrokerOrder& told, Timestamp now,
                                           Effects& out) {
  Entry& entry = add(++last_number_);
  Order& order = entry.order;
  OrderId id = std::move(order.order_id);
  order = order_of(told.order, told.legs);
  order.order_id = std::move(id);
  order.client_order_id = ClientOrderId{};
  order.tag.reset();
  order.oco.reset();
  order.broker = broker;
  order.account = told.account;
  order.broker_order_id = told.broker_order_id;
  order.external = true;
  order.created = order.updated = now;
  order.filled_qty = told.filled_qty;  // before it was known here: of these executions nothing is known
  order.avg_price = told.avg_price;
  Int128 turnover = 0;
  if (told.avg_price &&
      !__builtin_mul_overflow(static_cast<Int128>(told.avg_price->raw()), told.filled_qty.raw(), &turnover))
    entry.turnover = turnover;
  else
    entry.turnover_fits = told.filled_qty.is_zero();
  entry.risk_filled = order.filled_qty;  // the broker's position has it
  entry.client_key = elsewhere_id(broker, told.broker_order_id);
  entry.sent = entry.acknowledged = true;
  list_entry(entry);
  elsewhere_[elsewhere_key(broker, told.broker_order_id)] = &entry;
  set_status(entry, order.filled_qty.is_zero() ? OrderStatus::new_ : OrderStatus::partially_filled);
  announce(entry, OrderEventType::new_, now, out);
  return entry;
}

void OrderBook::adopt(const BrokerName& broker, const BrokerOrder& told, Timestamp now, Effects& out) {
  if (told.broker_order_id.empty()) return;
  const auto found = elsewhere_.find(elsewhere_key(broker, told.broker_order_id));
  if (found != elsewhere_.end() && (found->second->is_open || is_closed(told.status)))
    return settle(*found->second, told, now, out);
  if (is_closed(told.status)) return;
  if (open_.size() >= limits_.open_max) {
    out.emplace_back(Anomaly{{},
                             "order " + told.broker_order_id.str() + " of broker " + broker.str() +
                                 " was placed elsewhere, and not adopted: too many orders are open"});
    return;
  }
  add_elsewhere(broker, told, now, out).filled_before = told.filled_qty;
}

void OrderBook::on_closed_elsewhere(const BrokerName& broker, const BrokerOrder& told,
                                    const std::vector<BrokerEvent>& fills, Timestamp now, Effects& out) {
  if (!told.order_id.empty() || told.broker_order_id.empty() || !is_closed(told.status) || fills.empty()) return;
  if (elsewhere_.contains(elsewhere_key(broker, told.broker_order_id)) ||
      forgotten_.contains(elsewhere_id(broker, told.broker_order_id)))
    return;
  // What was executed before the broker's list begins is known as a sum only.
  BrokerOrder before = told;
  Timestamp first = now;
  for (const auto& each : fills) {
    if (!each.fill) continue;
    before.filled_qty = Quantity::from_raw(before.filled_qty.raw() - each.fill->qty.raw());
    first = std::min(first, each.fill->ts);
  }
  if (before.filled_qty.is_negative()) {
    out.emplace_back(Anomaly{{},
                             "order " + told.broker_order_id.str() + " of broker " + broker.str() +
                                 ", placed elsewhere, has more executions than it is filled: it is not shown"});
    return;
  }
  const Tidy tidy{*this};
  Entry& entry = add_elsewhere(broker, before, first, out);
  entry.filled_before = before.filled_qty;
  for (const auto& each : fills)
    if (each.fill && entry.is_open) fill(entry, each, each.fill->ts, out);
  if (entry.is_open) settle(entry, told, now, out);
}

void OrderBook::on_not_found(const OrderId& id, Timestamp now, Effects& out) {
  const Tidy tidy{*this};
  Entry* const entry = known(id);
  if (entry == nullptr || !entry->is_open || !entry->sent) return;
  if (entry->order.status == OrderStatus::pending_new) return;  // under way right now
  Order& order = entry->order;
  if (entry->acknowledged || !order.filled_qty.is_zero()) {
    out.emplace_back(Anomaly{id, "broker " + order.broker.str() + " no longer knows this order"});
    set_status(*entry, OrderStatus::canceled);
    order.reason = "the broker no longer knows it";
  } else {
    set_status(*entry, OrderStatus::rejected);
    order.reason = "it never reached the broker; send it again under a new id if it is still wanted";
    if (entry->is_exit()) note_lost(*entry, out);
  }
  entry->cancel_asked = false;
  announce(*entry, OrderEventType::reconciled, now, out);
  close_out(*entry, now, out);
}

std::vector<OrderId> OrderBook::missing(const BrokerName& broker, const std::unordered_set<OrderId>& listed,
                                        const std::unordered_set<BrokerOrderId>& listed_there, Timestamp now,
                                        Effects& out) {
  std::vector<OrderId> ours;
  std::vector<Entry*> gone;
  for (auto& entry : open_) {
    if (entry.order.broker != broker || !entry.sent) continue;
    if (!entry.is_external()) {
      // Sent since the link came up, an exit that a missed fill released say: its answer is on the way.
      if (entry.order.status == OrderStatus::pending_new) continue;
      if (!listed.contains(entry.order.order_id)) ours.push_back(entry.order.order_id);
    } else if (!listed_there.contains(entry.order.broker_order_id.value_or(BrokerOrderId{}))) {
      gone.push_back(&entry);
    }
  }
  for (Entry* entry : gone) {
    set_status(*entry, OrderStatus::canceled);
    entry->order.reason = "the broker no longer lists it as open";
    announce(*entry, OrderEventType::reconciled, now, out);
    close_out(*entry, now, out);
  }
  return ours;
}

void OrderBook::resume(const BrokerName& broker, const BrokerCapabilities& can, Timestamp now, Effects& out,
                       bool after_break) {
  std::vector<OrderId> ids;
  for (const auto& entry : open_)
    if (entry.order.broker == broker && !entry.is_external()) ids.push_back(entry.order.order_id);
  for (const OrderId& id : ids) {
    Entry* const entry = known(id);
    if (entry == nullptr || !entry->is_open) continue;
    entry->can_replace = can.replace;
    entry->recovered = false;
    if (after_break) {
      entry->oco_cancels = false;
      entry->oco_canceled.reset();
    }
    entry->grouped_at_broker = can.oco && !entry->group.empty();
    if (entry->is_held()) {
      // Its entry may have closed with the last word of the process.
      const Entry* parent = known(entry->order.parent_id.value_or(OrderId{}));
      if (parent == nullptr || !parent->is_open) {
        const Quantity filled = parent == nullptr ? Quantity{} : parent->order.filled_qty;
        if (filled.is_zero())
          cancel_here(*entry, "its entry is closed, and got nothing", now, out);
        else
          release(*entry, filled, now, out);
      }
    } else if (entry->cancel_asked && entry->order.status != OrderStatus::pending_cancel) {
      ask_cancel(*entry, now, out);
    }
    if (entry->is_open) take(*entry, now, out);
  }
  place_lost_exits(broker, can, now, out);
}

std::vector<OrderId> OrderBook::in_doubt(const BrokerName& broker) const {
  std::vector<OrderId> out;
  if (in_doubt_ == 0) return out;
  for (const auto& entry : open_)
    if (entry.order.broker == broker && entry.order.status == OrderStatus::in_doubt && !entry.is_external())
      out.push_back(entry.order.order_id);
  return out;
}

std::optional<Timestamp> OrderBook::oldest_open(const BrokerName& broker) const {
  for (const auto& entry : open_)  // in the order in which they were placed
    if (entry.order.broker == broker && entry.sent) return entry.order.created;
  return std::nullopt;
}

}  // namespace tradebus
