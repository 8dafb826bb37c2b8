// The order book's other half: what brokers answer and report.
#include <limits>
#include <utility>

#include "engine/orders/order_book.hpp"

namespace tradebus {

namespace {

OrderEventType event_of(OrderStatus status) {
  switch (status) {
    case OrderStatus::pending_new:
      return OrderEventType::pending_new;
    case OrderStatus::new_:
    case OrderStatus::partially_filled:  // working again
      return OrderEventType::new_;
    case OrderStatus::filled:
      return OrderEventType::fill;
    case OrderStatus::pending_cancel:
      return OrderEventType::pending_cancel;
    case OrderStatus::canceled:
      return OrderEventType::canceled;
    case OrderStatus::pending_replace:
      return OrderEventType::pending_replace;
    case OrderStatus::rejected:
      return OrderEventType::rejected;
    case OrderStatus::expired:
      return OrderEventType::expired;
    case OrderStatus::in_doubt:
      return OrderEventType::in_doubt;
  }
  return OrderEventType::reconciled;
}

// The broker said no, and so nothing has changed at the venue.
bool is_refusal(Errc code) { return code == Errc::broker_rejected || code == Errc::broker_unsupported; }
bool is_refusal_of_change(Errc code) {
  return is_refusal(code) || code == Errc::order_not_found || code == Errc::order_not_open ||
         code == Errc::request_invalid;
}

std::string text_of(const Error& error) { return std::string{to_string(error.code)} + ": " + error.message; }

std::optional<Price> mean(Int128 turnover, Quantity qty) {
  const Int128 raw = detail::divide_half_even(turnover, qty.raw());
  if (raw > std::numeric_limits<std::int64_t>::max() || raw < std::numeric_limits<std::int64_t>::min())
    return std::nullopt;
  return Price::from_raw(static_cast<std::int64_t>(raw));
}

}  // namespace

// ---- one step ------------------------------------------------------------------------------------------------------

OrderBook::Entry* OrderBook::reported(const OrderId& id, std::string_view what, Effects& out) {
  const auto it = orders_.find(id);
  if (it == orders_.end()) {
    out.emplace_back(Anomaly{id, std::string{what} + " for an order that is not known here"});
    return nullptr;
  }
  if (!it->second.sent) {
    out.emplace_back(Anomaly{id, std::string{what} + " for an order that was never sent"});
    return nullptr;
  }
  return &it->second;
}

std::optional<OrderStatus> OrderBook::step(Entry& entry, OrderInput input, Effects& out) const {
  auto next = next_status(entry.order.status, input, !entry.order.filled_qty.is_zero());
  if (next) return *next;
  out.emplace_back(Anomaly{entry.order.order_id, next.error().message});
  return std::nullopt;
}

void OrderBook::set_status(Entry& entry, OrderStatus status) {
  Order& order = entry.order;
  if (order.status == OrderStatus::in_doubt) {
    --in_doubt_;
    order.reason.reset();  // the doubt is settled
  }
  if (status == OrderStatus::in_doubt) ++in_doubt_;
  order.status = status;
  order.leaves_qty = Quantity{};
  if (!is_closed(status)) order.leaves_qty = Quantity::from_raw(order.qty.raw() - order.filled_qty.raw());
}

void OrderBook::announce(Entry& entry, OrderEventType event, Timestamp ts, Effects& out, const Fill* fill) {
  Order& order = entry.order;
  // Whatever clock a report was stamped by: an order's events never go back in time.
  order.updated = std::max(order.updated, ts);
  auto record = std::make_shared<OrderEvent>();
  record->ts = order.updated;
  record->event = event;
  record->order = order;
  if (fill != nullptr) record->fill = *fill;
  out.emplace_back(Changed{std::move(record)});
}

// Moves an order that has just closed to the closed ones, and forgets the oldest of those. May end `entry`.
void OrderBook::close_out(Entry& entry) {
  if (!std::exchange(entry.is_open, false)) return;
  open_.erase(open_.iterator_to(entry));
  entry.replacing.reset();
  closed_.push_back(entry.order.order_id);
  while (closed_.size() > limits_.closed_max) {
    const auto it = orders_.find(closed_.front());
    closed_.pop_front();
    Entry& old = it->second;
    by_client_.erase(&old);
    kept_.erase(kept_.iterator_to(old));
    orders_.erase(it);
  }
}

void OrderBook::change(Entry& entry, OrderInput input, const std::string& reason, Timestamp ts, Effects& out) {
  const auto next = step(entry, input, out);
  if (!next || *next == entry.order.status) return;
  set_status(entry, *next);
  if (!reason.empty()) entry.order.reason = reason;
  announce(entry, event_of(*next), ts, out);
  if (is_closed(*next)) close_out(entry);
}

// ---- acceptance ----------------------------------------------------------------------------------------------------

void OrderBook::on_accepted(const OrderId& id, const BrokerOrderId& broker_order_id, Timestamp now, Effects& out) {
  if (Entry* entry = reported(id, "acceptance", out)) acknowledge(*entry, broker_order_id, now, out);
}

// Announced once. A fill that came first has announced it, unless the venue's id is news.
void OrderBook::acknowledge(Entry& entry, const BrokerOrderId& broker_order_id, Timestamp ts, Effects& out) {
  const auto next = step(entry, OrderInput::accepted, out);
  if (!next) return;
  Order& order = entry.order;
  const bool id_is_news = !broker_order_id.empty() && !order.broker_order_id;
  if (!broker_order_id.empty() && order.broker_order_id && *order.broker_order_id != broker_order_id) {
    out.emplace_back(
        Anomaly{order.order_id, "accepted as " + broker_order_id.str() + " after " + order.broker_order_id->str()});
    return;
  }
  if (entry.acknowledged && !id_is_news && *next == order.status) return;
  entry.acknowledged = true;
  if (id_is_news) order.broker_order_id = broker_order_id;
  set_status(entry, *next);
  announce(entry, OrderEventType::new_, ts, out);
}

void OrderBook::on_place_failed(const OrderId& id, const Error& error, Timestamp now, Effects& out) {
  Entry* entry = reported(id, "answer to the submit", out);
  if (entry == nullptr) return;
  if (is_refusal(error.code)) {
    change(*entry, OrderInput::rejected, text_of(error), now, out);
  } else if (!entry->acknowledged) {
    change(*entry, OrderInput::doubted, "submit unanswered: " + text_of(error), now, out);
  }
}

void OrderBook::on_cancel_failed(const OrderId& id, const Error& error, Timestamp now, Effects& out) {
  Entry* entry = reported(id, "answer to the cancel", out);
  if (entry == nullptr || entry->order.status != OrderStatus::pending_cancel) return;
  const bool refused = is_refusal_of_change(error.code);
  change(*entry, refused ? OrderInput::cancel_refused : OrderInput::doubted,
         (refused ? "cancel refused: " : "cancel unanswered: ") + text_of(error), now, out);
}

void OrderBook::on_replace_failed(const OrderId& id, const Error& error, Timestamp now, Effects& out) {
  Entry* entry = reported(id, "answer to the replace", out);
  if (entry == nullptr) return;
  const bool refused = is_refusal_of_change(error.code);
  if (refused) entry->replacing.reset();
  if (entry->order.status != OrderStatus::pending_replace) return;
  change(*entry, refused ? OrderInput::replace_refused : OrderInput::doubted,
         (refused ? "replace refused: " : "replace unanswered: ") + text_of(error), now, out);
}

void OrderBook::on_broker_down(const BrokerName& broker, const std::string& reason, Timestamp now, Effects& out) {
  for (auto& entry : open_) {
    const Order& order = entry.order;
    const bool unanswered = !entry.acknowledged || order.status == OrderStatus::pending_cancel ||
                            order.status == OrderStatus::pending_replace;
    if (order.broker != broker || !unanswered) continue;
    change(entry, OrderInput::doubted, "broker down: " + reason, now, out);  // never closes: open_ stays as it is
  }
}

// ---- reports -------------------------------------------------------------------------------------------------------

void OrderBook::on_report(const BrokerEvent& report, Timestamp now, Effects& out) {
  Entry* entry = reported(report.order_id, to_string(report.report), out);
  if (entry == nullptr) return;
  if (entry->order.broker != report.broker) {
    out.emplace_back(Anomaly{report.order_id, "report from broker " + report.broker.str() + ", but the order is at " +
                                                  entry->order.broker.str()});
    return;
  }
  const Timestamp ts = report.ts == Timestamp{} ? now : report.ts;
  switch (report.report) {
    case BrokerReport::accepted:
      acknowledge(*entry, report.broker_order_id.value_or(BrokerOrderId{}), ts, out);
      return;
    case BrokerReport::fill:
      if (report.fill)
        fill(*entry, *report.fill, report.broker_order_id, ts, out);
      else
        out.emplace_back(Anomaly{report.order_id, "a fill report without its fill"});
      return;
    case BrokerReport::replaced:
      replaced(*entry, report, ts, out);
      return;
    case BrokerReport::replace_rejected:
      entry->replacing.reset();
      change(*entry, OrderInput::replace_refused, "replace refused: " + report.reason, ts, out);
      return;
    case BrokerReport::canceled:
      change(*entry, OrderInput::canceled, report.reason, ts, out);
      return;
    case BrokerReport::cancel_rejected:
      change(*entry, OrderInput::cancel_refused, "cancel refused: " + report.reason, ts, out);
      return;
    case BrokerReport::rejected:
      change(*entry, OrderInput::rejected, report.reason, ts, out);
      return;
    case BrokerReport::expired:
      change(*entry, OrderInput::expired, report.reason, ts, out);
      return;
    case BrokerReport::busted:
      out.emplace_back(Anomaly{report.order_id, "an execution was taken back: not booked"});
      return;
  }
}

void OrderBook::fill(Entry& entry, const Fill& fill, const std::optional<BrokerOrderId>& broker_order_id, Timestamp ts,
                     Effects& out) {
  Order& order = entry.order;
  if (fill.exec_id.empty() || !fill.qty.is_positive()) {
    out.emplace_back(Anomaly{order.order_id, "a fill without exec_id, or of a quantity that is not above 0"});
    return;
  }
  if (entry.exec_ids.contains(fill.exec_id)) return;  // seen before: never counted again
  const auto filled = checked_add(order.filled_qty, fill.qty);
  if (!filled) {
    out.emplace_back(Anomaly{order.order_id, "a fill whose quantity is out of range"});
    return;
  }
  const auto next = step(entry, *filled < order.qty ? OrderInput::fill_part : OrderInput::fill_all, out);
  if (!next) return;
  // An execution is a fact: also one beyond the quantity is counted, and complained of.
  if (*filled > order.qty)
    out.emplace_back(
        Anomaly{order.order_id, "filled " + filled->to_string() + " of " + order.qty.to_string() + "; counted"});
  entry.exec_ids.insert(fill.exec_id);
  entry.acknowledged = true;
  if (broker_order_id && !order.broker_order_id) order.broker_order_id = broker_order_id;
  order.filled_qty = *filled;
  Int128 amount = 0;
  if (__builtin_mul_overflow(static_cast<Int128>(fill.price.raw()), fill.qty.raw(), &amount) ||
      __builtin_add_overflow(entry.turnover, amount, &entry.turnover))
    entry.turnover_fits = false;
  order.avg_price = entry.turnover_fits ? mean(entry.turnover, order.filled_qty) : std::nullopt;
  set_status(entry, *next);
  announce(entry, OrderEventType::fill, ts, out, &fill);
  if (is_closed(*next)) close_out(entry);
}

void OrderBook::replaced(Entry& entry, const BrokerEvent& report, Timestamp ts, Effects& out) {
  const auto next = step(entry, OrderInput::replaced, out);
  if (!next || is_closed(*next)) return;  // too late: a closed order keeps its terms
  Order& order = entry.order;
  const auto replacing = std::exchange(entry.replacing, nullptr);
  const auto asked = replacing ? std::move(*replacing) : ReplaceBrokerOrder{};
  auto qty = report.qty ? report.qty : asked.qty;
  if (qty && !qty->is_positive()) {
    out.emplace_back(Anomaly{order.order_id, "replaced with quantity " + qty->to_string() + "; the old one is kept"});
    qty.reset();
  }
  if (qty) order.qty = std::max(*qty, order.filled_qty);
  if (report.limit_price || asked.limit_price)
    order.limit_price = report.limit_price ? report.limit_price : asked.limit_price;
  if (asked.stop_price) order.stop_price = asked.stop_price;
  if (asked.time_in_force) order.time_in_force = *asked.time_in_force;
  entry.acknowledged = true;
  // The new quantity may be executed already.
  set_status(entry, order.qty == order.filled_qty ? OrderStatus::filled : *next);
  announce(entry, OrderEventType::replaced, ts, out);
  if (is_closed(order.status)) close_out(entry);
}

}  // namespace tradebus
