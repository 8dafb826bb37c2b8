// What an order would cost: the venue reckons with it, and nothing rests (what-if).
#include <caf/typed_event_based_actor.hpp>

#include "actors/brokers/ibkr/contracts.hpp"
#include "actors/brokers/ibkr/sending.hpp"
#include "actors/brokers/ibkr/words.hpp"

namespace tradebus::ibkr {

namespace {

constexpr std::size_t previews_max = 100;

// Below zero and huge numbers say that there is none.
std::optional<Money> amount_of(const std::string& text) { return text.empty() ? std::nullopt : wire::amount(text); }

}  // namespace

caf::result<OrderPreview> IbkrState::preview(const PreviewBrokerOrder& m) {
  if (auto ok = usable(); !ok) return to_caf(ok.error());
  if (previews_.size() >= previews_max)
    return to_caf(Error{Errc::overloaded, std::to_string(previews_.size()) + " previews are open; try again later"});
  const auto& asked = m.order;
  AskedPreview open;
  open.account = account_of(asked.order.account, m.account);
  auto order = to_wire_order(asked.order, {}, open.account);
  if (!order) return to_caf(order.error());
  order->what_if = true;
  open.promise = self_->make_response_promise<OrderPreview>();
  auto promise = open.promise;
  if (!asked.legs.empty()) {
    resolve(asked.legs, [this, order = std::move(*order), open](Result<Combo> combo) mutable {
      if (!combo) {
        open.promise.deliver(to_caf(combo.error()));
        return;
      }
      order.legs = std::move(combo->second);
      ask_preview(std::move(combo->first), std::move(order), std::move(open));
    });
  } else {
    const auto instrument =
        asked.contract ? Result<Instrument>{*asked.contract} : Instrument::parse(asked.order.symbol.str());
    if (!instrument) return to_caf(instrument.error());
    auto contract = to_contract(*instrument);
    if (!contract) return to_caf(contract.error());
    ask_preview(std::move(*contract), std::move(*order), std::move(open));
  }
  pump();
  arm();
  return promise;
}

void IbkrState::ask_preview(wire::Contract contract, wire::Order order, AskedPreview asked) {
  const auto id = ids_.take();
  auto ok = id ? Result<void>{} : Result<void>{tl::unexpected{id.error()}};
  if (ok) {
    wire::PlaceOrder request;
    request.order_id = *id;
    request.contract = std::move(contract);
    request.order = std::move(order);
    ok = send(session::Urgency::order, request);
  }
  if (!ok) {
    asked.promise.deliver(to_caf(ok.error()));
    return;
  }
  asked.deadline = now() + config_.answer_timeout;
  previews_[*id] = std::move(asked);
  pump();
}

// Whether it is the answer to one.
bool IbkrState::answer_preview(const wire::OpenOrder& m) {
  if (m.order.client_id != tracker_client_) return false;
  const auto found = previews_.find(m.order_id);
  if (found == previews_.end()) return false;
  auto asked = std::move(found->second);
  previews_.erase(found);
  const auto& told = m.state;
  OrderPreview out;
  out.broker = broker_;
  out.account = asked.account;
  const auto& currency = told.commission_currency.empty() ? told.margin_currency : told.commission_currency;
  if (!currency.empty()) out.currency = currency;
  out.commission = told.commission;
  out.commission_min = told.min_commission;
  out.commission_max = told.max_commission;
  out.initial_margin = amount_of(told.after[0]);
  out.initial_margin_change = amount_of(told.change[0]);
  out.maintenance_margin = amount_of(told.after[1]);
  out.maintenance_margin_change = amount_of(told.change[1]);
  out.equity = amount_of(told.after[2]);
  out.equity_change = amount_of(told.change[2]);
  if (!told.warning.empty()) out.warning = told.warning;
  asked.promise.deliver(std::move(out));
  return true;
}

bool IbkrState::answer_preview(const wire::ErrorMessage& m) {
  const auto found = previews_.find(m.req_id);
  if (found == previews_.end()) return false;
  const auto verdict = wire::judge(m, wire::ErrorSubject::new_order);
  if (verdict.effect != wire::ErrorEffect::order_ended) return true;
  auto error = wire::to_error(m, verdict);
  if (error.code == Errc::internal) error.code = Errc::broker_rejected;
  found->second.promise.deliver(to_caf(error));
  previews_.erase(found);
  return true;
}

}  // namespace tradebus::ibkr
