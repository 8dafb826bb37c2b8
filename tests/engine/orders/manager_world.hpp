// An order manager between a broker, a journal and a bus that do what a test says.
#pragma once

#include <spdlog/sinks/ringbuffer_sink.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "actors/brokers/paper/paper.hpp"
#include "bus/wire/pack.hpp"
#include "bus/wire/unpack.hpp"
#include "engine/orders/order_manager.hpp"
#include "tests/engine/orders/holding_outlet.hpp"
#include "tests/support/fake_market.hpp"
#include "tests/support/temp_folder.hpp"

namespace tradebus::test {

using namespace std::chrono_literals;

// ---- a broker that answers when the test says so -------------------------------------------------------------------

struct Script {
  std::vector<PlaceStockOrder> placed;
  std::vector<caf::typed_response_promise<OrderAccepted>> waiting;  // touched by the broker's own handlers only
  std::vector<std::pair<std::size_t, Result<OrderAccepted>>> due;   // answers to give at the next wake
  std::vector<std::string> asked;                                   // "cancel o-1", "replace o-1"
  std::vector<std::string> trail;  // shared with the journal and the stream: who heard what, in order
  std::optional<Error> refuse_change;
  std::optional<Error> refuse_account;
  bool takes_options = false;
  bool keeps_groups = false;
  std::vector<BrokerOrder> open;  // what it says when its link came up
  std::vector<BrokerEvent> executions;
  std::vector<BrokerOrder> closed_elsewhere;
  std::map<OrderId, Result<BrokerOrder>> known;
  std::vector<Position> positions;
  Timestamp executions_since{};
};
struct ScriptedState {
  ScriptedState() = default;
  static inline const char* name = "scripted";
};

inline BrokerActor::behavior_type scripted(BrokerActor::stateful_pointer<ScriptedState> self,
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
      [self, script](const PlaceOptionOrder&) -> caf::result<OrderAccepted> {
        if (script->takes_options) {
          script->waiting.push_back(self->make_response_promise<OrderAccepted>());
          return script->waiting.back();
        }
        return to_caf(Error{Errc::broker_unsupported, "no"});
      },
      [change](const ReplaceBrokerOrder& r) { return change("replace", r.order_id); },
      [change](const CancelBrokerOrder& c) { return change("cancel", c.order_id); },
      [script](const GetBrokerPositions&) { return Positions{script->positions}; },
      [script](const GetBrokerAccount&) -> caf::result<AccountSummary> {
        if (script->refuse_account) return to_caf(*script->refuse_account);
        AccountSummary a;
        a.broker = BrokerName{"b"};
        a.account = AccountId{"A"};
        a.cash = money("7");
        return a;
      },
      [](const GetOptionChain&) { return OptionChain{}; },
      [](const PreviewBrokerOrder& m) {
        OrderPreview out;
        out.account = m.account;
        return out;
      },
      [script](const GetOpenBrokerOrders&) { return OpenBrokerOrders{script->open}; },
      [script](const GetBrokerOrder& q) -> caf::result<BrokerOrder> {
        const auto it = script->known.find(q.order_id);
        return it == script->known.end() ? to_caf(Error{Errc::order_not_found, "none"}) : to_caf(it->second);
      },
      [script](const GetExecutions& q) {
        script->executions_since = q.since;
        return Executions{script->executions, script->closed_elsewhere};
      },
      [script](const GetBrokerCapabilities&) {
        auto can = paper::capabilities();
        can.option_orders = true;
        can.oco = script->keeps_groups;
        return can;
      },
      [](const GetProviderCounters&) {
        return Counters{{{"scripted", 7}}};
      },
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

inline Position position_of(const std::string& symbol, const std::string& quantity) {
  Position p;
  p.broker = BrokerName{"b"};
  p.account = AccountId{"A"};
  p.symbol = Symbol{symbol};
  p.qty = qty(quantity);
  return p;
}

// What leaves for the bus.
class RecordingOutlet final : public HoldingOutlet {
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
  void append(const StateRecord& record) override {
    ++last_;
    states[record.key] = record.value;
  }
  void flush() override {
    if (!lags) durable_ = last_;
  }
  std::uint64_t last_seq() const override { return last_; }
  std::uint64_t durable_seq() const override { return durable_; }
  Result<void> takes_orders() const override {
    if (failed) return fail(Errc::internal, "I/O error");
    return full ? Result<void>{fail(Errc::overloaded, "no room")} : Result<void>{};
  }
  Result<void> takes_changes() const override {
    if (failed) return fail(Errc::internal, "I/O error");
    return stuck ? Result<void>{fail(Errc::overloaded, "no room at all")} : Result<void>{};
  }
  JournalStatus status() const override {
    JournalStatus out;
    out.state = failed ? JournalState::failed : full ? JournalState::full : JournalState::ok;
    if (failed) out.reason = "I/O error";
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
  bool stuck = false;  // no room for changes of known orders either
  bool failed = false;
  std::vector<OrderRecord> records;
  std::map<std::string, std::string> states;

 private:
  std::shared_ptr<Script> script_;
  std::function<void()> tell_;
  std::uint64_t last_ = 40;
  std::uint64_t durable_ = 40;
};

}  // namespace tradebus::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<tradebus::test::Script>)

namespace tradebus::test {

struct Managed : BrokerFixture {
  std::shared_ptr<Script> script = std::make_shared<Script>();
  std::shared_ptr<TrailJournal> journal = std::make_shared<TrailJournal>(script);
  std::shared_ptr<RecordingOutlet> streamed = std::make_shared<RecordingOutlet>(script);
  OrderManagerActor manager;
  BrokerActor scripted_broker;

  TempFolder folder{"orders"};
  std::string halt_file;
  std::size_t closed_max = 100;
  OrderHistoryActor history;
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
    config.limits.book.closed_max = closed_max;
    config.history = history;
    config.recovered.state = journal->states;
    config.halt_file = halt_file;
    config.reload_risk = [this] { return new_limits; };
    config.id_tag = "e";
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

}  // namespace tradebus::test
