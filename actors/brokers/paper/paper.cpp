#include "actors/brokers/paper/paper.hpp"

#include <spdlog/spdlog.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace tradebus::paper {

using namespace std::chrono_literals;

PaperState::PaperState(BrokerActor::pointer self) : self_{self} {}

BrokerActor::behavior_type PaperState::make_behavior(BrokerName broker, PaperConfig config, Clock clock,
                                                     std::shared_ptr<spdlog::logger> log) {
  self_->set_exception_handler(error_from_exception);
  broker_ = std::move(broker);
  config_ = std::move(config);
  clock_ = std::move(clock);
  log_ = std::move(log);
  venue_.emplace(broker_, config_);
  status_ = {broker_, LinkState::down, "", "", {config_.account}};
  const auto unsupported = [](const char* what) {
    return to_caf(Error{Errc::broker_unsupported, std::string{"the paper broker has no "} + what});
  };
  return {
      [this](const ConnectBroker& c) { return connect(c); },
      [this](const DisconnectBroker&) { return disconnect(); },
      [this](const PlaceStockOrder& o) { return place(o); },
      [unsupported](const PlaceOptionOrder&) -> caf::result<OrderAccepted> { return unsupported("option orders"); },
      [this](const ReplaceBrokerOrder& r) { return replace(r); },
      [this](const CancelBrokerOrder& c) { return cancel(c); },
      [this](const GetBrokerPositions& q) {
        return q.account && *q.account != config_.account ? Positions{} : venue_->positions();
      },
      [this](const GetBrokerAccount& q) -> caf::result<AccountSummary> {
        if (!q.account || *q.account == config_.account) return venue_->summary();
        return to_caf(Error{Errc::request_invalid,
                            "no account \"" + q.account->str() + "\"; this broker has " + config_.account.str(),
                            "account"});
      },
      [unsupported](const GetOptionChain&) -> caf::result<OptionChain> { return unsupported("option chains"); },
      [this](const GetOpenBrokerOrders&) { return venue_->open_orders(); },
      [this](const GetBrokerOrder& q) -> caf::result<BrokerOrder> {
        if (pending_.contains(q.order_id))
          return to_caf(Error{Errc::broker_unavailable, "order " + q.order_id.str() + " is on its way; ask again"});
        return to_caf(venue_->order(q.order_id));
      },
      [this](const GetExecutions& q) { return venue_->executions(q.since); },
      [](const GetBrokerCapabilities&) { return capabilities(); },
      [this](const GetProviderCounters&) {
        auto out = venue_->counters();
        out.counters.push_back({"symbols_watched", static_cast<std::int64_t>(watches_.size())});
        return out;
      },
      [this](const WatchedEvents& batch) { take_events(batch); },
      [this](const BrokerWake&) { wake(); },
  };
}

// ---- link ----------------------------------------------------------------------------------------------------------

BrokerStatus PaperState::connect(const ConnectBroker& request) {
  const bool new_market = market_ != request.market;
  sink_ = request.sink;
  market_ = request.market;
  status_.state = LinkState::up;
  status_.reason.clear();
  self_->send(sink_, status_);
  for (auto& position : venue_->positions().positions) self_->send(sink_, std::move(position));
  self_->send(sink_, venue_->summary());
  // A hub that was started anew knows of no watches.
  if (new_market && market_)
    for (auto& [symbol, watch] : watches_) ask_market(symbol, watch);
  log_->info("broker-up broker={} account={}", broker_.str(), config_.account.str());
  return status_;
}

BrokerStatus PaperState::disconnect() {
  status_.state = LinkState::down;
  status_.reason = "requested";
  if (sink_) self_->send(sink_, status_);
  sink_ = nullptr;  // what happens from now on is told by open orders and executions
  return status_;
}

// ---- orders --------------------------------------------------------------------------------------------------------

caf::result<OrderAccepted> PaperState::place(const PlaceStockOrder& order) {
  if (const auto id = venue_->accepted_before(order.order_id)) return OrderAccepted{*id, at(clock_.now())};
  if (const auto it = pending_.find(order.order_id); it != pending_.end()) {
    it->second.askers.push_back(self_->make_response_promise<OrderAccepted>());
    return it->second.askers.back();
  }
  if (status_.state != LinkState::up)
    return to_caf(Error{Errc::broker_unavailable, "the paper broker is not connected"});
  if (auto ok = venue_->check(order); !ok) return to_caf(ok.error());
  if (pending_.size() >= config_.open_max) return to_caf(Error{Errc::broker_rejected, "too many orders on their way"});
  if (!market_)
    return to_caf(Error{Errc::broker_rejected, "no market data: the paper broker fills against live quotes"});

  Watch& watch = watches_[order.order.symbol];
  if (watch.ready && config_.latency == 0ns) return accept_now(order);
  auto promise = self_->make_response_promise<OrderAccepted>();
  Pending& pending = pending_[order.order_id];
  pending.order = order;
  pending.askers.push_back(promise);
  ++watch.pending;
  if (watch.ready) {
    arrive(order.order_id);
  } else {
    watch.waiting.push_back(order.order_id);
    if (!watch.asked) ask_market(order.order.symbol, watch);
  }
  return promise;
}

// The short way of an order that nothing holds up.
caf::result<OrderAccepted> PaperState::accept_now(const PlaceStockOrder& order) {
  const Timestamp now = at(clock_.now());
  const Symbol& symbol = order.order.symbol;
  const auto accepted = venue_->accept(order);
  if (!accepted) {
    unwatch_if_idle(symbol);
    return to_caf(accepted.error());
  }
  venue_->match(symbol, now, reports_);
  if (reports_.empty()) return OrderAccepted{*accepted, now};
  auto promise = self_->make_response_promise<OrderAccepted>();  // the answer comes before what follows from it
  promise.deliver(OrderAccepted{*accepted, now});
  flush();
  unwatch_if_idle(symbol);
  return promise;
}

void PaperState::arrive(const OrderId& id) {
  if (config_.latency == 0ns) return settle(id, at(clock_.now()));
  pending_.at(id).due = clock_.now() + config_.latency;
  delayed_.push_back(id);
  arm();
}

// The venue has the order now: its answer first, then what follows from it.
void PaperState::settle(const OrderId& id, Timestamp now) {
  flush();
  auto node = pending_.extract(id);
  if (node.empty()) return;
  const Pending& pending = node.mapped();
  const Symbol& symbol = pending.order.order.symbol;
  --watches_[symbol].pending;
  const auto accepted = venue_->accept(pending.order);
  for (auto asker : pending.askers) {
    if (accepted)
      asker.deliver(OrderAccepted{*accepted, now});
    else
      asker.deliver(to_caf(accepted.error()));
  }
  if (accepted) {
    venue_->match(symbol, now, reports_);
    const auto refused = [&](BrokerReport kind, const Error& error) {
      BrokerEvent e;
      e.broker = broker_;
      e.order_id = id;
      e.report = kind;
      e.reason = error.message;
      e.ts = now;
      reports_.emplace_back(std::move(e));
    };
    for (const auto& change : pending.replaces)
      if (auto ok = venue_->replace(change, now, reports_); !ok) refused(BrokerReport::replace_rejected, ok.error());
    if (pending.cancel)
      if (auto ok = venue_->cancel(id, now, reports_); !ok) refused(BrokerReport::cancel_rejected, ok.error());
  }
  flush();
  unwatch_if_idle(symbol);
}

void PaperState::settle_due(Timestamp until) {
  while (!delayed_.empty()) {
    const OrderId id = delayed_.front();
    const auto it = pending_.find(id);
    if (it != pending_.end() && it->second.due > until) return;
    delayed_.pop_front();
    if (it != pending_.end()) settle(id, at(clock_.is_driven() ? it->second.due : clock_.now()));
  }
}

void PaperState::refuse(const OrderId& id, const Error& error) {
  auto node = pending_.extract(id);
  if (node.empty()) return;
  for (auto asker : node.mapped().askers) asker.deliver(to_caf(error));
}

caf::result<Done> PaperState::replace(const ReplaceBrokerOrder& change) {
  if (const auto it = pending_.find(change.order_id); it != pending_.end()) {
    constexpr std::size_t replaces_max = 100;  // before its acceptance; nobody needs more
    if (it->second.replaces.size() >= replaces_max)
      return to_caf(Error{Errc::broker_rejected, "too many replaces of an order on its way"});
    it->second.replaces.push_back(change);
    return Done{};
  }
  auto promise = self_->make_response_promise<Done>();
  if (auto ok = venue_->replace(change, at(clock_.now()), reports_); ok)
    promise.deliver(Done{});
  else
    promise.deliver(to_caf(ok.error()));
  flush();
  return promise;
}

caf::result<Done> PaperState::cancel(const CancelBrokerOrder& request) {
  if (const auto it = pending_.find(request.order_id); it != pending_.end()) {
    it->second.cancel = true;
    return Done{};
  }
  auto promise = self_->make_response_promise<Done>();
  const auto symbol = venue_->symbol_of(request.order_id);
  if (auto ok = venue_->cancel(request.order_id, at(clock_.now()), reports_); ok)
    promise.deliver(Done{});
  else
    promise.deliver(to_caf(ok.error()));
  flush();
  if (symbol) unwatch_if_idle(*symbol);
  return promise;
}

// ---- market --------------------------------------------------------------------------------------------------------

void PaperState::ask_market(const Symbol& symbol, Watch& watch) {
  if (watch.ref == 0) {
    watch.ref = ++last_ref_;
    symbols_[watch.ref] = symbol;
  }
  watch.asked = true;
  watch.ready = false;
  self_->request(market_, caf::infinite, WatchSymbol{symbol, watch.ref, WatchSink{BrokerActor{self_}}})
      .then([this, symbol, ref = watch.ref](const Done&) { market_ready(symbol, ref); },
            [this, symbol, ref = watch.ref](const caf::error& error) {
              market_refused(symbol, ref, from_caf(error, Errc::provider_unavailable));
            });
}

void PaperState::market_ready(const Symbol& symbol, std::uint32_t ref) {
  const auto it = watches_.find(symbol);
  if (it == watches_.end() || it->second.ref != ref) return;
  it->second.asked = false;
  it->second.ready = true;
  const auto waiting = std::exchange(it->second.waiting, {});
  for (const auto& id : waiting) arrive(id);
  unwatch_if_idle(symbol);
}

void PaperState::market_refused(const Symbol& symbol, std::uint32_t ref, const Error& error) {
  const auto it = watches_.find(symbol);
  if (it == watches_.end() || it->second.ref != ref) return;
  Watch& watch = it->second;
  log_->warn("paper-market-refused symbol={} code={} message=\"{}\"", symbol.str(), to_string(error.code),
             error.message);
  watch.asked = false;
  const auto waiting = std::exchange(watch.waiting, {});
  watch.pending -= waiting.size();
  const Error why{Errc::broker_rejected, "no market data of " + symbol.str() + ": " +
                                             std::string{to_string(error.code)} + ": " + error.message};
  for (const auto& id : waiting) refuse(id, why);
  if (watch.pending == 0 && !venue_->needs_market(symbol)) {
    symbols_.erase(ref);
    watches_.erase(it);
  }
}

void PaperState::unwatch_if_idle(const Symbol& symbol) {
  const auto it = watches_.find(symbol);
  if (it == watches_.end() || it->second.pending > 0 || it->second.asked || venue_->needs_market(symbol)) return;
  if (market_) self_->send(market_, UnwatchSymbol{symbol, WatchSink{BrokerActor{self_}}});
  venue_->forget_market(symbol);
  symbols_.erase(it->second.ref);
  watches_.erase(it);
}

void PaperState::take_events(const WatchedEvents& batch) {
  const bool driven = clock_.is_driven();
  const Timestamp arrived = clock_.now();
  for (const auto& event : batch.events) {
    const auto it = symbols_.find(event.ref);
    if (it == symbols_.end()) continue;
    const Symbol symbol = it->second;
    ++events_seen_;
    if (driven) settle_due(event.ts);
    const Timestamp now = at(driven ? event.ts : arrived);
    const auto before = reports_.size();
    venue_->on_event(symbol, event, now, reports_);
    const bool traded = reports_.size() != before;
    venue_->report_marks(now, reports_);
    if (!traded) continue;
    flush();
    unwatch_if_idle(symbol);
  }
  flush();
}

// Driven time comes with the events: the timer serves only while none come.
void PaperState::wake() {
  armed_ = false;
  const bool quiet = events_seen_ == events_at_wake_;
  events_at_wake_ = events_seen_;
  if (!clock_.is_driven() || quiet) settle_due(clock_.now());
  arm();
}

void PaperState::arm() {
  if (armed_ || delayed_.empty()) return;
  armed_ = true;
  std::chrono::nanoseconds wait = std::max<std::chrono::nanoseconds>(config_.latency, 1ms);
  if (const auto it = pending_.find(delayed_.front()); !clock_.is_driven() && it != pending_.end())
    wait = std::max<std::chrono::nanoseconds>(it->second.due - clock_.now(), 100us);
  self_->delayed_send(self_, wait, BrokerWake{});
}

// Of a position, and of the account, only how they are after all that happened.
void PaperState::flush() {
  if (sink_ && !reports_.empty()) {
    for (auto& report : reports_)
      if (auto* event = std::get_if<BrokerEvent>(&report)) self_->send(sink_, std::move(*event));
    told_.clear();
    bool account_told = false;
    for (auto it = reports_.rbegin(); it != reports_.rend(); ++it) {
      if (auto* position = std::get_if<Position>(&*it)) {
        if (std::ranges::find(told_, position->symbol) != told_.end()) continue;
        told_.push_back(position->symbol);
        self_->send(sink_, std::move(*position));
      } else if (auto* account = std::get_if<AccountSummary>(&*it)) {
        if (!std::exchange(account_told, true)) self_->send(sink_, std::move(*account));
      }
    }
  }
  reports_.clear();
}

// ---- registration --------------------------------------------------------------------------------------------------

void register_in(BrokerRegistry& registry) {
  registry.add("paper", section(), [](caf::actor_system& system, AdapterContext context) -> Result<BrokerActor> {
    auto config = read_config(context.settings);
    if (!config) return tl::unexpected{config.error()};
    return system.spawn(
        [config = std::move(*config), context = std::move(context)](BrokerActor::stateful_pointer<PaperState> self) {
          return self->state.make_behavior(BrokerName{context.name}, config, context.clock, context.log);
        });
  });
}

}  // namespace tradebus::paper
