#include "engine/market/bar_builder.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

#include "bus/model/print.hpp"
#include "engine/calendar/calendars.hpp"

using namespace tradebus;
using namespace std::chrono_literals;

namespace {
constexpr auto t0 = from_unix_ns(1'381'152'600'000'000'000);  // 2013-10-07 13:30:00 UTC
Price p(const char* text) { return *Price::parse(text); }
Quantity q(int n) { return Quantity::from_int(n); }
BarBuilder builder(Timeframe tf, const char* symbol = "IBM") {
  return BarBuilder{tf, Calendars::shipped()->of(*Instrument::parse(symbol))};
}
}  // namespace

BOOST_AUTO_TEST_SUITE(bar_builder)

BOOST_AUTO_TEST_CASE(trades_of_a_minute_make_one_bar) {
  auto b = builder(Timeframe::m1);
  BOOST_CHECK(!b.add(t0 + 1s, p("10"), q(100)));
  BOOST_CHECK(!b.add(t0 + 2s, p("12"), q(50)));
  BOOST_CHECK(!b.add(t0 + 59s, p("9"), q(1)));
  const auto closed = b.add(t0 + 60s, p("11"), q(7));
  BOOST_REQUIRE(closed);
  BOOST_CHECK(closed->start == t0);
  BOOST_CHECK_EQUAL(closed->open.to_string() + " " + closed->high.to_string() + " " + closed->low.to_string() + " " +
                        closed->close.to_string(),
                    "10 12 9 9");
  BOOST_CHECK_EQUAL(closed->volume.to_string(), "151");
  BOOST_CHECK_EQUAL(closed->trades, 3);
  BOOST_CHECK(b.current()->start == t0 + 60s);
}

BOOST_AUTO_TEST_CASE(a_trade_changes_what_its_conditions_allow) {
  const BarBuilder::Parts odd_lot{false, false, true};
  const BarBuilder::Parts reported_late{false, true, true};
  const BarBuilder::Parts official{true, true, false};
  auto b = builder(Timeframe::m1);
  // A bar has no price before one that may open it; the volume counts from the start.
  b.add(t0, p("20"), q(3), odd_lot);
  BOOST_CHECK(!b.current());
  b.add(t0 + 1s, p("10"), q(100));
  b.add(t0 + 2s, p("30"), q(5), odd_lot);
  b.add(t0 + 3s, p("12"), q(7), reported_late);
  b.add(t0 + 4s, p("11"), q(1'000), official);
  const auto closed = b.finish();
  BOOST_REQUIRE(closed);
  BOOST_CHECK_EQUAL(closed->open.to_string() + " " + closed->high.to_string() + " " + closed->low.to_string() + " " +
                        closed->close.to_string() + " " + closed->volume.to_string(),
                    "10 12 10 11 115");
  BOOST_CHECK_EQUAL(closed->trades, 4);  // those that the volume is made of
  // What came before a bar that never had a price is not the next one's.
  b.add(t0 + 60s, p("20"), q(3), odd_lot);
  b.add(t0 + 120s, p("10"), q(1));
  BOOST_CHECK_EQUAL(b.current()->volume.to_string(), "1");
  BOOST_CHECK_EQUAL(b.current()->trades, 1);
}

BOOST_AUTO_TEST_CASE(time_closes_a_bar_too_and_late_trades_are_left_out) {
  auto b = builder(Timeframe::s1);
  b.add(t0, p("10"), q(1));
  BOOST_CHECK(!b.close_until(t0 + 999ms));
  BOOST_CHECK(b.close_until(t0 + 1s));
  BOOST_CHECK(!b.close_until(t0 + 2s));
  BOOST_CHECK(!b.add(t0 + 500ms, p("99"), q(1)));
  BOOST_CHECK(!b.current());
  BOOST_CHECK_EQUAL(b.late_trades(), 1);
}

BOOST_AUTO_TEST_CASE(a_day_begins_at_the_exchanges_midnight) {
  auto b = builder(Timeframe::d1);
  b.add(t0, p("10"), q(1));
  BOOST_CHECK_EQUAL(to_iso8601(b.current()->start), "2013-10-07T04:00:00.000000000Z");  // New York, in summer
  BOOST_CHECK_EQUAL(to_iso8601(b.end()), "2013-10-08T04:00:00.000000000Z");
  auto c = builder(Timeframe::d1, "BTC-USD");
  c.add(t0, p("10"), q(1));
  BOOST_CHECK_EQUAL(to_iso8601(c.current()->start), "2013-10-07T00:00:00.000000000Z");
}

// However trades fall, bars say what a plain grouping of them says.
BOOST_AUTO_TEST_CASE(bars_agree_with_a_plain_grouping) {
  std::mt19937_64 random{17};
  auto b = builder(Timeframe::m5);
  struct Plain {
    Price high, low, close;
    Int128 volume = 0;
  };
  std::map<Timestamp, Plain> expected;
  std::map<Timestamp, BarBuilder::Bar> built;
  Timestamp t = t0;
  for (int i = 0; i < 50'000; ++i) {
    t += std::chrono::milliseconds{random() % 20'000};
    const auto price = Price::from_raw(static_cast<std::int64_t>(1 + random() % 1000) * 10'000'000);
    const auto size = Quantity::from_int(static_cast<std::int32_t>(1 + random() % 500));
    const Timestamp start{t.time_since_epoch() / 300s * 300s};
    auto [it, fresh] = expected.try_emplace(start, Plain{price, price, price, 0});
    it->second.high = std::max(it->second.high, price);
    it->second.low = std::min(it->second.low, price);
    it->second.close = price;
    it->second.volume += size.raw();
    if (const auto closed = b.add(t, price, size)) built[closed->start] = *closed;
  }
  if (const auto last = b.finish()) built[last->start] = *last;
  BOOST_REQUIRE_EQUAL(built.size(), expected.size());
  for (const auto& [start, bar] : built) {
    const auto& plain = expected.at(start);
    BOOST_REQUIRE(bar.high == plain.high && bar.low == plain.low && bar.close == plain.close &&
                  bar.volume.raw() == plain.volume);
  }
}

BOOST_AUTO_TEST_SUITE_END()
