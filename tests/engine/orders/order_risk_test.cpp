// The kill switch, limits that change, clients that fall silent; over restarts too.
#include "bus/wire/compact.hpp"
#include "engine/services/log_text.hpp"
#include "tests/engine/orders/manager_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

// As older journals kept what has a record each today.
template <class T>
struct AllInOne {
  std::vector<T> all;

  static constexpr std::string_view type_name = "AllInOne";
  static constexpr auto fields() { return std::tuple{field("all", &AllInOne::all)}; }
};

}  // namespace

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
  BOOST_CHECK_LT(journal->states.at("trading_state:symbol:command:SPY").size(), 400);
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

// Two hands on one switch: neither lifts what the other one holds.
BOOST_AUTO_TEST_CASE(the_files_state_stands_beside_the_commands) {
  halt_file = folder.file("HALT");
  begin_anew();
  up();
  const auto command_sets = [&](TradingState state, const std::string& reason) {
    KillSwitch command;
    command.state = state;
    command.reason = reason;
    BOOST_REQUIRE(ask<TradingStatesNow>(manager, command));
  };
  const auto file_says = [&](const std::string& text) {
    std::ofstream{halt_file} << text;
    advance(2s);
  };
  const auto in_force = [&] {
    std::string out;
    for (const auto& each : status().trading_states)
      out +=
          (out.empty() ? "" : ", ") + std::string{to_string(each.state)} + " by " + std::string{to_string(each.source)};
    return out;
  };
  command_sets(TradingState::halted, "halt file was removed by mistake");
  advance(2s);
  BOOST_CHECK_EQUAL(in_force(), "halted by command");
  file_says("reducing\n");
  BOOST_CHECK_EQUAL(in_force(), "halted by command, reducing by file");
  BOOST_CHECK_EQUAL(code(placed(command("1"))), "risk.kill_switch");
  std::filesystem::remove(halt_file);
  advance(2s);
  BOOST_CHECK_EQUAL(in_force(), "halted by command");
  file_says("reducing\n");
  file_says("halted\n");
  BOOST_CHECK_EQUAL(in_force(), "halted by command, halted by file");
  command_sets(TradingState::active, "");
  BOOST_CHECK_EQUAL(in_force(), "halted by file");
  BOOST_CHECK_EQUAL(code(placed(command("2"))), "risk.kill_switch");
  begin_anew();
  BOOST_CHECK_EQUAL(in_force(), "halted by file");
  begin_anew();
  std::filesystem::remove(halt_file);
  advance(2s);
  up();
  BOOST_CHECK_EQUAL(in_force(), "");
  BOOST_CHECK(placed(command("3")));
}

BOOST_AUTO_TEST_CASE(a_symbols_kill_switch_cancels_what_its_state_stops) {
  script->takes_options = true;
  up();
  const auto leg = [](const char* symbol) { return OrderLeg{Symbol{symbol}, Side::buy, 1}; };
  const auto open = [&](const char* key, const char* symbol, std::vector<OrderLeg> legs = {}) {
    auto order = command(key, "1");
    order.order.symbol = Symbol{symbol};
    order.legs = std::move(legs);
    const auto made = placed(order);
    BOOST_REQUIRE_MESSAGE(made, key);
  };
  open("stock", "AAPL");
  open("option", "AAPL261218C00190000");
  open("spread", "AAPL", {leg("AAPL261218C00190000"), leg("AAPL261218C00200000")});
  open("other", "MSFT");
  open("other option", "MSFT261218C00190000");
  KillSwitch halt;
  halt.state = TradingState::halted;
  halt.symbol = Symbol{"AAPL"};
  halt.cancel_open = true;
  BOOST_CHECK_EQUAL(ask<TradingStatesNow>(manager, halt)->canceled, 3);
  // A plain cancel_all means the symbol alone.
  CancelAll all;
  all.symbol = Symbol{"MSFT"};
  BOOST_CHECK_EQUAL(ask<CanceledCount>(manager, all)->canceled, 1);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_empty_is_refused_and_not_taken_for_none) {
  up();
  BOOST_REQUIRE(placed(command("1")));
  KillSwitch no_state;
  no_state.cancel_open = true;
  BOOST_CHECK_EQUAL(ask<TradingStatesNow>(manager, no_state).error().key, "state");
  KillSwitch nobody;
  nobody.state = TradingState::active;
  nobody.client.emplace();
  BOOST_CHECK_EQUAL(ask<TradingStatesNow>(manager, nobody).error().key, "client");
  const auto key_of = [&](const char* op, const char* key) {
    wire::Buffer args;
    wire::Packer out{args};
    out.pack_map(2);
    wire::pack(out, key);
    wire::pack(out, "");
    wire::pack(out, "after");
    wire::pack(out, 0);
    const auto answer = request(op, args.bytes);
    return answer.error ? code(*answer.error) + " " + answer.error->key : std::string{"ok"};
  };
  for (const char* op : {"cancel_all", "get_orders", "get_positions", "get_account_summary", "accept_positions",
                         "get_events", "kill_switch"})
    BOOST_CHECK_EQUAL(key_of(op, "account"), "request.invalid account");
  for (const char* key : {"order_id", "client_order_id"})
    for (const char* op : {"cancel_order", "get_order", "replace_order"})
      BOOST_CHECK_EQUAL(key_of(op, key), std::string{"request.invalid "} + key);
  BOOST_CHECK_NE(key_of("cancel_all", "symbol"), "ok");
  BOOST_CHECK_EQUAL(key_of("get_orders", "client"), "request.invalid client");
  BOOST_CHECK(script->asked.empty());
}

BOOST_AUTO_TEST_CASE(a_text_from_outside_stays_within_its_log_line) {
  BOOST_CHECK_EQUAL(log_text("drill\n2026-01-01 warn forged=\"1\"\x1b[0m"),
                    "drill\\n2026-01-01 warn forged=\\\"1\\\"\\x1b[0m");
  BOOST_CHECK_EQUAL(log_text("a=\"b\"\r", false), "a=\"b\"\\r");
}

BOOST_AUTO_TEST_CASE(a_silent_clients_orders_are_canceled) {
  up();
  const auto id = placed(command("1"))->order_id;
  answer(0);
  caf::anon_send(manager, ClientSilent{ClientName{"c"}});  // it never asked for it
  run();
  BOOST_CHECK(script->asked.empty());
  caf::anon_send(manager, WatchRequest{"c", 2'000, 0, ""});
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

BOOST_AUTO_TEST_CASE(who_is_heard_of_again_keeps_what_could_not_be_canceled) {
  up();
  const auto id = placed(command("1"))->order_id;
  answer(0);
  caf::anon_send(manager, WatchRequest{"c", 2'000, 0, ""});
  run();
  say(LinkState::down, "transport");
  caf::anon_send(manager, ClientSilent{ClientName{"c"}});
  caf::anon_send(manager, ClientHeard{ClientName{"c"}});
  run();
  BrokerOrder open;
  open.order_id = id;
  script->open = {open};
  say(LinkState::up);
  BOOST_CHECK(script->asked.empty());
}

// Who comes back is the bridge's to hear; here they stay watched until they say otherwise.
BOOST_AUTO_TEST_CASE(watched_clients_are_known_over_a_restart) {
  caf::anon_send(manager, WatchRequest{"gone", 2'000, 0, ""});
  caf::anon_send(manager, WatchRequest{"back", 3'000, 0, ""});
  caf::anon_send(manager, WatchRequest{"off", 2'000, 0, ""});
  caf::anon_send(manager, WatchRequest{"off", 0, 0, ""});
  run();
  begin_anew();
  const auto kept = watched_clients(journal->states);
  BOOST_REQUIRE(kept && kept->size() == 2);
  BOOST_CHECK(kept->at(0).client == ClientName{"back"} && kept->at(0).silence_ms == 3'000);
  up();
  for (const char* name : {"gone", "back", "off"}) {
    auto order = command("1");
    order.client = ClientName{name};
    BOOST_REQUIRE(placed(order));
  }
  advance(10s);
  BOOST_CHECK(script->asked.empty());  // the bridge has not said that anybody is silent
  for (const char* name : {"gone", "off"}) caf::anon_send(manager, ClientSilent{ClientName{name}});
  run();
  BOOST_REQUIRE_EQUAL(script->asked.size(), 1);
  BOOST_CHECK_EQUAL(script->asked[0], "cancel " + script->placed[0].order_id.str());
  journal->states["watched_clients"] = "rubbish";
  BOOST_CHECK(!watched_clients(journal->states));
  BOOST_CHECK(watched_clients({})->empty());
}

BOOST_AUTO_TEST_CASE(state_records_of_older_journals_are_carried_over) {
  up();
  KillSwitch halt;
  halt.state = TradingState::halted;
  halt.reason = "drill";
  halt.symbol = Symbol{"AAPL"};
  BOOST_REQUIRE((ask<TradingStatesNow>(manager, halt)));
  halt.symbol.reset();
  halt.client = ClientName{"c"};
  halt.state = TradingState::reducing;
  BOOST_REQUIRE((ask<TradingStatesNow>(manager, halt)));
  for (const char* name : {"a", "b"}) caf::anon_send(manager, WatchRequest{name, 2'000, 0, ""});
  run();
  const AllInOne<TradingStateRecord> states{status().trading_states};
  const AllInOne<WatchClient> watches{*watched_clients(journal->states)};
  BOOST_REQUIRE(states.all.size() == 2 && watches.all.size() == 2);
  journal->states = {{"trading_states", wire::compact::packed(states)},
                     {"watched_clients", wire::compact::packed(watches)}};
  for (int start = 0; start < 2; ++start) {  // from the older records, then from those that were written for them
    begin_anew();
    BOOST_CHECK(status().trading_states == states.all);
    const auto kept = watched_clients(journal->states);
    BOOST_REQUIRE(kept);
    BOOST_CHECK(*kept == watches.all);
    BOOST_CHECK(journal->states["trading_states"].empty() && journal->states["watched_clients"].empty());
    BOOST_CHECK_EQUAL(journal->states.size(), 6);
  }
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
