// The real binary against a scripted daemon: exit codes, JSON, tables, Ctrl-C.
#include <boost/test/unit_test.hpp>

#include "tests/clients/support/fake_bus.hpp"
#include "tests/clients/support/subprocess.hpp"

using namespace tradebus::test;

namespace {

std::vector<std::string> at(const FakeBus& bus, std::vector<std::string> args) {
  args.insert(args.end(), {"--stream", bus.stream(), "--command", bus.command()});
  return args;
}

Subprocess::Result run(const FakeBus& bus, std::vector<std::string> args) {
  return Subprocess{TRADEBUS_CLI, at(bus, std::move(args))}.wait();
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_CASE(help_documents_the_exit_codes) {
  const auto help = Subprocess{TRADEBUS_CLI, {"--help"}}.wait();
  BOOST_CHECK_EQUAL(help.code, 0);
  BOOST_CHECK(has(help.out, "Exit codes"));
  for (const auto* command :
       {"watch",  "quote",  "snapshot", "bars",       "details",     "daily",       "news",      "search",  "chain",
        "buy",    "sell",   "cancel",   "replace",    "orders",      "order",       "positions", "account", "events",
        "status", "missed", "connect",  "disconnect", "cache-stats", "cache-clear", "ping",      "record",  "calendar"})
    BOOST_CHECK_MESSAGE(has(help.out, std::string{"\n  "} + command + " "), command);
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_code_1) {
  BOOST_CHECK_EQUAL((Subprocess{TRADEBUS_CLI, {}}.wait().code), 1);
  BOOST_CHECK_EQUAL((Subprocess{TRADEBUS_CLI, {"nonsense"}}.wait().code), 1);
  BOOST_CHECK_EQUAL((Subprocess{TRADEBUS_CLI, {"quote"}}.wait().code), 1);
  BOOST_CHECK_EQUAL((Subprocess{TRADEBUS_CLI, {"bars", "AAPL", "7m"}}.wait().code), 1);
  BOOST_CHECK_EQUAL((Subprocess{TRADEBUS_CLI, {"ping", "--command", "nonsense"}}.wait().code), 1);
  const auto cancel = Subprocess{TRADEBUS_CLI, {"cancel"}}.wait();
  BOOST_CHECK_EQUAL(cancel.code, 1);
  BOOST_CHECK(has(cancel.err, "--all"));
}

BOOST_AUTO_TEST_CASE(no_daemon_is_code_3_and_says_where_and_how) {
  std::string stream, command;
  {
    FakeBus gone;
    stream = gone.stream(), command = gone.command();
  }
  const auto ping = Subprocess{TRADEBUS_CLI, {"ping", "--timeout", "0.2"}, {"TRADEBUS_BUS_COMMAND=" + command}}.wait();
  BOOST_CHECK_EQUAL(ping.code, 3);
  BOOST_CHECK(has(ping.err, command));
  BOOST_CHECK(has(ping.err, "tradebusd"));
  const auto json =
      Subprocess{TRADEBUS_CLI, {"--json", "quote", "AAPL", "--timeout", "0.2", "--command", command}}.wait();
  BOOST_CHECK_EQUAL(json.code, 3);
  BOOST_CHECK(json.err.starts_with(R"({"error":{"code":"client.unreachable")"));
  const auto watch = Subprocess{TRADEBUS_CLI, {"watch", "AAPL", "--timeout", "0.2", "--stream", stream}}.wait();
  BOOST_CHECK_EQUAL(watch.code, 3);
  BOOST_CHECK(has(watch.err, stream));
}

BOOST_AUTO_TEST_CASE(a_daemon_that_stays_silent_is_code_3) {
  FakeBus bus;
  bus.on("get_quote", [](const Value&) { return FakeBus::Answer{true, {}, true}; });
  const auto result = run(bus, {"quote", "AAPL", "--timeout", "0.2"});
  BOOST_CHECK_EQUAL(result.code, 3);
  BOOST_CHECK(has(result.err, "client.timeout"));
}

BOOST_AUTO_TEST_CASE(refusals_are_code_2_with_code_and_message) {
  FakeBus bus;
  bus.on("get_quote", [](const Value& args) {
    if (args["symbol"].text_or("") == "AAPL") return FakeBus::Answer{true, quote_body(1, 190.1, 190.2)};
    return FakeBus::refuse("instrument.unknown", "nobody knows XX");
  });
  const auto plain = run(bus, {"quote", "AAPL", "XX"});
  BOOST_CHECK_EQUAL(plain.code, 2);
  BOOST_CHECK_EQUAL(plain.err, "instrument.unknown: nobody knows XX\n");
  BOOST_CHECK_EQUAL(plain.out,
                    "SYMBOL    BID  SIZE    ASK  SIZE  TIME (UTC)\n"
                    "AAPL    190.1   200  190.2   300  2024-06-21 13:30:00.000000001\n");
  const auto json = run(bus, {"--json", "quote", "XX"});
  BOOST_CHECK_EQUAL(json.code, 2);
  BOOST_CHECK_EQUAL(json.err, "{\"error\":{\"code\":\"instrument.unknown\",\"message\":\"nobody knows XX\"}}\n");
}

BOOST_AUTO_TEST_CASE(json_is_one_object_a_line) {
  FakeBus bus;
  bus.on("get_quote", quote_body(1, 190.1, 190.2));
  bus.on("get_positions", map_of({{"positions", Value::Array{map_of({{"symbol", "AAPL"}, {"qty", 5}}),
                                                             map_of({{"symbol", "MSFT"}, {"qty", -2.5}})}}}));
  bus.on("get_status",
         map_of({{"version", "1"}, {"providers", Value::Array{map_of({{"provider", "sim"}, {"state", "up"}})}}}));
  BOOST_CHECK_EQUAL(
      run(bus, {"quote", "AAPL", "--json"}).out,
      "{\"symbol\":\"AAPL\",\"ts\":1718976600000000001,\"rx\":1718976600000000500,\"bid\":190.1,\"bid_size\":200,"
      "\"ask\":190.2,\"ask_size\":300,\"seq\":1}\n");
  BOOST_CHECK_EQUAL(run(bus, {"positions", "--json"}).out,
                    "{\"symbol\":\"AAPL\",\"qty\":5}\n{\"symbol\":\"MSFT\",\"qty\":-2.5}\n");
  BOOST_CHECK_EQUAL(run(bus, {"--json", "status"}).out,
                    "{\"version\":\"1\",\"providers\":[{\"provider\":\"sim\",\"state\":\"up\"}]}\n");
  BOOST_CHECK(has(run(bus, {"status"}).out, "sim"));
  const auto ping = run(bus, {"ping", "--json"});
  BOOST_CHECK_EQUAL(ping.code, 0);
  BOOST_CHECK(has(ping.out, "\"round_trip_us\":"));
}

BOOST_AUTO_TEST_CASE(bars_ask_for_the_range_in_pages_and_can_be_drawn) {
  FakeBus bus;
  bus.on("get_status", map_of({{"now", 1'718'976'600'000'000'000}}));
  bus.on("get_historical_data", [](const Value& args) {
    const auto start = args["start"].integer().value_or(0);
    const bool first = start == 1'718'976'600'000'000'000 - 2 * 3'600'000'000'000;
    Value bar = map_of(
        {{"symbol", "AAPL"}, {"ts", start}, {"open", 10}, {"high", 12}, {"low", 9.5}, {"close", 11}, {"volume", 100}});
    Value result = map_of({{"bars", Value::Array{bar}}, {"source", "sim"}});
    if (first) result.set("next_start", start + 60'000'000'000);
    return FakeBus::Answer{true, result};
  });
  const auto table = run(bus, {"bars", "AAPL", "1m", "--start", "-2h"});
  BOOST_CHECK_EQUAL(table.code, 0);
  BOOST_CHECK_EQUAL(table.out,
                    "TIME (UTC)               OPEN  HIGH  LOW  CLOSE  VOLUME\n"
                    "2024-06-21 11:30:00.000    10    12  9.5     11     100\n"
                    "2024-06-21 11:31:00.000    10    12  9.5     11     100\n");
  BOOST_CHECK_EQUAL(bus.wait_request("get_historical_data")->args["end"].integer().value_or(0),
                    1'718'976'600'000'000'000);
  const auto plot = run(bus, {"bars", "AAPL", "1m", "--start", "-2h", "--plot"});
  BOOST_CHECK(has(plot.out, "┃"));
  BOOST_CHECK(!has(plot.out, "\x1b["));
  BOOST_CHECK_EQUAL(lines(run(bus, {"bars", "AAPL", "1m", "--start", "-2h", "--json"}).out), 2U);
  BOOST_CHECK_EQUAL(run(bus, {"bars", "AAPL", "1m", "--start", "tomorrow"}).code, 1);
}

BOOST_AUTO_TEST_CASE(other_questions_carry_their_arguments) {
  FakeBus bus;
  bus.on("get_option_chain",
         map_of({{"quotes",
                  Value::Array{map_of({{"symbol", "AAPL240621C00190000"}, {"strike", 190}, {"right", "call"}})}}}));
  bus.on("get_news", map_of({{"items", Value::Array{map_of({{"title", "Up"}, {"ts", 1'718'976'600'000'000'000}})}}}));
  bus.on("get_market_news", map_of({{"items", Value::Array{}}}));
  bus.on("search_symbols", map_of({{"matches", Value::Array{map_of({{"symbol", "AAPL"}, {"name", "Apple"}})}}}));
  bus.on("connect", map_of({{"state", "up"}}));
  bus.on("cache_clear", map_of({{"kinds", Value::Array{}}}));
  BOOST_CHECK(has(run(bus, {"chain", "AAPL", "--right", "call", "--strike-min", "185.5", "--expiry", "2024-06-21"}).out,
                  "AAPL240621C00190000"));
  const auto chain = bus.wait_request("get_option_chain");
  BOOST_CHECK_EQUAL(chain->args["strike_min"].text_or(""), "185.5");
  BOOST_CHECK_EQUAL(chain->args["right"].text_or(""), "call");
  BOOST_CHECK(has(run(bus, {"news", "AAPL"}).out, "Up"));
  BOOST_CHECK_EQUAL(run(bus, {"news"}).out, "");
  BOOST_CHECK(has(run(bus, {"search", "Apple", "Inc"}).out, "Apple"));
  BOOST_CHECK_EQUAL(bus.wait_request("search_symbols")->args["text"].text_or(""), "Apple Inc");
  BOOST_CHECK(has(run(bus, {"connect", "sim"}).out, "up"));
  BOOST_CHECK_EQUAL(bus.wait_request("connect")->args["name"].text_or(""), "sim");
  BOOST_CHECK_EQUAL(run(bus, {"cache-clear"}).code, 0);
  BOOST_CHECK_EQUAL(run(bus, {"cache-clear", "bars", "--symbol", "AAPL"}).code, 0);
}

BOOST_AUTO_TEST_CASE(missed_tells_when_the_ring_has_lost_them) {
  FakeBus bus;
  bus.on("get_missed", [](const Value& args) {
    const bool all = args["after"].integer().value_or(0) >= 4;
    return FakeBus::Answer{
        true, map_of({{"messages", Value::Array{quote_body(5, 1, 2)}}, {"complete", all}, {"first_kept", 5}})};
  });
  const auto kept = run(bus, {"missed", "quote:AAPL", "--after", "4", "--json"});
  BOOST_CHECK_EQUAL(kept.code, 0);
  BOOST_CHECK_EQUAL(lines(kept.out), 1U);
  BOOST_CHECK_EQUAL(run(bus, {"missed", "quote:AAPL", "--after", "1"}).code, 4);
}

BOOST_AUTO_TEST_CASE(an_order_is_placed_exactly_as_typed) {
  FakeBus bus;
  bus.on("place_order", order_body("pending_new"));
  const auto result = run(bus, {"buy", "AAPL", "10.5", "--limit", "190.10", "--tif", "gtc", "--client", "me"});
  BOOST_CHECK_EQUAL(result.code, 0);
  BOOST_CHECK(has(result.out, "o-1"));
  const auto request = bus.wait_request("place_order");
  BOOST_REQUIRE(request);
  BOOST_CHECK_EQUAL(request->args["qty"].text_or(""), "10.5");
  BOOST_CHECK_EQUAL(request->args["limit_price"].text_or(""), "190.10");
  BOOST_CHECK_EQUAL(request->args["order_type"].text_or(""), "limit");
  BOOST_CHECK_EQUAL(request->args["time_in_force"].text_or(""), "gtc");
  BOOST_CHECK_NE(request->args["client_order_id"].text_or(""), "");
  BOOST_CHECK_EQUAL(bus.wait_request("hello")->args["client"].text_or(""), "me");
  run(bus, {"sell", "AAPL", "1", "--short", "--stop", "5"});
  BOOST_CHECK_EQUAL(bus.wait_request("place_order", 1)->args["side"].text_or(""), "sell_short");
  BOOST_CHECK_EQUAL(bus.wait_request("place_order", 1)->args["order_type"].text_or(""), "stop");
}

BOOST_AUTO_TEST_CASE(wait_follows_an_order_by_its_events) {
  FakeBus bus;
  bus.on("get_events", with_event_seq(Value::Array{}, 10));
  bus.on("place_order", order_body("pending_new"));
  bus.on("get_order", order_body("new"));
  Subprocess buy{TRADEBUS_CLI, at(bus, {"buy", "AAPL", "10", "--wait"})};
  BOOST_REQUIRE(bus.wait_request("place_order"));
  BOOST_REQUIRE(bus.wait_subscribed("order|"));
  bus.publish("order|PAPER|", order_event(11, "new", order_body("new")));
  bus.publish("order|PAPER|", order_event(12, "fill", order_body("filled", 10)));
  const auto result = buy.wait();
  BOOST_CHECK_EQUAL(result.code, 0);
  BOOST_CHECK(has(result.out, "fill  10 @ 190.12"));
  BOOST_CHECK(has(result.out, "filled"));
}

BOOST_AUTO_TEST_CASE(wait_finds_what_the_stream_did_not_bring) {
  FakeBus bus;
  bus.on("place_order", order_body("pending_new"));
  bus.on("get_order", order_body("filled", 10));
  bus.on("get_events", [](const Value& args) {
    Value::Array events;
    if (args["after"].integer().value_or(0) == 10) events.push_back(order_event(11, "fill", order_body("filled", 10)));
    return FakeBus::Answer{true, with_event_seq(events, args["after"].integer().value_or(0) < 11 ? 10 : 11)};
  });
  const auto result = run(bus, {"buy", "AAPL", "10", "--wait"});
  BOOST_CHECK_EQUAL(result.code, 0);
  BOOST_CHECK(has(result.out, "fill  10 @ 190.12"));
}

BOOST_AUTO_TEST_CASE(an_order_that_ends_rejected_is_code_2) {
  FakeBus bus;
  bus.on("get_events", with_event_seq(Value::Array{}, 10));
  bus.on("place_order", order_body("pending_new"));
  bus.on("get_order", order_body("rejected"));
  BOOST_CHECK_EQUAL(run(bus, {"buy", "AAPL", "10", "--wait"}).code, 2);
}

BOOST_AUTO_TEST_CASE(cancel_takes_either_id) {
  FakeBus bus;
  bus.on("cancel_order", [](const Value& args) {
    if (!args["order_id"].is_nil()) return FakeBus::refuse("order.not_found", "no such order");
    return FakeBus::Answer{true, order_body("pending_cancel")};
  });
  bus.on("cancel_all", map_of({{"canceled", 3}}));
  const auto one = run(bus, {"cancel", "c-1"});
  BOOST_CHECK_EQUAL(one.code, 0);
  BOOST_CHECK(has(one.out, "pending_cancel"));
  BOOST_CHECK_EQUAL(run(bus, {"cancel", "--all", "--json"}).out, "{\"canceled\":3}\n");
}

BOOST_AUTO_TEST_CASE(watch_prints_lines_and_ends_by_count) {
  FakeBus bus;
  bus.set_last("quote|AAPL|", quote_body(1, 190.1, 190.2));
  Subprocess watch{TRADEBUS_CLI, at(bus, {"watch", "AAPL", "--json", "--count", "2"})};
  BOOST_REQUIRE(bus.wait_subscribed("quote|AAPL|") && bus.wait_subscribed("trade|AAPL|"));
  bus.publish("status|quote|AAPL|", map_of({{"seq", 1}, {"state", "stale"}}));
  bus.publish("trade|AAPL|", trade_body(4, 190.15, 100));
  const auto result = watch.wait();
  BOOST_CHECK_EQUAL(result.code, 0);
  BOOST_CHECK(has(result.out, "{\"topic\":\"trade|AAPL|\",\"symbol\":\"AAPL\","));
  BOOST_CHECK(has(result.out, "\"snapshot\":true"));
  BOOST_CHECK(has(result.out, "\"state\":\"stale\""));
}

BOOST_AUTO_TEST_CASE(watch_ends_with_code_0_at_ctrl_c) {
  FakeBus bus;
  bus.set_last("quote|AAPL|", quote_body(1, 190.1, 190.2));
  for (const int signal : {SIGINT, SIGTERM}) {
    Subprocess watch{TRADEBUS_CLI, at(bus, {"watch", "AAPL", "--kinds", "quote"})};
    BOOST_REQUIRE(watch.wait_output("190.1 x 200  190.2 x 300\n"));
    watch.signal(signal);
    BOOST_CHECK_EQUAL(watch.wait().code, 0);
  }
}

BOOST_AUTO_TEST_CASE(watch_ends_by_time) {
  FakeBus bus;
  BOOST_CHECK_EQUAL(run(bus, {"watch", "AAPL", "--for", "0.2"}).code, 0);
}

BOOST_AUTO_TEST_CASE(events_are_paged_and_followed) {
  FakeBus bus;
  bus.on("get_events", [](const Value& args) {
    Value::Array events;
    const auto after = args["after"].integer().value_or(0);
    if (after < 11) events.push_back(order_event(11, "new", order_body("new")));
    if (after < 12) events.push_back(order_event(12, "fill", order_body("filled", 10)));
    return FakeBus::Answer{true, with_event_seq(events, 12)};
  });
  const auto once = run(bus, {"events", "--json"});
  BOOST_CHECK_EQUAL(lines(once.out), 2U);
  BOOST_CHECK_EQUAL(lines(run(bus, {"events", "--after", "11"}).out), 2U);  // one, and the header
  Subprocess follow{TRADEBUS_CLI, at(bus, {"events", "--after", "11", "--follow", "--json"})};
  BOOST_REQUIRE(bus.wait_subscribed("order|"));
  BOOST_REQUIRE(follow.wait_output("\"seq\":12"));
  bus.publish("order|PAPER|", order_event(12, "fill", order_body("filled", 10)));
  bus.publish("order|PAPER|", order_event(15, "canceled", order_body("canceled")));
  BOOST_REQUIRE(follow.wait_output("\"seq\":15"));
  follow.signal(SIGINT);
  const auto result = follow.wait();
  BOOST_CHECK_EQUAL(result.code, 0);
  BOOST_CHECK_EQUAL(lines(result.out), 2U);
}

BOOST_AUTO_TEST_CASE(a_calendar_of_many_years_follows_the_pages) {
  FakeBus bus;
  bus.on("get_calendar", [](const Value& args) {
    const auto start = args["start"].text_or("");
    Value page = map_of({{"exchange", "XNYS"},
                         {"name", "New York"},
                         {"timezone", "America/New_York"},
                         {"sessions", Value::Array{map_of({{"date", start}, {"open", 0}, {"close", 1}})}},
                         {"closures", Value::Array{}}});
    if (start == "2000-01-01") page.set("next_start", "2001-01-01");
    return FakeBus::Answer{true, page};
  });
  const auto all = run(bus, {"--json", "calendar", "XNYS", "--start", "2000-01-01", "--end", "2001-12-31"});
  BOOST_CHECK_EQUAL(all.code, 0);
  BOOST_CHECK(has(all.out, "\"date\":\"2000-01-01\"") && has(all.out, "\"date\":\"2001-01-01\""));
  BOOST_CHECK(!has(all.out, "next_start"));
}

BOOST_AUTO_TEST_CASE(a_month_of_a_calendar_is_a_table_in_local_time) {
  FakeBus bus;
  constexpr std::int64_t hour = 3'600'000'000'000;
  constexpr std::int64_t friday = 20'784 * 24 * hour;  // 2026-11-27
  bus.on("get_calendar", [](const Value& args) {
    if (args["exchange"].text_or("") != "XNYS")
      return FakeBus::refuse("request.invalid", "exchange: there is no calendar \"XFOO\"");
    Value early = map_of({{"date", "2026-11-27"},
                          {"open", friday + 14 * hour + hour / 2},
                          {"close", friday + 18 * hour},
                          {"early", true},
                          {"post_open", friday + 18 * hour},
                          {"post_close", friday + 22 * hour},
                          {"utc_offset_s", -5 * 3600},
                          {"name", "Day after Thanksgiving"}});
    Value evening = map_of({{"date", "2026-11-30"},
                            {"open", friday + 3 * 24 * hour - hour},
                            {"close", friday + 3 * 24 * hour + 21 * hour},
                            {"early", false},
                            {"utc_offset_s", -5 * 3600}});
    return FakeBus::Answer{
        true, map_of({{"exchange", "XNYS"},
                      {"name", "New York"},
                      {"timezone", "America/New_York"},
                      {"sessions", Value::Array{early, evening}},
                      {"closures", Value::Array{map_of({{"date", "2026-11-26"}, {"name", "Thanksgiving Day"}})}}})};
  });
  const auto table = run(bus, {"calendar", "XNYS", "--month", "2026-11"});
  BOOST_CHECK_EQUAL(table.code, 0);
  BOOST_CHECK_EQUAL(table.out,
                    "XNYS  New York, local times (America/New_York)\n"
                    "DATE        DAY       OPEN  CLOSE  AFTER\n"
                    "2026-11-26  Thu          -      -               closed: Thanksgiving Day\n"
                    "2026-11-27  Fri      09:30  13:00  13:00-17:00  early close: Day after Thanksgiving\n"
                    "2026-11-30  Mon  Sun 18:00  16:00\n"
                    "sessions 2, early closes 1, closed 1\n");
  const auto asked = bus.wait_request("get_calendar");
  BOOST_REQUIRE(asked);
  BOOST_CHECK_EQUAL(asked->args["start"].text_or(""), "2026-11-01");
  BOOST_CHECK_EQUAL(asked->args["end"].text_or(""), "2026-11-30");
  const auto json = run(bus, {"--json", "calendar", "XNYS", "--start", "2026-11-01", "--end", "2026-11-30"});
  BOOST_CHECK_EQUAL(lines(json.out), 1U);
  BOOST_CHECK(has(json.out, "\"closures\":[{\"date\":\"2026-11-26\",\"name\":\"Thanksgiving Day\"}]"));
  BOOST_CHECK_EQUAL(run(bus, {"calendar", "XFOO", "--month", "2026-11"}).code, 2);
  for (const auto* month : {"2026-13", "2026-00", "2026", "11-2026", "2026-1x", "-026-11", "november"})
    BOOST_CHECK_EQUAL(run(bus, {"calendar", "XNYS", "--month=" + std::string{month}}).code, 1);
  BOOST_CHECK_EQUAL(run(bus, {"calendar", "XNYS", "--start", "2026-11-01"}).code, 1);
  BOOST_CHECK_EQUAL(run(bus, {"calendar", "XNYS", "--start", "2026-11-31", "--end", "2026-12-01"}).code, 1);
  BOOST_CHECK_EQUAL(run(bus, {"calendar"}).code, 1);
}
