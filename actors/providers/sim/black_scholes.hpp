// Black-Scholes-Merton: value and sensitivities of a European option on a stock without dividends. Pure functions.
// Units as in OptionQuote: delta and gamma per unit of the underlying, theta a calendar day, vega a volatility point
// (0.01). Source: J. Hull, Options, Futures, and Other Derivatives, chapters on Black-Scholes-Merton and the Greeks.
#pragma once

#include "bus/model/enums.hpp"

namespace tradebus::sim {

struct OptionInputs {
  double spot = 0;        // > 0
  double strike = 0;      // > 0
  double years = 0;       // to expiry; 0 or less: the value is what exercise brings
  double volatility = 0;  // a year's, 0.25 = 25 %
  double rate = 0;        // continuously compounded, a year's
};

struct OptionValue {
  double price = 0;
  double delta = 0;
  double gamma = 0;
  double theta = 0;
  double vega = 0;
};

OptionValue black_scholes(OptionRight right, const OptionInputs& in);

}  // namespace tradebus::sim
