// What the gateway says of its own connections.
#include <boost/test/unit_test.hpp>

#include "actors/providers/ibkr/connectivity.hpp"

using tradebus::ibkr::data::Connectivity;
using Change = Connectivity::Change;

BOOST_AUTO_TEST_SUITE(connectivity)

BOOST_AUTO_TEST_CASE(a_broken_farm_is_trouble_until_the_same_one_works) {
  Connectivity c;
  BOOST_CHECK(c.take(2104, "Market data farm connection is OK:usfarm") == Change::noted);
  BOOST_CHECK(c.is_good() && c.reason().empty());
  c.take(2103, "Market data farm connection is broken:usfarm");
  c.take(2105, "HMDS data farm connection is broken:usfarm");
  BOOST_CHECK(!c.is_good() && c.reason() == "farm");
  BOOST_CHECK_EQUAL(c.message(), "2105 HMDS data farm connection is broken:usfarm");
  c.take(2104, "Market data farm connection is OK:eufarm");
  c.take(2106, "HMDS data farm connection is OK:usfarm");
  BOOST_CHECK_EQUAL(c.broken_farms().size(), 1);
  // One that sleeps until it is asked is no trouble.
  c.take(2108, "Market data farm connection is inactive but should be available upon demand.usfarm:usfarm");
  BOOST_CHECK(c.is_good());
}

BOOST_AUTO_TEST_CASE(the_venue_goes_and_comes_back) {
  Connectivity c;
  BOOST_CHECK(c.take(1100, "lost") == Change::venue_lost);
  BOOST_CHECK(c.take(2110, "still lost") == Change::noted);
  BOOST_CHECK(c.reason() == "venue" && c.is_venue_lost());
  BOOST_CHECK(c.take(1102, "maintained") == Change::venue_back);
  BOOST_CHECK(c.take(1102, "maintained") == Change::noted);
  BOOST_CHECK(c.is_good());
  // Subscriptions are gone, whether the loss was told or not.
  BOOST_CHECK(c.take(1101, "data lost") == Change::resubscribe);
  BOOST_CHECK(c.take(9999, "no such number") == Change::none);
}

BOOST_AUTO_TEST_CASE(another_session_has_the_data_until_data_comes) {
  Connectivity c;
  c.take(2103, "broken:usfarm");
  c.competing("No market data during competing live session");
  BOOST_CHECK(c.reason() == "competing_session");
  BOOST_CHECK(c.data_came() == Change::noted);
  BOOST_CHECK(c.data_came() == Change::none);
  BOOST_CHECK(c.reason() == "farm");
  c.clear();
  BOOST_CHECK(c.is_good());
}

BOOST_AUTO_TEST_SUITE_END()
