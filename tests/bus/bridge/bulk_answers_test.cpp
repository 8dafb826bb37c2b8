#include "bus/bridge/bulk_answers.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

using namespace std::chrono_literals;
using Bulk = tradebus::BulkAnswers<int>;

namespace {

constexpr std::size_t large = 32'000;
constexpr std::size_t second = 32'000'000;  // bytes: a large answer takes a millisecond

struct Fixture {
  Bulk bulk{second};
  Bulk::Time now{1h};

  void order() { bulk.order_came(now); }
  std::vector<int> taken() {
    std::vector<int> out;
    while (const auto one = bulk.take(now)) out.push_back(*one);
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(bulk_answers, Fixture)

BOOST_AUTO_TEST_CASE(nothing_is_held_while_nobody_orders) {
  for (int i = 0; i < 1'000; ++i) {
    BOOST_CHECK(!bulk.holds(large, now));
    bulk.sent(large, now);
  }
  BOOST_CHECK(!bulk.due());
}

BOOST_AUTO_TEST_CASE(what_left_before_is_no_debt) {
  for (int i = 0; i < 1'000; ++i) bulk.sent(large, now);
  order();
  BOOST_CHECK(!bulk.holds(large, now));
}

BOOST_AUTO_TEST_CASE(while_orders_come_large_answers_keep_the_pace) {
  order();
  int at_once = 0;
  for (; !bulk.holds(large, now); ++at_once) bulk.sent(large, now);
  BOOST_CHECK_EQUAL(at_once, 2);  // the burst of 1 ms, and the one that uses it up
  BOOST_CHECK(!bulk.holds(Bulk::bytes_min - 1, now));
  for (int i = 0; i < 10; ++i) bulk.hold("a", large, i);
  BOOST_CHECK(taken().empty());
  int left = 0;
  for (int ms = 1; ms <= 5; ++ms) {
    now += 1ms;
    left += static_cast<int>(taken().size());
  }
  BOOST_CHECK_EQUAL(left, 5);
  BOOST_CHECK_EQUAL(bulk.size(), 5U);
  BOOST_REQUIRE(bulk.due());
  BOOST_CHECK(*bulk.due() > now && *bulk.due() <= now + 1ms);
}

BOOST_AUTO_TEST_CASE(clients_take_turns_and_each_keeps_its_order) {
  order();
  for (int i = 0; i < 4; ++i) bulk.hold("flood", large, i);
  bulk.hold("chart", large, 100);
  now += 1s - 1ns;
  std::vector<int> order_of_leaving;
  for (int i = 0; i < 5; ++i, now += 1ms) {
    order();
    for (int one : taken()) order_of_leaving.push_back(one);
  }
  const std::vector<int> expected{0, 100, 1, 2, 3};
  BOOST_CHECK_EQUAL_COLLECTIONS(order_of_leaving.begin(), order_of_leaving.end(), expected.begin(), expected.end());
}

BOOST_AUTO_TEST_CASE(a_second_without_orders_ends_the_wait) {
  order();
  for (int i = 0; i < 100; ++i) bulk.hold("a", large, i);
  now += 1s;
  BOOST_CHECK(bulk.due() && *bulk.due() <= now);
  BOOST_CHECK_EQUAL(taken().size(), 100U);
  BOOST_CHECK_EQUAL(bulk.size(), 0U);
}

BOOST_AUTO_TEST_CASE(what_is_held_leaves_before_what_comes_later) {
  order();
  bulk.hold("a", large, 1);
  now += 2s;
  BOOST_CHECK(bulk.holds(large, now));
}

BOOST_AUTO_TEST_CASE(without_a_bound_nothing_waits) {
  Bulk unbounded{0};
  unbounded.order_came(now);
  for (int i = 0; i < 1'000; ++i) {
    BOOST_CHECK(!unbounded.holds(large, now));
    unbounded.sent(large, now);
  }
}

BOOST_AUTO_TEST_CASE(at_the_end_all_leave) {
  order();
  for (int i = 0; i < 10; ++i) bulk.hold(i % 2 == 0 ? "a" : "b", large, i);
  std::size_t left = 0;
  bulk.drain([&](int) { ++left; });
  BOOST_CHECK_EQUAL(left, 10U);
  BOOST_CHECK(!bulk.due());
}

BOOST_AUTO_TEST_SUITE_END()
