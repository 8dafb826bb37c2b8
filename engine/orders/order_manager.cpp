#include "engine/orders/order_manager.hpp"

#include <spdlog/spdlog.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace tradebus {

namespace {

bool is_live(LinkState state) { return state == LinkState::up || state == LinkState::degraded; }

template <class Map>
void erase_broker(Map& map, const BrokerName& broker_name) {
  std::erase_if(map, [&](const auto& item) { return std::get<0>(item.first) == broker_name; });
}

}  // namespace

std::string order_epoch(Timestamp started) {
  auto rest = static_cast<std::uint64_t>(unix_ns(started));
  std::string out;
  do {
    out.insert(out.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36]);
    rest /= 36;
  } while (rest != 0);
  return out;
}

OrderManagerState::OrderManagerState(OrderManagerActor::pointer self) : self_{self} {}

OrderManagerActor::behavior_type OrderManagerState::make_behavior(OrderManagerConfig config, OrderStream stream) {
  self_->set_exception_handler(error_from_exception);
  stream_ = std::move(stream);
  clock_ = config.clock;
  journal_ = std::move(config.journal);
  log_ = std::move(config.log);
  last_price_ = std::move(config.last_price);
  book_.emplace("o-" + config.epoch + "-", config.limits.book, config.risk);
  events_.emplace(config.limits.events_max);
  return {
      [this](const PlaceOrder& c) { return place(c); },
      [this](const ReplaceOrder& c) { return replace(c); },
      [this](const CancelOrder& c) { return cancel(c); },
      [this](const CancelAll& c) { return cancel_all(c); },
      [this](const GetOrder& q) -> caf::result<Order> {
        auto order = book_->find(q.client, q.order_id, q.client_order_id);
        if (!order) return to_caf(order.error());
        return **order;
      },
      [this](const GetOrders& q) { return Orders{book_->list(q)}; },
      [this](const GetPositions& q) { return positions(q); },
      [this](const GetAccountSummary& q) { return account(q); },
      [this](const GetOrderEvents& q) { return events_->after(q, journal_->last_seq()); },
      [this](const GetOrderManagerStatus&) { return status(); },
      [this](const BrokerHandle& h) { take_handle(h); },
      [this](const BrokerEvent& e) {
        book_->on_report(e, clock_.now(), effects_);
        record_and_carry_out();
      },
      [this](const BrokerStatus& s) { take_status(s); },
      [this](const Position& p) { take_position(p); },
      [this](const AccountSummary& a) {
        accounts_.insert_or_assign(AccountKey{a.broker, a.account}, a);
        self_->send(stream_, a);
      },
  };
}

// ---- commands ------------------------------------------------------------------------------------------------------

caf::result<Order> OrderManagerState::place(const PlaceOrder& command) {
  const auto& asked = command.order;
  auto order =
      book_->place(command, route(asked.broker, asked.account), last_price(asked.symbol), clock_.now(), effects_);
  record();
  auto reply = self_->make_response_promise<Order>();
  if (order)
    reply.deliver(std::move(*order));
  else
    reply.deliver(to_caf(order.error()));
  carry_out();
  return reply;
}

caf::result<Order> OrderManagerState::replace(const ReplaceOrder& command) {
  const auto found = book_->find(command.client, command.order_id, command.client_order_id);
  if (!found) return to_caf(found.error());
  const OrderId id = (*found)->order_id;
  auto order = book_->replace(id, command, route((*found)->broker, (*found)->account), last_price((*found)->symbol),
                              clock_.now(), effects_);
  record();
  auto reply = self_->make_response_promise<Order>();
  if (order)
    reply.deliver(std::move(*order));
  else
    reply.deliver(to_caf(order.error()));
  carry_out();
  return reply;
}

caf::result<Order> OrderManagerState::cancel(const CancelOrder& command) {
  const auto found = book_->find(command.client, command.order_id, command.client_order_id);
  if (!found) return to_caf(found.error());
  const OrderId id = (*found)->order_id;
  auto order = book_->cancel(id, route((*found)->broker, (*found)->account), clock_.now(), effects_);
  record();
  auto reply = self_->make_response_promise<Order>();
  if (order)
    reply.deliver(std::move(*order));
  else
    reply.deliver(to_caf(order.error()));
  carry_out();
  return reply;
}

caf::result<CanceledCount> OrderManagerState::cancel_all(const CancelAll& command) {
  CanceledCount count;
  for (const OrderId& id : book_->matching(command)) {
    const Order* order = book_->find(id);
    if (book_->cancel(id, route(order->broker, order->account), clock_.now(), effects_)) ++count.canceled;
  }
  record();
  auto reply = self_->make_response_promise<CanceledCount>();
  reply.deliver(count);
  carry_out();
  return reply;
}

// ---- effects -------------------------------------------------------------------------------------------------------

void OrderManagerState::record() {
  for (auto& effect : effects_) {
    if (auto* event = std::get_if<OrderEvent>(&effect)) {
      event->seq = journal_->append(*event);
      events_->push(*event);
    }
  }
}

void OrderManagerState::carry_out() {
  // Brokers first: they are what latency is measured to.
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
  for (auto& effect : effects_) {
    if (auto* event = std::get_if<OrderEvent>(&effect)) {
      if (log_->should_log(spdlog::level::debug))
        log_->debug("order-event seq={} event={} order={} status={} filled={}", event->seq, to_string(event->event),
                    event->order.order_id.str(), to_string(event->order.status), event->order.filled_qty.to_string());
      self_->send(stream_, std::move(*event));
    } else if (auto* anomaly = std::get_if<Anomaly>(&effect)) {
      ++anomalies_;
      log_->warn("order-report-anomaly order={} what=\"{}\"", anomaly->order_id.str(), anomaly->what);
    }
  }
  effects_.clear();
}

void OrderManagerState::record_and_carry_out() {
  record();
  carry_out();
}

// No time limits here: an answered request with one keeps its timer. A broker's death answers, or take_handle() does.
template <class Request>
void OrderManagerState::submit(const BrokerName& broker, const OrderId& id, Request request) {
  self_->request(brokers_[broker].actor, caf::infinite, std::move(request))
      .then(
          [this, id](const OrderAccepted& accepted) {
            book_->on_accepted(id, accepted.broker_order_id, clock_.now(), effects_);
            record_and_carry_out();
          },
          [this, id](const caf::error& error) {
            const Error why = from_caf(error, Errc::broker_unavailable);
            log_->info("order-submit-failed order={} code={} message=\"{}\"", id.str(), to_string(why.code),
                       why.message);
            book_->on_place_failed(id, why, clock_.now(), effects_);
            record_and_carry_out();
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
              record_and_carry_out();
            });
}

void OrderManagerState::send(SendCancel& effect) {
  const OrderId id = effect.cancel.order_id;
  self_->request(brokers_[effect.broker].actor, caf::infinite, std::move(effect.cancel))
      .then([](const Done&) {},
            [this, id](const caf::error& error) {
              book_->on_cancel_failed(id, from_caf(error, Errc::broker_unavailable), clock_.now(), effects_);
              record_and_carry_out();
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
  self_->send(stream_, status);
}

void OrderManagerState::broker_down(const BrokerName& broker_name, const std::string& reason) {
  book_->on_broker_down(broker_name, reason, clock_.now(), effects_);
  record_and_carry_out();
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
      .then(
          [this, broker_name](const Positions& all) {
            erase_broker(positions_, broker_name);
            for (const auto& p : all.positions)
              if (!p.qty.is_zero()) positions_.insert_or_assign(PositionKey{broker_name, p.account, p.symbol}, p);
          },
          failed);
  self_->request(actor, caf::infinite, GetBrokerAccount{})
      .then(
          [this, broker_name](const AccountSummary& a) {
            accounts_.insert_or_assign(AccountKey{broker_name, a.account}, a);
          },
          failed);
}

void OrderManagerState::take_position(const Position& position) {
  const PositionKey key{position.broker, position.account, position.symbol};
  if (position.qty.is_zero())
    positions_.erase(key);
  else
    positions_.insert_or_assign(key, position);
  self_->send(stream_, position);
}

// ---- questions -----------------------------------------------------------------------------------------------------

caf::result<Positions> OrderManagerState::positions(const GetPositions& query) const {
  if (query.broker)
    if (auto broker = named(*query.broker); !broker) return to_caf(broker.error());
  Positions out;
  for (const auto& [key, position] : positions_) {
    if (query.broker && position.broker != *query.broker) continue;
    if (query.account && position.account != *query.account) continue;
    out.positions.push_back(position);
  }
  return out;
}

caf::result<AccountSummary> OrderManagerState::account(const GetAccountSummary& query) const {
  const auto& broker_name = query.broker ? query.broker : default_broker_;
  if (!broker_name) return to_caf(Error{Errc::broker_unavailable, "no default broker; known: " + known_brokers()});
  const auto broker = named(*broker_name);
  if (!broker) return to_caf(broker.error());
  const auto& accounts = (*broker)->status.accounts;
  if (query.account || !accounts.empty()) {
    const auto it = accounts_.find({*broker_name, query.account ? *query.account : accounts.front()});
    if (it != accounts_.end()) return it->second;
  }
  if (query.account && is_live((*broker)->status.state))
    return to_caf(Error{Errc::request_invalid,
                        "broker " + broker_name->str() + " has no account \"" + query.account->str() + "\"",
                        "account"});
  return to_caf(Error{Errc::broker_unavailable, "broker " + broker_name->str() + " has not reported its account yet"});
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

OrderManagerActor spawn_order_manager(caf::actor_system& system, OrderManagerConfig config, OrderStream stream) {
  return system.spawn([config = std::move(config), stream = std::move(stream)](
                          OrderManagerActor::stateful_pointer<OrderManagerState> self) mutable {
    return self->state.make_behavior(std::move(config), std::move(stream));
  });
}

}  // namespace tradebus
