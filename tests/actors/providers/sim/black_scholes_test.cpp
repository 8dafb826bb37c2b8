#include <boost/test/unit_test.hpp>
#include <cmath>

#include "actors/providers/sim/black_scholes.hpp"

using namespace tradebus;
using namespace tradebus::sim;

namespace {
bool near(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance; }
}  // namespace

// J. Hull, Options, Futures, and Other Derivatives: the worked example of the Black-Scholes-Merton chapter.
BOOST_AUTO_TEST_CASE(hulls_example) {
  const OptionInputs in{42, 40, 0.5, 0.2, 0.1};
  BOOST_CHECK(near(black_scholes(OptionRight::call, in).price, 4.76, 0.005));
  BOOST_CHECK(near(black_scholes(OptionRight::put, in).price, 0.81, 0.005));
}

// The same book's example of the Greeks (S 49, K 50, 5 %, 20 %, 20 weeks), there a year's theta and vega of 1.0.
BOOST_AUTO_TEST_CASE(hulls_greeks) {
  const auto call = black_scholes(OptionRight::call, {49, 50, 0.3846, 0.2, 0.05});
  BOOST_CHECK(near(call.price, 2.40, 0.005));
  BOOST_CHECK(near(call.delta, 0.522, 0.0005));
  BOOST_CHECK(near(call.gamma, 0.066, 0.0005));
  BOOST_CHECK(near(call.theta * 365, -4.31, 0.005));
  BOOST_CHECK(near(call.vega * 100, 12.1, 0.05));
}

BOOST_AUTO_TEST_CASE(the_textbook_hundred) {
  const OptionInputs in{100, 100, 1, 0.2, 0.05};
  BOOST_CHECK(near(black_scholes(OptionRight::call, in).price, 10.4506, 1e-4));
  BOOST_CHECK(near(black_scholes(OptionRight::put, in).price, 5.5735, 1e-4));
}

BOOST_AUTO_TEST_CASE(put_call_parity_holds_everywhere) {
  for (const double strike : {1.0, 50.0, 95.0, 100.0, 105.0, 200.0, 1'000.0})
    for (const double years : {1 / 3650.0, 1 / 365.0, 0.25, 2.0})
      for (const double volatility : {0.01, 0.2, 1.5}) {
        const OptionInputs in{100, strike, years, volatility, 0.04};
        const auto call = black_scholes(OptionRight::call, in);
        const auto put = black_scholes(OptionRight::put, in);
        const double forward = in.spot - strike * std::exp(-in.rate * years);
        BOOST_CHECK_MESSAGE(near(call.price - put.price, forward, 1e-9), "strike " << strike << " years " << years);
        BOOST_CHECK(near(call.delta - put.delta, 1, 1e-12));
        BOOST_CHECK_EQUAL(call.gamma, put.gamma);
        BOOST_CHECK_EQUAL(call.vega, put.vega);
        BOOST_CHECK_GE(call.price, 0);
        BOOST_CHECK_GE(put.price, 0);
      }
}

BOOST_AUTO_TEST_CASE(the_greeks_are_the_slopes_of_the_price) {
  const OptionInputs in{100, 105, 0.4, 0.3, 0.04};
  for (const auto right : {OptionRight::call, OptionRight::put}) {
    const auto at = [&](double spot, double years, double volatility) {
      return black_scholes(right, {spot, in.strike, years, volatility, in.rate}).price;
    };
    const auto value = black_scholes(right, in);
    const double h = 1e-3;
    BOOST_CHECK(near(value.delta, (at(100 + h, 0.4, 0.3) - at(100 - h, 0.4, 0.3)) / (2 * h), 1e-7));
    BOOST_CHECK(near(value.gamma, (at(100 + h, 0.4, 0.3) - 2 * value.price + at(100 - h, 0.4, 0.3)) / (h * h), 1e-5));
    const double day = 1 / 365.0;
    BOOST_CHECK(near(value.theta, (at(100, 0.4 - day / 2, 0.3) - at(100, 0.4 + day / 2, 0.3)), 1e-5));
    BOOST_CHECK(near(value.vega, (at(100, 0.4, 0.305) - at(100, 0.4, 0.295)), 1e-5));
  }
}

BOOST_AUTO_TEST_CASE(at_expiry_only_exercise_counts) {
  const auto inside = black_scholes(OptionRight::call, {110, 100, 0, 0.3, 0.04});
  BOOST_CHECK_EQUAL(inside.price, 10);
  BOOST_CHECK_EQUAL(inside.delta, 1);
  BOOST_CHECK_EQUAL(inside.theta, 0);
  const auto outside = black_scholes(OptionRight::put, {110, 100, -1, 0.3, 0.04});
  BOOST_CHECK_EQUAL(outside.price, 0);
  BOOST_CHECK_EQUAL(outside.delta, 0);
}
