#include "engine/orders/position_check.hpp"

#include "bus/wire/compact.hpp"

namespace tradebus {

namespace {

struct KeptPosition {
  BrokerName broker;
  AccountId account;
  Symbol symbol;
  Quantity qty;

  static constexpr std::string_view type_name = "KeptPosition";
  static constexpr auto fields() {
    return std::tuple{field("broker", &KeptPosition::broker), field("account", &KeptPosition::account),
                      field("symbol", &KeptPosition::symbol), field("qty", &KeptPosition::qty)};
  }
};
struct KeptPositions {
  std::vector<BrokerName> brokers;  // that were compared before
  std::vector<KeptPosition> positions;

  static constexpr std::string_view type_name = "KeptPositions";
  static constexpr auto fields() {
    return std::tuple{field("brokers", &KeptPositions::brokers), field("positions", &KeptPositions::positions)};
  }
};

Quantity signed_qty(Side side, Quantity qty) {
  const bool buys = side == Side::buy || side == Side::buy_to_cover;
  return buys ? qty : Quantity::from_raw(-qty.raw());
}

}  // namespace

std::string PositionCheck::saved() {
  KeptPositions out;
  out.brokers.assign(known_.begin(), known_.end());
  for (const auto& [key, qty] : expected_)
    out.positions.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), qty});
  fills_since_saved_ = 0;
  dirty_ = false;
  return wire::compact::packed(out);
}

bool PositionCheck::restore(const std::string& saved) {
  KeptPositions kept;
  if (!wire::compact::unpack(saved, kept)) return false;
  known_.insert(kept.brokers.begin(), kept.brokers.end());
  for (auto& p : kept.positions) expected_[{std::move(p.broker), std::move(p.account), std::move(p.symbol)}] = p.qty;
  return true;
}

void PositionCheck::add(const Key& key, Quantity signed_qty) {
  const auto it = expected_.try_emplace(key).first;
  it->second = checked_add(it->second, signed_qty).value_or(it->second);
  if (it->second.is_zero()) expected_.erase(it);
}

void PositionCheck::on_fill(const Order& order, const Fill& fill, bool busted) {
  ++fills_since_saved_;
  const auto book = [&](const Symbol& symbol, Side side, Quantity qty) {
    auto change = signed_qty(side, qty);
    if (busted) change = Quantity::from_raw(-change.raw());
    add({order.broker, order.account, symbol}, change);
  };
  if (fill.legs)
    for (const auto& leg : *fill.legs) book(leg.symbol, leg.side, leg.qty);
  else if (!order.legs)
    book(order.symbol, order.side, fill.qty);
}

void PositionCheck::adjust(const Key& key, Quantity from, Quantity to) {
  add(key, Quantity::from_raw(to.raw() - from.raw()));
  dirty_ = true;
}

std::vector<PositionCheck::Difference> PositionCheck::compare(const BrokerName& broker,
                                                              const std::vector<Position>& actual) {
  std::map<Key, Quantity> told;
  for (const auto& p : actual)
    if (!p.qty.is_zero()) told[{broker, p.account, p.symbol}] = p.qty;
  if (known_.insert(broker).second) {
    std::erase_if(expected_, [&](const auto& each) { return std::get<0>(each.first) == broker; });
    expected_.insert(told.begin(), told.end());
    dirty_ = true;
    return {};
  }
  std::erase_if(differing_, [&](const auto& each) { return std::get<0>(each.first) == broker; });
  std::vector<Difference> out;
  for (const auto& [key, qty] : expected_) {
    if (std::get<0>(key) != broker) continue;
    const auto it = told.find(key);
    const Quantity has = it == told.end() ? Quantity{} : it->second;
    if (has != qty) out.push_back({key, qty, has});
  }
  for (const auto& [key, qty] : told)
    if (!expected_.contains(key)) out.push_back({key, {}, qty});
  for (const auto& each : out) differing_[each.key] = each.actual;
  return out;
}

std::optional<Quantity> PositionCheck::expected(const Position& actual) {
  if (differing_.empty()) return std::nullopt;
  const Key key{actual.broker, actual.account, actual.symbol};
  const auto differs = differing_.find(key);
  if (differs == differing_.end()) return std::nullopt;
  const auto it = expected_.find(key);
  const Quantity should = it == expected_.end() ? Quantity{} : it->second;
  if (should == actual.qty) {
    differing_.erase(differs);
    return std::nullopt;
  }
  differs->second = actual.qty;
  return should;
}

std::size_t PositionCheck::accept(const std::optional<BrokerName>& broker, const std::optional<AccountId>& account,
                                  const std::optional<Symbol>& symbol) {
  std::size_t count = 0;
  for (auto it = differing_.begin(); it != differing_.end();) {
    const auto& [key, actual] = *it;
    const auto& [its_broker, its_account, its_symbol] = key;
    if ((broker && *broker != its_broker) || (account && *account != its_account) ||
        (symbol && *symbol != its_symbol)) {
      ++it;
      continue;
    }
    if (actual.is_zero())
      expected_.erase(key);
    else
      expected_[key] = actual;
    it = differing_.erase(it);
    ++count;
  }
  dirty_ = dirty_ || count > 0;
  return count;
}

}  // namespace tradebus
