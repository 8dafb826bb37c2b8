#include "actors/brokers/ibkr/holdings.hpp"

#include "actors/brokers/ibkr/contracts.hpp"

namespace tradebus::ibkr {

namespace {

// What can't be read leaves the value as it was.
template <class Amount>
void set(const std::string& text, Amount& out, bool& is_read) {
  if (const auto amount = wire::amount(text)) {
    out = *amount;
    is_read = true;
  }
}

}  // namespace

std::optional<Position> VenueHoldings::on(const wire::PositionMessage& m, Timestamp now) {
  const auto symbol = to_symbol(m.contract);
  if (!symbol) return std::nullopt;
  const Key key{AccountId{m.account}, *symbol};
  unseen_.erase(key);
  Position next;
  next.broker = broker_;
  next.account = key.first;
  next.symbol = *symbol;
  next.qty = m.position;
  // What a contract cost in all: of a unit it is less by the multiplier.
  next.avg_price = price_of(m.average_cost, Quantity::from_int(multiplier_of(m.contract))).value_or(Price{});
  const auto before = positions_.find(key);
  if (before == positions_.end() && next.qty.is_zero()) return std::nullopt;  // of one that was closed long ago
  if (before != positions_.end()) {
    if (before->second.qty == next.qty && (next.qty.is_zero() || before->second.avg_price == next.avg_price))
      return std::nullopt;
  }
  if (before == positions_.end() && positions_.size() >= limits_.positions_max) {
    lacks_positions_ = true;
    return std::nullopt;
  }
  next.updated = now;
  if (next.qty.is_zero()) {
    positions_.erase(key);
    contracts_.erase(key);
    return next;
  }
  contracts_[key] = {m.contract.con_id, multiplier_of(m.contract)};
  if (before != positions_.end()) {
    next.realized_pnl = before->second.realized_pnl;
    if (next.qty == before->second.qty) {
      next.market_price = before->second.market_price;
      next.market_value = before->second.market_value;
      next.unrealized_pnl = before->second.unrealized_pnl;
    }
  }
  positions_[key] = next;
  return next;
}

std::set<VenueHoldings::Key> VenueHoldings::keys() const {
  std::set<Key> out;
  for (const auto& [key, position] : positions_) out.insert(key);
  return out;
}

std::vector<Position> VenueHoldings::end_snapshot(Timestamp now) {
  std::vector<Position> out;
  for (const auto& key : std::exchange(unseen_, {})) {
    const auto gone = positions_.find(key);
    if (gone == positions_.end()) continue;
    auto& position = out.emplace_back(std::move(gone->second));
    position.qty = Quantity{};
    position.updated = now;
    positions_.erase(gone);
    contracts_.erase(key);
  }
  return out;
}

std::vector<Position> VenueHoldings::positions(const std::optional<AccountId>& account) const {
  std::vector<Position> out;
  for (const auto& [key, position] : positions_)
    if (!account || key.first == *account) out.push_back(position);
  return out;
}

std::optional<std::int64_t> VenueHoldings::contract_of(const AccountId& account, const Symbol& symbol) const {
  const auto found = contracts_.find({account, symbol});
  return found == contracts_.end() || found->second.con_id == 0 ? std::nullopt : std::optional{found->second.con_id};
}

std::optional<Position> VenueHoldings::on_profit(const AccountId& account, const Symbol& symbol,
                                                 const wire::ProfitAndLossSingle& m, Timestamp now) {
  const auto found = positions_.find({account, symbol});
  if (found == positions_.end()) return std::nullopt;
  auto& held = found->second;
  auto next = held;
  if (m.realized) next.realized_pnl = *m.realized;
  // Of another quantity these would not fit: the position itself is on its way.
  if (m.position == held.qty) {
    if (m.unrealized) next.unrealized_pnl = *m.unrealized;
    if (m.value) {
      next.market_value = *m.value;
      const auto units = Quantity::from_int(contracts_[found->first].multiplier);
      const auto of_unit = price_of(*m.value, held.qty);
      const auto price = of_unit ? price_of(Money::from_raw(of_unit->raw()), units) : std::nullopt;
      if (price) next.market_price = *price;
    }
  }
  if (next == held) return std::nullopt;
  next.updated = now;
  held = next;
  return next;
}

bool VenueHoldings::is_kept(const AccountId& account) const {
  return accounts_.size() < limits_.accounts_max || accounts_.contains(account);
}

AccountSummary& VenueHoldings::of(const AccountId& account) {
  auto& out = accounts_[account];
  out.broker = broker_;
  out.account = account;
  return out;
}

void VenueHoldings::on(const wire::AccountSummaryMessage& m) {
  if (!is_kept(AccountId{m.account})) return;
  auto& account = of(AccountId{m.account});
  auto& read = read_[account.account];
  if (m.tag == "NetLiquidation") {
    set(m.value, account.equity, read.equity);
    if (!m.currency.empty()) account.currency = m.currency;
  } else if (m.tag == "TotalCashValue") {
    set(m.value, account.cash, read.cash);
  } else if (m.tag == "BuyingPower") {
    set(m.value, account.buying_power, read.buying_power);
  }
}

void VenueHoldings::on_profit(const AccountId& account, const wire::ProfitAndLoss& m) {
  if (!is_kept(account)) return;
  auto& out = of(account);
  if (m.realized) out.realized_pnl = *m.realized;
  if (m.unrealized) out.unrealized_pnl = *m.unrealized;
}

void VenueHoldings::commissions(const AccountId& account, Money sum) {
  if (is_kept(account)) of(account).commissions = sum;
}

std::optional<AccountSummary> VenueHoldings::changed(const AccountId& account, Timestamp now) {
  if (this->account(account) == nullptr) return std::nullopt;
  auto& current = of(account);
  auto& before = told_[account];
  current.updated = before.updated;
  if (current == before) return std::nullopt;
  current.updated = now;
  before = current;
  return current;
}

const AccountSummary* VenueHoldings::account(const AccountId& account) const {
  const auto read = read_.find(account);
  if (read == read_.end() || !read->second.all()) return nullptr;
  const auto found = accounts_.find(account);
  return found == accounts_.end() ? nullptr : &found->second;
}

}  // namespace tradebus::ibkr
