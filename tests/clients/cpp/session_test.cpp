#include <boost/test/unit_test.hpp>

#include "tests/clients/support/fake_bus.hpp"
#include "tradebus/client.hpp"

using namespace tradebus::client;
using tradebus::test::FakeBus;
using tradebus::test::map_of;
using tradebus::test::order_body;

namespace {

Expected<Session> open(const FakeBus& bus) {
  return Session::open({.command = bus.command(), .client = "test", .timeout = 10s});
}

}  // namespace

BOOST_AUTO_TEST_CASE(hello_comes_first_and_names_the_client) {
  FakeBus bus;
  auto session = open(bus);
  BOOST_REQUIRE(session);
  BOOST_CHECK_EQUAL(session->hello()["epoch"].integer().value_or(0), 7);
  const auto hello = bus.wait_request("hello");
  BOOST_REQUIRE(hello);
  BOOST_CHECK_EQUAL(hello->args["client"].text_or(""), "test");
  BOOST_CHECK_EQUAL(hello->envelope["v"].integer().value_or(0), 1);
  BOOST_CHECK(hello->envelope["timeout_ms"].integer().has_value());
}

BOOST_AUTO_TEST_CASE(answers_have_types_and_errors_have_codes) {
  FakeBus bus;
  bus.on("get_quote", tradebus::test::quote_body(3, 190.1, 190.2));
  bus.on("get_positions", map_of({{"positions", Value::Array{map_of({{"symbol", "AAPL"}, {"qty", -5}})}}}));
  bus.on("get_historical_data", [](const Value& args) {
    Value bar = map_of({{"symbol", args["symbol"]},
                        {"ts", args["start"]},
                        {"open", 1},
                        {"high", 2.5},
                        {"low", 0.5},
                        {"close", 2},
                        {"volume", 1000}});
    return FakeBus::Answer{true, map_of({{"bars", Value::Array{bar}}, {"source", "sim"}})};
  });
  bus.on("get_order", [](const Value&) {
    return FakeBus::Answer{false,
                           map_of({{"code", "order.not_found"},
                                   {"message", "no such order"},
                                   {"retry_after_ms", 50},
                                   {"details", map_of({{"key", "order_id"}})}}),
                           false};
  });
  auto session = open(bus);
  BOOST_REQUIRE(session);
  BOOST_CHECK_EQUAL(session->quote("AAPL")->bid.value(), 190.1);
  BOOST_CHECK_EQUAL(session->positions()->at(0).qty, -5);
  const auto bars = session->bars("AAPL", "1m", 60, 120);
  BOOST_REQUIRE(bars);
  BOOST_CHECK_EQUAL(bars->at(0).ts, 60);
  BOOST_CHECK_EQUAL(bars->at(0).high, 2.5);
  bus.on("get_calendar", [](const Value& args) {
    return FakeBus::Answer{true, map_of({{"sessions", Value::Array{map_of({{"date", args["start"]},
                                                                           {"open", 1},
                                                                           {"close", 2},
                                                                           {"early", true},
                                                                           {"break_start", 5},
                                                                           {"name", args["exchange"]}})}}})};
  });
  const auto days = session->calendar("XNYS", "2026-11-27", "2026-11-30");
  BOOST_REQUIRE(days);
  BOOST_CHECK_EQUAL(days->at(0).date, "2026-11-27");
  BOOST_CHECK_EQUAL(days->at(0).name, "XNYS");
  BOOST_CHECK(days->at(0).early && days->at(0).break_start == 5 && !days->at(0).post_open);
  const auto order = session->order("o-9");
  BOOST_REQUIRE(!order);
  BOOST_CHECK_EQUAL(order.error().code, "order.not_found");
  BOOST_CHECK_EQUAL(order.error().details["key"].text_or(""), "order_id");
  BOOST_CHECK_EQUAL(order.error().retry_after_ms.value(), 50);
  BOOST_CHECK(!order.error().may_have_happened());
  BOOST_CHECK_EQUAL(session->request("nonsense").error().code, "request.unknown_op");
}

BOOST_AUTO_TEST_CASE(a_request_without_a_daemon_fails_and_is_not_sent_later) {
  std::string stream, command;
  {
    FakeBus gone;
    stream = gone.stream();
    command = gone.command();
  }
  auto none = Session::open({.command = command, .timeout = 100ms});
  BOOST_REQUIRE(!none);
  BOOST_CHECK_EQUAL(none.error().code, "client.unreachable");
  BOOST_CHECK(none.error().message.find(command) != std::string::npos);
  BOOST_CHECK(!none.error().may_have_happened());

  auto first = std::make_unique<FakeBus>(7, stream, command);
  auto session = Session::open({.command = command, .client = "test", .timeout = 10s});
  BOOST_REQUIRE(session);
  first.reset();
  auto lost = session->place(OrderRequest::market("buy", "AAPL", 1), 300ms);
  BOOST_REQUIRE(!lost);
  FakeBus second{8, stream, command};
  second.on("get_orders", map_of({{"orders", Value::Array{}}}));
  BOOST_REQUIRE(session->open_orders());
  BOOST_CHECK_EQUAL(second.count_requests("place_order"), 0U);
  BOOST_CHECK_EQUAL(second.count_requests("hello"), 1U);  // greeted anew
  BOOST_CHECK_EQUAL(session->hello()["epoch"].integer().value_or(0), 8);
}

BOOST_AUTO_TEST_CASE(a_late_answer_is_not_taken_for_the_next_one) {
  FakeBus bus;
  std::atomic<int> asked{0};
  std::atomic<bool> answer{false};
  bus.on("get_quote", [&](const Value&) {
    if (++asked == 1) {
      while (!answer) std::this_thread::yield();  // until the client has given up
      return FakeBus::Answer{true, tradebus::test::quote_body(1, 1, 2)};
    }
    return FakeBus::Answer{true, tradebus::test::quote_body(2, 3, 4)};
  });
  auto session = open(bus);
  BOOST_REQUIRE(session);
  const auto first = session->request("get_quote", Value{}.set("symbol", "AAPL"), 50ms);
  BOOST_REQUIRE(!first);
  BOOST_CHECK_EQUAL(first.error().code, "client.timeout");
  BOOST_CHECK(first.error().may_have_happened());
  answer = true;
  const auto second = session->quote("AAPL");
  BOOST_REQUIRE(second);
  BOOST_CHECK_EQUAL(second->bid.value(), 3);
}

BOOST_AUTO_TEST_CASE(an_order_without_an_answer_is_asked_for_again_under_its_own_id) {
  FakeBus bus;
  std::atomic<int> asked{0};
  bus.on("place_order", [&](const Value& args) {
    if (++asked == 1) return FakeBus::Answer{true, {}, true};
    return FakeBus::Answer{
        true, order_body("pending_new").set("client_order_id", args["client_order_id"]).set("duplicate", true)};
  });
  auto session = open(bus);
  BOOST_REQUIRE(session);
  const auto order = session->place(OrderRequest::limit("buy", "AAPL", 10, "190.10"), 200ms);
  BOOST_REQUIRE(order);
  BOOST_CHECK(order->duplicate);
  const auto first = bus.wait_request("place_order", 0);
  const auto second = bus.wait_request("place_order", 1);
  BOOST_REQUIRE(first && second);
  BOOST_CHECK_NE(first->args["client_order_id"].text_or(""), "");
  BOOST_CHECK_EQUAL(first->args["client_order_id"].text_or(""), second->args["client_order_id"].text_or("?"));
  BOOST_CHECK_EQUAL(first->args["limit_price"].text_or(""), "190.10");
}

BOOST_AUTO_TEST_CASE(a_refused_order_is_not_asked_for_again) {
  FakeBus bus;
  bus.on("place_order", [](const Value&) { return FakeBus::refuse("risk.max_qty", "10 is above 5"); });
  auto session = open(bus);
  BOOST_REQUIRE(session);
  BOOST_CHECK_EQUAL(session->buy("AAPL", 10).error().code, "risk.max_qty");
  BOOST_CHECK_EQUAL(bus.count_requests("place_order"), 1U);
}

BOOST_AUTO_TEST_CASE(an_order_that_stays_unanswered_names_its_id) {
  FakeBus bus;
  bus.on("place_order", [](const Value&) { return FakeBus::Answer{true, {}, true}; });
  auto session = open(bus);
  BOOST_REQUIRE(session);
  const auto order = session->place(OrderRequest::market("buy", "AAPL", 10), 100ms);
  BOOST_REQUIRE(!order);
  BOOST_CHECK_EQUAL(order.error().code, "client.timeout");
  BOOST_CHECK_EQUAL(order.error().details["client_order_id"].text_or("-"),
                    bus.wait_request("place_order")->args["client_order_id"].text_or("?"));
}

BOOST_AUTO_TEST_CASE(cancel_and_replace_name_the_order) {
  FakeBus bus;
  bus.on("cancel_order", order_body("pending_cancel"));
  bus.on("replace_order", order_body("pending_replace"));
  auto session = open(bus);
  BOOST_REQUIRE(session);
  BOOST_CHECK_EQUAL(session->cancel("o-1")->status, "pending_cancel");
  BOOST_CHECK_EQUAL(session->replace("o-1", {.qty = 5, .limit_price = "1.23"})->status, "pending_replace");
  const auto replace = bus.wait_request("replace_order");
  BOOST_CHECK_EQUAL(replace->args["order_id"].text_or(""), "o-1");
  BOOST_CHECK_EQUAL(replace->args["qty"].integer().value_or(0), 5);
  BOOST_CHECK_EQUAL(replace->args["limit_price"].text_or(""), "1.23");
}

BOOST_AUTO_TEST_CASE(a_preview_says_what_the_broker_said) {
  FakeBus bus;
  bus.on("preview_order", Value{}.set("broker", "ibkr").set("account", "DU1").set("initial_margin_change", 950));
  auto session = open(bus);
  BOOST_REQUIRE(session);
  const auto preview = session->preview(OrderRequest::limit("buy", "AAPL", 5, "190.1"));
  BOOST_REQUIRE(preview);
  BOOST_CHECK_EQUAL(preview->account, "DU1");
  BOOST_CHECK_EQUAL(preview->initial_margin_change.value_or(0), 950);
  BOOST_CHECK(!preview->commission);
  BOOST_CHECK_EQUAL(bus.wait_request("preview_order")->args["qty"].integer().value_or(0), 5);
}

BOOST_AUTO_TEST_CASE(an_endpoint_that_is_none_is_named) {
  const auto session = Session::open({.command = "nonsense"});
  BOOST_REQUIRE(!session);
  BOOST_CHECK_EQUAL(session.error().code, "client.endpoint");
  BOOST_CHECK(session.error().message.find("nonsense") != std::string::npos);
  BOOST_CHECK_EQUAL(Stream::open({.stream = "tcp://"}).error().code, "client.endpoint");
}

BOOST_AUTO_TEST_CASE(a_session_can_be_moved_and_replaced) {
  FakeBus bus;
  auto session = open(bus);
  BOOST_REQUIRE(session);
  Session moved = std::move(*session);
  BOOST_CHECK(moved.request("ping"));
  auto other = open(bus);
  moved = std::move(*other);
  BOOST_CHECK(moved.request("ping"));
}

BOOST_AUTO_TEST_CASE(an_order_says_all_that_it_can) {
  FakeBus bus;
  bus.on("place_order", order_body("pending_new"));
  auto session = open(bus);
  BOOST_REQUIRE(session);
  OrderRequest order = OrderRequest::limit("buy", "AAPL", 10, "190.10");
  order.bracket = Bracket{.take_profit = "200.5", .stop_loss = 180, .stop_loss_limit = "179.99"};
  BOOST_REQUIRE(session->place(order));
  auto args = bus.wait_request("place_order", 0)->args;
  BOOST_CHECK_EQUAL(args["bracket"]["take_profit"].text_or(""), "200.5");
  BOOST_CHECK_EQUAL(args["bracket"]["stop_loss"].integer().value_or(0), 180);
  BOOST_CHECK_EQUAL(args["bracket"]["stop_loss_limit"].text_or(""), "179.99");
  BOOST_CHECK(args["oco"].is_nil() && args["legs"].is_nil() && args["notional"].is_nil() &&
              args["expires_at"].is_nil());
  BOOST_REQUIRE(session->place({.symbol = "AAPL",
                                .side = "sell",
                                .notional = "500.25",
                                .order_type = "trailing_stop",
                                .trail_percent = 1.5,
                                .time_in_force = "gtd",
                                .expires_at = 77,
                                .oco = "pair",
                                .legs = {{"A", "buy", 1}, {"B", "sell", 2}}}));
  args = bus.wait_request("place_order", 1)->args;
  BOOST_CHECK(args["qty"].is_nil() && args["bracket"].is_nil() && args["trail_amount"].is_nil());
  BOOST_CHECK_EQUAL(args["notional"].text_or(""), "500.25");
  BOOST_CHECK_EQUAL(args["trail_percent"].number().value_or(0), 1.5);
  BOOST_CHECK_EQUAL(args["expires_at"].integer().value_or(0), 77);
  BOOST_CHECK_EQUAL(args["oco"].text_or(""), "pair");
  BOOST_CHECK_EQUAL(args["legs"].array()->at(1)["ratio"].integer().value_or(0), 2);
  BOOST_CHECK(args["limit_offset"].is_nil() && args["target_strategy"].is_nil() &&
              args["strategy_parameters"].is_nil());
  BOOST_REQUIRE(session->place({.symbol = "AAPL",
                                .side = "buy",
                                .qty = 1,
                                .order_type = "trailing_stop_limit",
                                .trail_amount = 2,
                                .limit_offset = "0.10",
                                .target_strategy = "Adaptive",
                                .strategy_parameters = {{"adaptivePriority", "Urgent"}}}));
  args = bus.wait_request("place_order", 2)->args;
  BOOST_CHECK_EQUAL(args["limit_offset"].text_or("") + args["target_strategy"].text_or(""), "0.10Adaptive");
  BOOST_CHECK_EQUAL(args["strategy_parameters"]["adaptivePriority"].text_or(""), "Urgent");
}

BOOST_AUTO_TEST_CASE(an_order_is_read_whole) {
  FakeBus bus;
  Value leg = map_of({{"symbol", "L"}, {"side", "sell"}, {"ratio", 2}});
  bus.on("get_order", order_body("new")
                          .set("notional", 500)
                          .set("trail_amount", 0.5)
                          .set("trail_percent", 1.5)
                          .set("expires_at", 7)
                          .set("extended_hours", true)
                          .set("legs", Value::Array{leg})
                          .set("parent_id", "o-0")
                          .set("oco", "pair")
                          .set("held", true)
                          .set("limit_offset", 0.25)
                          .set("target_strategy", "Vwap")
                          .set("strategy_parameters", map_of({{"maxPctVol", "0.1"}, {"odd", 5}}))
                          .set("external", true));
  bus.on("get_positions",
         map_of({{"positions", Value::Array{map_of({{"symbol", "AAPL"}, {"qty", 5}, {"expected_qty", 4}}),
                                            map_of({{"symbol", "MSFT"}, {"qty", 5}})}}}));
  auto session = open(bus);
  BOOST_REQUIRE(session);
  const auto order = session->order("o-1");
  BOOST_REQUIRE(order);
  BOOST_CHECK(order->notional == 500 && order->trail_amount == 0.5 && order->trail_percent == 1.5);
  BOOST_CHECK(order->limit_offset == 0.25 && order->target_strategy == "Vwap");
  BOOST_CHECK(order->strategy_parameters.at("maxPctVol") == "0.1" && order->strategy_parameters.at("odd").empty());
  BOOST_CHECK(order->expires_at == 7 && order->extended_hours && order->held && order->external);
  BOOST_CHECK_EQUAL(order->legs.at(0).ratio, 2);
  BOOST_CHECK_EQUAL(order->parent_id + order->oco + order->status, "o-0pairnew");
  const auto positions = session->positions();
  BOOST_REQUIRE(positions);
  BOOST_CHECK(positions->at(0).expected_qty == 4 && !positions->at(1).expected_qty);
}

BOOST_AUTO_TEST_CASE(orders_and_events_are_read_page_by_page) {
  FakeBus bus;
  bus.on("get_orders", [](const Value& args) {
    const auto after = args["after_order"].text_or("?");
    Value::Array page;
    if (after.empty()) page = {order_body("filled", 10), order_body("new").set("order_id", "o-2")};
    if (after == "o-2") page = {order_body("new").set("order_id", "o-3")};
    return FakeBus::Answer{true, map_of({{"orders", page}})};
  });
  bus.on("get_events", [](const Value& args) {
    const auto after = args["after"].integer().value_or(0);
    Value::Array page;
    for (auto seq = after + 1; seq <= std::min<std::int64_t>(after + 2, args["until"].integer().value_or(5)); ++seq)
      page.push_back(tradebus::test::order_event(static_cast<std::uint64_t>(seq), seq == 5 ? "bust" : "fill",
                                                 order_body("filled", 10)));
    return FakeBus::Answer{true, tradebus::test::with_event_seq(page, 5).set("first_kept", 1)};
  });
  auto session = open(bus);
  BOOST_REQUIRE(session);
  std::string ids;
  const auto count =
      session->for_each_order({.closed = true, .client = "test"}, [&](const Order& o) { ids += o.order_id; });
  BOOST_REQUIRE(count);
  BOOST_CHECK_EQUAL(*count, 3U);
  BOOST_CHECK_EQUAL(ids, "o-1o-2o-3");
  const auto asked = bus.wait_request("get_orders")->args;
  BOOST_CHECK_EQUAL(asked["status"].text_or("") + asked["client"].text_or(""), "alltest");

  std::vector<std::uint64_t> seqs;
  std::string last;
  const auto end = session->for_each_event(1, [&](const OrderEvent& e) { seqs.push_back(e.seq), last = e.event; });
  BOOST_REQUIRE(end);
  BOOST_CHECK_EQUAL(*end, 5U);
  BOOST_CHECK((seqs == std::vector<std::uint64_t>{2, 3, 4, 5}));
  BOOST_CHECK_EQUAL(last, "bust");
  const auto page = session->events(0, 1, "PAPER", 7);
  BOOST_REQUIRE(page);
  BOOST_CHECK(page->events.size() == 1 && page->last_seq == 5 && page->first_kept == 1);
  bus.on("get_events", [](const Value&) { return FakeBus::refuse("auth.role", "no"); });
  BOOST_CHECK_EQUAL(session->for_each_event(0, [](const OrderEvent&) {}).error().code, "auth.role");
}

BOOST_AUTO_TEST_CASE(the_kill_switch_and_positions_that_differ) {
  FakeBus bus;
  bus.on(
      "kill_switch",
      map_of(
          {{"states",
            Value::Array{map_of(
                {{"scope", "account"}, {"name", "PAPER"}, {"state", "halted"}, {"reason", "lunch"}, {"since", 9}})}}}));
  bus.on("accept_positions", map_of({{"accepted", 2}}));
  auto session = open(bus);
  BOOST_REQUIRE(session);
  BOOST_CHECK_EQUAL(session->kill_switch()->at(0).reason, "lunch");
  BOOST_CHECK(bus.wait_request("kill_switch", 0)->args["state"].is_nil());
  const auto states = session->kill_switch("halted", {.account = "PAPER"}, true, "lunch");
  BOOST_REQUIRE(states);
  BOOST_CHECK_EQUAL(states->at(0).scope + states->at(0).name + states->at(0).state, "accountPAPERhalted");
  BOOST_CHECK_EQUAL(states->at(0).since, 9);
  const auto args = bus.wait_request("kill_switch", 1)->args;
  BOOST_CHECK_EQUAL(args["state"].text_or(""), "halted");
  BOOST_CHECK_EQUAL(args["account"].text_or(""), "PAPER");
  BOOST_CHECK(args["cancel_open"].boolean().value_or(false) && args["symbol"].is_nil());
  // An empty name is not "everything": the daemon gets it, and refuses it.
  BOOST_REQUIRE(session->kill_switch("active", {.client = ""}));
  BOOST_CHECK_EQUAL(bus.wait_request("kill_switch", 2)->args["client"].text_or("none"), "");
  bus.on("reload_risk", map_of({{"scopes", 3}}));
  BOOST_CHECK_EQUAL(session->reload_risk().operator*(), 3U);
  BOOST_CHECK_EQUAL(session->accept_positions({}, "AAPL").operator*(), 2U);
  BOOST_CHECK_EQUAL(bus.wait_request("accept_positions")->args["symbol"].text_or(""), "AAPL");
}

BOOST_AUTO_TEST_CASE(a_client_whose_orders_end_with_it_keeps_alive) {
  FakeBus bus;
  auto session = Session::open(
      {.command = bus.command(), .client = "test", .cancel_on_disconnect = true, .silence = 60ms, .timeout = 10s});
  BOOST_REQUIRE(session);
  const auto hello = bus.wait_request("hello")->args;
  BOOST_CHECK(hello["cancel_on_disconnect"].boolean().value_or(false));
  BOOST_CHECK_EQUAL(hello["silence_ms"].integer().value_or(0), 60);
  bus.on("get_quote", [](const Value&) { return FakeBus::Answer{true, {}, true}; });
  BOOST_CHECK_EQUAL(session->request("get_quote", Value{}.set("symbol", "AAPL"), 200ms).error().code, "client.timeout");
  BOOST_CHECK_GE(bus.count_requests("ping"), 3U);  // while it waited
  const auto before = bus.count_requests("ping");
  while (bus.count_requests("ping") < before + 2) BOOST_REQUIRE(session->keep_alive());

  auto plain = open(bus);
  BOOST_REQUIRE(plain);
  BOOST_CHECK(plain->keep_alive().operator*() == false);
  bus.on("hello", [](const Value&) { return FakeBus::refuse("broker.unsupported", "not offered"); });
  BOOST_CHECK_EQUAL(Session::open({.command = bus.command(), .cancel_on_disconnect = true}).error().code,
                    "broker.unsupported");
}
