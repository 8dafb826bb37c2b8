// The Black-Scholes value of an option without dividends, for the synthetic chain. theta a day, vega a 1 % move of
// volatility.
#pragma once

#include "tests/venues/massive/market.hpp"

namespace tradebus::massive_sim {

struct OptionValue {
  double price = 0;
  Greeks greeks;
};

OptionValue option_value(bool call, double spot, double strike, double years, double volatility);

}  // namespace tradebus::massive_sim
