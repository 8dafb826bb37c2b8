// INTERNAL to engine/risk: one order against all that applies to it.
#pragma once

#include <boost/container/small_vector.hpp>
#include <string>
#include <string_view>

#include "engine/risk/exposure.hpp"
#include "engine/risk/order_pace.hpp"
#include "engine/risk/risk_engine.hpp"

namespace tradebus::risk {

// Whose limits: their key is "risk.max_qty", "risk.client.momentum.max_qty", ...
struct Scope {
  RiskScope kind = RiskScope::global;
  std::string_view name;
  const ScopeLimits* limits = nullptr;

  std::string key(std::string_view key) const;
};
// For error texts, from 1e-9 units.
std::string qty_text(Int128 raw);
std::string money_text(const std::optional<Int128>& raw);

using Scopes = boost::container::small_vector<Scope, 4>;

// What one check sees and changes. Owned by the engine.
struct Desk {
  const RiskTable& limits;
  const TradingStates& states;
  const AccountWatch& accounts;
  Exposure& exposure;
  OrderRates& rates;
  RepeatedOrders& repeats;
  std::chrono::nanoseconds duplicate_window_max{};  // of all limits
};

class OrderCheck {
 public:
  // `before`: the order as it is, of a replace. All must outlive the check.
  OrderCheck(const Desk& desk, const Order* before, const Order& order, const RiskContext& context);
  // On success the order is counted; on an error nothing has changed.
  Result<void> run();

 private:
  struct Earlier {
    Side account;
    Side client;
    Int128 worst = 0;
  };

  // -- order_check.cpp: the order alone
  Result<void> check_halted() const;
  Result<void> check_open(const Scope& scope) const;
  Result<void> check_symbols() const;
  Result<void> check_symbol(const Scope& scope, const Symbol& symbol) const;
  Result<void> check_terms() const;
  Result<void> check_qty(const Scope& scope) const;
  const Scope* outlived() const;
  Result<void> check_quote() const;
  Result<void> check_band(const Scope& scope) const;
  Result<void> check_price_in_band(const Scope& scope, std::string_view what, Price price, Price market) const;
  Result<void> check_notional(const Scope& scope) const;
  Result<void> check_pace() const;
  void take_pace() const;
  // -- exposure_check.cpp: the order with all others
  Result<void> check_exposure();
  Result<void> check_exposure_of(const Exposure::Working& working);
  Result<void> check_reducing(const Exposure::Working& working) const;
  Result<void> check_lines(const Scope& scope, const Exposure::Working& working) const;
  Result<void> check_position(const Scope& scope, const Line& line, const Side& earlier) const;
  Result<void> check_gross(const Scope& scope, const Exposure::Working& working) const;
  Result<void> check_gross(const Scope& scope, Int128 before, Int128 after) const;
  Result<void> check_daily_loss(const Scope& scope, const Exposure::Working& working) const;
  Result<void> check_buying_power(const Scope& scope, const Exposure::Working& working) const;
  bool shrinks(const Exposure::Working& working, bool of_client) const;

  template <class F>
  Result<void> each_scope(F&& f) const {
    for (const auto& scope : scopes_)
      if (auto ok = f(scope); !ok) return ok;
    return {};
  }
  bool is_replace() const { return before_ != nullptr; }
  bool is_multi_leg() const { return order_.legs && !order_.legs->empty(); }
  bool has_own_price() const { return order_.limit_price || order_.stop_price; }
  bool price_changes() const;
  bool uses_quote() const;
  std::optional<Price> price_of(const Order& order) const;
  // In 1e-9 units; empty when it leaves 128 bits.
  std::optional<Int128> notional_of(const Order& order, Price price) const;
  template <class F>
  void each_symbol(F&& f) const;
  void find_states();

  const Desk& desk_;
  const Order* before_;
  const Order& order_;
  const RiskContext& context_;
  bool buy_;
  Scopes scopes_;
  std::optional<Price> market_;  // the order's side of it
  const TradingStateRecord* halted_ = nullptr;
  const TradingStateRecord* reducing_ = nullptr;         // the account's position counts
  const TradingStateRecord* client_reducing_ = nullptr;  // the client's part
  bool adds_ = true;                                     // false: a replace that only lowers the quantity
  // Before the order counted.
  boost::container::small_vector<Earlier, 1> earlier_;
  Int128 gross_ = 0;
  Int128 client_gross_ = 0;
  Int128 opening_ = 0;
};

}  // namespace tradebus::risk
