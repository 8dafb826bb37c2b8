#include "engine/orders/order_manager.hpp"

#include <spdlog/spdlog.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace tradebus {

namespace {

constexpr auto copy_of = [](const Order* order) { return *order; };

}  // namespace

std::string order_id_tag(Timestamp started) {
  auto rest = static_cast<std::uint64_t>(unix_ns(started) / 1'000'000);
  std::string out;
  do {
    out.insert(out.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36]);
    rest /= 36;
  } while (rest != 0);
  return out;
}

OrderManagerState::OrderManagerState(OrderManagerActor::pointer self) : self_{self} {}

OrderManagerActor::behavior_type OrderManagerState::make_behavior(OrderManagerConfig config) {
  self_->set_exception_handler([this](std::exception_ptr& e) {
    auto reason = error_from_exception(e);
    log_->critical("order-manager-died reason=\"{}\"", self_->home_system().render(reason));
    return reason;
  });
  clock_ = config.clock;
  journal_ = std::move(config.journal);
  outlet_ = std::move(config.outlet);
  log_ = std::move(config.log);
  risk_ = std::make_shared<RiskEngine>(std::move(config.risk));
  risk_context_ = std::move(config.risk_context);
  reload_risk_ = std::move(config.reload_risk);
  halt_file_ = std::move(config.halt_file);
  history_ = config.history;
  indexed_seq_ = std::move(config.indexed_seq);
  book_.emplace("o-" + config.id_tag + "-", config.limits.book, risk_);
  // Of a journal that goes on, what came before is the reader's to tell.
  events_.emplace(config.limits.events_max, config.recovered.last_number > 0 ? journal_->last_seq() : 0);
  mark_interval_ = config.mark_interval;
  holdings_.emplace(mark_interval_);
  // Answers that wait for the disk leave from the journal's thread, before this actor has woken. That thread must not
  // keep it alive.
  journal_->on_progress(
      [address = caf::actor_cast<caf::weak_actor_ptr>(self_->address()), outlet = outlet_, journal = journal_.get()] {
        outlet->release(journal->durable_seq());
        if (const auto strong = address.lock())
          caf::anon_send(caf::actor_cast<OrderManagerActor>(strong), JournalProgress{});
      });
  recover_risk(config.recovered.state);
  recover_clients(config.recovered.state);
  recover(std::move(config.recovered));
  if (!halt_file_.empty()) watch_halt_file();
  return {
      [this](const ClientRequests& r) { answer(r); },
      [this](const PlaceOrder& c) {
        return settled(place(c).map([](const OrderBook::Placed& placed) {
          Order order = *placed.order;
          if (placed.duplicate) order.duplicate = true;
          return order;
        }));
      },
      [this](const ReplaceOrder& c) { return settled(replace(c).map(copy_of)); },
      [this](const CancelOrder& c) { return settled(cancel(c).map(copy_of)); },
      [this](const CancelAll& c) { return settled(cancel_all(c)); },
      [this](const GetOrder& q) { return settled(order(q).map([this](const Order* o) { return marked(*o); })); },
      [this](const GetOrders& q) { return settled(Result<Orders>{orders(q)}); },
      [this](const GetPositions& q) { return settled(positions(q)); },
      [this](const GetAccountSummary& q) { return settled(account(q)); },
      [this](const GetBrokerChain& q) { return chain(q); },
      [this](const GetOrderEvents& q) { return settled(Result<OrderEvents>{events(q)}); },
      [this](const GetOrderManagerStatus&) { return full_status(); },
      [this](const AcceptPositions& c) { return settled(accept_positions(c)); },
      [this](const KillSwitch& c) { return settled(kill_switch(c)); },
      [this](const ReloadRisk&) { return to_caf(reload_risk()); },
      [this](const WatchRequest& r) { watch_client(r); },
      [this](const ClientSilent& s) { client_silent(s.client); },
      [this](const ClientHeard& h) { client_heard(h.client); },
      [this](const BrokerHandle& h) { take_handle(h); },
      [this](const BrokerEvent& e) { take_report(e); },
      [this](const BrokerBarrier&) { return settled(Result<Done>{Done{}}); },
      [this](const SettleBrokers&) { return settle_brokers(); },
      [this](const PositionAdjusted& a) { return adjust_position(a); },
      [this](const BrokerOrder& o) { take_elsewhere(o); },
      [this](const BrokerStatus& s) { take_status(s); },
      [this](const Position& p) { take_holding(p); },
      [this](const AccountSummary& a) { take_holding(a); },
      [this](const TellMarks&) { tell_marks(); },
      [this](const JournalProgress&) { journal_progress(); },
      [this](const ReconcileBroker& r) { reconcile_again(r); },
      [this](const WatchHaltFile&) { watch_halt_file(); },
  };
}

void OrderManagerState::recover(RecoveredJournal recovered) {
  if (const auto it = recovered.state.find(positions_key); it != recovered.state.end())
    if (!positions_check_.restore(it->second))
      log_->error(
          "positions-unreadable message=\"what was held before is not known: brokers' positions are taken as they "
          "are\"");
  for (const auto& event : recovered.fills_after)
    if (event.fill) positions_check_.on_fill(event.order, *event.fill, event.event == OrderEventType::bust);
  for (const auto& order : recovered.orders) {
    Timestamp& last = brokers_[order.last.event.order.broker].last_report;
    last = std::max(last, order.last.event.order.updated);
  }
  for (auto& [which, broker] : brokers_) broker.status.broker = which;
  const auto count = recovered.last_number;
  book_->restore(std::move(recovered.orders), std::move(recovered.forgotten), recovered.last_number, clock_.now(),
                 effects_);
  if (count > 0)
    log_->info("orders-recovered placed={} open={} in_doubt={} in_memory={}", count, book_->open_count(),
               book_->in_doubt_count(), book_->kept_count());
  settle();
}

template <class T>
caf::result<T> OrderManagerState::settled(Result<T> answer) {
  auto promise = self_->make_response_promise<T>();
  answers_.emplace_back([promise, answer = std::move(answer)](const std::optional<Error>& never) mutable {
    if (never)
      promise.deliver(to_caf(*never));
    else if (answer)
      promise.deliver(std::move(*answer));
    else
      promise.deliver(to_caf(answer.error()));
  });
  settle();
  return promise;
}

// ---- commands ------------------------------------------------------------------------------------------------------

Result<OrderBook::Placed> OrderManagerState::place(const PlaceOrder& command, const RecalledOrder* recalled) {
  const auto& asked = command.order;
  auto to = route(asked.broker, asked.account);
  if (auto ok = journal_->takes_orders(); !ok) to = tl::unexpected{ok.error()};
  auto context = risk_context(asked.symbol);
  context.has_exits = asked.bracket.has_value();
  if (!command.legs.empty()) context.quote.reset();  // the net price of its legs is not the symbol's
  auto placed = book_->place(command, to, context, clock_.now(), effects_, recalled);
  if (placed && placed->duplicate && !is_recorded(placed->order->order_id))
    return fail(refusal_->code, "the first order with this client_order_id is not recorded yet: " + refusal_->message);
  return placed;
}

// To the broker that has the order, whatever its accounts are called by now.
Result<const Order*> OrderManagerState::replace(const ReplaceOrder& command) {
  auto found = book_->find(command.client, command.order_id, command.client_order_id);
  if (!found) return found;
  if (auto ok = takes_changes(); !ok) return tl::unexpected{ok.error()};
  const Order& order = **found;
  auto context = risk_context(order.symbol);
  context.has_exits = command.qty && *command.qty > order.qty && book_->has_exits(order.order_id);
  return book_->replace(order.order_id, command, route(order.broker, {}), context, clock_.now(), effects_);
}

Result<const Order*> OrderManagerState::cancel(const CancelOrder& command) {
  auto found = book_->find(command.client, command.order_id, command.client_order_id);
  if (!found) return found;
  if (auto ok = takes_changes(); !ok) return tl::unexpected{ok.error()};
  const Order& order = **found;
  return book_->cancel(order.order_id, route(order.broker, {}), clock_.now(), effects_);
}

Result<CanceledCount> OrderManagerState::cancel_all(const CancelAll& command) {
  if (auto ok = takes_changes(); !ok) return tl::unexpected{ok.error()};
  return ask_cancels(command, [this] {
    if (journal_state_ == JournalState::ok) return true;
    record();
    return journal_->takes_changes().has_value();
  });
}

// Those that the journal has no room for are asked for once it has.
CanceledCount OrderManagerState::ask_cancels(const CancelAll& command, const std::function<bool()>& may_go_on) {
  CanceledCount count;
  for (const OrderId& id : book_->matching(command)) {
    if (may_go_on && !may_go_on()) break;
    const Order* order = book_->find(id);
    if (book_->cancel(id, route(order->broker, {}), clock_.now(), effects_)) ++count.canceled;
  }
  return count;
}

Result<AcceptedCount> OrderManagerState::accept_positions(const AcceptPositions& command) {
  if (auto ok = takes_changes(); !ok) return tl::unexpected{ok.error()};
  AcceptedCount out{
      static_cast<std::uint32_t>(positions_check_.accept(command.broker, command.account, command.symbol))};
  if (out.accepted > 0) {
    log_->warn("positions-accepted count={}", out.accepted);
    save_positions();
  }
  for (auto position : holdings_->positions(command.broker, command.account))
    if (!command.symbol || position.symbol == *command.symbol) take_holding(std::move(position));
  return out;
}

// ---- brokers -------------------------------------------------------------------------------------------------------

std::string OrderManagerState::known_brokers() const {
  std::string out;
  for (const auto& [broker_name, broker] : brokers_) out += (out.empty() ? "" : ", ") + broker_name.str();
  return out.empty() ? "none" : out;
}

Result<const OrderManagerState::Broker*> OrderManagerState::named(const BrokerName& broker_name) const {
  const auto it = brokers_.find(broker_name);
  if (it != brokers_.end()) return &it->second;
  return fail(Errc::broker_unavailable, "no broker \"" + broker_name.str() + "\"; known: " + known_brokers());
}

Result<BrokerRoute> OrderManagerState::route(const std::optional<BrokerName>& broker_name,
                                             const std::optional<AccountId>& account) const {
  const auto& wanted = broker_name ? broker_name : default_broker_;
  if (!wanted) return fail(Errc::broker_unavailable, "no default broker (engine.broker); known: " + known_brokers());
  const auto found = named(*wanted);
  if (!found) return tl::unexpected{found.error()};
  const Broker& broker = **found;
  if (!broker.actor || broker.status.state == LinkState::down || broker.status.state == LinkState::connecting) {
    const auto& s = broker.status;
    return fail(Errc::broker_unavailable, "broker " + wanted->str() + " is " + std::string{to_string(s.state)} +
                                              (s.reason.empty() ? "" : " (" + s.reason + ")") +
                                              (s.message.empty() ? "" : ": " + s.message));
  }
  if (!broker.reconciled)
    return fail(Errc::broker_reconciling,
                "broker " + wanted->str() + " is settling its orders after a start; try again shortly");
  if (!broker.can) return fail(Errc::broker_unavailable, "broker " + wanted->str() + " is starting; try again shortly");
  const auto& accounts = broker.status.accounts;
  if (!account) return BrokerRoute{*wanted, accounts.empty() ? AccountId{} : accounts.front(), &*broker.can};
  if (std::ranges::find(accounts, *account) != accounts.end()) return BrokerRoute{*wanted, *account, &*broker.can};
  std::string known;
  for (const auto& a : accounts) known += (known.empty() ? "" : ", ") + a.str();
  return invalid("account", "broker " + wanted->str() + " has no account \"" + account->str() + "\"; it has: " + known);
}

LinkState OrderManagerState::state_of(const Broker& broker) const {
  if (is_live(broker.status.state) && !broker.reconciled) return LinkState::reconciling;
  return broker.status.state;
}

void OrderManagerState::publish_status(const BrokerName& broker_name) {
  BrokerStatus status = brokers_[broker_name].status;
  status.state = state_of(brokers_[broker_name]);
  outlet_->publish(status);
  outlet_->flush();
}

void OrderManagerState::take_handle(const BrokerHandle& handle) {
  Broker& broker = brokers_[handle.broker];
  broker.status.broker = handle.broker;
  if (handle.is_default) default_broker_ = handle.broker;
  if (broker.actor && broker.actor == handle.actor) return;
  if (broker.actor) broker_down(handle.broker, "its actor ended");
  broker.actor = handle.actor;
  broker.can.reset();
  broker.reconciled = broker.reconciling = false;
  ++broker.round;
  if (!handle.actor) {
    broker.status.state = LinkState::down;
    return;
  }
  self_->request(handle.actor, caf::infinite, GetBrokerCapabilities{})
      .then(
          [this, broker_name = handle.broker, address = handle.actor.address()](const BrokerCapabilities& can) {
            Broker& b = brokers_[broker_name];
            if (!b.actor || b.actor.address() != address) return;
            b.can = can;
            begin_reconciliation(broker_name);
          },
          [this, broker_name = handle.broker](const caf::error& error) {
            log_->error("broker-capabilities-failed broker={} message=\"{}\"", broker_name.str(),
                        from_caf(error, Errc::broker_unavailable).message);
          });
}

void OrderManagerState::take_status(const BrokerStatus& status) {
  Broker& broker = brokers_[status.broker];
  const bool was_live = is_live(broker.status.state);
  broker.status = status;
  if (was_live && !is_live(status.state)) {
    broker.reconciled = broker.reconciling = false;
    ++broker.round;
    broker_down(status.broker, status.reason);
  }
  if (is_live(status.state) && !broker.reconciled && !broker.reconciling) begin_reconciliation(status.broker);
  publish_status(status.broker);
}

void OrderManagerState::broker_down(const BrokerName& broker_name, const std::string& reason) {
  book_->on_broker_down(broker_name, reason, clock_.now(), effects_);
  settle();
}

void OrderManagerState::take_report(const BrokerEvent& report) {
  Timestamp& last = brokers_[report.broker].last_report;
  last = std::max(last, report.ts);
  book_->on_report(report, clock_.now(), effects_);
  settle();
  if (book_->in_doubt_count() > 0) ask_soon_if_in_doubt(report.order_id);
}

// Recorded at once: after a restart the broker's position is compared with it.
caf::result<Done> OrderManagerState::adjust_position(const PositionAdjusted& a) {
  log_->warn("position-adjusted broker={} account={} symbol={} from={} to={} reason=\"{}\"", a.broker.str(),
             a.account.str(), a.symbol.str(), a.from.to_string(), a.to.to_string(), a.reason);
  positions_check_.adjust({a.broker, a.account, a.symbol}, a.from, a.to);
  return settled(Result<Done>{Done{}});
}

// What is on its way to a broker is there first; what it makes of it comes back before it answers. Only simulated
// venues know the question.
caf::result<Done> OrderManagerState::settle_brokers() {
  auto promise = self_->make_response_promise<Done>();
  answers_.emplace_back([this, promise](const std::optional<Error>&) {
    auto left = std::make_shared<std::size_t>(1);
    const auto heard = [this, promise, left] {
      if (--*left > 0) return;
      answers_.emplace_back([promise](const std::optional<Error>&) mutable { promise.deliver(Done{}); });
      settle();
    };
    for (const auto& [which, broker] : brokers_) {
      if (!broker.actor) continue;
      ++*left;
      self_->request(caf::actor_cast<BrokerBarrierActor>(broker.actor), caf::infinite, BrokerBarrier{})
          .then([heard](const Done&) { heard(); }, [heard](const caf::error&) { heard(); });
    }
    self_->request(OrderManagerActor{self_}, caf::infinite, BrokerBarrier{})
        .then([heard](const Done&) { heard(); }, [heard](const caf::error&) { heard(); });
  });
  settle();
  return promise;
}

// Unasked, and so of one that was placed in the venue's own window.
void OrderManagerState::take_elsewhere(const BrokerOrder& order) {
  const auto* sender = self_->current_sender().get();
  for (const auto& [broker_name, broker] : brokers_) {
    if (!broker.actor || caf::actor_cast<caf::strong_actor_ptr>(broker.actor).get() != sender) continue;
    book_->on_broker_order(broker_name, order, clock_.now(), effects_);
    return settle();
  }
  log_->warn("order-elsewhere-ignored broker_order_id={} message=\"it came from no broker that is known\"",
             order.broker_order_id.str());
}

void OrderManagerState::take_holding(Position position) {
  position.expected_qty = positions_check_.expected(position);
  risk_->on_position(position);
  if (holdings_->take(position, self_->clock().now())) {
    outlet_->publish(position);
    outlet_->flush();
  } else if (!std::exchange(marks_armed_, true)) {
    self_->delayed_send(self_, mark_interval_, TellMarks{});
  }
}

void OrderManagerState::take_holding(AccountSummary account) {
  note_account(account);
  if (holdings_->take(account, self_->clock().now())) {
    outlet_->publish(account);
    outlet_->flush();
  } else if (!std::exchange(marks_armed_, true)) {
    self_->delayed_send(self_, mark_interval_, TellMarks{});
  }
}

void OrderManagerState::tell_marks() {
  const auto due = holdings_->due(self_->clock().now());
  for (const auto& position : due.positions) outlet_->publish(position);
  for (const auto& account : due.accounts) outlet_->publish(account);
  outlet_->flush();
  marks_armed_ = holdings_->waits();
  if (marks_armed_) self_->delayed_send(self_, mark_interval_, TellMarks{});
}

// ---- questions -----------------------------------------------------------------------------------------------------

Result<const Order*> OrderManagerState::order(const GetOrder& query) const {
  return book_->find(query.client, query.order_id, query.client_order_id);
}

Orders OrderManagerState::orders(const GetOrders& query) const {
  Orders out{book_->list(query)};
  if (refusal_)
    for (auto& order : out.orders)
      if (!is_recorded(order.order_id)) order.unrecorded = true;
  return out;
}

OrderEvents OrderManagerState::events(const GetOrderEvents& query) const {
  auto out = events_->after(query, journal_->durable_seq());
  if (history_) out.first_kept = out.last_seq > 0 ? 1 : 0;  // the journal has them all
  return out;
}

Result<Positions> OrderManagerState::positions(const GetPositions& query) const {
  if (query.broker)
    if (auto broker = named(*query.broker); !broker) return tl::unexpected{broker.error()};
  return Positions{holdings_->positions(query.broker, query.account)};
}

Result<AccountSummary> OrderManagerState::account(const GetAccountSummary& query) const {
  const auto& broker_name = query.broker ? query.broker : default_broker_;
  if (!broker_name) return fail(Errc::broker_unavailable, "no default broker; known: " + known_brokers());
  const auto broker = named(*broker_name);
  if (!broker) return tl::unexpected{broker.error()};
  const auto& accounts = (*broker)->status.accounts;
  if (query.account || !accounts.empty()) {
    const auto* known = holdings_->account(*broker_name, query.account ? *query.account : accounts.front());
    if (known != nullptr) return *known;
  }
  if (query.account && is_live((*broker)->status.state))
    return invalid("account", "broker " + broker_name->str() + " has no account \"" + query.account->str() + "\"");
  return fail(Errc::broker_unavailable, "broker " + broker_name->str() + " has not reported its account yet");
}

caf::result<OptionChain> OrderManagerState::chain(const GetBrokerChain& query) {
  const auto broker = named(query.broker);
  if (!broker) return to_caf(broker.error());
  if (!(*broker)->actor)
    return to_caf(Error{Errc::broker_unavailable, "broker " + query.broker.str() + " is starting; try again shortly"});
  return self_->delegate((*broker)->actor, query.query);
}

OrderManagerStatus OrderManagerState::status() const {
  OrderManagerStatus out;
  out.orders_open = book_->open_count();
  out.orders_in_doubt = book_->in_doubt_count();
  out.orders_kept = book_->kept_count();
  out.events_last_seq = journal_->durable_seq();
  out.anomalies = anomalies_;
  out.position_differences = positions_check_.differences();
  out.journal = journal_->status();
  if (indexed_seq_) out.journal.indexed_seq = indexed_seq_();
  out.trading_states = risk_->states().list();
  for (const auto& [broker_name, broker] : brokers_)
    out.brokers.push_back({broker_name,
                           state_of(broker),
                           broker.status.reason,
                           broker.status.accounts,
                           default_broker_ == broker_name,
                           {}});
  return out;
}

// With what the brokers count themselves; a broker that ends under the question has none.
caf::result<OrderManagerStatus> OrderManagerState::full_status() {
  struct Join {
    OrderManagerStatus out;
    caf::typed_response_promise<OrderManagerStatus> promise;
    std::size_t waiting = 1;
    void done() {
      if (--waiting == 0) promise.deliver(std::move(out));
    }
  };
  const auto join = std::make_shared<Join>();
  join->out = status();
  join->promise = self_->make_response_promise<OrderManagerStatus>();
  for (std::size_t i = 0; i < join->out.brokers.size(); ++i) {
    const auto& broker = brokers_[join->out.brokers[i].broker];
    if (!broker.actor) continue;
    ++join->waiting;
    self_->request(broker.actor, caf::infinite, GetProviderCounters{})
        .then(
            [join, i](const Counters& counters) {
              join->out.brokers[i].counters = counters.counters;
              join->done();
            },
            [join](const caf::error&) { join->done(); });
  }
  const auto promise = join->promise;
  join->done();
  return promise;
}

OrderManagerActor spawn_order_manager(caf::actor_system& system, OrderManagerConfig config) {
  return system.spawn(
      [config = std::move(config)](OrderManagerActor::stateful_pointer<OrderManagerState> self) mutable {
        return self->state.make_behavior(std::move(config));
      });
}

}  // namespace tradebus
