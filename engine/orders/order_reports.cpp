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

OrderBook::Entry* OrderBook::known(const OrderId& id) {
  const auto it = orders_.find(number_of(id));
  return it == orders_.end() || it->second.order.order_id != id ? nullptr : &it->second;
}

OrderBook::Entry* OrderBook::reported(const OrderId& id, std::string_view what, Effects& out) {
  Entry* entry = known(id);
  if (entry == nullptr) {
    out.emplace_back(Anomaly{id, std::string{what} + " for an order that is not known here"});
    return nullptr;
  }
  if (!entry->sent) {
    out.emplace_back(Anomaly{id, std::string{what} + " for an order that was never sent"});
    return nullptr;
  }
  return entry;
}

// Orders placed elsewhere are found by the broker's id. They may have an id like ours: of another journal, or of the
// end that this one has lost.
OrderBook::Entry* OrderBook::reported(const BrokerEvent& report, Effects& out) {
  if (report.broker_order_id && known(report.order_id) == nullptr)
    if (const auto it = elsewhere_.find(elsewhere_key(report.broker, *report.broker_order_id)); it != elsewhere_.end())
      return it->second;
  if (!report.order_id.empty()) return reported(report.order_id, to_string(report.report), out);
  out.emplace_back(Anomaly{{},
                           std::string{to_string(report.report)} + " for order " +
                               report.broker_order_id.value_or(BrokerOrderId{}).str() + " of broker " +
                               report.broker.str() + ", which is not known here"});
  return nullptr;
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
  if (!is_closed(status) && order.qty > order.filled_qty)
    order.leaves_qty = Quantity::from_raw(order.qty.raw() - order.filled_qty.raw());
}

void OrderBook::announce(Entry& entry, OrderEventType event, Timestamp ts, Effects& out, const Fill* fill) {
  Order& order = entry.order;
  // Whatever clock a report was stamped by: an order's events never go back in time.
  order.updated = std::max(order.updated, ts);
  auto record = std::make_shared<OrderRecord>();
  record->number = entry.number;
  record->client_key = entry.client_key;
  record->fingerprint = entry.fingerprint;
  record->sent = entry.sent;
  record->acknowledged = entry.acknowledged;
  record->cancel_asked = entry.cancel_asked;
  record->oco_taken = entry.oco_taken;
  record->oco_taking = entry.oco_taking;
  if (entry.oco_before.is_positive()) record->oco_before = entry.oco_before;
  if (entry.replacing) record->replacing = *entry.replacing;
  if (entry.entry_number != 0) {
    record->entry_number = entry.entry_number;
    if (entry.copy.is_lost || entry.copy.of != 0) record->exit_copy = entry.copy;
  }
  record->event.ts = order.updated;
  record->event.event = event;
  record->event.order = order;
  if (fill != nullptr) record->event.fill = *fill;
  if (risk_) risk_->on_order_changed(std::exchange(entry.risk_filled, order.filled_qty), order);
  out.emplace_back(Changed{std::move(record)});
}

// Moves an order that has just closed to the closed ones; what hangs on its end follows.
void OrderBook::close_out(Entry& entry, Timestamp ts, Effects& out) {
  if (!std::exchange(entry.is_open, false)) return;
  open_.erase(open_.iterator_to(entry));
  entry.replacing.reset();
  entry.oco_taking.reset();
  closed_.push_back(entry.number);
  if (!entry.exits.empty()) release_exits(entry, ts, out);
}

void OrderBook::forget_oldest() {
  while (closed_.size() > limits_.closed_max) {
    const auto it = orders_.find(closed_.front());
    closed_.pop_front();
    Entry& old = it->second;
    if (!old.order.client_order_id.empty()) {
      by_client_.erase(&old);
      forgotten_.insert(old.client_key);
    }
    if (old.is_external() && old.order.broker_order_id) {
      const auto shown = elsewhere_.find(elsewhere_key(old.order.broker, *old.order.broker_order_id));
      if (shown != elsewhere_.end() && shown->second == &old) elsewhere_.erase(shown);
      if (old.client_key != 0) forgotten_.insert(old.client_key);
    }
    leave_group(old);
    kept_.erase(kept_.iterator_to(old));
    orders_.erase(it);
  }
}

void OrderBook::change(Entry& entry, OrderInput input, const std::string& reason, Timestamp ts, Effects& out) {
  const auto next = step(entry, input, out);
  if (!next || *next == entry.order.status) return;
  set_status(entry, *next);
  if (!reason.empty()) entry.order.reason = reason;
  if (is_closed(*next) || input == OrderInput::cancel_refused) entry.cancel_asked = false;
  announce(entry, event_of(*next), ts, out);
  if (is_closed(*next)) close_out(entry, ts, out);
}

// ---- acceptance ----------------------------------------------------------------------------------------------------

void OrderBook::on_accepted(const OrderId& id, const OrderAccepted& accepted, Timestamp now, Effects& out) {
  if (Entry* entry = reported(id, "acceptance", out)) acknowledge(*entry, accepted, now, out);
}

// Of an order by notional the venue tells how much it is.
void OrderBook::take_quantity(Entry& entry, const std::optional<Quantity>& qty) {
  Order& order = entry.order;
  if (!order.notional || !qty || !qty->is_positive() || is_closed(order.status)) return;
  order.qty = std::max(*qty, order.filled_qty);
}

// Announced once. A fill that came first has announced it, unless the venue's id, or the quantity, is news.
void OrderBook::acknowledge(Entry& entry, const OrderAccepted& accepted, Timestamp ts, Effects& out) {
  if (entry.order.status == OrderStatus::rejected) return recall(entry, out);
  const auto next = step(entry, OrderInput::accepted, out);
  if (!next) return;
  Order& order = entry.order;
  const auto& broker_order_id = accepted.broker_order_id;
  const bool id_is_news = !broker_order_id.empty() && !order.broker_order_id;
  if (!broker_order_id.empty() && order.broker_order_id && *order.broker_order_id != broker_order_id) {
    out.emplace_back(
        Anomaly{order.order_id, "accepted as " + broker_order_id.str() + " after " + order.broker_order_id->str()});
    return;
  }
  const Quantity before = order.qty;
  take_quantity(entry, accepted.qty);
  if (entry.acknowledged && !id_is_news && *next == order.status && order.qty == before) return;
  if (!std::exchange(entry.acknowledged, true)) joined(entry);
  if (id_is_news) order.broker_order_id = broker_order_id;
  set_status(entry, *next);
  announce(entry, OrderEventType::new_, ts, out);
  // A cancel may have overtaken it, and found nothing; and others of its group may have been filled.
  entry.oco_canceled.reset();
  if (entry.cancel_asked && order.status != OrderStatus::pending_cancel) ask_cancel(entry, ts, out);
  take(entry, ts, out);
}

void OrderBook::on_place_failed(const OrderId& id, const Error& error, Timestamp now, Effects& out) {
  const Tidy tidy{*this};
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
  if (entry == nullptr) return;
  if (entry->is_recalled && is_refusal(error.code))
    out.emplace_back(Anomaly{id, "it was rejected here, works there, and its broker refuses to cancel it (" +
                                     error.message + "): cancel it by hand"});
  if (entry->order.status != OrderStatus::pending_cancel) return;
  // Of an order that its broker has never confirmed, the refusal says only that it is not there (yet).
  const bool refused = is_refusal_of_change(error.code) && entry->acknowledged && !may_be_filled(*entry);
  change(*entry, refused ? OrderInput::cancel_refused : OrderInput::doubted,
         (refused ? "cancel refused: " : "cancel unanswered: ") + text_of(error), now, out);
  if (refused) not_canceled(*entry, now, out);
}

void OrderBook::on_replace_failed(const OrderId& id, const Error& error, Timestamp now, Effects& out) {
  const Tidy tidy{*this};
  Entry* entry = reported(id, "answer to the replace", out);
  if (entry == nullptr) return;
  const bool refused = is_refusal_of_change(error.code);
  if (refused) {
    entry->replacing.reset();
    if (close_if_filled(*entry, "replace refused: " + text_of(error), now, out)) return;
  }
  if (entry->order.status != OrderStatus::pending_replace) return;
  change(*entry, refused ? OrderInput::replace_refused : OrderInput::doubted,
         (refused ? "replace refused: " : "replace unanswered: ") + text_of(error), now, out);
  if (refused) not_taken(*entry, now, out);
}

void OrderBook::on_broker_down(const BrokerName& broker, const std::string& reason, Timestamp now, Effects& out) {
  for (auto& entry : open_) {
    const Order& order = entry.order;
    const bool unanswered = !entry.acknowledged || order.status == OrderStatus::pending_cancel ||
                            order.status == OrderStatus::pending_replace;
    if (order.broker != broker || !unanswered || !entry.sent) continue;
    change(entry, OrderInput::doubted, "broker down: " + reason, now, out);  // never closes: open_ stays as it is
  }
}

// It has got all that it was for, and waits for what becomes of a larger quantity.
bool OrderBook::may_be_filled(const Entry& entry) {
  const Order& order = entry.order;
  return entry.is_open && order.qty.is_positive() && order.filled_qty >= order.qty;
}

// The larger quantity was refused.
bool OrderBook::close_if_filled(Entry& entry, std::string reason, Timestamp ts, Effects& out) {
  if (!may_be_filled(entry)) return false;
  set_status(entry, OrderStatus::filled);
  entry.cancel_asked = false;
  entry.order.reason = std::move(reason);
  announce(entry, OrderEventType::reconciled, ts, out);
  close_out(entry, ts, out);
  return true;
}

// ---- reports -------------------------------------------------------------------------------------------------------

void OrderBook::on_report(const BrokerEvent& report, Timestamp now, Effects& out, bool read_back) {
  const Tidy tidy{*this};
  Entry* entry = reported(report, out);
  if (entry == nullptr) return;
  if (entry->order.broker != report.broker) {
    out.emplace_back(Anomaly{report.order_id, "report from broker " + report.broker.str() + ", but the order is at " +
                                                  entry->order.broker.str()});
    return;
  }
  const Timestamp ts = report.ts == Timestamp{} ? now : report.ts;
  const bool is_of_life = report.report == BrokerReport::replaced || report.report == BrokerReport::canceled ||
                          report.report == BrokerReport::expired;
  if (entry->is_recalled && !entry->is_open && is_of_life) return;  // what counts is what it got
  switch (report.report) {
    case BrokerReport::accepted:
      acknowledge(*entry, {report.broker_order_id.value_or(BrokerOrderId{}), ts, report.qty}, ts, out);
      return;
    case BrokerReport::fill:
      if (report.fill && read_back && report.fill->ts <= entry->order.created &&
          report.fill->qty <= entry->filled_before && !entry->executions.contains(report.fill->exec_id)) {
        // Older than what is known of it: the sum that it came with has it.
        entry->executions[report.fill->exec_id] = {report.fill->qty, report.fill->price, false};
        entry->filled_before = Quantity::from_raw(entry->filled_before.raw() - report.fill->qty.raw());
      } else if (report.fill)
        fill(*entry, report, ts, out);
      else
        out.emplace_back(Anomaly{report.order_id, "a fill report without its fill"});
      return;
    case BrokerReport::replaced:
      replaced(*entry, report, ts, out);
      return;
    case BrokerReport::replace_rejected:
      entry->replacing.reset();
      if (close_if_filled(*entry, "replace refused: " + report.reason, ts, out)) return;
      change(*entry, OrderInput::replace_refused, "replace refused: " + report.reason, ts, out);
      not_taken(*entry, ts, out);
      return;
    case BrokerReport::canceled:
      change(*entry, OrderInput::canceled, report.reason, ts, out);
      return;
    case BrokerReport::cancel_rejected:
      change(*entry, entry->acknowledged && !may_be_filled(*entry) ? OrderInput::cancel_refused : OrderInput::doubted,
             "cancel refused: " + report.reason, ts, out);
      if (entry->acknowledged) not_canceled(*entry, ts, out);
      return;
    case BrokerReport::rejected:
      change(*entry, OrderInput::rejected, report.reason, ts, out);
      return;
    case BrokerReport::expired:
      change(*entry, OrderInput::expired, report.reason, ts, out);
      return;
    case BrokerReport::busted:
      if (report.fill)
        bust(*entry, report, ts, out);
      else
        out.emplace_back(Anomaly{report.order_id, "a bust without the execution that it takes back"});
      return;
  }
}

// False: the sum leaves 128 bits, nothing was counted.
bool OrderBook::count(Entry& entry, const Fill& fill) {
  const auto filled = checked_add(entry.order.filled_qty, fill.qty);
  if (!filled) return false;
  entry.executions[fill.exec_id] = {fill.qty, fill.price, false};
  entry.order.filled_qty = *filled;
  Int128 amount = 0;
  if (__builtin_mul_overflow(static_cast<Int128>(fill.price.raw()), fill.qty.raw(), &amount) ||
      __builtin_add_overflow(entry.turnover, amount, &entry.turnover))
    entry.turnover_fits = false;
  return true;
}

void OrderBook::settle_average(Entry& entry) const {
  Order& order = entry.order;
  order.avg_price.reset();
  if (entry.turnover_fits && order.filled_qty.is_positive()) order.avg_price = mean(entry.turnover, order.filled_qty);
}

void OrderBook::fill(Entry& entry, const BrokerEvent& report, Timestamp ts, Effects& out) {
  Order& order = entry.order;
  const Fill& fill = *report.fill;
  if (fill.exec_id.empty() || !fill.qty.is_positive()) {
    out.emplace_back(Anomaly{order.order_id, "a fill without exec_id, or of a quantity that is not above 0"});
    return;
  }
  if (entry.executions.contains(fill.exec_id)) return;  // seen before: never counted again
  take_quantity(entry, report.qty);
  const auto filled = checked_add(order.filled_qty, fill.qty);
  if (!filled) {
    out.emplace_back(Anomaly{order.order_id, "a fill whose quantity is out of range"});
    return;
  }
  // How much an order by notional is may not be known yet: its end is the venue's to tell.
  const bool unmeasured = order.notional && order.qty.is_zero();
  // A larger quantity that was asked for may be in force, though the broker's word of it has not come: more than the
  // old one shows that it is, and with just the old one it is open whether the order is filled or works on.
  const bool grows = entry.replacing && entry.replacing->qty && *entry.replacing->qty > order.qty;
  const Quantity qty = grows && *filled > order.qty ? *entry.replacing->qty : order.qty;
  const bool undecided = grows && *filled == order.qty;
  const bool completes = !unmeasured && !undecided && *filled >= qty;
  auto next = step(entry, completes ? OrderInput::fill_all : OrderInput::fill_part, out);
  if (!next) return;
  if (undecided && (*next == OrderStatus::partially_filled || *next == OrderStatus::new_)) next = OrderStatus::in_doubt;
  const Quantity before = std::exchange(order.qty, qty);
  // An execution is a fact: also one beyond the quantity is counted, and complained of.
  if (!unmeasured && *filled > order.qty)
    out.emplace_back(
        Anomaly{order.order_id, "filled " + filled->to_string() + " of " + order.qty.to_string() + "; counted"});
  if (!entry.is_open && order.filled_qty.is_zero() && !entry.exits.empty())
    out.emplace_back(Anomaly{order.order_id, "filled after it was " + std::string{to_string(order.status)} +
                                                 ", and its exits with it: protect the position by hand"});
  count(entry, fill);
  entry.acknowledged = true;
  if (report.broker_order_id && !order.broker_order_id) order.broker_order_id = report.broker_order_id;
  settle_average(entry);
  set_status(entry, *next);
  if (is_closed(*next)) entry.cancel_asked = false;
  announce(entry, OrderEventType::fill, ts, out, &fill);
  follow_entry(entry, before, ts, out);
  if (!entry.group.empty()) {
    take_from_others(entry, ts, out);
    take(entry, ts, out);
  }
  if (*next == OrderStatus::rejected) return recall(entry, out);
  if (is_closed(*next)) {
    if (entry.is_open)
      close_out(entry, ts, out);
    else if (!entry.exits.empty())
      release_exits(entry, ts, out);  // a late fill: there is more to protect
  }
}

// The venue took an execution back. A filled order is then canceled: it works no longer, and is not filled.
void OrderBook::bust(Entry& entry, const BrokerEvent& report, Timestamp ts, Effects& out) {
  Order& order = entry.order;
  const auto it = entry.executions.find(report.fill->exec_id);
  if (it == entry.executions.end()) {
    out.emplace_back(
        Anomaly{order.order_id, "execution " + report.fill->exec_id.str() +
                                    " was taken back, and is not known here; if it comes, it isn't counted"});
    entry.executions[report.fill->exec_id] = {{}, {}, true};
    return;
  }
  Execution& execution = it->second;
  if (std::exchange(execution.busted, true)) return;
  order.filled_qty = Quantity::from_raw(order.filled_qty.raw() - execution.qty.raw());
  Int128 amount = 0;
  if (__builtin_mul_overflow(static_cast<Int128>(execution.price.raw()), execution.qty.raw(), &amount) ||
      __builtin_sub_overflow(entry.turnover, amount, &entry.turnover))
    entry.turnover_fits = false;
  settle_average(entry);
  OrderStatus next = order.status;
  if (next == OrderStatus::filled) next = OrderStatus::canceled;
  if (next == OrderStatus::partially_filled && order.filled_qty.is_zero()) next = OrderStatus::new_;
  set_status(entry, next);
  if (next == OrderStatus::canceled || !report.reason.empty())
    order.reason = "execution " + report.fill->exec_id.str() + " was taken back" +
                   (report.reason.empty() ? "" : ": " + report.reason);
  Fill taken = *report.fill;
  taken.qty = execution.qty;
  taken.price = execution.price;
  announce(entry, OrderEventType::bust, ts, out, &taken);
}

void OrderBook::change_terms(Entry& entry, const ReplaceBrokerOrder& terms) {
  Order& order = entry.order;
  if (terms.qty) order.qty = std::max(*terms.qty, order.filled_qty);
  if (terms.limit_price) order.limit_price = terms.limit_price;
  if (terms.stop_price) order.stop_price = terms.stop_price;
  if (terms.time_in_force) order.time_in_force = *terms.time_in_force;
}

void OrderBook::replaced(Entry& entry, const BrokerEvent& report, Timestamp ts, Effects& out) {
  const auto next = step(entry, OrderInput::replaced, out);
  if (!next || is_closed(*next)) return;  // too late: a closed order keeps its terms
  Order& order = entry.order;
  const Quantity before = order.qty;
  if (entry.oco_taking && entry.replacing && report.qty && report.qty != entry.replacing->qty &&
      *report.qty > order.filled_qty) {
    // The answer to an earlier one: that to the last is still to come.
    change_terms(entry, {order.order_id, report.qty, report.limit_price, report.stop_price, {}});
    set_status(entry, order.status);
    return announce(entry, OrderEventType::replaced, ts, out);
  }
  if (report.qty) reduced_there(entry, order.qty, *report.qty);
  took(entry, report.qty);
  const auto replacing = std::exchange(entry.replacing, nullptr);
  auto terms = replacing ? std::move(*replacing) : ReplaceBrokerOrder{};
  if (report.qty) terms.qty = report.qty;
  if (report.limit_price) terms.limit_price = report.limit_price;
  if (report.stop_price) terms.stop_price = report.stop_price;
  if (terms.qty && !terms.qty->is_positive()) {
    out.emplace_back(
        Anomaly{order.order_id, "replaced with quantity " + terms.qty->to_string() + "; the old one is kept"});
    terms.qty.reset();
  }
  change_terms(entry, terms);
  if (report.trail_amount && order.trail_amount) order.trail_amount = report.trail_amount;
  entry.acknowledged = true;
  // The new quantity may be executed already.
  const bool done = order.qty == order.filled_qty && !order.qty.is_zero();
  set_status(entry, done ? OrderStatus::filled : *next);
  announce(entry, OrderEventType::replaced, ts, out);
  follow_entry(entry, before, ts, out);
  if (is_closed(order.status))
    close_out(entry, ts, out);
  else
    take(entry, ts, out);  // of its group, what others got meanwhile
}

}  // namespace tradebus
