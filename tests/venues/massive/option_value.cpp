#include "tests/venues/massive/option_value.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tradebus::massive_sim {
namespace {

constexpr double rate = 0.05;

double below(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }

}  // namespace

OptionValue option_value(bool call, double spot, double strike, double years, double volatility) {
  OptionValue out;
  out.greeks.iv = volatility;
  if (years <= 0) {
    out.price = std::max(0.0, call ? spot - strike : strike - spot);
    return out;
  }
  const double root = volatility * std::sqrt(years);
  const double d1 = (std::log(spot / strike) + (rate + volatility * volatility / 2) * years) / root;
  const double d2 = d1 - root;
  const double discounted = strike * std::exp(-rate * years);
  const double sign = call ? 1 : -1;
  out.price = sign * (spot * below(sign * d1) - discounted * below(sign * d2));
  out.greeks.delta = sign * below(sign * d1);
  out.greeks.gamma = density(d1) / (spot * root);
  out.greeks.theta =
      (-spot * density(d1) * volatility / (2 * std::sqrt(years)) - sign * rate * discounted * below(sign * d2)) / 365;
  out.greeks.vega = spot * density(d1) * std::sqrt(years) / 100;
  return out;
}

}  // namespace tradebus::massive_sim
