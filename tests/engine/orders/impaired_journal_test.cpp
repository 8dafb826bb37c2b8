// The order manager over a disk that is full, or broke: what is refused, what is told, and what nobody hears of.
#include "bus/wire/unpack.hpp"
#include "tests/engine/orders/manager_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct Impaired : Managed {
  static constexpr std::uint64_t waiting_token = 1'000;
  const std::vector<std::string> changes{"cancel_order", "replace_order", "cancel_all", "kill_switch",
                                         "accept_positions"};

  static std::string order_args(const char* key) { return wire::packed(command(key).order); }
  static std::string named(const char* key) { return wire::packed(GetOrder{{}, {}, ClientOrderId{key}}); }
  // What each of the changes asks for; kill_switch is to halt.
  static std::string args_of(const std::string& op) {
    KillSwitch halt;
    halt.state = TradingState::halted;
    return op == "kill_switch" ? wire::packed(halt) : op == "replace_order" ? with_qty() : named("1");
  }
  static std::string with_qty() {
    ReplaceOrder replace;
    replace.client_order_id = ClientOrderId{"1"};
    replace.qty = qty("50");
    return wire::packed(replace);
  }
  void send(const std::vector<const char*>& keys) {
    ClientRequests requests;
    for (const char* key : keys)
      requests.requests.push_back({waiting_token + requests.requests.size(), "c", "place_order", order_args(key)});
    caf::anon_send(manager, requests);
    run();
  }
  void impair(bool broken) {
    journal->lags = true;
    (broken ? journal->failed : journal->full) = true;
    journal->stuck = !broken;
    journal->tell();
    run();
  }
  std::optional<BusReply> reply_to(std::uint64_t token) const {
    const auto it = std::ranges::find(streamed->replies, token, &BusReply::token);
    return it == streamed->replies.end() ? std::nullopt : std::optional{*it};
  }
  template <class T>
  T answered(const std::string& op, const std::string& args) {
    T out;
    const auto reply = request(op, args);
    BOOST_REQUIRE_MESSAGE(!reply.error, (reply.error ? op + ": " + reply.error->message : op));
    const auto document = wire::Document::parse(reply.result);
    BOOST_REQUIRE(document);
    BOOST_REQUIRE(wire::unpack_fields(document->root(), out, {}));
    return out;
  }
  bool is_marked(const char* key) { return answered<Order>("get_order", named(key)).unrecorded.value_or(false); }
  void check_changes_are_refused(const std::string& with) {
    for (const auto& op : changes) {
      const auto reply = request(op, args_of(op));
      BOOST_REQUIRE_MESSAGE(reply.error, op);
      BOOST_CHECK_EQUAL(code(*reply.error), with);
    }
    BOOST_CHECK(!request("kill_switch", {}).error);  // only asks
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(impaired_journal, Impaired)

BOOST_AUTO_TEST_CASE(a_full_disk_refuses_orders_and_answers_questions) {
  up();
  BOOST_CHECK(placed(command("1")));
  journal->full = journal->lags = true;
  journal->tell();
  run();
  BOOST_CHECK_EQUAL(code(*request("place_order", wire::packed(command("2").order)).error), "overloaded");
  BOOST_CHECK(!request("get_orders", {}).error);
  BOOST_CHECK(!request("place_order", wire::packed(command("1").order)).error);  // a repeat needs no room
  report(streamed->events[0].order.order_id, BrokerReport::accepted);            // waits for room
  BOOST_CHECK_EQUAL(story(), "pending_new");
  journal->full = false;
  journal->catch_up();
  run();
  BOOST_CHECK_EQUAL(story(), "pending_new, new");
  journal->lags = false;
  BOOST_CHECK(placed(command("2")));
}

BOOST_AUTO_TEST_CASE(a_full_disk_lets_known_orders_be_changed_as_long_as_there_is_room) {
  up();
  const auto order = placed(command("1"));
  answer(0);
  journal->full = true;
  journal->tell();
  run();
  BOOST_CHECK(!request("cancel_order", named("1")).error);
  BOOST_CHECK_EQUAL(story(), "pending_new, new, pending_cancel");
  BOOST_CHECK(!answered<Order>("get_order", named("1")).unrecorded);
  // Each is recorded at once, and takes of the room that is left.
  journal->stuck = true;
  BOOST_CHECK(!request("get_orders", {}).error);
  BOOST_CHECK_EQUAL(code(*request("cancel_order", named("1")).error), "overloaded");
}

BOOST_AUTO_TEST_CASE(what_waits_for_room_is_told_to_nobody) {
  up();
  BOOST_REQUIRE(placed(command("1")));
  const auto told_before = streamed->events.size();
  journal->lags = true;
  send({"2"});
  impair(false);
  BOOST_CHECK(!reply_to(waiting_token));
  BOOST_CHECK_EQUAL(code(*request("place_order", order_args("2")).error), "overloaded");  // not recorded yet
  BOOST_CHECK(answered<Order>("place_order", order_args("1")).duplicate == true);
  check_changes_are_refused("overloaded");
  BOOST_CHECK(is_marked("2"));
  BOOST_CHECK(!is_marked("1"));
  auto all = answered<Orders>("get_orders", {}).orders;
  BOOST_REQUIRE_EQUAL(all.size(), 2);
  BOOST_CHECK(!all[0].unrecorded && all[1].unrecorded == true);
  report(all[0].order_id, BrokerReport::accepted);
  BOOST_CHECK(is_marked("1"));
  BOOST_CHECK_EQUAL(code(*request("place_order", order_args("1")).error), "overloaded");
  const auto events = answered<OrderEvents>("get_events", wire::packed(GetOrderEvents{}));
  BOOST_REQUIRE_EQUAL(events.events.size(), 1);
  BOOST_CHECK_EQUAL(events.events[0].seq, journal->durable_seq());
  BOOST_CHECK_EQUAL(events.last_seq, journal->durable_seq());
  BOOST_CHECK_EQUAL(status().events_last_seq, journal->durable_seq());
  BOOST_CHECK_EQUAL(streamed->events.size(), told_before);
  BOOST_CHECK_EQUAL(script->placed.size(), 1);

  journal->full = journal->stuck = false;
  journal->catch_up();
  run();
  BOOST_REQUIRE(reply_to(waiting_token));
  BOOST_CHECK(!reply_to(waiting_token)->error);
  BOOST_CHECK_EQUAL(script->placed.size(), 2);
  BOOST_CHECK_EQUAL(story(), "pending_new, pending_new, new");
  BOOST_CHECK(!is_marked("1") && !is_marked("2"));
}

// As with sync = "write": what waits is written when the manager looks, not before.
BOOST_AUTO_TEST_CASE(answers_that_waited_leave_when_the_manager_itself_writes) {
  up();
  journal->lags = true;
  send({"1", "2"});
  impair(false);
  journal->full = journal->stuck = journal->lags = false;
  journal->tell();
  run();
  BOOST_CHECK(reply_to(waiting_token) && !reply_to(waiting_token)->error);
  BOOST_CHECK(reply_to(waiting_token + 1) && !reply_to(waiting_token + 1)->error);
}

BOOST_AUTO_TEST_CASE(cancels_of_a_silent_client_wait_for_room) {
  up();
  const auto order = placed(command("1"));
  answer(0);
  caf::anon_send(manager, WatchRequest{"c", 1'000, 0, ""});
  run();
  impair(false);
  caf::anon_send(manager, ClientSilent{ClientName{"c"}});
  run();
  BOOST_CHECK_EQUAL(story(), "pending_new, new");
  journal->full = journal->stuck = false;
  journal->catch_up();
  run();
  BOOST_CHECK_EQUAL(story(), "pending_new, new, pending_cancel");
}

BOOST_AUTO_TEST_CASE(who_asks_to_be_watched_hears_it_once_it_is_recorded) {
  up();
  std::uint64_t token = 100;
  const auto watch = [&](std::int64_t silence_ms) {
    caf::anon_send(manager, WatchRequest{"c", silence_ms, ++token, "welcome"});
    run();
    return reply_to(token);
  };
  journal->lags = true;
  BOOST_CHECK(!watch(1'000));
  journal->catch_up();
  run();
  BOOST_REQUIRE(reply_to(token) && !reply_to(token)->error);
  BOOST_CHECK_EQUAL(reply_to(token)->result, "welcome");
  journal->lags = false;
  BOOST_REQUIRE(placed(command("1")));
  answer(0);
  for (const bool broken : {false, true}) {
    impair(broken);
    const auto* code_of_refusal = broken ? "internal" : "overloaded";
    BOOST_CHECK(watch(1'000) && !reply_to(token)->error);  // it is recorded
    for (const std::int64_t changed : {0, 2'000}) {
      const auto refused = watch(changed);
      BOOST_REQUIRE(refused && refused->error);
      BOOST_CHECK_EQUAL(code(*refused->error), code_of_refusal);
    }
    if (broken) break;
    journal->full = journal->stuck = journal->lags = false;
    journal->catch_up();
    run();
  }
  BOOST_CHECK_EQUAL(watched_clients(journal->states)->at(0).silence_ms, 1'000);
}

BOOST_AUTO_TEST_CASE(who_was_refused_to_be_watched_is_not) {
  up();
  BOOST_REQUIRE(placed(command("1")));
  answer(0);
  impair(false);
  caf::anon_send(manager, WatchRequest{"c", 1'000, 100, "welcome"});
  run();
  BOOST_CHECK(reply_to(100) && reply_to(100)->error);
  journal->full = journal->stuck = journal->lags = false;
  journal->catch_up();
  for (int turn = 0; turn < 2; ++turn) {
    caf::anon_send(manager, ClientSilent{ClientName{"c"}});
    run();
    caf::anon_send(manager, ClientHeard{ClientName{"c"}});
    run();
  }
  BOOST_CHECK_EQUAL(story(), "pending_new, new");
}

BOOST_AUTO_TEST_CASE(a_broken_disk_refuses_every_change_and_answers_questions) {
  up();
  const auto order = placed(command("1"));
  BOOST_REQUIRE(order);
  const auto before = script->trail.size();
  impair(true);
  const auto refused = request("place_order", order_args("2"));
  BOOST_CHECK_EQUAL(code(*refused.error), "internal");
  BOOST_CHECK(refused.error->message.find("I/O error") != std::string::npos);
  check_changes_are_refused("internal");
  BOOST_CHECK(!is_marked("1"));
  BOOST_CHECK(!request("place_order", order_args("1")).error);  // a repeat
  report(order->order_id, BrokerReport::accepted);
  BOOST_CHECK(is_marked("1"));
  BOOST_CHECK_EQUAL(code(*request("place_order", order_args("1")).error), "internal");
  BOOST_CHECK_EQUAL(answered<OrderEvents>("get_events", wire::packed(GetOrderEvents{})).events.size(), 1);
  caf::anon_send(manager, WatchRequest{"c", 1'000, 0, ""});
  caf::anon_send(manager, ClientSilent{ClientName{"c"}});
  run();
  const auto trail =
      std::vector<std::string>(script->trail.begin() + static_cast<std::ptrdiff_t>(before), script->trail.end());
  BOOST_CHECK(std::ranges::none_of(
      trail, [](const auto& step) { return step.starts_with("stream") || step.starts_with("cancel"); }));
}

BOOST_AUTO_TEST_CASE(answers_that_wait_when_the_disk_breaks_are_refused) {
  for (const std::vector<const char*>& keys : {std::vector<const char*>{"1"}, {"2", "3"}}) {
    Impaired world;
    world.up();
    world.journal->lags = true;
    world.send(keys);
    auto actor_asks = world.self->request(world.manager, caf::infinite, command("9"));
    world.run();
    BOOST_CHECK(world.streamed->replies.empty());
    world.impair(true);
    for (std::uint64_t i = 0; i < keys.size(); ++i) {
      const auto reply = world.reply_to(waiting_token + i);
      BOOST_REQUIRE(reply && reply->error);
      BOOST_CHECK_EQUAL(code(*reply->error), "internal");
    }
    actor_asks.receive([](const Order&) { BOOST_ERROR("it is not recorded"); },
                       [](const caf::error& e) { BOOST_CHECK_EQUAL(code(from_caf(e, Errc::overloaded)), "internal"); });
    BOOST_CHECK(world.is_marked(keys.front()));
    BOOST_CHECK(world.script->placed.empty());
    BOOST_CHECK(world.streamed->events.empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
