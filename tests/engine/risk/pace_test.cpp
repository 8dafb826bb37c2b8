#include "engine/risk/order_pace.hpp"

#include "tests/engine/risk/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_AUTO_TEST_SUITE(pace)

BOOST_FIXTURE_TEST_CASE(a_second_worth_of_orders_may_come_at_once_then_one_after_the_other, RiskDesk) {
  limits([](RiskTable& t) { t.global.orders_per_second = qty("4"); });
  for (int i = 0; i < 4; ++i) BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")),
                    "risk.order_rate: client \"momentum\" sends more than 4 orders a second (risk.orders_per_second); "
                    "the next one passes in 250 ms");
  now += 250ms - 1ns;
  CHECK_HAS(check(order(Side::buy, "1")), "the next one passes in 1 ms");
  now += 1ns;
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
  CHECK_STARTS(check(order(Side::buy, "1")), "risk.order_rate");
  // What was refused does not count, and other clients have their own.
  auto other = order(Side::buy, "1");
  other.client = ClientName{"value"};
  BOOST_CHECK_EQUAL(check(other), "");
  now += 10s;
  for (int i = 0; i < 4; ++i) BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
  CHECK_STARTS(check(order(Side::buy, "1")), "risk.order_rate");
}

BOOST_FIXTURE_TEST_CASE(no_second_has_more_than_twice_the_rate, RiskDesk) {
  limits([](RiskTable& t) { t.global.orders_per_second = qty("3"); });
  std::vector<Timestamp> passed;
  for (int i = 0; i < 10'000; ++i, now += 1ms)
    if (check(order(Side::buy, "1")).empty()) passed.push_back(now);
  // The bucket, and what flows into it.
  BOOST_CHECK_LE(passed.size(), 3 + 10 * 3);
  BOOST_CHECK_GE(passed.size(), 32);
}

BOOST_FIXTURE_TEST_CASE(slow_rates_and_each_scopes_own_bucket, RiskDesk) {
  limits([](RiskTable& t) {
    t.global.orders_per_second = qty("100");
    t.symbols["AAPL"].orders_per_second = qty("0.5");
  });
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
  CHECK_HAS(check(order(Side::buy, "1")),
            "0.5 orders a second (risk.symbol.AAPL.orders_per_second); the next one "
            "passes in 2000 ms");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1", Symbol{"MSFT"})), "");
  now += 2s;
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
}

BOOST_FIXTURE_TEST_CASE(what_another_limit_refused_costs_nothing, RiskDesk) {
  limits([](RiskTable& t) {
    t.global.orders_per_second = qty("1");
    t.global.max_position_qty = qty("10");
  });
  CHECK_STARTS(check(order(Side::buy, "11")), "risk.position_limit");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "10")), "");
}

BOOST_FIXTURE_TEST_CASE(a_clock_that_is_set_back_locks_nobody_out, RiskDesk) {
  limits([](RiskTable& t) { t.global.orders_per_second = qty("2"); });
  for (int i = 0; i < 2; ++i) BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
  now -= 1h;
  CHECK_STARTS(check(order(Side::buy, "1")), "risk.order_rate");
  now += 500ms;
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
}

BOOST_FIXTURE_TEST_CASE(repeats_of_before_a_clock_was_set_back_do_not_count, RiskDesk) {
  limits([](RiskTable& t) {
    t.global.duplicate_max = 2;
    t.global.duplicate_window = 1s;
  });
  for (int i = 0; i < 2; ++i) BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
  CHECK_STARTS(check(order(Side::buy, "1")), "risk.order_rate");
  now -= 1h;
  for (int i = 0; i < 2; ++i) BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
  CHECK_STARTS(check(order(Side::buy, "1")), "risk.order_rate");
  now += 1h - 500ms;  // nor do they when the clock comes there again
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
}

BOOST_FIXTURE_TEST_CASE(new_limits_keep_the_buckets, RiskDesk) {
  limits([](RiskTable& t) { t.global.orders_per_second = qty("2"); });
  for (int i = 0; i < 2; ++i) BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
  limits([](RiskTable& t) { t.global.max_qty = qty("1000"); });
  CHECK_STARTS(check(order(Side::buy, "1")), "risk.order_rate");
}

BOOST_AUTO_TEST_CASE(buckets_are_bounded) {
  OrderRates rates;
  const auto one = Quantity::from_int(1);
  for (std::size_t i = 0; i < OrderRates::buckets_max; ++i) {
    const OrderRates::Key key{ClientName{"c" + std::to_string(i)}, RiskScope::global, ""};
    BOOST_REQUIRE_EQUAL(rates.wait(key, one, t0), 0);
    rates.take(key, one, t0);
  }
  const OrderRates::Key next{ClientName{"next"}, RiskScope::global, ""};
  BOOST_CHECK_EQUAL(rates.wait(next, one, t0), -1);
  BOOST_CHECK_EQUAL(rates.wait(next, one, t0 + 1s), 0);  // the others are full again, and so forgotten
}

BOOST_FIXTURE_TEST_CASE(the_same_order_again_and_again_is_stopped, RiskDesk) {
  limits([](RiskTable& t) {
    t.global.duplicate_max = 2;
    t.global.duplicate_window = 100ms;
  });
  for (int i = 0; i < 2; ++i) BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100")), "");
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100")),
                    "risk.order_rate: client \"momentum\" has sent this order of AAPL 2 times within 100 ms; allowed "
                    "are 2 (risk.duplicate_max)");
  // Anything else is another order.
  BOOST_CHECK_EQUAL(check(limit(Side::sell, "1", "100")), "");
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1.000000001", "100")), "");
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100.01")), "");
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100", Symbol{"MSFT"})), "");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
  auto other = limit(Side::buy, "1", "100");
  other.client = ClientName{"value"};
  BOOST_CHECK_EQUAL(check(other), "");
  now += 100ms - 1ns;
  CHECK_STARTS(check(limit(Side::buy, "1", "100")), "risk.order_rate");
  now += 1ns;
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100")), "");
}

BOOST_AUTO_TEST_CASE(repeats_are_bounded) {
  RepeatedOrders repeats;
  Order order;
  for (std::size_t i = 0; i < RepeatedOrders::kept_max; ++i) {
    order.symbol = Symbol{"S" + std::to_string(i)};
    BOOST_REQUIRE_EQUAL(repeats.count(order, 1s, 1s, t0), 0);
    repeats.add(order, t0);
  }
  order.symbol = Symbol{"next"};
  BOOST_CHECK_EQUAL(repeats.count(order, 1s, 1s, t0), -1);
  BOOST_CHECK_EQUAL(repeats.count(order, 1s, 1s, t0 + 1s), 0);
  for (int i = 0; i < 300; ++i) repeats.add(order, t0);
  BOOST_CHECK_EQUAL(repeats.count(order, 1s, 1s, t0), static_cast<std::int64_t>(RepeatedOrders::count_max));
}

BOOST_AUTO_TEST_SUITE_END()
