// The real binary against a scripted daemon: exit codes, JSON, tables, Ctrl-C.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/clients/support/fake_bus.hpp"
#include "tests/clients/support/subprocess.hpp"
#include "tests/support/temp_folder.hpp"

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
       {"watch",      "quote",       "snapshot",    "bars",        "details",          "daily",   "news",   "search",
        "chain",      "buy",         "sell",        "cancel",      "replace",          "orders",  "order",  "positions",
        "account",    "events",      "export",      "kill-switch", "accept-positions", "status",  "missed", "connect",
        "disconnect", "cache-stats", "cache-clear", "ping",        "record",           "calendar"})
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

// A variable of a script that was not set must not make another command of it.
BOOST_AUTO_TEST_CASE(an_option_without_a_value_is_code_1_and_named) {
  FakeBus bus;
  const std::vector<std::pair<std::string, std::vector<std::string>>> wrong{
      {"--limit", {"buy", "AAPL", "1", "--limit", ""}},
      {"--limit", {"buy", "AAPL", "1", "--limit="}},
      {"--limit", {"buy", "--limit=", "AAPL", "1"}},
      {"--stop", {"sell", "AAPL", "1", "--stop", "", "--wait"}},
      {"--oco", {"buy", "AAPL", "1", "--oco", ""}},
      {"--id", {"buy", "AAPL", "1", "--id", ""}},
      {"symbol", {"buy", "", "1"}},
      {"--client", {"kill-switch", "active", "--client", ""}},
      {"--symbol", {"cancel", "--all", "--symbol", ""}},
      {"--account", {"cancel", "--all", "--account", ""}},
      {"id", {"cancel", "--all", ""}},
      {"--client", {"orders", "--client", "", "--all"}},
      {"symbols", {"quote", "AAPL", ""}},
      {"--output", {"export", "--output", ""}},
      {"--curve-server-key", {"ping", "--curve-server-key", ""}},
  };
  for (const auto& [name, args] : wrong) {
    const auto ended = run(bus, args);
    BOOST_TEST_CONTEXT(args.front() << ' ' << name) {
      BOOST_CHECK_EQUAL(ended.code, 1);
      BOOST_CHECK_MESSAGE(has(ended.err, name + " is given without a value"), ended.err);
    }
  }
  for (const auto* op : {"place_order", "kill_switch", "cancel_all"}) BOOST_CHECK_EQUAL(bus.count_requests(op), 0U);
}

BOOST_AUTO_TEST_CASE(a_number_that_is_none_is_code_1) {
  FakeBus bus;
  for (const auto* bad : {"-1", "99999999999999999999", "18446744073709551615", "1x", "0x10"}) {
    BOOST_CHECK_EQUAL(run(bus, {"events", "--after", bad}).code, 1);
    BOOST_CHECK_EQUAL(run(bus, {"events", "--until", bad}).code, 1);
    BOOST_CHECK_EQUAL(run(bus, {"missed", "quote:AAPL", "--after", bad}).code, 1);
    BOOST_CHECK_EQUAL(run(bus, {"export", "--after", bad}).code, 1);
    BOOST_CHECK_EQUAL(run(bus, {"export", "orders", "--after", bad}).code, 1);
  }
  BOOST_CHECK_EQUAL(run(bus, {"export", "orders", "--after", "nonsense"}).code, 1);
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

BOOST_AUTO_TEST_CASE(a_preview_places_nothing) {
  FakeBus bus;
  bus.on("preview_order", Value{}.set("broker", "ibkr").set("account", "DU1").set("commission", 1.05));
  const auto result = run(bus, {"buy", "AAPL", "10", "--limit", "190.10", "--broker", "ibkr", "--preview"});
  BOOST_CHECK_EQUAL(result.code, 0);
  BOOST_CHECK(has(result.out, "1.05"));
  BOOST_CHECK_EQUAL(bus.wait_request("preview_order")->args["limit_price"].text_or(""), "190.10");
  BOOST_CHECK_EQUAL(bus.count_requests("place_order"), 0U);
  BOOST_CHECK_EQUAL(run(bus, {"buy", "AAPL", "10", "--preview", "--wait"}).code, 1);
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

BOOST_AUTO_TEST_CASE(an_order_with_exits_a_group_or_an_amount_of_money) {
  FakeBus bus;
  bus.on("place_order", order_body("pending_new").set("oco", "pair").set("held", true).set("parent_id", "o-0"));
  const auto bracket =
      run(bus, {"buy", "AAPL", "10", "--take-profit", "210.10", "--stop-loss", "190", "--stop-loss-limit", "189.5"});
  BOOST_CHECK_EQUAL(bracket.code, 0);
  BOOST_CHECK(has(bracket.out, "PARENT") && has(bracket.out, "OCO") && has(bracket.out, "HELD"));
  BOOST_CHECK(!has(bracket.out, "EXTERNAL") && !has(bracket.out, "NOTIONAL"));
  auto args = bus.wait_request("place_order", 0)->args;
  BOOST_CHECK_EQUAL(args["bracket"]["take_profit"].text_or(""), "210.10");
  BOOST_CHECK_EQUAL(args["bracket"]["stop_loss"].text_or(""), "190");
  BOOST_CHECK_EQUAL(args["bracket"]["stop_loss_limit"].text_or(""), "189.5");
  BOOST_CHECK_EQUAL(args["order_type"].text_or(""), "market");
  BOOST_CHECK_EQUAL(run(bus, {"sell", "AAPL", "--notional", "500.50", "--oco", "pair"}).code, 0);
  args = bus.wait_request("place_order", 1)->args;
  BOOST_CHECK_EQUAL(args["notional"].text_or("") + args["oco"].text_or(""), "500.50pair");
  BOOST_CHECK(args["qty"].is_nil() && args["bracket"].is_nil());
  BOOST_CHECK_EQUAL(
      run(bus, {"sell", "AAPL", "1", "--trail-percent", "1.5", "--tif", "gtd", "--expires", "2024-06-21"}).code, 0);
  args = bus.wait_request("place_order", 2)->args;
  BOOST_CHECK_EQUAL(args["order_type"].text_or("") + args["trail_percent"].text_or(""), "trailing_stop1.5");
  BOOST_CHECK_EQUAL(args["expires_at"].integer().value_or(0), 1'718'928'000'000'000'000);
  BOOST_CHECK_EQUAL(run(bus, {"buy", "AAPL"}).code, 1);
  BOOST_CHECK_EQUAL(run(bus, {"buy", "AAPL", "1", "--notional", "5"}).code, 1);
  BOOST_CHECK_EQUAL(run(bus, {"buy", "AAPL", "1", "--stop-loss-limit", "5"}).code, 1);
  BOOST_CHECK_EQUAL(bus.count_requests("place_order"), 3U);
}

BOOST_AUTO_TEST_CASE(orders_of_other_types_and_with_a_strategy) {
  FakeBus bus;
  bus.on("place_order", order_body("pending_new")
                            .set("target_strategy", "Adaptive")
                            .set("strategy_parameters", map_of({{"adaptivePriority", "Urgent"}})));
  std::size_t sent = 0;
  const auto placed = [&](std::vector<std::string> options) {
    std::vector<std::string> line{"buy", "AAPL", "10"};
    line.insert(line.end(), options.begin(), options.end());
    BOOST_REQUIRE_EQUAL(run(bus, line).code, 0);
    return bus.wait_request("place_order", sent++)->args;
  };
  auto args = placed({"--touch", "180.5"});
  BOOST_CHECK_EQUAL(args["order_type"].text_or("") + args["stop_price"].text_or(""), "market_if_touched180.5");
  args = placed({"--touch", "180.5", "--limit", "181"});
  BOOST_CHECK_EQUAL(args["order_type"].text_or("") + args["limit_price"].text_or(""), "limit_if_touched181");
  args = placed({"--market-to-limit"});
  BOOST_CHECK_EQUAL(args["order_type"].text_or(""), "market_to_limit");
  args = placed({"--trail", "2", "--limit-offset", "0.10"});
  BOOST_CHECK_EQUAL(args["order_type"].text_or("") + args["limit_offset"].text_or(""), "trailing_stop_limit0.10");
  args = placed({"--limit", "190", "--strategy", "Vwap", "--parameter", "maxPctVol=0.1", "--parameter", "note=a=b"});
  BOOST_CHECK_EQUAL(args["order_type"].text_or("") + args["target_strategy"].text_or(""), "limitVwap");
  BOOST_CHECK_EQUAL(args["strategy_parameters"]["maxPctVol"].text_or(""), "0.1");
  BOOST_CHECK_EQUAL(args["strategy_parameters"]["note"].text_or(""), "a=b");
  const auto shown = run(bus, {"buy", "AAPL", "1", "--strategy", "Adaptive"});
  BOOST_CHECK(has(shown.out, "STRATEGY") && has(shown.out, "Urgent"));
  BOOST_CHECK_EQUAL(run(bus, {"buy", "AAPL", "1", "--touch", "1", "--stop", "2"}).code, 1);
  BOOST_CHECK_EQUAL(run(bus, {"buy", "AAPL", "1", "--strategy", "x", "--parameter", "novalue"}).code, 1);
  BOOST_CHECK_EQUAL(run(bus, {"buy", "AAPL", "1", "--strategy", "x", "--parameter", "a=1", "--parameter", "a=2"}).code,
                    1);
}

BOOST_AUTO_TEST_CASE(orders_are_read_to_the_last_page) {
  FakeBus bus;
  bus.on("get_orders", [](const Value& args) {
    const auto after = args["after_order"].text_or("?");
    Value::Array page;
    if (after.empty() || after == "?") page = {order_body("filled", 10), order_body("new").set("order_id", "o-2")};
    if (after == "o-2") page = {order_body("new").set("order_id", "o-3").set("external", true)};
    return FakeBus::Answer{true, map_of({{"orders", page}})};
  });
  const auto table = run(
      bus, {"orders", "--all", "--client", "me", "--account", "PAPER", "--symbol", "AAPL", "--since", "2024-06-21"});
  BOOST_CHECK_EQUAL(table.code, 0);
  BOOST_CHECK_EQUAL(lines(table.out), 4U);
  BOOST_CHECK(has(table.out, "EXTERNAL") && has(table.out, "yes"));
  const auto args = bus.wait_request("get_orders", 1)->args;
  BOOST_CHECK_EQUAL(args["status"].text_or("") + args["client"].text_or("") + args["after_order"].text_or(""),
                    "allmeo-2");
  BOOST_CHECK_EQUAL(args["account"].text_or("") + args["symbol"].text_or(""), "PAPERAAPL");
  BOOST_CHECK_EQUAL(args["since"].integer().value_or(0), 1'718'928'000'000'000'000);
  BOOST_CHECK_EQUAL(lines(run(bus, {"orders", "--json"}).out), 3U);
  BOOST_CHECK_EQUAL(lines(run(bus, {"orders", "--limit", "2", "--json"}).out), 2U);
}

BOOST_AUTO_TEST_CASE(positions_show_what_was_expected) {
  FakeBus bus;
  bus.on("get_positions",
         map_of({{"positions", Value::Array{map_of({{"symbol", "AAPL"}, {"qty", 5}, {"expected_qty", 4}}),
                                            map_of({{"symbol", "MSFT"}, {"qty", 1}})}}}));
  bus.on("accept_positions", map_of({{"accepted", 1}}));
  BOOST_CHECK_EQUAL(run(bus, {"positions"}).out,
                    "SYMBOL  QTY  EXPECTED\n"
                    "AAPL      5         4\n"
                    "MSFT      1\n");
  BOOST_CHECK_EQUAL(run(bus, {"accept-positions", "--symbol", "AAPL", "--json"}).out, "{\"accepted\":1}\n");
  BOOST_CHECK_EQUAL(bus.wait_request("accept_positions")->args["symbol"].text_or(""), "AAPL");
}

BOOST_AUTO_TEST_CASE(the_kill_switch_is_shown_and_set) {
  FakeBus bus;
  bus.on("kill_switch", map_of({{"states", Value::Array{map_of({{"scope", "account"},
                                                                {"name", "PAPER"},
                                                                {"state", "halted"},
                                                                {"reason", "lunch"},
                                                                {"since", 1'718'976'600'000'000'000}})}}}));
  BOOST_CHECK_EQUAL(run(bus, {"kill-switch"}).out,
                    "SCOPE    NAME   STATE   SINCE (UTC)              REASON\n"
                    "account  PAPER  halted  2024-06-21 13:30:00.000  lunch\n");
  BOOST_CHECK(bus.wait_request("kill_switch", 0)->args.map()->empty());
  BOOST_CHECK_EQUAL(run(bus, {"kill-switch", "halted", "--account", "PAPER", "--client", "me", "--symbol", "AAPL",
                              "--cancel-open", "--reason", "lunch"})
                        .code,
                    0);
  const auto args = bus.wait_request("kill_switch", 1)->args;
  BOOST_CHECK_EQUAL(args["state"].text_or("") + args["account"].text_or("") + args["client"].text_or("") +
                        args["symbol"].text_or("") + args["reason"].text_or(""),
                    "haltedPAPERmeAAPLlunch");
  BOOST_CHECK(args["cancel_open"].boolean().value_or(false));
  BOOST_CHECK_EQUAL(run(bus, {"kill-switch", "off"}).code, 1);
  BOOST_CHECK_EQUAL(run(bus, {"kill-switch", "--account", "PAPER"}).code, 1);
  BOOST_CHECK_EQUAL(bus.count_requests("kill_switch"), 2U);
  bus.on("reload_risk", map_of({{"scopes", 3}}));
  BOOST_CHECK_EQUAL(run(bus, {"reload-risk", "--json"}).out, "{\"scopes\":3}\n");
  bus.on("kill_switch", [](const Value&) { return FakeBus::refuse("request.unknown_op", "no such op"); });
  BOOST_CHECK_EQUAL(run(bus, {"kill-switch"}).code, 2);
}

namespace {

// Fills 1..5 in pages of two, the second one taken back by event 5; `first_kept` says what is gone.
void script_journal(FakeBus& bus, std::int64_t first_kept = 1) {
  bus.on("get_events", [first_kept](const Value& args) {
    Value::Array page;
    const auto after = args["after"].integer().value_or(0);
    const auto until = std::min<std::int64_t>(args["until"].integer().value_or(5), 5);
    for (auto seq = after + 1; seq <= until && page.size() < 2; ++seq) {
      Value event =
          order_event(static_cast<std::uint64_t>(seq), "fill", order_body("filled", 10).set("tag", "a,\"b\""));
      if (seq == 5) {
        Value fill = event["fill"];
        event.set("event", "bust").set("fill", fill.set("exec_id", "x-2"));
      }
      if (seq == 3) event = order_event(3, "canceled", order_body("canceled"));
      page.push_back(event);
    }
    return FakeBus::Answer{true, with_event_seq(page, until).set("first_kept", first_kept)};
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(events_end_where_they_are_asked_to) {
  FakeBus bus;
  script_journal(bus);
  const auto some = run(bus, {"events", "--after", "1", "--until", "4", "--json"});
  BOOST_CHECK_EQUAL(lines(some.out), 3U);
  BOOST_CHECK(!has(some.out, "\"seq\":5"));
  BOOST_CHECK_EQUAL(lines(run(bus, {"events", "--limit", "3", "--json"}).out), 3U);
  BOOST_CHECK_EQUAL(run(bus, {"events", "--until", "4", "--follow"}).code, 1);
}

BOOST_AUTO_TEST_CASE(an_event_that_the_stream_lost_is_followed_too) {
  FakeBus bus;
  std::atomic<std::int64_t> last{1};
  bus.on("get_events", [&](const Value& args) {
    Value::Array page;
    for (auto seq = args["after"].integer().value_or(0) + 1; seq <= last; ++seq)
      page.push_back(order_event(static_cast<std::uint64_t>(seq), "new", order_body("new")));
    return FakeBus::Answer{true, with_event_seq(page, last)};
  });
  Subprocess follow{TRADEBUS_CLI, at(bus, {"events", "--follow", "--json"})};
  BOOST_REQUIRE(bus.wait_subscribed("order|"));
  BOOST_REQUIRE(follow.wait_output("\"seq\":1,"));
  BOOST_REQUIRE(bus.wait_request("get_events", 3));  // the look after the connection, too
  last = 3;
  bus.publish("order|PAPER|", order_event(3, "new", order_body("new")));
  BOOST_REQUIRE(follow.wait_output("\"seq\":3,"));
  follow.signal(SIGINT);
  const auto result = follow.wait();
  BOOST_CHECK_EQUAL(result.code, 0);
  BOOST_CHECK_EQUAL(lines(result.out), 3U);
}

BOOST_AUTO_TEST_CASE(fills_are_exported_with_those_that_were_taken_back_marked) {
  FakeBus bus;
  script_journal(bus);
  const auto csv = run(bus, {"export", "fills"});
  BOOST_CHECK_EQUAL(csv.code, 0);
  const std::string tail = ",o-1,c-1,test,paper,PAPER,AAPL,buy,10,190.12,0.05,,\"a,\"\"b\"\"\",\n";
  const std::string ts = ",1718976600000000000,";
  BOOST_CHECK_EQUAL(csv.out,
                    "seq,event,busted,ts,exec_id,order_id,client_order_id,client,broker,account,symbol,side,qty,price,"
                    "commission,legs,tag,parent_id\n"
                    "1,fill,false" +
                        ts + "x-1" + tail + "2,fill,true" + ts + "x-2" + tail + "4,fill,false" + ts + "x-4" + tail);
  const auto later = run(bus, {"export", "fills", "--after", "2", "--format", "jsonl"});
  BOOST_CHECK_EQUAL(later.code, 0);
  BOOST_CHECK_EQUAL(lines(later.out), 2U);
  BOOST_CHECK(later.out.starts_with("{\"seq\":4,\"event\":\"fill\",\"busted\":false,\"exec_id\":\"x-4\","));
  BOOST_CHECK(has(later.out, "{\"seq\":5,\"event\":\"bust\",\"busted\":true,\"exec_id\":\"x-2\","));
  BOOST_CHECK_EQUAL(run(bus, {"export", "fills", "--after", "5"}).code, 0);
}

BOOST_AUTO_TEST_CASE(events_and_orders_are_exported_whole) {
  FakeBus bus;
  script_journal(bus);
  bus.on("get_orders", [](const Value& args) {
    const auto after = args["after_order"].text_or("?");
    Value::Array page;
    if (after.empty())
      page = {order_body("filled", 10).set("reason", "two\nlines"), order_body("new").set("order_id", "o-2")};
    if (after == "o-2") page = {order_body("new").set("order_id", "o-3").set("held", true).set("limit_price", 0.1)};
    return FakeBus::Answer{true, map_of({{"orders", page}})};
  });
  const auto events = run(bus, {"export"});
  BOOST_CHECK_EQUAL(events.code, 0);
  BOOST_CHECK_EQUAL(lines(events.out), 6U);
  BOOST_CHECK(events.out.starts_with("seq,ts,event,order.order_id,") && has(events.out, ",fill.ts,fill.legs\n"));
  BOOST_CHECK_EQUAL(run(bus, {"export", "events", "--format", "jsonl"}).out, run(bus, {"events", "--json"}).out);

  const TempFolder folder{"cli"};
  const auto path = folder.file("orders.csv");
  BOOST_CHECK_EQUAL(run(bus, {"export", "orders", "--output", path}).code, 0);
  const auto text = bytes_of(path);
  BOOST_CHECK(text.starts_with("order_id,client_order_id,client,broker,account,symbol,side,qty,notional,order_type,"));
  BOOST_CHECK(has(text, ",\"two\nlines\","));
  BOOST_CHECK(has(text, "\no-3,c-1,test,paper,PAPER,AAPL,buy,10,,market,0.1,") && text.ends_with(",true,,,,\n"));
  BOOST_CHECK(!std::filesystem::exists(path + ".part"));
  BOOST_CHECK_EQUAL(lines(run(bus, {"export", "orders", "--after", "o-2"}).out), 2U);
}

BOOST_AUTO_TEST_CASE(an_export_that_fails_leaves_the_old_file_and_says_why) {
  FakeBus bus;
  script_journal(bus, 4);
  const auto gone = run(bus, {"export", "events"});
  BOOST_CHECK_EQUAL(gone.code, 4);
  BOOST_CHECK(has(gone.err, "gone"));
  BOOST_CHECK_EQUAL(run(bus, {"export", "events", "--after", "3"}).code, 0);
  const TempFolder folder{"cli"};
  const auto path = folder.file("events.csv");
  write_bytes(path, "old");
  bus.on("get_events", [](const Value&) { return FakeBus::refuse("internal", "the disk is broken"); });
  const auto refused = run(bus, {"export", "-o", path});
  BOOST_CHECK_EQUAL(refused.code, 2);
  BOOST_CHECK(has(refused.err, "the disk is broken"));
  BOOST_CHECK_EQUAL(bytes_of(path), "old");
  BOOST_CHECK(!std::filesystem::exists(path + ".part"));
  script_journal(bus);
  const auto nowhere = run(bus, {"export", "-o", folder.file("none/x")});
  BOOST_CHECK_EQUAL(nowhere.code, 1);
  BOOST_CHECK(has(nowhere.err, "No such file"));
  BOOST_CHECK_EQUAL(run(bus, {"export", "-o", "/dev/full/x"}).code, 1);
  BOOST_CHECK_EQUAL(run(bus, {"export", "prices"}).code, 1);
  BOOST_CHECK_EQUAL(run(bus, {"export", "--after", "o-1"}).code, 1);
}
