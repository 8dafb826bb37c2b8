// Doubt, lost links, dead brokers: what the broker says settles it.
#include "tests/engine/orders/manager_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_FIXTURE_TEST_SUITE(order_reconciler, Managed)

BOOST_AUTO_TEST_CASE(a_broker_that_tells_no_account_takes_orders) {
  script->refuse_account = Error{Errc::broker_unsupported, "no figures"};
  up();
  BOOST_CHECK(status().brokers[0].state == LinkState::up);
  BOOST_CHECK(!ask<AccountSummary>(manager, GetAccountSummary{}));
  BOOST_CHECK(placed(command("1")));
}

BOOST_AUTO_TEST_CASE(an_error_that_is_no_rejection_leaves_doubt) {
  up();
  BOOST_REQUIRE(placed(command("1")));
  BOOST_REQUIRE(placed(command("2")));
  answer(0, fail(Errc::request_timeout, "late"));
  answer(1, fail(Errc::broker_rejected, "no margin"));
  BOOST_CHECK_EQUAL(story(), "pending_new, pending_new, in_doubt, rejected");
  BOOST_CHECK_EQUAL(*streamed->events.back().order.reason, "broker.rejected: no margin");
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 1);
  BOOST_CHECK_EQUAL(script->placed.size(), 2);  // never sent again
}

BOOST_AUTO_TEST_CASE(a_doubt_under_a_link_that_stays_up_is_settled_by_asking) {
  up();
  const auto lost = placed(command("1"))->order_id;
  const auto has_it = placed(command("2"))->order_id;
  const auto works = placed(command("3"))->order_id;
  answer(0, fail(Errc::broker_unavailable, "not sent"));
  answer(1, fail(Errc::request_timeout, "no answer"));
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 2);
  BrokerOrder open;
  open.order_id = has_it;
  open.broker_order_id = BrokerOrderId{"v2"};
  open.order = command("2").order;
  script->known.emplace(has_it, open);
  script->executions_since = {};
  advance(3s);
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 0);
  const auto now = [&](const OrderId& id) { return ask<Order>(manager, GetOrder{ClientName{"c"}, id, {}})->status; };
  BOOST_CHECK(now(lost) == OrderStatus::rejected);
  BOOST_CHECK(now(has_it) == OrderStatus::new_);
  BOOST_CHECK(now(works) == OrderStatus::pending_new);  // on its way: nobody asked about it
  BOOST_CHECK(script->executions_since == Timestamp{});
  BOOST_CHECK_EQUAL(script->placed.size(), 3);
}

BOOST_AUTO_TEST_CASE(a_cancel_that_failed_under_a_link_that_stays_up_is_sent_again) {
  up();
  const auto id = placed(command("1"))->order_id;
  answer(0);
  script->refuse_change = Error{Errc::broker_unavailable, "not sent"};
  BOOST_REQUIRE(ask<Order>(manager, CancelOrder{ClientName{"c"}, id, {}}));
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 1);
  script->refuse_change.reset();
  BrokerOrder open;
  open.order_id = id;
  open.broker_order_id = BrokerOrderId{"v"};
  open.order = command("1").order;
  script->known.emplace(id, open);
  script->asked.clear();
  advance(3s);
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 0);
  BOOST_CHECK((script->asked == std::vector<std::string>{"cancel " + id.str()}));
}

BOOST_AUTO_TEST_CASE(executions_that_a_doubt_waits_for_are_read_under_a_link_that_stays_up) {
  up();
  const auto id = placed(command("1"))->order_id;
  answer(0, fail(Errc::request_timeout, "no answer"));
  BrokerOrder filled;
  filled.order_id = id;
  filled.broker_order_id = BrokerOrderId{"v"};
  filled.order = command("1").order;
  filled.status = OrderStatus::filled;
  filled.filled_qty = qty("100");
  script->known.emplace(id, filled);
  BrokerEvent execution;
  execution.broker = BrokerName{"b"};
  execution.order_id = id;
  execution.report = BrokerReport::fill;
  execution.fill = Fill{ExecId{"x"}, qty("100"), price("10"), Money{}, clock.now()};
  script->executions = {execution};
  advance(6s);
  BOOST_CHECK(ask<Order>(manager, GetOrder{ClientName{"c"}, id, {}})->status == OrderStatus::filled);
}

BOOST_AUTO_TEST_CASE(a_broker_that_ends_while_it_is_asked_is_nothing_to_warn_of) {
  const auto lines = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(100);
  log->sinks().push_back(lines);
  const auto warned = [&] {
    const auto all = lines->last_raw();
    return std::ranges::any_of(all, [](const auto& line) { return line.level >= spdlog::level::warn; });
  };
  hand_over();
  caf::anon_send_exit(scripted_broker, caf::exit_reason::user_shutdown);
  say(LinkState::up);
  BOOST_CHECK(!lines->last_raw().empty());
  BOOST_CHECK(!warned());
  log->sinks().pop_back();
}

BOOST_AUTO_TEST_CASE(a_broker_that_dies_leaves_doubt) {
  up();
  BOOST_REQUIRE(placed(command("1")));
  caf::anon_send_exit(scripted_broker, caf::exit_reason::kill);
  caf::anon_send(manager, BrokerHandle{BrokerName{"b"}, {}, true});
  run();
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt");
  BOOST_CHECK_EQUAL(code(placed(command("2"))), "broker.unavailable");
  // Back again: what the broker knows of it settles the doubt.
  BrokerOrder known;
  known.order_id = streamed->events[0].order.order_id;
  known.broker_order_id = BrokerOrderId{"v7"};
  script->open = {known};
  up();
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt, reconciled");
  BOOST_CHECK(streamed->events.back().order.status == OrderStatus::new_);
  BOOST_CHECK_EQUAL(streamed->events.back().order.broker_order_id->str(), "v7");
  BOOST_CHECK_EQUAL(script->placed.size(), 1);
}

BOOST_AUTO_TEST_CASE(fills_missed_while_away_are_booked_once) {
  up();
  const auto id = placed(command("1"))->order_id;
  answer(0);
  const Timestamp begun = clock.now();
  say(LinkState::down, "transport");
  BOOST_CHECK_EQUAL(story(), "pending_new, new");  // it works on: nothing is in doubt
  BrokerEvent missed;
  missed.broker = BrokerName{"b"};
  missed.order_id = id;
  missed.report = BrokerReport::fill;
  missed.fill = Fill{ExecId{"e1"}, qty("100"), price("9"), {}, clock.now()};
  missed.ts = clock.now();
  script->executions = {missed};
  script->positions = {position_of("HELD", "5"), position_of("AAPL", "100")};
  say(LinkState::up);
  BOOST_CHECK(script->executions_since < begun);
  BOOST_CHECK_EQUAL(story(), "pending_new, new, fill");
  report(id, BrokerReport::fill, missed.fill);  // and told once more
  BOOST_CHECK_EQUAL(story(), "pending_new, new, fill");
  BOOST_CHECK_EQUAL(status().position_differences, 0);
}

BOOST_AUTO_TEST_CASE(a_position_that_differs_is_shown_until_it_is_accepted) {
  up();
  say(LinkState::down);
  script->positions = {position_of("HELD", "7")};
  streamed->positions.clear();
  say(LinkState::up);
  BOOST_CHECK_EQUAL(status().position_differences, 1);
  BOOST_REQUIRE_EQUAL(streamed->positions.size(), 1);
  BOOST_CHECK(streamed->positions[0].expected_qty == qty("5"));
  BOOST_CHECK(ask<Positions>(manager, GetPositions{})->positions[0].expected_qty == qty("5"));
  BOOST_CHECK_EQUAL(ask<AcceptedCount>(manager, AcceptPositions{})->accepted, 1);
  BOOST_CHECK_EQUAL(status().position_differences, 0);
  BOOST_CHECK(!ask<Positions>(manager, GetPositions{})->positions[0].expected_qty);
  say(LinkState::down);
  say(LinkState::up);
  BOOST_CHECK_EQUAL(status().position_differences, 0);
}

BOOST_AUTO_TEST_CASE(a_position_that_vanished_is_shown_until_it_is_accepted) {
  up();
  say(LinkState::down);
  script->positions.clear();
  streamed->positions.clear();
  say(LinkState::up);
  BOOST_REQUIRE_EQUAL(streamed->positions.size(), 1);
  BOOST_CHECK(streamed->positions[0].symbol == Symbol{"HELD"} && streamed->positions[0].qty.is_zero());
  BOOST_CHECK(streamed->positions[0].expected_qty == qty("5"));
  const auto shown = ask<Positions>(manager, GetPositions{})->positions;
  BOOST_REQUIRE_EQUAL(shown.size(), 1);
  BOOST_CHECK(shown[0].qty.is_zero() && shown[0].expected_qty == qty("5"));
  BOOST_CHECK_EQUAL(ask<AcceptedCount>(manager, AcceptPositions{})->accepted, 1);
  BOOST_CHECK(ask<Positions>(manager, GetPositions{})->positions.empty());
  BOOST_CHECK(streamed->positions.back().qty.is_zero() && !streamed->positions.back().expected_qty);
}

BOOST_AUTO_TEST_CASE(orders_placed_elsewhere_are_adopted_and_left_alone) {
  BrokerOrder theirs;
  theirs.broker_order_id = BrokerOrderId{"x1"};
  theirs.account = AccountId{"A"};
  theirs.order = command("ignored").order;
  script->open = {theirs};
  up();
  BOOST_CHECK_EQUAL(story(), "new");
  const Order adopted = streamed->events[0].order;
  BOOST_CHECK(adopted.external == true && adopted.client.empty() && adopted.client_order_id.empty());
  BOOST_CHECK_EQUAL(code(ask<Order>(manager, CancelOrder{ClientName{"c"}, adopted.order_id, {}})),
                    "broker.unsupported");
  BOOST_CHECK_EQUAL(ask<CanceledCount>(manager, CancelAll{})->canceled, 0);
  BrokerEvent filled;
  filled.broker = BrokerName{"b"};
  filled.broker_order_id = BrokerOrderId{"x1"};
  filled.report = BrokerReport::fill;
  filled.fill = Fill{ExecId{"e1"}, qty("40"), price("9"), {}, clock.now()};
  caf::anon_send(manager, filled);
  run();
  BOOST_CHECK(streamed->events.back().order.filled_qty == qty("40"));
  say(LinkState::down);
  script->open.clear();
  say(LinkState::up);
  BOOST_CHECK(streamed->events.back().order.status == OrderStatus::canceled);
  BOOST_CHECK_EQUAL(status().orders_open, 0);
}

// The journal was moved away, or an older one restored: the broker has orders with ids like ours.
BOOST_AUTO_TEST_CASE(orders_that_the_journal_has_lost_come_back_once_work_on_and_get_their_fills) {
  BrokerOrder lost;
  lost.order_id = OrderId{"o-lost-1"};
  lost.broker_order_id = BrokerOrderId{"x1"};
  lost.account = AccountId{"A"};
  lost.order = command("ignored").order;
  lost.filled_qty = qty("10");
  lost.avg_price = price("9");
  script->open = {lost};
  const auto filled = [&](const std::string& id, const std::string& quantity) {
    BrokerEvent e;
    e.broker = BrokerName{"b"};
    e.order_id = lost.order_id;
    e.broker_order_id = lost.broker_order_id;
    e.report = BrokerReport::fill;
    e.fill = Fill{ExecId{id}, qty(quantity), price("9"), {}, clock.now()};
    return e;
  };
  script->executions = {filled("e0", "10")};
  up();
  BOOST_CHECK_EQUAL(story(), "new");
  const auto id = streamed->events[0].order.order_id;
  BOOST_CHECK(streamed->events[0].order.external == true);
  BOOST_CHECK(placed(command("2"))->order_id != lost.order_id);
  clock.advance_to(clock.now() + 1s);
  caf::anon_send(manager, filled("e1", "40"));
  run();
  BOOST_CHECK_EQUAL(story(), "new, pending_new, fill");
  BOOST_CHECK(streamed->events.back().order.filled_qty == qty("50"));
  // Told again, with what was filled before it was known here and what is missed: nothing twice.
  say(LinkState::down);
  script->executions.push_back(filled("e2", "20"));
  script->open[0].filled_qty = qty("70");
  say(LinkState::up);
  say(LinkState::down);
  say(LinkState::up);
  const auto now = ask<Order>(manager, GetOrder{ClientName{"c"}, id, {}});
  BOOST_CHECK_EQUAL(to_string(now->status), "partially_filled");
  BOOST_CHECK_EQUAL(now->filled_qty.to_string(), "70");
  GetOrders all;
  all.status = OrderFilter::all;
  BOOST_CHECK_EQUAL(ask<Orders>(manager, all)->orders.size(), 2);
  BOOST_CHECK_EQUAL(status().anomalies, 0);
}

BOOST_AUTO_TEST_CASE(orders_that_opened_and_closed_elsewhere_meanwhile_are_shown_closed) {
  up();
  say(LinkState::down);
  const auto closed = [&](const std::string& id, OrderStatus as, const std::string& filled) {
    BrokerOrder o;
    o.broker_order_id = BrokerOrderId{id};
    o.account = AccountId{"A"};
    o.order = command("ignored").order;
    o.status = as;
    o.filled_qty = qty(filled);
    o.avg_price = price("9");
    o.reason = as == OrderStatus::canceled ? "canceled in the venue's own window" : "";
    return o;
  };
  const auto execution = [&](const std::string& order, const std::string& id, const std::string& quantity) {
    BrokerEvent e;
    e.broker = BrokerName{"b"};
    e.broker_order_id = BrokerOrderId{order};
    e.report = BrokerReport::fill;
    e.fill = Fill{ExecId{id}, qty(quantity), price("9"), {}, clock.now()};
    e.ts = clock.now();
    return e;
  };
  // One filled whole; one in part, whose first executions are beyond the list; and one that is not described.
  script->closed_elsewhere = {closed("x1", OrderStatus::filled, "100"), closed("x2", OrderStatus::canceled, "70")};
  script->executions = {execution("x1", "e1", "40"), execution("x1", "e2", "60"), execution("x2", "e3", "50"),
                        execution("x3", "e4", "5")};
  script->positions = {position_of("HELD", "5"), position_of("AAPL", "150")};
  say(LinkState::up);
  BOOST_CHECK_EQUAL(story(), "new, fill, fill, new, fill, reconciled");
  const Order& filled = streamed->events[2].order;
  BOOST_CHECK(filled.external == true && filled.status == OrderStatus::filled && filled.client.empty());
  BOOST_CHECK(filled.avg_price == price("9"));
  const Order& part = streamed->events[5].order;
  BOOST_CHECK(part.status == OrderStatus::canceled && part.filled_qty == qty("70"));
  BOOST_CHECK_EQUAL(*part.reason, "canceled in the venue's own window");
  BOOST_CHECK_EQUAL(status().orders_open, 0);
  BOOST_CHECK_EQUAL(status().position_differences, 0);  // 150 by the executions that are known
  // Told again, at the next break: nothing is booked twice.
  say(LinkState::down);
  say(LinkState::up);
  BOOST_CHECK_EQUAL(story(), "new, fill, fill, new, fill, reconciled");
  BOOST_CHECK_EQUAL(status().position_differences, 0);
  BOOST_CHECK_EQUAL(status().anomalies, 0);
}

BOOST_AUTO_TEST_CASE(a_split_at_the_broker_is_no_difference) {
  up();
  const auto id = placed(command("1"))->order_id;
  answer(0);
  BrokerEvent replaced;
  replaced.broker = BrokerName{"b"};
  replaced.order_id = id;
  replaced.report = BrokerReport::replaced;
  replaced.qty = qty("200");
  replaced.stop_price = price("4.5");
  caf::anon_send(manager, replaced);
  run();
  BOOST_CHECK_EQUAL(story(), "pending_new, new, replaced");  // by the venue: nobody had asked
  BOOST_CHECK(streamed->events.back().order.qty == qty("200"));
  const PositionAdjusted split{BrokerName{"b"}, AccountId{"A"}, Symbol{"HELD"}, qty("5"), qty("10"), "split 2"};
  BOOST_REQUIRE(ask<Done>(manager, split));
  script->positions = {position_of("HELD", "10")};
  BrokerOrder open;
  open.order_id = id;
  open.broker_order_id = BrokerOrderId{"v"};
  open.order = command("1", "200").order;
  script->open = {open};
  say(LinkState::down);
  say(LinkState::up);
  BOOST_CHECK_EQUAL(status().position_differences, 0);
  // It is recorded: also the process that comes after this one knows it.
  begin_anew();
  script->open.clear();
  up();
  BOOST_CHECK_EQUAL(status().position_differences, 0);
}

BOOST_AUTO_TEST_CASE(what_the_broker_gives_no_answer_about_stays_in_doubt_and_is_asked_again) {
  up();
  const auto id = placed(command("1"))->order_id;
  say(LinkState::down);
  script->known.emplace(id, fail(Errc::broker_unavailable, "ask again"));
  say(LinkState::up);
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt");
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 1);
  BOOST_CHECK(placed(command("2")));
  BrokerOrder canceled;
  canceled.order_id = id;
  canceled.status = OrderStatus::canceled;
  script->known.at(id) = canceled;
  advance(3s);
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 0);
  BOOST_CHECK(ask<Order>(manager, GetOrder{ClientName{"c"}, id, {}})->status == OrderStatus::canceled);
}

BOOST_AUTO_TEST_CASE(exits_that_were_lost_with_the_link_are_placed_again) {
  script->keeps_groups = true;
  up();
  auto bracket = command("1");
  bracket.order.bracket = Bracket{price("12"), price("9"), std::nullopt};
  const auto entry = placed(bracket)->order_id;
  answer(0);
  report(entry, BrokerReport::fill, Fill{ExecId{"e1"}, qty("100"), price("10"), {}, clock.now()});
  BOOST_REQUIRE_EQUAL(script->placed.size(), 3);
  const auto profit = script->placed[1].order_id;
  say(LinkState::down, "transport");
  // The link is up, and nobody can say yet whether the first one has arrived: the other waits for that.
  script->known.emplace(profit, fail(Errc::broker_unavailable, "ask again"));
  say(LinkState::up);
  BOOST_CHECK_EQUAL(script->placed.size(), 3);
  BrokerOrder there;
  there.order_id = profit;
  there.broker_order_id = BrokerOrderId{"v1"};
  script->known.at(profit) = there;
  advance(3s);
  BOOST_REQUIRE_EQUAL(script->placed.size(), 4);
  BOOST_CHECK(script->placed[3].order.client_order_id == ClientOrderId{"1.stop_loss.2"});
  BOOST_CHECK(script->placed[3].oco_group == entry.str() && script->placed[3].order.qty == qty("100"));
  report(script->placed[2].order_id, BrokerReport::accepted);  // after all
  BOOST_CHECK(script->asked == std::vector<std::string>{"cancel " + script->placed[2].order_id.str()});
}

BOOST_AUTO_TEST_CASE(a_link_that_goes_down_leaves_doubt) {
  up();
  BOOST_REQUIRE(placed(command("1")));
  say(LinkState::down, "transport");
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt");
  answer(0);  // late, but it tells
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt, new");
}

BOOST_AUTO_TEST_SUITE_END()
