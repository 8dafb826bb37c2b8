// Parse is tested with what the venue really sent: record payloads once, and keep the odd ones.
#include "actors/providers/_template/parse.hpp"

#include <boost/test/unit_test.hpp>

using namespace tradebus;
using _template::provider::to_event;

BOOST_AUTO_TEST_CASE(a_quote_keeps_its_decimals) {
  const auto event = to_event({"AAPL", "190.010000001", "2", "190.03", "1", 1'718'976'600'000'000'000});
  BOOST_REQUIRE(event);
  BOOST_CHECK(event->kind == StreamKind::quote);
  BOOST_CHECK_EQUAL(event->price[0].to_string(), "190.010000001");
  BOOST_CHECK_EQUAL(event->price[1].to_string(), "190.03");
  BOOST_CHECK_EQUAL(event->qty[0].to_string(), "2");
  BOOST_CHECK_EQUAL(unix_ns(event->ts), 1'718'976'600'000'000'000);
}

BOOST_AUTO_TEST_CASE(a_missing_side_is_absent_and_no_zero) {
  const auto event = to_event({"AAPL", "", "", "190.03", "", 0});
  BOOST_REQUIRE(event);
  BOOST_CHECK_EQUAL(int{event->flags}, int{MarketEvent::has_ask});
}

BOOST_AUTO_TEST_CASE(a_bad_field_is_named) {
  const auto event = to_event({"AAPL", "190.01", "two", "190.03", "1", 0});
  BOOST_REQUIRE(!event);
  BOOST_CHECK_EQUAL(event.error().key, "bs");
}
