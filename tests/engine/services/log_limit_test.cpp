#include "engine/services/log_limit.hpp"

#include <boost/test/unit_test.hpp>

using namespace tradebus;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(a_flood_of_lines_is_a_few_lines_a_period) {
  LogLimit limit{3, 60s};
  LogLimit::Time now{};
  std::size_t written = 0;
  std::uint64_t left_out = 0;
  for (int i = 0; i < 1'000; ++i) {
    if (const auto before = limit.take(now)) {
      ++written;
      left_out += *before;
    }
  }
  BOOST_CHECK_EQUAL(written, 3);
  BOOST_CHECK_EQUAL(left_out, 0);
  BOOST_CHECK(!limit.take(now + 59s));
  BOOST_CHECK_EQUAL(limit.take(now + 60s).value(), 998);  // the next one says so
  BOOST_CHECK_EQUAL(limit.take(now + 61s).value(), 0);
}

BOOST_AUTO_TEST_CASE(what_comes_seldom_is_written) {
  LogLimit limit{1, 60s};
  LogLimit::Time now{};
  for (int i = 0; i < 100; ++i) BOOST_CHECK_EQUAL(limit.take(now += 60s).value(), 0);
}
