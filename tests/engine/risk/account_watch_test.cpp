#include "tests/engine/risk/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {
const Date yesterday{2024, 3, 3};
const Date tomorrow{2024, 3, 5};
}  // namespace

BOOST_AUTO_TEST_SUITE(daily_loss)

BOOST_FIXTURE_TEST_CASE(the_loss_at_its_edge, RiskDesk) {
  limits([](RiskTable& t) { t.global.daily_loss_limit = money("1000"); });
  report("50000");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
  report("49000");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
  report("48999.999999999");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")),
                    "risk.daily_loss: account A1 at paper lost 1000.000000001 today, above the limit of 1000 "
                    "(risk.daily_loss_limit); only orders that shrink a position pass");
  report("51000");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
}

BOOST_FIXTURE_TEST_CASE(who_lost_may_still_get_out, RiskDesk) {
  limits([](RiskTable& t) { t.accounts["A1"].daily_loss_limit = money("1000"); });
  report("50000");
  report("40000");
  hold("10");
  CHECK_HAS(check(order(Side::buy, "1")), "(risk.account.A1.daily_loss_limit)");
  BOOST_CHECK_EQUAL(check(order(Side::sell, "6")), "");
  CHECK_STARTS(check(order(Side::sell, "5")), "risk.daily_loss");  // six of ten are being sold
  BOOST_CHECK_EQUAL(check(order(Side::sell, "4")), "");
}

BOOST_FIXTURE_TEST_CASE(nothing_known_is_no_permission, RiskDesk) {
  limits([](RiskTable& t) { t.clients["momentum"].daily_loss_limit = money("1000"); });
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")),
                    "risk.daily_loss: the equity of account A1 at paper is not known yet "
                    "(risk.client.momentum.daily_loss_limit); wait for the broker's first report");
  auto other = order(Side::buy, "1");
  other.client = ClientName{"value"};
  BOOST_CHECK_EQUAL(check(other), "");
}

BOOST_FIXTURE_TEST_CASE(each_day_begins_where_the_last_one_ended, RiskDesk) {
  limits([](RiskTable& t) { t.global.daily_loss_limit = money("1000"); });
  report("50000", "0", yesterday);
  report("48000", "0", yesterday);
  auto c = context();
  c.day = yesterday;
  CHECK_STARTS(check(order(Side::buy, "1"), c), "risk.daily_loss");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");  // a new day, of which nothing is reported yet
  report("46999");                                      // 48000 at its start
  CHECK_STARTS(check(order(Side::buy, "1")), "risk.daily_loss: account A1 at paper lost 1001 today");
}

BOOST_FIXTURE_TEST_CASE(a_restart_does_not_forget_the_day, RiskDesk) {
  report("50000");
  report("48000");
  const auto starts = risk.day_starts();
  BOOST_REQUIRE_EQUAL(starts.size(), 1);
  BOOST_CHECK(starts[0].equity == money("50000") && starts[0].day == today);
  RiskDesk next;
  next.limits([](RiskTable& t) { t.global.daily_loss_limit = money("1000"); });
  next.risk.restore_day_starts(starts);
  CHECK_HAS(next.check(next.order(Side::buy, "1")), "is not known yet");
  next.report("48500");
  CHECK_STARTS(next.check(next.order(Side::buy, "1")), "risk.daily_loss: account A1 at paper lost 1500 today");
  // A day start of long ago is no start of today.
  RiskDesk later;
  later.limits([](RiskTable& t) { t.global.daily_loss_limit = money("1000"); });
  later.risk.restore_day_starts(starts);
  later.report("40000", "0", tomorrow);
  auto c = later.context();
  c.day = tomorrow;
  BOOST_CHECK_EQUAL(later.check(later.order(Side::buy, "1"), c), "");
}

BOOST_AUTO_TEST_CASE(only_a_new_day_wants_to_be_kept) {
  AccountWatch watch;
  AccountSummary summary;
  summary.broker = paper;
  summary.account = test::account;
  BOOST_CHECK(watch.take(summary, today));
  BOOST_CHECK(!watch.take(summary, today));
  BOOST_CHECK(!watch.take(summary, yesterday));
  BOOST_CHECK(watch.take(summary, tomorrow));
  BOOST_CHECK(watch.loss(paper, test::account, tomorrow) == Money{});
  BOOST_CHECK(!watch.loss(paper, AccountId{"other"}, tomorrow));
}

BOOST_AUTO_TEST_SUITE_END()
