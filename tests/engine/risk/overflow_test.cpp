// Amounts that leave 128 bits are refused, and never spoil the sums.
#include <limits>

#include "engine/risk/amounts.hpp"
#include "tests/engine/risk/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {
constexpr Int128 most = static_cast<Int128>((~static_cast<UInt128>(0)) >> 1);
const Quantity huge = Quantity::from_raw(most);
const Price highest = Price::from_raw(std::numeric_limits<std::int64_t>::max());
}  // namespace

BOOST_AUTO_TEST_SUITE(overflow)

BOOST_FIXTURE_TEST_CASE(huge_orders_break_every_limit_and_no_sum, RiskDesk) {
  report("1", "1");
  for (const auto& set : std::vector<std::function<void(ScopeLimits&)>>{
           [](ScopeLimits& l) { l.max_qty = Quantity::from_raw(most - 1); },
           [](ScopeLimits& l) { l.max_notional = Money::from_raw(most); },
           [](ScopeLimits& l) { l.max_position_qty = qty("1000000000000"); },
           [](ScopeLimits& l) { l.max_position_notional = money("1000000000000"); },
           [](ScopeLimits& l) { l.max_gross_notional = money("1000000000000"); },
           [](ScopeLimits& l) { l.check_buying_power = true; }}) {
    limits([&](RiskTable& t) {
      t.global = {};
      set(t.global);
    });
    for (const auto side : {Side::buy, Side::sell}) {
      auto order = limit(side, "1", "1");
      order.qty = huge;
      order.limit_price = highest;
      const auto error = check(order);
      BOOST_CHECK_MESSAGE(!error.empty(), error);
      auto contracts = limit(side, "1", "1", call);
      contracts.qty = huge;
      contracts.limit_price = highest;
      BOOST_CHECK(!check(contracts).empty());
    }
    BOOST_CHECK(exposure().working_buys.is_zero() && exposure().working_sells.is_zero());
  }
  limits([&](RiskTable& t) {
    t.global = {};
    t.global.max_notional = money("1");
  });
  auto order = limit(Side::buy, "1", "1");
  order.qty = huge;
  order.limit_price = highest;
  BOOST_CHECK_EQUAL(check(order),
                    "risk.max_notional: notional (out of range) is above the limit of 1 an order "
                    "(risk.max_notional)");
}

BOOST_FIXTURE_TEST_CASE(sums_come_back_to_where_they_were, RiskDesk) {
  auto plain = placed(limit(Side::buy, "10", "100"));
  const auto before = risk.totals(paper, test::account, std::nullopt);
  std::vector<Order> orders;
  for (int i = 0; i < 1'000; ++i) {
    auto order = limit(i % 2 == 0 ? Side::buy : Side::sell, "1", "1", i % 3 == 0 ? call : aapl);
    order.qty = huge;
    order.limit_price = highest;
    order.status = OrderStatus::new_;
    risk.on_order_changed(nullptr, order);
    orders.push_back(order);
  }
  for (auto& order : orders) close(order);
  const auto after = risk.totals(paper, test::account, std::nullopt);
  BOOST_CHECK(before.gross == after.gross && before.working_opening == after.working_opening);
  BOOST_CHECK(exposure().working_buys == qty("10"));
}

BOOST_FIXTURE_TEST_CASE(positions_and_reports_out_of_range, RiskDesk) {
  Position position;
  position.broker = paper;
  position.account = test::account;
  position.symbol = aapl;
  for (const auto raw : {most, -most, -most - 1}) {
    position.qty = Quantity::from_raw(raw);
    position.market_price = highest;
    risk.on_position(position);
    limits([](RiskTable& t) {
      t.global.max_position_notional = money("1000");
      t.global.max_gross_notional = money("1000");
    });
    CHECK_STARTS(check(limit(raw > 0 ? Side::buy : Side::sell, "1", "1")), "risk.position_limit");
  }
  auto filled = limit(Side::buy, "1", "1");
  const auto before = filled;
  filled.qty = huge;
  filled.filled_qty = huge;
  filled.status = OrderStatus::filled;
  risk.on_order_changed(&before, filled);
  risk.on_order_changed(&filled, before);  // taken back
  position.qty = {};
  risk.on_position(position);
  limits([](RiskTable& t) { t.global.daily_loss_limit = money("1"); });
  AccountSummary summary;
  summary.broker = paper;
  summary.account = test::account;
  summary.equity = Money::from_raw(most);
  risk.on_account(summary, today);
  summary.equity = Money::from_raw(-most);
  risk.on_account(summary, today);
  CHECK_STARTS(check(limit(Side::buy, "1", "1", Symbol{"IBM"})), "risk.daily_loss");
}

BOOST_FIXTURE_TEST_CASE(amounts_and_ratios_out_of_range, RiskDesk) {
  limits([](RiskTable& t) { t.global.max_position_qty = qty("1000"); });
  auto amount = by_amount(Side::buy, "1");
  amount.notional = Money::from_raw(most);
  auto quote = quoted("0.000000001", "0.000000001");
  CHECK_STARTS(check(amount, quote), "risk.position_limit");
  auto spread = limit(Side::buy, "1000000000", "1");
  spread.qty = huge;
  spread.legs = std::vector<OrderLeg>{{call, Side::buy, std::numeric_limits<std::int32_t>::max()}};
  CHECK_STARTS(check(spread), "risk.position_limit");
}

BOOST_AUTO_TEST_SUITE_END()
