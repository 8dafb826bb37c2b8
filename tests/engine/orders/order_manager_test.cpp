// Orders from the bus to the journal, the broker and back: who hears of what, and when.
#include "tests/engine/orders/manager_world.hpp"

using namespace tradebus;
using namespace tradebus::test;

BOOST_FIXTURE_TEST_SUITE(order_manager, Managed)

BOOST_AUTO_TEST_CASE(the_reply_does_not_wait_for_the_broker) {
  up();
  script->trail.clear();
  const auto order = placed(command("1"));  // the scripted broker has not answered
  BOOST_REQUIRE(order);
  BOOST_CHECK(order->status == OrderStatus::pending_new);
  BOOST_CHECK_EQUAL(order->order_id.str(), "o-e-1");
  BOOST_CHECK(order->account == AccountId{"A"});
  BOOST_CHECK(order->created == clock.now());
  BOOST_REQUIRE(!script->trail.empty());
  BOOST_CHECK_EQUAL(script->trail[0], "journal pending_new");  // before anything else
  BOOST_REQUIRE_EQUAL(script->placed.size(), 1);
  BOOST_CHECK(script->placed[0].order_id == order->order_id);
  BOOST_REQUIRE_EQUAL(streamed->events.size(), 1);
  BOOST_CHECK_EQUAL(streamed->events[0].seq, journal->records[0].event.seq);
  BOOST_CHECK(!streamed->events[0].order.duplicate);
  answer(0);
  BOOST_CHECK_EQUAL(story(), "pending_new, new");
  const auto now = ask<Order>(manager, GetOrder{ClientName{"c"}, {}, ClientOrderId{"1"}});
  BOOST_CHECK(now->broker_order_id == BrokerOrderId{"v"});
}

BOOST_AUTO_TEST_CASE(the_status_has_what_brokers_count) {
  up();
  const auto all = status().brokers;
  BOOST_REQUIRE_EQUAL(all.size(), 1);
  BOOST_REQUIRE_EQUAL(all[0].counters.size(), 1);
  BOOST_CHECK(all[0].counters[0].name == "scripted" && all[0].counters[0].value == 7);
}

BOOST_AUTO_TEST_CASE(the_reply_is_sent_before_the_broker_hears) {
  up();
  auto pending = self->request(manager, caf::infinite, command("1"));
  BOOST_REQUIRE(sched.try_run_once());  // the manager alone
  bool answered = false;
  pending.receive([&](const Order&) { answered = true; }, [](const caf::error&) {});
  BOOST_CHECK(answered);
  BOOST_CHECK(script->placed.empty());
}

BOOST_AUTO_TEST_CASE(replies_to_clients_leave_between_the_journal_and_the_broker) {
  up();
  script->trail.clear();
  ClientRequests both;
  for (const char* key : {"1", "2"}) {
    auto order = command(key).order;
    both.requests.push_back({both.requests.size() + 1, "c", "place_order", wire::packed(order)});
  }
  caf::anon_send(manager, both);
  run();
  BOOST_CHECK(
      (script->trail == std::vector<std::string>{"journal pending_new", "journal pending_new", "reply 1", "reply 2",
                                                 "stream pending_new", "stream pending_new", "broker", "broker"}));
  const auto document = wire::Document::parse(streamed->replies[1].result);
  BOOST_REQUIRE(document);
  BOOST_CHECK_EQUAL(wire::find(document->root(), "client_order_id")->as<std::string>(), "2");
  BOOST_CHECK_EQUAL(wire::find(document->root(), "client")->as<std::string>(), "c");
}

BOOST_AUTO_TEST_CASE(every_op_is_answered) {
  up();
  const auto order = command("1").order;
  BOOST_CHECK(!request("place_order", wire::packed(order)).error);
  const auto again = request("place_order", wire::packed(order));
  BOOST_CHECK(wire::find(wire::Document::parse(again.result)->root(), "duplicate")->as<bool>());
  const auto named = wire::packed(CancelOrder{ClientName{"c"}, {}, ClientOrderId{"1"}});
  for (const char* op : {"get_order", "cancel_order"}) BOOST_CHECK(!request(op, named).error);
  for (const char* op : {"get_orders", "get_positions", "get_account_summary", "cancel_all"})
    BOOST_CHECK(!request(op, {}).error);
  BOOST_CHECK_EQUAL(request("get_events", {}).error->message, "after is missing");
  BOOST_CHECK_EQUAL(request("replace_order", {}).error->key, "order_id");
  BOOST_CHECK_EQUAL(request("get_orders", wire::packed(GetOrders{{}, {}, {}, {}, {}, 0, {}})).error->key, "limit");
  BOOST_CHECK_EQUAL(code(*request("place_order", "\xc1").error), "request.malformed");
  BOOST_CHECK_EQUAL(request("place_order", {}).error->key, "client_order_id");
  BOOST_CHECK_EQUAL(code(*request("get_news", {}).error), "request.unknown_op");
}

BOOST_AUTO_TEST_CASE(a_bracket_comes_as_a_map) {
  up();
  wire::Buffer b;
  wire::Packer out{b};
  auto order = command("1").order;
  out.pack_map(wire::present_fields(order) + 1);
  wire::pack_fields(out, order);
  wire::pack(out, "bracket");
  const auto head = b.bytes.size();
  out.pack_nil();
  BOOST_CHECK(!request("place_order", b.bytes).error);
  b.bytes.resize(head);
  wire::pack(out, true);
  const auto refused = request("place_order", b.bytes);
  BOOST_CHECK_EQUAL(code(*refused.error), "request.invalid");
  BOOST_CHECK_EQUAL(refused.error->key, "bracket");
  auto with = command("2").order;
  with.bracket.emplace().take_profit = price("20");
  BOOST_CHECK(!request("place_order", wire::packed(with)).error);
  const auto open = ask<Orders>(manager, GetOrders{})->orders;
  BOOST_REQUIRE_EQUAL(open.size(), 3);
  BOOST_CHECK_EQUAL(open[2].client_order_id.str(), "2.take_profit");
  BOOST_CHECK(open[2].held == true && open[2].parent_id == open[1].order_id);
}

// What risk refused leaves memory at once when none that are closed are kept.
BOOST_AUTO_TEST_CASE(a_repeat_of_what_is_not_durable_yet_is_a_repeat) {
  closed_max = 0;
  history = keep(sys.spawn([this]() -> OrderHistoryActor::behavior_type {
    return {
        [](const GetOrderEvents&) { return PackedAnswer{}; },
        [](const GetOrders&) { return PackedAnswer{}; },
        [this](const GetOrder& query) -> caf::result<RecalledOrder> {
          for (const auto& record : journal->records)
            if (record.event.seq <= journal->durable_seq() &&
                record.event.order.client_order_id == query.client_order_id.value_or(ClientOrderId{}))
              return RecalledOrder{record.event.order, record.fingerprint};
          return to_caf(Error{Errc::order_not_found, "none"});
        },
        [](const IndexJournal&) {},
        [](const AnswerWaiting&) {},
    };
  }));
  begin_anew();
  up();
  journal->lags = true;
  const auto order = wire::packed(command("1", "1001").order);  // beyond max_qty
  caf::anon_send(manager, ClientRequests{{{1, "c", "place_order", order}, {2, "c", "place_order", order}}});
  caf::anon_send(manager, ClientRequests{{{3, "c", "place_order", order}}});
  run();
  BOOST_CHECK(streamed->replies.empty());
  journal->catch_up();
  run();
  BOOST_CHECK_EQUAL(journal->records.size(), 1);
  BOOST_REQUIRE_EQUAL(streamed->replies.size(), 3);
  BOOST_CHECK_EQUAL(code(*streamed->replies[0].error), "risk.max_qty");
  for (const auto& reply : {streamed->replies[1], streamed->replies[2]}) {
    BOOST_REQUIRE(!reply.error);
    BOOST_CHECK(wire::find(wire::Document::parse(reply.result)->root(), "duplicate")->as<bool>());
  }
}

// Nothing of a leg is guessed.
BOOST_AUTO_TEST_CASE(a_leg_tells_its_symbol_its_side_and_its_ratio) {
  up();
  const auto with_leg = [&](std::initializer_list<const char*> keys) {
    wire::Buffer b;
    wire::Packer out{b};
    const auto order = command("1").order;
    out.pack_map(wire::present_fields(order) + 1);
    wire::pack_fields(out, order);
    wire::pack(out, "legs");
    out.pack_array(2);
    wire::pack(out, OrderLeg{Symbol{"AAPL261218C00190000"}, Side::buy, 1});
    out.pack_map(static_cast<std::uint32_t>(keys.size()));
    for (const std::string key : keys) {
      wire::pack(out, key);
      if (key == "symbol") wire::pack(out, "AAPL261218C00200000");
      if (key == "side") wire::pack(out, "sell");
      if (key == "ratio") wire::pack(out, 1);
    }
    const auto answer = request("place_order", b.bytes);
    return answer.error ? code(*answer.error) + " " + answer.error->key : std::string{"ok"};
  };
  BOOST_CHECK_EQUAL(with_leg({"symbol", "ratio"}), "request.invalid legs[1].side");
  BOOST_CHECK_EQUAL(with_leg({"symbol", "side"}), "request.invalid legs[1].ratio");
  BOOST_CHECK_EQUAL(with_leg({"side", "ratio"}), "request.invalid legs[1].symbol");
  BOOST_CHECK_EQUAL(with_leg({"symbol", "side", "ratio"}), "ok");
}

BOOST_AUTO_TEST_CASE(last_seq_is_the_journals_and_a_page_begins_at_an_order_of_ours) {
  up();
  BOOST_REQUIRE(placed(command("1")));
  BOOST_REQUIRE(placed(command("2")));
  const auto all = *ask<OrderEvents>(manager, GetOrderEvents{});
  BOOST_REQUIRE_EQUAL(all.events.size(), 2);
  GetOrderEvents some;
  some.until = all.events[0].seq;
  const auto first = *ask<OrderEvents>(manager, some);
  BOOST_CHECK_EQUAL(first.events.size(), 1);
  BOOST_CHECK_EQUAL(first.last_seq, all.last_seq);
  const auto from = [&](const char* id) {
    wire::Buffer args;
    wire::Packer out{args};
    out.pack_map(1);
    wire::pack(out, "after_order");
    wire::pack(out, id);
    const auto answer = request("get_orders", args.bytes);
    return answer.error ? answer.error->key : std::string{"ok"};
  };
  BOOST_CHECK_EQUAL(from(""), "ok");
  BOOST_CHECK_EQUAL(from("o-e-1"), "ok");
  BOOST_CHECK_EQUAL(from("nonsense"), "after_order");
}

BOOST_AUTO_TEST_CASE(nobody_hears_of_what_the_disk_does_not_have) {
  up();
  journal->lags = true;
  caf::anon_send(manager, ClientRequests{{{1, "c", "place_order", wire::packed(command("1").order)}}});
  caf::anon_send(manager, ClientRequests{{{2, "c", "get_orders", {}}}});
  run();
  BOOST_CHECK(streamed->replies.empty());
  BOOST_CHECK(script->placed.empty());
  BOOST_CHECK(streamed->events.empty());
  script->trail.clear();
  journal->catch_up();
  run();
  BOOST_REQUIRE_EQUAL(streamed->replies.size(), 2);
  BOOST_CHECK(!streamed->replies[0].error);
  BOOST_CHECK_EQUAL(script->placed.size(), 1);
  BOOST_CHECK_EQUAL(story(), "pending_new");
  BOOST_CHECK_EQUAL(script->trail[0], "reply 1");
}

// What follows from them waits until the order manager has its turn.
BOOST_AUTO_TEST_CASE(answers_to_many_leave_with_the_sync_itself) {
  up();
  journal->lags = true;
  const auto order = [&](const char* id) { return wire::packed(command(id).order); };
  caf::anon_send(manager, ClientRequests{{{1, "c", "place_order", order("1")}, {2, "c", "place_order", order("2")}}});
  run();
  BOOST_CHECK(streamed->replies.empty());
  journal->catch_up();
  BOOST_CHECK_EQUAL(streamed->replies.size(), 2);
  BOOST_CHECK(script->placed.empty());
  run();
  BOOST_CHECK_EQUAL(script->placed.size(), 2);
  BOOST_CHECK_EQUAL(streamed->replies.size(), 2);
}

BOOST_AUTO_TEST_CASE(an_order_whose_broker_went_while_the_disk_was_busy_is_not_sent) {
  up();
  journal->lags = true;
  caf::anon_send(manager, ClientRequests{{{1, "c", "place_order", wire::packed(command("1").order)}}});
  run();
  say(LinkState::down, "transport");
  journal->catch_up();
  run();
  journal->catch_up();
  run();
  BOOST_CHECK(script->placed.empty());
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt");
  journal->lags = false;
  say(LinkState::up);  // this broker says that it has never had it
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt, reconciled");
  BOOST_CHECK(streamed->events.back().order.status == OrderStatus::rejected);
  BOOST_CHECK(script->placed.empty());
}

BOOST_AUTO_TEST_CASE(repeats_and_refusals) {
  up();
  const auto first = placed(command("1"));
  const auto again = placed(command("1"));
  BOOST_CHECK(again->duplicate == true && again->order_id == first->order_id);
  BOOST_CHECK_EQUAL(script->placed.size(), 1);
  BOOST_CHECK_EQUAL(code(placed(command("1", "7"))), "order.duplicate_id");
  BOOST_CHECK_EQUAL(code(placed(command("2", "1001"))), "risk.max_qty");
  BOOST_CHECK_EQUAL(story(), "pending_new, rejected");  // recorded
  BOOST_CHECK_EQUAL(script->placed.size(), 1);
  auto bad = command("3");
  bad.order.qty = qty("-1");
  const auto refused = placed(bad);
  BOOST_CHECK_EQUAL(code(refused), "request.invalid");
  BOOST_CHECK_EQUAL(refused.error().key, "qty");
}

BOOST_AUTO_TEST_CASE(only_a_broker_that_is_ready_gets_orders) {
  BOOST_CHECK_EQUAL(code(placed(command("1"))), "broker.unavailable");
  hand_over();
  BOOST_CHECK_EQUAL(code(placed(command("1"))), "broker.unavailable");
  say(LinkState::reconciling);
  BOOST_CHECK_EQUAL(code(placed(command("1"))), "broker.reconciling");
  say(LinkState::down, "transport");
  BOOST_CHECK(placed(command("1")).error().message.find("b is down (transport)") != std::string::npos);
  say(LinkState::degraded);
  BOOST_CHECK_EQUAL(code(placed(command("1"))), "ok");
  auto elsewhere = command("2");
  elsewhere.order.broker = BrokerName{"nobody"};
  BOOST_CHECK_EQUAL(placed(elsewhere).error().message, "no broker \"nobody\"; known: b");
  auto account = command("3");
  account.order.account = AccountId{"Z"};
  BOOST_CHECK_EQUAL(placed(account).error().key, "account");
  account.order.account = AccountId{"B"};
  BOOST_CHECK(placed(account)->account == AccountId{"B"});
}

BOOST_AUTO_TEST_CASE(cancel_and_replace) {
  up();
  const auto id = placed(command("1"))->order_id;
  answer(0);
  ReplaceOrder replace;
  replace.client = ClientName{"c"};
  replace.client_order_id = ClientOrderId{"1"};
  replace.qty = qty("50");
  BOOST_CHECK(ask<Order>(manager, replace)->status == OrderStatus::pending_replace);
  report(id, BrokerReport::replaced);
  CancelOrder cancel{ClientName{"c"}, id, {}};
  const auto canceling = ask<Order>(manager, cancel);
  BOOST_CHECK(canceling->status == OrderStatus::pending_cancel);
  BOOST_CHECK_EQUAL(canceling->qty.to_string(), "50");
  BOOST_CHECK((script->asked == std::vector<std::string>{"replace o-e-1", "cancel o-e-1"}));
  report(id, BrokerReport::canceled);
  BOOST_CHECK_EQUAL(story(), "pending_new, new, pending_replace, replaced, pending_cancel, canceled");
  BOOST_CHECK_EQUAL(code(ask<Order>(manager, cancel)), "order.not_open");
  cancel = {ClientName{"stranger"}, {}, ClientOrderId{"1"}};
  BOOST_CHECK_EQUAL(code(ask<Order>(manager, cancel)), "order.not_found");
}

BOOST_AUTO_TEST_CASE(an_order_of_an_account_that_was_renamed_is_changed_and_canceled) {
  up();
  for (const char* key : {"1", "2"}) BOOST_REQUIRE(placed(command(key)));
  answer(0);
  answer(1);
  caf::anon_send(manager, BrokerStatus{BrokerName{"b"}, LinkState::up, {}, {}, {AccountId{"OTHER"}}});
  run();
  ReplaceOrder replace;
  replace.client = ClientName{"c"};
  replace.client_order_id = ClientOrderId{"2"};
  replace.qty = qty("50");
  BOOST_CHECK_EQUAL(code(ask<Order>(manager, replace)), "ok");
  BOOST_CHECK_EQUAL(code(ask<Order>(manager, CancelOrder{ClientName{"c"}, {}, ClientOrderId{"1"}})), "ok");
  BOOST_CHECK_EQUAL(ask<CanceledCount>(manager, CancelAll{})->canceled, 1);
  BOOST_CHECK((script->asked == std::vector<std::string>{"replace o-e-2", "cancel o-e-1", "cancel o-e-2"}));
}

BOOST_AUTO_TEST_CASE(a_refused_cancel_is_told) {
  up();
  const auto id = placed(command("1"))->order_id;
  answer(0);
  script->refuse_change = Error{Errc::broker_rejected, "too late"};
  run();
  BOOST_REQUIRE(ask<Order>(manager, CancelOrder{ClientName{"c"}, id, {}}));
  BOOST_CHECK_EQUAL(story(), "pending_new, new, pending_cancel, new");
}

BOOST_AUTO_TEST_CASE(cancel_all_counts_what_is_under_way) {
  up();
  for (const char* key : {"1", "2", "3"}) BOOST_REQUIRE(placed(command(key)));
  report(OrderId{"o-e-1"}, BrokerReport::canceled);
  CancelAll all;
  all.client = ClientName{"c"};
  BOOST_CHECK_EQUAL(ask<CanceledCount>(manager, all)->canceled, 2);
  BOOST_CHECK_EQUAL(ask<CanceledCount>(manager, all)->canceled, 0);
  BOOST_CHECK_EQUAL(script->asked.size(), 2);
}

BOOST_AUTO_TEST_CASE(events_can_be_asked_for) {
  up();
  const auto id = placed(command("1"))->order_id;
  report(id, BrokerReport::accepted);
  report(id, BrokerReport::fill, Fill{ExecId{"x"}, qty("100"), price("3"), {}, clock.now()});
  report(id, BrokerReport::fill, Fill{ExecId{"x"}, qty("100"), price("3"), {}, clock.now()});
  auto all = ask<OrderEvents>(manager, GetOrderEvents{});
  BOOST_REQUIRE_EQUAL(all->events.size(), 3);
  BOOST_CHECK(all->events == streamed->events);
  const auto first = all->events[0].seq;
  BOOST_CHECK_EQUAL(all->first_kept, first);
  BOOST_CHECK_EQUAL(all->last_seq, first + 4);  // this journal counts in twos
  auto rest = ask<OrderEvents>(manager, GetOrderEvents{first + 1, {}, 1});
  BOOST_REQUIRE_EQUAL(rest->events.size(), 1);
  BOOST_CHECK_EQUAL(rest->events[0].seq, first + 2);
  BOOST_CHECK(ask<OrderEvents>(manager, GetOrderEvents{0, AccountId{"B"}, 10})->events.empty());
}

BOOST_AUTO_TEST_CASE(positions_and_accounts_are_kept_and_passed_on) {
  up();
  BOOST_CHECK_EQUAL(ask<Positions>(manager, GetPositions{})->positions.size(), 1);  // asked for when the link came up
  BOOST_CHECK_EQUAL(ask<AccountSummary>(manager, GetAccountSummary{})->cash.to_string(), "7");
  Position p;
  p.broker = BrokerName{"b"};
  p.account = AccountId{"A"};
  p.symbol = Symbol{"HELD"};
  caf::anon_send(manager, p);  // flat now
  run();
  BOOST_CHECK(ask<Positions>(manager, GetPositions{})->positions.empty());
  BOOST_CHECK_EQUAL(streamed->positions.size(), 1);
  BOOST_CHECK_EQUAL(code(ask<AccountSummary>(manager, GetAccountSummary{{}, AccountId{"Z"}})), "request.invalid");
  BOOST_CHECK_EQUAL(code(ask<Positions>(manager, GetPositions{BrokerName{"x"}, {}})), "broker.unavailable");
}

BOOST_AUTO_TEST_CASE(nonsense_is_counted_and_changes_nothing) {
  up();
  report(OrderId{"o-unknown"}, BrokerReport::canceled);
  BOOST_CHECK_EQUAL(status().anomalies, 1);
  BOOST_CHECK_EQUAL(story(), "");
}

BOOST_AUTO_TEST_CASE(moving_marks_are_told_once_a_second_and_fills_at_once) {
  up();
  Position p;
  p.broker = BrokerName{"b"};
  p.account = AccountId{"A"};
  p.symbol = Symbol{"AAPL"};
  AccountSummary a;
  a.broker = p.broker;
  a.account = p.account;
  const auto tell = [&](const std::string& quantity, const std::string& mark) {
    p.qty = qty(quantity);
    p.market_price = price(mark);
    a.equity = money(mark);
    a.cash = money(quantity);
    caf::anon_send(manager, p);
    caf::anon_send(manager, a);
    run();
  };
  tell("1", "10");
  tell("2", "10");  // a fill
  BOOST_CHECK_EQUAL(streamed->positions.size(), 2);
  BOOST_CHECK_EQUAL(streamed->accounts.size(), 2);
  for (int i = 11; i < 50; ++i) tell("2", std::to_string(i));  // only marks, all at one moment of wall time
  BOOST_CHECK_EQUAL(streamed->positions.size(), 2);
  BOOST_CHECK_EQUAL(streamed->accounts.size(), 2);
  BOOST_CHECK_EQUAL(ask<AccountSummary>(manager, GetAccountSummary{})->equity.to_string(), "49");  // but it is known
  advance(1s, 100ms);
  BOOST_REQUIRE_EQUAL(streamed->positions.size(), 3);  // the last one
  BOOST_CHECK_EQUAL(streamed->positions.back().market_price->to_string(), "49");
  BOOST_CHECK_EQUAL(streamed->accounts.back().equity.to_string(), "49");
  advance(5s, 1s);
  BOOST_CHECK_EQUAL(streamed->positions.size(), 3);
  tell("2", "50");
  BOOST_CHECK_EQUAL(streamed->positions.size(), 4);  // more than a second after the last one
  tell("2", "51");
  tell("0", "51");
  BOOST_CHECK_EQUAL(streamed->positions.size(), 5);  // flat: at once, and nothing follows
  advance(2s, 1s);
  BOOST_CHECK_EQUAL(streamed->positions.size(), 5);
}

BOOST_AUTO_TEST_CASE(a_day_on_paper) {
  BrokerRegistry registry;
  paper::register_in(registry);
  make(registry, "paper");
  caf::anon_send(manager, BrokerHandle{BrokerName{"paper"}, broker, true});
  BOOST_REQUIRE(ask<BrokerStatus>(broker, ConnectBroker{BrokerSink{manager}, market}));
  run();
  quote("AAPL", "9.9", "60", "10.1", "60");
  const auto buy = placed(command("1"));
  BOOST_REQUIRE(buy);
  BOOST_CHECK(buy->status == OrderStatus::pending_new);
  BOOST_CHECK_EQUAL(story(), "pending_new, new, fill");
  quote("AAPL", "9.9", "60", "10.3", "60");
  const auto done = ask<Order>(manager, GetOrder{{}, buy->order_id, {}});
  BOOST_CHECK(done->status == OrderStatus::filled);
  BOOST_CHECK_EQUAL(done->avg_price->to_string(), "10.18");
  BOOST_CHECK_EQUAL(ask<Positions>(manager, GetPositions{})->positions.at(0).qty.to_string(), "100");
  BOOST_CHECK_EQUAL(ask<AccountSummary>(manager, GetAccountSummary{})->cash.to_string(), "98982");
  BOOST_CHECK_EQUAL(status().anomalies, 0);
  auto option = command("2");
  option.order.symbol = Symbol{"AAPL240621C00190000"};
  BOOST_CHECK_EQUAL(code(placed(option)), "ok");
}

BOOST_AUTO_TEST_CASE(order_ids_differ_from_start_to_start) {
  BOOST_CHECK_EQUAL(order_id_tag(from_unix_ns((36 * 36 + 35) * 1'000'000LL)), "10z");
}

BOOST_AUTO_TEST_SUITE_END()
