// The instruments of the synthetic market: real tickers, so that the pages look like the venue's, with invented
// figures.
#pragma once

#include <vector>

#include "tests/venues/massive/market.hpp"

namespace tradebus::massive_sim {

struct Instrument {
  Listing listing;
  double price = 0;       // around which it moves
  double volatility = 0;  // a year's
  double size = 0;        // of an average trade
};

std::vector<Instrument> universe();
std::vector<Split> universe_splits();
std::vector<Dividend> universe_dividends();

}  // namespace tradebus::massive_sim
