// Cash and positions of the simulated account, by average cost. Pure and exact: at every moment
//   equity = cash + market value = starting cash + realized + unrealized - commissions, to the last nano-dollar.
//
// What may be opened (the rules are simple on purpose):
// - Selling what is held and buying back what is short is always allowed.
// - Buying more than that needs cash: cash less the value of all shorts (their proceeds are collateral) less what open
//   buy orders have reserved.
// - Shorts, with what open orders would add to them, may reach twice the equity.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "bus/model/orders.hpp"

namespace tradebus::paper {

// Positions and orders beyond this many units are refused: within it no value leaves 128 bits.
inline constexpr std::int64_t units_max = 10'000'000'000;

class PaperAccount {
 public:
  PaperAccount(BrokerName broker, AccountId account, Money cash);

  // A fill, side given by the sign of `qty`. Within units_max.
  void apply(const Symbol& symbol, Quantity signed_qty, Price price, Money commission, Timestamp ts);
  // A new price for what is held. True when it changed anything.
  bool mark(const Symbol& symbol, Price price, Timestamp ts);

  Quantity held(const Symbol& symbol) const;  // negative when short
  Money available_cash(Money reserved) const;
  // Room for more shorts, in money.
  Money short_room(Money reserved) const;

  Position position(const Symbol& symbol) const;  // a flat one when nothing is held
  // Forgets the position if it is flat. Call after it was reported as such.
  void drop_if_flat(const Symbol& symbol);
  std::vector<Position> positions() const;  // not flat, by symbol
  AccountSummary summary(Money reserved) const;

 private:
  struct Holding {
    Quantity qty;
    Money cost;  // paid for it; negative: received, for a short
    std::optional<Price> mark;
    Money realized;
    Timestamp updated{};

    Money value() const;  // at the mark, at cost without one
  };
  Position report(const Symbol& symbol, const Holding& holding) const;
  void count(const Holding& holding, int sign);  // adds it to, or takes it from, the totals

  BrokerName broker_;
  AccountId account_;
  Money cash_;
  Money commissions_;
  Money realized_;
  Money market_value_;  // totals over all holdings, kept as they change
  Money short_value_;   // of shorts, as a positive amount
  Money cost_;
  Timestamp updated_{};
  std::map<Symbol, Holding> holdings_;
};

}  // namespace tradebus::paper
