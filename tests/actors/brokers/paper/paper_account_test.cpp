#include "actors/brokers/paper/paper_account.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "tests/support/fake_market.hpp"

using namespace tradebus;
using namespace tradebus::test;
using tradebus::paper::PaperAccount;

namespace {
const Symbol aapl{"AAPL"};
struct World {
  PaperAccount account{BrokerName{"paper"}, AccountId{"P"}, money("1000")};
  void trade(const char* quantity, const char* at, const char* commission = "0") {
    account.apply(aapl, qty(quantity), price(at), money(commission), from_unix_ns(1));
  }
  Position position() const { return account.position(aapl); }
  AccountSummary summary() const { return account.summary(Money{}, Money{}); }
};
}  // namespace

BOOST_FIXTURE_TEST_CASE(buy_mark_sell, World) {
  trade("10", "20", "0.1");
  trade("10", "30", "0.1");
  BOOST_CHECK_EQUAL(position().avg_price.to_string(), "25");
  BOOST_CHECK(account.mark(aapl, price("40"), from_unix_ns(2)));
  BOOST_CHECK(!account.mark(aapl, price("40"), from_unix_ns(3)));
  BOOST_CHECK_EQUAL(position().unrealized_pnl->to_string(), "300");
  BOOST_CHECK_EQUAL(summary().cash.to_string(), "499.8");
  BOOST_CHECK_EQUAL(summary().equity.to_string(), "1299.8");
  trade("-5", "35");
  BOOST_CHECK_EQUAL(position().avg_price.to_string(), "25");  // average cost: selling doesn't move it
  BOOST_CHECK_EQUAL(position().realized_pnl.to_string(), "50");
  trade("-15", "35");
  BOOST_CHECK_EQUAL(position().realized_pnl.to_string(), "200");
  BOOST_CHECK_EQUAL(summary().unrealized_pnl.to_string(), "0");
  BOOST_CHECK_EQUAL(summary().equity.to_string(), "1199.8");
  BOOST_CHECK_EQUAL(summary().commissions.to_string(), "0.2");
  BOOST_CHECK(account.positions().empty());
  account.drop_if_flat(aapl);
  BOOST_CHECK_EQUAL(summary().realized_pnl.to_string(), "200");
}

BOOST_FIXTURE_TEST_CASE(short_and_flip, World) {
  trade("-10", "20");
  BOOST_CHECK_EQUAL(position().qty.to_string(), "-10");
  BOOST_CHECK_EQUAL(position().avg_price.to_string(), "20");
  account.mark(aapl, price("25"), from_unix_ns(2));
  BOOST_CHECK_EQUAL(position().unrealized_pnl->to_string(), "-50");
  BOOST_CHECK_EQUAL(summary().cash.to_string(), "1200");
  BOOST_CHECK_EQUAL(account.buying_power(money("50"), {}).to_string(), "1600");  // 2 x 950 - 250 - 50
  BOOST_CHECK_EQUAL(account.margin_call({}).to_string(), "-875");                // 30 % of 250 - 950
  trade("15", "18");                                                             // closes 10, opens 5
  BOOST_CHECK_EQUAL(position().realized_pnl.to_string(), "20");
  BOOST_CHECK_EQUAL(position().qty.to_string(), "5");
  BOOST_CHECK_EQUAL(position().avg_price.to_string(), "18");
}

// equity = cash + value = start + realized + unrealized - commissions, exactly, whatever the numbers.
BOOST_AUTO_TEST_CASE(nothing_is_lost_to_rounding) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937_64 random{seed};
      World w;
      const auto any = [&](std::int64_t most) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most)) + 1;
      };
      for (int i = 0; i < 2'000; ++i) {
        const auto symbol = Symbol{random() % 2 == 0 ? "BTC-USD" : "AAPL"};
        const auto sign = random() % 2 == 0 ? 1 : -1;
        w.account.apply(symbol, Quantity::from_raw(sign * any(3'000'000'000)), Price::from_raw(any(70'000'000'000'000)),
                        Money::from_raw(any(1'000)), from_unix_ns(i));
        if (random() % 3 == 0) w.account.mark(symbol, Price::from_raw(any(70'000'000'000'000)), from_unix_ns(i));
        if (random() % 5 == 0) {  // now and then all the way back to nothing
          w.account.apply(symbol, Quantity::from_raw(-w.account.held(symbol).raw()),
                          Price::from_raw(any(70'000'000'000'000)), {}, from_unix_ns(i));
          w.account.drop_if_flat(symbol);
        }
        const auto s = w.summary();
        BOOST_REQUIRE(s.equity.raw() ==
                      money("1000").raw() + s.realized_pnl.raw() + s.unrealized_pnl.raw() - s.commissions.raw());
        Int128 value = s.cash.raw();
        Int128 unrealized = 0;
        for (const auto& p : w.account.positions()) {
          value += p.market_value->raw();
          unrealized += p.unrealized_pnl->raw();
        }
        BOOST_REQUIRE(value == s.equity.raw());
        BOOST_REQUIRE(unrealized == s.unrealized_pnl.raw());
      }
    }
  }
}
