// What [risk] and its tables [risk.client.NAME], [risk.account.NAME], [risk.symbol.SYM] say, as values. docs/risk.md
// explains each key.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>

#include "bus/model/decimal.hpp"
#include "bus/model/strong_string.hpp"
#include "config/config.hpp"

namespace tradebus {

// The limits of one scope. Empty: no limit.
struct ScopeLimits {
  std::optional<Quantity> max_qty;      // an order
  std::optional<Money> max_notional;    // an order: quantity x price x contract multiplier
  std::optional<Price> price_band_pct;  // percent, of the order's prices around the market's
  bool allow_without_quote = false;     // the price band only
  std::optional<std::chrono::nanoseconds> quote_max_age;
  std::optional<Quantity> max_position_qty;       // of a symbol, working orders counted
  std::optional<Money> max_position_notional;     // the same in money
  std::optional<Money> max_gross_notional;        // of an account, working orders counted
  std::optional<Quantity> orders_per_second;      // of a client; so many may come at once
  std::optional<Money> daily_loss_limit;          // of an account
  std::unordered_set<std::string> allow_symbols;  // empty: all
  std::unordered_set<std::string> deny_symbols;
  bool require_open_market = false;
  bool check_buying_power = false;
  std::size_t duplicate_max = 0;  // equal orders within the window; 0: no limit
  std::chrono::nanoseconds duplicate_window = std::chrono::seconds{1};
};

// All that apply to an order must pass.
struct RiskTable {
  using Named = std::map<std::string, ScopeLimits, std::less<>>;
  ScopeLimits global;
  Named clients;
  Named accounts;
  Named symbols;
};

// config.invalid names the key. A configuration that check_core() passed gives no error.
Result<RiskTable> risk_table(const Config& config);

// For --check-config: what is set, a line a table that sets something; "none" when nothing is.
//   risk: max_notional = 50000, price_band_pct = 5
//   risk.client.momentum: max_position_qty = 500
std::string risk_summary(const Config& config);

}  // namespace tradebus
