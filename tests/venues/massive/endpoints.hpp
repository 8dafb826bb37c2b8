// The endpoints: each takes a call whose key and pace are in order and answers from the market.
#pragma once

#include "tests/venues/massive/call.hpp"

namespace tradebus::massive_sim {

// aggregates.cpp
Answer aggregates(const Call& call);
Answer grouped_daily(const Call& call);
Answer previous_close(const Call& call);
Answer open_close(const Call& call);

// ticks.cpp
Answer trade_history(const Call& call);
Answer quote_history(const Call& call);
Answer last_trade(const Call& call);
Answer last_quote(const Call& call);

// snapshots.cpp
Answer snapshot_ticker(const Call& call);
Answer snapshot_all(const Call& call);
Answer snapshot_direction(const Call& call);

// universal.cpp
Answer universal_snapshot(const Call& call);
Answer indices_snapshot(const Call& call);

// chain.cpp
Answer option_contracts(const Call& call);
Answer option_contract(const Call& call);
Answer option_chain(const Call& call);
Answer option_snapshot(const Call& call);

// tickers.cpp
Answer tickers(const Call& call);
Answer ticker_details(const Call& call);
Answer ticker_types(const Call& call);
Answer ticker_events(const Call& call);
Answer related_companies(const Call& call);

// news.cpp
Answer news(const Call& call);

// reference.cpp
Answer market_status(const Call& call);
Answer market_holidays(const Call& call);
Answer splits(const Call& call);
Answer stock_splits(const Call& call);
Answer dividends(const Call& call);
Answer stock_dividends(const Call& call);
Answer exchanges(const Call& call);
Answer conditions(const Call& call);
Answer short_interest(const Call& call);
Answer short_volume(const Call& call);

// A price or its multiple with at most four decimals.
double to_4_decimals(double x);

}  // namespace tradebus::massive_sim
