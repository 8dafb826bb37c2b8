// Brackets, OCO groups, busts, orders by notional; and what a restart makes of them. Exits that never arrive are in
// lost_exits_test.cpp.
#include <boost/test/unit_test.hpp>

#include "tests/engine/orders/grouped_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_FIXTURE_TEST_SUITE(groups, Grouped)

BOOST_AUTO_TEST_CASE(exits_wait_for_their_entry) {
  const auto entry = place(bracket("1"))->order_id;
  BOOST_CHECK_EQUAL(said(), "pending_new:pending_new send pending_new:pending_new pending_new:pending_new");
  const auto profit = named("1.take_profit");
  const auto stop = named("1.stop_loss");
  BOOST_CHECK(order(profit).held == true && order(profit).parent_id == entry && order(profit).side == Side::sell);
  BOOST_CHECK(order(stop).order_type == OrderType::stop && order(stop).stop_price == price("9"));
  fill(entry, "e1", "60");
  BOOST_CHECK_EQUAL(said(), "fill:partially_filled");
  fill(entry, "e2", "40");
  BOOST_CHECK_EQUAL(said(), "fill:filled pending_new:pending_new send pending_new:pending_new send");
  BOOST_CHECK(!order(profit).held && order(profit).qty == qty("100"));
}

BOOST_AUTO_TEST_CASE(exits_protect_what_the_entry_got) {
  const auto entry = place(bracket("1"))->order_id;
  fill(entry, "e1", "60");
  out.clear();
  tell(entry, BrokerReport::canceled);
  BOOST_CHECK_EQUAL(said(), "canceled:canceled pending_new:pending_new send pending_new:pending_new send");
  BOOST_CHECK(order(named("1.stop_loss")).qty == qty("60"));
}

BOOST_AUTO_TEST_CASE(an_entry_that_got_nothing_takes_its_exits_along) {
  const auto entry = place(bracket("1"))->order_id;
  out.clear();
  tell(entry, BrokerReport::rejected);
  BOOST_CHECK_EQUAL(said(), "rejected:rejected canceled:canceled canceled:canceled");
  BOOST_CHECK_EQUAL(book.open_count(), 0);
}

BOOST_AUTO_TEST_CASE(one_exit_ends_the_other) {
  const auto entry = place(bracket("1"))->order_id;
  fill(entry, "e1", "100");
  const auto profit = named("1.take_profit");
  const auto stop = named("1.stop_loss");
  for (const auto& id : {profit, stop}) book.on_accepted(id, OrderAccepted{BrokerOrderId{"v" + id.str()}}, now(), out);
  out.clear();
  fill(profit, "e2", "30");
  BOOST_CHECK_EQUAL(said(), "fill:partially_filled pending_replace:pending_replace replace");
  fill(profit, "e3", "70");  // before the replace was answered
  BOOST_CHECK_EQUAL(said(), "fill:filled pending_cancel:pending_cancel cancel");
  replaced(stop);
  BOOST_CHECK_EQUAL(said(), "replaced:pending_cancel");
  tell(stop, BrokerReport::canceled);
  BOOST_CHECK_EQUAL(book.open_count(), 0);
}

BOOST_AUTO_TEST_CASE(a_broker_that_can_is_left_to_it) {
  can.bracket = can.oco = true;
  const auto entry = place(bracket("1"))->order_id;
  BOOST_REQUIRE_EQUAL(out.size(), 6);
  const auto& exit = std::get<SendStockOrder>(out[3]).order;
  BOOST_CHECK(exit.parent == entry && exit.oco_group == entry.str());
  BOOST_CHECK(!order(named("1.take_profit")).held);
  out.clear();
  fill(entry, "e1", "100");
  BOOST_CHECK_EQUAL(said(), "fill:filled");
}

// The first exit was filled before the second one came to the venue: its group was over by then.
BOOST_AUTO_TEST_CASE(an_exit_that_comes_too_late_for_its_group_is_canceled) {
  can.oco = true;
  const auto entry = place(bracket("1"))->order_id;
  fill(entry, "e1", "100");
  const auto profit = named("1.take_profit");
  const auto stop = named("1.stop_loss");
  book.on_accepted(profit, OrderAccepted{BrokerOrderId{"p"}}, now(), out);
  fill(profit, "e2", "100");
  out.clear();
  book.on_accepted(stop, OrderAccepted{BrokerOrderId{"s"}}, now(), out);
  BOOST_CHECK_EQUAL(said(), "new:new pending_cancel:pending_cancel cancel");
}

BOOST_AUTO_TEST_CASE(an_exit_that_comes_late_is_reduced_once_and_then_left_to_its_broker) {
  can.oco = true;
  const auto entry = place(bracket("1"))->order_id;
  fill(entry, "e1", "100");
  const auto profit = named("1.take_profit");
  const auto stop = named("1.stop_loss");
  book.on_accepted(profit, OrderAccepted{BrokerOrderId{"p"}}, now(), out);
  fill(profit, "e2", "30");
  out.clear();
  book.on_accepted(stop, OrderAccepted{BrokerOrderId{"s"}}, now(), out);
  BOOST_CHECK_EQUAL(said(), "new:new pending_replace:pending_replace replace");
  replaced(stop);
  BOOST_CHECK(order(stop).qty == qty("70"));
  out.clear();
  fill(profit, "e3", "20");
  BOOST_CHECK_EQUAL(said(), "fill:partially_filled");  // the venue does
}

// Until its broker is heard, nobody knows whether it keeps groups: exits that went without theirs would both trade.
BOOST_AUTO_TEST_CASE(after_a_restart_exits_go_out_with_their_group) {
  can.oco = true;
  const auto entry = place(bracket("1"))->order_id;
  book.on_accepted(entry, OrderAccepted{BrokerOrderId{"v"}}, now(), out);
  restart();
  out.clear();
  fill(entry, "e1", "100");  // missed, and read back
  BOOST_CHECK_EQUAL(said(), "fill:filled");
  book.resume(BrokerName{"b"}, can, now(), out);
  std::vector<std::string> groups;
  for (const auto& effect : out)
    if (const auto* sent = std::get_if<SendStockOrder>(&effect)) groups.push_back(sent->order.oco_group.value_or(""));
  BOOST_CHECK((groups == std::vector{entry.str(), entry.str()}));
  BOOST_CHECK_EQUAL(said(), "pending_new:pending_new send pending_new:pending_new send");
  BOOST_CHECK(!order(named("1.stop_loss")).held);
}

BOOST_AUTO_TEST_CASE(after_a_restart_exits_of_an_entry_that_got_nothing_end) {
  const auto entry = place(bracket("1"))->order_id;
  book.on_accepted(entry, OrderAccepted{BrokerOrderId{"v"}}, now(), out);
  restart();
  out.clear();
  tell(entry, BrokerReport::canceled);
  BOOST_CHECK_EQUAL(said(), "canceled:canceled");
  book.resume(BrokerName{"b"}, can, now(), out);
  BOOST_CHECK_EQUAL(said(), "canceled:canceled canceled:canceled");
  BOOST_CHECK_EQUAL(book.open_count(), 0);
}

BOOST_AUTO_TEST_CASE(bad_brackets) {
  const auto refused = [&](Bracket b, const std::string& key) {
    auto o = limit_order("x");
    o.bracket = b;
    const auto result = place(o);
    BOOST_REQUIRE(!result);
    BOOST_CHECK_EQUAL(result.error().key, key);
  };
  refused({}, "bracket");
  refused({std::nullopt, std::nullopt, price("9")}, "bracket");
  refused({price("12"), std::nullopt, price("9")}, "bracket.stop_loss_limit");
  refused({price("9"), price("12"), std::nullopt}, "bracket.take_profit");
  refused({price("10"), std::nullopt, std::nullopt}, "bracket.take_profit");
  refused({std::nullopt, price("10"), std::nullopt}, "bracket.stop_loss");
  auto o = bracket(std::string(53, 'k'));
  BOOST_CHECK_EQUAL(place(o).error().key, "client_order_id");
  can.order_types = {OrderType::market, OrderType::limit};
  BOOST_CHECK(place(bracket("y")).error().code == Errc::broker_unsupported);
  BOOST_CHECK_EQUAL(book.kept_count(), 0);
}

BOOST_AUTO_TEST_CASE(what_fills_one_leaves_the_others) {
  const auto a = in_group("a", "g");
  const auto b = in_group("b", "g");
  const auto c = in_group("c", "g", "50");
  const auto other = in_group("d", "another");
  fill(a, "e1", "50");
  BOOST_CHECK_EQUAL(
      said(), "fill:partially_filled pending_replace:pending_replace replace pending_cancel:pending_cancel cancel");
  replaced(b);
  BOOST_CHECK(order(b).qty == qty("50"));
  fill(b, "e2", "50");
  BOOST_CHECK(order(a).status == OrderStatus::pending_cancel);
  BOOST_CHECK(order(c).status == OrderStatus::pending_cancel);
  BOOST_CHECK(order(other).status == OrderStatus::new_);
}

BOOST_AUTO_TEST_CASE(a_broker_that_refuses_to_reduce_is_asked_to_cancel) {
  const auto a = in_group("a", "g");
  const auto b = in_group("b", "g");
  fill(a, "e1", "40");
  out.clear();
  tell(b, BrokerReport::replace_rejected);
  BOOST_CHECK_EQUAL(said(), "new:new pending_cancel:pending_cancel cancel");
  tell(b, BrokerReport::cancel_rejected);  // and that is refused, too: said once, and not asked for ever
  BOOST_CHECK_EQUAL(said(), "new:new anomaly");
  fill(a, "e2", "10");
  BOOST_CHECK_EQUAL(said(), "fill:partially_filled pending_cancel:pending_cancel cancel");
}

BOOST_AUTO_TEST_CASE(what_was_not_taken_is_asked_for_again) {
  const auto a = in_group("a", "g");
  const auto b = in_group("b", "g");
  fill(a, "e1", "40");
  book.on_replace_failed(b, Error{Errc::broker_unavailable, "no answer"}, now(), out);
  BOOST_CHECK(order(b).status == OrderStatus::in_doubt);
  out.clear();
  BrokerOrder told;
  told.order_id = b;
  told.broker_order_id = BrokerOrderId{"v-b"};
  told.status = OrderStatus::new_;
  told.order = limit_order("b");  // with its old quantity
  book.on_broker_order(BrokerName{"b"}, told, now(), out);
  BOOST_CHECK_EQUAL(said(), "reconciled:new pending_replace:pending_replace replace");
  replaced(b);
  BOOST_CHECK(order(b).qty == qty("60"));
  out.clear();
  fill(a, "e2", "10");
  BOOST_CHECK_EQUAL(said(), "fill:partially_filled pending_replace:pending_replace replace");
  replaced(b);
  BOOST_CHECK(order(b).qty == qty("50"));
}

BOOST_AUTO_TEST_CASE(a_restart_while_it_is_taken) {
  for (const bool arrived : {false, true}) {
    journal.clear();
    book = OrderBook{"o-", {}};
    const auto name = std::string{arrived ? "yes" : "no"};
    const auto a = kept_in_group("a" + name, "g");
    const auto b = kept_in_group("b" + name, "g");
    fill(a, "e1", "40");
    restart();
    out.clear();
    BOOST_CHECK(order(b).status == OrderStatus::in_doubt);
    BrokerOrder told;
    told.order_id = b;
    told.broker_order_id = BrokerOrderId{"v-b" + name};
    told.status = OrderStatus::new_;
    told.order = limit_order("b" + name, arrived ? "60" : "100");
    book.on_broker_order(BrokerName{"b"}, told, now(), out);
    BOOST_CHECK_EQUAL(said(), "reconciled:new");
    book.resume(BrokerName{"b"}, can, now(), out);
    BOOST_CHECK_EQUAL(said(), arrived ? "" : "pending_replace:pending_replace replace");
    if (!arrived) replaced(b);
    BOOST_CHECK(order(b).qty == qty("60"));
    out.clear();
    fill(a, "e2", "20");
    BOOST_CHECK_EQUAL(said(), "fill:partially_filled pending_replace:pending_replace replace");
    replaced(b);
    BOOST_CHECK(order(b).qty == qty("40"));
    out.clear();
  }
}

BOOST_AUTO_TEST_CASE(an_order_under_way_is_reduced_when_it_has_arrived) {
  const auto entry = place(bracket("1"))->order_id;
  fill(entry, "e1", "100");
  out.clear();
  const auto profit = named("1.take_profit");
  const auto stop = named("1.stop_loss");
  fill(profit, "e2", "40", "12");  // the stop's acceptance is still on its way
  BOOST_CHECK_EQUAL(said(), "fill:partially_filled");
  BOOST_CHECK(order(stop).status == OrderStatus::pending_new);
  book.on_accepted(stop, OrderAccepted{BrokerOrderId{"v-stop"}}, now(), out);
  BOOST_CHECK_EQUAL(said(), "new:new pending_replace:pending_replace replace");
  replaced(stop);
  BOOST_CHECK(order(stop).qty == qty("60"));
}

BOOST_AUTO_TEST_CASE(who_comes_when_the_group_was_filled_is_refused) {
  const auto a = in_group("a", "g");
  fill(a, "e1", "1");
  auto late = limit_order("late");
  late.oco = "g";
  const auto refused = place(late);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == Errc::request_invalid);
  BOOST_CHECK_EQUAL(refused.error().key, "oco");
  const auto b = in_group("b", "another");
  tell(b, BrokerReport::canceled);  // without a fill: the name is free again
  auto again = limit_order("again");
  again.oco = "another";
  BOOST_CHECK(place(again));
}

BOOST_AUTO_TEST_CASE(what_was_filled_counts_when_its_order_has_left_memory) {
  book = OrderBook{"o-", {100, 1}};
  const auto a = kept_in_group("a", "g", "30");
  const auto b = kept_in_group("b", "g");
  fill(a, "e1", "30");
  replaced(b);
  BOOST_CHECK(order(b).qty == qty("70"));
  keep();
  tell(working("c"), BrokerReport::canceled);  // a leaves memory
  BOOST_REQUIRE(book.find(a) == nullptr);
  keep();
  journal.erase(1);
  restart();
  book.resume(BrokerName{"b"}, can, now(), out);
  out.clear();
  auto late = limit_order("late");
  late.oco = "g";
  BOOST_CHECK(!place(late));
  BOOST_CHECK(order(b).qty == qty("70"));
}

BOOST_AUTO_TEST_CASE(waiting_exits_follow_their_entrys_quantity) {
  const auto entry = place(bracket("1", "10"))->order_id;
  book.on_accepted(entry, OrderAccepted{BrokerOrderId{"v"}}, now(), out);
  ReplaceOrder more;
  more.client = client;
  more.qty = qty("20");
  BOOST_REQUIRE(book.replace(entry, more, route, RiskContext{}, now(), out));
  out.clear();
  replaced(entry);
  BOOST_CHECK_EQUAL(said(), "replaced:new replaced:pending_new replaced:pending_new");
  fill(entry, "e1", "20");
  BOOST_CHECK(order(named("1.stop_loss")).qty == qty("20"));
  BOOST_CHECK(order(named("1.take_profit")).qty == qty("20"));
}

BOOST_AUTO_TEST_CASE(exits_follow_a_fill_that_comes_before_the_replaces_answer) {
  const auto entry = place(bracket("1", "100"))->order_id;
  book.on_accepted(entry, OrderAccepted{BrokerOrderId{"v"}}, now(), out);
  ReplaceOrder more;
  more.client = client;
  more.qty = qty("200");
  BOOST_REQUIRE(book.replace(entry, more, route, RiskContext{}, now(), out));
  fill(entry, "e1", "150");
  replaced(entry);
  fill(entry, "e2", "50");
  BOOST_CHECK(order(named("1.stop_loss")).qty == qty("200"));
  BOOST_CHECK(order(named("1.take_profit")).qty == qty("200"));
}

BOOST_AUTO_TEST_CASE(a_cancel_that_overtook_its_order_is_sent_again) {
  const auto a = in_group("a", "g");
  auto late = limit_order("b");
  late.oco = "g";
  const auto b = place(late)->order_id;
  book.on_place_failed(b, Error{Errc::broker_unavailable, "no answer"}, now(), out);
  BOOST_CHECK(order(b).status == OrderStatus::in_doubt);
  fill(a, "e1", "100");
  out.clear();
  book.on_cancel_failed(b, Error{Errc::order_not_found, "none"}, now(), out);
  out.clear();
  book.on_accepted(b, OrderAccepted{BrokerOrderId{"v-b"}}, now(), out);
  BOOST_CHECK_EQUAL(said(), "new:new pending_cancel:pending_cancel cancel");
}

BOOST_AUTO_TEST_CASE(what_was_taken_back_is_no_member_that_left_memory) {
  const auto a = kept_in_group("a", "g");
  const auto b = kept_in_group("b", "g");
  fill(a, "e1", "30");
  replaced(b);
  keep();
  auto bust = report(a, BrokerReport::busted);
  bust.fill = fill_of("e1", "30", "10");
  book.on_report(bust, now(), out);
  restart();
  out.clear();
  book.resume(BrokerName{"b"}, can, now(), out);
  BOOST_CHECK_EQUAL(said(), "");
  BOOST_CHECK(order(a).qty == qty("100") && order(b).qty == qty("70"));
}

BOOST_AUTO_TEST_CASE(an_answer_to_an_earlier_replace_reduces_nothing_twice) {
  const auto a = in_group("a", "g");
  const auto b = in_group("b", "g");
  fill(a, "e1", "30");
  fill(a, "e2", "20");
  BrokerOrder told;  // read before the first replace had arrived
  told.order_id = b;
  told.broker_order_id = BrokerOrderId{"v-b"};
  told.status = OrderStatus::new_;
  told.order = limit_order("b");
  book.on_broker_order(BrokerName{"b"}, told, now(), out);
  out.clear();
  auto first = report(b, BrokerReport::replaced);
  first.qty = qty("70");
  book.on_report(first, now(), out);
  BOOST_CHECK_EQUAL(said(), "replaced:pending_replace");
  auto second = report(b, BrokerReport::replaced);
  second.qty = qty("50");
  book.on_report(second, now(), out);
  BOOST_CHECK_EQUAL(said(), "replaced:new");
  BOOST_CHECK(order(b).qty == qty("50"));
}

BOOST_AUTO_TEST_CASE(extended_hours_are_not_for_stops) {
  can.extended_hours = true;
  auto asked = bracket("1");
  asked.extended_hours = true;
  BOOST_REQUIRE(place(asked));
  BOOST_CHECK(order(named("1.take_profit")).extended_hours == true);
  BOOST_CHECK(!order(named("1.stop_loss")).extended_hours);
}

BOOST_AUTO_TEST_CASE(without_replace_the_others_are_canceled) {
  can.replace = false;
  const auto a = in_group("a", "g");
  in_group("b", "g");
  fill(a, "e1", "1");
  BOOST_CHECK_EQUAL(said(), "fill:partially_filled pending_cancel:pending_cancel cancel");
}

BOOST_AUTO_TEST_CASE(a_group_has_one_broker) {
  in_group("a", "g");
  auto o = limit_order("b");
  o.oco = "g";
  route = BrokerRoute{BrokerName{"other"}, AccountId{"A"}, &can};
  BOOST_CHECK_EQUAL(place(o).error().key, "oco");
}

// ---- busts ---------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_bust_corrects_and_is_announced) {
  const auto id = working("1");
  fill(id, "e1", "40", "10");
  fill(id, "e2", "60", "20");
  out.clear();
  auto e = report(id, BrokerReport::busted);
  e.fill = fill_of("e2", "60", "20");
  book.on_report(e, now(), out);
  BOOST_CHECK_EQUAL(said(), "bust:canceled");
  BOOST_CHECK(order(id).filled_qty == qty("40"));
  BOOST_CHECK(order(id).avg_price == price("10"));
  book.on_report(e, now(), out);  // told twice
  BOOST_CHECK_EQUAL(said(), "");
  fill(id, "e2", "60", "20");  // late: it was taken back
  BOOST_CHECK_EQUAL(said(), "");
}

BOOST_AUTO_TEST_CASE(a_bust_before_its_fill_is_remembered) {
  const auto id = working("1");
  auto e = report(id, BrokerReport::busted);
  e.fill = fill_of("e1", "40", "10");
  book.on_report(e, now(), out);
  BOOST_CHECK_EQUAL(said(), "anomaly");
  fill(id, "e1", "40");
  BOOST_CHECK_EQUAL(said(), "");
  BOOST_CHECK(order(id).filled_qty.is_zero());
}

// ---- notional ------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_amount_of_money_becomes_a_quantity) {
  can.notional = true;
  auto o = market_order("1");
  o.qty.reset();
  o.notional = *Money::parse("500");
  const auto id = place(o)->order_id;
  BOOST_CHECK(order(id).qty.is_zero() && order(id).notional == *Money::parse("500"));
  out.clear();
  fill(id, "e1", "20", "10");  // before anybody said how much it is
  BOOST_CHECK_EQUAL(said(), "fill:partially_filled");
  book.on_accepted(id, OrderAccepted{BrokerOrderId{"v"}, {}, qty("50")}, now(), out);
  BOOST_CHECK_EQUAL(said(), "new:partially_filled");
  BOOST_CHECK(order(id).leaves_qty == qty("30"));
  fill(id, "e2", "30", "10");
  BOOST_CHECK_EQUAL(said(), "fill:filled");
}

// ---- restarts ------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_restart_knows_what_was_known) {
  const auto a = working("a");
  journal.clear();
  const auto b = place(limit_order("b"))->order_id;
  book.on_accepted(b, OrderAccepted{BrokerOrderId{"vb"}}, now(), out);
  fill(b, "e1", "30", "10");
  const auto c = place(limit_order("c"))->order_id;
  const Order before = order(b);
  restart();
  BOOST_CHECK(book.find(a) == nullptr);  // it was never in this journal
  BOOST_CHECK(order(b) == before);
  BOOST_CHECK(order(c).status == OrderStatus::in_doubt);
  BOOST_CHECK_EQUAL(said(), "in_doubt:in_doubt");
  fill(b, "e1", "30", "10");  // told again
  BOOST_CHECK_EQUAL(said(), "");
  fill(b, "e2", "70", "20");
  BOOST_CHECK(order(b).avg_price == price("17"));
  BOOST_CHECK(place(limit_order("b"))->duplicate == true);
  BOOST_CHECK(place(limit_order("b", "1")).error().code == Errc::order_duplicate_id);
  BOOST_CHECK(place(limit_order("d"))->order_id != c);
}

BOOST_AUTO_TEST_CASE(a_restart_between_a_fill_and_what_follows_from_it) {
  const auto entry = place(bracket("1"))->order_id;
  keep();
  fill(entry, "e1", "100");
  out.resize(1);  // only the fill reached the disk
  restart();
  out.clear();
  book.resume(BrokerName{"b"}, can, now(), out);
  BOOST_CHECK_EQUAL(said(), "pending_new:pending_new send pending_new:pending_new send");
  const auto profit = named("1.take_profit");
  const auto stop = named("1.stop_loss");
  for (const auto& id : {profit, stop}) book.on_accepted(id, OrderAccepted{BrokerOrderId{"v" + id.str()}}, now(), out);
  keep();
  fill(profit, "e2", "100");
  out.resize(1);
  restart();
  out.clear();
  book.resume(BrokerName{"b"}, can, now(), out);
  BOOST_CHECK_EQUAL(said(), "pending_cancel:pending_cancel cancel");
  book.resume(BrokerName{"b"}, can, now(), out);  // nothing twice
  BOOST_CHECK_EQUAL(said(), "");
}

BOOST_AUTO_TEST_CASE(a_cancel_that_was_under_way_is_sent_again) {
  const auto id = place(limit_order("1"))->order_id;
  book.on_accepted(id, OrderAccepted{BrokerOrderId{"v"}}, now(), out);
  BOOST_REQUIRE(book.cancel(id, route, now(), out));
  restart();
  BOOST_CHECK(order(id).status == OrderStatus::in_doubt);
  out.clear();
  BrokerOrder open;
  open.order_id = id;
  open.broker_order_id = BrokerOrderId{"v"};
  book.on_broker_order(BrokerName{"b"}, open, now(), out);
  BOOST_CHECK_EQUAL(said(), "reconciled:new");
  book.resume(BrokerName{"b"}, can, now(), out);
  BOOST_CHECK_EQUAL(said(), "pending_cancel:pending_cancel cancel");
}

BOOST_AUTO_TEST_CASE(what_never_arrived_is_rejected_and_not_sent_again) {
  const auto plain = place(limit_order("p"))->order_id;
  const auto entry = place(bracket("1"))->order_id;
  fill(entry, "e1", "100");
  const auto stop = named("1.stop_loss");
  restart();
  out.clear();
  book.on_not_found(plain, now(), out);
  BOOST_CHECK_EQUAL(said(), "reconciled:rejected");
  book.on_not_found(stop, now(), out);
  book.on_not_found(named("1.take_profit"), now(), out);
  BOOST_CHECK_EQUAL(said(), "anomaly reconciled:rejected anomaly reconciled:rejected");
  book.resume(BrokerName{"b"}, can, now(), out);  // this broker keeps no groups
  BOOST_CHECK_EQUAL(said(), "");
}

BOOST_AUTO_TEST_CASE(what_the_broker_lost_is_canceled_and_complained_of) {
  const auto id = working("1");
  book.on_not_found(id, now(), out);
  BOOST_CHECK_EQUAL(said(), "anomaly reconciled:canceled");
}

BOOST_AUTO_TEST_CASE(the_brokers_terms_count) {
  const auto id = working("1");
  BOOST_REQUIRE(book.replace(id, ReplaceOrder{client, id, {}, qty("80"), price("11"), {}, {}}, route, {}, now(), out));
  book.on_broker_down(BrokerName{"b"}, "gone", now(), out);
  out.clear();
  BrokerOrder open;
  open.order_id = id;
  open.order.qty = qty("80");
  open.order.limit_price = price("11");
  book.on_broker_order(BrokerName{"b"}, open, now(), out);
  BOOST_CHECK_EQUAL(said(), "reconciled:new");
  BOOST_CHECK(order(id).qty == qty("80") && order(id).limit_price == price("11"));
}

BOOST_AUTO_TEST_CASE(executions_that_are_missing_leave_doubt) {
  const auto id = working("1");
  BrokerOrder told;
  told.order_id = id;
  told.filled_qty = qty("10");
  book.on_broker_order(BrokerName{"b"}, told, now(), out);
  BOOST_CHECK_EQUAL(said(), "anomaly");
  BOOST_CHECK(order(id).filled_qty.is_zero());
}

BOOST_AUTO_TEST_SUITE_END()
