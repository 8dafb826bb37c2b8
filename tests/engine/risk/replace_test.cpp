// A replace is held against what it adds.
#include "tests/engine/risk/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct ReplaceDesk : RiskDesk {
  std::string replace(const Order& order, std::string_view quantity, std::string_view at, const RiskContext& context) {
    auto changed = order;
    changed.qty = qty(quantity);
    changed.limit_price = price(at);
    return text(risk.check_replace(order, changed, context));
  }
  std::string replace(const Order& order, std::string_view quantity, std::string_view at) {
    return replace(order, quantity, at, context());
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(replace)

BOOST_FIXTURE_TEST_CASE(more_is_held_against_the_limits_less_is_not, ReplaceDesk) {
  auto mine = placed(limit(Side::buy, "10", "100"));
  limits([](RiskTable& t) {
    t.global.max_qty = qty("5");
    t.global.max_notional = money("500");
    t.global.max_position_qty = qty("5");
    t.global.max_gross_notional = money("500");
  });
  BOOST_CHECK_EQUAL(replace(mine, "9", "100"), "");
  BOOST_CHECK_EQUAL(replace(mine, "10", "99"), "");
  CHECK_STARTS(replace(mine, "10.000000001", "100"), "risk.max_qty");
  CHECK_STARTS(replace(mine, "10", "100.01"), "risk.max_notional");
  limits([](RiskTable& t) {
    t.global.max_qty.reset();
    t.global.max_notional.reset();
  });
  CHECK_STARTS(replace(mine, "11", "100"), "risk.position_limit");
  limits([](RiskTable& t) { t.global.max_position_qty.reset(); });
  CHECK_STARTS(replace(mine, "10", "101"), "risk.position_limit: gross");
}

BOOST_FIXTURE_TEST_CASE(the_room_of_the_order_itself_is_its_own, ReplaceDesk) {
  limits([](RiskTable& t) {
    t.global.max_position_qty = qty("10");
    t.global.check_buying_power = true;
  });
  report("1000", "1000");
  auto mine = placed(limit(Side::buy, "8", "100"));
  BOOST_CHECK_EQUAL(replace(mine, "10", "100"), "");
  CHECK_STARTS(replace(mine, "10.000000001", "1"), "risk.position_limit");
  CHECK_STARTS(replace(mine, "10", "100.000000001"), "risk.buying_power: the order needs");
  BOOST_CHECK(exposure().working_buys == qty("10"));
}

BOOST_FIXTURE_TEST_CASE(the_larger_of_both_terms_counts_until_it_is_settled, ReplaceDesk) {
  auto mine = placed(limit(Side::buy, "8", "100"));
  BOOST_CHECK_EQUAL(replace(mine, "12", "90"), "");
  BOOST_CHECK(exposure().working_buys == qty("12"));
  BOOST_CHECK(risk.totals(paper, test::account, std::nullopt).gross == money("1080"));
  change(mine, [](Order& o) { o.status = OrderStatus::pending_replace; });
  BOOST_CHECK(exposure().working_buys == qty("12"));
  fill(mine, "3");
  BOOST_CHECK(exposure().working_buys == qty("5"));  // filled meanwhile, back to the old terms: as it is reported
  change(mine, [](Order& o) { o.status = OrderStatus::new_; });
  BOOST_CHECK(exposure().working_buys == qty("5"));
  BOOST_CHECK_EQUAL(replace(mine, "4", "100"), "");
  BOOST_CHECK(exposure().working_buys == qty("5"));
  change(mine, [](Order& o) { o.status = OrderStatus::pending_replace; });
  change(mine, [](Order& o) { o.status = OrderStatus::in_doubt; });
  BOOST_CHECK(exposure().working_buys == qty("5"));
  change(mine, [](Order& o) {
    o.status = OrderStatus::new_;
    o.qty = qty("4");
    o.leaves_qty = qty("1");
  });
  BOOST_CHECK(exposure().working_buys == qty("1"));
}

BOOST_FIXTURE_TEST_CASE(a_refused_replace_changes_nothing, ReplaceDesk) {
  auto mine = placed(limit(Side::buy, "8", "100"));
  limits([](RiskTable& t) { t.global.max_position_qty = qty("10"); });
  CHECK_STARTS(replace(mine, "12", "100"), "risk.position_limit");
  BOOST_CHECK(exposure().working_buys == qty("8"));
  BOOST_CHECK(risk.totals(paper, test::account, std::nullopt).gross == money("800"));
}

BOOST_FIXTURE_TEST_CASE(a_new_price_must_lie_in_the_band, ReplaceDesk) {
  auto mine = placed(limit(Side::buy, "8", "50"));
  limits([](RiskTable& t) { t.global.price_band_pct = price("10"); });
  BOOST_CHECK_EQUAL(replace(mine, "9", "50", quoted("99", "100")), "");  // as far away as it was
  CHECK_STARTS(replace(mine, "8", "51", quoted("99", "100")), "risk.price_band");
  BOOST_CHECK_EQUAL(replace(mine, "8", "95", quoted("99", "100")), "");
}

BOOST_FIXTURE_TEST_CASE(replaces_count_for_the_rate_and_not_as_repeats, ReplaceDesk) {
  limits([](RiskTable& t) {
    t.global.orders_per_second = qty("2");
    t.global.duplicate_max = 1;
  });
  auto mine = placed(limit(Side::buy, "8", "50"));
  BOOST_CHECK_EQUAL(replace(mine, "8", "51"), "");
  CHECK_STARTS(replace(mine, "8", "51"), "risk.order_rate");
}

BOOST_FIXTURE_TEST_CASE(states_hold_for_replaces, ReplaceDesk) {
  hold("5");
  auto mine = placed(limit(Side::buy, "8", "50"));
  auto exit = placed(limit(Side::sell, "3", "50"));
  BOOST_REQUIRE(state(RiskScope::global, "", TradingState::reducing));
  BOOST_CHECK_EQUAL(replace(mine, "7", "50"), "");
  CHECK_STARTS(replace(mine, "8", "51"), "risk.kill_switch: trading is reducing");
  CHECK_STARTS(replace(mine, "9", "50"), "risk.kill_switch: trading is reducing");
  BOOST_CHECK_EQUAL(replace(exit, "5", "49"), "");
  CHECK_STARTS(replace(exit, "5.000000001", "49"), "risk.kill_switch");
  BOOST_REQUIRE(state(RiskScope::global, "", TradingState::halted));
  CHECK_STARTS(replace(mine, "7", "50"), "risk.kill_switch: trading is halted");
}

BOOST_AUTO_TEST_SUITE_END()
