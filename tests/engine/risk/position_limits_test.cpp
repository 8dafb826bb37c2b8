// Limits on what an order comes on top of: positions, gross exposure, buying power; with working orders counted.
#include "tests/engine/risk/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_AUTO_TEST_SUITE(position_limits)

BOOST_FIXTURE_TEST_CASE(units_at_the_edge_on_both_sides, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_position_qty = qty("100"); });
  hold("40");
  placed(limit(Side::buy, "50", "10"));
  BOOST_CHECK_EQUAL(check(order(Side::buy, "10.000000001")),
                    "risk.position_limit: position of AAPL would come to 100.000000001 (40 held, 60.000000001 working "
                    "buys with this one), above the limit of 100 (risk.max_position_qty)");
  BOOST_CHECK_EQUAL(check(order(Side::buy_to_cover, "10")), "");
  CHECK_STARTS(check(order(Side::buy, "0.000000001")), "risk.position_limit");
  // Working buys don't help the other side.
  CHECK_HAS(check(order(Side::sell_short, "140.000000001")), "would come to -100.000000001 (40 held");
  BOOST_CHECK_EQUAL(check(order(Side::sell, "140")), "");
}

BOOST_FIXTURE_TEST_CASE(what_closes_a_position_beyond_the_limit_passes, RiskDesk) {
  limits([](RiskTable& t) {
    t.global.max_position_qty = qty("10");
    t.global.max_position_notional = money("1000");
    t.global.max_gross_notional = money("1000");
  });
  hold("500");
  BOOST_CHECK_EQUAL(check(order(Side::sell, "100"), quoted("100", "100")), "");
  CHECK_STARTS(check(order(Side::buy, "1"), quoted("100", "100")), "risk.position_limit");
  hold("-500", "100", Symbol{"MSFT"});
  BOOST_CHECK_EQUAL(check(limit(Side::buy_to_cover, "1", "1000", Symbol{"MSFT"})), "");
  BOOST_CHECK_EQUAL(check(limit(Side::buy_to_cover, "499", "1000", Symbol{"MSFT"}), quoted("100", "100")), "");
}

BOOST_FIXTURE_TEST_CASE(money_at_the_edge, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_position_notional = money("10000"); });
  hold("40");                            // 4000 at 100
  placed(limit(Side::buy, "50", "90"));  // 4500
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "15", "100.000000001")),
                    "risk.position_limit: position of AAPL would come to a value of 10000.000000015 (4000 held, "
                    "6000.000000015 in working buys with this one), above the limit of 10000 "
                    "(risk.max_position_notional)");
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "15", "100")), "");
  // Options by contract; another symbol is another position.
  BOOST_CHECK_EQUAL(check(limit(Side::sell_short, "10", "10", call)), "");
  CHECK_HAS(check(limit(Side::sell_short, "0.01", "10", call)), "would come to a value of -10010 (0 held");
}

BOOST_FIXTURE_TEST_CASE(a_market_order_is_worth_the_market, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_position_notional = money("1000"); });
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")),
                    "risk.position_limit: no price of AAPL is known to hold the order against "
                    "risk.max_position_notional; subscribe to its quotes, or send a limit order");
  CHECK_STARTS(check(order(Side::buy, "10"), quoted("100", "100.000000001")), "risk.position_limit");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "10"), quoted("99", "100")), "");
}

BOOST_FIXTURE_TEST_CASE(fills_cancels_and_rejections_move_the_room, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_position_qty = qty("100"); });
  auto first = placed(order(Side::buy, "100"));
  CHECK_STARTS(check(order(Side::buy, "1")), "risk.position_limit");
  fill(first, "60");
  CHECK_STARTS(check(order(Side::buy, "1")), "risk.position_limit");
  close(first);
  BOOST_CHECK(exposure().qty == qty("60") && exposure().working_buys.is_zero());
  auto second = placed(order(Side::buy, "40"));
  close(second, OrderStatus::rejected);
  auto third = placed(order(Side::buy, "40"));
  fill(third, "40");
  BOOST_CHECK(exposure().qty == qty("100"));
  CHECK_STARTS(check(order(Side::buy, "1")), "risk.position_limit");
  // An execution that the venue took back.
  change(third, [](Order& o) { o.filled_qty = qty("30"); });
  BOOST_CHECK(exposure().qty == qty("90"));
  BOOST_CHECK_EQUAL(check(order(Side::buy, "10")), "");
}

BOOST_FIXTURE_TEST_CASE(an_order_that_passed_counts_before_it_is_recorded, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_position_qty = qty("100"); });
  BOOST_CHECK_EQUAL(check(order(Side::buy, "60")), "");
  CHECK_STARTS(check(order(Side::buy, "60")), "risk.position_limit");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "40")), "");
}

BOOST_FIXTURE_TEST_CASE(a_refused_order_leaves_nothing_behind, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_gross_notional = money("10"); });
  CHECK_STARTS(check(limit(Side::buy, "60", "1")), "risk.position_limit: gross exposure");
  BOOST_CHECK(exposure().working_buys.is_zero());
  BOOST_CHECK(risk.totals(paper, test::account, std::nullopt).gross == Money{});
}

BOOST_FIXTURE_TEST_CASE(clients_have_their_part_and_the_account_the_sum, RiskDesk) {
  limits([](RiskTable& t) {
    t.global.max_position_qty = qty("100");
    t.clients["momentum"].max_position_qty = qty("60");
  });
  auto mine = placed(order(Side::buy, "50"));
  fill(mine, "50");
  CHECK_HAS(check(order(Side::buy, "11")), "(risk.client.momentum.max_position_qty)");
  auto other = order(Side::buy, "50");
  other.client = ClientName{"value"};
  other = placed(other);
  // The account is full, although this client is not.
  CHECK_HAS(check(order(Side::buy, "1")), "(risk.max_position_qty)");
  fill(other, "50");
  BOOST_CHECK(risk.exposure(paper, test::account, me, aapl).qty == qty("50"));
  BOOST_CHECK(exposure().qty == qty("100"));
  // The broker says that somebody sold elsewhere: the account's room grows, the client's part stays.
  hold("50");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "10")), "");
  CHECK_HAS(check(order(Side::buy, "1")), "(risk.client.momentum.max_position_qty)");
  // Another account is another matter.
  auto elsewhere = order(Side::buy, "60");
  elsewhere.account = AccountId{"A2"};
  BOOST_CHECK_EQUAL(check(elsewhere), "");
}

BOOST_FIXTURE_TEST_CASE(external_orders_take_room_too, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_position_qty = qty("100"); });
  auto external = order(Side::buy, "70");
  external.client = ClientName{};
  external.external = true;
  external.status = OrderStatus::new_;
  risk.on_order_changed(nullptr, external);
  CHECK_STARTS(check(order(Side::buy, "31")), "risk.position_limit");
  fill(external, "70");
  CHECK_STARTS(check(order(Side::buy, "31")), "risk.position_limit");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "30")), "");
}

BOOST_FIXTURE_TEST_CASE(gross_exposure_at_its_edge, RiskDesk) {
  limits([](RiskTable& t) { t.accounts["A1"].max_gross_notional = money("10000"); });
  hold("40");                                             // 4000
  hold("-20", "100", Symbol{"MSFT"});                     // 2000
  placed(limit(Side::buy, "10", "100", Symbol{"TSLA"}));  // 1000
  placed(limit(Side::sell, "40", "100"));                 // closes: nothing more at worst
  BOOST_CHECK(risk.totals(paper, test::account, std::nullopt).gross == money("7000"));
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "3", "1000.000000001", Symbol{"NVDA"})),
                    "risk.position_limit: gross exposure would come to 10000.000000003 with working orders and this "
                    "one, above the limit of 10000 (risk.account.A1.max_gross_notional)");
  BOOST_CHECK_EQUAL(check(limit(Side::sell_short, "3", "1000", Symbol{"NVDA"})), "");
  CHECK_STARTS(check(limit(Side::buy, "1", "0.01", Symbol{"IBM"})), "risk.position_limit");
  BOOST_CHECK_EQUAL(check(limit(Side::buy_to_cover, "20", "100", Symbol{"MSFT"})), "");
}

BOOST_FIXTURE_TEST_CASE(gross_exposure_of_a_client_and_of_a_symbol, RiskDesk) {
  limits([](RiskTable& t) {
    t.clients["momentum"].max_gross_notional = money("1000");
    t.symbols["AAPL"].max_gross_notional = money("500");
  });
  hold("400", "100", Symbol{"MSFT"});  // nobody's
  CHECK_HAS(check(limit(Side::buy, "5.01", "100")), "(risk.symbol.AAPL.max_gross_notional)");
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "5", "100")), "");
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "5", "100", Symbol{"MSFT"})), "");
  CHECK_HAS(check(limit(Side::buy, "5", "100", Symbol{"IBM"})), "(risk.client.momentum.max_gross_notional)");
}

BOOST_FIXTURE_TEST_CASE(a_new_mark_changes_what_is_held, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_position_notional = money("10000"); });
  hold("50");
  CHECK_STARTS(check(limit(Side::buy, "1", "100"), quoted("249", "251")),
               "risk.position_limit: position of AAPL would "
               "come to a value of 12600 (12500 held");
  // A quote that no price is held against is no mark either.
  hold("50", "90");
  auto stale = quoted("299", "301");
  stale.quote->quality = Quality::stale;
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100"), stale), "");
  limits([](RiskTable& t) { t.global.quote_max_age = 1s; });
  auto old = quoted("299", "301");
  old.quote->ts = now - 2s;
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100"), old), "");
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "53", "100")), "");
}

BOOST_FIXTURE_TEST_CASE(buying_power_at_its_edge, RiskDesk) {
  limits([](RiskTable& t) { t.global.check_buying_power = true; });
  CHECK_STARTS(check(limit(Side::buy, "1", "100")),
               "risk.buying_power: the buying power of account A1 at paper is not known yet");
  report("10000", "1000");
  placed(limit(Side::buy, "4", "100"));
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "6", "100.000000001")),
                    "risk.buying_power: the order needs 600.000000006, but of 1000 buying power of account A1 at paper "
                    "400 are taken by working orders (risk.check_buying_power)");
  auto second = placed(limit(Side::buy, "6", "100"));
  CHECK_STARTS(check(limit(Side::sell_short, "1", "0.01", Symbol{"MSFT"})), "risk.buying_power");
  close(second);
  BOOST_CHECK_EQUAL(check(limit(Side::sell_short, "6", "100", Symbol{"MSFT"})), "");
}

BOOST_FIXTURE_TEST_CASE(what_closes_needs_no_buying_power, RiskDesk) {
  limits([](RiskTable& t) { t.global.check_buying_power = true; });
  report("10000", "0");
  hold("10");
  BOOST_CHECK_EQUAL(check(limit(Side::sell, "10", "100")), "");
  CHECK_HAS(check(limit(Side::sell, "1", "100")), "the order needs 100, but of 0 buying power");
  hold("-10", "100", Symbol{"MSFT"});
  CHECK_HAS(check(limit(Side::buy, "15", "100", Symbol{"MSFT"})), "the order needs 500, but");  // the part that opens
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "10", "100", Symbol{"MSFT"})), "");
}

BOOST_FIXTURE_TEST_CASE(orders_by_amount_count_in_units_and_money, RiskDesk) {
  limits([](RiskTable& t) {
    t.global.max_position_qty = qty("10");
    t.global.max_position_notional = money("2000");
  });
  auto amount = by_amount(Side::buy, "800");
  BOOST_CHECK_EQUAL(check(amount, quoted("99", "100")), "");
  BOOST_CHECK(exposure().working_buys == qty("8"));
  CHECK_HAS(check(order(Side::buy, "3"), quoted("99", "100")), "would come to 11 (0 held");
  // Until the broker tells the quantity the estimate stays; then it counts.
  change(amount, [](Order& o) { o.status = OrderStatus::new_; });
  BOOST_CHECK(exposure().working_buys == qty("8"));
  change(amount, [](Order& o) {
    o.qty = qty("7.5");
    o.leaves_qty = o.qty;
  });
  BOOST_CHECK(exposure().working_buys == qty("7.5"));
  close(amount);
  BOOST_CHECK(exposure().working_buys.is_zero());
}

BOOST_FIXTURE_TEST_CASE(legs_count_each_in_its_symbol, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_position_qty = qty("10"); });
  const auto spread = [&](std::string_view quantity) {
    auto out = limit(Side::buy, quantity, "1", Symbol{"AAPL"});
    out.legs = std::vector<OrderLeg>{{call, Side::buy, 1}, {put_option, Side::sell_short, 2}};
    return out;
  };
  CHECK_HAS(check(spread("6")), "position of AAPL240621P00190000 would come to -12 (0 held, 12 working sells");
  auto working = placed(spread("5"));
  BOOST_CHECK(exposure(call).working_buys == qty("5") && exposure(put_option).working_sells == qty("10"));
  BOOST_CHECK(exposure(aapl).working_buys.is_zero());
  fill(working, "2");
  BOOST_CHECK(exposure(call).qty == qty("2") && exposure(put_option).qty == qty("-4"));
  BOOST_CHECK(exposure(call).working_buys == qty("3") && exposure(put_option).working_sells == qty("6"));
  CHECK_STARTS(check(spread("1")), "risk.position_limit");
  close(working);
  BOOST_CHECK_EQUAL(check(spread("3")), "");
}

BOOST_AUTO_TEST_SUITE_END()
