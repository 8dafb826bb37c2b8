// What is asked of the venue. Each question is asked anew; equal ones share the answer that is on its way.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "actors/brokers/ibkr/contracts.hpp"
#include "actors/brokers/ibkr/sending.hpp"
#include "actors/brokers/ibkr/words.hpp"

namespace tradebus::ibkr {

namespace {

constexpr IbkrConfig::Ms settle_time{3'000};  // an order may be slower than the question about it
constexpr IbkrConfig::Ms look_time{2'000};
constexpr std::size_t contracts_max = 10'000;

}  // namespace

// ---- questions without an id ---------------------------------------------------------------------------------------

void IbkrState::ask(SharedQuestion& question, Then then, const std::function<Result<void>()>& begin) {
  const bool is_first = !question.is_running();
  question.waiting.push_back(std::move(then));
  if (!is_first) return;
  question.deadline = now() + config_.answer_timeout;
  question.has_ended = false;
  ++question.unanswered;
  if (auto ok = begin(); !ok) {
    --question.unanswered;
    answer(question, &ok.error());
  }
  pump();
}

void IbkrState::answer(SharedQuestion& question, const Error* error) {
  if (error == nullptr) complaint_.clear();
  for (auto& then : std::exchange(question.waiting, {})) then(error);
}

// Of one that was given up for an answer that then came late, the end is not the next one's.
bool IbkrState::is_last_end(SharedQuestion& question) {
  if (question.unanswered > 0) --question.unanswered;
  question.has_ended = true;
  return question.unanswered == 0 && question.is_running();
}

// An end that never comes must not spoil the questions after it.
void IbkrState::expire(SharedQuestion& question, Time t) {
  if (!question.is_running() || t < question.deadline) return;
  auto why = std::string{"the gateway did not answer in time"};
  if (!complaint_.empty()) why += "; it said: " + std::exchange(complaint_, {});
  const Error late{Errc::broker_unavailable, why};
  if (&question == &account_) cancel_account();
  const bool has_id = &question == &account_ || &question == &executions_;
  if (!has_id && !question.has_ended && question.unanswered > 1)
    return session_->give_up("transport", why + ", twice", t);
  if (question.has_ended) question.unanswered = 0;  // the end that came was this one's
  answer(question, &late);
}

void IbkrState::ask_open_orders(Then then, bool is_poll) {
  is_poll_ = is_poll && (is_poll_ || !open_orders_.is_running());
  ask(open_orders_, std::move(then), [this] {
    record_->begin_snapshot();
    return send(session::Urgency::control, wire::ReqAllOpenOrders{});
  });
}

void IbkrState::ask_completed(Then then) {
  ask(completed_, std::move(then), [this] { return send(session::Urgency::control, wire::ReqCompletedOrders{}); });
}

void IbkrState::ask_executions(Then then) {
  ask(executions_, std::move(then), [this] {
    wire::ReqExecutions request;
    request.req_id = executions_id_ = next_shared_id();
    return send(session::Urgency::control, request);
  });
}

void IbkrState::ask_positions(Then then) {
  ask(positions_, std::move(then), [this] {
    holdings_->begin_snapshot();
    return send(session::Urgency::control, wire::ReqPositions{});
  });
}

void IbkrState::ask_account(Then then) {
  ask(account_, std::move(then), [this] {
    wire::ReqAccountSummary request;
    request.req_id = account_id_ = next_shared_id();
    request.tags = "NetLiquidation,TotalCashValue,BuyingPower";
    return send(session::Urgency::control, request);
  });
}

// From the same row as all others, so that an error's id says what it is about.
std::int32_t IbkrState::next_shared_id() {
  auto id = questions_->open(Question{});
  if (!id) return session::first_request_id;
  questions_->close(*id);
  return *id;
}

// Two that were left open are as many as there may be.
void IbkrState::cancel_account() {
  if (account_.is_running())
    static_cast<void>(send(session::Urgency::control, wire::CancelAccountSummary{account_id_}));
}

void IbkrState::tell_accounts() {
  for (const auto& each : accounts_) {
    holdings_->commissions(each, record_->commissions(each));
    auto changed = holdings_->changed(each, clock_.now());
    if (changed && phase_ == Phase::up && sink_) self_->send(sink_, std::move(*changed));
  }
}

// ---- reconciliation ------------------------------------------------------------------------------------------------

BrokerOrder IbkrState::to_broker_order(const VenueOrder& order) {
  BrokerOrder out;
  out.order_id = order.ours;
  out.broker_order_id = BrokerOrderId{std::to_string(order.perm_id)};
  out.account = AccountId{order.order.account};
  out.order = to_trade_order(order.contract, order.order, *times_);
  out.filled_qty = std::max(order.filled, record_->executed(order.perm_id));
  out.status = to_status(order.status, !out.filled_qty.is_zero());
  out.reason = order.reason;
  if (!out.filled_qty.is_zero()) {
    out.avg_price = record_->average(order.perm_id);
    // Of fills of earlier days only the venue's sum is known.
    if (record_->executed(order.perm_id) < out.filled_qty && order.average.is_positive()) out.avg_price = order.average;
  }
  for (const auto& leg : order.order.legs) {
    const auto known = symbols_.find(leg.con_id);
    out.legs.push_back({known == symbols_.end() ? Symbol{"conid-" + std::to_string(leg.con_id)} : known->second,
                        leg.action == "BUY" ? Side::buy : Side::sell, leg.ratio});
  }
  return out;
}

caf::result<OpenBrokerOrders> IbkrState::open_orders() {
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  auto promise = self_->make_response_promise<OpenBrokerOrders>();
  ask_open_orders([this, promise](const Error* error) mutable {
    if (error != nullptr) {
      promise.deliver(to_caf(*error));
      return;
    }
    flush_news();  // what was told before it is in it
    OpenBrokerOrders out;
    record_->each_open([&](const VenueOrder& order) {
      out.orders.push_back(to_broker_order(order));
      record_->told(order.perm_id);
    });
    promise.deliver(std::move(out));
  });
  arm();
  return promise;
}

caf::result<BrokerOrder> IbkrState::look_up(const OrderId& id) {
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  if (const auto* known = record_->find(id)) return to_broker_order(*known);
  if (const auto placed = placed_.find(id);
      placed != placed_.end() && !placed->second.refused &&
      (now() < placed->second.sent + settle_time ||
       (placed->second.order_id > 0 && session_->waits(static_cast<std::uint64_t>(placed->second.order_id)))))
    return to_caf(Error{Errc::broker_unavailable, "order " + id.str() + " is on its way; ask again"});
  // Under another client id an earlier connection may still hold what the daemon sent before it ended.
  if (config_.session.client_ids > 1 && first_up_ && now() < *first_up_ + settle_time && !placed_.contains(id))
    return to_caf(Error{Errc::broker_unavailable, "order " + id.str() + " may be on its way; ask again"});
  const Error unknown{Errc::order_not_found, "the venue knows no order " + id.str()};
  // Many are asked about one after the other: all that the venue has is asked for once.
  const auto sent = placed_.find(id);
  if (looked_connection_ == session_->connection() && now() < looked_end_ + look_time && !record_->is_on_its_way(id) &&
      (sent == placed_.end() || looked_ >= sent->second.sent + settle_time)) {
    never_arrived(id);
    return to_caf(unknown);
  }
  auto promise = self_->make_response_promise<BrokerOrder>();
  const auto began = now();
  const Then look = [this, id, promise, unknown, began,
                     connection = session_->connection()](const Error* error) mutable {
    if (error != nullptr) {
      promise.deliver(to_caf(*error));
      return;
    }
    looked_ = began;
    looked_end_ = now();
    looked_connection_ = connection;
    feed_ends();
    flush_news();
    if (const auto* known = record_->find(id)) {
      promise.deliver(to_broker_order(*known));
    } else if (record_->is_on_its_way(id)) {
      promise.deliver(to_caf(Error{Errc::broker_unavailable,
                                   "order " + id.str() + " is there, and not taken yet by the venue; ask again"}));
    } else {
      promise.deliver(to_caf(unknown));
      never_arrived(id);
    }
  };
  const Then then_completed = [this, look](const Error* error) {
    if (error != nullptr) return look(error);
    anew(completed_, [this, look] { ask_completed(look); });
  };
  anew(open_orders_, [this, then_completed] { ask_open_orders(then_completed); });
  arm();
  return promise;
}

void IbkrState::never_arrived(const OrderId& id) {
  const auto doubt = placed_.find(id);
  if (doubt == placed_.end() || doubt->second.accepted || doubt->second.refused) return;
  doubt->second.refused = Error{Errc::broker_rejected, "it never reached the venue"};
  if (doubt->second.order_id > 0) tracker_->never_arrived(doubt->second.order_id);
  end(id, doubt->second);
}

// A cancel was refused for an order that is said to be over, or unknown: what became of it is not told again.
void IbkrState::look_what_became() {
  suspects_due_.reset();
  auto suspects = std::exchange(suspects_, {});
  std::erase_if(suspects, [this](std::int32_t id) { return !tracker_->works(id); });
  if (suspects.empty()) return;
  anew(open_orders_, [this, suspects] {
    ask_open_orders([this, suspects](const Error* error) {
      if (error != nullptr) return;
      // All completed orders are many: only for one that is no longer open.
      const bool is_any_over = std::ranges::any_of(suspects, [this](std::int32_t id) {
        const auto known = placed_ids_.find(id);
        const auto* order = known == placed_ids_.end() ? nullptr : record_->find(known->second);
        return tracker_->works(id) && order != nullptr && !order->is_open;
      });
      if (!is_any_over) return;
      anew(completed_, [this] {
        ask_completed([this](const Error* failed) {
          if (failed != nullptr) return;
          feed_ends();
          flush_news();
        });
      });
    });
  });
}

// Orders of ours whose end only the lists show.
void IbkrState::feed_ends() {
  for (const auto& [id, placed] : placed_) {
    if (placed.is_over || placed.order_id == 0 || !tracker_->works(placed.order_id)) continue;
    const auto* order = record_->find(id);
    if (order == nullptr || order->is_open) continue;
    wire::OrderStatusMessage status;
    status.order_id = placed.order_id;
    status.client_id = tracker_client_;
    status.status = order->status;
    status.perm_id = order->perm_id;
    status.filled = std::max(order->filled, record_->executed(order->perm_id));
    tracker_->on(now(), status);
  }
}

// An answer that is on its way may have been given before what is asked about was there.
void IbkrState::anew(SharedQuestion& question, std::function<void()> begin) {
  if (!question.is_running()) return begin();
  question.waiting.push_back([begin = std::move(begin)](const Error*) { begin(); });
}

caf::result<Executions> IbkrState::executions(const GetExecutions& m) {
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  auto promise = self_->make_response_promise<Executions>();
  // The venue's times are in seconds.
  const Timestamp since{std::chrono::floor<std::chrono::seconds>(m.since)};
  const Then tell = [this, since, promise](const Error* error) mutable {
    if (error != nullptr) {
      promise.deliver(to_caf(*error));
      return;
    }
    flush_news();
    Executions out;
    out.fills = record_->fills(since, broker_);
    std::set<std::int64_t> seen;
    for (const auto& fill : out.fills) {
      if (!fill.order_id.empty()) continue;
      const auto perm = std::strtoll(fill.broker_order_id->str().c_str(), nullptr, 10);
      auto* order = record_->find(perm);
      if (order == nullptr || order->is_open || !seen.insert(perm).second) continue;
      order->is_told = order->is_end_told = true;
      out.closed_elsewhere.push_back(to_broker_order(*order));
      out.closed_elsewhere.back().order_id = {};  // whatever its orderRef says
    }
    promise.deliver(std::move(out));
  };
  ask_executions([this, since, tell](const Error* error) mutable {
    if (error != nullptr) return tell(error);
    // A fill of an order that was placed elsewhere does not say what was ordered.
    const auto fills = record_->fills(since, broker_);
    const bool is_known = std::ranges::all_of(fills, [this](const BrokerEvent& fill) {
      return !fill.order_id.empty() ||
             record_->find(std::strtoll(fill.broker_order_id->str().c_str(), nullptr, 10)) != nullptr;
    });
    if (is_known) return tell(nullptr);
    ask_completed(tell);
  });
  arm();
  return promise;
}

caf::result<Positions> IbkrState::positions(const GetBrokerPositions& m) {
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  auto promise = self_->make_response_promise<Positions>();
  ask_positions([this, account = m.account, promise](const Error* error) mutable {
    if (error != nullptr)
      promise.deliver(to_caf(*error));
    else if (holdings_->lacks_positions())  // those that there are would be taken for all
      promise.deliver(to_caf(Error{Errc::broker_unsupported,
                                   "more positions are held at the venue than are kept here; what is "
                                   "told is a part of them"}));
    else
      promise.deliver(Positions{holdings_->positions(account)});
  });
  arm();
  return promise;
}

caf::result<AccountSummary> IbkrState::account(const GetBrokerAccount& m) {
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  const auto which = m.account.value_or(accounts_.front());
  if (std::ranges::find(accounts_, which) == accounts_.end())
    return to_caf(Error{Errc::request_invalid, "broker ibkr has no account \"" + which.str() + "\"", "account"});
  auto promise = self_->make_response_promise<AccountSummary>();
  ask_account([this, which, promise](const Error* error) mutable {
    const auto* known = holdings_->account(which);
    if (error != nullptr)
      promise.deliver(to_caf(*error));
    else if (known == nullptr)
      promise.deliver(
          to_caf(Error{Errc::broker_unsupported, "the gateway told no cash, equity and buying power of account " +
                                                     which.str() + " that can be read"}));
    else
      promise.deliver(*known);
  });
  arm();
  return promise;
}

// ---- contracts -----------------------------------------------------------------------------------------------------

void IbkrState::ask_contract(wire::Contract contract,
                             std::function<void(Result<std::vector<wire::ContractData>>)> then) {
  const auto symbol = to_symbol(contract).value_or(Symbol{});
  const bool is_exact = contract.sec_type != "OPT" || !contract.strike.is_zero();
  if (const auto known = contracts_.find(symbol); is_exact && known != contracts_.end())
    return then(std::vector{known->second});
  Question question;
  question.what = "contract details";
  question.then = [this, symbol, is_exact, then](Question& asked, const Error* error) {
    if (error != nullptr) return then(tl::unexpected{*error});
    for (const auto& row : asked.contracts) learn(row.contract);
    if (is_exact && asked.contracts.size() == 1) {
      if (contracts_.size() >= contracts_max) contracts_.clear();
      contracts_[symbol] = asked.contracts.front();
    }
    then(std::move(asked.contracts));
  };
  const auto id = questions_->open(std::move(question), now() + config_.answer_timeout);
  if (!id) return then(tl::unexpected{id.error()});
  wire::ReqContractData request;
  request.req_id = *id;
  request.contract = std::move(contract);
  if (auto ok = send(session::Urgency::data, request); !ok)
    if (auto failed = questions_->close(*id)) failed->then(*failed, &ok.error());
}

}  // namespace tradebus::ibkr
