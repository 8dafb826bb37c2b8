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
  } else {
    settle_late();
  }
  effects_.clear();
  replies_.clear();
  answers_.clear();
  if (journal_state_ != JournalState::ok) look_at_journal();
}

void OrderManagerState::settle_late() {
  if (journal_state_ != JournalState::ok) note_unrecorded(effects_);
  if (journal_state_ == JournalState::failed || (refusal_ && effects_.empty())) {
    // Refusals, and questions. What brokers report never is a fact once the disk broke: it is read back from them after
    // the next start.
    outlet_->reply(replies_);
    for (auto& answer : answers_) answer(std::nullopt);
  } else {
    const auto seq = journal_->last_seq();
    // Many answers leave from the thread that has synced, while this actor goes on with what came meanwhile. To a lone
    // one it gives its turn instead: woken for what follows, it would be in the answer's way.
    if (!is_lone_) outlet_->hold(seq, replies_);
    if (!effects_.empty() || !replies_.empty() || !answers_.empty())
      held_.push_back({seq, std::move(effects_), std::move(replies_), std::move(answers_)});
  }
}

void OrderManagerState::carry_out(Consequences& what) {
  outlet_->reply(what.replies);
  for (auto& answer : what.answers) answer(std::nullopt);
  what.answers.clear();
  send_to_brokers(what.effects);  // before the announcements: they are what latency is measured to
  announce(what.effects);
}

void OrderManagerState::journal_progress() {
  journal_->flush();  // what found no room may find it now
  carry_out_durable();
  look_at_journal();
}

void OrderManagerState::carry_out_durable() {
  const auto durable = journal_->durable_seq();
  outlet_->release(durable);
  while (!held_.empty() && held_.front().seq <= durable) {
    auto what = std::move(held_.front());
    held_.pop_front();
    carry_out(what);
  }
}

void OrderManagerState::look_at_journal() {
  const auto status = journal_->status();
  refusal_.reset();
  if (status.state != JournalState::ok)
    if (const auto ok = journal_->takes_changes(); !ok) refusal_ = ok.error();
  if (refusal_ && status.state == JournalState::failed) refusal_->message += "; cancel orders at the broker itself";
  if (status.state == journal_state_) return;
  if (journal_state_ == JournalState::ok)
    for (const auto& what : held_) note_unrecorded(what.effects);
  journal_state_ = status.state;
  if (journal_state_ == JournalState::ok) unrecorded_.clear();
  if (journal_state_ == JournalState::failed) give_up_held();
  if (status.state == JournalState::ok)
    log_->warn("journal-recovered message=\"orders are taken again\"");
  else
    log_->error("journal-{} message=\"no new orders are taken: {}\"", to_string(status.state), status.reason);
}

// Whether the disk has the rest nobody knows before the next start.
void OrderManagerState::give_up_held() {
  carry_out_durable();
  const Error why{Errc::internal,
                  "not known to be recorded: " + journal_->status().reason +
                      "; after the next start get_order tells, or the same request again with its client_order_id"};
  outlet_->refuse_held(why);
  for (auto& what : held_) {
    for (auto& reply : what.replies) reply = {reply.token, {}, why};
    outlet_->reply(what.replies);
    for (auto& answer : what.answers) answer(why);
  }
  held_.clear();
}

void OrderManagerState::note_unrecorded(const Effects& effects) {
  for (const auto& effect : effects)
    if (const auto* change = std::get_if<Changed>(&effect))
      unrecorded_[change->record->event.order.order_id] = change->record->event.seq;
}

bool OrderManagerState::is_recorded(const OrderId& id) const {
  if (!refusal_) return true;  // or is about to be, and nobody hears of it before
  const auto it = unrecorded_.find(id);
  return it == unrecorded_.end() || it->second <= journal_->durable_seq();
}

Order OrderManagerState::marked(const Order& order) const {
  Order out = order;
  if (!is_recorded(order.order_id)) out.unrecorded = true;
  return out;
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
