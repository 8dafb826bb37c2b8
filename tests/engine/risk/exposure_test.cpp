// How exposure is kept: groups, held orders, positions as brokers tell them, nothing left behind.
#include "engine/risk/exposure.hpp"

#include "tests/engine/risk/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_AUTO_TEST_SUITE(exposure_keeping)

BOOST_FIXTURE_TEST_CASE(orders_of_which_one_ends_the_others_count_once, RiskDesk) {
  hold("10");
  const auto exit = [&](std::string_view quantity) {
    auto out = limit(Side::sell, quantity, "110");
    out.oco = "exit";
    return out;
  };
  auto profit = placed(exit("10"));
  auto loss = placed(exit("8"));
  BOOST_CHECK(exposure().working_sells == qty("10"));
  BOOST_CHECK(risk.exposure(paper, test::account, me, aapl).working_sells == qty("10"));
  auto more = placed(exit("12"));
  BOOST_CHECK(exposure().working_sells == qty("12"));
  close(more);
  BOOST_CHECK(exposure().working_sells == qty("10"));
  fill(profit, "4");
  BOOST_CHECK(exposure().working_sells == qty("8"));
  close(profit);
  close(loss);
  BOOST_CHECK(exposure().working_sells.is_zero());
  // Another client's group of that name is another one.
  placed(exit("10"));
  auto other = exit("10");
  other.client = ClientName{"value"};
  placed(other);
  BOOST_CHECK(exposure().working_sells == qty("20"));
}

BOOST_FIXTURE_TEST_CASE(exits_of_a_bracket_count_once_and_not_while_they_are_held, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_position_qty = qty("10"); });
  auto entry = placed(order(Side::buy, "10"));
  const auto exit = [&](std::string_view at) {
    auto out = limit(Side::sell, "10", at);
    out.parent_id = entry.order_id;
    out.held = true;
    risk.on_order_changed(nullptr, out);
    return out;
  };
  auto profit = exit("110");
  auto loss = exit("90");
  BOOST_CHECK(exposure().working_sells.is_zero());
  fill(entry, "10");
  for (auto* each : {&profit, &loss}) change(*each, [](Order& o) { o.held.reset(); });
  BOOST_CHECK(exposure().working_sells == qty("10"));
  fill(profit, "10", "110");
  close(loss);
  BOOST_CHECK(exposure().qty.is_zero() && exposure().working_sells.is_zero());
}

BOOST_FIXTURE_TEST_CASE(large_groups_count_each_beyond_a_bound, RiskDesk) {
  for (std::size_t i = 0; i < risk::Exposure::group_max + 2; ++i) {
    auto out = order(Side::buy, "1");
    out.oco = "g";
    placed(out);
  }
  BOOST_CHECK(exposure().working_buys == qty("3"));
}

BOOST_FIXTURE_TEST_CASE(doubt_keeps_the_room, RiskDesk) {
  auto mine = placed(order(Side::buy, "10"));
  change(mine, [](Order& o) { o.status = OrderStatus::in_doubt; });
  BOOST_CHECK(exposure().working_buys == qty("10"));
  change(mine, [](Order& o) { o.status = OrderStatus::pending_cancel; });
  BOOST_CHECK(exposure().working_buys == qty("10"));
}

BOOST_FIXTURE_TEST_CASE(the_journal_gives_back_what_it_holds, RiskDesk) {
  auto open = limit(Side::buy, "10", "100");
  open.status = OrderStatus::partially_filled;
  open.filled_qty = qty("4");
  open.leaves_qty = qty("6");
  open.avg_price = price("100");
  auto closed = limit(Side::buy, "5", "100");
  closed.status = OrderStatus::filled;
  closed.filled_qty = qty("5");
  risk.on_order_changed(nullptr, open);
  risk.on_order_changed(nullptr, closed);
  risk.reset_positions(paper, {});
  hold("20");
  BOOST_CHECK(exposure().qty == qty("20") && exposure().working_buys == qty("6"));
  BOOST_CHECK(risk.exposure(paper, test::account, me, aapl).qty == qty("9"));
}

BOOST_FIXTURE_TEST_CASE(a_brokers_positions_are_all_it_has, RiskDesk) {
  hold("20");
  hold("5", "10", Symbol{"MSFT"});
  placed(limit(Side::buy, "1", "100"));
  Position other;
  other.broker = BrokerName{"ibkr"};
  other.account = AccountId{"U1"};
  other.symbol = aapl;
  other.qty = qty("7");
  other.avg_price = price("1");
  risk.on_position(other);
  other.broker = paper;
  other.account = test::account;
  other.symbol = Symbol{"IBM"};
  risk.reset_positions(paper, {other});
  BOOST_CHECK(exposure().qty.is_zero() && exposure().working_buys == qty("1"));
  BOOST_CHECK(exposure(Symbol{"MSFT"}).qty.is_zero());
  BOOST_CHECK(exposure(Symbol{"IBM"}).qty == qty("7"));
  BOOST_CHECK(risk.exposure(BrokerName{"ibkr"}, AccountId{"U1"}, std::nullopt, aapl).qty == qty("7"));
  BOOST_CHECK(risk.totals(paper, test::account, std::nullopt).gross == money("107"));
}

BOOST_AUTO_TEST_CASE(what_is_flat_and_idle_is_forgotten) {
  risk::Exposure exposure;
  RiskDesk desk;
  for (int i = 0; i < 1'000; ++i) {
    auto order = desk.limit(Side::buy, "1", "10", Symbol{"S" + std::to_string(i)});
    order.client = ClientName{"c" + std::to_string(i)};
    exposure.on_order_changed(nullptr, order);
    auto closed = order;
    closed.status = OrderStatus::canceled;
    exposure.on_order_changed(&order, closed);
  }
  BOOST_CHECK_EQUAL(exposure.holdings(), 0);
  BOOST_CHECK_EQUAL(exposure.working(), 0);
  BOOST_CHECK(exposure.book(paper, test::account, ClientName{"c1"}) == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
