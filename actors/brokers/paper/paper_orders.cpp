// The paper broker's half that hands orders to the venue: at once, or after its latency, its market's first price.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include "actors/brokers/paper/paper.hpp"

namespace tradebus::paper {

using namespace std::chrono_literals;

caf::result<OrderAccepted> PaperState::place(Placement order) {
  if (journal_ && clock_.is_driven()) forsake_journal();
  if (venue_) {
    if (auto before = venue_->accepted_before(order.order_id)) {
      if (auto ok = usable(); !ok) return to_caf(ok.error());  // it may be what can't be kept
      return std::move(*before);
    }
  }
  if (const auto it = pending_.find(order.order_id); it != pending_.end()) {
    it->second.askers.push_back(self_->make_response_promise<OrderAccepted>());
    return it->second.askers.back();
  }
  if (status_.state != LinkState::up || !venue_)
    return to_caf(Error{Errc::broker_unavailable, "the paper broker is not connected"});
  if (auto ok = venue_->check(order); !ok) return to_caf(ok.error());
  if (journal_)
    if (auto ok = journal_->takes_orders(); !ok) return to_caf(ok.error());
  if (pending_.size() >= config_.open_max) return to_caf(Error{Errc::broker_rejected, "too many orders on their way"});
  if (!market_)
    return to_caf(Error{Errc::broker_rejected, "no market data: the paper broker fills against live quotes"});

  const auto symbols = order.symbols();
  std::size_t missing = 0;
  for (const auto& symbol : symbols)
    if (!watches_[symbol].ready) ++missing;
  if (missing == 0 && config_.latency == 0ns && !venue_->waits_for_price(order)) return accept_now(order);
  auto promise = self_->make_response_promise<OrderAccepted>();
  const OrderId id = order.order_id;
  Pending& pending = pending_[id];
  pending.order = std::move(order);
  pending.askers.push_back(promise);
  pending.markets = missing;
  for (const auto& symbol : symbols) {
    Watch& watch = watches_[symbol];
    ++watch.pending;
    if (watch.ready) continue;
    watch.waiting.push_back(id);
    if (!watch.asked) ask_market(symbol, watch);
  }
  if (missing == 0) arrive(id);
  return promise;
}

// The short way of an order that nothing holds up.
caf::result<OrderAccepted> PaperState::accept_now(const Placement& order) {
  const Timestamp now = at(this->now());
  const auto accepted = venue_->accept(order, now);
  if (!accepted) {
    for (const auto& symbol : order.symbols()) unwatch_if_idle(symbol);
    return to_caf(accepted.error());
  }
  venue_->match(order.order_id, now, reports_);
  arm();
  if (reports_.empty() && keep()) return *accepted;
  auto promise = self_->make_response_promise<OrderAccepted>();  // the answer comes before what follows from it
  answer([promise, answer = *accepted]() mutable { promise.deliver(std::move(answer)); });
  flush();
  return promise;
}

void PaperState::arrive(const OrderId& id) {
  if (config_.latency == 0ns) return settle(id, at(now()));
  pending_.at(id).due = now() + config_.latency;
  delayed_.push_back(id);
  arm();
}

// The venue has the order now: its answer first, then what follows from it.
void PaperState::settle(const OrderId& id, Timestamp now) {
  flush();
  const auto it = pending_.find(id);
  if (it == pending_.end()) return;
  if (venue_->waits_for_price(it->second.order)) {
    it->second.due = now + price_wait;
    unpriced_.push_back(id);
    return arm();
  }
  auto node = pending_.extract(it);
  const Pending& pending = node.mapped();
  const auto symbols = pending.order.symbols();
  for (const auto& symbol : symbols) --watches_[symbol].pending;
  const auto accepted = venue_->accept(pending.order, now);
  for (auto asker : pending.askers) {
    if (accepted)
      answer([asker, answer = *accepted]() mutable { asker.deliver(std::move(answer)); });
    else
      asker.deliver(to_caf(accepted.error()));
  }
  if (accepted) {
    venue_->match(id, now, reports_);
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
    arm();
  }
  flush();
  for (const auto& symbol : symbols) unwatch_if_idle(symbol);
}

// Canceled while it waits for its market, which may never come: taken and ended, without a look at a price.
void PaperState::withdraw(const OrderId& id, Timestamp now) {
  flush();
  auto node = pending_.extract(id);
  if (node.empty()) return;
  const Pending& pending = node.mapped();
  const auto symbols = pending.order.symbols();
  for (const auto& symbol : symbols) {
    --watches_[symbol].pending;
    std::erase(watches_[symbol].waiting, id);
  }
  const auto accepted = venue_->accept(pending.order, now);
  for (auto asker : pending.askers) {
    if (accepted)
      answer([asker, answer = *accepted]() mutable { asker.deliver(std::move(answer)); });
    else
      asker.deliver(to_caf(accepted.error()));
  }
  if (accepted)
    if (auto ok = venue_->cancel(id, now, reports_); !ok)
      log_->error("paper-cancel-failed broker={} order={} message=\"{}\"", broker_.str(), id.str(), ok.error().message);
  arm();
  flush();
  for (const auto& symbol : symbols) unwatch_if_idle(symbol);
}

void PaperState::settle_due(Timestamp until) {
  if (!usable()) return;  // they wait until it can be kept
  while (!delayed_.empty()) {
    const OrderId id = delayed_.front();
    const auto it = pending_.find(id);
    if (it != pending_.end() && it->second.due > until) break;
    delayed_.pop_front();
    if (it != pending_.end()) settle(id, at(clock_.is_driven() ? it->second.due : clock_.now()));
  }
  while (!unpriced_.empty()) {
    const OrderId id = unpriced_.front();
    const auto it = pending_.find(id);
    if (it != pending_.end() && it->second.due > until) break;
    unpriced_.pop_front();
    if (it != pending_.end())
      refuse(id, Error{Errc::broker_rejected,
                       "no quote of " + it->second.order.order.symbol.str() + " came: a notional needs a price"});
  }
}

void PaperState::settle_priced(const Symbol& symbol, Timestamp now) {
  const auto waiting = std::exchange(unpriced_, {});
  for (const auto& id : waiting) {
    const auto it = pending_.find(id);
    if (it == pending_.end()) continue;
    if (it->second.order.order.symbol == symbol && !venue_->waits_for_price(it->second.order))
      settle(id, now);
    else
      unpriced_.push_back(id);
  }
}

void PaperState::refuse(const OrderId& id, const Error& error) {
  auto node = pending_.extract(id);
  if (node.empty()) return;
  const auto symbols = node.mapped().order.symbols();
  for (const auto& symbol : symbols) {
    const auto it = watches_.find(symbol);
    if (it == watches_.end()) continue;
    --it->second.pending;
    std::erase(it->second.waiting, id);
  }
  for (auto asker : node.mapped().askers) asker.deliver(to_caf(error));
  for (const auto& symbol : symbols) unwatch_if_idle(symbol);
}

caf::result<Done> PaperState::replace(const ReplaceBrokerOrder& change) {
  if (const auto it = pending_.find(change.order_id); it != pending_.end()) {
    constexpr std::size_t replaces_max = 100;  // before its acceptance; nobody needs more
    if (it->second.replaces.size() >= replaces_max)
      return to_caf(Error{Errc::broker_rejected, "too many replaces of an order on its way"});
    it->second.replaces.push_back(change);
    return Done{};
  }
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  auto promise = self_->make_response_promise<Done>();
  if (auto ok = venue_->replace(change, at(now()), reports_); ok)
    answer([promise]() mutable { promise.deliver(Done{}); });
  else
    promise.deliver(to_caf(ok.error()));
  arm();
  flush();
  return promise;
}

caf::result<Done> PaperState::cancel(const CancelBrokerOrder& request) {
  if (const auto it = pending_.find(request.order_id); it != pending_.end()) {
    it->second.cancel = true;
    if (it->second.markets == 0 || !usable()) return Done{};
    auto taken = self_->make_response_promise<Done>();
    taken.deliver(Done{});
    withdraw(request.order_id, at(now()));
    return taken;
  }
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  auto promise = self_->make_response_promise<Done>();
  if (auto ok = venue_->cancel(request.order_id, at(now()), reports_); ok)
    answer([promise]() mutable { promise.deliver(Done{}); });
  else
    promise.deliver(to_caf(ok.error()));
  flush();
  return promise;
}

}  // namespace tradebus::paper
