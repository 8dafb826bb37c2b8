// Orders, quotes and an engine to try them on.
#pragma once

#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

#include "engine/risk/risk_engine.hpp"

namespace tradebus::test {

using namespace std::chrono_literals;

inline const BrokerName paper{"paper"};
inline const AccountId account{"A1"};
inline const ClientName me{"momentum"};
inline const Symbol aapl{"AAPL"};
inline const Symbol call{"AAPL240621C00190000"};
inline const Symbol put_option{"AAPL240621P00190000"};
inline const Date today{2024, 3, 4};
constexpr Timestamp t0 = from_unix_ns(1'709'562'600'000'000'000);

inline Quantity qty(std::string_view text) { return *Quantity::parse(text); }
inline Price price(std::string_view text) { return *Price::parse(text); }
inline Money money(std::string_view text) { return *Money::parse(text); }

struct RiskDesk {
  RiskEngine risk;
  RiskTable table;
  Timestamp now = t0;
  int last_id = 0;

  Order order(Side side, std::string_view quantity, const Symbol& symbol = aapl) {
    Order out;
    out.order_id = OrderId{"o" + std::to_string(++last_id)};
    out.client = me;
    out.broker = paper;
    out.account = account;
    out.symbol = symbol;
    out.side = side;
    out.qty = qty(quantity);
    out.leaves_qty = out.qty;
    return out;
  }
  Order limit(Side side, std::string_view quantity, std::string_view at, const Symbol& symbol = aapl) {
    auto out = order(side, quantity, symbol);
    out.order_type = OrderType::limit;
    out.limit_price = price(at);
    return out;
  }
  Order by_amount(Side side, std::string_view amount, const Symbol& symbol = aapl) {
    auto out = order(side, "0", symbol);
    out.notional = money(amount);
    return out;
  }
  RiskContext context() const {
    RiskContext out;
    out.now = now;
    out.day = today;
    return out;
  }
  RiskContext quoted(std::string_view bid, std::string_view ask) const {
    auto out = context();
    out.quote = RiskQuote{price(bid), price(ask), std::nullopt, now, Quality::live};
    return out;
  }
  void limits(const std::function<void(RiskTable&)>& change) {
    change(table);
    risk.set_limits(table);
  }

  // "" or "risk.max_qty: quantity ..."
  static std::string text(const Result<void>& result) {
    return result ? "" : std::string{to_string(result.error().code)} + ": " + result.error().message;
  }
  std::string check(const Order& order, const RiskContext& context) { return text(risk.check(order, context)); }
  std::string check(const Order& order) { return check(order, context()); }

  // What passed its check becomes a working order; what then happens to it.
  Order placed(Order order) {
    BOOST_REQUIRE_EQUAL(check(order), "");
    order.status = OrderStatus::new_;
    risk.on_order_changed(nullptr, order);
    return order;
  }
  void change(Order& order, const std::function<void(Order&)>& to) {
    const auto before = order;
    to(order);
    risk.on_order_changed(&before, order);
  }
  void fill(Order& order, std::string_view quantity, std::string_view at = "100") {
    change(order, [&](Order& o) {
      o.filled_qty = *checked_add(o.filled_qty, qty(quantity));
      o.leaves_qty = *checked_sub(o.qty, o.filled_qty);
      o.avg_price = price(at);
      o.status = o.leaves_qty.is_zero() ? OrderStatus::filled : OrderStatus::partially_filled;
      if (o.status == OrderStatus::filled) o.leaves_qty = {};
    });
  }
  void close(Order& order, OrderStatus status = OrderStatus::canceled) {
    change(order, [&](Order& o) {
      o.status = status;
      o.leaves_qty = {};
    });
  }
  void hold(std::string_view quantity, std::string_view mark = "100", const Symbol& symbol = aapl) {
    Position out;
    out.broker = paper;
    out.account = account;
    out.symbol = symbol;
    out.qty = qty(quantity);
    out.avg_price = price(mark);
    out.market_price = price(mark);
    risk.on_position(out);
  }
  void report(std::string_view equity, std::string_view buying_power = "1000000", Date day = today) {
    AccountSummary out;
    out.broker = paper;
    out.account = account;
    out.equity = money(equity);
    out.buying_power = money(buying_power);
    risk.on_account(out, day);
  }
  Result<void> state(RiskScope scope, const std::string& name, TradingState state, const std::string& reason = "") {
    return risk.states().set({scope, name, state, reason, t0});
  }
  RiskExposure exposure(const Symbol& symbol = aapl) const {
    return risk.exposure(paper, account, std::nullopt, symbol);
  }
};

inline bool starts(const std::string& text, std::string_view with) { return text.starts_with(with); }
inline bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

#define CHECK_STARTS(text, with) BOOST_CHECK_MESSAGE(::tradebus::test::starts(text, with), text)
#define CHECK_HAS(text, part) BOOST_CHECK_MESSAGE(::tradebus::test::has(text, part), text)

}  // namespace tradebus::test
