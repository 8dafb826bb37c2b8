// The order manager's half that settles what is open with a broker each time that its link comes up: executions, open
// orders, those that are missing among them, positions, account. What is reported meanwhile comes in between, in the
// broker's own order.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include <map>

#include "engine/orders/order_manager.hpp"

namespace tradebus {

namespace {

using namespace std::chrono_literals;

constexpr auto answer_deadline = 30s;
constexpr auto retry_interval = 2s;
constexpr auto clock_skew = 5min;  // between here and a venue

}  // namespace

// Null when the answer is of an earlier time.
OrderManagerState::Broker* OrderManagerState::at_round(const BrokerName& which, std::uint64_t round) {
  Broker& broker = brokers_[which];
  return broker.round == round && broker.actor && is_live(broker.status.state) ? &broker : nullptr;
}

void OrderManagerState::begin_reconciliation(const BrokerName& which) {
  Broker& broker = brokers_[which];
  if (!broker.actor || !broker.can || !is_live(broker.status.state) || broker.reconciling) return;
  broker.reconciling = true;
  broker.doubts_only = false;
  broker.unsettled = 0;
  broker.asked.clear();
  book_->knows_groups(which, broker.can->oco);
  read_executions(which, ++broker.round);
}

void OrderManagerState::read_executions(const BrokerName& which, std::uint64_t round) {
  Broker& broker = brokers_[which];
  Timestamp since = broker.last_report == Timestamp{} ? clock_.now() : broker.last_report;
  if (const auto oldest = book_->oldest_open(which)) since = std::min(since, *oldest);
  self_->request(broker.actor, answer_deadline, GetExecutions{since - clock_skew})
      .then(
          [this, which, round, asked = clock_.now()](const Executions& all) {
            Broker* const b = at_round(which, round);
            if (b == nullptr) return;
            // What is older is known now: the next look must not go further back than this one.
            if (!clock_.is_driven()) b->last_report = std::max(b->last_report, asked);
            std::map<BrokerOrderId, std::vector<BrokerEvent>> elsewhere;
            if (!all.closed_elsewhere.empty()) {
              for (const auto& fill : all.fills)
                if (fill.order_id.empty() && fill.broker_order_id && fill.report == BrokerReport::fill)
                  elsewhere[*fill.broker_order_id].push_back(fill);
            }
            for (const auto& order : all.closed_elsewhere)
              book_->on_closed_elsewhere(which, order, elsewhere[order.broker_order_id], clock_.now(), effects_);
            for (const auto& fill : all.fills) {
              // Of orders that have long left memory, or were placed and executed elsewhere, which the broker does not
              // describe, only the position tells.
              const bool ours = book_->find(fill.order_id) != nullptr;
              if (!ours && !book_->knows_elsewhere(fill)) continue;
              b->last_report = std::max(b->last_report, fill.ts);
              book_->on_report(fill, clock_.now(), effects_, true);
            }
            settle();
            read_open_orders(which, round);
          },
          [this, which, round](const caf::error& e) {
            const Error error = from_caf(e, Errc::broker_unavailable);
            if (error.code != Errc::broker_unsupported) return reconciliation_failed(which, round, "executions", e);
            log_->warn("broker-tells-no-executions broker={} message=\"fills missed while away are not booked\"",
                       which.str());
            if (at_round(which, round) != nullptr) read_open_orders(which, round);
          });
}

void OrderManagerState::read_open_orders(const BrokerName& which, std::uint64_t round) {
  self_->request(brokers_[which].actor, answer_deadline, GetOpenBrokerOrders{})
      .then(
          [this, which, round](const OpenBrokerOrders& open) {
            Broker* const b = at_round(which, round);
            if (b == nullptr) return;
            std::unordered_set<OrderId> listed;
            std::unordered_set<BrokerOrderId> listed_there;
            for (const auto& order : open.orders) {
              if (!order.order_id.empty()) listed.insert(order.order_id);
              listed_there.insert(order.broker_order_id);
              book_->on_broker_order(which, order, clock_.now(), effects_);
            }
            b->asked = book_->missing(which, listed, listed_there, clock_.now(), effects_);
            std::ranges::reverse(b->asked);
            settle();
            ask_next(which, round);
          },
          [this, which, round](const caf::error& e) {
            const Error error = from_caf(e, Errc::broker_unavailable);
            if (error.code != Errc::broker_unsupported) return reconciliation_failed(which, round, "open orders", e);
            log_->warn("broker-lists-no-orders broker={} message=\"orders in doubt stay so\"", which.str());
            if (at_round(which, round) != nullptr) read_holdings(which, round);
          });
}

// One after the other: there are few of them.
void OrderManagerState::ask_next(const BrokerName& which, std::uint64_t round) {
  Broker& broker = brokers_[which];
  if (broker.asked.empty()) return broker.doubts_only ? end_doubts(which) : read_holdings(which, round);
  OrderId id = std::move(broker.asked.back());
  broker.asked.pop_back();
  self_->request(broker.actor, answer_deadline, GetBrokerOrder{id})
      .then(
          [this, which, round](const BrokerOrder& told) {
            if (at_round(which, round) == nullptr) return;
            book_->on_broker_order(which, told, clock_.now(), effects_);
            settle();
            ask_next(which, round);
          },
          [this, which, round, id](const caf::error& e) {
            Broker* const b = at_round(which, round);
            if (b == nullptr) return;
            const Error error = from_caf(e, Errc::broker_unavailable);
            if (error.code == Errc::order_not_found) {
              book_->on_not_found(id, clock_.now(), effects_);
              settle();
            } else {
              ++b->unsettled;
              log_->warn("order-unsettled broker={} order={} message=\"{}\"", which.str(), id.str(), error.message);
            }
            ask_next(which, round);
          });
}

void OrderManagerState::read_holdings(const BrokerName& which, std::uint64_t round) {
  const BrokerActor actor = brokers_[which].actor;
  self_->request(actor, answer_deadline, GetBrokerPositions{})
      .then(
          [this, which, round, actor](Positions& all) {
            if (at_round(which, round) == nullptr) return;
            compare_positions(which, std::move(all));
            self_->request(actor, answer_deadline, GetBrokerAccount{})
                .then(
                    [this, which, round](const AccountSummary& account) {
                      if (at_round(which, round) == nullptr) return;
                      holdings_->reset_account(which, account);
                      note_account(account);
                      end_reconciliation(which);
                    },
                    [this, which, round](const caf::error& e) {
                      const Error error = from_caf(e, Errc::broker_unavailable);
                      if (error.code != Errc::broker_unsupported)
                        return reconciliation_failed(which, round, "account", e);
                      // Orders need no account but where a limit asks for its figures, and then there is none.
                      if (at_round(which, round) == nullptr) return;
                      log_->warn("account-unknown broker={} message=\"{}\"", which.str(), error.message);
                      end_reconciliation(which);
                    });
          },
          [this, which, round](const caf::error& e) {
            const Error error = from_caf(e, Errc::broker_unavailable);
            if (error.code != Errc::broker_unsupported) return reconciliation_failed(which, round, "positions", e);
            if (at_round(which, round) != nullptr) end_reconciliation(which);
          });
}

void OrderManagerState::compare_positions(const BrokerName& which, Positions all) {
  std::erase_if(all.positions, [](const Position& position) { return position.qty.is_zero(); });
  risk_->reset_positions(which, all.positions);
  for (const auto& [key, expected, actual] : positions_check_.compare(which, all.positions)) {
    log_->warn(
        "position-differs broker={} account={} symbol={} broker_qty={} expected_qty={} message=\"by the fills known "
        "here it should be another one: find out why, then accept_positions\"",
        which.str(), std::get<1>(key).str(), std::get<2>(key).str(), actual.to_string(), expected.to_string());
    if (!actual.is_zero()) continue;
    // The broker does not name it: it is shown as none, until that is accepted.
    Position& gone = all.positions.emplace_back();
    std::tie(gone.broker, gone.account, gone.symbol) = key;
    gone.updated = clock_.now();
  }
  for (auto& position : all.positions) position.expected_qty = positions_check_.expected(position);
  holdings_->reset_positions(which, all.positions);
  for (const auto& position : all.positions)
    if (position.expected_qty) outlet_->publish(position);
  outlet_->flush();
}

void OrderManagerState::end_reconciliation(const BrokerName& which) {
  Broker& broker = brokers_[which];
  broker.reconciling = false;
  broker.reconciled = true;
  book_->resume(which, *broker.can, clock_.now(), effects_);
  cancel_of_silent_clients();
  settle();
  log_->info("broker-reconciled broker={} unsettled={}", which.str(), broker.unsettled);
  publish_status(which);
  // Also of what came into doubt meanwhile.
  if (broker.unsettled > 0 || !book_->in_doubt(which).empty())
    self_->delayed_send(self_, retry_interval, ReconcileBroker{which, broker.round});
}

void OrderManagerState::reconciliation_failed(const BrokerName& which, std::uint64_t round, const char* what,
                                              const caf::error& error) {
  Broker* const broker = at_round(which, round);
  if (broker == nullptr) return;
  // That an actor died is the supervisor's to tell; when the daemon ends they all do.
  const bool ended = error == caf::sec::request_receiver_down;
  log_->log(ended ? spdlog::level::info : spdlog::level::warn,
            "broker-reconciliation-failed broker={} what=\"{}\" message=\"{}\"", which.str(), what,
            from_caf(error, Errc::broker_unavailable).message);
  self_->delayed_send(self_, retry_interval, ReconcileBroker{which, round});
}

void OrderManagerState::reconcile_again(const ReconcileBroker& request) {
  Broker* const broker = at_round(request.broker, request.round);
  if (broker == nullptr) return;
  if (broker->reconciled && !broker->reconciling && broker->unsettled == 0) return settle_doubts(request.broker);
  broker->reconciling = false;
  begin_reconciliation(request.broker);
}

// ---- doubts under a link that is up --------------------------------------------------------------------------------
//
// A request that failed without a word, and no link was lost: nothing else would ask what became of it. Only orders in
// doubt are asked about: of all others the reports tell.

void OrderManagerState::ask_soon_if_in_doubt(const OrderId& id) {
  const Order* const order = book_->find(id);
  if (order == nullptr || order->status != OrderStatus::in_doubt) return;
  const Broker& broker = brokers_[order->broker];
  if (!broker.reconciled || broker.reconciling) return;  // asked for at the end of that
  self_->delayed_send(self_, retry_interval, ReconcileBroker{order->broker, broker.round});
}

void OrderManagerState::settle_doubts(const BrokerName& which) {
  Broker& broker = brokers_[which];
  broker.asked = book_->in_doubt(which);
  if (broker.asked.empty() && !book_->has_lost_exits(which)) return;
  broker.reconciling = broker.doubts_only = true;
  std::ranges::reverse(broker.asked);
  ask_next(which, ++broker.round);
}

void OrderManagerState::end_doubts(const BrokerName& which) {
  Broker& broker = brokers_[which];
  broker.reconciling = broker.doubts_only = false;
  book_->resume(which, *broker.can, clock_.now(), effects_, false);
  settle();
  // What this has not settled needs executions too.
  broker.unsettled = book_->in_doubt(which).size();
  if (broker.unsettled > 0) self_->delayed_send(self_, retry_interval, ReconcileBroker{which, broker.round});
}

}  // namespace tradebus
