// Options: one contract, several legs, what they may cost, expiry.
#include "actors/brokers/paper/paper_options.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/actors/brokers/paper/venue_world.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;
using paper::HeldOption;

namespace {

constexpr auto c190 = "AAPL240621C00190000";
constexpr auto c200 = "AAPL240621C00200000";
constexpr auto p190 = "AAPL240621P00190000";
constexpr auto p180 = "AAPL240621P00180000";

HeldOption option(OptionRight right, const char* strike, const char* quantity, Date expiry = {2024, 6, 21}) {
  return {expiry, right, price(strike), 100, qty(quantity)};
}
std::string loss(std::vector<HeldOption> options, const char* shares = "0") {
  const auto out = paper::worst_loss(std::move(options), qty(shares));
  return out ? out->to_string() : "none";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(paper_options, VenueWorld)

BOOST_AUTO_TEST_CASE(what_options_may_cost) {
  const auto call = OptionRight::call;
  const auto put = OptionRight::put;
  BOOST_CHECK_EQUAL(loss({}), "0");
  BOOST_CHECK_EQUAL(loss({option(call, "190", "5"), option(put, "190", "5")}), "0");
  BOOST_CHECK_EQUAL(loss({option(put, "190", "-2")}), "38000");
  BOOST_CHECK_EQUAL(loss({option(call, "190", "-2")}), "none");
  BOOST_CHECK_EQUAL(loss({option(call, "190", "-2")}, "200"), "0");
  BOOST_CHECK_EQUAL(loss({option(call, "190", "-2")}, "199.5"), "none");
  BOOST_CHECK_EQUAL(loss({option(call, "190", "-1"), option(call, "200", "1")}), "1000");  // a spread
  BOOST_CHECK_EQUAL(loss({option(call, "190", "1"), option(call, "200", "-1")}), "0");
  BOOST_CHECK_EQUAL(
      loss({option(put, "180", "1"), option(put, "190", "-1"), option(call, "200", "-1"), option(call, "205", "1")}),
      "1000");  // a condor loses on one side only
  const Date later{2024, 7, 19};
  BOOST_CHECK_EQUAL(loss({option(call, "190", "-1"), option(call, "190", "1", later)}), "0");
  BOOST_CHECK_EQUAL(loss({option(call, "190", "1"), option(call, "190", "-1", later)}), "none");
}

BOOST_AUTO_TEST_CASE(a_contract_costs_a_hundred_times_its_price) {
  quote(c190, "4.9", "5", "10");
  const auto id = place(limit(order(c190, Side::buy, "20"), "5"));
  BOOST_CHECK_EQUAL(story(id), "fill 10 @ 5");
  BOOST_CHECK_EQUAL(held(c190), "10 @ 5");
  BOOST_CHECK_EQUAL(cash(), "95000");
  BOOST_CHECK_EQUAL(venue().summary().equity.to_string(), "99950");  // marked at 4.95
  BOOST_CHECK_EQUAL(power(), "180000");                              // paid in full, and 5000 reserved twice
  BOOST_CHECK_EQUAL(place(order(c190, Side::buy, "0.5")), "broker.rejected: options trade in whole contracts");
  BOOST_CHECK_EQUAL(place(order("AAPL240614C00190000", Side::buy, "1", OrderType::market, TimeInForce::gtc)),
                    "broker.rejected: the option has expired");
  BOOST_CHECK(venue().needs_market(Symbol{"AAPL"}));  // its price decides at expiry
}

BOOST_AUTO_TEST_CASE(what_is_written_is_covered) {
  quote("AAPL", "190", "190");
  quote(c190, "4.9", "5");
  quote(p190, "3", "3.2");
  BOOST_CHECK(place(order(c190, Side::sell, "1")).starts_with("broker.rejected: short calls on AAPL need shares"));
  BOOST_CHECK_EQUAL(story(place(order("AAPL", Side::buy, "100"))), "fill 100 @ 190");
  BOOST_CHECK_EQUAL(story(place(order(c190, Side::sell, "1"))), "fill 1 @ 4.9");
  BOOST_CHECK(place(order("AAPL", Side::sell, "100")).starts_with("broker.rejected: the shares of AAPL cover short"));
  BOOST_CHECK(place(order(c190, Side::sell, "1")).starts_with("broker.rejected: short calls"));
  BOOST_CHECK(place(order(p190, Side::sell, "6")).starts_with("broker.rejected: buying power "));
  BOOST_CHECK_EQUAL(story(place(order(p190, Side::sell, "4"))), "fill 4 @ 3");
  BOOST_CHECK_EQUAL(story(place(order(c190, Side::buy, "1"))), "fill 1 @ 5");
  BOOST_CHECK_EQUAL(story(place(order("AAPL", Side::sell, "100"))), "fill 100 @ 190");
}

BOOST_AUTO_TEST_CASE(legs_trade_together_at_a_net_price) {
  const std::vector<OrderLeg> spread{{Symbol{c190}, Side::buy, 1}, {Symbol{c200}, Side::sell, 1}};
  const auto id = place(limit(order("AAPL", Side::buy, "10"), "3"), spread);
  quote(c190, "4.9", "5", "6");
  BOOST_CHECK_EQUAL(story(id), "");
  quote(c200, "1.9", "2");  // 3.1
  BOOST_CHECK_EQUAL(story(id), "");
  quote(c200, "2", "2.1");
  BOOST_CHECK_EQUAL(story(id), "fill 6 @ 3");
  quote(c190, "4.7", "4.8", "50");
  BOOST_CHECK_EQUAL(story(id), "fill 6 @ 3, fill 4 @ 2.8");
  BOOST_CHECK_EQUAL(held(c190), "10 @ 4.92");
  BOOST_CHECK_EQUAL(held(c200), "-10 @ 2");
  BOOST_CHECK_EQUAL(cash(), "97080");  // 600 x 3 + 400 x 2.8
  const auto filled = venue().executions({}).fills.at(0).fill;
  BOOST_REQUIRE(filled && filled->legs);
  BOOST_CHECK(filled->legs->at(1) == (LegFill{Symbol{c200}, Side::sell, qty("6"), price("2")}));
  BOOST_CHECK_EQUAL(venue().order(OrderId{id})->avg_price->to_string(), "2.92");
  // Sold again, for a credit.
  const std::vector<OrderLeg> back{{Symbol{c190}, Side::sell, 1}, {Symbol{c200}, Side::buy, 1}};
  const auto sold = place(limit(order("AAPL", Side::sell, "10"), "2.6"), back);
  BOOST_CHECK_EQUAL(story(sold), "fill 10 @ 2.6");
  BOOST_CHECK_EQUAL(cash(), "99680");
  BOOST_CHECK(venue().positions().positions.empty());
  BOOST_CHECK_EQUAL(power(), "199360");
}

BOOST_AUTO_TEST_CASE(a_spread_for_a_credit_needs_its_worst_outcome) {
  config.cash = money("1500");
  quote(p190, "5", "5.1");
  quote(p180, "2", "2.1");
  const std::vector<OrderLeg> legs{{Symbol{p190}, Side::sell, 1}, {Symbol{p180}, Side::buy, 1}};
  BOOST_CHECK(place(order("AAPL", Side::sell, "2"), legs).starts_with("broker.rejected: buying power"));
  BOOST_CHECK_EQUAL(story(place(order("AAPL", Side::sell, "1"), legs)), "fill 1 @ 2.9");
  BOOST_CHECK_EQUAL(cash(), "1790");
  BOOST_CHECK_EQUAL(power(), "1580");  // 2 x (1790 - 1000)
  const std::vector<OrderLeg> naked{{Symbol{c190}, Side::sell, 2}, {Symbol{c200}, Side::buy, 1}};
  BOOST_CHECK(place(order("AAPL", Side::sell, "1"), naked).starts_with("broker.rejected: short calls"));
}

BOOST_AUTO_TEST_CASE(expiry_exercises_assigns_and_removes) {
  quote("AAPL", "190", "190");
  quote(c190, "4", "4");
  quote(c200, "1", "1");
  quote(p180, "2", "2");
  place(order(c190, Side::buy, "2"));
  place(order(p180, Side::sell, "1"));
  place(order(c200, Side::buy, "3"));
  const auto open = place(limit(order(c190, Side::buy, "1", OrderType::market, TimeInForce::gtc), "1"));
  BOOST_CHECK_EQUAL(cash(), "99100");
  at("19:59:59", 3);
  trade("AAPL", "195");
  restart();
  quote("AAPL", "194", "194");  // what it saw is seen again
  trade("AAPL", "195");
  const auto equity = venue().summary().equity;
  at("20:00:00", 3);
  pass();
  BOOST_CHECK_EQUAL(story(open), "expired: the option has expired");
  BOOST_CHECK_EQUAL(held(c190) + held(c200) + held(p180), "");
  BOOST_CHECK_EQUAL(held("AAPL"), "200 @ 190");
  BOOST_CHECK_EQUAL(cash(), "61100");
  const auto s = venue().summary();
  BOOST_CHECK(s.equity != equity);
  BOOST_CHECK(s.equity.raw() == money("100000").raw() + s.realized_pnl.raw() + s.unrealized_pnl.raw());
  restart();
  BOOST_CHECK_EQUAL(held("AAPL"), "200 @ 190");
}

BOOST_AUTO_TEST_CASE(an_assigned_put_brings_the_shares_and_a_call_takes_them) {
  quote("AAPL", "190", "190");
  quote(p190, "4", "4");
  quote(c190, "4", "4");
  place(order("AAPL", Side::buy, "100"));
  place(order(c190, Side::sell, "1"));
  place(order(p190, Side::sell, "1"));
  at("20:00:00", 3);
  trade("AAPL", "170");
  at("20:00:01", 3);
  trade("AAPL", "250");  // too late to decide
  BOOST_CHECK_EQUAL(held("AAPL"), "200 @ 190");
  BOOST_CHECK_EQUAL(cash(), "62800");  // 100000 - 2 x 19000 + 2 x 400
}

BOOST_AUTO_TEST_CASE(an_expiry_waits_for_the_price_that_decides) {
  quote(c190, "4", "4");
  place(order(c190, Side::buy, "1"));
  at("20:00:00", 3);
  pass();
  BOOST_CHECK_EQUAL(held(c190), "1 @ 4");
  BOOST_CHECK(!venue().next_deadline());
  at("12:00:00", 6);
  quote("AAPL", "180", "180");
  BOOST_CHECK_EQUAL(held(c190), "");
  BOOST_CHECK_EQUAL(cash(), "99600");
}

BOOST_AUTO_TEST_SUITE_END()
