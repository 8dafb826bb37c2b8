// The order book from what the journal has.
#include <algorithm>
#include <utility>

#include "engine/orders/order_book.hpp"

namespace tradebus {

void OrderBook::restore(std::vector<RecoveredOrder> orders, std::vector<std::uint64_t> forgotten,
                        std::uint64_t last_number, Timestamp now, Effects& out) {
  last_number_ = last_number;
  forgotten_.assign(std::move(forgotten));
  orders_.reserve(orders.size());
  std::vector<std::pair<std::uint64_t, Entry*>> closed;  // by the seq of their last record
  for (auto& recovered : orders) {
    OrderRecord& last = recovered.last;
    Entry& entry = orders_[last.number];
    entry.number = last.number;
    entry.client_key = last.client_key;
    entry.fingerprint = last.fingerprint;
    entry.sent = last.sent;
    entry.acknowledged = last.acknowledged;
    entry.cancel_asked = last.cancel_asked;
    entry.oco_taken = last.oco_taken;
    entry.oco_taking = last.oco_taking;
    entry.oco_before = last.oco_before.value_or(Quantity{});
    entry.recovered = true;
    if (last.replacing) entry.replacing = std::make_unique<ReplaceBrokerOrder>(std::move(*last.replacing));
    entry.entry_number = last.entry_number.value_or(0);
    entry.copy = last.exit_copy.value_or(ExitCopy{});
    if (const auto lost = orders_.find(entry.copy.of); lost != orders_.end()) lost->second.copy.is_lost = false;
    entry.order = std::move(last.event.order);
    earlier_prefixes_.insert(prefix_of(entry.order.order_id));
    Int128 known_qty = 0;
    for (const auto& [fill, busted] : recovered.fills) {
      Execution& execution = entry.executions[fill.exec_id];
      execution = {fill.qty, fill.price, busted};
      Int128 amount = 0;
      if (__builtin_mul_overflow(static_cast<Int128>(fill.price.raw()), fill.qty.raw(), &amount)) {
        entry.turnover_fits = false;
        continue;
      }
      if (busted) amount = -amount;
      if (__builtin_add_overflow(entry.turnover, amount, &entry.turnover)) entry.turnover_fits = false;
      known_qty += busted ? -fill.qty.raw() : fill.qty.raw();
    }
    // An order placed elsewhere may have been filled in part before it was known here.
    const Int128 rest = entry.order.filled_qty.raw() - known_qty;
    if (entry.is_external() && rest > 0) entry.filled_before = Quantity::from_raw(rest);
    if (rest > 0 && entry.turnover_fits) {
      Int128 whole = 0;
      if (entry.order.avg_price && !__builtin_mul_overflow(static_cast<Int128>(entry.order.avg_price->raw()),
                                                           entry.order.filled_qty.raw(), &whole))
        entry.turnover = whole;
      else
        entry.turnover_fits = false;
    }
    if (!entry.order.client_order_id.empty()) by_client_.insert(&entry);
    kept_.push_back(entry);
    if (entry.is_external() && entry.order.broker_order_id) {
      Entry*& shown = elsewhere_[elsewhere_key(entry.order.broker, *entry.order.broker_order_id)];
      if (shown == nullptr || !shown->is_open || !is_closed(entry.order.status)) shown = &entry;
    }
    if (is_closed(entry.order.status)) {
      entry.is_open = false;
      closed.emplace_back(last.event.seq, &entry);
    } else {
      open_.push_back(entry);
      if (entry.order.status == OrderStatus::in_doubt) ++in_doubt_;
    }
    if (risk_) risk_->on_order_changed(std::exchange(entry.risk_filled, entry.order.filled_qty), entry.order);
    if (entry.is_exit() && entry.order.parent_id) {
      join_group(entry, entry.order.parent_id->str());
      if (Entry* parent = known(*entry.order.parent_id)) parent->exits.push_back(entry.order.order_id);
    } else if (entry.order.oco) {
      join_group(entry, entry.order.client.str() + '\n' + *entry.order.oco);
    }
  }
  // What was taken off for members that have left memory is known from those for whom it was. It was taken off also
  // for what the venue took back later.
  for (auto& [name, group] : groups_)
    for (const Entry* member : group.members) {
      Int128 known = others_got(*member) - group.left;
      for (const Entry* other : group.members)
        for (const auto& [id, execution] : other->executions)
          if (other != member && execution.busted) known += execution.qty.raw();
      group.left = std::max(group.left, member->oco_taken.raw() - known);
    }
  for (const auto& entry : kept_)
    if (entry.copy.is_lost) lost_exits_.push_back(entry.number);
  std::ranges::sort(closed);
  for (const auto& [seq, entry] : closed) closed_.push_back(entry->number);

  for (auto& entry : open_) {
    const bool unanswered = !entry.acknowledged || entry.order.status == OrderStatus::pending_cancel ||
                            entry.order.status == OrderStatus::pending_replace;
    if (entry.sent && unanswered)
      change(entry, OrderInput::doubted, "the daemon ended before the broker had answered", now, out);
  }
}

}  // namespace tradebus
