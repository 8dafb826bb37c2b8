// What the venue has told of orders and executions.
#include "actors/brokers/ibkr/venue_record.hpp"

#include <boost/test/unit_test.hpp>

using namespace tradebus;
using namespace tradebus::ibkr;

namespace {

const BrokerName broker{"ibkr"};

wire::OpenOrder open(std::int64_t perm, const char* sec_type = "STK") {
  wire::OpenOrder m;
  m.order_id = 5;
  m.contract.symbol = "AAPL";
  m.contract.sec_type = sec_type;
  m.order.perm_id = perm;
  m.order.client_id = 1;
  m.order.total_quantity = *Quantity::parse("10");
  m.state.status = wire::VenueStatus::submitted;
  return m;
}
wire::OrderStatusMessage status(std::int64_t perm, wire::VenueStatus word, const char* filled = "0") {
  wire::OrderStatusMessage m;
  m.order_id = 5;
  m.perm_id = perm;
  m.client_id = 1;
  m.status = word;
  m.filled = *Quantity::parse(filled);
  return m;
}
wire::ExecDetails execution(std::int64_t perm, const char* id, const char* shares, const char* at,
                            const char* sec_type = "STK") {
  wire::ExecDetails m;
  m.perm_id = perm;
  m.exec_id = id;
  m.shares = *Quantity::parse(shares);
  m.price = *Price::parse(at);
  m.side = "BOT";
  m.account = "DU1";
  m.contract.symbol = "AAPL";
  m.contract.sec_type = sec_type;
  return m;
}
wire::CommissionReport cost(const char* id, const char* amount) {
  wire::CommissionReport m;
  m.exec_id = id;
  m.commission = *Money::parse(amount);
  return m;
}
std::size_t open_count(const VenueRecord& record) {
  std::size_t n = 0;
  record.each_open([&](const VenueOrder&) { ++n; });
  return n;
}

struct Fixture {
  VenueRecord record{VenueRecord::Limits{3, 4}};
  Timestamp t = from_unix_ns(1'000'000'000);
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ibkr_venue_record, Fixture)

BOOST_AUTO_TEST_CASE(an_order_lives_and_ends) {
  record.on(open(100), OrderId{"o-1"});
  BOOST_CHECK_EQUAL(open_count(record), 1);
  record.on(status(100, wire::VenueStatus::cancelled, "4"));
  BOOST_CHECK_EQUAL(open_count(record), 0);
  record.on(open(100), OrderId{"o-1"});  // a pair from before its end
  const auto* found = record.find(OrderId{"o-1"});
  BOOST_REQUIRE(found);
  BOOST_CHECK(found->status == wire::VenueStatus::cancelled && !found->is_open);
  BOOST_CHECK_EQUAL(found->filled.to_string(), "4");
}

BOOST_AUTO_TEST_CASE(what_a_snapshot_lacks_is_over) {
  record.on(open(100), OrderId{"o-1"});
  record.on(open(101), OrderId{"o-2"});
  record.on(execution(101, "a.b.01.01", "10", "5"), t, OrderId{"o-2"});
  record.begin_snapshot();
  record.on(open(102), OrderId{"o-3"});
  record.end_snapshot();
  BOOST_CHECK_EQUAL(open_count(record), 1);
  BOOST_CHECK(record.find(OrderId{"o-1"})->status == wire::VenueStatus::cancelled);
  BOOST_CHECK(record.find(OrderId{"o-2"})->status == wire::VenueStatus::filled);
}

BOOST_AUTO_TEST_CASE(a_look_at_others_leaves_ours_alone) {
  record.on(open(100), OrderId{"o-1"});
  record.on(open(101), {});
  record.begin_snapshot();
  BOOST_CHECK((record.end_snapshot(false) == std::vector<std::int64_t>{101}));
  BOOST_CHECK(record.find(OrderId{"o-1"})->is_open);
}

BOOST_AUTO_TEST_CASE(what_a_snapshot_lacks_elsewhere_is_asked_for) {
  record.on(open(100), {});
  record.on(open(101), {});
  record.on(open(102), {});
  record.begin_snapshot();
  record.on(open(102), {});
  BOOST_CHECK((record.end_snapshot() == std::vector<std::int64_t>{100, 101}));
  BOOST_CHECK_EQUAL(open_count(record), 1);  // the others are in doubt
  record.begin_snapshot();
  record.on(open(102), {});
  BOOST_CHECK(record.end_snapshot().empty());  // named once
  record.on(execution(100, "a.b.01.01", "10", "5"), t, {});
  record.close(100);
  record.close(101);
  BOOST_CHECK(record.find(100)->status == wire::VenueStatus::filled);
  BOOST_CHECK(record.find(101)->status == wire::VenueStatus::cancelled);
  BOOST_CHECK_EQUAL(record.find(101)->reason, "the venue no longer lists it");
  // One that is listed again was not gone.
  record.begin_snapshot();
  BOOST_CHECK_EQUAL(record.end_snapshot().size(), 1);
  record.on(open(102), {});
  BOOST_CHECK_EQUAL(open_count(record), 1);
}

BOOST_AUTO_TEST_CASE(an_execution_counts_once_and_a_correction_instead) {
  BOOST_CHECK(record.on(execution(100, "a.b.01.01", "4", "5"), t, OrderId{"o-1"}));
  BOOST_CHECK(!record.on(execution(100, "a.b.01.01", "4", "5"), t, OrderId{"o-1"}));
  BOOST_CHECK(record.on(execution(100, "a.b.02.01", "6", "6"), t, OrderId{"o-1"}));
  BOOST_CHECK(record.lacks_commissions());
  record.on(cost("a.b.01.01", "1"));
  record.on(cost("a.b.02.01", "1.25"));
  BOOST_CHECK(!record.lacks_commissions());
  BOOST_CHECK_EQUAL(record.average(100)->to_string(), "5.6");
  BOOST_CHECK(record.on(execution(100, "a.b.02.02", "6", "7"), t, OrderId{"o-1"}));
  const auto fills = record.fills({}, broker);
  BOOST_REQUIRE_EQUAL(fills.size(), 3);
  BOOST_CHECK_EQUAL(fills[0].fill->commission.to_string(), "1");
  BOOST_CHECK(fills[1].report == BrokerReport::busted && fills[1].order_id == OrderId{"o-1"});
  BOOST_CHECK_EQUAL(fills[1].fill->exec_id.str(), "a.b.02.01");
  BOOST_CHECK(fills[2].report == BrokerReport::fill);
  BOOST_CHECK_EQUAL(fills[2].fill->exec_id.str(), "a.b.02.02");
  BOOST_CHECK_EQUAL(record.executed(100).to_string(), "10");
  BOOST_CHECK(record.fills(t + std::chrono::seconds{1}, broker).empty());
}

BOOST_AUTO_TEST_CASE(a_correction_takes_back_what_only_an_earlier_life_knew) {
  record.on(execution(100, "a.b.01.03", "4", "5"), t, {});
  const auto fills = record.fills({}, broker);
  BOOST_REQUIRE_EQUAL(fills.size(), 3);
  BOOST_CHECK_EQUAL(fills[0].fill->exec_id.str(), "a.b.01.01");
  BOOST_CHECK_EQUAL(fills[1].fill->exec_id.str(), "a.b.01.02");
  BOOST_CHECK(fills[0].report == BrokerReport::busted && fills[1].report == BrokerReport::busted);
  BOOST_CHECK(fills[0].broker_order_id == BrokerOrderId{"100"});
  record.on(execution(100, "a.b.02.x", "4", "5"), t, {});
  BOOST_CHECK_EQUAL(record.fills({}, broker).size(), 4);
}

BOOST_AUTO_TEST_CASE(one_without_a_number_is_on_its_way) {
  record.on(open(0), OrderId{"o-1"});
  record.on(open(0), {});
  BOOST_CHECK(record.find(OrderId{"o-1"}) == nullptr);
  BOOST_CHECK(record.is_on_its_way(OrderId{"o-1"}));
  BOOST_CHECK(!record.is_on_its_way(OrderId{}));
  record.begin_snapshot();
  record.on(open(0), OrderId{"o-1"});
  record.end_snapshot();
  BOOST_CHECK(record.is_on_its_way(OrderId{"o-1"}));
  record.on(open(100), OrderId{"o-1"});
  BOOST_CHECK(!record.is_on_its_way(OrderId{"o-1"}));
  record.on(open(0), OrderId{"o-2"});
  record.begin_snapshot();
  record.end_snapshot();
  BOOST_CHECK(!record.is_on_its_way(OrderId{"o-2"}));
}

BOOST_AUTO_TEST_CASE(fills_of_before_are_not_waited_for) {
  record.on(open(100), {});
  record.on(status(100, wire::VenueStatus::submitted, "4"));
  record.told(100);
  BOOST_CHECK_EQUAL(record.find(100)->told_before.to_string(), "4");
  record.on(execution(100, "a.b.01.01", "6", "5"), t, {});
  record.told(100);  // once
  BOOST_CHECK_EQUAL(record.find(100)->told_before.to_string(), "4");
}

BOOST_AUTO_TEST_CASE(a_guessed_time_is_never_too_early) {
  record.on(execution(100, "a.b.01.01", "4", "5"), t, {}, true);
  record.on(execution(100, "a.b.02.01", "4", "5"), t, {});
  BOOST_CHECK_EQUAL(record.fills(t + std::chrono::hours{1}, broker).size(), 1);
}

BOOST_AUTO_TEST_CASE(a_commission_may_come_first) {
  record.on(cost("a.b.01.01", "1.5"));
  record.on(execution(100, "a.b.01.01", "4", "5"), t, {});
  BOOST_CHECK(!record.lacks_commissions());
  BOOST_CHECK_EQUAL(record.commissions(AccountId{"DU1"}).to_string(), "1.5");
}

BOOST_AUTO_TEST_CASE(legs_stand_with_their_combo) {
  record.on(open(100, "BAG"), OrderId{"o-1"});
  record.on(execution(100, "a.b.01.01", "1", "2.5", "BAG"), t, OrderId{"o-1"});
  record.on(execution(100, "a.b.02.01", "1", "5", "STK"), t, OrderId{"o-1"});
  record.on(execution(100, "a.b.03.01", "1", "2.5", "STK"), t, OrderId{"o-1"});
  record.on(cost("a.b.02.01", "0.7"));
  const auto fills = record.fills({}, broker);
  BOOST_REQUIRE_EQUAL(fills.size(), 1);
  BOOST_REQUIRE(fills[0].fill->legs);
  BOOST_CHECK_EQUAL(fills[0].fill->legs->size(), 2);
  BOOST_CHECK_EQUAL(fills[0].fill->commission.to_string(), "0.7");
  BOOST_CHECK_EQUAL(record.executed(100).to_string(), "1");
}

BOOST_AUTO_TEST_CASE(it_is_bounded) {
  for (int i = 0; i < 10; ++i) {
    record.on(open(100 + i), OrderId{"o-" + std::to_string(i)});
    record.on(status(100 + i, wire::VenueStatus::filled, "10"));
    record.on(execution(100 + i, ("a.b.0" + std::to_string(i) + ".01").c_str(), "10", "5"), t, {});
  }
  BOOST_CHECK_LE(record.orders(), 4);
  BOOST_CHECK_EQUAL(record.executions(), 4);
  BOOST_CHECK_EQUAL(record.fills({}, broker).size(), 4);
}

BOOST_AUTO_TEST_SUITE_END()
