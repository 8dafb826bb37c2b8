// The order manager's half in which what happened becomes a fact: the journal, then all that follows from it.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include "engine/orders/order_manager.hpp"

namespace tradebus {

void OrderManagerState::record() {
  for (; recorded_ < effects_.size(); ++recorded_) {
    auto* change = std::get_if<Changed>(&effects_[recorded_]);
    if (change == nullptr) continue;
    journal_->append(*change->record);
    const OrderEvent& event = change->record->event;
    if (event.fill) positions_check_.on_fill(event.order, *event.fill, event.event == OrderEventType::bust);
    events_->push({change->record, &event});
  }
  if (positions_check_.wants_saving()) save_positions();
  if (std::exchange(flushed_seq_, journal_->last_seq()) != journal_->last_seq()) journal_->flush();
}

void OrderManagerState::save_positions() { journal_->append(StateRecord{positions_key, positions_check_.saved()}); }

void OrderManagerState::settle() {
  record();
  recorded_ = 0;
  if (is_durable()) {
    Consequences now{0, std::move(effects_), std::move(replies_), std::move(answers_)};
    carry_out(now);
    effects_ = std::move(now.effects);
    replies_ = std::move(now.replies);
    answers_ = std::move(now.answers);
  } else if (effects_.empty() && journal_state_ != JournalState::ok) {
    // Refusals and questions don't wait for a disk that has no room.
    outlet_->reply(replies_);
    for (auto& answer : answers_) answer();
    answers_.clear();
  } else if (journal_state_ == JournalState::failed && replies_.empty() && answers_.empty()) {
    effects_.clear();  // never will be facts: what brokers report is read back from them after the next start
  } else {
    const auto seq = journal_->last_seq();
    // Many answers leave from the thread that has synced, while this actor goes on with what came meanwhile. To a lone
    // one it gives its turn instead: woken for what follows, it would be in the answer's way.
    if (!is_lone_) outlet_->hold(seq, replies_);
    if (!effects_.empty() || !replies_.empty() || !answers_.empty())
      held_.push_back({seq, std::move(effects_), std::move(replies_), std::move(answers_)});
  }
  effects_.clear();
  replies_.clear();
  answers_.clear();
}

void OrderManagerState::carry_out(Consequences& what) {
  outlet_->reply(what.replies);
  for (auto& answer : what.answers) answer();
  what.answers.clear();
  send_to_brokers(what.effects);  // before the announcements: they are what latency is measured to
  announce(what.effects);
}

void OrderManagerState::journal_progress() {
  journal_->flush();  // what found no room may find it now
  const auto durable = journal_->durable_seq();
  while (!held_.empty() && held_.front().seq <= durable) {
    auto what = std::move(held_.front());
    held_.pop_front();
    carry_out(what);
  }
  const auto status = journal_->status();
  if (status.state == journal_state_) return;
  journal_state_ = status.state;
  if (status.state == JournalState::ok)
    log_->warn("journal-recovered message=\"orders are taken again\"");
  else
    log_->error("journal-{} message=\"no new orders are taken: {}\"", to_string(status.state), status.reason);
}

void OrderManagerState::send_to_brokers(Effects& effects) {
  for (auto& effect : effects) {
    if (auto* stock = std::get_if<SendStockOrder>(&effect))
      send(*stock);
    else if (auto* option = std::get_if<SendOptionOrder>(&effect))
      send(*option);
    else if (auto* replace = std::get_if<SendReplace>(&effect))
      send(*replace);
    else if (auto* cancel = std::get_if<SendCancel>(&effect))
      send(*cancel);
  }
}

void OrderManagerState::announce(Effects& effects) {
  for (auto& effect : effects) {
    if (const auto* change = std::get_if<Changed>(&effect)) {
      const OrderEvent& event = change->record->event;
      if (log_->should_log(spdlog::level::debug))
        log_->debug("order-event seq={} event={} order={} status={} filled={}", event.seq, to_string(event.event),
                    event.order.order_id.str(), to_string(event.order.status), event.order.filled_qty.to_string());
      outlet_->publish(event);
    } else if (const auto* anomaly = std::get_if<Anomaly>(&effect)) {
      ++anomalies_;
      log_->warn("order-report-anomaly order={} what=\"{}\"", anomaly->order_id.str(), anomaly->what);
    } else if (const auto* again = std::get_if<ExitPlacedAgain>(&effect)) {
      log_->warn(
          "exit-placed-again order={} as={} count={} count_max={} message=\"an exit of a bracket never reached the "
          "broker: another order is placed in its stead\"",
          again->lost.str(), again->copy.str(), again->count, again->count_max);
    }
  }
  effects.clear();
  outlet_->flush();
}

// ---- to brokers ----------------------------------------------------------------------------------------------------

Timestamp OrderManagerState::answered_at(const BrokerName& broker) const {
  const auto it = brokers_.find(broker);
  const bool told = it != brokers_.end() && it->second.last_report != Timestamp{};
  return clock_.is_driven() && told ? it->second.last_report : clock_.now();
}

// No time limits here: an answered request with one keeps its timer. A broker's death answers, or take_handle() does.
template <class Request>
void OrderManagerState::submit(const BrokerName& broker, const OrderId& id, Request request) {
  // While the journal was on its way the broker's link may have gone: the order is then in doubt, or settled already,
  // and sent no more.
  const Order* order = book_->find(id);
  if (order == nullptr || is_closed(order->status) || order->status == OrderStatus::in_doubt) return;
  self_->request(brokers_[broker].actor, caf::infinite, std::move(request))
      .then(
          [this, id](const OrderAccepted& accepted) {
            const Timestamp ts = accepted.ts == Timestamp{} ? clock_.now() : accepted.ts;
            book_->on_accepted(id, accepted, ts, effects_);
            settle();
          },
          [this, id, broker](const caf::error& error) {
            const Error why = from_caf(error, Errc::broker_unavailable);
            log_->info("order-submit-failed order={} code={} message=\"{}\"", id.str(), to_string(why.code),
                       why.message);
            book_->on_place_failed(id, why, answered_at(broker), effects_);
            settle();
            ask_soon_if_in_doubt(id);
          });
}

void OrderManagerState::send(SendStockOrder& effect) {
  const OrderId id = effect.order.order_id;
  submit(effect.broker, id, std::move(effect.order));
}

void OrderManagerState::send(SendOptionOrder& effect) {
  const OrderId id = effect.order.order_id;
  submit(effect.broker, id, std::move(effect.order));
}

void OrderManagerState::send(SendReplace& effect) {
  const OrderId id = effect.replace.order_id;
  if (!brokers_[effect.broker].actor) return;  // its end has put the order in doubt
  self_->request(brokers_[effect.broker].actor, caf::infinite, std::move(effect.replace))
      .then([](const Done&) {},
            [this, id, broker = effect.broker](const caf::error& error) {
              book_->on_replace_failed(id, from_caf(error, Errc::broker_unavailable), answered_at(broker), effects_);
              settle();
              ask_soon_if_in_doubt(id);
            });
}

void OrderManagerState::send(SendCancel& effect) {
  const OrderId id = effect.cancel.order_id;
  if (!brokers_[effect.broker].actor) return;
  self_->request(brokers_[effect.broker].actor, caf::infinite, std::move(effect.cancel))
      .then([](const Done&) {},
            [this, id, broker = effect.broker](const caf::error& error) {
              book_->on_cancel_failed(id, from_caf(error, Errc::broker_unavailable), answered_at(broker), effects_);
              settle();
              ask_soon_if_in_doubt(id);
            });
}

}  // namespace tradebus
