#include "engine/faults/faulty_broker.hpp"

#include <spdlog/spdlog.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <utility>

namespace tradebus {

namespace {

// It stands between the order manager and the inner broker, and so is both to either.
using FaultyActor = BrokerActor::extend_with<BrokerSink>;

constexpr std::size_t line_max = 100'000;  // that wait; beyond it the link goes down

Error broken(const std::string& what) { return {Errc::broker_unavailable, what}; }

struct FaultyState {
  static inline const char* name = "faulty-broker";
  explicit FaultyState(FaultyActor::pointer s) : self{s} {}
  FaultyActor::behavior_type make_behavior(FaultyBroker given);

  using Time = caf::actor_clock::time_point;
  struct Item {
    Time due{};
    std::function<void()> pass;
    std::function<void()> fail;  // the link goes down first; empty: it is gone without a word
  };

  // -- link --
  caf::result<BrokerStatus> connect(const ConnectBroker& request);
  caf::result<BrokerStatus> disconnect(const DisconnectBroker& request);
  bool is_up() const { return connected && !down; }
  void take_status(const BrokerStatus& status);
  void break_link(const char* why);
  void mend_link();
  void crash();

  // -- requests --
  template <class Answer, class Request>
  caf::result<Answer> relay(const Request& request, bool is_question);
  template <class Answer, class Request>
  void send(const Request& request, caf::typed_response_promise<Answer> promise, std::optional<Fault> fault);
  template <class Answer>
  void answered(std::uint64_t id, caf::typed_response_promise<Answer> promise, caf::expected<Answer> answer,
                std::optional<Fault> fault);

  // -- reports --
  void take_report(const BrokerEvent& event);
  template <class Report>
  void pass_on(const Report& report, std::chrono::nanoseconds wait = {});

  // -- time --
  Time now() const { return self->clock().now(); }
  void queue(std::deque<Item>& line, std::chrono::nanoseconds wait, Item item);
  void wake(std::uint64_t generation);
  void run_due();
  void arm();

  FaultyActor::pointer self;
  FaultyBroker config;
  BrokerStatus status;  // the inner broker's last one
  BrokerSink sink;
  bool connected = false;  // the inner broker is
  bool down = false;       // the link to it, by a fault
  std::optional<Time> breaks;
  std::optional<Time> mends;
  std::deque<Item> out;                                      // to the venue
  std::map<std::uint64_t, std::function<void()>> in_flight;  // sent; how each fails
  std::deque<Item> in;                                       // from the venue
  std::multimap<Time, Item> late;                            // from the venue, outside of the line
  std::optional<Item> overtaken;                             // a report that lets the next one pass
  std::uint64_t last_id = 0;
  std::uint64_t timer = 0;
  std::optional<Time> armed_for;
  bool running = false;
};

FaultyActor::behavior_type FaultyState::make_behavior(FaultyBroker given) {
  self->set_exception_handler(error_from_exception);
  config = std::move(given);
  self->set_down_handler([this](const caf::down_msg& gone) { self->quit(gone.reason); });
  self->monitor(config.inner);
  if (config.owned) self->link_to(config.inner);
  return {
      [this](const ConnectBroker& c) { return connect(c); },
      [this](const DisconnectBroker& d) { return disconnect(d); },
      [this](const PlaceStockOrder& o) { return relay<OrderAccepted>(o, false); },
      [this](const PlaceOptionOrder& o) { return relay<OrderAccepted>(o, false); },
      [this](const ReplaceBrokerOrder& r) { return relay<Done>(r, false); },
      [this](const CancelBrokerOrder& c) { return relay<Done>(c, false); },
      [this](const GetBrokerPositions& q) { return relay<Positions>(q, true); },
      [this](const GetBrokerAccount& q) { return relay<AccountSummary>(q, true); },
      [this](const GetOptionChain& q) { return self->delegate(config.inner, q); },
      [this](const PreviewBrokerOrder& q) { return self->delegate(config.inner, q); },
      [this](const GetOpenBrokerOrders& q) { return relay<OpenBrokerOrders>(q, true); },
      [this](const GetBrokerOrder& q) { return relay<BrokerOrder>(q, true); },
      [this](const GetExecutions& q) { return relay<Executions>(q, true); },
      [this](const GetBrokerCapabilities& q) { return self->delegate(config.inner, q); },
      [this](const GetProviderCounters& q) { return self->delegate(config.inner, q); },
      [](const WatchedEvents&) {},  // the inner broker watches by itself
      [this](const BrokerWake& w) { wake(w.generation); },
      [this](const BrokerEvent& e) { take_report(e); },
      [this](const BrokerOrder& o) { pass_on(o); },
      [this](const BrokerStatus& s) { take_status(s); },
      [this](const Position& p) { pass_on(p); },
      [this](const AccountSummary& a) { pass_on(a); },
  };
}

// ---- link ----------------------------------------------------------------------------------------------------------

caf::result<BrokerStatus> FaultyState::connect(const ConnectBroker& request) {
  sink = request.sink;
  down = false;
  mends.reset();
  auto promise = self->make_response_promise<BrokerStatus>();
  self->request(config.inner, caf::infinite, ConnectBroker{BrokerSink{FaultyActor{self}}, request.market})
      .then(
          [this, promise](const BrokerStatus& told) mutable {
            status = told;
            connected = told.state == LinkState::up || told.state == LinkState::degraded;
            promise.deliver(told);
          },
          [promise](const caf::error& e) mutable { promise.deliver(e); });
  return promise;
}

caf::result<BrokerStatus> FaultyState::disconnect(const DisconnectBroker& request) {
  if (is_up()) break_link("requested");
  mends.reset();
  connected = down = false;
  return self->delegate(config.inner, request);
}

void FaultyState::take_status(const BrokerStatus& told) {
  status = told;
  connected = told.state == LinkState::up || told.state == LinkState::degraded;
  if (!down) pass_on(told);
}

void FaultyState::break_link(const char* why) {
  if (!is_up()) return;
  config.log->info("fault-link-down broker={} why={}", config.name.str(), why);
  down = true;
  breaks.reset();
  mends = now() + config.plan->delay();
  overtaken.reset();
  std::vector<std::function<void()>> failed;
  for (auto* line : {&out, &in})
    for (auto& item : std::exchange(*line, {})) failed.push_back(std::move(item.fail));
  for (auto& [id, fail] : std::exchange(in_flight, {})) failed.push_back(std::move(fail));
  for (auto& [due, item] : std::exchange(late, {})) failed.push_back(std::move(item.fail));
  const auto tell_failures = [&] {
    for (auto& fail : failed)
      if (fail) fail();
  };
  const bool failures_first = config.plan->toss();
  if (failures_first) tell_failures();
  BrokerStatus told = status;
  told.state = LinkState::down;
  told.reason = "transport";
  told.message = "a fault that was asked for";
  if (sink) self->send(sink, told);
  if (!failures_first) tell_failures();
  arm();
}

void FaultyState::mend_link() {
  mends.reset();
  if (!down) return;
  down = false;
  config.log->info("fault-link-up broker={}", config.name.str());
  if (sink) self->send(sink, status);
}

void FaultyState::crash() {
  config.log->info("fault-crash broker={}", config.name.str());
  self->quit(to_caf(Error{Errc::internal, "a crash that was asked for"}));
}

// ---- requests ------------------------------------------------------------------------------------------------------

template <class Answer, class Request>
caf::result<Answer> FaultyState::relay(const Request& request, bool is_question) {
  if (!is_up()) return to_caf(broken("the link is down"));
  auto promise = self->make_response_promise<Answer>();
  const auto fault = is_question ? config.plan->of_question() : config.plan->of_request();
  if (fault == Fault::refuse) {
    promise.deliver(to_caf(Error{Errc::broker_rejected, "refused: a fault that was asked for"}));
    return promise;
  }
  if (fault == Fault::fail) {
    promise.deliver(to_caf(broken("not sent: a fault that was asked for")));
    return promise;
  }
  if (fault == Fault::crash_before) {
    crash();
    return promise;
  }
  if (fault == Fault::disconnect_before) {
    queue(out, {}, {{}, [] {}, [promise]() mutable { promise.deliver(to_caf(broken("the link went down"))); }});
    break_link("before a send");
    return promise;
  }
  const auto wait = fault == Fault::send_late ? config.plan->delay() : std::chrono::nanoseconds{};
  queue(out, wait,
        {{},
         [this, request, promise, fault] { send<Answer>(request, promise, fault); },
         [promise]() mutable { promise.deliver(to_caf(broken("the link went down before it was sent"))); }});
  run_due();
  return promise;
}

template <class Answer, class Request>
void FaultyState::send(const Request& request, caf::typed_response_promise<Answer> promise,
                       std::optional<Fault> fault) {
  const auto id = ++last_id;
  in_flight[id] = [promise]() mutable { promise.deliver(to_caf(broken("the link went down before the answer"))); };
  self->request(config.inner, caf::infinite, request)
      .then([this, id, promise, fault](const Answer& a) { answered<Answer>(id, promise, a, fault); },
            [this, id, promise, fault](const caf::error& e) { answered<Answer>(id, promise, e, fault); });
  if (fault == Fault::disconnect_after) break_link("after a send");
}

template <class Answer>
void FaultyState::answered(std::uint64_t id, caf::typed_response_promise<Answer> promise, caf::expected<Answer> answer,
                           std::optional<Fault> fault) {
  if (in_flight.erase(id) == 0) return;  // the link went down meanwhile
  if (fault == Fault::question_silent) return;
  if (fault == Fault::crash_after) return crash();
  const bool lost = fault == Fault::answer_lost || fault == Fault::question_fails;
  if (lost) answer = to_caf(broken("no answer: a fault that was asked for"));
  auto fail = [promise]() mutable { promise.deliver(to_caf(broken("the link went down before the answer"))); };
  auto pass = [promise, answer]() mutable {
    if (answer)
      promise.deliver(std::move(*answer));
    else
      promise.deliver(std::move(answer.error()));
  };
  if (fault == Fault::answer_lost || fault == Fault::answer_late) {
    late.emplace(now() + config.plan->delay(), Item{{}, std::move(pass), std::move(fail)});
    arm();
    return;
  }
  queue(in, {}, {{}, std::move(pass), std::move(fail)});
  run_due();
}

// ---- reports -------------------------------------------------------------------------------------------------------

template <class Report>
void FaultyState::pass_on(const Report& report, std::chrono::nanoseconds wait) {
  if (down || !sink) return;
  queue(in, wait, {{}, [this, report] { self->send(sink, report); }, {}});
  run_due();
}

void FaultyState::take_report(const BrokerEvent& event) {
  if (!is_up()) return;
  const auto fault = config.plan->of_report();
  if (fault == Fault::crash) return crash();
  if (fault == Fault::disconnect) return break_link("with a report");
  if (fault == Fault::report_lost) {
    breaks = now() + config.plan->delay();
    return arm();
  }
  if (fault == Fault::report_swapped && !overtaken) {
    overtaken = Item{now() + config.plan->delay(), [this, event] { self->send(sink, event); }, {}};
    return arm();
  }
  pass_on(event, fault == Fault::report_late ? config.plan->delay() : std::chrono::nanoseconds{});
  if (fault == Fault::report_twice) {
    if (config.plan->toss()) {
      pass_on(event);
    } else {
      late.emplace(now() + config.plan->delay(), Item{{}, [this, event] { self->send(sink, event); }, {}});
      arm();
    }
  }
  if (overtaken) {
    auto held = std::move(*overtaken);
    overtaken.reset();
    queue(in, {}, std::move(held));
    run_due();
  }
}

// ---- time ----------------------------------------------------------------------------------------------------------

// Nothing overtakes what stands in the line.
void FaultyState::queue(std::deque<Item>& line, std::chrono::nanoseconds wait, Item item) {
  item.due = now() + wait;
  if (!line.empty()) item.due = std::max(item.due, line.back().due);
  line.push_back(std::move(item));
  if (line.size() > line_max) break_link("too much waits");
}

void FaultyState::wake(std::uint64_t generation) {
  if (generation != timer) return;
  armed_for.reset();
  run_due();
}

void FaultyState::run_due() {
  if (std::exchange(running, true)) return;  // what runs may add to the lines
  const auto until = now();
  const auto take = [&](std::deque<Item>& line) {
    if (line.empty() || line.front().due > until) return false;
    const auto item = std::move(line.front());
    line.pop_front();
    item.pass();
    return true;
  };
  for (bool more = true; more;) {
    more = take(out) || take(in);
    if (!late.empty() && late.begin()->first <= until) {
      const auto item = std::move(late.extract(late.begin()).mapped());
      item.pass();
      more = true;
    }
    if (overtaken && overtaken->due <= until) {
      const auto item = std::move(*overtaken);
      overtaken.reset();
      item.pass();
      more = true;
    }
  }
  running = false;
  if (breaks && *breaks <= until) break_link("after a report that was lost");
  if (mends && *mends <= until) mend_link();
  arm();
}

void FaultyState::arm() {
  std::optional<Time> next;
  const auto by = [&](Time t) { next = std::min(next.value_or(t), t); };
  if (!out.empty()) by(out.front().due);
  if (!in.empty()) by(in.front().due);
  if (!late.empty()) by(late.begin()->first);
  if (overtaken) by(overtaken->due);
  if (breaks) by(*breaks);
  if (mends) by(*mends);
  if (!next || (armed_for && *armed_for <= *next)) return;
  armed_for = next;
  self->delayed_send(self, std::max(*next - now(), Time::duration{1}), BrokerWake{++timer});
}

}  // namespace

BrokerActor spawn_faulty_broker(caf::actor_system& system, FaultyBroker config) {
  return system.spawn([config = std::move(config)](FaultyActor::stateful_pointer<FaultyState> self) mutable {
    return self->state.make_behavior(std::move(config));
  });
}

MakeBroker with_faults(MakeBroker make, const BrokerName& given, const FaultConfig& config,
                       std::shared_ptr<spdlog::logger> log) {
  return [make = std::move(make), name = given, plan = std::make_shared<FaultPlan>(config, given.str()),
          log = std::move(log)](caf::actor_system& system) -> Result<BrokerActor> {
    auto inner = make(system);
    if (!inner) return inner;
    return spawn_faulty_broker(system, {name, *inner, true, plan, log});
  };
}

}  // namespace tradebus
