// Parse is tested with what the venue really sent: record payloads once, and keep the odd ones.
#include "actors/brokers/_template/parse.hpp"

#include <boost/test/unit_test.hpp>

using namespace tradebus;
using _template::broker::to_event;
using _template::broker::to_payload;

namespace {

PlaceStockOrder limit_order() {
  PlaceStockOrder placed;
  placed.order_id = OrderId{"o-1"};
  placed.order.symbol = Symbol{"AAPL"};
  placed.order.qty = *Quantity::parse("10");
  placed.order.order_type = OrderType::limit;
  placed.order.limit_price = *Price::parse("190.010000001");
  return placed;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_order_goes_out_exactly_with_our_id) {
  const auto payload = to_payload(limit_order());
  BOOST_REQUIRE(payload);
  BOOST_CHECK_EQUAL(payload->client_order_id, "o-1");
  BOOST_CHECK_EQUAL(payload->side, "buy");
  BOOST_CHECK_EQUAL(payload->type, "limit");
  BOOST_CHECK_EQUAL(payload->qty, "10");
  BOOST_CHECK_EQUAL(payload->limit_price, "190.010000001");
  BOOST_CHECK_EQUAL(payload->time_in_force, "day");
}

BOOST_AUTO_TEST_CASE(what_the_venue_has_no_word_for_is_unsupported) {
  const auto refused = [](auto change) {
    auto placed = limit_order();
    change(placed.order);
    const auto payload = to_payload(placed);
    return !payload && payload.error().code == Errc::broker_unsupported;
  };
  BOOST_CHECK(refused([](TradeOrder& o) { o.side = Side::sell_short; }));
  BOOST_CHECK(refused([](TradeOrder& o) { o.order_type = OrderType::stop; }));
  BOOST_CHECK(refused([](TradeOrder& o) { o.order_type = OrderType::market_if_touched; }));
  BOOST_CHECK(refused([](TradeOrder& o) { o.target_strategy = "Adaptive"; }));
  BOOST_CHECK(refused([](TradeOrder& o) { o.time_in_force = TimeInForce::gtd; }));
  BOOST_CHECK(refused([](TradeOrder& o) { o.symbol = Symbol{"AAPL240621C00190000"}; }));
  BOOST_CHECK(refused([](TradeOrder& o) { o.qty.reset(); }));
}

BOOST_AUTO_TEST_CASE(a_fill_comes_back_exactly) {
  const auto event =
      to_event({"fill", "o-1", "v-7", "x-9", "4", "190.01", "", 1'718'976'600'000'000'000}, BrokerName{"b"});
  BOOST_REQUIRE(event && event->fill);
  BOOST_CHECK(event->report == BrokerReport::fill);
  BOOST_CHECK_EQUAL(event->order_id.str(), "o-1");
  BOOST_CHECK_EQUAL(event->broker_order_id->str(), "v-7");
  BOOST_CHECK_EQUAL(event->fill->exec_id.str(), "x-9");
  BOOST_CHECK_EQUAL(event->fill->qty.to_string(), "4");
  BOOST_CHECK_EQUAL(event->fill->price.to_string(), "190.01");
}

BOOST_AUTO_TEST_CASE(nothing_is_guessed) {
  BOOST_CHECK(!to_event({"sold", "o-1", "v-7", "", "", "", "", 0}, BrokerName{"b"}));
  const auto nameless = to_event({"fill", "o-1", "v-7", "", "4", "190.01", "", 0}, BrokerName{"b"});
  BOOST_REQUIRE(!nameless);
  BOOST_CHECK_EQUAL(nameless.error().key, "execution_id");
}
