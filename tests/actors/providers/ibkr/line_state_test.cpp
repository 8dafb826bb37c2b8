// Ticks into quotes, trades and option values.
#include <boost/test/unit_test.hpp>

#include "actors/brokers/ibkr/wire/tick_types.hpp"
#include "actors/providers/ibkr/line_state.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::data;
namespace wire = tradebus::ibkr::wire;
namespace tick = tradebus::ibkr::wire::tick;

namespace {

constexpr Timestamp opened = from_unix_ns(1'700'000'000'000'000'000);

Price price(const char* text) { return *Price::parse(text); }
Quantity qty(const char* text) { return *Quantity::parse(text); }
void put(LineState& line, std::int32_t type, const char* at, const char* size) {
  wire::TickPrice m;
  m.type = type;
  m.price = price(at);
  m.size = qty(size);
  line.take(m);
}
void put_size(LineState& line, std::int32_t type, const char* size) {
  wire::TickSize m;
  m.type = type;
  m.size = qty(size);
  line.take(m);
}
void put_text(LineState& line, std::int32_t type, std::string_view text) {
  wire::TickString m;
  m.type = type;
  m.text = text;
  line.take(m);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(line_state)

BOOST_AUTO_TEST_CASE(a_quote_is_put_together) {
  LineState line{opened};
  BOOST_CHECK(!line.has_quote() && !line.take_quote_news());
  put(line, tick::bid, "190.01", "300");
  put(line, tick::ask, "190.03", "200");
  BOOST_CHECK(line.take_quote_news());
  BOOST_CHECK(!line.take_quote_news());
  auto e = line.quote(7, opened, opened);
  BOOST_CHECK_EQUAL(e.ref, 7);
  BOOST_CHECK(e.quality == Quality::live);
  BOOST_CHECK_EQUAL(
      e.flags, MarketEvent::has_bid | MarketEvent::has_bid_size | MarketEvent::has_ask | MarketEvent::has_ask_size);
  BOOST_CHECK(e.price[0] == price("190.01") && e.price[1] == price("190.03"));
  BOOST_CHECK(e.qty[0] == qty("300") && e.qty[1] == qty("200"));
  put(line, tick::bid, "190.01", "300");  // said again
  BOOST_CHECK(!line.take_quote_news());
  put_size(line, tick::bid_size, "0.5");
  BOOST_CHECK(line.take_quote_news());
  BOOST_CHECK(line.quote(7, opened, opened).qty[0] == qty("0.5"));
}

BOOST_AUTO_TEST_CASE(a_side_that_is_gone_is_absent) {
  LineState line{opened};
  put(line, tick::bid, "190.01", "300");
  put(line, tick::ask, "190.03", "200");
  put(line, tick::ask, "-1", "0");
  BOOST_CHECK(line.take_quote_news());
  BOOST_CHECK_EQUAL(line.quote(1, opened, opened).flags, MarketEvent::has_bid | MarketEvent::has_bid_size);
  put_size(line, tick::ask_size, "100");  // of nothing
  BOOST_CHECK(!line.take_quote_news());
  put(line, tick::bid, "0", "0");
  BOOST_CHECK(!line.has_quote());
}

BOOST_AUTO_TEST_CASE(late_prices_are_marked) {
  LineState line{opened};
  put(line, tick::delayed_bid, "190.01", "300");
  BOOST_CHECK(line.quality() == Quality::delayed);
  BOOST_CHECK(line.quote(1, opened, opened).quality == Quality::delayed);
  LineState frozen{opened};
  put(frozen, tick::bid, "1", "1");
  frozen.take_quote_news();
  wire::MarketDataType type;
  type.type = 2;
  frozen.take(type);
  BOOST_CHECK(frozen.take_quote_news());  // it is another one now
  BOOST_CHECK(frozen.quality() == Quality::frozen);
  type.type = 4;
  frozen.take(type);
  BOOST_CHECK(frozen.quality() == Quality::delayed);
}

BOOST_AUTO_TEST_CASE(trades_of_a_live_line_are_its_rt_volume) {
  LineState line{opened};
  put(line, tick::last, "190", "100");  // the last one, from whenever
  put_text(line, tick::rt_volume, "190;100;1699999999000;5000;190.1;true");
  BOOST_CHECK(line.take_sales().empty());
  put_text(line, tick::rt_volume, "190.02;25;1700000001500;5025;190.1;true");
  put_text(line, tick::rt_volume, "190.02;25;1700000001500;5025;190.1;true");  // said twice
  put_text(line, tick::rt_volume, ";;1700000001600;5025;190.1;false");
  put(line, tick::last, "190.02", "25");
  const auto sales = line.take_sales();
  BOOST_REQUIRE_EQUAL(sales.size(), 1);
  BOOST_CHECK(sales[0].price == price("190.02") && sales[0].size == qty("25"));
  BOOST_CHECK(sales[0].ts == from_unix_ns(1'700'000'001'500'000'000));
  BOOST_CHECK(line.take_sales().empty());
  for (const char* bad : {"", ";", "x;1;2;3", "1;-1;1700000002000;9000", "1;1", "1e99;1;1700000002000;9001;;"})
    put_text(line, tick::rt_volume, bad);
  BOOST_CHECK_LE(line.take_sales().size(), 1);  // "1;1" has neither time nor total
}

BOOST_AUTO_TEST_CASE(trades_of_a_late_line_are_its_last_prices) {
  LineState line{opened};
  put(line, tick::delayed_last, "190", "100");
  put_text(line, tick::delayed_last_timestamp, "1699999000");
  BOOST_CHECK(line.take_sales().empty());  // what stood there
  put(line, tick::delayed_last, "190.5", "40");
  put_text(line, tick::delayed_last_timestamp, "1699999060");
  const auto sales = line.take_sales();
  BOOST_REQUIRE_EQUAL(sales.size(), 1);
  BOOST_CHECK((sales[0] == LineState::Sale{from_unix_ns(1'699'999'060'000'000'000), price("190.5"), qty("40")}));
  put_text(line, tick::delayed_last_timestamp, "1699999061");  // alone it is no trade
  BOOST_CHECK(line.take_sales().empty());
}

BOOST_AUTO_TEST_CASE(options_have_greeks_and_the_open_interest_of_their_right) {
  LineState line{opened, OptionRight::put};
  put(line, tick::bid, "1.2", "10");
  wire::TickOption model;
  model.type = tick::model_option;
  model.implied_volatility = 0.25;
  model.delta = -0.4;
  model.underlying_price = 190.005;
  line.take(model);
  model.type = tick::bid_option;
  model.delta = -0.9;
  line.take(model);
  put_size(line, tick::call_open_interest, "1");
  put_size(line, tick::put_open_interest, "250");
  put_size(line, tick::volume, "12");
  BOOST_CHECK(line.take_option_news());
  OptionQuote q;
  line.fill(q);
  BOOST_CHECK(q.bid == price("1.2") && !q.ask && q.delta == -0.4 && q.iv == 0.25 && !q.gamma);
  BOOST_CHECK(q.open_interest == qty("250") && q.volume == qty("12") && q.underlying_price == price("190.005"));
  BOOST_CHECK(!q.quality);
}

BOOST_AUTO_TEST_SUITE_END()
