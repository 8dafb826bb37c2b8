#include "engine/orders/order_manager.hpp"

#include <boost/test/unit_test.hpp>

#include "actors/brokers/paper/paper.hpp"
#include "bus/wire/pack.hpp"
#include "bus/wire/unpack.hpp"
#include "tests/support/fake_market.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

// ---- a broker that answers when the test says so
// -----------------------------------------------------------------------

struct Script {
  std::vector<PlaceStockOrder> placed;
  std::vector<caf::typed_response_promise<OrderAccepted>> waiting;  // touched by the broker's own handlers only
  std::vector<std::pair<std::size_t, Result<OrderAccepted>>> due;   // answers to give at the next wake
  std::vector<std::string> asked;                                   // "cancel o-1", "replace o-1"
  std::vector<std::string> trail;  // shared with the journal and the stream: who heard what, in order
  std::optional<Error> refuse_change;
};
struct ScriptedState {
  ScriptedState() = default;
  static inline const char* name = "scripted";
};

BrokerActor::behavior_type scripted(BrokerActor::stateful_pointer<ScriptedState> self,
                                    const std::shared_ptr<Script>& script) {
  const auto change = [script](const char* what, const OrderId& id) -> caf::result<Done> {
    script->asked.push_back(std::string{what} + " " + id.str());
    if (script->refuse_change) return to_caf(*script->refuse_change);
    return Done{};
  };
  return {
      [](const ConnectBroker&) { return BrokerStatus{}; },
      [](const DisconnectBroker&) { return BrokerStatus{}; },
      [self, script](const PlaceStockOrder& o) -> caf::result<OrderAccepted> {
        script->trail.push_back("broker");
        script->placed.push_back(o);
        script->waiting.push_back(self->make_response_promise<OrderAccepted>());
        return script->waiting.back();
      },
      [](const PlaceOptionOrder&) -> caf::result<OrderAccepted> {
        return to_caf(Error{Errc::broker_unsupported, "no"});
      },
      [change](const ReplaceBrokerOrder& r) { return change("replace", r.order_id); },
      [change](const CancelBrokerOrder& c) { return change("cancel", c.order_id); },
      [](const GetBrokerPositions&) {
        Position p;
        p.broker = BrokerName{"b"};
        p.account = AccountId{"A"};
        p.symbol = Symbol{"HELD"};
        p.qty = qty("5");
        return Positions{{p}};
      },
      [](const GetBrokerAccount&) {
        AccountSummary a;
        a.broker = BrokerName{"b"};
        a.account = AccountId{"A"};
        a.cash = money("7");
        return a;
      },
      [](const GetOptionChain&) { return OptionChain{}; },
      [](const GetOpenBrokerOrders&) { return OpenBrokerOrders{}; },
      [](const GetBrokerOrder&) -> caf::result<BrokerOrder> {
        return to_caf(Error{Errc::order_not_found, "none"});
      },
      [](const GetExecutions&) { return Executions{}; },
      [](const GetBrokerCapabilities&) {
        auto can = paper::capabilities();
        can.option_orders = true;
        return can;
      },
      [](const GetProviderCounters&) { return Counters{}; },
      [](const WatchedEvents&) {},
      [script](const BrokerWake&) {
        for (auto& [index, answer] : script->due) {
          if (answer)
            script->waiting.at(index).deliver(*answer);
          else
            script->waiting.at(index).deliver(to_caf(answer.error()));
        }
        script->due.clear();
      },
  };
}

// What leaves for the bus.
class RecordingOutlet final : public OrderOutlet {
 public:
  explicit RecordingOutlet(std::shared_ptr<Script> script) : script_{std::move(script)} {}

  void reply(std::vector<BusReply>& all) override {
    for (auto& each : all) {
      script_->trail.push_back("reply " + std::to_string(each.token));
      replies.push_back(std::move(each));
    }
    all.clear();
  }
  void publish(const OrderEvent& e) override {
    script_->trail.push_back("stream " + std::string{to_string(e.event)});
    events.push_back(e);
  }
  void publish(const Position& p) override { positions.push_back(p); }
  void publish(const AccountSummary& a) override { accounts.push_back(a); }
  void publish(const BrokerStatus& s) override { statuses.push_back(s); }
  void flush() override {}

  std::vector<BusReply> replies;
  std::vector<OrderEvent> events;
  std::vector<Position> positions;
  std::vector<AccountSummary> accounts;
  std::vector<BrokerStatus> statuses;

 private:
  std::shared_ptr<Script> script_;
};

class TrailJournal final : public Journal {
 public:
  explicit TrailJournal(std::shared_ptr<Script> script) : script_{std::move(script)} {}
  std::uint64_t append(const OrderEvent& e) override {
    script_->trail.push_back("journal " + std::string{to_string(e.event)});
    return last_ += 2;
  }
  std::uint64_t last_seq() const override { return last_; }

 private:
  std::shared_ptr<Script> script_;
  std::uint64_t last_ = 40;
};

}  // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<Script>)

namespace {

struct Managed : BrokerFixture {
  std::shared_ptr<Script> script = std::make_shared<Script>();
  std::shared_ptr<RecordingOutlet> streamed = std::make_shared<RecordingOutlet>(script);
  OrderManagerActor manager;
  BrokerActor scripted_broker;

  Managed() {
    OrderManagerConfig config;
    config.epoch = "e";
    config.clock = clock;
    config.journal = std::make_shared<TrailJournal>(script);
    config.log = log;
    config.risk.max_qty = qty("1000");
    config.outlet = streamed;
    manager = keep(spawn_order_manager(sys, config));
  }
  ~Managed() { script->waiting.clear(); }

  void hand_over(bool is_default = true) {
    scripted_broker = keep(sys.spawn(scripted, script));
    caf::anon_send(manager, BrokerHandle{BrokerName{"b"}, scripted_broker, is_default});
    run();
  }
  void say(LinkState state, const std::string& reason = {}) {
    caf::anon_send(manager, BrokerStatus{BrokerName{"b"}, state, reason, {}, {AccountId{"A"}, AccountId{"B"}}});
    run();
  }
  void up() {
    hand_over();
    say(LinkState::up);
  }
  void answer(std::size_t index, Result<OrderAccepted> what = OrderAccepted{BrokerOrderId{"v"}}) {
    script->due.emplace_back(index, std::move(what));
    caf::anon_send(scripted_broker, BrokerWake{});
    run();
  }
  static PlaceOrder command(const std::string& key, const std::string& quantity = "100") {
    PlaceOrder p;
    p.client = ClientName{"c"};
    p.order.client_order_id = ClientOrderId{key};
    p.order.symbol = Symbol{"AAPL"};
    p.order.qty = qty(quantity);
    return p;
  }
  Result<Order> placed(const PlaceOrder& p) { return ask<Order>(manager, p); }
  void report(const OrderId& id, BrokerReport kind, std::optional<Fill> fill = {}) {
    BrokerEvent e;
    e.broker = BrokerName{"b"};
    e.order_id = id;
    e.report = kind;
    e.fill = std::move(fill);
    caf::anon_send(manager, e);
    run();
  }
  // As it comes from the bridge; its reply, which must be there.
  BusReply request(const std::string& op, const std::string& args) {
    const auto token = streamed->replies.size() + 1;
    caf::anon_send(manager, ClientRequests{{{token, "c", op, args}}});
    run();
    BOOST_REQUIRE_EQUAL(streamed->replies.size(), token);
    BOOST_REQUIRE_EQUAL(streamed->replies.back().token, token);
    return streamed->replies.back();
  }
  std::string story() const {
    std::string out;
    for (const auto& e : streamed->events) out += (out.empty() ? "" : ", ") + std::string{to_string(e.event)};
    return out;
  }
  OrderManagerStatus status() { return *ask<OrderManagerStatus>(manager, GetOrderManagerStatus{}); }
};

}  // namespace

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
  BOOST_CHECK_EQUAL(streamed->events[0].seq, 42);
  BOOST_CHECK(!streamed->events[0].order.duplicate);
  answer(0);
  BOOST_CHECK_EQUAL(story(), "pending_new, new");
  const auto now = ask<Order>(manager, GetOrder{ClientName{"c"}, {}, ClientOrderId{"1"}});
  BOOST_CHECK(now->broker_order_id == BrokerOrderId{"v"});
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
  BOOST_CHECK_EQUAL(request("get_orders", wire::packed(GetOrders{{}, {}, {}, {}, {}, 0})).error->key, "limit");
  BOOST_CHECK_EQUAL(code(*request("place_order", "\xc1").error), "request.malformed");
  BOOST_CHECK_EQUAL(request("place_order", {}).error->key, "client_order_id");
  BOOST_CHECK_EQUAL(code(*request("get_news", {}).error), "request.unknown_op");
}

BOOST_AUTO_TEST_CASE(legs_and_what_is_not_offered) {
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
  BOOST_CHECK_EQUAL(code(*refused.error), "broker.unsupported");
  BOOST_CHECK_EQUAL(refused.error->key, "bracket");
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

BOOST_AUTO_TEST_CASE(an_error_that_is_no_rejection_leaves_doubt) {
  up();
  BOOST_REQUIRE(placed(command("1")));
  BOOST_REQUIRE(placed(command("2")));
  answer(0, fail(Errc::request_timeout, "late"));
  answer(1, fail(Errc::broker_rejected, "no margin"));
  BOOST_CHECK_EQUAL(story(), "pending_new, pending_new, in_doubt, rejected");
  BOOST_CHECK_EQUAL(*streamed->events.back().order.reason, "broker.rejected: no margin");
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 1);
  BOOST_CHECK_EQUAL(script->placed.size(), 2);  // never sent again
}

BOOST_AUTO_TEST_CASE(a_broker_that_dies_leaves_doubt) {
  up();
  BOOST_REQUIRE(placed(command("1")));
  caf::anon_send_exit(scripted_broker, caf::exit_reason::kill);
  caf::anon_send(manager, BrokerHandle{BrokerName{"b"}, {}, true});
  run();
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt");
  BOOST_CHECK_EQUAL(code(placed(command("2"))), "broker.unavailable");
  // Back again: what the broker knows of it settles the doubt.
  up();
  report(streamed->events[0].order.order_id, BrokerReport::accepted);
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt, new");
  BOOST_CHECK_EQUAL(script->placed.size(), 1);
}

BOOST_AUTO_TEST_CASE(a_link_that_goes_down_leaves_doubt) {
  up();
  BOOST_REQUIRE(placed(command("1")));
  say(LinkState::down, "transport");
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt");
  answer(0);  // late, but it tells
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt, new");
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
  BOOST_CHECK_EQUAL(all->last_seq, 46);
  BOOST_CHECK_EQUAL(all->first_kept, 42);
  auto rest = ask<OrderEvents>(manager, GetOrderEvents{43, {}, 1});
  BOOST_REQUIRE_EQUAL(rest->events.size(), 1);
  BOOST_CHECK_EQUAL(rest->events[0].seq, 44);
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

// ---- with the paper broker -----------------------------------------------------------------------------------------

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
  BOOST_CHECK_EQUAL(order_epoch(from_unix_ns((36 * 36 + 35) * 1'000'000LL)), "10z");
}

BOOST_AUTO_TEST_SUITE_END()
