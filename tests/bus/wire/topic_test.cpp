#include "bus/wire/topic.hpp"

#include <boost/test/unit_test.hpp>

using namespace tradebus;

BOOST_AUTO_TEST_SUITE(topic)

BOOST_AUTO_TEST_CASE(only_whole_market_topics_open_something) {
  BOOST_CHECK(market_kind("quote|AAPL|") == StreamKind::quote);
  BOOST_CHECK(market_kind("bar_1m|BTC-USD|") == StreamKind::bar_1m);
  for (const char* other : {"", "quote", "quote|", "quote|AAPL", "status|quote|AAPL|", "order|PAPER|", "feed|quote|",
                            "quotes|AAPL|", "quote|A|B|", "|AAPL|"})
    BOOST_CHECK_MESSAGE(!market_kind(other), other);
}

BOOST_AUTO_TEST_CASE(a_topic_is_read_and_printed) {
  const auto t = parse_market_topic("option|AAPL240621C00190000@massive|");
  BOOST_REQUIRE(t);
  BOOST_CHECK_EQUAL(t->symbol.str(), "AAPL240621C00190000");
  BOOST_CHECK_EQUAL(t->provider.str(), "massive");
  BOOST_CHECK_EQUAL(t->topic(), "option|AAPL240621C00190000@massive|");
  BOOST_CHECK(parse_market_topic("quote|A A|").error().code == Errc::instrument_unknown);
  BOOST_CHECK(parse_market_topic("quote|AAPL@|").error().code == Errc::provider_unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
