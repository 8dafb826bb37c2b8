// What the venue knows about instruments and days: details, search, market status, splits, dividends, conditions. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actors/providers/massive/conditions.hpp"
#include "actors/providers/massive/page.hpp"
#include "bus/model/instrument.hpp"
#include "bus/model/market_data.hpp"

namespace tradebus::massive {

// GET /v3/reference/tickers/{ticker}: one row.
Result<Page<TickerDetails>> decode_details(std::string_view body);

// GET /v3/reference/tickers?search=: rows that the bus can't name are left out as bad rows.
Result<Page<SymbolMatch>> decode_tickers(std::string_view body);
// Best first: the symbol itself, symbols that begin so, then the rest; each by symbol.
void rank(std::vector<SymbolMatch>& matches, std::string_view text);

// GET /v1/marketstatus/now
struct MarketStatus {
  std::string market;  // open, closed, extended-hours
  bool early_hours = false;
  bool after_hours = false;
  std::optional<Timestamp> server_time;
};
Result<MarketStatus> decode_market_status(std::string_view body);

// GET /v3/reference/splits and /v3/reference/dividends
struct SplitRow {
  Symbol symbol;
  Date execution_date;
  Quantity factor;  // new shares for one old: 0.1 in a reverse split
};
Result<Page<SplitRow>> decode_splits(std::string_view body);
struct DividendRow {
  Symbol symbol;
  Date ex_date;
  Quantity amount;  // a share
};
Result<Page<DividendRow>> decode_dividends(std::string_view body);

// GET /v3/reference/conditions: what our own table (conditions.hpp) is held against.
struct ConditionRow {
  std::int32_t id = 0;
  std::string name;
  UpdateRules rules;  // of the consolidated tape
};
Result<Page<ConditionRow>> decode_conditions(std::string_view body);

}  // namespace tradebus::massive
