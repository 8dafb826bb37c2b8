#include "engine/orders/holdings.hpp"

namespace tradebus {

namespace {

// One that the broker no longer has is shown as long as another one is expected.
bool is_shown(const Position& position) { return !position.qty.is_zero() || position.expected_qty; }

// Only the mark, and what follows from it, is another one.
bool same_but_for_mark(const Position& a, const Position& b) {
  return a.qty == b.qty && a.avg_price == b.avg_price && a.realized_pnl == b.realized_pnl;
}
bool same_but_for_mark(const AccountSummary& a, const AccountSummary& b) {
  return a.cash == b.cash && a.realized_pnl == b.realized_pnl && a.commissions == b.commissions &&
         a.currency == b.currency;
}

}  // namespace

template <class T>
bool Holdings::update(Kept<T>& kept, const T& value, bool changed, Time now) {
  kept.value = value;
  if (changed || !kept.told || now - *kept.told >= mark_interval_) {
    kept.told = now;
    stop_waiting(kept);
    return true;
  }
  if (!kept.waiting) ++waiting_;
  kept.waiting = true;
  return false;
}

template <class T>
void Holdings::stop_waiting(Kept<T>& kept) {
  if (kept.waiting) --waiting_;
  kept.waiting = false;
}

bool Holdings::take(const Position& position, Time now) {
  auto [it, fresh] = positions_.try_emplace({position.broker, position.account, position.symbol});
  if (!is_shown(position)) {
    stop_waiting(it->second);
    positions_.erase(it);
    return true;
  }
  return update(it->second, position, fresh || !same_but_for_mark(it->second.value, position), now);
}

bool Holdings::take(const AccountSummary& account, Time now) {
  auto [it, fresh] = accounts_.try_emplace({account.broker, account.account});
  return update(it->second, account, fresh || !same_but_for_mark(it->second.value, account), now);
}

template <class Map, class Out>
void Holdings::take_due(Map& map, Out& out, Time now) {
  for (auto& [key, kept] : map) {
    if (!kept.waiting || now - *kept.told < mark_interval_) continue;
    kept.told = now;
    stop_waiting(kept);
    out.push_back(kept.value);
  }
}

Holdings::Due Holdings::due(Time now) {
  Due out;
  take_due(positions_, out.positions, now);
  take_due(accounts_, out.accounts, now);
  return out;
}

void Holdings::reset_positions(const BrokerName& broker, const std::vector<Position>& positions) {
  for (auto it = positions_.begin(); it != positions_.end();) {
    if (std::get<0>(it->first) != broker) {
      ++it;
      continue;
    }
    stop_waiting(it->second);
    it = positions_.erase(it);
  }
  for (const auto& p : positions)
    if (is_shown(p)) positions_[{broker, p.account, p.symbol}].value = p;
}

void Holdings::reset_account(const BrokerName& broker, AccountSummary account) {
  auto& kept = accounts_[{broker, account.account}];
  stop_waiting(kept);
  kept.value = std::move(account);
}

std::vector<Position> Holdings::positions(const std::optional<BrokerName>& broker,
                                          const std::optional<AccountId>& account) const {
  std::vector<Position> out;
  for (const auto& [key, kept] : positions_) {
    if (broker && kept.value.broker != *broker) continue;
    if (account && kept.value.account != *account) continue;
    out.push_back(kept.value);
  }
  return out;
}

const AccountSummary* Holdings::account(const BrokerName& broker, const AccountId& account) const {
  const auto it = accounts_.find({broker, account});
  return it == accounts_.end() ? nullptr : &it->second.value;
}

}  // namespace tradebus
