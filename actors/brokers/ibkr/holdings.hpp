// Positions and accounts as the venue tells them. What changed comes out once. Pure.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "actors/brokers/broker.hpp"
#include "actors/brokers/ibkr/wire/account_messages.hpp"

namespace tradebus::ibkr {

class VenueHoldings {
 public:
  struct Limits {
    std::size_t positions_max = 20'000;
    std::size_t accounts_max = 1'000;
  };
  explicit VenueHoldings(BrokerName broker) : VenueHoldings{std::move(broker), Limits{}} {}
  VenueHoldings(BrokerName broker, Limits limits) : broker_{std::move(broker)}, limits_{limits} {}

  // The position, when it is another one than before. Beyond positions_max new ones are left out.
  std::optional<Position> on(const wire::PositionMessage& m, Timestamp now);
  // Around the answer to a question for all positions: what was held before and is not in it is gone.
  void begin_snapshot() {
    unseen_ = keys();
    lacks_positions_ = false;
  }
  std::vector<Position> end_snapshot(Timestamp now);
  std::vector<Position> positions(const std::optional<AccountId>& account) const;
  // Since the last snapshot began some were left out.
  bool lacks_positions() const { return lacks_positions_; }

  // The venue's number of what is held.
  std::optional<std::int64_t> contract_of(const AccountId& account, const Symbol& symbol) const;
  // The position, when its profit is another one than before.
  std::optional<Position> on_profit(const AccountId& account, const Symbol& symbol, const wire::ProfitAndLossSingle& m,
                                    Timestamp now);

  // An account's values come one by one; changed() says whether any of them is new. It is not known before its cash,
  // equity and buying power are: none of them is ever taken for 0.
  void on(const wire::AccountSummaryMessage& m);
  void on_profit(const AccountId& account, const wire::ProfitAndLoss& m);
  void commissions(const AccountId& account, Money sum);
  std::optional<AccountSummary> changed(const AccountId& account, Timestamp now);
  const AccountSummary* account(const AccountId& account) const;

 private:
  using Key = std::pair<AccountId, Symbol>;
  std::set<Key> keys() const;
  bool is_kept(const AccountId& account) const;
  AccountSummary& of(const AccountId& account);

  const BrokerName broker_;
  const Limits limits_;
  bool lacks_positions_ = false;
  struct Contract {
    std::int64_t con_id = 0;
    std::int32_t multiplier = 1;
  };
  std::map<Key, Position> positions_;
  std::map<Key, Contract> contracts_;  // of positions_
  std::set<Key> unseen_;
  std::map<AccountId, AccountSummary> accounts_;
  std::map<AccountId, AccountSummary> told_;
  struct Figures {
    bool cash = false;
    bool equity = false;
    bool buying_power = false;
    bool all() const { return cash && equity && buying_power; }
  };
  std::map<AccountId, Figures> read_;
};

}  // namespace tradebus::ibkr
