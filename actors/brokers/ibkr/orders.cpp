// Orders on their way to the venue, and what came of them.
#include <spdlog/spdlog.h>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>

#include "actors/brokers/ibkr/contracts.hpp"
#include "actors/brokers/ibkr/sending.hpp"
#include "actors/brokers/ibkr/words.hpp"

namespace tradebus::ibkr {

namespace {

constexpr std::size_t over_max = 20'000;  // orders that are remembered after their end

using Answer = caf::result<OrderAccepted>;

std::uint64_t ticket_of(std::int32_t order_id) { return static_cast<std::uint64_t>(order_id); }

// Certainly not sent.
Error not_sent(const Error& why) {
  if (why.code == Errc::broker_unsupported || why.code == Errc::broker_unavailable) return why;
  return {Errc::broker_rejected, "nothing was sent: " + why.message};
}

}  // namespace

// ---- placing -------------------------------------------------------------------------------------------------------

AccountId IbkrState::account_of(const std::optional<AccountId>& asked, const AccountId& given) const {
  if (!given.empty()) return given;
  if (asked && !asked->empty()) return *asked;
  return accounts_.empty() ? AccountId{} : accounts_.front();
}

// The same answer however often it is asked for; never sent twice.
std::optional<caf::result<OrderAccepted>> IbkrState::placed_before(const OrderId& id) {
  if (const auto found = placed_.find(id); found != placed_.end()) {
    auto& placed = found->second;
    if (placed.accepted) return Answer(*placed.accepted);
    if (placed.refused) return Answer(to_caf(*placed.refused));
    if (placed.asked.empty())
      return Answer(to_caf(
          Error{Errc::broker_unavailable, "order " + id.str() + " was sent, and had no answer: it is in doubt"}));
    placed.asked.push_back(self_->make_response_promise<OrderAccepted>());
    return Answer(placed.asked.back());
  }
  if (const auto* known = record_->find(id))
    return Answer(OrderAccepted{BrokerOrderId{std::to_string(known->perm_id)}, {}, {}});
  return std::nullopt;
}

caf::result<OrderAccepted> IbkrState::place(const PlaceStockOrder& m) {
  if (auto before = placed_before(m.order_id)) return *before;
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  const auto instrument = Instrument::parse(m.order.symbol.str());
  if (!instrument) return to_caf(not_sent(instrument.error()));
  auto contract = to_contract(*instrument);
  if (!contract) return to_caf(contract.error());
  auto order = to_wire_order(m.order, m.order_id, account_of(m.order.account, m.account));
  if (!order) return to_caf(order.error());
  group(m.oco_group, m.order_id, *order);
  return place(m.order_id, std::move(*contract), std::move(*order));
}

caf::result<OrderAccepted> IbkrState::place(const PlaceOptionOrder& m) {
  if (auto before = placed_before(m.order_id)) return *before;
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  auto order = to_wire_order(m.order.order, m.order_id, account_of(m.order.order.account, m.account));
  if (!order) return to_caf(order.error());
  if (!m.order.legs.empty()) return place_combo(m, std::move(*order));
  auto instrument =
      m.order.contract ? Result<Instrument>{*m.order.contract} : Instrument::parse(m.order.order.symbol.str());
  if (!instrument) return to_caf(not_sent(instrument.error()));
  auto contract = to_contract(*instrument);
  if (!contract) return to_caf(contract.error());
  group(m.oco_group, m.order_id, *order);
  return place(m.order_id, std::move(*contract), std::move(*order));
}

// The venue takes a fill of one of the group off the others, and no two of them can be filled too much.
void IbkrState::group(const std::optional<std::string>& asked, const OrderId& id, wire::Order& order) {
  if (!asked) return;
  order.oca_group = oca_names_.join(*asked, id);
  order.oca_type = oca_reduces;
}

caf::result<OrderAccepted> IbkrState::place_combo(const PlaceOptionOrder& m, wire::Order order) {
  if ((order.order_type != "MKT" && order.order_type != "LMT") || !order.algo_strategy.empty())
    return to_caf(Error{Errc::broker_unsupported,
                        "broker ibkr takes several legs as market or limit orders only, and without a strategy"});
  group(m.oco_group, m.order_id, order);
  auto& placed = placed_[m.order_id];
  placed.order = std::move(order);
  placed.sent = now();
  placed.asked.push_back(self_->make_response_promise<OrderAccepted>());
  const auto promise = placed.asked.back();
  waited_for_.insert(m.order_id);
  resolve(m.order.legs, [this, id = m.order_id](Result<Combo> combo) {
    auto& waiting = placed_[id];
    if (waiting.asked.empty()) {  // given up
      waiting.refused = Error{Errc::broker_rejected, "nothing was sent: its legs were not known in time"};
      return end(id, waiting);
    }
    auto ok = combo ? usable() : Result<void>{tl::unexpected{combo.error()}};
    if (ok) {
      waiting.contract = std::move(combo->first);
      waiting.order.legs = std::move(combo->second);
      ok = transmit(id, waiting);
    }
    if (ok) return;
    waiting.refused = not_sent(ok.error());
    end(id, waiting);
    for (auto& each : std::exchange(waiting.asked, {})) each.deliver(to_caf(*waiting.refused));
  });
  pump();
  arm();
  return promise;
}

// Legs go by the venue's numbers, which are asked for.
void IbkrState::resolve(const std::vector<OrderLeg>& asked, std::function<void(Result<Combo>)> then) {
  struct Resolving {
    Combo combo;
    std::size_t left = 0;
    std::function<void(Result<Combo>)> then;
    void end(Result<Combo> result) {
      if (then) std::exchange(then, nullptr)(std::move(result));
    }
  };
  std::vector<wire::Contract> legs;
  const auto state = std::make_shared<Resolving>();
  state->then = std::move(then);
  for (const auto& leg : asked) {
    const auto instrument = Instrument::parse(leg.symbol.str());
    if (!instrument) return state->end(tl::unexpected{instrument.error()});
    auto contract = to_contract(*instrument);
    if (!contract) return state->end(tl::unexpected{contract.error()});
    if (!legs.empty() && legs.front().symbol != contract->symbol)
      return state->end(fail(Errc::broker_unsupported, "broker ibkr takes legs on one underlying only"));
    legs.push_back(std::move(*contract));
    auto& out = state->combo.second.emplace_back();
    out.ratio = leg.ratio;
    out.action = leg.side == Side::buy || leg.side == Side::buy_to_cover ? "BUY" : "SELL";
    out.exchange = "SMART";
  }
  auto& bag = state->combo.first;
  bag.symbol = legs.front().symbol;
  bag.sec_type = "BAG";
  bag.exchange = "SMART";
  bag.currency = legs.front().currency;
  state->left = legs.size();
  for (std::size_t i = 0; i < legs.size(); ++i)
    ask_contract(legs[i], [i, state](Result<std::vector<wire::ContractData>> found) {
      if (found && found->size() != 1)
        found =
            fail(Errc::broker_rejected, std::to_string(found->size()) + " contracts fit leg " + std::to_string(i + 1));
      if (!found) return state->end(tl::unexpected{found.error()});
      state->combo.second[i].con_id = found->front().contract.con_id;
      if (--state->left == 0) state->end(std::move(state->combo));
    });
}

caf::result<OrderAccepted> IbkrState::place(const OrderId& id, wire::Contract contract, wire::Order order) {
  PlacedOrder placed;
  placed.contract = std::move(contract);
  placed.order = std::move(order);
  if (auto ok = transmit(id, placed); !ok) {
    oca_names_.left(id);
    return to_caf(not_sent(ok.error()));
  }
  auto& kept = placed_[id] = std::move(placed);
  kept.asked.push_back(self_->make_response_promise<OrderAccepted>());
  const auto promise = kept.asked.back();
  waited_for_.insert(id);
  arm();
  return promise;
}

Result<void> IbkrState::transmit(const OrderId& id, PlacedOrder& placed) {
  const auto order_id = ids_.take();
  if (!order_id) return tl::unexpected{order_id.error()};
  wire::PlaceOrder request;
  request.order_id = *order_id;
  request.contract = placed.contract;
  request.order = placed.order;
  if (auto ok = send(session::Urgency::order, request, ticket_of(*order_id)); !ok) return ok;
  tracker_->placing(*order_id, id, placed.contract, placed.order);
  placed.order_id = *order_id;
  placed.sent = now();
  placed_ids_[*order_id] = id;
  pump();
  return {};
}

bool IbkrState::waits(const PlacedOrder& placed) const {
  return placed.order_id > 0 && session_->waits(ticket_of(placed.order_id));
}

// One that still waits for its turn is not sent any more.
bool IbkrState::withdraw(const OrderId& id, PlacedOrder& placed, const std::string& why) {
  if (placed.order_id <= 0 || !session_->withdraw(ticket_of(placed.order_id))) return false;
  tracker_->forget(placed.order_id);
  placed_ids_.erase(placed.order_id);
  placed.refused = Error{Errc::broker_rejected, "nothing was sent: " + why};
  end(id, placed);
  for (auto& each : std::exchange(placed.asked, {})) each.deliver(to_caf(*placed.refused));
  return true;
}

// ---- changes -------------------------------------------------------------------------------------------------------

Result<PlacedOrder*> IbkrState::working(const OrderId& id) {
  const auto found = placed_.find(id);
  if (found == placed_.end()) {
    if (record_->find(id) == nullptr) return fail(Errc::order_not_found, "broker ibkr knows no order " + id.str());
    return fail(Errc::order_not_open, "order " + id.str() + " is closed");
  }
  auto& placed = found->second;
  if (placed.is_over || placed.refused) return fail(Errc::order_not_open, "order " + id.str() + " is closed");
  if (placed.order_id < 0)
    return fail(Errc::broker_rejected,
                "order " + id.str() + " was placed under another client_id of this broker, which alone may change it");
  if (placed.order_id == 0)
    return fail(Errc::broker_rejected, "order " + id.str() + " is not sent yet, or in doubt since it was");
  if (!tracker_->works(placed.order_id)) return fail(Errc::order_not_open, "order " + id.str() + " is closed");
  return &placed;
}

caf::result<Done> IbkrState::replace(const ReplaceBrokerOrder& m) {
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  const auto found = working(m.order_id);
  if (!found) return to_caf(found.error());
  auto& placed = **found;
  // A change is itself an order: it must not get there without the one that it changes.
  if (waits(placed))
    return to_caf(Error{Errc::broker_rejected, "order " + m.order_id.str() + " still waits for its turn; try again"});
  auto wanted = changed(placed.order, m);
  if (!wanted) return to_caf(wanted.error());
  wire::PlaceOrder request;
  request.order_id = placed.order_id;
  request.contract = placed.contract;
  request.order = *wanted;
  if (auto ok = send(session::Urgency::order, request); !ok) return to_caf(not_sent(ok.error()));
  tracker_->changing(placed.order_id, *wanted);
  placed.wanted = std::move(*wanted);
  placed.changed = now();
  placed.changes.push_back(self_->make_response_promise<Done>());
  const auto promise = placed.changes.back();
  waited_for_.insert(m.order_id);
  pump();
  arm();
  return promise;
}

caf::result<Done> IbkrState::cancel(const CancelBrokerOrder& m) {
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  const auto found = working(m.order_id);
  if (!found) return to_caf(found.error());
  auto& placed = **found;
  if (withdraw(m.order_id, placed, "it was canceled before its turn came")) return Done{};
  wire::CancelOrder request;
  request.order_id = placed.order_id;
  if (auto ok = send(session::Urgency::cancel, request); !ok) return to_caf(not_sent(ok.error()));
  tracker_->canceling(placed.order_id);
  placed.is_cancel_asked = true;
  placed.changed = now();
  placed.cancels.push_back(self_->make_response_promise<Done>());
  const auto promise = placed.cancels.back();
  waited_for_.insert(m.order_id);
  pump();
  arm();
  return promise;
}

// ---- what came of them ---------------------------------------------------------------------------------------------

void IbkrState::flush_news() {
  // Until it is up, what happened is asked for anew.
  if (!tracker_ || phase_ != Phase::up) return;
  for (const auto& news : tracker_->take_news()) tell(news);
  if (tracker_->take_wants_executions()) ask_executions([](const Error*) {});
  tell_elsewhere();
  forget_oldest();
}

void IbkrState::tell(const session::OrderNews& news) {
  using session::OrderReport;
  auto& placed = placed_[news.order_id];
  BrokerEvent event;
  event.broker = broker_;
  event.order_id = news.order_id;
  if (news.perm_id != 0) event.broker_order_id = BrokerOrderId{std::to_string(news.perm_id)};
  event.fill = news.fill;
  event.reason = news.reason;
  event.ts = clock_.now();
  bool is_over = false;
  auto changes = std::exchange(placed.changes, {});
  auto answer_changes = [&] {
    for (auto& each : std::exchange(changes, {})) each.deliver(Done{});
  };
  switch (news.report) {
    case OrderReport::accepted: {
      placed.changes = changes;
      placed.refused.reset();
      placed.is_over = false;
      placed.accepted = OrderAccepted{event.broker_order_id.value_or(BrokerOrderId{}), event.ts, {}};
      const auto asked = std::exchange(placed.asked, {});
      for (auto each : asked) each.deliver(*placed.accepted);
      if (!asked.empty()) return;
      event.report = BrokerReport::accepted;
      break;
    }
    case OrderReport::fill:
      placed.changes = changes;
      event.report = BrokerReport::fill;
      event.ts = news.fill->ts;
      event.fill->legs = record_->legs_of(news.fill->exec_id);
      tell_busted(news.fill->exec_id.str());
      if (const auto* order = record_->find(news.order_id)) is_over = !order->is_open;
      is_over |= placed.order_id != 0 && !tracker_->works(placed.order_id);
      break;
    case OrderReport::busted:
      placed.changes = changes;
      event.report = BrokerReport::busted;
      break;
    case OrderReport::replaced:
      if (placed.wanted) placed.order = std::move(*std::exchange(placed.wanted, {}));
      if (news.qty) placed.order.total_quantity = *news.qty;  // less than was asked for, when a twin was filled
      if (news.limit_price && placed.order.limit_price) placed.order.limit_price = news.limit_price;
      if (news.aux_price && placed.order.aux_price) placed.order.aux_price = news.aux_price;
      event.report = BrokerReport::replaced;
      event.qty = news.qty;
      event.limit_price = news.limit_price;
      if (has_trail(placed.order))
        event.trail_amount = news.aux_price;
      else if (has_stop(placed.order))
        event.stop_price = news.aux_price;
      break;
    case OrderReport::replace_rejected:
      placed.wanted.reset();
      event.report = BrokerReport::replace_rejected;
      break;
    case OrderReport::canceled:
      event.report = !placed.is_cancel_asked &&
                             has_expired(placed.contract, placed.order, news.reason, *calendars_, *times_, event.ts)
                         ? BrokerReport::expired
                         : BrokerReport::canceled;
      record_->reason(news.perm_id, news.reason);
      if (news.may_work_again) cancel_inactive(news.order_id);
      // It had been taken before, and nobody said so.
      for (auto each : std::exchange(placed.asked, {}))
        each.deliver(OrderAccepted{event.broker_order_id.value_or(BrokerOrderId{}), event.ts, {}});
      is_over = true;
      break;
    case OrderReport::cancel_rejected:
      placed.changes = changes;
      event.report = BrokerReport::cancel_rejected;
      break;
    case OrderReport::rejected: {
      record_->reason(news.perm_id, news.reason);
      if (news.may_work_again) cancel_inactive(news.order_id);
      const auto code = news.errc == Errc::broker_unsupported ? news.errc : Errc::broker_rejected;
      placed.refused = Error{code, news.reason.empty() ? "the venue refused it without a reason" : news.reason};
      end(news.order_id, placed);
      const auto asked = std::exchange(placed.asked, {});
      for (auto each : asked) each.deliver(to_caf(*placed.refused));
      answer_changes();
      for (auto& each : std::exchange(placed.cancels, {})) each.deliver(Done{});
      if (!asked.empty()) return;
      event.report = BrokerReport::rejected;
      break;
    }
  }
  if (sink_) self_->send(sink_, std::move(event));
  if (is_over) end(news.order_id, placed);
  if (placed.changes.empty()) answer_changes();
  if (is_over) {
    for (auto& each : std::exchange(placed.changes, {})) each.deliver(Done{});
    for (auto& each : std::exchange(placed.cancels, {})) each.deliver(Done{});
  }
}

// Inactive without a reason may work again: its end is only true once it is canceled too.
void IbkrState::cancel_inactive(const OrderId& id) {
  const auto& placed = placed_[id];
  if (placed.order_id <= 0) return;
  wire::CancelOrder request;
  request.order_id = placed.order_id;
  static_cast<void>(send(session::Urgency::order, request));
}

// What an execution corrects: it may have been told in an earlier life.
void IbkrState::tell_busted(const std::string& exec_id) {
  const auto* execution = record_->execution(exec_id);
  if (execution == nullptr || !sink_) return;
  for (auto& each : record_->taken_back(*execution, broker_)) self_->send(sink_, std::move(each));
}

void IbkrState::end(const OrderId& id, PlacedOrder& placed) {
  if (std::exchange(placed.is_over, true)) return;
  over_.push_back(id);
  oca_names_.left(id);
}

void IbkrState::forget_oldest() {
  while (over_.size() > over_max) {
    const auto oldest = placed_.find(over_.front());
    if (oldest != placed_.end() && oldest->second.is_over) {
      placed_ids_.erase(oldest->second.order_id);
      placed_.erase(oldest);
    }
    over_.pop_front();
  }
}

}  // namespace tradebus::ibkr
