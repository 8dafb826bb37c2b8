// What other clients place, and what is typed in TWS.
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <set>

#include "actors/brokers/ibkr/sending.hpp"

namespace tradebus::ibkr {

// Placed by another client, or typed in TWS. An order is told once it is there and once it is over, its executions
// between the two.
void IbkrState::tell_elsewhere() {
  const auto t = now();
  while (!elsewhere_.empty()) {
    const auto due = std::ranges::find_if(elsewhere_, [&](const auto& each) { return each.due <= t; });
    if (due == elsewhere_.end()) break;
    const auto* execution = record_->execution(due->id);
    // A fill does not say what was ordered: that is asked for (look_elsewhere()).
    if (execution != nullptr && record_->find(execution->perm_id) == nullptr && t < due->given_up) {
      due->due = std::min(t + order_elsewhere_look, due->given_up);
      continue;
    }
    elsewhere_.erase(due);
    if (execution == nullptr || !sink_ || record_->is_leg(*execution)) continue;
    tell_begun(execution->perm_id);
    tell_busted(execution->fill.exec_id.str());
    self_->send(sink_, record_->event_of(*execution, broker_));
  }
  std::set<std::int64_t> waiting;  // their executions come first
  for (const auto& each : elsewhere_)
    if (const auto* execution = record_->execution(each.id)) waiting.insert(execution->perm_id);
  std::erase_if(elsewhere_changed_, [&](std::int64_t perm) {
    auto* order = record_->find(perm);
    if (order == nullptr || !order->ours.empty()) return true;
    if (waiting.contains(perm)) return false;
    if (order->is_open ? order->is_told : order->is_end_told) return true;
    const auto known = checked_add(record_->executed(perm), order->told_before).value_or(order->filled);
    if (order->filled > known && order->is_told) return false;
    record_->told(perm);
    order->is_end_told = !order->is_open;
    if (sink_) self_->send(sink_, to_broker_order(*order));
    return true;
  });
}

// What has executions before it was told, filled at once say: as it was before them.
void IbkrState::tell_begun(std::int64_t perm_id) {
  auto* order = record_->find(perm_id);
  if (order == nullptr || !order->ours.empty() || order->is_told) return;
  record_->told(perm_id);
  auto begun = to_broker_order(*order);
  begun.filled_qty = order->told_before;
  begun.status = begun.filled_qty.is_zero() ? OrderStatus::new_ : OrderStatus::partially_filled;
  begun.reason.clear();
  if (begun.filled_qty.is_zero()) begun.avg_price.reset();
  self_->send(sink_, std::move(begun));
}

// What other clients do is told by itself only to the gateway's master client: their open orders are asked for now and
// then, and what was traded after a position changed that we did not trade.
void IbkrState::look_elsewhere_soon() {
  constexpr IbkrConfig::Ms soon{500};
  if (config_.elsewhere_every.count() == 0) return;
  was_traded_elsewhere_ = true;
  elsewhere_due_ = now() + std::min(config_.elsewhere_every, soon);
  arm();
}

void IbkrState::look_elsewhere() {
  elsewhere_due_.reset();
  if (phase_ != Phase::up) return;
  elsewhere_due_ = now() + config_.elsewhere_every;
  if (is_venue_lost_) return;
  ask_open_orders(
      [this](const Error* error) {
        if (error != nullptr || phase_ != Phase::up) return;
        bool lacks_executions = std::exchange(was_traded_elsewhere_, false);
        record_->each_open([&](const VenueOrder& order) {
          lacks_executions |= order.ours.empty() && order.filled > record_->executed(order.perm_id);
        });
        if (!lacks_executions) return flush_news();
        ask_executions([this](const Error* failed) {
          if (failed != nullptr || phase_ != Phase::up) return;
          // A fill does not say what was ordered.
          const bool is_known = std::ranges::all_of(elsewhere_, [this](const auto& each) {
            const auto* execution = record_->execution(each.id);
            return execution == nullptr || record_->find(execution->perm_id) != nullptr;
          });
          if (is_known) return flush_news();
          ask_completed([this](const Error*) { flush_news(); });
        });
      },
      true);
}

// Orders there that are not open any more: what became of them.
void IbkrState::settle_elsewhere(std::vector<std::int64_t> gone) {
  ask_executions([this, gone = std::move(gone)](const Error*) {
    ask_completed([this, gone](const Error*) {
      for (const auto perm : gone) {
        record_->close(perm);
        elsewhere_changed_.insert(perm);
      }
      flush_news();
    });
  });
}

}  // namespace tradebus::ibkr
