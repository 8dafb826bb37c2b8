#include "actors/brokers/paper/fill_model.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/fake_market.hpp"

using namespace tradebus;
using namespace tradebus::test;
using tradebus::paper::FillModel;

namespace {
std::string taken(FillModel& m, Side side, const char* limit, const char* wanted, bool all = false) {
  const auto take = m.take(side, *limit == '\0' ? std::nullopt : std::optional{price(limit)}, qty(wanted), all);
  return take ? take->qty.to_string() + " @ " + take->price.to_string() : "nothing";
}
}  // namespace

BOOST_AUTO_TEST_CASE(nothing_before_the_first_quote) {
  FillModel m;
  BOOST_CHECK(!m.has_quote());
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "", "1"), "nothing");
}

BOOST_AUTO_TEST_CASE(buys_at_the_ask_sells_at_the_bid) {
  FillModel m;
  m.on_quote(quote_event("9.9", "", "10.1", ""));
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "", "7"), "7 @ 10.1");
  BOOST_CHECK_EQUAL(taken(m, Side::buy_to_cover, "", "7"), "7 @ 10.1");
  BOOST_CHECK_EQUAL(taken(m, Side::sell, "", "7"), "7 @ 9.9");
  BOOST_CHECK_EQUAL(taken(m, Side::sell_short, "", "7"), "7 @ 9.9");
  BOOST_CHECK_EQUAL(m.mid()->to_string(), "10");
}

BOOST_AUTO_TEST_CASE(limits_fill_at_the_limit_or_better) {
  FillModel m;
  m.on_quote(quote_event("9.9", "", "10.1", ""));
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "10.09", "1"), "nothing");
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "10.1", "1"), "1 @ 10.1");
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "12", "1"), "1 @ 10.1");
  BOOST_CHECK_EQUAL(taken(m, Side::sell, "9.91", "1"), "nothing");
  BOOST_CHECK_EQUAL(taken(m, Side::sell, "9", "1"), "1 @ 9.9");
}

BOOST_AUTO_TEST_CASE(the_touch_is_used_up_until_the_next_quote) {
  FillModel m;
  m.on_quote(quote_event("9.9", "50", "10.1", "60"));
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "", "100", true), "nothing");  // all or none leaves it
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "", "40"), "40 @ 10.1");
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "", "40"), "20 @ 10.1");
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "", "40"), "nothing");
  BOOST_CHECK_EQUAL(taken(m, Side::sell, "", "50", true), "50 @ 9.9");  // the other side has its own
  m.on_quote(quote_event("9.9", "50", "10.1", "60"));
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "", "100"), "60 @ 10.1");
}

BOOST_AUTO_TEST_CASE(one_sided_quotes) {
  FillModel m;
  m.on_quote(quote_event("9.9", "50", "", ""));
  BOOST_CHECK(m.has_quote());
  BOOST_CHECK(!m.mid());
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "", "1"), "nothing");
  BOOST_CHECK_EQUAL(taken(m, Side::sell, "", "1"), "1 @ 9.9");
  m.on_quote(quote_event("", "", "10.1", "0"));
  BOOST_CHECK_EQUAL(taken(m, Side::sell, "", "1"), "nothing");
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "", "1"), "nothing");  // no size there
}

BOOST_AUTO_TEST_CASE(market_orders_slip) {
  FillModel m{2'500'000};  // 2.5 basis points
  m.on_quote(quote_event("100", "", "200", ""));
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "", "1"), "1 @ 200.05");
  BOOST_CHECK_EQUAL(taken(m, Side::sell, "", "1"), "1 @ 99.975");
  BOOST_CHECK_EQUAL(taken(m, Side::buy, "200", "1"), "1 @ 200");
}
