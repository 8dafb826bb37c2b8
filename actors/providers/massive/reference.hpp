// What the venue knows about instruments: details, search, splits, dividends; and whether it is there. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actors/providers/massive/page.hpp"
#include "bus/model/instrument.hpp"
#include "bus/model/market_data.hpp"

namespace tradebus::massive {

// GET /v3/reference/tickers/{ticker}: one row.
Result<Page<TickerDetails>> decode_details(std::string_view body);

// GET /v3/reference/tickers?search=: rows that the bus can't name are left out as bad rows.
Result<Page<SymbolMatch>> decode_tickers(std::string_view body);
// What a search finds first. Capitals or not, all the same.
bool is_meant(const Symbol& symbol, std::string_view text);
// The ticker that a search's text would be there; empty: it can be none. Small letters mean capitals, but BACpL itself.
std::string ticker_meant(std::string_view text);
// Best first: the symbol itself, symbols that begin so, then the rest; each by symbol. Capitals or not, all the same.
void rank(std::vector<SymbolMatch>& matches, std::string_view text);

// GET /v1/marketstatus/now, as the probe asks it: JSON, and no refusal. What it says of the day the calendars know.
Result<void> check_market_status(std::string_view body);

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
  Quantity amount;  // dollars a share; zero: not known, or paid in another currency
};
Result<Page<DividendRow>> decode_dividends(std::string_view body);

}  // namespace tradebus::massive
