// The life cycles that gateways were seen to tell, and their odd orders.
#include <random>

#include "tests/actors/brokers/ibkr/session/tracked_order.hpp"

using namespace tradebus;
using namespace tradebus::ibkr;
using namespace tradebus::ibkr::session;
using namespace tradebus::ibkr::session::test;
using namespace std::chrono_literals;
using wire::VenueStatus;

BOOST_FIXTURE_TEST_SUITE(order_tracker, TrackedOrder)

BOOST_AUTO_TEST_CASE(a_market_order_fills_at_once) {
  place();
  pair(VenueStatus::pre_submitted);
  BOOST_TEST(news() == accepted);
  exec("a.01", "100");
  pair(VenueStatus::filled, "100");
  pair(VenueStatus::filled, "100");
  BOOST_TEST(news() == "");
  cost("a.01", "1.0003");
  BOOST_TEST(news() == "fill a.01 100@10 for 1.0003");
  later(1h);
  BOOST_TEST(news() == "");
  BOOST_TEST(!tracker.next_time());
  BOOST_TEST(!tracker.take_wants_executions());
}

BOOST_AUTO_TEST_CASE(partial_fills_with_duplicates) {
  place();
  pair(VenueStatus::submitted);
  exec("a.01", "40");
  pair(VenueStatus::submitted, "40");
  pair(VenueStatus::submitted, "40");
  cost("a.01", "1.8");
  exec("b.01", "40", "10.5");
  pair(VenueStatus::submitted, "80");
  exec("a.01", "40");  // asked for, once more
  cost("a.01", "1.8");
  cost("b.01", "0.00018");
  BOOST_TEST(news() == accepted + ", fill a.01 40@10 for 1.8, fill b.01 40@10.5 for 0.00018");
  BOOST_TEST(tracker.counters().repeated == 1u);
}

BOOST_AUTO_TEST_CASE(filled_before_its_execution) {
  place();
  pair(VenueStatus::submitted);
  news();
  status(VenueStatus::filled, "100");
  later(1s);
  BOOST_TEST(news() == "");
  exec("a.01", "100");
  cost("a.01", "1");
  BOOST_TEST(news() == "fill a.01 100@10 for 1");
  later(1h);
  BOOST_TEST(news() == "");
  BOOST_TEST(!tracker.take_wants_executions());
}

BOOST_AUTO_TEST_CASE(executions_that_lack_are_asked_for) {
  place();
  pair(VenueStatus::submitted);
  status(VenueStatus::filled, "100");
  BOOST_TEST(news() == accepted);
  BOOST_REQUIRE(tracker.next_time().has_value());
  later(std::chrono::duration_cast<std::chrono::milliseconds>(*tracker.next_time() - now));
  BOOST_TEST(tracker.take_wants_executions());
  BOOST_TEST(!tracker.take_wants_executions());
  later(10s);
  BOOST_TEST(tracker.take_wants_executions());  // and again, seldom; it is never said to be canceled
  BOOST_TEST(news() == "");
  exec("a.01", "100");
  later(2s);
  BOOST_TEST(news() == "fill a.01 100@10 for 0");
  BOOST_TEST(!tracker.next_time());
}

BOOST_AUTO_TEST_CASE(a_cost_that_comes_first_or_late_or_never) {
  place();
  pair(VenueStatus::submitted);
  news();
  cost("a.01", "1.5");
  cost("a.01", "1.5");
  exec("a.01", "40");
  BOOST_TEST(news() == "fill a.01 40@10 for 1.5");
  exec("b.01", "40");
  later(999ms);
  BOOST_TEST(news() == "");
  later(1ms);
  BOOST_TEST(news() == "fill b.01 40@10 for 0");
  cost("b.01", "2");
  BOOST_TEST(news() == "");
  BOOST_TEST(tracker.counters().late_commissions == 1u);
}

BOOST_AUTO_TEST_CASE(fills_are_told_in_their_order) {
  place();
  pair(VenueStatus::submitted);
  news();
  exec("a.01", "40");
  exec("b.01", "60");
  cost("b.01", "2");
  BOOST_TEST(news() == "");
  cost("a.01", "1");
  BOOST_TEST(news() == "fill a.01 40@10 for 1, fill b.01 60@10 for 2");
}

BOOST_AUTO_TEST_CASE(a_cancel_that_was_asked_for) {
  place();
  pair(VenueStatus::submitted);
  BOOST_TEST(tracker.canceling(id));
  status(VenueStatus::pending_cancel);
  status(VenueStatus::cancelled);
  BOOST_TEST(news() == accepted + ", canceled ");
  error(202, "Order Canceled - reason:");
  later(10s);
  BOOST_TEST(news() == "");
  BOOST_TEST(!tracker.canceling(id));
}

BOOST_AUTO_TEST_CASE(a_cancel_that_nobody_asked_for_has_its_reason) {
  place();
  pair(VenueStatus::submitted);
  news();
  status(VenueStatus::cancelled);
  BOOST_TEST(news() == "");
  error(202, "Order Canceled - reason:expired");
  BOOST_TEST(news() == "canceled 202 Order Canceled - reason:expired");
}

BOOST_AUTO_TEST_CASE(a_cancel_without_a_reason_is_told_in_the_end) {
  place();
  pair(VenueStatus::submitted);
  news();
  status(VenueStatus::pending_cancel);
  status(VenueStatus::cancelled);
  status(VenueStatus::cancelled);
  status(VenueStatus::submitted);  // an old one
  later(499ms);
  BOOST_TEST(news() == "");
  later(1ms);
  BOOST_TEST(news() == "canceled ");
}

BOOST_AUTO_TEST_CASE(a_cancel_waits_for_what_was_filled) {
  place();
  pair(VenueStatus::submitted);
  tracker.canceling(id);
  status(VenueStatus::cancelled, "40");
  BOOST_TEST(news() == accepted);
  exec("a.01", "40");
  BOOST_TEST(news() == "");
  cost("a.01", "1");
  BOOST_TEST(news() == "fill a.01 40@10 for 1, canceled ");
  // One that was counted by nobody.
  exec("b.01", "10");
  cost("b.01", "1");
  BOOST_TEST(news() == "fill b.01 10@10 for 1");
}

BOOST_AUTO_TEST_CASE(a_cancel_does_not_wait_for_ever) {
  place();
  pair(VenueStatus::submitted);
  news();
  tracker.canceling(id);
  status(VenueStatus::cancelled, "40");
  later(3s);
  BOOST_TEST(tracker.take_wants_executions());
  BOOST_TEST(news() == "");
  later(3s);
  BOOST_TEST(news() == "canceled ");
  BOOST_TEST(tracker.counters().missing_fills == 1u);
}

BOOST_AUTO_TEST_CASE(a_cancel_that_lost_its_race) {
  place();
  pair(VenueStatus::submitted);
  news();
  tracker.canceling(id);
  exec("a.01", "100");
  pair(VenueStatus::filled, "100");
  cost("a.01", "1");
  error(10148, "OrderId 5 that needs to be cancelled cannot be cancelled, state: Filled.");
  BOOST_TEST(news() == "fill a.01 100@10 for 1");
}

BOOST_AUTO_TEST_CASE(a_cancel_that_was_refused_before_the_fill_was_told) {
  for (const auto code : {161, 10147, 10148}) {
    TrackedOrder f;
    f.place();
    f.pair(VenueStatus::submitted);
    f.news();
    f.tracker.canceling(id);
    f.exec("a.01", "100");
    f.error(code);
    BOOST_TEST(f.news() == "cancel_rejected " + std::to_string(code) + " why");
    f.cost("a.01", "1");
    BOOST_TEST(f.news() == "fill a.01 100@10 for 1");
  }
}

BOOST_AUTO_TEST_CASE(off_hours) {
  place();
  pair(VenueStatus::pre_submitted);
  error(399, "Order Message: will not be placed at the exchange until 2026-06-12 09:30:00 US/Eastern");
  for (int i = 0; i < 4; ++i) pair(VenueStatus::pre_submitted);
  BOOST_TEST(news() == accepted);
}

BOOST_AUTO_TEST_CASE(ioc_and_fok_without_a_fill) {
  place();
  pair(VenueStatus::pre_submitted);
  status(VenueStatus::pending_cancel);
  status(VenueStatus::cancelled);
  later(1s);
  BOOST_TEST(news() == accepted + ", canceled ");

  TrackedOrder fok;
  fok.place();
  fok.pair(VenueStatus::pre_submitted);
  fok.pair(VenueStatus::inactive);
  fok.later(1s);
  BOOST_TEST(fok.news() == accepted + ", canceled ");
}

BOOST_AUTO_TEST_CASE(rejected_outright) {
  for (const auto code : {103, 110, 200, 201, 321, 99'999}) {
    TrackedOrder f;
    f.place();
    f.error(code);
    BOOST_TEST(f.news() == "rejected " + std::to_string(code) + " why");
    f.status(VenueStatus::inactive);
    f.status(VenueStatus::cancelled);
    f.later(10s);
    BOOST_TEST(f.news() == "");
  }
}

BOOST_AUTO_TEST_CASE(inactive_then_its_reason) {
  place();
  status(VenueStatus::inactive);
  BOOST_TEST(news() == "");
  error(201, "Order rejected - reason:margin");
  BOOST_TEST(news() == "rejected 201 Order rejected - reason:margin");
}

BOOST_AUTO_TEST_CASE(inactive_without_a_reason_may_work_again) {
  place();
  pair(VenueStatus::submitted);
  pair(VenueStatus::inactive);
  tracker.take_news();
  later(1s);
  auto told = tracker.take_news();
  BOOST_REQUIRE_EQUAL(told.size(), 1u);
  BOOST_TEST(told[0].may_work_again);
  BOOST_TEST(!tracker.works(id));
  TrackedOrder refused;
  refused.place();
  BOOST_TEST(refused.tracker.works(id));
  refused.error(201);
  refused.status(VenueStatus::inactive);
  told = refused.tracker.take_news();
  BOOST_REQUIRE_EQUAL(told.size(), 1u);
  BOOST_TEST(!told[0].may_work_again);
}

BOOST_AUTO_TEST_CASE(inactive_and_active_again) {
  place();
  pair(VenueStatus::submitted);
  pair(VenueStatus::inactive);
  pair(VenueStatus::submitted);
  later(10s);
  BOOST_TEST(news() == accepted);
  BOOST_TEST(tracker.counters().revived == 1u);
}

BOOST_AUTO_TEST_CASE(one_that_was_not_sent_is_forgotten) {
  place();
  tracker.forget(id);
  pair(VenueStatus::submitted);
  BOOST_TEST(news().empty());
  BOOST_TEST(!tracker.order_id_of(OrderId{"o-1"}).has_value());
}

BOOST_AUTO_TEST_CASE(a_correction_takes_the_execution_back) {
  place();
  pair(VenueStatus::submitted);
  news();
  exec("x.1.01", "40", "10");
  cost("x.1.01", "1");
  exec("x.1.02", "40", "9.9");
  cost("x.1.02", "1");
  exec("x.1.01", "40", "10");
  BOOST_TEST(news() == "fill x.1.01 40@10 for 1, busted x.1.01, fill x.1.02 40@9.9 for 1");
  BOOST_TEST(tracker.counters().corrected == 1u);
}

BOOST_AUTO_TEST_CASE(a_combo_fills_as_one) {
  place("1", "BAG");
  pair(VenueStatus::submitted);
  news();
  exec("c.01", "1", "0.75");
  exec("l1.01", "1", "2", "OPT");
  exec("l2.01", "1", "1.25", "OPT");
  cost("l1.01", "0.65");
  cost("l2.01", "0.65");
  later(1s);
  BOOST_TEST(news() == "fill c.01 1@0.75 for 1.3");
}

BOOST_AUTO_TEST_CASE(what_is_not_ours_is_elsewhere) {
  place();
  auto other = open_message(VenueStatus::submitted);
  other.order.client_id = 7;
  other.order.order_ref = "x";
  other.order.perm_id = 1;
  BOOST_TEST((tracker.on(now, other) == OrderTracker::Owner::elsewhere));
  auto typed = status_message(VenueStatus::submitted);
  typed.order_id = 0;
  typed.client_id = 0;
  typed.perm_id = 2;
  BOOST_TEST((tracker.on(now, typed) == OrderTracker::Owner::elsewhere));
  auto reused = open_message(VenueStatus::submitted);
  reused.order.order_ref = "of another life";
  BOOST_TEST((tracker.on(now, reused) == OrderTracker::Owner::elsewhere));
  BOOST_TEST(!tracker.on(now, wire::ErrorMessage{77, 201, "why", {}}).has_value());
  BOOST_TEST(news() == "");
}

BOOST_AUTO_TEST_CASE(an_order_of_an_earlier_life_goes_on) {
  OrderTracker next{TrackerOptions{}, 2, times};  // under another client id
  const auto seen = open_message(VenueStatus::submitted);
  next.adopt(id, OrderId{"o-1"}, seen.contract, seen.order, quantity("10"));
  BOOST_TEST((next.on(now, seen) == OrderTracker::Owner::elsewhere ? false : true));
  BOOST_TEST((next.on(now, status_message(VenueStatus::cancelled, "10")) == OrderTracker::Owner::ours));
  next.tick(now + 1s);
  const auto told = next.take_news();
  BOOST_REQUIRE_EQUAL(told.size(), 1u);
  BOOST_TEST((told[0].report == OrderReport::canceled));
}

BOOST_AUTO_TEST_CASE(a_correction_of_an_earlier_life_counts_once) {
  order.total_quantity = quantity("100");
  tracker.adopt(id, OrderId{"o-1"}, contract, order, quantity("60"));
  wire::ExecDetails m;
  m.order_id = id;
  m.contract = contract;
  m.exec_id = "a.02";
  m.time = "20260611-13:30:30";
  m.shares = quantity("60");
  m.price = price("9");
  m.perm_id = perm;
  m.client_id = 1;
  m.order_ref = "o-1";
  tracker.on(now, Timestamp{}, m, quantity("60"));
  later(2s);
  BOOST_TEST(news() == "fill a.02 60@9 for 0");
  exec("b.01", "39");
  later(2s);
  news();
  BOOST_TEST(tracker.works(id));  // 99 of 100
  exec("c.01", "1");
  later(2s);
  news();
  BOOST_TEST(!tracker.works(id));
}

// Whatever the order in which a day's messages arrive, and however often: the same fills, one end.
BOOST_AUTO_TEST_CASE(any_order_of_events_comes_to_the_same) {
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    std::mt19937 random{seed};
    TrackedOrder f;
    f.place();
    const bool is_filled = seed % 2 == 0;
    std::vector<int> events{0, 1, 2, 3, 4, 5, 6};
    for (auto n = random() % 4; n > 0; --n) events.push_back(static_cast<int>(random() % 7));
    std::shuffle(events.begin(), events.end(), random);
    std::string all;
    auto take = [&] {
      const auto more = f.news();
      if (!more.empty()) all += (all.empty() ? "" : ", ") + more;
    };
    for (const int event : events) {
      switch (event) {
        case 0:
          f.exec("a.01", "40");
          break;
        case 1:
          f.exec("b.01", "60");
          break;
        case 2:
          f.cost("a.01", "1");
          break;
        case 3:
          f.cost("b.01", "2");
          break;
        case 4:
          f.status(VenueStatus::submitted, "40");
          break;
        case 5:
          f.open(VenueStatus::submitted);
          break;
        default:
          if (is_filled)
            f.pair(VenueStatus::filled, "100");
          else
            f.status(VenueStatus::cancelled, "40");
      }
      f.later(std::chrono::milliseconds{random() % 100});
      take();
    }
    f.later(1min);
    take();
    BOOST_TEST_CONTEXT("seed " << seed << ": " << all) {
      auto count = [&](std::string_view word) {
        std::size_t n = 0;
        for (auto at = all.find(word); at != std::string::npos; at = all.find(word, at + 1)) ++n;
        return n;
      };
      BOOST_TEST(count("fill a.01 40@10") == 1u);
      BOOST_TEST(count("fill b.01 60@10") == 1u);
      BOOST_TEST(count("fill") == 2u);
      BOOST_TEST(count("canceled") <= (is_filled ? 0u : 1u));
      BOOST_TEST(count("rejected") <= (is_filled ? 0u : 1u));
      BOOST_TEST(count("accepted") <= 1u);
      BOOST_TEST(!f.tracker.next_time());
    }
  }
}

BOOST_AUTO_TEST_CASE(orders_that_never_arrived_are_remembered_for_a_while) {
  TrackerOptions options;
  options.lost_max = 10;
  OrderTracker lost{options, 1, times};
  wire::Order sent;
  sent.total_quantity = quantity("100");
  const auto ref = [](std::int32_t number) { return OrderId{"o-" + std::to_string(number)}; };
  const auto opened = [&](std::int32_t number) {
    wire::OpenOrder m;
    m.order_id = number;
    m.order = sent;
    m.order.client_id = 1;
    m.order.perm_id = 1'000 + number;
    m.order.order_ref = ref(number).str();
    m.state.status = VenueStatus::submitted;
    return lost.on(OrderTracker::Time{}, m);
  };
  for (std::int32_t number = 1; number <= 100; ++number) {
    lost.placing(number, ref(number), {}, sent);
    lost.never_arrived(number);
    if (number == 95) opened(number);  // one that turns up stays
  }
  BOOST_CHECK_EQUAL(lost.size(), 10);
  for (std::int32_t number = 101; number <= 120; ++number) {
    lost.placing(number, ref(number), {}, sent);
    lost.never_arrived(number);
  }
  BOOST_CHECK_EQUAL(lost.size(), 11);
  BOOST_CHECK(lost.works(95) && !lost.works(100) && !lost.order_id_of(ref(100)));
  BOOST_CHECK(lost.take_news().size() == 1);
  BOOST_CHECK(opened(120) == OrderTracker::Owner::ours);
  BOOST_CHECK(lost.take_news().front().report == OrderReport::accepted);
  BOOST_CHECK(opened(100) == OrderTracker::Owner::elsewhere);
}

BOOST_AUTO_TEST_SUITE_END()
