#include "engine/risk/trading_state.hpp"

#include "tests/engine/risk/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_AUTO_TEST_SUITE(trading_states)

BOOST_FIXTURE_TEST_CASE(halted_lets_nothing_pass, RiskDesk) {
  hold("10");
  BOOST_REQUIRE(state(RiskScope::global, "", TradingState::halted, "the feed is wrong"));
  BOOST_CHECK_EQUAL(check(order(Side::sell, "1")),
                    "risk.kill_switch: trading is halted since 2024-03-04T14:30:00.000000000Z: the feed is wrong; only "
                    "cancels pass until its state is active again");
  BOOST_REQUIRE(state(RiskScope::global, "", TradingState::active));
  BOOST_CHECK_EQUAL(check(order(Side::sell, "1")), "");
}

BOOST_FIXTURE_TEST_CASE(reducing_lets_pass_what_shrinks, RiskDesk) {
  BOOST_REQUIRE(state(RiskScope::global, "", TradingState::reducing, "end of day"));
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1")),
                    "risk.kill_switch: trading is reducing since 2024-03-04T14:30:00.000000000Z: end of day; only "
                    "orders that shrink the account's position, beside those that work already, pass");
  CHECK_STARTS(check(order(Side::sell, "1")), "risk.kill_switch");
  hold("10");
  CHECK_STARTS(check(order(Side::buy, "1")), "risk.kill_switch");
  CHECK_STARTS(check(order(Side::sell, "10.000000001")), "risk.kill_switch");
  auto first = placed(order(Side::sell, "6"));
  CHECK_STARTS(check(order(Side::sell, "4.000000001")), "risk.kill_switch");
  BOOST_CHECK_EQUAL(check(order(Side::sell, "4")), "");
  auto with_exits = context();
  with_exits.has_exits = true;  // what it closes they would open again
  CHECK_STARTS(check(order(Side::sell, "4"), with_exits), "risk.kill_switch");
  fill(first, "6");
  CHECK_STARTS(check(order(Side::sell, "0.000000001")), "risk.kill_switch");
  hold("-10", "100", Symbol{"MSFT"});
  CHECK_STARTS(check(order(Side::sell_short, "1", Symbol{"MSFT"})), "risk.kill_switch");
  CHECK_STARTS(check(order(Side::buy_to_cover, "10.000000001", Symbol{"MSFT"})), "risk.kill_switch");
  BOOST_CHECK_EQUAL(check(order(Side::buy_to_cover, "10", Symbol{"MSFT"})), "");
}

BOOST_FIXTURE_TEST_CASE(reducing_by_amount_and_by_legs, RiskDesk) {
  BOOST_REQUIRE(state(RiskScope::account, "A1", TradingState::reducing));
  hold("10");
  CHECK_STARTS(check(by_amount(Side::sell, "100")), "risk.kill_switch: trading is reducing for account \"A1\"");
  BOOST_CHECK_EQUAL(check(by_amount(Side::sell, "1000"), quoted("100", "101")), "");
  hold("2", "1", call);
  hold("-2", "1", put_option);
  auto spread = limit(Side::sell, "2", "1");
  spread.legs = std::vector<OrderLeg>{{call, Side::sell, 1}, {put_option, Side::buy, 1}};
  auto more = spread;
  more.legs->back().ratio = 2;
  CHECK_STARTS(check(more), "risk.kill_switch");
  BOOST_CHECK_EQUAL(check(spread), "");
}

BOOST_FIXTURE_TEST_CASE(each_scope_stops_its_own_and_the_strictest_wins, RiskDesk) {
  hold("10");
  auto mine = order(Side::sell, "1");
  auto other = order(Side::sell, "1");
  other.client = ClientName{"value"};
  const struct {
    RiskScope scope;
    const char* name;
  } scopes[] = {{RiskScope::client, "momentum"}, {RiskScope::account, "A1"}, {RiskScope::symbol, "AAPL"}};
  for (const auto& each : scopes) {
    BOOST_REQUIRE(state(each.scope, each.name, TradingState::halted));
    CHECK_STARTS(check(mine), "risk.kill_switch: trading is halted for " + std::string{to_string(each.scope)} + " \"" +
                                  each.name + "\"");
    BOOST_CHECK_EQUAL(check(other).empty(), each.scope == RiskScope::client);
    BOOST_REQUIRE(state(RiskScope::global, "", TradingState::reducing));
    CHECK_STARTS(check(mine), "risk.kill_switch: trading is halted");
    BOOST_REQUIRE(state(each.scope, each.name, TradingState::active));
    BOOST_REQUIRE(state(RiskScope::global, "", TradingState::active));
    const auto before = other;
    other.status = OrderStatus::canceled;
    risk.on_order_changed(&before, other);
    other.status = OrderStatus::pending_new;
  }
  // A symbol's state holds for the options on it, and for each leg.
  BOOST_REQUIRE(state(RiskScope::symbol, "AAPL", TradingState::halted));
  CHECK_STARTS(check(limit(Side::buy, "1", "1", call)), "risk.kill_switch");
  auto spread = limit(Side::buy, "1", "1", Symbol{"SPREAD"});
  spread.legs = std::vector<OrderLeg>{{Symbol{"MSFT"}, Side::buy, 1}, {call, Side::buy, 1}};
  CHECK_STARTS(check(spread), "risk.kill_switch");
  BOOST_CHECK_EQUAL(check(order(Side::buy, "1", Symbol{"MSFT"})), "");
}

BOOST_FIXTURE_TEST_CASE(a_reducing_client_shrinks_its_own_part, RiskDesk) {
  auto mine = placed(order(Side::buy, "5"));
  fill(mine, "5");
  hold("100");
  BOOST_REQUIRE(state(RiskScope::client, "momentum", TradingState::reducing));
  CHECK_HAS(check(order(Side::sell, "6")), "trading is reducing for client \"momentum\"");
  CHECK_HAS(check(order(Side::sell, "6")), "only orders that shrink the client's position");
  BOOST_CHECK_EQUAL(check(order(Side::sell, "5")), "");
}

BOOST_AUTO_TEST_CASE(records_go_out_and_come_back) {
  TradingStates states;
  BOOST_REQUIRE(states.set({RiskScope::symbol, "AAPL", TradingState::halted, "news", t0}));
  BOOST_REQUIRE(states.set({RiskScope::global, "", TradingState::reducing, "", t0 + 1s}));
  BOOST_REQUIRE(states.set({RiskScope::client, "c", TradingState::halted, "x", t0}));
  BOOST_REQUIRE(states.set({RiskScope::client, "c", TradingState::active, "", t0}));
  const auto list = states.list();
  BOOST_REQUIRE_EQUAL(list.size(), 2);
  BOOST_CHECK(list[0].scope == RiskScope::global && list[1].name == "AAPL" && list[1].reason == "news");
  TradingStates other;
  BOOST_REQUIRE(other.restore(list));
  BOOST_CHECK(other.list() == list);
  BOOST_CHECK(other.find(RiskScope::symbol, "AAPL")->since == t0);
  BOOST_CHECK(other.find(RiskScope::symbol, "A") == nullptr);
  BOOST_REQUIRE(other.restore({}));
  BOOST_CHECK(other.all_active());
}

BOOST_AUTO_TEST_CASE(each_source_has_its_state_and_the_strictest_counts) {
  TradingStates states;
  const auto set = [&](TradingState state, TradingStateSource source) {
    BOOST_REQUIRE(states.set({RiskScope::global, "", state, "", t0, source}));
  };
  const auto now = [&]() -> std::string {
    const auto* found = states.find(RiskScope::global, "");
    if (found == nullptr) return "active";
    return std::string{to_string(found->state)} + " by " + std::string{to_string(found->source)};
  };
  set(TradingState::halted, TradingStateSource::command);
  set(TradingState::reducing, TradingStateSource::file);
  BOOST_CHECK_EQUAL(now(), "halted by command");
  BOOST_CHECK_EQUAL(states.list().size(), 2);
  set(TradingState::active, TradingStateSource::file);
  BOOST_CHECK_EQUAL(now(), "halted by command");
  set(TradingState::reducing, TradingStateSource::command);
  set(TradingState::halted, TradingStateSource::file);
  BOOST_CHECK_EQUAL(now(), "halted by file");
  set(TradingState::active, TradingStateSource::command);
  BOOST_CHECK_EQUAL(now(), "halted by file");
  TradingStates again;
  BOOST_REQUIRE(again.restore(states.list()));
  BOOST_CHECK(again.find(RiskScope::global, "")->source == TradingStateSource::file);
  set(TradingState::active, TradingStateSource::file);
  BOOST_CHECK_EQUAL(now(), "active");
  BOOST_CHECK(!states.set({RiskScope::symbol, "AAPL", TradingState::halted, "", t0, TradingStateSource::file}));
}

BOOST_AUTO_TEST_CASE(records_that_say_nothing_are_refused) {
  TradingStates states;
  BOOST_CHECK(states.set({RiskScope::global, "x", TradingState::halted, "", t0}).error().code == Errc::request_invalid);
  BOOST_CHECK(states.set({RiskScope::client, "", TradingState::halted, "", t0}).error().key == "name");
  BOOST_REQUIRE(states.set({RiskScope::global, "", TradingState::halted, "", t0}));
  BOOST_CHECK(!states.restore({{RiskScope::client, "", TradingState::halted, "", t0}}));
  BOOST_CHECK_EQUAL(states.list().size(), 1);  // as it was
  for (std::size_t i = 1; i < TradingStates::records_max; ++i)
    BOOST_REQUIRE(states.set({RiskScope::client, "c" + std::to_string(i), TradingState::halted, "", t0}));
  BOOST_CHECK(states.set({RiskScope::client, "more", TradingState::halted, "", t0}).error().code == Errc::overloaded);
  TradingStateRecord file{RiskScope::global, "", TradingState::halted, "", t0};
  file.source = TradingStateSource::file;
  BOOST_CHECK(states.set(file));  // everything can be stopped, whatever else is in force
  BOOST_CHECK(states.set({RiskScope::client, "c1", TradingState::reducing, "", t0}));
  file.state = TradingState::active;
  BOOST_CHECK(states.set(file));
  BOOST_CHECK(states.set({RiskScope::client, "c1", TradingState::active, "", t0}));
  BOOST_CHECK(states.set({RiskScope::client, "more", TradingState::halted, "", t0}));
}

BOOST_AUTO_TEST_SUITE_END()
