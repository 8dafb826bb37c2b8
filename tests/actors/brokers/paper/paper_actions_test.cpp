// Splits and dividends.
#include <boost/test/unit_test.hpp>

#include "tests/actors/brokers/paper/venue_world.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

struct Actions : VenueWorld {
  std::string act(CorporateActionKind kind, const std::string& value, std::chrono::nanoseconds ago = {}) {
    const auto ok = venue().take({Symbol{"AAPL"}, now - ago, kind, qty(value)}, now, reports);
    gather();
    return ok ? "" : ok.error().message;
  }
  std::string split(const std::string& value) { return act(CorporateActionKind::split, value); }
  std::string dividend(const std::string& value) { return act(CorporateActionKind::dividend, value); }
  // "70 @ 14.28, stop 12.85": what is open of an order, by the venue.
  std::string terms(const std::string& id) {
    const auto o = venue().order(OrderId{id});
    if (!o) return "none";
    std::string out = o->order.qty->to_string();
    if (o->order.limit_price) out += " @ " + o->order.limit_price->to_string();
    if (o->order.stop_price) out += ", stop " + o->order.stop_price->to_string();
    if (o->order.trail_amount) out += ", trail " + o->order.trail_amount->to_string();
    return out;
  }
  // Equity = cash + market value = what it began with + realized + unrealized - commissions, exactly.
  void check_account() {
    const auto s = venue().summary();
    BOOST_CHECK(s.equity.raw() ==
                config.cash.raw() + s.realized_pnl.raw() + s.unrealized_pnl.raw() - s.commissions.raw());
  }
  std::string minus_of(Money before) { return paper::minus(venue().summary().cash, before).to_string(); }
  void later() { now += 1min; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(paper_actions, Actions)

BOOST_AUTO_TEST_CASE(a_split_makes_more_of_the_same) {
  quote("AAPL", "699.9", "700");
  BOOST_REQUIRE_EQUAL(place(order("AAPL", Side::buy, "10")), "o-1");
  const auto buy = place(limit(order("AAPL", Side::buy, "10", OrderType::market, TimeInForce::gtc), "650.03"));
  const auto sell = place(limit(order("AAPL", Side::sell, "4", OrderType::market, TimeInForce::gtc), "750.01"));
  const auto guard = place(stop(order("AAPL", Side::sell, "5", OrderType::market, TimeInForce::gtc), "600"));
  const auto power_before = venue().summary().buying_power;
  later();
  reports.clear();
  BOOST_CHECK_EQUAL(split("7"), "");
  BOOST_CHECK_EQUAL(held("AAPL"), "70 @ 100");
  BOOST_CHECK_EQUAL(terms(buy), "70 @ 92.86");        // 92.861..: a buy goes down
  BOOST_CHECK_EQUAL(terms(sell), "28 @ 107.15");      // 107.144..: a sell goes up
  BOOST_CHECK_EQUAL(terms(guard), "35, stop 85.71");  // 85.714..
  BOOST_CHECK_EQUAL(story(buy), "replaced: split 7");
  check_account();
  const auto moved = venue().summary().buying_power.raw() - power_before.raw();
  BOOST_CHECK(moved > -Money::scale && moved < Money::scale * 10);  // what was reserved is reserved
  // The position, and that it is no trade that made it.
  bool adjusted = false;
  for (const auto& each : reports) {
    if (const auto* a = std::get_if<PositionAdjusted>(&each)) {
      adjusted = true;
      BOOST_CHECK_EQUAL(a->from.to_string() + " " + a->to.to_string() + " " + a->reason, "10 70 split 7");
    }
    if (const auto* p = std::get_if<Position>(&each)) {
      BOOST_CHECK(adjusted);  // said first
      BOOST_CHECK_EQUAL(p->qty.to_string(), "70");
      BOOST_CHECK_EQUAL(p->market_price->to_string(), "99.992857143");
    }
  }
  BOOST_CHECK(adjusted);
  // The old quote is of the old shares: nothing trades before a new one.
  BOOST_CHECK_EQUAL(place(limit(order("AAPL", Side::buy, "1"), "120")), "o-5");
  BOOST_CHECK_EQUAL(story("o-5"), "");
  quote("AAPL", "99", "99.1");
  BOOST_CHECK_EQUAL(story("o-5"), "fill 1 @ 99.1");
  trade("AAPL", "92.85", "1000");
  BOOST_CHECK_EQUAL(story(buy), "replaced: split 7, fill 70 @ 92.86");
  check_account();
}

BOOST_AUTO_TEST_CASE(what_was_executed_before_a_split_stays_as_it_was) {
  quote("AAPL", "99.9", "100", "40");
  const auto id = place(limit(order("AAPL", Side::buy, "100", OrderType::market, TimeInForce::gtc), "100"));
  later();
  BOOST_CHECK_EQUAL(split("2"), "");
  BOOST_CHECK_EQUAL(held("AAPL"), "80 @ 50");
  BOOST_CHECK_EQUAL(terms(id), "160 @ 50");  // 40 of the old shares, and 120 of the new ones to come
  quote("AAPL", "49.8", "49.9");
  BOOST_CHECK_EQUAL(story(id), "fill 40 @ 100, replaced: split 2, fill 120 @ 49.9");
  BOOST_CHECK_EQUAL(held("AAPL"), "200 @ 49.94");
  check_account();
}

BOOST_AUTO_TEST_CASE(a_reverse_split_ends_open_orders_and_keeps_fractions) {
  quote("AAPL", "0.99", "1");
  place(order("AAPL", Side::sell_short, "15"));
  const auto id = place(limit(order("AAPL", Side::buy, "100", OrderType::market, TimeInForce::gtc), "0.5"));
  later();
  BOOST_CHECK_EQUAL(split("0.1"), "");
  BOOST_CHECK_EQUAL(held("AAPL"), "-1.5 @ 9.9");
  BOOST_CHECK_EQUAL(story(id), "canceled: reverse split: place it anew");
  check_account();
}

BOOST_AUTO_TEST_CASE(one_from_before_the_executions_that_are_remembered_is_not_booked) {
  config.executions_max = 2;
  quote("AAPL", "9.99", "10");
  for (int i = 0; i < 3; ++i) {
    place(order("AAPL", Side::buy, "5"));
    later();
  }
  const auto before = venue().summary().cash;
  const auto why = act(CorporateActionKind::dividend, "1", 1h);
  BOOST_CHECK_MESSAGE(why.ends_with("it is older than the executions that are remembered"), why);
  BOOST_CHECK_EQUAL(minus_of(before), "0");
  BOOST_CHECK_EQUAL(act(CorporateActionKind::dividend, "1", 10s), "");
  BOOST_CHECK_EQUAL(minus_of(before), "15");
}

BOOST_AUTO_TEST_CASE(what_is_less_than_a_billionth_is_paid) {
  quote("AAPL", "99999", "100000");
  place(order("AAPL", Side::buy, "0.000000001"));
  place(order("AAPL", Side::buy, "0.5"));
  later();
  BOOST_CHECK_EQUAL(split("0.3"), "");
  BOOST_CHECK(held("AAPL").starts_with("0.15 @ "));  // of 0.1500000003
  check_account();
  const auto p = venue().positions().positions.front();
  BOOST_CHECK(p.realized_pnl.is_positive());
}

BOOST_AUTO_TEST_CASE(a_dividend_is_paid_to_longs_and_by_shorts) {
  quote("AAPL", "99.9", "100");
  place(order("AAPL", Side::buy, "100"));
  const auto before = venue().summary().cash;
  later();
  BOOST_CHECK_EQUAL(dividend("0.24"), "");
  BOOST_CHECK_EQUAL(minus_of(before), "24");
  check_account();
  // Told again, as a provider that comes back does.
  BOOST_CHECK_EQUAL(dividend("0.24"), "");
  BOOST_CHECK_EQUAL(minus_of(before), "24");
  place(order("AAPL", Side::sell, "100"));
  place(order("AAPL", Side::sell_short, "50"));
  const auto short_cash = venue().summary().cash;
  at("13:31:30", 1);
  BOOST_CHECK_EQUAL(dividend("0.5"), "");
  BOOST_CHECK_EQUAL(minus_of(short_cash), "-25");
  check_account();
}

BOOST_AUTO_TEST_CASE(a_dividend_lowers_buy_limits_and_sell_stops_that_last) {
  quote("AAPL", "99.9", "100");
  trade("AAPL", "100");
  place(order("AAPL", Side::buy, "100"));
  const auto gtc = TimeInForce::gtc;
  const auto m = OrderType::market;
  const auto buy = place(limit(order("AAPL", Side::buy, "10", m, gtc), "95"));
  const auto day_buy = place(limit(order("AAPL", Side::buy, "10"), "95"));
  const auto sell = place(limit(order("AAPL", Side::sell, "10", m, gtc), "110"));
  const auto guard = place(stop(order("AAPL", Side::sell, "10", m, gtc), "90"));
  const auto chase = place(stop(order("AAPL", Side::buy, "10", m, gtc), "115"));
  later();
  BOOST_CHECK_EQUAL(dividend("0.009"), "");  // less than a cent
  BOOST_CHECK_EQUAL(terms(buy), "10 @ 95");
  later();
  BOOST_CHECK_EQUAL(dividend("0.125"), "");
  BOOST_CHECK_EQUAL(terms(buy), "10 @ 94.87");  // down to the cent
  BOOST_CHECK_EQUAL(terms(day_buy), "10 @ 95");
  BOOST_CHECK_EQUAL(terms(sell), "10 @ 110");
  BOOST_CHECK_EQUAL(terms(guard), "10, stop 89.87");
  BOOST_CHECK_EQUAL(terms(chase), "10, stop 115");
  check_account();
}

BOOST_AUTO_TEST_CASE(a_trailing_stop_follows_a_split) {
  quote("AAPL", "99.9", "100");
  trade("AAPL", "100");
  place(order("AAPL", Side::buy, "10"));
  auto o = order("AAPL", Side::sell, "10", OrderType::trailing_stop, TimeInForce::gtc);
  o.trail_amount = price("5");
  const auto id = place(o);
  BOOST_CHECK_EQUAL(terms(id), "10, stop 95, trail 5");
  later();
  BOOST_CHECK_EQUAL(split("2"), "");
  BOOST_CHECK_EQUAL(terms(id), "20, stop 47.5, trail 2.5");
  trade("AAPL", "51");
  BOOST_CHECK_EQUAL(terms(id), "20, stop 48.5, trail 2.5");
}

BOOST_AUTO_TEST_CASE(who_bought_after_the_day_began_has_no_part_in_it) {
  quote("AAPL", "99.9", "100");
  place(order("AAPL", Side::buy, "100"));
  now += 2h;
  quote("AAPL", "49.9", "50");
  place(order("AAPL", Side::buy, "100"));
  const auto late = place(limit(order("AAPL", Side::buy, "10", OrderType::market, TimeInForce::gtc), "40"));
  // Told an hour too late: of the 200 that are held, 100 were bought at the new price.
  BOOST_CHECK_EQUAL(act(CorporateActionKind::split, "2", 1h), "");
  BOOST_CHECK_EQUAL(held("AAPL"), "300 @ 50");
  BOOST_CHECK_EQUAL(terms(late), "10 @ 40");
  check_account();
}

BOOST_AUTO_TEST_CASE(one_that_is_announced_waits_for_its_day) {
  quote("AAPL", "99.9", "100");
  place(order("AAPL", Side::buy, "100"));
  BOOST_CHECK_EQUAL(act(CorporateActionKind::split, "2", -1h), "");
  BOOST_CHECK_EQUAL(act(CorporateActionKind::split, "2", -1h), "");
  BOOST_CHECK_EQUAL(held("AAPL"), "100 @ 100");
  BOOST_CHECK(venue().next_deadline() == now + 1h);
  now += 1h;
  pass();
  BOOST_CHECK_EQUAL(held("AAPL"), "200 @ 50");
}

BOOST_AUTO_TEST_CASE(touches_go_down_by_a_dividend_where_limits_do) {
  quote("AAPL", "99.9", "100");
  place(order("AAPL", Side::buy, "100"));
  const auto touch = [&](Side side, const char* at) {
    return place(stop(order("AAPL", side, "10", OrderType::market_if_touched, TimeInForce::gtc), at));
  };
  const auto buy = touch(Side::buy, "90");
  const auto sell = touch(Side::sell, "110");
  later();
  BOOST_CHECK_EQUAL(dividend("0.5"), "");
  BOOST_CHECK_EQUAL(terms(buy), "10, stop 89.5");
  BOOST_CHECK_EQUAL(terms(sell), "10, stop 110");
}

BOOST_AUTO_TEST_CASE(it_is_booked_once_also_after_a_restart) {
  quote("AAPL", "699.9", "700");
  place(order("AAPL", Side::buy, "10"));
  const auto buy = place(limit(order("AAPL", Side::buy, "10", OrderType::market, TimeInForce::gtc), "650"));
  later();
  BOOST_CHECK_EQUAL(split("7"), "");
  BOOST_CHECK_EQUAL(dividend("0.1"), "");
  const auto cash_before = cash();
  restart();
  BOOST_CHECK_EQUAL(held("AAPL"), "70 @ 100");
  BOOST_CHECK_EQUAL(terms(buy), "70 @ 92.75");  // 650 / 7 = 92.85.., less 0.1
  BOOST_CHECK_EQUAL(cash(), cash_before);
  BOOST_CHECK_EQUAL(split("7"), "");
  BOOST_CHECK_EQUAL(dividend("0.1"), "");
  BOOST_CHECK_EQUAL(held("AAPL"), "70 @ 100");
  BOOST_CHECK_EQUAL(cash(), cash_before);
  check_account();
}

BOOST_AUTO_TEST_CASE(what_can_not_be_booked_is_refused_by_name) {
  quote("AAPL", "99.9", "100");
  place(order("AAPL", Side::buy, "100"));
  later();
  BOOST_CHECK_EQUAL(split("0"), "the split of AAPL is not booked: its value is not known");
  BOOST_CHECK(split("1000000000").find("would be held") != std::string::npos);
  BOOST_CHECK_EQUAL(held("AAPL"), "100 @ 100");
}

BOOST_AUTO_TEST_SUITE_END()
