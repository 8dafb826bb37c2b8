// Cash and positions of the simulated account, by average cost. Pure and exact: at every moment
//   equity = cash + market value = starting cash + realized + unrealized - commissions, to the last nano-dollar.
//
// Options count in contracts, their prices are those of one unit of the underlying: the multiplier comes from the
// symbol.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "actors/brokers/paper/paper_config.hpp"
#include "bus/model/orders.hpp"

namespace tradebus::paper {

// Positions and orders beyond this many units are refused: within it no value leaves 128 bits.
inline constexpr std::int64_t units_max = 10'000'000'000;

inline Money plus(Money a, Money b) { return Money::from_raw(a.raw() + b.raw()); }
inline Money minus(Money a, Money b) { return Money::from_raw(a.raw() - b.raw()); }
inline Money times(Money a, std::int64_t n) { return Money::from_raw(a.raw() * n); }

// What may be opened, in money that an opened stock costs:
// - cash: the cash, less what short options may come to cost.
// - reg_t: twice what is left of cash and stocks after half of all stocks and what options may come to cost.
class PaperAccount {
 public:
  PaperAccount(BrokerName broker, AccountId account, Money cash, Margin margin = Margin::reg_t);

  // A fill, side given by the sign of `qty`. Within units_max.
  void apply(const Symbol& symbol, Quantity signed_qty, Price price, Money commission, Timestamp ts);
  // A new price for what is held. True when it changed anything.
  bool mark(const Symbol& symbol, Price price, Timestamp ts);

  // What is held becomes another quantity at the same cost; `ratio` new shares for one old. `cash` for what of it can't
  // be held counts as realized.
  void split(const Symbol& symbol, Quantity held, Quantity ratio, Money cash, Timestamp ts);
  // Counts as realized.
  void dividend(const Symbol& symbol, Money cash, Timestamp ts);

  Quantity held(const Symbol& symbol) const;  // negative when short
  // Less what open orders have reserved, and what options may come to cost (paper_options.hpp). May be negative.
  Money buying_power(Money reserved, Money options) const;
  // Positive: what is owned is less than a quarter of the longs and 30 % of the shorts require.
  Money margin_call(Money options) const;

  Position position(const Symbol& symbol) const;  // a flat one when nothing is held
  // Forgets the position if it is flat. Call after it was reported as such.
  void drop_if_flat(const Symbol& symbol);
  std::vector<Position> positions() const;  // not flat, by symbol
  AccountSummary summary(Money reserved, Money options) const;

 private:
  struct Holding {
    std::int32_t multiplier = 1;
    bool option = false;
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
  Margin margin_;
  Money cash_;
  Money commissions_;
  Money realized_;
  Money market_value_;  // totals over all holdings, kept as they change
  Money stock_value_;   // without options; shorts count against it
  Money short_value_;   // of shorts that are no options, as a positive amount
  Money cost_;
  Timestamp updated_{};
  std::map<Symbol, Holding> holdings_;
};

}  // namespace tradebus::paper
