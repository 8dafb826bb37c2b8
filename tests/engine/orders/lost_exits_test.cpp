// Exits of a bracket that never reach their broker: what is placed in their stead, and when nothing is.
#include <boost/test/unit_test.hpp>

#include "tests/engine/orders/grouped_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct LostExits : Grouped {
  LostExits() { can.oco = true; }

  // An entry that was filled, and whose exits are on their way.
  OrderId sent(const std::string& key = "1", const std::string& quantity = "100") {
    const auto entry = place(bracket(key, quantity))->order_id;
    fill(entry, "e-" + key, quantity);
    keep();
    return entry;
  }
  void accept(const OrderId& id) { book.on_accepted(id, OrderAccepted{BrokerOrderId{"v" + id.str()}}, now(), out); }
  void down() { book.on_broker_down(BrokerName{"b"}, "gone", now(), out); }
  void lose(const OrderId& id) { book.on_not_found(id, now(), out); }
  void restart() {
    Grouped::restart();
    book.knows_groups(BrokerName{"b"}, can.oco);
  }
  void resume() { book.resume(BrokerName{"b"}, can, now(), out); }
  bool exists(const std::string& key) { return book.find(client, {}, ClientOrderId{key}).has_value(); }
  // Lost, and placed again.
  void again(const OrderId& id) {
    down();
    lose(id);
    resume();
  }
  PlaceStockOrder last_sent() {
    PlaceStockOrder last;
    for (const auto& effect : out)
      if (const auto* send = std::get_if<SendStockOrder>(&effect)) last = send->order;
    return last;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lost_exits, LostExits)

BOOST_AUTO_TEST_CASE(another_order_takes_its_place) {
  const auto entry = sent();
  const auto profit = named("1.take_profit");
  const auto stop = named("1.stop_loss");
  accept(profit);
  down();
  out.clear();
  lose(stop);
  BOOST_CHECK_EQUAL(said(), "reconciled:rejected");
  BOOST_CHECK(order(stop).reason == "it never reached the broker");
  resume();
  const auto placed = last_sent();
  BOOST_CHECK_EQUAL(said(), "pending_new:pending_new send again");
  const auto copy = named("1.stop_loss.2");
  BOOST_CHECK(copy != stop && placed.order_id == copy && placed.oco_group == entry.str() && !placed.parent);
  BOOST_CHECK(order(copy).parent_id == entry && order(copy).order_type == OrderType::stop);
  BOOST_CHECK(order(copy).stop_price == price("9") && order(copy).qty == qty("100"));
  BOOST_CHECK(order(copy).side == Side::sell && order(copy).client == client);
  BOOST_CHECK(order(stop).status == OrderStatus::rejected);
  resume();
  BOOST_CHECK_EQUAL(said(), "");  // once
}

BOOST_AUTO_TEST_CASE(a_lone_exit_has_a_group_too) {
  auto o = bracket("1");
  o.bracket->take_profit.reset();
  const auto entry = place(o)->order_id;
  out.clear();
  fill(entry, "e1", "100");
  BOOST_CHECK(last_sent().oco_group == entry.str());
  again(named("1.stop_loss"));
  BOOST_CHECK(last_sent().oco_group == entry.str() && last_sent().order_id == named("1.stop_loss.2"));
}

BOOST_AUTO_TEST_CASE(it_is_for_what_is_left) {
  sent();
  const auto profit = named("1.take_profit");
  accept(profit);
  down();
  fill(profit, "e2", "30");
  lose(named("1.stop_loss"));
  resume();
  const auto copy = named("1.stop_loss.2");
  BOOST_CHECK(order(copy).qty == qty("70"));
  out.clear();
  accept(copy);
  BOOST_CHECK_EQUAL(said(), "new:new");  // nothing more to take off
  fill(profit, "e3", "70");
  BOOST_CHECK_EQUAL(said(), "fill:filled");  // its broker cancels the other
}

BOOST_AUTO_TEST_CASE(nothing_is_placed_when_the_other_got_all) {
  sent();
  const auto profit = named("1.take_profit");
  accept(profit);
  down();
  fill(profit, "e2", "100");
  lose(named("1.stop_loss"));
  keep();
  resume();
  BOOST_CHECK_EQUAL(said(), "");
  BOOST_CHECK(!exists("1.stop_loss.2"));
  BOOST_CHECK_EQUAL(book.open_count(), 0);
}

BOOST_AUTO_TEST_CASE(both_may_be_lost) {
  sent();
  const auto profit = named("1.take_profit");
  const auto stop = named("1.stop_loss");
  down();
  lose(profit);
  keep();
  resume();
  BOOST_CHECK_EQUAL(said(), "");  // how much is left is known once the other is settled
  BOOST_CHECK(book.has_lost_exits(BrokerName{"b"}));
  lose(stop);
  resume();
  BOOST_CHECK_EQUAL(said(),
                    "reconciled:rejected pending_new:pending_new send again pending_new:pending_new send again");
  BOOST_CHECK(!book.has_lost_exits(BrokerName{"b"}));
  const auto copy = named("1.take_profit.2");
  accept(copy);
  accept(named("1.stop_loss.2"));
  fill(copy, "e2", "100");
  tell(named("1.stop_loss.2"), BrokerReport::canceled);
  BOOST_CHECK_EQUAL(book.open_count(), 0);
}

BOOST_AUTO_TEST_CASE(it_is_tried_three_times) {
  auto o = bracket("1");
  o.bracket->take_profit.reset();
  fill(place(o)->order_id, "e1", "100");
  for (const auto* key : {"1.stop_loss", "1.stop_loss.2", "1.stop_loss.3"}) again(named(key));
  down();
  out.clear();
  lose(named("1.stop_loss.4"));
  BOOST_CHECK_EQUAL(said(), "anomaly reconciled:rejected");
  resume();
  BOOST_CHECK(!exists("1.stop_loss.5"));
}

BOOST_AUTO_TEST_CASE(one_that_its_client_cancels_has_no_successor) {
  sent();
  const auto profit = named("1.take_profit");
  const auto stop = named("1.stop_loss");
  down();
  BOOST_REQUIRE(book.cancel(stop, route, now(), out));  // in doubt: the cancel is on its way
  lose(stop);
  lose(profit);
  out.clear();
  BOOST_CHECK_EQUAL(book.matching(CancelAll{}).size(), 1);
  BOOST_REQUIRE(book.cancel(profit, route, now(), out));  // known to be lost, and not placed again yet
  BOOST_CHECK_EQUAL(said(), "reconciled:rejected");
  BOOST_CHECK(book.matching(CancelAll{}).empty());
  resume();
  BOOST_CHECK_EQUAL(said(), "");
  BOOST_CHECK(book.cancel(profit, route, now(), out).error().code == Errc::order_not_open);
}

BOOST_AUTO_TEST_CASE(an_id_that_is_in_use_is_left_out) {
  working("1.stop_loss.2");
  sent();
  accept(named("1.take_profit"));
  again(named("1.stop_loss"));
  BOOST_CHECK(order(named("1.stop_loss.3")).stop_price == price("9"));
  again(named("1.stop_loss.3"));
  BOOST_CHECK(order(named("1.stop_loss.4")).stop_price == price("9"));
}

BOOST_AUTO_TEST_CASE(a_repeat_of_a_copy_is_no_new_order) {
  sent();
  accept(named("1.take_profit"));
  again(named("1.stop_loss"));
  auto same = limit_order("1.stop_loss.2", "100", "9", Side::sell);
  BOOST_CHECK(place(same).error().code == Errc::order_duplicate_id);
}

BOOST_AUTO_TEST_CASE(exits_whose_time_is_over_stay_lost) {
  auto o = bracket("1");
  o.time_in_force = TimeInForce::gtd;
  o.expires_at = from_unix_ns(2'000);
  can.times_in_force.push_back(TimeInForce::gtd);
  const auto entry = place(o)->order_id;
  fill(entry, "e1", "100");
  accept(named("1.take_profit"));
  down();
  lose(named("1.stop_loss"));
  out.clear();
  time = 3'000;
  resume();
  BOOST_CHECK_EQUAL(said(), "anomaly");
}

BOOST_AUTO_TEST_CASE(without_groups_of_the_broker_nothing_is_placed) {
  can.oco = false;
  sent();
  down();
  out.clear();
  lose(named("1.stop_loss"));
  BOOST_CHECK_EQUAL(said(), "anomaly reconciled:rejected");
  sent("2");
  restart();
  out.clear();
  lose(named("2.take_profit"));
  lose(named("2.stop_loss"));
  BOOST_CHECK_EQUAL(said(), "anomaly reconciled:rejected anomaly reconciled:rejected");
  resume();
  BOOST_CHECK_EQUAL(said(), "");
}

// ---- restarts ------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(after_a_restart_too) {
  const auto entry = sent();
  restart();
  lose(named("1.take_profit"));
  lose(named("1.stop_loss"));
  keep();
  resume();
  BOOST_CHECK_EQUAL(said(), "pending_new:pending_new send again pending_new:pending_new send again");
  BOOST_CHECK(order(named("1.stop_loss.2")).parent_id == entry);
}

BOOST_AUTO_TEST_CASE(a_death_between_the_loss_and_the_new_order) {
  sent();
  accept(named("1.take_profit"));
  down();
  lose(named("1.stop_loss"));
  restart();
  BOOST_CHECK(book.has_lost_exits(BrokerName{"b"}));
  out.clear();
  resume();
  BOOST_CHECK_EQUAL(said(), "pending_new:pending_new send again");
  BOOST_CHECK(order(named("1.stop_loss.2")).qty == qty("100"));
}

BOOST_AUTO_TEST_CASE(a_death_behind_the_new_order) {
  sent();
  accept(named("1.take_profit"));
  again(named("1.stop_loss"));
  restart();
  BOOST_CHECK(!book.has_lost_exits(BrokerName{"b"}));
  out.clear();
  resume();
  BOOST_CHECK_EQUAL(said(), "");
  BOOST_CHECK(order(named("1.stop_loss.2")).status == OrderStatus::in_doubt);
  again(named("1.stop_loss.2"));
  keep();
  restart();
  out.clear();
  resume();
  BOOST_CHECK_EQUAL(said(), "");
  BOOST_CHECK(exists("1.stop_loss.3") && !exists("1.stop_loss.4"));
}

BOOST_AUTO_TEST_CASE(what_was_decided_stays_so) {
  sent();
  const auto profit = named("1.take_profit");
  accept(profit);
  down();
  fill(profit, "e2", "100");
  lose(named("1.stop_loss"));
  resume();
  restart();
  out.clear();
  resume();
  BOOST_CHECK_EQUAL(said(), "");
  BOOST_CHECK(!exists("1.stop_loss.2") && !book.has_lost_exits(BrokerName{"b"}));
}

BOOST_AUTO_TEST_CASE(what_was_canceled_stays_so) {
  sent();
  accept(named("1.take_profit"));
  down();
  lose(named("1.stop_loss"));
  BOOST_REQUIRE(book.cancel(named("1.stop_loss"), route, now(), out));
  restart();
  BOOST_CHECK(!book.has_lost_exits(BrokerName{"b"}));
}

// ---- the first one turns up after all ------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(one_that_turns_up_is_canceled_there) {
  sent();
  const auto stop = named("1.stop_loss");
  accept(named("1.take_profit"));
  again(stop);
  const auto copy = named("1.stop_loss.2");
  accept(copy);
  out.clear();
  tell(stop, BrokerReport::accepted);
  BOOST_CHECK_EQUAL(said(), "anomaly cancel");
  BrokerOrder there;
  there.order_id = stop;
  book.on_broker_order(BrokerName{"b"}, there, now(), out);  // as long as it works there
  BOOST_CHECK_EQUAL(said(), "cancel");
  fill(stop, "e3", "40");  // faster than the cancel: its own
  BOOST_CHECK_EQUAL(said(), "fill:rejected cancel");
  BOOST_CHECK(order(stop).filled_qty == qty("40") && order(copy).filled_qty.is_zero());
  auto reduced = report(copy, BrokerReport::replaced);
  reduced.qty = qty("60");
  book.on_report(reduced, now(), out);
  BOOST_CHECK_EQUAL(said(), "replaced:new");
  tell(stop, BrokerReport::canceled);
  BOOST_CHECK_EQUAL(said(), "");
  fill(copy, "e4", "60");
  BOOST_CHECK_EQUAL(said(), "fill:filled");
  book.on_cancel_failed(stop, Error{Errc::order_not_open, "over"}, now(), out);
  BOOST_CHECK_EQUAL(said(), "");
  book.on_cancel_failed(stop, Error{Errc::broker_rejected, "no"}, now(), out);
  BOOST_CHECK_EQUAL(said(), "anomaly");
}

BOOST_AUTO_TEST_CASE(one_that_turns_up_filled_is_filled) {
  sent();
  const auto stop = named("1.stop_loss");
  accept(named("1.take_profit"));
  again(stop);
  out.clear();
  fill(stop, "e3", "100");
  BOOST_CHECK_EQUAL(said(), "fill:filled");
}

BOOST_AUTO_TEST_CASE(what_it_got_before_it_was_placed_again_is_not_placed_again) {
  sent();
  const auto stop = named("1.stop_loss");
  accept(named("1.take_profit"));
  down();
  lose(stop);
  fill(stop, "e3", "40");
  out.clear();
  resume();
  BOOST_CHECK(order(named("1.stop_loss.2")).qty == qty("60"));
}

BOOST_AUTO_TEST_CASE(what_it_got_while_the_new_one_was_on_its_way_is_taken_off) {
  sent();
  const auto stop = named("1.stop_loss");
  accept(named("1.take_profit"));
  again(stop);
  fill(stop, "e3", "40");
  out.clear();
  accept(named("1.stop_loss.2"));
  BOOST_CHECK_EQUAL(said(), "new:new pending_replace:pending_replace replace");
}

BOOST_AUTO_TEST_CASE(any_order_that_was_said_to_be_rejected_is_canceled_when_it_turns_up) {
  const auto id = place(limit_order("1"))->order_id;
  down();
  lose(id);
  out.clear();
  book.on_accepted(id, OrderAccepted{BrokerOrderId{"v"}}, now(), out);
  BOOST_CHECK_EQUAL(said(), "anomaly cancel");
}

BOOST_AUTO_TEST_SUITE_END()
