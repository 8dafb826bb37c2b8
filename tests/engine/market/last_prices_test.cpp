#include "engine/market/last_prices.hpp"

#include <boost/test/unit_test.hpp>

#include "bus/model/print.hpp"
#include "tests/engine/market/hub_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_AUTO_TEST_SUITE(last_prices)

BOOST_AUTO_TEST_CASE(a_price_is_known_while_somebody_holds_its_place) {
  LastPrices prices;
  const Symbol symbol{"AAPL"};
  BOOST_CHECK(!prices.find(symbol));
  auto slot = prices.open(symbol);
  BOOST_CHECK(!prices.find(symbol));
  slot->set_trade(*Price::parse("190.5"), from_unix_ns(7), Quality::delayed);
  BOOST_REQUIRE(prices.find(symbol));
  BOOST_CHECK(prices.find(symbol)->last == *Price::parse("190.5") && !prices.find(symbol)->ask);
  BOOST_CHECK(prices.find(symbol)->ts == from_unix_ns(7) && prices.find(symbol)->quality == Quality::delayed);
  BOOST_CHECK(prices.open(symbol) == slot);
  slot.reset();
  BOOST_CHECK(!prices.find(symbol));
  BOOST_CHECK(!prices.open(symbol)->get());
}

BOOST_FIXTURE_TEST_CASE(the_hub_keeps_them_of_what_flows, HubFixture) {
  const auto last = [&] {
    const auto price = prices->find(Symbol{"AAPL"});
    const auto text = [](const std::optional<Price>& p) { return p ? p->to_string() : std::string{"-"}; };
    return price ? text(price->bid) + " " + text(price->ask) + " " + text(price->last) : "none";
  };
  prices->want(true);
  subscribers("quote|AAPL|", 1);
  BOOST_CHECK_EQUAL(last(), "none");
  const auto t = clock.now();
  deliver({quote("AAPL", t, "10", "11")});
  BOOST_CHECK_EQUAL(last(), "10 11 -");
  subscribers("trade|AAPL|", 1);
  deliver({trade("AAPL", t + 1ms, "10.5")});
  BOOST_CHECK_EQUAL(last(), "10 11 10.5");
  subscribers("quote|AAPL|", 0);
  subscribers("trade|AAPL|", 0);
  advance(5s);  // closed upstream: what it last was is history
  BOOST_CHECK_EQUAL(last(), "none");
}

BOOST_AUTO_TEST_SUITE_END()
