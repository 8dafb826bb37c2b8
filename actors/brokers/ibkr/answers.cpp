// What the venue says, one message after the other.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <array>

#include "actors/brokers/ibkr/contracts.hpp"
#include "actors/brokers/ibkr/sending.hpp"
#include "engine/services/log_text.hpp"

namespace tradebus::ibkr {

namespace {

constexpr IbkrConfig::Ms commission_wait{1'000};
constexpr IbkrConfig::Ms own_trade_time{2'000};
constexpr IbkrConfig::Ms end_wait{3'000};     // the end that a refused cancel speaks of mostly comes by itself
constexpr IbkrConfig::Ms account_pause{200};  // after a trade, so that several are one question

}  // namespace

// ---- the session ---------------------------------------------------------------------------------------------------

void IbkrState::on(wire::NextValidId&& m) {
  ids_.next_valid(m.order_id);
  session_->took(m, now());
}

void IbkrState::on(wire::ManagedAccounts&& m) {
  if (session_->phase() != session::GatewaySession::Phase::starting) return;
  accounts_.clear();
  for (const auto& each : m.accounts)
    if (!each.empty()) accounts_.emplace_back(each);
  if (!accounts_.empty()) session_->took(m, now());
}

void IbkrState::on(wire::CurrentTime&&) {}  // that it came is what counts

void IbkrState::on(wire::ErrorMessage&& m) {
  if (m.req_id == -1) {
    const auto verdict = wire::judge(m, wire::ErrorSubject::nothing);
    const bool is_link =
        wire::find_error_code(m.code) != nullptr &&
        (verdict.effect == wire::ErrorEffect::information || verdict.effect == wire::ErrorEffect::connection ||
         verdict.category == wire::CodeCategory::connectivity);
    if (is_link)
      log_->debug("ibkr-notice broker={} code={} text=\"{}\"", broker_.str(), m.code, log_text(m.text));
    else if (const auto left_out = notice_lines_.take(now()))
      log_->warn("ibkr-notice broker={} code={} text=\"{}\" left_out={}", broker_.str(), m.code, log_text(m.text),
                 *left_out);
    // Of a question without an id, it may be; 100 drops what came too fast.
    constexpr std::int32_t too_fast = 100;
    const auto is_running = [](const SharedQuestion* question) { return question->is_running(); };
    if ((!is_link || m.code == too_fast) &&
        std::ranges::any_of(std::array{&open_orders_, &completed_, &executions_, &positions_, &account_}, is_running))
      complaint_ = std::to_string(m.code) + " " + m.text;
    return connectivity(m);
  }
  if (m.code == 100) connectivity(m);
  const auto fail_by = [&](SharedQuestion& question) {
    const auto verdict = wire::judge(m, wire::ErrorSubject::request);
    if (verdict.effect != wire::ErrorEffect::request_ended) return;
    const auto error = wire::to_error(m, verdict);
    answer(question, &error);
  };
  if (m.req_id == executions_id_ && executions_.is_running()) return fail_by(executions_);
  if (m.req_id == account_id_ && account_.is_running()) return fail_by(account_);
  if (questions_ && questions_->find(m.req_id) != nullptr) {
    const auto verdict = wire::judge(m, wire::ErrorSubject::request);
    if (verdict.effect != wire::ErrorEffect::request_ended) return;
    const auto error = wire::to_error(m, verdict);
    profits_.erase(m.req_id);
    if (const auto held = position_profits_.find(m.req_id); held != position_profits_.end()) {
      position_profit_ids_.erase(held->second);
      position_profits_.erase(held);
    }
    if (auto question = questions_->close(m.req_id)) question->then(*question, &error);
    return;
  }
  if (!tracker_ || answer_preview(m)) return;
  const auto verdict = tracker_->on(now(), m);
  log_->debug("ibkr-order-message broker={} id={} code={} text=\"{}\"", broker_.str(), m.req_id, m.code,
              log_text(m.text));
  if (!verdict) return;
  if (m.code == 103) static_cast<void>(send(session::Urgency::order, wire::ReqIds{}));
  const auto known = placed_ids_.find(m.req_id);
  if (known == placed_ids_.end()) return;
  flush_news();
  if (verdict->effect == wire::ErrorEffect::cancel_refused && phase_ == Phase::up) {
    suspects_.insert(m.req_id);
    if (!suspects_due_) suspects_due_ = now() + end_wait;
  }
  // Whatever it says, the venue has the cancel.
  for (auto& promise : std::exchange(placed_[known->second].cancels, {})) promise.deliver(Done{});
}

// ---- orders --------------------------------------------------------------------------------------------------------

OrderId IbkrState::ours(std::int32_t client_id, const std::string& order_ref) const {
  return is_mine(client_id) ? OrderId{order_ref} : OrderId{};
}

void IbkrState::on(wire::OpenOrder&& m) {
  if (m.order.client_id == tracker_client_) ids_.seen(m.order_id);
  if (answer_preview(m)) return;
  const auto owner = ours(m.order.client_id, m.order.order_ref);
  if (owner.empty() && m.order.perm_id != 0) elsewhere_changed_.insert(m.order.perm_id);
  record_->on(m, owner);
  // One of an earlier life that the venue had not taken, or not got, when the session began.
  if (const auto* order = record_->find(owner);
      phase_ == Phase::up && order != nullptr && order->is_open && !tracker_->order_id_of(owner)) {
    adopt(*order);
    if (sink_) self_->send(sink_, to_broker_order(*order));
  }
  tracker_->on(now(), m);
}

void IbkrState::on(wire::OrderStatusMessage&& m) {
  if (m.client_id == tracker_client_) ids_.seen(m.order_id);
  record_->on(m);
  if (const auto* order = record_->find(m.perm_id); order != nullptr && order->ours.empty())
    elsewhere_changed_.insert(m.perm_id);
  tracker_->on(now(), m);
  const auto known = placed_ids_.find(m.order_id);
  if (m.client_id != tracker_client_ || known == placed_ids_.end()) return;
  if (m.status != wire::VenueStatus::pending_cancel && !wire::is_final(m.status)) return;
  flush_news();
  for (auto& promise : std::exchange(placed_[known->second].cancels, {})) promise.deliver(Done{});
}

void IbkrState::on(wire::OpenOrderEnd&&) {
  if (!is_last_end(open_orders_)) return;
  auto gone = record_->end_snapshot(!is_poll_);
  answer(open_orders_);
  if (!gone.empty()) settle_elsewhere(std::move(gone));
}

// Told without a client id. Its orderRef is taken for ours, unless it is known to be another's: nobody asks for one
// that is not.
void IbkrState::on(wire::CompletedOrder&& m) {
  const OrderId ref{m.order.order_ref};
  const auto* before = record_->find(m.order.perm_id);
  const bool is_ours = before == nullptr ? !record_->is_elsewhere(m.order.perm_id) : !before->ours.empty();
  // One that was never seen open.
  if (before == nullptr && phase_ == Phase::up && (!is_ours || ref.empty())) elsewhere_changed_.insert(m.order.perm_id);
  record_->on(m, is_ours ? ref : OrderId{});
  if (!is_ours) return;
  // One that ended while nobody listened.
  const auto key = tracker_->order_id_of(ref);
  if (!key || *key < 0) return;
  wire::OrderStatusMessage status;
  status.order_id = *key;
  status.client_id = tracker_client_;
  status.status = m.status;
  status.perm_id = m.order.perm_id;
  status.filled = m.filled_quantity.value_or(Quantity{});
  tracker_->on(now(), status);
}

void IbkrState::on(wire::CompletedOrdersEnd&&) {
  if (is_last_end(completed_)) answer(completed_);
}

void IbkrState::on(wire::ExecDetails&& m) {
  if (m.client_id == tracker_client_) ids_.seen(m.order_id);
  const auto wall = clock_.now();
  const auto at = times_->read(m.time);
  const auto owner = ours(m.client_id, m.order_ref);
  const auto* before = record_->execution(m.exec_id);
  const auto replaced = before == nullptr ? Quantity{} : before->fill.qty;
  const auto written = wire::parse_venue_time(m.time);
  const bool is_guessed = is_zone_guessed_ && written && !written->is_utc && written->zone.empty();
  const bool is_new = record_->on(m, at.value_or(wall), owner, is_guessed);
  learn(m.contract);
  // The record has all that the tracker has, and more: an order that was adopted has its executions in its sum.
  if (!is_new) return;
  const auto whose = tracker_->on(now(), wall, m, replaced);
  if (phase_ != Phase::up) return;
  account_due_ = now() + account_pause;
  if (whose == session::OrderTracker::Owner::ours) {
    traded_ = now();
    return;
  }
  if (elsewhere_.size() < 10'000)
    elsewhere_.push_back({now() + commission_wait, m.exec_id, now() + order_elsewhere_wait});
}

void IbkrState::on(wire::CommissionReport&& m) {
  record_->on(m);
  tracker_->on(now(), m);
  for (auto& each : elsewhere_)
    if (each.id == m.exec_id) each.due = now();
  if (!commissions_due_ || record_->lacks_commissions()) return;
  commissions_due_.reset();
  answer(executions_);
}

void IbkrState::on(wire::ExecDetailsEnd&& m) {
  if (m.req_id != executions_id_ || !executions_.is_running()) return;
  // The last reports come behind the end now and then.
  if (record_->lacks_commissions())
    commissions_due_ = now() + commission_wait;
  else
    answer(executions_);
}

// ---- holdings ------------------------------------------------------------------------------------------------------

void IbkrState::on(wire::PositionMessage&& m) {
  learn(m.contract);
  constexpr std::size_t unnamed_max = 1'000;
  if (!to_symbol(m.contract) && unnamed_.size() < unnamed_max && unnamed_.insert(m.contract.con_id).second)
    log_->warn(
        "ibkr-position-unnamed broker={} account={} type={} name=\"{}\" currency={} message=\"it has no symbol "
        "here and is left out\"",
        broker_.str(), log_text(m.account), log_text(m.contract.sec_type), log_text(m.contract.local_symbol),
        log_text(m.contract.currency));
  auto changed = holdings_->on(m, clock_.now());
  if (holdings_->lacks_positions() && !std::exchange(is_lack_told_, true))
    log_->warn(
        "ibkr-too-many-positions broker={} kept={} message=\"more are held than are kept here: the others are not "
        "shown, and positions are not compared\"",
        broker_.str(), holdings_->positions({}).size());
  if (!changed || phase_ != Phase::up) return;
  watch_profit(*changed);
  // Not by a fill of ours: something is traded elsewhere.
  if (now() > traded_ + own_trade_time) look_elsewhere_soon();
  if (sink_) self_->send(sink_, std::move(*changed));
}

void IbkrState::on(wire::PositionEnd&&) {
  if (!is_last_end(positions_)) return;
  for (auto& gone : holdings_->end_snapshot(clock_.now())) {
    if (phase_ != Phase::up) continue;
    watch_profit(gone);
    if (sink_) self_->send(sink_, std::move(gone));
  }
  answer(positions_);
}

void IbkrState::on(wire::AccountSummaryMessage&& m) {
  if (m.req_id == account_id_) holdings_->on(m);
}

void IbkrState::on(wire::AccountSummaryEnd&& m) {
  static_cast<void>(send(session::Urgency::control, wire::CancelAccountSummary{m.req_id}));
  if (m.req_id != account_id_ || !account_.is_running()) return;
  tell_accounts();
  answer(account_);
}

// What legs and positions name by number alone.
void IbkrState::learn(const wire::Contract& contract) {
  constexpr std::size_t symbols_max = 100'000;
  if (contract.con_id == 0 || symbols_.size() >= symbols_max || contract.sec_type == "BAG") return;
  if (auto symbol = to_symbol(contract)) symbols_[contract.con_id] = std::move(*symbol);
}

// ---- contracts -----------------------------------------------------------------------------------------------------

void IbkrState::on(wire::ContractData&& m) {
  constexpr std::size_t rows_max = 20'000;
  if (auto* question = questions_->find(m.req_id); question != nullptr && question->contracts.size() < rows_max)
    question->contracts.push_back(std::move(m));
}

void IbkrState::on(wire::ContractDataEnd&& m) {
  if (auto question = questions_->close(m.req_id)) question->then(*question, nullptr);
}

void IbkrState::on(wire::OptionParameters&& m) {
  constexpr std::size_t rows_max = 1'000;
  if (auto* question = questions_->find(m.req_id); question != nullptr && question->options.size() < rows_max)
    question->options.push_back(std::move(m));
}

void IbkrState::on(wire::OptionParametersEnd&& m) {
  if (auto question = questions_->close(m.req_id)) question->then(*question, nullptr);
}

}  // namespace tradebus::ibkr
