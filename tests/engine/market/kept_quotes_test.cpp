#include "engine/market/kept_quotes.hpp"

#include <boost/test/unit_test.hpp>

using namespace tradebus;
using namespace std::chrono_literals;

namespace {
constexpr Timestamp t0 = from_unix_ns(1'000'000'000'000);
const Symbol aapl{"AAPL"};

Quote quote(int bid) {
  Quote out;
  out.symbol = aapl;
  out.bid = Price::from_int(bid);
  return out;
}
std::string bid_of(const KeptQuotes::Answer* answer) {
  return answer == nullptr ? "none" : std::get<Quote>(*answer).bid->to_string();
}
}  // namespace

BOOST_AUTO_TEST_CASE(a_quote_is_good_until_its_time) {
  KeptQuotes kept{10};
  kept.put(0, aapl, quote(1), t0, t0 + 1s);
  BOOST_CHECK_EQUAL(bid_of(kept.find(0, aapl, t0 + 999ms)), "1");
  BOOST_CHECK_EQUAL(bid_of(kept.find(1, aapl, t0)), "none");  // of another provider
  BOOST_CHECK_EQUAL(bid_of(kept.find(0, aapl, t0 + 1s)), "none");
  BOOST_CHECK_EQUAL(kept.entries(), 0U);
  BOOST_CHECK_EQUAL(kept.bytes(), 0U);
}

BOOST_AUTO_TEST_CASE(what_is_good_for_no_time_is_not_kept_and_takes_the_older_one_away) {
  KeptQuotes kept{10};
  kept.put(0, aapl, quote(1), t0, t0 + 1h);
  kept.put(0, aapl, quote(2), t0, t0);
  BOOST_CHECK_EQUAL(bid_of(kept.find(0, aapl, t0)), "none");
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_knows_nothing_of_its_future) {
  KeptQuotes kept{10};
  kept.put(0, aapl, quote(1), t0, t0 + 1h);
  BOOST_CHECK_EQUAL(bid_of(kept.find(0, aapl, t0 - 1ns)), "none");
}

BOOST_AUTO_TEST_CASE(the_oldest_goes_first_and_bytes_are_counted) {
  KeptQuotes kept{2};
  for (const auto* symbol : {"A", "B", "C"}) kept.put(0, Symbol{symbol}, quote(1), t0, t0 + 1h);
  BOOST_CHECK_EQUAL(kept.entries(), 2U);
  BOOST_CHECK_EQUAL(kept.evicted(), 1);
  BOOST_CHECK_EQUAL(bid_of(kept.find(0, Symbol{"A"}, t0)), "none");
  BOOST_CHECK_EQUAL(bid_of(kept.find(0, Symbol{"C"}, t0)), "1");
  const auto bytes = kept.bytes();
  kept.put(0, Symbol{"D"}, Error{Errc::instrument_unknown, std::string(1'000, 'x')}, t0, t0 + 1h);
  BOOST_CHECK_GE(kept.bytes(), bytes + 1'000);
  kept.clear(Symbol{"D"});
  BOOST_CHECK_EQUAL(kept.entries(), 1U);
  kept.clear({});
  BOOST_CHECK_EQUAL(kept.bytes(), 0U);
  BOOST_CHECK(kept.find(0, Symbol{"C"}, t0) == nullptr);
}
