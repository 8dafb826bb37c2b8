// Accounts: cash, positions and what they are worth. Everything in USD.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/venues/ibgw/market.hpp"

namespace tradebus::ibgw_sim {

struct Holding {
  Num quantity;
  Num price;  // average, of one share (not of a contract)
  Num realized;
};

struct AccountValue {
  std::string key, value, currency;
};

struct Account {
  std::string name;
  Num cash;
  std::map<ConId, Holding> holdings;  // closed ones stay, with quantity 0
  Num start;                          // what it was worth when the day (or the program) began
  Num realized;
};

class Accounts {
 public:
  Accounts(const Contracts& contracts, const Market& market) : contracts_(contracts), market_(market) {}

  void add(const std::string& name, Num cash);
  bool has(const std::string& name) const { return find(name) != nullptr; }
  const std::vector<Account>& all() const { return accounts_; }
  const Account* find(const std::string& name) const;
  Account* find(const std::string& name);
  std::string list() const;  // DU1,DU2

  // Books a trade of one contract; the realized profit when it closes something (commission taken off).
  std::optional<Num> trade(const std::string& account, ConId id, Num signed_quantity, Num price, Num commission);

  struct Worth {
    Num net, stocks, options, gross, init, maint, unrealized;
    Num available() const { return net - init; }
  };
  Worth worth(const Account& account, Seconds now) const;
  // As it would be after a trade.
  Worth worth_after(const Account& account, const std::vector<std::pair<ConId, Num>>& changes, Num paid,
                    Seconds now) const;
  // All keys that the summary and the updates know.
  std::vector<AccountValue> values(const Account& account, Seconds now) const;
  Num mark(ConId id, Seconds now) const;

 private:
  const Contracts& contracts_;
  const Market& market_;
  std::vector<Account> accounts_;
};

}  // namespace tradebus::ibgw_sim
