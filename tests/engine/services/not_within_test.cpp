#include "engine/services/not_within.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace tradebus;

BOOST_AUTO_TEST_SUITE(not_within)

BOOST_AUTO_TEST_CASE(what_asks_for_itself_runs_again_and_not_inside) {
  NotWithin turns;
  int depth = 0;
  int deepest = 0;
  int runs = 0;
  const auto work = [&](const auto& again) -> void {
    turns.run([&] {
      deepest = std::max(deepest, ++depth);
      if (++runs < 1'000'000) again(again);
      --depth;
    });
  };
  work(work);
  BOOST_CHECK_EQUAL(runs, 1'000'000);
  BOOST_CHECK_EQUAL(deepest, 1);
}

BOOST_AUTO_TEST_CASE(asked_for_twice_from_within_it_runs_once_more) {
  NotWithin turns;
  int runs = 0;
  turns.run([&] {
    if (++runs > 1) return;
    turns.run([&] { BOOST_FAIL("not this one"); });
    turns.run([&] { BOOST_FAIL("not this one"); });
  });
  BOOST_CHECK_EQUAL(runs, 2);
  turns.run([&] { ++runs; });
  BOOST_CHECK_EQUAL(runs, 3);
}

BOOST_AUTO_TEST_SUITE_END()
