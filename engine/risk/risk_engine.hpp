// Risk before every order: limits, trading states, and the exposure they are held against. Pure: no I/O, no clock, no
// actors; one owner, who passes in facts in the order in which they happen.
//
// An order that passes its check counts as working from then on, until on_order_changed() says that it is closed: two
// orders can't both use the same room. Cancels need no check. Amounts are exact; what leaves 128 bits is refused.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "bus/model/orders.hpp"
#include "engine/risk/account_watch.hpp"
#include "engine/risk/risk_limits.hpp"
#include "engine/risk/trading_state.hpp"

namespace tradebus {

// The market as the order's check sees it.
struct RiskQuote {
  std::optional<Price> bid;
  std::optional<Price> ask;
  std::optional<Price> last;
  Timestamp ts{};
  Quality quality = Quality::live;
};

struct RiskContext {
  Timestamp now{};
  Date day;  // by the exchange's calendar, else UTC's
  // Of the order's symbol; of a multi-leg order the net price of one unit, or nothing: never the underlying's.
  std::optional<RiskQuote> quote = {};
  bool market_open = true;
  bool has_exits = false;  // a bracket's entry: orders of the other side follow it
};

// What an account, or a client's orders in it, have in one symbol.
struct RiskExposure {
  Quantity qty;
  Quantity working_buys;
  Quantity working_sells;
  Money worst;  // value, with the working orders of one side filled: the larger one
};
struct RiskTotals {
  Money gross;            // sum of `worst` over all symbols
  Money working_opening;  // value of working orders beyond those that close what is held
};

class RiskEngine {
 public:
  explicit RiskEngine(RiskTable limits = {});
  ~RiskEngine();
  RiskEngine(RiskEngine&&) noexcept;
  RiskEngine& operator=(RiskEngine&&) noexcept;

  // -- checks: the first limit that is broken, with its own code (risk.*); overloaded ---------------------------------

  // A new order with its id: to be called once, before it is recorded.
  Result<void> check(const Order& order, const RiskContext& context);
  // A replace is held against what it adds: `order` as it is, `changed` as it shall be.
  Result<void> check_replace(const Order& order, const Order& changed, const RiskContext& context);

  // -- facts ----------------------------------------------------------------------------------------------------------

  // Every change of every order, external ones too; before: nothing for one that was not known (also at start, for each
  // order that the journal holds). Fills move the positions of the account and of the client. Held orders don't count.
  void on_order_changed(const Order* before, const Order& after);
  // The same for who keeps no copy of the order as it was: what of it was filled is all that counts.
  void on_order_changed(Quantity filled_before, const Order& after);
  // A position as the broker tells it: it holds over what the fills made of it. A broker's reports come in the order in
  // which it sent them.
  void on_position(const Position& position);
  // In place of all that this broker told before.
  void reset_positions(const BrokerName& broker, const std::vector<Position>& positions);
  // True: a day began, day_starts() wants to be kept.
  bool on_account(const AccountSummary& account, Date day);

  // -- limits, states -------------------------------------------------------------------------------------------------

  // From now on; rates, repeats, states and exposure stay.
  void set_limits(RiskTable limits);
  const RiskTable& limits() const;
  TradingStates& states();
  const TradingStates& states() const;
  std::vector<DayStart> day_starts() const;
  void restore_day_starts(const std::vector<DayStart>& starts);

  // -- look-ups: zeros when there is nothing; without client the account's --------------------------------------------

  RiskExposure exposure(const BrokerName& broker, const AccountId& account, const std::optional<ClientName>& client,
                        const Symbol& symbol) const;
  RiskTotals totals(const BrokerName& broker, const AccountId& account, const std::optional<ClientName>& client) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tradebus
