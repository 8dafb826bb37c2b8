// Changes of an order: asked for, refused, overtaken by fills, made by the venue or by hand.
#include "tests/actors/brokers/ibkr/session/tracked_order.hpp"

using namespace tradebus;
using namespace tradebus::ibkr;
using namespace tradebus::ibkr::session;
using namespace tradebus::ibkr::session::test;
using namespace std::chrono_literals;
using wire::VenueStatus;

BOOST_FIXTURE_TEST_SUITE(ibkr_order_changes, TrackedOrder)

BOOST_AUTO_TEST_CASE(a_change_is_answered_by_its_echo) {
  place();
  pair(VenueStatus::submitted);
  news();
  auto wanted = order;
  wanted.limit_price = price("11");
  wanted.total_quantity = quantity("200");
  BOOST_TEST(tracker.changing(id, wanted));
  pair(VenueStatus::submitted);  // of before
  BOOST_TEST(news() == "");
  order = wanted;
  pair(VenueStatus::submitted);
  pair(VenueStatus::submitted);
  BOOST_TEST(news() == "replaced 200@11");
}

BOOST_AUTO_TEST_CASE(a_change_that_is_refused_leaves_the_order) {
  for (const auto code : {105, 110, 321, 329}) {
    TrackedOrder f;
    f.place();
    f.pair(VenueStatus::submitted);
    f.news();
    auto wanted = f.order;
    wanted.limit_price = price("11.111");
    f.tracker.changing(id, wanted);
    f.error(code);
    BOOST_TEST(f.news() == "replace_rejected " + std::to_string(code) + " why");
    f.tracker.canceling(id);
    f.status(VenueStatus::cancelled);
    BOOST_TEST(f.news() == "canceled ");
  }
}

BOOST_AUTO_TEST_CASE(a_change_that_fills) {
  place();
  pair(VenueStatus::submitted);
  news();
  order.limit_price = price("12");
  tracker.changing(id, order);
  status(VenueStatus::filled, "100");
  exec("a.01", "100", "11.5");
  pair(VenueStatus::filled, "100");
  cost("a.01", "1");
  BOOST_TEST(news() == "replaced 100@12, fill a.01 100@11.5 for 1");
}

BOOST_AUTO_TEST_CASE(a_change_that_a_fill_was_faster_than) {
  place("10");
  pair(VenueStatus::submitted);
  auto wanted = order;
  wanted.limit_price = price("11");
  BOOST_TEST(tracker.changing(id, wanted));
  exec("a.b.01.01", "10");
  cost("a.b.01.01", "1");
  pair(VenueStatus::filled, "10");
  BOOST_TEST(news() == accepted + ", fill a.b.01.01 10@10 for 1");
  error(104);
  BOOST_TEST(news() == "replace_rejected 104 why");
  later(10s);
  BOOST_TEST(news().empty());
}

BOOST_AUTO_TEST_CASE(a_change_that_a_fill_was_faster_than_and_no_word_of_it) {
  place("10");
  pair(VenueStatus::submitted);
  auto wanted = order;
  wanted.limit_price = price("11");
  BOOST_TEST(tracker.changing(id, wanted));
  exec("a.b.01.01", "10");
  cost("a.b.01.01", "1");
  news();
  BOOST_REQUIRE(tracker.next_time());
  BOOST_TEST((*tracker.next_time() == now + 3s));
  later(3s);
  BOOST_TEST(news() == "replace_rejected the order was filled before it could be changed");
  BOOST_TEST(!tracker.next_time().has_value());
}

BOOST_AUTO_TEST_CASE(what_another_of_its_group_got_is_taken_off) {
  order.oca_group = "o-1:client~npair";
  place();
  pair(VenueStatus::submitted);
  BOOST_TEST(news() == accepted);
  order.total_quantity = quantity("60");
  pair(VenueStatus::submitted);
  pair(VenueStatus::submitted);
  BOOST_TEST(news() == "replaced 60@-");
  // With a change under way it is told with the answer.
  auto wanted = order;
  wanted.limit_price = price("11");
  BOOST_TEST(tracker.changing(id, wanted));
  order.total_quantity = quantity("50");
  pair(VenueStatus::submitted);
  BOOST_TEST(news().empty());
  order.limit_price = price("11");
  pair(VenueStatus::submitted);
  BOOST_TEST(news() == "replaced 50@11");
  // Or after its refusal.
  wanted.limit_price = price("12");
  BOOST_TEST(tracker.changing(id, wanted));
  order.total_quantity = quantity("40");
  pair(VenueStatus::submitted);
  error(105);
  BOOST_TEST(news() == "replace_rejected 105 why, replaced 40@-");
}

BOOST_AUTO_TEST_CASE(what_somebody_changed_by_hand_is_told) {
  place();
  pair(VenueStatus::submitted);
  order.total_quantity = quantity("60");
  pair(VenueStatus::submitted);
  pair(VenueStatus::submitted);
  BOOST_TEST(news() == accepted + ", replaced 60@10");
  order.limit_price = price("10.5");
  order.aux_price = price("3");  // means nothing for one without
  pair(VenueStatus::submitted);
  BOOST_TEST(news() == "replaced 60@10.5");
  order.aux_price = price("4");
  pair(VenueStatus::submitted);
  BOOST_TEST(news() == "");
}

BOOST_AUTO_TEST_CASE(a_change_whose_answer_was_lost_keeps_nothing_back) {
  order.oca_group = "g";
  place();
  pair(VenueStatus::submitted);
  auto wanted = order;
  wanted.limit_price = price("11");
  BOOST_TEST(tracker.changing(id, wanted));
  news();
  tracker.link_lost();
  order.total_quantity = quantity("60");
  pair(VenueStatus::submitted);
  BOOST_TEST(news() == "replaced 60@-");
}

BOOST_AUTO_TEST_SUITE_END()
