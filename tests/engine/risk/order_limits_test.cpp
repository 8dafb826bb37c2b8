// Rules about one order alone: each at its edge, and in each scope.
#include "tests/engine/risk/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_AUTO_TEST_SUITE(order_limits)

BOOST_FIXTURE_TEST_CASE(without_limits_everything_passes, RiskDesk) {
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1000000")), "");
  BOOST_CHECK_EQUAL(check(limit(Side::sell_short, "0.000000001", "0.01")), "");
  BOOST_CHECK_EQUAL(check(by_amount(Side::buy, "100")), "");
}

BOOST_FIXTURE_TEST_CASE(the_quantity_at_its_edge, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_qty = qty("100"); });
  BOOST_CHECK_EQUAL(check(order(Side::buy, "100")), "");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "100.000000001")),
                    "risk.max_qty: quantity 100.000000001 is above the limit of 100 an order (risk.max_qty)");
  // An amount's quantity is estimated, upwards.
  BOOST_CHECK_EQUAL(check(by_amount(Side::buy, "1000"), quoted("9", "10")), "");
  CHECK_STARTS(check(by_amount(Side::buy, "1000.000000001"), quoted("9", "10")),
               "risk.max_qty: quantity 100.000000001");
  CHECK_STARTS(check(by_amount(Side::buy, "1000")), "risk.max_qty: no price of AAPL is known to tell the quantity");
}

BOOST_FIXTURE_TEST_CASE(the_notional_at_its_edge, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_notional = money("1000"); });
  struct Case {
    Order order;
    RiskContext context;
    std::string error;
  };
  auto stop = order(Side::sell, "10");
  stop.stop_price = price("100.000000001");
  const std::vector<Case> cases = {
      {limit(Side::buy, "10", "100"), context(), ""},
      {limit(Side::buy, "10", "100.000000001"), context(),
       "risk.max_notional: notional 1000.00000001 is above the limit of 1000 an order (risk.max_notional)"},
      {limit(Side::buy, "10.000000001", "100"), context(), "risk.max_notional: notional 1000.0000001 is above"},
      // Market orders by the side they take.
      {order(Side::buy, "10"), quoted("90", "100"), ""},
      {order(Side::buy, "10"), quoted("90", "100.000000001"), "risk.max_notional: notional 1000.00000001"},
      {order(Side::sell, "10"), quoted("100", "120"), ""},
      {order(Side::sell_short, "10"), quoted("100.000000001", "120"), "risk.max_notional: notional 1000.00000001"},
      {order(Side::buy, "10"), context(),
       "risk.max_notional: no price of AAPL is known to hold a market order against risk.max_notional"},
      // A sell at any price sells at the market's.
      {limit(Side::sell, "10", "0.01"), quoted("100.1", "101"), "risk.max_notional: notional 1001"},
      {limit(Side::sell, "10", "0.01"), context(), ""},
      {stop, context(), "risk.max_notional: notional 1000.00000001"},
      // By amount.
      {by_amount(Side::buy, "1000"), context(), ""},
      {by_amount(Side::buy, "1000.000000001"), context(), "risk.max_notional: notional 1000.000000001"},
      // Contracts stand for a hundred.
      {limit(Side::buy, "10", "1", call), context(), ""},
      {limit(Side::buy, "10", "1.000000001", call), context(), "risk.max_notional: notional 1000.000001"},
  };
  for (const auto& c : cases) {
    const auto error = check(c.order, c.context);
    BOOST_CHECK_MESSAGE(c.error.empty() ? error.empty() : starts(error, c.error), error);
  }
}

BOOST_FIXTURE_TEST_CASE(legs_trade_at_their_net_price, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_notional = money("1000"); });
  auto spread = limit(Side::buy, "4", "2.5", Symbol{"AAPL"});
  spread.legs = std::vector<OrderLeg>{{call, Side::buy, 1}, {put_option, Side::sell, 1}};
  BOOST_CHECK_EQUAL(check(spread), "");
  spread.order_id = OrderId{"another"};
  spread.limit_price = price("2.500000001");
  CHECK_STARTS(check(spread), "risk.max_notional: notional 1000.0000004 is above");
}

BOOST_FIXTURE_TEST_CASE(the_price_band_at_its_edge, RiskDesk) {
  limits([](RiskTable& t) { t.global.price_band_pct = price("10"); });
  const auto market = quoted("99", "100");
  struct Case {
    Side side;
    std::string price;
    std::string error;
  };
  const std::vector<Case> cases = {
      {Side::buy, "110", ""},
      {Side::buy, "110.000000001",
       "risk.price_band: limit 110.000000001 is 10.01 % above the market's 100; allowed "
       "are 10 % (risk.price_band_pct)"},
      {Side::buy, "90", ""},
      {Side::buy, "89.999999999", "risk.price_band: limit 89.999999999 is 10.01 % below the market's 100"},
      {Side::sell, "108.9", ""},
      {Side::sell, "108.900000001", "risk.price_band: limit 108.900000001 is 10.01 % above the market's 99"},
      {Side::sell, "89.1", ""},
      {Side::sell_short, "89.099999999", "risk.price_band: limit 89.099999999 is 10.01 % below the market's 99"},
      {Side::buy_to_cover, "250", "risk.price_band: limit 250 is 150 % above the market's 100"},
  };
  for (const auto& c : cases) {
    const auto error = check(limit(c.side, "1", c.price), market);
    BOOST_CHECK_MESSAGE(c.error.empty() ? error.empty() : starts(error, c.error), error);
  }
  auto stop = order(Side::sell, "1");
  stop.stop_price = price("80");
  CHECK_STARTS(check(stop, market), "risk.price_band: stop 80 is");
  // A market order only needs the market.
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1"), market), "");
}

// It may be reached already, and is a market order then.
BOOST_FIXTURE_TEST_CASE(an_order_that_waits_for_a_touch_is_valued_at_the_higher_of_it_and_the_market, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_notional = money("950"), t.global.price_band_pct = price("15"); });
  const auto market = quoted("90", "95");
  const auto touch = [&](Side side, const char* at, OrderType type = OrderType::market_if_touched) {
    auto out = order(side, "10");
    out.order_type = type;
    out.stop_price = price(at);
    return out;
  };
  BOOST_CHECK_EQUAL(check(touch(Side::buy, "94"), market), "");
  CHECK_STARTS(check(touch(Side::buy, "94"), quoted("90", "96")), "risk.max_notional: notional 960 ");
  CHECK_STARTS(check(touch(Side::buy, "96"), market), "risk.max_notional: notional 960 ");
  CHECK_STARTS(check(touch(Side::sell, "101"), market), "risk.max_notional: notional 1010 ");
  CHECK_STARTS(check(touch(Side::buy, "80"), market), "risk.price_band: stop 80");
  auto limited = touch(Side::buy, "96", OrderType::limit_if_touched);
  limited.limit_price = price("94");
  BOOST_CHECK_EQUAL(check(limited, market), "");
  // It sells at its touch, whatever it would accept.
  limited = touch(Side::sell, "101", OrderType::limit_if_touched);
  limited.limit_price = price("85");
  CHECK_STARTS(check(limited, market), "risk.max_notional: notional 1010 ");
  auto rest = order(Side::buy, "10");
  rest.order_type = OrderType::market_to_limit;
  CHECK_STARTS(check(rest, quoted("99", "100")), "risk.max_notional: notional 1000 ");
}

BOOST_FIXTURE_TEST_CASE(the_market_is_the_side_taken_else_the_last_price_else_the_other_side, RiskDesk) {
  limits([](RiskTable& t) { t.global.price_band_pct = price("1"); });
  auto c = context();
  c.quote = RiskQuote{std::nullopt, std::nullopt, price("50"), now, Quality::live};
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "50.5"), c), "");
  c.quote->bid = price("40");
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "50.5"), c), "");
  BOOST_CHECK_EQUAL(check(limit(Side::sell, "1", "40.4"), c), "");
  c.quote->last.reset();
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "40.4"), c), "");
  c.quote->bid = Price{};  // no price at all
  CHECK_STARTS(check(limit(Side::buy, "1", "40.4"), c), "risk.price_band: no quote of AAPL");
}

BOOST_FIXTURE_TEST_CASE(without_a_quote_the_band_refuses_unless_told_otherwise, RiskDesk) {
  limits([](RiskTable& t) { t.global.price_band_pct = price("10"); });
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100")),
                    "risk.price_band: no quote of AAPL is known to hold the order against risk.price_band_pct; "
                    "subscribe to its quotes, or set risk.allow_without_quote");
  CHECK_STARTS(check(order(Side::buy, "1")), "risk.price_band: no quote");
  limits([](RiskTable& t) { t.global.allow_without_quote = true; });
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100")), "");
  // Each scope speaks for its own band.
  limits([](RiskTable& t) { t.symbols["AAPL"].price_band_pct = price("50"); });
  CHECK_HAS(check(limit(Side::buy, "1", "100")), "risk.symbol.AAPL.price_band_pct");
}

BOOST_FIXTURE_TEST_CASE(a_stale_quote_lets_no_price_pass, RiskDesk) {
  limits([](RiskTable& t) {
    t.global.price_band_pct = price("10");
    t.global.allow_without_quote = true;
    t.global.quote_max_age = 5s;
  });
  auto c = quoted("99", "100");
  c.quote->ts = now - 5s;
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100"), c), "");
  c.quote->ts = now - 5s - 1ns;
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100"), c),
                    "risk.stale_quote: the quote of AAPL is 5001 ms old; at most 5000 ms are allowed "
                    "(risk.quote_max_age_ms)");
  // The shortest age of all that apply.
  limits([](RiskTable& t) { t.clients["momentum"].quote_max_age = 1s; });
  c.quote->ts = now - 2s;
  CHECK_HAS(check(limit(Side::buy, "1", "100"), c), "(risk.client.momentum.quote_max_age_ms)");
  c.quote->ts = now + 1s;  // another clock's future is not old
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100"), c), "");
  c.quote->quality = Quality::stale;
  CHECK_STARTS(check(limit(Side::buy, "1", "100"), c), "risk.stale_quote: the quote of AAPL of 2024-03-04T");
  // Where no price is asked for, none is needed.
  limits([](RiskTable& t) { t.global.price_band_pct.reset(); });
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1"), c), "");
  limits([](RiskTable& t) { t.global.max_notional = money("1000"); });
  BOOST_CHECK_EQUAL(check(limit(Side::buy, "1", "100"), c), "");
  CHECK_STARTS(check(order(Side::buy, "1"), c), "risk.stale_quote");
}

BOOST_FIXTURE_TEST_CASE(symbols_are_allowed_and_denied, RiskDesk) {
  const auto buy = [&](const Symbol& symbol) { return check(limit(Side::buy, "1", "1", symbol)); };
  limits([](RiskTable& t) { t.global.deny_symbols = {"GME", "AAPL240621P00190000"}; });
  BOOST_CHECK_EQUAL(buy(Symbol{"GME"}), "risk.symbol: symbol GME is in risk.deny_symbols");
  CHECK_STARTS(buy(Symbol{"GME240621C00019000"}), "risk.symbol: symbol GME240621C00019000 is in");  // its options too
  CHECK_STARTS(buy(put_option), "risk.symbol");
  BOOST_CHECK_EQUAL(buy(call), "");
  BOOST_CHECK_EQUAL(buy(Symbol{"GMED"}), "");
  limits([](RiskTable& t) { t.clients["momentum"].allow_symbols = {"AAPL", "BTC-USD"}; });
  BOOST_CHECK_EQUAL(buy(aapl), "");
  BOOST_CHECK_EQUAL(buy(call), "");
  BOOST_CHECK_EQUAL(buy(Symbol{"BTC-USD"}), "");
  BOOST_CHECK_EQUAL(buy(Symbol{"MSFT"}), "risk.symbol: symbol MSFT is not in risk.client.momentum.allow_symbols");
  CHECK_STARTS(buy(put_option), "risk.symbol: symbol AAPL240621P00190000 is in");  // both lists hold
  // Each leg.
  auto spread = limit(Side::buy, "1", "1");
  spread.legs = std::vector<OrderLeg>{{call, Side::buy, 1}, {put_option, Side::sell, 1}};
  CHECK_STARTS(check(spread), "risk.symbol: symbol AAPL240621P00190000");
  spread.legs->back().symbol = Symbol{"MSFT240621C00190000"};
  CHECK_HAS(check(spread), "is not in risk.client.momentum.allow_symbols");
  spread.legs->pop_back();
  BOOST_CHECK_EQUAL(check(spread), "");
}

BOOST_FIXTURE_TEST_CASE(a_closed_market_refuses_where_it_must_be_open, RiskDesk) {
  auto closed = context();
  closed.market_open = false;
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1"), closed), "");
  limits([](RiskTable& t) { t.symbols["AAPL"].require_open_market = true; });
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1"), closed),
                    "risk.market_closed: the market of AAPL is closed, and risk.symbol.AAPL.require_open_market is "
                    "set; send it when it is open");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")), "");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1", Symbol{"BTC-USD"}), closed), "");
}

BOOST_FIXTURE_TEST_CASE(the_strictest_scope_wins_and_only_those_that_apply, RiskDesk) {
  limits([](RiskTable& t) {
    t.global.max_qty = qty("100");
    t.clients["momentum"].max_qty = qty("50");
    t.accounts["A1"].max_qty = qty("40");
    t.symbols["AAPL"].max_qty = qty("30");
    t.symbols["AAPL240621C00190000"].max_qty = qty("3");
  });
  CHECK_HAS(check(order(Side::buy, "31")), "above the limit of 30 an order (risk.symbol.AAPL.max_qty)");
  CHECK_HAS(check(order(Side::buy, "41", Symbol{"MSFT"})), "above the limit of 40 an order (risk.account.A1.max_qty)");
  auto other = order(Side::buy, "60", Symbol{"MSFT"});
  other.account = AccountId{"A2"};
  CHECK_HAS(check(other), "above the limit of 50 an order (risk.client.momentum.max_qty)");
  other.client = ClientName{"value"};
  BOOST_CHECK_EQUAL(check(other), "");
  other.order_id = OrderId{"x"};
  other.qty = qty("101");
  CHECK_HAS(check(other), "above the limit of 100 an order (risk.max_qty)");
  // A leg's symbol has its own limits too.
  auto spread = limit(Side::buy, "4", "1", Symbol{"MSFT"});
  spread.legs = std::vector<OrderLeg>{{put_option, Side::buy, 1}, {call, Side::sell, 1}};
  CHECK_HAS(check(spread), "(risk.symbol.AAPL240621C00190000.max_qty)");
}

BOOST_AUTO_TEST_SUITE_END()
