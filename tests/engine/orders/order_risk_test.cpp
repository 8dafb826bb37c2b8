// The kill switch, limits that change, clients that fall silent; over restarts too.
#include "tests/engine/orders/manager_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_FIXTURE_TEST_SUITE(order_risk, Managed)

BOOST_AUTO_TEST_CASE(the_kill_switch_refuses_and_cancels) {
  up();
  const auto open = placed(command("1"))->order_id;
  answer(0);
  KillSwitch halt;
  halt.state = TradingState::halted;
  halt.cancel_open = true;
  halt.reason = "drill";
  const auto now = ask<TradingStatesNow>(manager, halt);
  BOOST_REQUIRE(now);
  BOOST_CHECK_EQUAL(now->canceled, 1);
  BOOST_REQUIRE_EQUAL(now->states.size(), 1);
  BOOST_CHECK_EQUAL(now->states[0].reason, "drill");
  BOOST_CHECK_EQUAL(code(placed(command("2"))), "risk.kill_switch");
  BOOST_CHECK_EQUAL(status().trading_states.size(), 1);
  BOOST_CHECK_EQUAL(script->asked.back(), "cancel " + open.str());
  KillSwitch lift;
  lift.state = TradingState::active;
  BOOST_CHECK(ask<TradingStatesNow>(manager, lift)->states.empty());
  BOOST_CHECK(placed(command("3")));
  KillSwitch both;
  both.client = ClientName{"c"};
  both.symbol = Symbol{"AAPL"};
  BOOST_CHECK_EQUAL(code(ask<TradingStatesNow>(manager, both)), "request.invalid");
}

BOOST_AUTO_TEST_CASE(a_client_is_halted_alone) {
  up();
  KillSwitch halt;
  halt.state = TradingState::halted;
  halt.client = ClientName{"c"};
  BOOST_REQUIRE(ask<TradingStatesNow>(manager, halt));
  BOOST_CHECK_EQUAL(code(placed(command("1"))), "risk.kill_switch");
  auto other = command("1");
  other.client = ClientName{"d"};
  BOOST_CHECK(placed(other));
}

BOOST_AUTO_TEST_CASE(trading_states_survive_a_restart) {
  KillSwitch halt;
  halt.state = TradingState::halted;
  halt.reason = "before";
  BOOST_REQUIRE(ask<TradingStatesNow>(manager, halt));
  begin_anew();
  up();
  BOOST_CHECK_EQUAL(code(placed(command("1"))), "risk.kill_switch");
  BOOST_CHECK_EQUAL(status().trading_states.at(0).reason, "before");
}

BOOST_AUTO_TEST_CASE(a_state_is_a_record_of_its_own_and_small) {
  KillSwitch reduce;
  reduce.state = TradingState::reducing;
  reduce.reason = std::string(256, 'x');
  for (const char* name : {"MSFT", "SPY"}) {
    reduce.symbol = Symbol{name};
    BOOST_REQUIRE(ask<TradingStatesNow>(manager, reduce));
  }
  BOOST_CHECK_LT(journal->states.at("trading_state:symbol:SPY").size(), 400);
  reduce.state = TradingState::active;
  BOOST_REQUIRE(ask<TradingStatesNow>(manager, reduce));
  reduce.state = TradingState::halted;
  reduce.reason->push_back('x');
  const auto refused = ask<TradingStatesNow>(manager, reduce);
  BOOST_CHECK_EQUAL(code(refused), "request.invalid");
  reduce.reason.reset();
  reduce.symbol = Symbol{std::string(257, 'S')};
  BOOST_CHECK_EQUAL(code(ask<TradingStatesNow>(manager, reduce)), "request.invalid");
  begin_anew();
  up();
  BOOST_REQUIRE_EQUAL(status().trading_states.size(), 1);
  BOOST_CHECK_EQUAL(status().trading_states.at(0).name, "MSFT");
}

BOOST_AUTO_TEST_CASE(states_that_can_not_be_read_halt) {
  journal->states["trading_states"] = "rubbish";
  begin_anew();
  up();
  BOOST_CHECK_EQUAL(code(placed(command("1"))), "risk.kill_switch");
}

BOOST_AUTO_TEST_CASE(a_file_halts_while_it_is_there) {
  halt_file = folder.file("HALT");
  begin_anew();
  up();
  BOOST_CHECK(placed(command("1")));
  std::ofstream{halt_file} << "";
  advance(2s);
  BOOST_CHECK_EQUAL(code(placed(command("2"))), "risk.kill_switch");
  begin_anew();  // still there
  std::filesystem::remove(halt_file);
  advance(2s);
  up();
  BOOST_CHECK(placed(command("3")));
}

BOOST_AUTO_TEST_CASE(a_silent_clients_orders_are_canceled) {
  up();
  const auto id = placed(command("1"))->order_id;
  answer(0);
  caf::anon_send(manager, ClientSilent{ClientName{"c"}});  // it never asked for it
  run();
  BOOST_CHECK(script->asked.empty());
  caf::anon_send(manager, WatchClient{ClientName{"c"}, 2'000});
  run();
  say(LinkState::down, "transport");
  caf::anon_send(manager, ClientSilent{ClientName{"c"}});
  run();
  BOOST_CHECK(script->asked.empty());  // the broker can't be asked now
  BrokerOrder open;
  open.order_id = id;
  script->open = {open};
  say(LinkState::up);
  BOOST_REQUIRE_EQUAL(script->asked.size(), 1);
  BOOST_CHECK_EQUAL(script->asked[0], "cancel " + id.str());
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_come_back_after_a_restart_is_silent) {
  caf::anon_send(manager, WatchClient{ClientName{"gone"}, 2'000});
  caf::anon_send(manager, WatchClient{ClientName{"back"}, 2'000});
  caf::anon_send(manager, WatchClient{ClientName{"off"}, 2'000});
  caf::anon_send(manager, WatchClient{ClientName{"off"}, 0});
  run();
  begin_anew();
  up();
  for (const char* name : {"gone", "back", "off"}) {
    auto order = command("1");
    order.client = ClientName{name};
    BOOST_REQUIRE(placed(order));
  }
  caf::anon_send(manager, WatchClient{ClientName{"back"}, 2'000});
  advance(1s);
  BOOST_CHECK(script->asked.empty());
  advance(2s);
  BOOST_REQUIRE_EQUAL(script->asked.size(), 1);
  BOOST_CHECK_EQUAL(script->asked[0], "cancel " + script->placed[0].order_id.str());
}

BOOST_AUTO_TEST_CASE(limits_change_without_a_restart) {
  up();
  BOOST_CHECK_EQUAL(code(placed(command("1", "1001"))), "risk.max_qty");
  new_limits = RiskTable{};
  BOOST_CHECK(!request("reload_risk", {}).error);
  BOOST_CHECK(placed(command("2", "1001")));
  new_limits = fail(Errc::config_invalid, "risk.max_qty: \"x\" is no number");
  BOOST_CHECK_EQUAL(request("reload_risk", {}).error->message, "risk.max_qty: \"x\" is no number");
  BOOST_CHECK(placed(command("3", "1001")));
}

BOOST_AUTO_TEST_SUITE_END()
