#include "actors/providers/sim/black_scholes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tradebus::sim {

namespace {

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double normal_pdf(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi); }

OptionValue at_expiry(OptionRight right, const OptionInputs& in) {
  OptionValue out;
  const double sign = right == OptionRight::call ? 1 : -1;
  const double inside = sign * (in.spot - in.strike);
  out.price = std::max(inside, 0.0);
  out.delta = inside > 0 ? sign : 0;
  return out;
}

}  // namespace

OptionValue black_scholes(OptionRight right, const OptionInputs& in) {
  const double sigma_root_t = in.volatility * std::sqrt(std::max(in.years, 0.0));
  if (!(sigma_root_t > 0)) return at_expiry(right, in);

  const double d1 =
      (std::log(in.spot / in.strike) + (in.rate + 0.5 * in.volatility * in.volatility) * in.years) / sigma_root_t;
  const double d2 = d1 - sigma_root_t;
  const double discounted_strike = in.strike * std::exp(-in.rate * in.years);
  const double sign = right == OptionRight::call ? 1 : -1;

  OptionValue out;
  out.price = sign * (in.spot * normal_cdf(sign * d1) - discounted_strike * normal_cdf(sign * d2));
  out.price = std::max(out.price, 0.0);  // far out of the money the difference of two tiny numbers may fall below zero
  out.delta = sign * normal_cdf(sign * d1);
  out.gamma = normal_pdf(d1) / (in.spot * sigma_root_t);
  const double theta_year = -in.spot * normal_pdf(d1) * in.volatility / (2 * std::sqrt(in.years)) -
                            sign * in.rate * discounted_strike * normal_cdf(sign * d2);
  out.theta = theta_year / 365;
  out.vega = in.spot * normal_pdf(d1) * std::sqrt(in.years) / 100;
  return out;
}

}  // namespace tradebus::sim
