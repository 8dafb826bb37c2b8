// Order types, times in force, sessions, money.
#include <boost/test/unit_test.hpp>

#include "tests/actors/brokers/paper/venue_world.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(paper_orders, VenueWorld)

// ---- stops ---------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_stop_is_reached_by_trades_and_fills_at_the_touch) {
  quote("AAPL", "99.9", "100.1");
  trade("AAPL", "100");
  BOOST_REQUIRE_EQUAL(place(order("AAPL", Side::buy, "100")), "o-1");
  const auto id = place(stop(order("AAPL", Side::sell, "100"), "95"));
  quote("AAPL", "94", "94.2");  // a quote alone is no trade
  BOOST_CHECK_EQUAL(story(id), "");
  trade("AAPL", "95.01");
  BOOST_CHECK_EQUAL(story(id), "");
  trade("AAPL", "95");
  BOOST_CHECK_EQUAL(story(id), "fill 100 @ 94");
}

BOOST_AUTO_TEST_CASE(a_stop_that_the_market_jumps_over_gets_the_open_not_the_stop) {
  config.sessions = true;
  quote("AAPL", "99.9", "100.1");
  trade("AAPL", "100");
  place(order("AAPL", Side::buy, "100"));
  const auto id = place(stop(order("AAPL", Side::sell, "100", OrderType::market, TimeInForce::gtc), "95"));
  at("22:00:00");
  quote("AAPL", "90", "90.2");
  trade("AAPL", "90");  // after-hours: stops sleep
  BOOST_CHECK_EQUAL(story(id), "");
  restart();
  at("13:30:00", 2);  // the 19th is a holiday
  quote("AAPL", "80", "80.2");
  trade("AAPL", "80.1");
  BOOST_CHECK_EQUAL(story(id), "fill 100 @ 80");
}

BOOST_AUTO_TEST_CASE(where_nobody_trades_quotes_reach_stops) {
  quote("AAPL", "99.9", "100.1");
  const auto id = place(stop(order("AAPL", Side::buy, "100"), "105"));
  quote("AAPL", "105", "105.5");  // trades may come yet
  BOOST_CHECK_EQUAL(story(id), "");
  now += 5s;
  quote("AAPL", "104", "104.9");
  BOOST_CHECK_EQUAL(story(id), "");
  quote("AAPL", "104", "105");
  BOOST_CHECK_EQUAL(story(id), "fill 100 @ 105");
}

BOOST_AUTO_TEST_CASE(a_stop_limit_becomes_a_limit_order) {
  quote("AAPL", "99.9", "100.1");
  trade("AAPL", "100");
  const auto id =
      place(limit(stop(order("AAPL", Side::buy, "100", OrderType::stop_limit, TimeInForce::gtc), "105"), "106"));
  quote("AAPL", "107", "107.5");
  trade("AAPL", "107");
  BOOST_CHECK_EQUAL(story(id), "");  // reached, but too dear
  restart();
  quote("AAPL", "104", "104.5");
  BOOST_CHECK_EQUAL(story(id), "fill 100 @ 104.5");
}

// The trade that reaches a stop is beyond its limit: what it gets is the market's price all the same.
BOOST_AUTO_TEST_CASE(a_marketable_limit_gets_the_touch_of_a_trade_beyond_it) {
  quote("AAPL", "99.9", "100.1", "10");
  trade("AAPL", "100");
  const auto stopped =
      place(limit(stop(order("AAPL", Side::sell, "10", OrderType::stop_limit, TimeInForce::gtc), "95"), "50"));
  const auto resting = place(limit(order("AAPL", Side::buy, "20", OrderType::limit, TimeInForce::gtc), "110"));
  BOOST_CHECK_EQUAL(story(resting), "fill 10 @ 100.1");  // all that the touch has
  trade("AAPL", "100");
  BOOST_CHECK_EQUAL(story(resting), "fill 10 @ 100.1, fill 10 @ 100.1");
  quote("AAPL", "94.9", "95.1", "10");
  trade("AAPL", "95");
  BOOST_CHECK_EQUAL(story(stopped), "fill 10 @ 94.9");
}

BOOST_AUTO_TEST_CASE(a_stop_below_the_market_is_reached_at_once) {
  quote("AAPL", "99.9", "100.1");
  trade("AAPL", "100");
  BOOST_CHECK_EQUAL(story(place(stop(order("AAPL", Side::buy, "10"), "99"))), "fill 10 @ 100.1");
}

// ---- touches -------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_touch_is_reached_from_the_other_side_than_a_stop) {
  quote("AAPL", "99.9", "100.1");
  trade("AAPL", "100");
  const auto buy = place(stop(order("AAPL", Side::buy, "100", OrderType::market_if_touched, TimeInForce::gtc), "95"));
  const auto low = place(stop(order("AAPL", Side::buy, "10", OrderType::market_if_touched, TimeInForce::gtc), "94"));
  trade("AAPL", "95.01");
  quote("AAPL", "94.9", "95.1");  // a quote alone is no trade
  BOOST_CHECK_EQUAL(story(buy), "");
  restart();
  trade("AAPL", "95");
  quote("AAPL", "94.9", "95.1");
  BOOST_CHECK_EQUAL(story(buy), "fill 100 @ 95.1");
  BOOST_CHECK_EQUAL(story(low), "");
  const auto sell = place(stop(order("AAPL", Side::sell, "50", OrderType::market_if_touched), "105"));
  const auto high = place(stop(order("AAPL", Side::sell, "10", OrderType::market_if_touched), "106"));
  trade("AAPL", "104.99");
  BOOST_CHECK_EQUAL(story(sell), "");
  trade("AAPL", "105.5");
  BOOST_CHECK_EQUAL(story(sell), "fill 50 @ 94.9");
  BOOST_CHECK_EQUAL(story(high), "");
  BOOST_CHECK_EQUAL(story(low), "");
  trade("AAPL", "93");
  BOOST_CHECK_EQUAL(story(low), "fill 10 @ 95.1");
}

BOOST_AUTO_TEST_CASE(a_limited_touch_becomes_a_limit_order) {
  quote("AAPL", "99.9", "100.1");
  trade("AAPL", "100");
  const auto id =
      place(limit(stop(order("AAPL", Side::buy, "100", OrderType::limit_if_touched, TimeInForce::gtc), "95"), "94.5"));
  trade("AAPL", "95");
  quote("AAPL", "94.8", "95");
  BOOST_CHECK_EQUAL(story(id), "");  // touched, and still too dear
  restart();
  quote("AAPL", "94.2", "94.4");
  BOOST_CHECK_EQUAL(story(id), "fill 100 @ 94.4");
}

BOOST_AUTO_TEST_CASE(a_touch_that_the_market_is_beyond_is_reached_at_once_and_one_that_waits_is_replaced) {
  quote("AAPL", "99.9", "100.1");
  trade("AAPL", "100");
  BOOST_CHECK_EQUAL(story(place(stop(order("AAPL", Side::buy, "10", OrderType::market_if_touched), "101"))),
                    "fill 10 @ 100.1");
  const auto id = place(stop(order("AAPL", Side::buy, "10", OrderType::market_if_touched), "90"));
  BOOST_REQUIRE(venue().replace({OrderId{id}, {}, {}, price("99"), {}}, now, reports));
  gather();
  trade("AAPL", "99");
  BOOST_CHECK_EQUAL(story(id), "replaced, fill 10 @ 100.1");
}

BOOST_AUTO_TEST_CASE(where_nobody_trades_quotes_reach_touches) {
  quote("AAPL", "99.9", "100.1");
  const auto id = place(stop(order("AAPL", Side::buy, "100", OrderType::market_if_touched), "95"));
  now += 5s;
  quote("AAPL", "94.9", "95.1");
  BOOST_CHECK_EQUAL(story(id), "");
  quote("AAPL", "94.8", "95");
  BOOST_CHECK_EQUAL(story(id), "fill 100 @ 95");
}

// ---- trails --------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_trailing_stop_follows_and_never_goes_back) {
  quote("AAPL", "99.9", "100.1");
  place(order("AAPL", Side::buy, "200"));
  trade("AAPL", "100");
  auto trail = order("AAPL", Side::sell, "100", OrderType::trailing_stop, TimeInForce::gtc);
  trail.trail_amount = price("2");
  const auto by_amount = place(trail);
  trail.trail_amount.reset();
  trail.trail_percent = 2.5;
  const auto by_percent = place(trail);
  BOOST_CHECK_EQUAL(stop_of(by_amount), "98");
  BOOST_CHECK_EQUAL(stop_of(by_percent), "97.5");
  trade("AAPL", "110");
  trade("AAPL", "109");
  BOOST_CHECK_EQUAL(stop_of(by_amount), "108");
  BOOST_CHECK_EQUAL(stop_of(by_percent), "107.25");
  restart();
  BOOST_CHECK_EQUAL(stop_of(by_percent), "107.25");
  quote("AAPL", "108", "108.2");
  trade("AAPL", "108");
  BOOST_CHECK_EQUAL(story(by_amount), "fill 100 @ 108");
  BOOST_CHECK_EQUAL(story(by_percent), "");
  trade("AAPL", "107");
  BOOST_CHECK_EQUAL(story(by_percent), "fill 100 @ 108");
  auto up = order("MSFT", Side::buy, "10", OrderType::trailing_stop);
  up.trail_amount = price("1");
  const auto buy = place(up);
  BOOST_CHECK_EQUAL(stop_of(buy), "");  // no price yet
  quote("MSFT", "49", "50");
  trade("MSFT", "50");
  trade("MSFT", "48");
  BOOST_CHECK_EQUAL(stop_of(buy), "49");
  trade("MSFT", "49");
  BOOST_CHECK_EQUAL(story(buy), "fill 10 @ 50");
}

BOOST_AUTO_TEST_CASE(a_stop_can_be_moved_until_it_is_reached) {
  quote("AAPL", "99.9", "100.1");
  trade("AAPL", "100");
  const auto id = place(stop(order("AAPL", Side::buy, "100"), "105"));
  BOOST_REQUIRE(venue().replace({OrderId{id}, {}, {}, price("103"), {}}, now, reports));
  trade("AAPL", "103");
  BOOST_CHECK_EQUAL(story(id), "replaced, fill 100 @ 100.1");
  const auto plain = place(limit(order("AAPL", Side::buy, "1"), "90"));
  BOOST_CHECK_EQUAL(code(venue().replace({OrderId{plain}, {}, {}, price("1"), {}}, now, reports)), "broker.rejected");
}

// ---- times in force ------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_day_order_ends_with_the_regular_session_or_the_extended_one) {
  quote("AAPL", "99.9", "100.1");
  const auto day_order = place(limit(order("AAPL", Side::buy, "1"), "90"));
  auto late = limit(order("AAPL", Side::buy, "1"), "90");
  late.extended_hours = true;
  const auto extended = place(late);
  const auto gtc = place(limit(order("AAPL", Side::buy, "1", OrderType::market, TimeInForce::gtc), "90"));
  at("19:59:59");
  pass();
  BOOST_CHECK_EQUAL(story(day_order), "");
  BOOST_CHECK(venue().next_deadline() == day("20:00:00"));
  at("21:00:00");
  restart();
  pass();
  BOOST_CHECK_EQUAL(story(day_order), "expired: the day's session is over");
  BOOST_CHECK(std::get<BrokerEvent>(reports.back()).ts == day("20:00:00"));
  // Placed after the close: for tomorrow.
  const auto tomorrow = place(limit(order("AAPL", Side::buy, "1"), "90"));
  at("00:00:00", 1);
  pass();
  BOOST_CHECK_EQUAL(story(extended), "expired: the day's session is over");
  BOOST_CHECK_EQUAL(story(tomorrow), "");
  at("20:00:00", 2);  // the 19th is a holiday
  pass();
  BOOST_CHECK_EQUAL(story(tomorrow), "expired: the day's session is over");
  at("20:00:00", 40);
  pass();
  BOOST_CHECK_EQUAL(story(gtc), "");
  const auto closed = venue().order(OrderId{day_order});
  BOOST_CHECK(closed->status == OrderStatus::expired);
}

BOOST_AUTO_TEST_CASE(gtd_ends_when_it_says) {
  auto o = limit(order("AAPL", Side::buy, "1", OrderType::market, TimeInForce::gtd), "90");
  o.expires_at = day("15:00:00");
  const auto id = place(o);
  at("15:00:00");
  quote("AAPL", "80", "81");  // the last moment
  BOOST_CHECK_EQUAL(story(id), "fill 1 @ 81");
  o.expires_at = now;
  BOOST_CHECK_EQUAL(place(o), "broker.rejected: expires_at has passed");
}

BOOST_AUTO_TEST_CASE(opening_orders_get_the_first_price_of_the_next_session_or_none) {
  at("12:00:00");
  trade("AAPL", "100");
  const auto market_order = place(order("AAPL", Side::buy, "5000", OrderType::market, TimeInForce::opg));
  const auto cheap = place(limit(order("AAPL", Side::buy, "1", OrderType::market, TimeInForce::opg), "50"));
  const auto silent = place(order("MSFT", Side::buy, "1", OrderType::market, TimeInForce::opg));
  at("13:29:59");
  trade("AAPL", "45");
  BOOST_CHECK_EQUAL(story(market_order) + story(cheap), "");
  restart();
  at("13:30:01");
  trade("AAPL", "60", "100");
  BOOST_CHECK_EQUAL(story(market_order).substr(0, 9), "rejected:");  // 300000 of 200000
  BOOST_CHECK_EQUAL(story(cheap), "expired: the market opened at 60");
  at("20:00:00");
  pass();
  BOOST_CHECK_EQUAL(story(silent), "expired: no opening price was seen");
  const auto next_day = place(order("AAPL", Side::buy, "10", OrderType::market, TimeInForce::opg));
  at("13:30:00", 2);
  quote("AAPL", "70", "71");
  BOOST_CHECK_EQUAL(story(next_day), "fill 10 @ 71");
  BOOST_CHECK_EQUAL(place(order("BTC-USD", Side::buy, "1", OrderType::market, TimeInForce::opg)),
                    "broker.rejected: BTC-USD trades around the clock: it has no opening and no close");
}

BOOST_AUTO_TEST_CASE(closing_orders_get_the_last_trade_before_the_close) {
  const auto id = place(order("AAPL", Side::buy, "5", OrderType::market, TimeInForce::cls));
  const auto cheap = place(limit(order("AAPL", Side::buy, "1", OrderType::market, TimeInForce::cls), "50"));
  at("19:59:59");
  quote("AAPL", "99", "101");
  trade("AAPL", "100");
  at("20:00:00");
  trade("AAPL", "102");
  at("20:00:01");
  trade("AAPL", "200");
  BOOST_CHECK_EQUAL(story(id), "fill 5 @ 102");
  BOOST_CHECK_EQUAL(story(cheap), "expired: the market closed at 102");
  for (const auto& each : reports)
    if (const auto* e = std::get_if<BrokerEvent>(&each)) BOOST_CHECK(e->ts == day("20:00:00"));
}

BOOST_AUTO_TEST_CASE(with_sessions_orders_sleep_outside_of_theirs) {
  config.sessions = true;
  at("21:00:00");
  quote("AAPL", "99", "100");
  const auto plain = place(order("AAPL", Side::buy, "1"));
  auto o = limit(order("AAPL", Side::buy, "1"), "101");
  o.extended_hours = true;
  const auto extended = place(o);
  const auto ioc = place(limit(order("AAPL", Side::buy, "1", OrderType::market, TimeInForce::ioc), "101"));
  BOOST_CHECK_EQUAL(story(plain), "");
  BOOST_CHECK_EQUAL(story(extended), "fill 1 @ 100");
  BOOST_CHECK_EQUAL(story(ioc), "canceled: immediate-or-cancel: the market is closed");
  at("13:30:00", 2);
  quote("AAPL", "110", "111");
  BOOST_CHECK_EQUAL(story(plain), "fill 1 @ 111");
  // Without: whenever there are quotes.
  VenueWorld any;
  any.at("21:00:00");
  any.quote("AAPL", "99", "100");
  BOOST_CHECK_EQUAL(any.story(any.place(order("AAPL", Side::buy, "1"))), "fill 1 @ 100");
}

// ---- fills ---------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_trade_beyond_a_resting_limit_fills_it_at_its_price) {
  quote("AAPL", "99", "101");
  const auto first = place(limit(order("AAPL", Side::buy, "100"), "98"));
  const auto second = place(limit(order("AAPL", Side::buy, "100"), "97.5"));
  trade("AAPL", "98", "500");  // at it: there may be a queue
  BOOST_CHECK_EQUAL(story(first), "");
  trade("AAPL", "97", "150");
  BOOST_CHECK_EQUAL(story(first), "fill 100 @ 98");
  BOOST_CHECK_EQUAL(story(second), "fill 50 @ 97.5");
}

BOOST_AUTO_TEST_CASE(a_notional_becomes_a_quantity) {
  auto o = order("AAPL", Side::buy, "");
  o.notional = money("1000");
  BOOST_CHECK_EQUAL(place(o), "broker.rejected: no price of AAPL yet: a notional needs one");
  quote("AAPL", "29", "30");
  const auto id = place(o);
  BOOST_CHECK_EQUAL(story(id), "fill 33.333333333 @ 30");
  BOOST_CHECK_EQUAL(venue().accepted_before(OrderId{id})->qty->to_string(), "33.333333333");
  o.notional = money("0.00000001");
  BOOST_CHECK_EQUAL(place(o), "broker.rejected: 0.00000001 buy nothing at 30");
  o.order_type = OrderType::limit;
  BOOST_CHECK_EQUAL(place(o).substr(0, 18), "broker.unsupported");
}

BOOST_AUTO_TEST_CASE(the_least_commission_is_of_an_order_not_of_a_fill) {
  config.commission_per_share = price("0.01");
  config.commission_min = money("1");
  quote("AAPL", "9", "10", "50");
  const auto id = place(order("AAPL", Side::buy, "150"));
  quote("AAPL", "9", "10", "50");
  BOOST_CHECK_EQUAL(venue().summary().commissions.to_string(), "1");  // two fills
  quote("AAPL", "9", "10", "50");
  BOOST_CHECK_EQUAL(story(id), "fill 50 @ 10, fill 50 @ 10, fill 50 @ 10");
  BOOST_CHECK_EQUAL(venue().summary().commissions.to_string(), "1.5");
}

// ---- money ---------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(reg_t_lends_half_of_what_is_opened) {
  config.cash = money("1000");
  quote("AAPL", "10", "10");
  BOOST_CHECK_EQUAL(power(), "2000");
  BOOST_CHECK_EQUAL(place(order("AAPL", Side::buy, "201")),
                    "broker.rejected: buying power 2000 does not cover 2010 (201 AAPL at 10)");
  BOOST_CHECK_EQUAL(place(order("AAPL", Side::buy, "150")), "o-2");
  BOOST_CHECK_EQUAL(power(), "500");
  BOOST_CHECK_EQUAL(cash(), "-500");
  quote("AAPL", "12", "12");  // 300 more: 2 x 300 - 300
  BOOST_CHECK_EQUAL(power(), "800");
  const auto open = place(limit(order("MSFT", Side::sell_short, "10"), "50"));
  BOOST_CHECK_EQUAL(power(), "300");
  BOOST_REQUIRE(venue().cancel(OrderId{open}, now, reports));
  BOOST_CHECK_EQUAL(power(), "800");
  quote("AAPL", "4", "4");  // owned 100, required 150
  const auto refused = place(order("AAPL", Side::buy, "1"));
  BOOST_CHECK(refused.ends_with("; margin call: 50 are missing for what is held"));
  BOOST_CHECK_EQUAL(story(place(order("AAPL", Side::sell, "150"))), "fill 150 @ 4");
}

BOOST_AUTO_TEST_CASE(a_cash_account_sells_what_it_has) {
  config.margin = paper::Margin::cash;
  quote("AAPL", "10", "10");
  BOOST_CHECK_EQUAL(power(), "100000");
  place(order("AAPL", Side::buy, "5"));
  BOOST_CHECK(place(order("AAPL", Side::sell, "6")).starts_with("broker.rejected: a cash account sells only what it"));
  BOOST_CHECK(!paper::capabilities(paper::Margin::cash).short_selling);
  BOOST_CHECK_EQUAL(story(place(order("AAPL", Side::sell, "5"))), "fill 5 @ 10");
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_refused_with_a_reason) {
  const auto why = [&](TradeOrder o) { return place(std::move(o)); };
  const auto base = order("AAPL", Side::buy, "1");
  auto o = base;
  o.limit_price = price("1");
  BOOST_CHECK_EQUAL(why(o), "broker.rejected: a market order has no limit_price");
  o = base;
  o.order_type = OrderType::stop;
  BOOST_CHECK_EQUAL(why(o), "broker.rejected: a stop order needs stop_price");
  o.order_type = OrderType::trailing_stop;
  BOOST_CHECK_EQUAL(why(o), "broker.rejected: a trailing_stop order needs one of trail_amount and trail_percent");
  o = base;
  o.time_in_force = TimeInForce::gtd;
  BOOST_CHECK_EQUAL(why(o), "broker.rejected: expires_at goes with time_in_force gtd, and only with it");
  o = base;
  o.extended_hours = true;
  BOOST_CHECK_EQUAL(why(o), "broker.rejected: extended_hours goes with limit orders only, and not with opg or cls");
  o = stop(order("AAPL", Side::buy, "1", OrderType::stop, TimeInForce::ioc), "5");
  BOOST_CHECK_EQUAL(why(o), "broker.unsupported: the paper broker does not take stop orders as ioc");
  o = base;
  o.qty.reset();
  BOOST_CHECK_EQUAL(why(o), "broker.rejected: an order has one of qty and notional");
  BOOST_CHECK(reports.empty());
}

// ---- records -------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_record_is_read_as_it_was_written_or_not_at_all) {
  auto o = order("AAPL", Side::sell_short, "12345678901234567.123456789", OrderType::trailing_stop, TimeInForce::gtd);
  o.trail_percent = 1.25;
  o.expires_at = now;
  o.tag = "a tag";
  o.bracket = Bracket{price("1"), {}, {}};
  o.client_order_id = ClientOrderId{"c"};
  const paper::OrderTaken taken{
      now, OrderId{"o"}, 7, o, {{Symbol{"X"}, Side::sell, 3}}, {true, price("5"), qty("1"), {}, now}};
  const auto bytes = paper::encode(taken);
  const auto read = paper::decode(bytes);
  BOOST_REQUIRE(read);
  BOOST_CHECK(std::get<paper::OrderTaken>(*read) == taken);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) BOOST_CHECK(!paper::decode(bytes.substr(0, cut)));
  BOOST_CHECK(!paper::decode(bytes + "x"));
  std::string other = bytes;
  other[0] = 99;
  BOOST_CHECK(!paper::decode(other));
}

BOOST_AUTO_TEST_CASE(records_that_do_not_follow_are_refused) {
  quote("AAPL", "10", "10");
  place(order("AAPL", Side::buy, "5"));
  paper::PaperVenue other{BrokerName{"paper"}, config};
  BOOST_CHECK_EQUAL(code(other.replay(records.back())), "internal");
  for (const auto& record : records) BOOST_REQUIRE(other.replay(record));
  BOOST_CHECK_EQUAL(code(other.replay(records.back())), "internal");
}

BOOST_AUTO_TEST_SUITE_END()
