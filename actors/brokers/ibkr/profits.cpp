// Profit and loss, streamed by the venue: of the accounts, and of what they hold.
#include <caf/typed_event_based_actor.hpp>

#include "actors/brokers/ibkr/sending.hpp"

namespace tradebus::ibkr {

namespace {

constexpr std::size_t accounts_max = 20;
constexpr std::size_t positions_max = 200;

}  // namespace

// Once the link is up.
void IbkrState::watch_profits() {
  for (const auto& each : accounts_) {
    if (profits_.size() >= accounts_max) break;
    Question question;
    question.what = "profit and loss";
    question.then = [](Question&, const Error*) {};
    const auto id = questions_->open(std::move(question));
    if (!id) break;
    profits_[*id] = each;
    wire::ReqProfitAndLoss request;
    request.req_id = *id;
    request.account = each.str();
    static_cast<void>(send(session::Urgency::data, request));
  }
  for (const auto& position : holdings_->positions({})) watch_profit(position);
}

void IbkrState::forget_profits() {
  for (const auto& [id, account] : std::exchange(profits_, {})) {
    static_cast<void>(send(session::Urgency::data, wire::CancelProfitAndLoss{id}));
    questions_->close(id);
  }
  for (const auto& [id, key] : std::exchange(position_profits_, {})) {
    static_cast<void>(send(session::Urgency::data, wire::CancelProfitAndLossSingle{id}));
    questions_->close(id);
  }
  position_profit_ids_.clear();
}

// A position is new, another one, or gone.
void IbkrState::watch_profit(const Position& position) {
  const HeldKey key{position.account, position.symbol};
  const auto known = position_profit_ids_.find(key);
  if (position.qty.is_zero()) {
    if (known == position_profit_ids_.end()) return;
    static_cast<void>(send(session::Urgency::data, wire::CancelProfitAndLossSingle{known->second}));
    questions_->close(known->second);
    position_profits_.erase(known->second);
    position_profit_ids_.erase(known);
    return;
  }
  if (known != position_profit_ids_.end() || position_profits_.size() >= positions_max) return;
  const auto con_id = holdings_->contract_of(position.account, position.symbol);
  if (!con_id) return;
  Question question;
  question.what = "profit and loss of a position";
  question.then = [](Question&, const Error*) {};
  const auto id = questions_->open(std::move(question));
  if (!id) return;
  position_profits_[*id] = key;
  position_profit_ids_[key] = *id;
  wire::ReqProfitAndLossSingle request;
  request.req_id = *id;
  request.account = position.account.str();
  request.con_id = *con_id;
  static_cast<void>(send(session::Urgency::data, request));
}

void IbkrState::on(wire::ProfitAndLoss&& m) {
  const auto account = profits_.find(m.req_id);
  if (account == profits_.end()) return;
  holdings_->on_profit(account->second, m);
  tell_accounts();
}

void IbkrState::on(wire::ProfitAndLossSingle&& m) {
  const auto held = position_profits_.find(m.req_id);
  if (held == position_profits_.end()) return;
  auto changed = holdings_->on_profit(held->second.first, held->second.second, m, clock_.now());
  if (changed && phase_ == Phase::up && sink_) self_->send(sink_, std::move(*changed));
}

}  // namespace tradebus::ibkr
