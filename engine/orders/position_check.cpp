#include "engine/orders/position_check.hpp"

#include <sstream>

namespace tradebus {

namespace {

Quantity signed_qty(Side side, Quantity qty) {
  const bool buys = side == Side::buy || side == Side::buy_to_cover;
  return buys ? qty : Quantity::from_raw(-qty.raw());
}

}  // namespace

// A line a broker, "B name", and a line a position, "P broker account symbol qty"; names have no tabs in them.
std::string PositionCheck::saved() {
  std::string out;
  for (const auto& broker : known_) out += "B\t" + broker.str() + "\n";
  for (const auto& [key, qty] : expected_)
    out += "P\t" + std::get<0>(key).str() + "\t" + std::get<1>(key).str() + "\t" + std::get<2>(key).str() + "\t" +
           qty.to_string() + "\n";
  fills_since_saved_ = 0;
  dirty_ = false;
  return out;
}

void PositionCheck::restore(const std::string& saved) {
  std::istringstream lines{saved};
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> parts;
    std::istringstream fields{line};
    for (std::string part; std::getline(fields, part, '\t');) parts.push_back(part);
    if (parts.size() == 2 && parts[0] == "B") known_.insert(BrokerName{parts[1]});
    if (parts.size() != 5 || parts[0] != "P") continue;
    if (const auto qty = Quantity::parse(parts[4]))
      expected_[{BrokerName{parts[1]}, AccountId{parts[2]}, Symbol{parts[3]}}] = *qty;
  }
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
