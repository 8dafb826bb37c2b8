#include "engine/orders/order_manager.hpp"

#include <spdlog/sinks/ringbuffer_sink.h>

#include <boost/test/unit_test.hpp>

#include "actors/brokers/paper/paper.hpp"
#include "bus/wire/pack.hpp"
#include "bus/wire/unpack.hpp"
#include "tests/support/fake_market.hpp"
#include "tests/support/temp_folder.hpp"

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
  std::vector<BrokerOrder> open;  // what it says when its link came up
  std::vector<BrokerEvent> executions;
  std::map<OrderId, Result<BrokerOrder>> known;
  std::vector<Position> positions;
  Timestamp executions_since{};
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
      [script](const GetBrokerPositions&) { return Positions{script->positions}; },
      [](const GetBrokerAccount&) {
        AccountSummary a;
        a.broker = BrokerName{"b"};
        a.account = AccountId{"A"};
        a.cash = money("7");
        return a;
      },
      [](const GetOptionChain&) { return OptionChain{}; },
      [script](const GetOpenBrokerOrders&) { return OpenBrokerOrders{script->open}; },
      [script](const GetBrokerOrder& q) -> caf::result<BrokerOrder> {
        const auto it = script->known.find(q.order_id);
        return it == script->known.end() ? to_caf(Error{Errc::order_not_found, "none"}) : to_caf(it->second);
      },
      [script](const GetExecutions& q) {
        script->executions_since = q.since;
        return Executions{script->executions};
      },
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

Position position_of(const std::string& symbol, const std::string& quantity) {
  Position p;
  p.broker = BrokerName{"b"};
  p.account = AccountId{"A"};
  p.symbol = Symbol{symbol};
  p.qty = qty(quantity);
  return p;
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
  void append(OrderRecord& record) override {
    script_->trail.push_back("journal " + std::string{to_string(record.event.event)});
    record.event.seq = last_ += 2;
    records.push_back(record);
  }
  void append(const StateRecord& record) override { states[record.key] = record.value; }
  void flush() override {
    if (!lags) durable_ = last_;
  }
  std::uint64_t last_seq() const override { return last_; }
  std::uint64_t durable_seq() const override { return durable_; }
  Result<void> takes_orders() const override {
    return full ? Result<void>{fail(Errc::overloaded, "no room")} : Result<void>{};
  }
  JournalStatus status() const override {
    JournalStatus out;
    out.state = full ? JournalState::full : JournalState::ok;
    out.durable_seq = durable_;
    return out;
  }
  void on_progress(std::function<void()> tell) override { tell_ = std::move(tell); }

  // All that was appended is on the disk now.
  void catch_up() {
    durable_ = last_;
    tell_();
  }
  void tell() { tell_(); }

  bool lags = false;
  bool full = false;
  std::vector<OrderRecord> records;
  std::map<std::string, std::string> states;

 private:
  std::shared_ptr<Script> script_;
  std::function<void()> tell_;
  std::uint64_t last_ = 40;
  std::uint64_t durable_ = 40;
};

}  // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<Script>)

namespace {

struct Managed : BrokerFixture {
  std::shared_ptr<Script> script = std::make_shared<Script>();
  std::shared_ptr<TrailJournal> journal = std::make_shared<TrailJournal>(script);
  std::shared_ptr<RecordingOutlet> streamed = std::make_shared<RecordingOutlet>(script);
  OrderManagerActor manager;
  BrokerActor scripted_broker;

  TempFolder folder{"orders"};
  std::string halt_file;
  Result<RiskTable> new_limits = RiskTable{};

  Managed() {
    script->positions = {position_of("HELD", "5")};
    begin_anew();
  }
  // The process dies, and comes again with what the journal has.
  void begin_anew() {
    if (manager) caf::anon_send_exit(manager, caf::exit_reason::kill);
    run();
    OrderManagerConfig config;
    config.recovered.state = journal->states;
    config.halt_file = halt_file;
    config.reload_risk = [this] { return new_limits; };
    config.recovered.id_tag = "e";
    config.clock = clock;
    config.journal = journal;
    config.log = log;
    config.risk.global.max_qty = qty("1000");
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

// ---- risk
// ------------------------------------------------------------------------------------------------------------

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

BOOST_AUTO_TEST_CASE(a_doubt_under_a_link_that_stays_up_is_settled_by_asking) {
  up();
  const auto lost = placed(command("1"))->order_id;
  const auto has_it = placed(command("2"))->order_id;
  const auto works = placed(command("3"))->order_id;
  answer(0, fail(Errc::broker_unavailable, "not sent"));
  answer(1, fail(Errc::request_timeout, "no answer"));
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 2);
  BrokerOrder open;
  open.order_id = has_it;
  open.broker_order_id = BrokerOrderId{"v2"};
  open.order = command("2").order;
  script->known.emplace(has_it, open);
  script->executions_since = {};
  advance(3s);
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 0);
  const auto now = [&](const OrderId& id) { return ask<Order>(manager, GetOrder{ClientName{"c"}, id, {}})->status; };
  BOOST_CHECK(now(lost) == OrderStatus::rejected);
  BOOST_CHECK(now(has_it) == OrderStatus::new_);
  BOOST_CHECK(now(works) == OrderStatus::pending_new);  // on its way: nobody asked about it
  BOOST_CHECK(script->executions_since == Timestamp{});
  BOOST_CHECK_EQUAL(script->placed.size(), 3);
}

BOOST_AUTO_TEST_CASE(a_cancel_that_failed_under_a_link_that_stays_up_is_sent_again) {
  up();
  const auto id = placed(command("1"))->order_id;
  answer(0);
  script->refuse_change = Error{Errc::broker_unavailable, "not sent"};
  BOOST_REQUIRE(ask<Order>(manager, CancelOrder{ClientName{"c"}, id, {}}));
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 1);
  script->refuse_change.reset();
  BrokerOrder open;
  open.order_id = id;
  open.broker_order_id = BrokerOrderId{"v"};
  open.order = command("1").order;
  script->known.emplace(id, open);
  script->asked.clear();
  advance(3s);
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 0);
  BOOST_CHECK((script->asked == std::vector<std::string>{"cancel " + id.str()}));
}

BOOST_AUTO_TEST_CASE(executions_that_a_doubt_waits_for_are_read_under_a_link_that_stays_up) {
  up();
  const auto id = placed(command("1"))->order_id;
  answer(0, fail(Errc::request_timeout, "no answer"));
  BrokerOrder filled;
  filled.order_id = id;
  filled.broker_order_id = BrokerOrderId{"v"};
  filled.order = command("1").order;
  filled.status = OrderStatus::filled;
  filled.filled_qty = qty("100");
  script->known.emplace(id, filled);
  BrokerEvent execution;
  execution.broker = BrokerName{"b"};
  execution.order_id = id;
  execution.report = BrokerReport::fill;
  execution.fill = Fill{ExecId{"x"}, qty("100"), price("10"), Money{}, clock.now()};
  script->executions = {execution};
  advance(6s);
  BOOST_CHECK(ask<Order>(manager, GetOrder{ClientName{"c"}, id, {}})->status == OrderStatus::filled);
}

BOOST_AUTO_TEST_CASE(a_broker_that_ends_while_it_is_asked_is_nothing_to_warn_of) {
  const auto lines = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(100);
  log->sinks().push_back(lines);
  const auto warned = [&] {
    const auto all = lines->last_raw();
    return std::ranges::any_of(all, [](const auto& line) { return line.level >= spdlog::level::warn; });
  };
  hand_over();
  caf::anon_send_exit(scripted_broker, caf::exit_reason::user_shutdown);
  say(LinkState::up);
  BOOST_CHECK(!lines->last_raw().empty());
  BOOST_CHECK(!warned());
  log->sinks().pop_back();
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
  BrokerOrder known;
  known.order_id = streamed->events[0].order.order_id;
  known.broker_order_id = BrokerOrderId{"v7"};
  script->open = {known};
  up();
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt, reconciled");
  BOOST_CHECK(streamed->events.back().order.status == OrderStatus::new_);
  BOOST_CHECK_EQUAL(streamed->events.back().order.broker_order_id->str(), "v7");
  BOOST_CHECK_EQUAL(script->placed.size(), 1);
}

BOOST_AUTO_TEST_CASE(fills_missed_while_away_are_booked_once) {
  up();
  const auto id = placed(command("1"))->order_id;
  answer(0);
  const Timestamp begun = clock.now();
  say(LinkState::down, "transport");
  BOOST_CHECK_EQUAL(story(), "pending_new, new");  // it works on: nothing is in doubt
  BrokerEvent missed;
  missed.broker = BrokerName{"b"};
  missed.order_id = id;
  missed.report = BrokerReport::fill;
  missed.fill = Fill{ExecId{"e1"}, qty("100"), price("9"), {}, clock.now()};
  missed.ts = clock.now();
  script->executions = {missed};
  script->positions = {position_of("HELD", "5"), position_of("AAPL", "100")};
  say(LinkState::up);
  BOOST_CHECK(script->executions_since < begun);
  BOOST_CHECK_EQUAL(story(), "pending_new, new, fill");
  report(id, BrokerReport::fill, missed.fill);  // and told once more
  BOOST_CHECK_EQUAL(story(), "pending_new, new, fill");
  BOOST_CHECK_EQUAL(status().position_differences, 0);
}

BOOST_AUTO_TEST_CASE(a_position_that_differs_is_shown_until_it_is_accepted) {
  up();
  say(LinkState::down);
  script->positions = {position_of("HELD", "7")};
  streamed->positions.clear();
  say(LinkState::up);
  BOOST_CHECK_EQUAL(status().position_differences, 1);
  BOOST_REQUIRE_EQUAL(streamed->positions.size(), 1);
  BOOST_CHECK(streamed->positions[0].expected_qty == qty("5"));
  BOOST_CHECK(ask<Positions>(manager, GetPositions{})->positions[0].expected_qty == qty("5"));
  BOOST_CHECK_EQUAL(ask<AcceptedCount>(manager, AcceptPositions{})->accepted, 1);
  BOOST_CHECK_EQUAL(status().position_differences, 0);
  BOOST_CHECK(!ask<Positions>(manager, GetPositions{})->positions[0].expected_qty);
  say(LinkState::down);
  say(LinkState::up);
  BOOST_CHECK_EQUAL(status().position_differences, 0);
}

BOOST_AUTO_TEST_CASE(orders_placed_elsewhere_are_adopted_and_left_alone) {
  BrokerOrder theirs;
  theirs.broker_order_id = BrokerOrderId{"x1"};
  theirs.account = AccountId{"A"};
  theirs.order = command("ignored").order;
  script->open = {theirs};
  up();
  BOOST_CHECK_EQUAL(story(), "new");
  const Order adopted = streamed->events[0].order;
  BOOST_CHECK(adopted.external == true && adopted.client.empty() && adopted.client_order_id.empty());
  BOOST_CHECK_EQUAL(code(ask<Order>(manager, CancelOrder{ClientName{"c"}, adopted.order_id, {}})),
                    "broker.unsupported");
  BOOST_CHECK_EQUAL(ask<CanceledCount>(manager, CancelAll{})->canceled, 0);
  BrokerEvent filled;
  filled.broker = BrokerName{"b"};
  filled.broker_order_id = BrokerOrderId{"x1"};
  filled.report = BrokerReport::fill;
  filled.fill = Fill{ExecId{"e1"}, qty("40"), price("9"), {}, clock.now()};
  caf::anon_send(manager, filled);
  run();
  BOOST_CHECK(streamed->events.back().order.filled_qty == qty("40"));
  say(LinkState::down);
  script->open.clear();
  say(LinkState::up);
  BOOST_CHECK(streamed->events.back().order.status == OrderStatus::canceled);
  BOOST_CHECK_EQUAL(status().orders_open, 0);
}

BOOST_AUTO_TEST_CASE(what_the_broker_gives_no_answer_about_stays_in_doubt_and_is_asked_again) {
  up();
  const auto id = placed(command("1"))->order_id;
  say(LinkState::down);
  script->known.emplace(id, fail(Errc::broker_unavailable, "ask again"));
  say(LinkState::up);
  BOOST_CHECK_EQUAL(story(), "pending_new, in_doubt");
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 1);
  BOOST_CHECK(placed(command("2")));
  BrokerOrder canceled;
  canceled.order_id = id;
  canceled.status = OrderStatus::canceled;
  script->known.at(id) = canceled;
  advance(3s);
  BOOST_CHECK_EQUAL(status().orders_in_doubt, 0);
  BOOST_CHECK(ask<Order>(manager, GetOrder{ClientName{"c"}, id, {}})->status == OrderStatus::canceled);
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
  BOOST_CHECK_EQUAL(order_id_tag(from_unix_ns((36 * 36 + 35) * 1'000'000LL)), "10z");
}

BOOST_AUTO_TEST_SUITE_END()
