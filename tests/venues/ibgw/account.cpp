#include "tests/venues/ibgw/account.hpp"

#include <algorithm>
#include <cstdio>

namespace tradebus::ibgw_sim {
namespace {

const Num stock_margin = *Num::parse("0.25");
const Num short_option_margin = *Num::parse("0.20");

std::string money(Num value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f", value.to_double());
  return text;
}

}  // namespace

void Accounts::add(const std::string& name, Num cash) {
  if (!has(name)) accounts_.push_back({name, cash, {}, cash, {}});
}

const Account* Accounts::find(const std::string& name) const {
  const auto it = std::find_if(accounts_.begin(), accounts_.end(), [&](const Account& a) { return a.name == name; });
  return it == accounts_.end() ? nullptr : &*it;
}

Account* Accounts::find(const std::string& name) { return const_cast<Account*>(std::as_const(*this).find(name)); }

std::string Accounts::list() const {
  std::string out;
  for (const Account& account : accounts_) out += (out.empty() ? "" : ",") + account.name;
  return out;
}

std::optional<Num> Accounts::trade(const std::string& name, ConId id, Num quantity, Num price, Num commission) {
  Account* account = find(name);
  const Contract* contract = contracts_.find(id);
  if (account == nullptr || contract == nullptr) return std::nullopt;
  const Num size = contract->size();
  account->cash -= quantity * price * size + commission;
  Holding& held = account->holdings[id];
  const bool closes = !held.quantity.zero() && held.quantity.negative() != quantity.negative();
  if (!closes) {
    const Num total = held.quantity + quantity;
    held.price = (held.quantity * held.price + quantity * price) / total;
    held.quantity = total;
    return std::nullopt;
  }
  const Num closed = min(held.quantity.abs(), quantity.abs());
  const Num gain = (held.quantity.positive() ? price - held.price : held.price - price) * closed * size - commission;
  held.quantity += quantity;
  held.realized += gain;
  account->realized += gain;
  if (held.quantity.zero()) held.price = {};
  if (quantity.abs() > closed) held.price = price;
  return gain;
}

Num Accounts::mark(ConId id, Seconds now) const {
  const Contract* contract = contracts_.find(id);
  return contract == nullptr ? Num{} : market_.quote(*contract, now).mark();
}

Accounts::Worth Accounts::worth(const Account& account, Seconds now) const { return worth_after(account, {}, {}, now); }

Accounts::Worth Accounts::worth_after(const Account& account, const std::vector<std::pair<ConId, Num>>& changes,
                                      Num paid, Seconds now) const {
  std::map<ConId, Num> quantities;
  for (const auto& [id, held] : account.holdings) quantities[id] = held.quantity;
  for (const auto& [id, change] : changes) quantities[id] += change;
  Worth out;
  for (const auto& [id, quantity] : quantities) {
    const Contract* contract = contracts_.find(id);
    if (contract == nullptr || quantity.zero()) continue;
    const Num price = mark(id, now), value = quantity * price * contract->size();
    out.gross += value.abs();
    if (contract->option()) {
      out.options += value;
      if (quantity.negative())
        out.init += short_option_margin * mark(contract->under, now) * contract->size() * quantity.abs();
    } else {
      out.stocks += value;
      out.init += stock_margin * value.abs();
    }
    if (const auto held = account.holdings.find(id); held != account.holdings.end() && changes.empty())
      out.unrealized += (price - held->second.price) * quantity * contract->size();
  }
  out.maint = out.init;
  out.net = account.cash - paid + out.stocks + out.options;
  return out;
}

std::vector<AccountValue> Accounts::values(const Account& account, Seconds now) const {
  const Worth w = worth(account, now);
  const Num available = w.available();
  const std::string cushion = w.net.positive() ? (available / w.net).text() : "0";
  std::vector<AccountValue> out = {
      {"AccountCode", account.name, ""}, {"AccountReady", "true", ""},
      {"AccountType", "INDIVIDUAL", ""}, {"Cushion", cushion, ""},
      {"DayTradesRemaining", "-1", ""},  {"Leverage", w.net.positive() ? money(w.gross / w.net) : "0", ""},
      {"HighestSeverity", "", ""}};
  const auto add = [&](const char* key, Num value) { out.push_back({key, money(value), "USD"}); };
  add("NetLiquidation", w.net);
  add("TotalCashValue", account.cash);
  add("SettledCash", account.cash);
  add("AccruedCash", {});
  add("BuyingPower", max(Num{}, available * Num{4}));
  add("EquityWithLoanValue", w.net);
  add("PreviousDayEquityWithLoanValue", account.start);
  add("GrossPositionValue", w.gross);
  add("RegTEquity", w.net);
  add("RegTMargin", w.init * Num{2});
  add("SMA", available);
  add("InitMarginReq", w.init);
  add("MaintMarginReq", w.maint);
  add("AvailableFunds", available);
  add("ExcessLiquidity", w.net - w.maint);
  add("FullInitMarginReq", w.init);
  add("FullMaintMarginReq", w.maint);
  add("FullAvailableFunds", available);
  add("FullExcessLiquidity", w.net - w.maint);
  add("LookAheadInitMarginReq", w.init);
  add("LookAheadMaintMarginReq", w.maint);
  add("LookAheadAvailableFunds", available);
  add("LookAheadExcessLiquidity", w.net - w.maint);
  for (const char* currency : {"USD", "BASE"}) {
    const auto ledger = [&](const char* key, Num value) { out.push_back({key, money(value), currency}); };
    ledger("CashBalance", account.cash);
    ledger("TotalCashBalance", account.cash);
    ledger("StockMarketValue", w.stocks);
    ledger("OptionMarketValue", w.options);
    ledger("NetLiquidationByCurrency", w.net);
    ledger("UnrealizedPnL", w.unrealized);
    ledger("RealizedPnL", account.realized);
    out.push_back({"ExchangeRate", "1.00", currency});
    out.push_back({"Currency", currency, currency});
  }
  return out;
}

}  // namespace tradebus::ibgw_sim
