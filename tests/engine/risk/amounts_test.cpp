#include "engine/risk/amounts.hpp"

#include <boost/test/unit_test.hpp>

#include "bus/model/instrument.hpp"

using namespace tradebus;
using namespace tradebus::risk;

BOOST_AUTO_TEST_SUITE(amounts)

BOOST_AUTO_TEST_CASE(a_share_is_never_too_small) {
  constexpr Int128 big = Int128{1} << 120;
  BOOST_CHECK(share_of(100, 1, 3) == 34);
  BOOST_CHECK(share_of(99, 1, 3) == 33);
  BOOST_CHECK(share_of(100, 0, 3) == 0);
  BOOST_CHECK(share_of(100, 3, 3) == 100);
  BOOST_CHECK(share_of(100, 4, 3) == 100);
  BOOST_CHECK(share_of(0, 1, 3) == 0);
  BOOST_CHECK(share_of(big, big / 2, big) >= big / 2);
  constexpr Int128 large = Int128{1} << 90;
  BOOST_CHECK(share_of(large, big / 2, big) >= large / 2);
  BOOST_CHECK(share_of(large, big / 2, big) < large / 2 + large / 1'000'000);
  BOOST_CHECK(share_of(big, big - 1, big) <= big);
  BOOST_CHECK(share_of(big, 1, big) >= 1);
}

BOOST_AUTO_TEST_CASE(values_are_exact_until_they_are_bounded) {
  constexpr Int128 one = 1'000'000'000;
  BOOST_CHECK(exact_value(3 * one, 2 * static_cast<std::int64_t>(one), 100) == 600 * one);
  BOOST_CHECK(!exact_value(Int128{1} << 120, 1'000'000'000, 1));
  BOOST_CHECK(value(Int128{1} << 120, 1'000'000'000, 1, value_max) == value_max);
  BOOST_CHECK(value(-(Int128{1} << 120), 1'000'000'000, 1, value_max) == -value_max);
  BOOST_CHECK(value(-(Int128{1} << 120), -1'000'000'000, 1, value_max) == value_max);
  BOOST_CHECK(value(0, 5, 1, value_max) == 0);
  BOOST_CHECK(units_for(1000 * one, 10'000'000'000, 1) == 100 * one);
  BOOST_CHECK(units_for(1000 * one + 1, 10'000'000'000, 1) == 100 * one + 1);
  BOOST_CHECK(units_for(1000 * one, 10'000'000'000, 100) == one);
  BOOST_CHECK(units_for(part_max, 1, 1) == part_max);
}

BOOST_AUTO_TEST_CASE(options_stand_for_a_hundred) {
  BOOST_CHECK_EQUAL(multiplier_of(Symbol{"AAPL"}), 1);
  BOOST_CHECK_EQUAL(multiplier_of(Symbol{"AAPL240621C00190000"}), 100);
  BOOST_CHECK_EQUAL(multiplier_of(Symbol{"A-LONG-SYMBOL-OF-SOMETHING"}), 1);
  BOOST_CHECK_EQUAL(underlying_of(Symbol{"AAPL240621C00190000"}), "AAPL");
  BOOST_CHECK_EQUAL(underlying_of(Symbol{"AAPL"}), "");
  BOOST_CHECK_EQUAL(underlying_of(Symbol{"AAPL249921C00190000"}), "");  // no such day
}

BOOST_AUTO_TEST_SUITE_END()
