#include "engine/orders/order_manager.hpp"

#include <spdlog/spdlog.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace tradebus {

namespace {

bool is_live(LinkState state) { return state == LinkState::up || state == LinkState::degraded; }

constexpr auto copy_of = [](const Order* order) { return *order; };

}  // namespace

std::string order_epoch(Timestamp started) {
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
  last_price_ = std::move(config.last_price);
  book_.emplace("o-" + config.epoch + "-", config.limits.book, config.risk);
  events_.emplace(config.limits.events_max);
  mark_interval_ = config.mark_interval;
  holdings_.emplace(mark_interval_);
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
      [this](const CancelAll& c) { return settled(Result<CanceledCount>{cancel_all(c)}); },
      [this](const GetOrder& q) { return to_caf(order(q).map(copy_of)); },
      [this](const GetOrders& q) { return Orders{book_->list(q)}; },
      [this](const GetPositions& q) { return to_caf(positions(q)); },
      [this](const GetAccountSummary& q) { return to_caf(account(q)); },
      [this](const GetOrderEvents& q) { return events(q); },
      [this](const GetOrderManagerStatus&) { return status(); },
      [this](const BrokerHandle& h) { take_handle(h); },
      [this](const BrokerEvent& e) {
        book_->on_report(e, clock_.now(), effects_);
        settle();
      },
      [this](const BrokerOrder& o) { log_->info("order-elsewhere broker_order_id={}", o.broker_order_id.str()); },
      [this](const BrokerStatus& s) { take_status(s); },
      [this](const Position& p) { take_holding(p); },
      [this](const AccountSummary& a) { take_holding(a); },
      [this](const TellMarks&) { tell_marks(); },
  };
}

// ---- commands ------------------------------------------------------------------------------------------------------

Result<OrderBook::Placed> OrderManagerState::place(const PlaceOrder& command) {
  const auto& asked = command.order;
  return book_->place(command, route(asked.broker, asked.account), last_price(asked.symbol), clock_.now(), effects_);
}

Result<const Order*> OrderManagerState::replace(const ReplaceOrder& command) {
  const auto found = book_->find(command.client, command.order_id, command.client_order_id);
  if (!found) return found;
  const Order& order = **found;
  return book_->replace(order.order_id, command, route(order.broker, order.account), last_price(order.symbol),
                        clock_.now(), effects_);
}

Result<const Order*> OrderManagerState::cancel(const CancelOrder& command) {
  const auto found = book_->find(command.client, command.order_id, command.client_order_id);
  if (!found) return found;
  const Order& order = **found;
  return book_->cancel(order.order_id, route(order.broker, order.account), clock_.now(), effects_);
}

CanceledCount OrderManagerState::cancel_all(const CancelAll& command) {
  CanceledCount count;
  for (const OrderId& id : book_->matching(command)) {
    const Order* order = book_->find(id);
    if (book_->cancel(id, route(order->broker, order->account), clock_.now(), effects_)) ++count.canceled;
  }
  return count;
}

// ---- effects -------------------------------------------------------------------------------------------------------

void OrderManagerState::settle() {
  record();
  outlet_->reply(replies_);
  send_to_brokers();  // before the announcements: they are what latency is measured to
  announce();
}

template <class T>
caf::result<T> OrderManagerState::settled(Result<T> answer) {
  record();
  auto promise = self_->make_response_promise<T>();
  if (answer)
    promise.deliver(std::move(*answer));
  else
    promise.deliver(to_caf(answer.error()));
  send_to_brokers();
  announce();
  return promise;
}

void OrderManagerState::record() {
  for (auto& effect : effects_) {
    if (auto* change = std::get_if<Changed>(&effect)) {
      change->event->seq = journal_->append(*change->event);
      events_->push(change->event);
    }
  }
}

void OrderManagerState::send_to_brokers() {
  for (auto& effect : effects_) {
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

void OrderManagerState::announce() {
  for (auto& effect : effects_) {
    if (const auto* change = std::get_if<Changed>(&effect)) {
      const OrderEvent& event = *change->event;
      if (log_->should_log(spdlog::level::debug))
        log_->debug("order-event seq={} event={} order={} status={} filled={}", event.seq, to_string(event.event),
                    event.order.order_id.str(), to_string(event.order.status), event.order.filled_qty.to_string());
      outlet_->publish(event);
    } else if (const auto* anomaly = std::get_if<Anomaly>(&effect)) {
      ++anomalies_;
      log_->warn("order-report-anomaly order={} what=\"{}\"", anomaly->order_id.str(), anomaly->what);
    }
  }
  effects_.clear();
  outlet_->flush();
}

// No time limits here: an answered request with one keeps its timer. A broker's death answers, or take_handle() does.
template <class Request>
void OrderManagerState::submit(const BrokerName& broker, const OrderId& id, Request request) {
  self_->request(brokers_[broker].actor, caf::infinite, std::move(request))
      .then(
          [this, id](const OrderAccepted& accepted) {
            const Timestamp ts = accepted.ts == Timestamp{} ? clock_.now() : accepted.ts;
            book_->on_accepted(id, accepted.broker_order_id, ts, effects_);
            settle();
          },
          [this, id](const caf::error& error) {
            const Error why = from_caf(error, Errc::broker_unavailable);
            log_->info("order-submit-failed order={} code={} message=\"{}\"", id.str(), to_string(why.code),
                       why.message);
            book_->on_place_failed(id, why, clock_.now(), effects_);
            settle();
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
  self_->request(brokers_[effect.broker].actor, caf::infinite, std::move(effect.replace))
      .then([](const Done&) {},
            [this, id](const caf::error& error) {
              book_->on_replace_failed(id, from_caf(error, Errc::broker_unavailable), clock_.now(), effects_);
              settle();
            });
}

void OrderManagerState::send(SendCancel& effect) {
  const OrderId id = effect.cancel.order_id;
  self_->request(brokers_[effect.broker].actor, caf::infinite, std::move(effect.cancel))
      .then([](const Done&) {},
            [this, id](const caf::error& error) {
              book_->on_cancel_failed(id, from_caf(error, Errc::broker_unavailable), clock_.now(), effects_);
              settle();
            });
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
  if (broker.status.state == LinkState::reconciling)
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

std::optional<Price> OrderManagerState::last_price(const Symbol& symbol) const {
  return last_price_ ? last_price_(symbol) : std::nullopt;
}

void OrderManagerState::take_handle(const BrokerHandle& handle) {
  Broker& broker = brokers_[handle.broker];
  broker.status.broker = handle.broker;
  if (handle.is_default) default_broker_ = handle.broker;
  if (broker.actor && broker.actor == handle.actor) return;
  if (broker.actor) broker_down(handle.broker, "its actor ended");
  broker.actor = handle.actor;
  broker.can.reset();
  if (!handle.actor) {
    broker.status.state = LinkState::down;
    return;
  }
  self_->request(handle.actor, caf::infinite, GetBrokerCapabilities{})
      .then(
          [this, broker_name = handle.broker, address = handle.actor.address()](const BrokerCapabilities& can) {
            Broker& b = brokers_[broker_name];
            if (b.actor && b.actor.address() == address) b.can = can;
          },
          [this, broker_name = handle.broker](const caf::error& error) {
            log_->error("broker-capabilities-failed broker={} message=\"{}\"", broker_name.str(),
                        from_caf(error, Errc::broker_unavailable).message);
          });
  if (is_live(broker.status.state)) refresh(handle.broker);
}

void OrderManagerState::take_status(const BrokerStatus& status) {
  Broker& broker = brokers_[status.broker];
  const bool was_live = is_live(broker.status.state);
  broker.status = status;
  if (was_live && !is_live(status.state)) broker_down(status.broker, status.reason);
  if (!was_live && is_live(status.state)) refresh(status.broker);
  outlet_->publish(status);
  outlet_->flush();
}

void OrderManagerState::broker_down(const BrokerName& broker_name, const std::string& reason) {
  book_->on_broker_down(broker_name, reason, clock_.now(), effects_);
  settle();
}

// What the broker holds, asked anew each time that its link comes up.
void OrderManagerState::refresh(const BrokerName& broker_name) {
  const BrokerActor actor = brokers_[broker_name].actor;
  if (!actor) return;
  const auto failed = [this, broker_name](const caf::error& error) {
    log_->warn("broker-refresh-failed broker={} message=\"{}\"", broker_name.str(),
               from_caf(error, Errc::broker_unavailable).message);
  };
  self_->request(actor, caf::infinite, GetBrokerPositions{})
      .then([this, broker_name](const Positions& all) { holdings_->reset_positions(broker_name, all.positions); },
            failed);
  self_->request(actor, caf::infinite, GetBrokerAccount{})
      .then([this, broker_name](const AccountSummary& a) { holdings_->reset_account(broker_name, a); }, failed);
}

template <class T>
void OrderManagerState::take_holding(const T& holding) {
  if (holdings_->take(holding, self_->clock().now())) {
    outlet_->publish(holding);
    outlet_->flush();
  } else if (!marks_armed_) {
    marks_armed_ = true;
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

OrderEvents OrderManagerState::events(const GetOrderEvents& query) const {
  return events_->after(query, journal_->last_seq());
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

OrderManagerStatus OrderManagerState::status() const {
  OrderManagerStatus out;
  out.orders_open = book_->open_count();
  out.orders_in_doubt = book_->in_doubt_count();
  out.orders_kept = book_->kept_count();
  out.events_last_seq = journal_->last_seq();
  out.anomalies = anomalies_;
  for (const auto& [broker_name, broker] : brokers_)
    out.brokers.push_back({broker_name, broker.status.state, broker.status.reason, broker.status.accounts,
                           default_broker_ == broker_name});
  return out;
}

OrderManagerActor spawn_order_manager(caf::actor_system& system, OrderManagerConfig config) {
  return system.spawn(
      [config = std::move(config)](OrderManagerActor::stateful_pointer<OrderManagerState> self) mutable {
        return self->state.make_behavior(std::move(config));
      });
}

}  // namespace tradebus
