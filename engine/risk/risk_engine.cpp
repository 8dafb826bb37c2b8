#include "engine/risk/risk_engine.hpp"

#include "engine/risk/order_check.hpp"

namespace tradebus {

struct RiskEngine::Parts {
  RiskTable limits;
  TradingStates states;
  AccountWatch accounts;
  risk::Exposure exposure;
  OrderRates rates;
  RepeatedOrders repeats;
  std::chrono::nanoseconds duplicate_window_max{};

  Result<void> check(const Order* before, const Order& order, const RiskContext& context) {
    const risk::Desk desk{limits, states, accounts, exposure, rates, repeats, duplicate_window_max};
    return risk::OrderCheck{desk, before, order, context}.run();
  }
  void set(RiskTable table) {
    limits = std::move(table);
    duplicate_window_max = limits.global.duplicate_window;
    for (const auto* named : {&limits.clients, &limits.accounts, &limits.symbols})
      for (const auto& [name, scope] : *named)
        duplicate_window_max = std::max(duplicate_window_max, scope.duplicate_window);
  }
  const risk::Book* book(const BrokerName& broker, const AccountId& account,
                         const std::optional<ClientName>& client) const {
    return client ? exposure.book(broker, account, *client) : exposure.book(broker, account);
  }
};

RiskEngine::RiskEngine(RiskTable limits) : parts_{std::make_unique<Parts>()} { parts_->set(std::move(limits)); }
RiskEngine::~RiskEngine() = default;
RiskEngine::RiskEngine(RiskEngine&&) noexcept = default;
RiskEngine& RiskEngine::operator=(RiskEngine&&) noexcept = default;

Result<void> RiskEngine::check(const Order& order, const RiskContext& context) {
  return parts_->check(nullptr, order, context);
}
Result<void> RiskEngine::check_replace(const Order& order, const Order& changed, const RiskContext& context) {
  return parts_->check(&order, changed, context);
}

void RiskEngine::on_order_changed(const Order* before, const Order& after) {
  parts_->exposure.on_order_changed(before, after);
}
void RiskEngine::on_order_changed(Quantity filled_before, const Order& after) {
  parts_->exposure.on_order_changed(filled_before, after);
}
void RiskEngine::on_position(const Position& position) { parts_->exposure.set_position(position); }
void RiskEngine::reset_positions(const BrokerName& broker, const std::vector<Position>& positions) {
  parts_->exposure.reset_positions(broker, positions);
}
bool RiskEngine::on_account(const AccountSummary& account, Date day) { return parts_->accounts.take(account, day); }

void RiskEngine::set_limits(RiskTable limits) { parts_->set(std::move(limits)); }
const RiskTable& RiskEngine::limits() const { return parts_->limits; }
TradingStates& RiskEngine::states() { return parts_->states; }
const TradingStates& RiskEngine::states() const { return parts_->states; }
std::vector<DayStart> RiskEngine::day_starts() const { return parts_->accounts.day_starts(); }
void RiskEngine::restore_day_starts(const std::vector<DayStart>& starts) { parts_->accounts.restore(starts); }

RiskExposure RiskEngine::exposure(const BrokerName& broker, const AccountId& account,
                                  const std::optional<ClientName>& client, const Symbol& symbol) const {
  const auto* held = risk::Exposure::holding(parts_->book(broker, account, client), symbol);
  if (held == nullptr) return {};
  return {Quantity::from_raw(held->qty), Quantity::from_raw(held->buys.units), Quantity::from_raw(held->sells.units),
          Money::from_raw(held->worst)};
}

RiskTotals RiskEngine::totals(const BrokerName& broker, const AccountId& account,
                              const std::optional<ClientName>& client) const {
  const auto* book = parts_->book(broker, account, client);
  if (book == nullptr) return {};
  return {Money::from_raw(book->gross), Money::from_raw(book->opening)};
}

}  // namespace tradebus
