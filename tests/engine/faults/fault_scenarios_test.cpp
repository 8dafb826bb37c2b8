// Two thousand days on which everything goes wrong: random orders, a venue behind a faulty link, adapters and daemons
// that die. Once nothing goes wrong any more, what the journal says is what the venue says.
//
// TRADEBUS_FAULT_SEEDS=20000 makes it long, TRADEBUS_FAULT_SEED=N runs one and shows the daemon's log.
#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include <spdlog/sinks/stdout_sinks.h>

#include "tests/engine/faults/fault_world.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};
void require(bool holds, const std::string& what) {
  if (!holds) throw Broken{what};
}

struct World : BrokerFixture {
  std::mt19937_64 random;
  std::shared_ptr<FaultPlan> plan;
  BrokerActor venue;
  BrokerActor counted;
  BrokerActor faulty;
  OrderManagerActor manager;
  std::shared_ptr<LaggingJournal> journal = std::make_shared<LaggingJournal>();
  std::shared_ptr<ReplyOutlet> outlet = std::make_shared<ReplyOutlet>();
  std::shared_ptr<VenueTraffic> traffic = std::make_shared<VenueTraffic>();
  std::map<std::uint64_t, std::string> asked;         // client_order_id by token
  std::map<std::string, std::set<std::string>> told;  // order ids that an ok named
  std::vector<std::string> keys;                      // client_order_ids
  std::map<std::uint64_t, std::string> published;     // what was announced, by seq
  std::int64_t mid = 10'000;                          // cents
  std::uint64_t next_token = 0;
  std::uint64_t next_group = 0;
  int deaths = 0;

  explicit World(std::uint64_t seed) : random{seed * 0x9e37'79b9'7f4a'7c15U + 1} {
    if (std::getenv("TRADEBUS_FAULT_SEED") != nullptr) {
      log = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::stdout_sink_mt>());
      log->set_level(spdlog::level::debug);
      log->set_pattern("%v");
    }
    BrokerRegistry registry;
    paper::register_in(registry);
    make(registry, "paper", [&](Section& s) {
      s.set("cash", std::string{"100000000"});
      s.set("latency_ms", std::int64_t{one_in(3) ? 3 : 0});
    });
    venue = broker;
    counted = keep(sys.spawn(venue_traffic, venue, traffic));
    auto config = fault_config(Section{faults_section()});
    config.seed = seed;
    // Some days have all faults, some a few of them, often.
    for (auto& chance : config.chances) chance = one_in(3) ? 0 : static_cast<double>(any(12)) / 100;
    for (const auto fault : {Fault::crash_before, Fault::crash_after, Fault::crash, Fault::disconnect,
                             Fault::disconnect_before, Fault::disconnect_after, Fault::report_lost})
      config.chance(fault) /= 4;
    config.delay_max = std::chrono::milliseconds{1 + any(40)};
    plan = std::make_shared<FaultPlan>(config, "paper");
    quote();
    start();
  }
  ~World() { stop(); }

  // ---- life --------------------------------------------------------------------------------------------------------

  void start() {
    OrderManagerConfig config;
    config.recovered = journal->recovered();
    config.id_tag = "e" + std::to_string(deaths);
    config.clock = clock;
    config.journal = journal;
    config.log = log;
    config.outlet = outlet;
    manager = spawn_order_manager(sys, config);
    start_adapter();
  }
  void start_adapter() {
    faulty = spawn_faulty_broker(sys, {BrokerName{"paper"}, counted, false, plan, log});
    self->monitor(faulty);
    caf::anon_send(manager, BrokerHandle{BrokerName{"paper"}, faulty, true});
    const auto status = ask<BrokerStatus>(faulty, ConnectBroker{BrokerSink{manager}, market});
    if (status) caf::anon_send(manager, *status);
  }
  void stop() {
    for (const auto& actor : {caf::actor_cast<caf::actor>(manager), caf::actor_cast<caf::actor>(faulty)})
      if (actor) caf::anon_send_exit(actor, caf::exit_reason::kill);
    sched.run();
    manager = nullptr;
    faulty = nullptr;
    while (self->has_next_message()) self->receive([](const caf::down_msg&) {});
  }
  // The daemon is killed where it stands; the venue has what was on its way.
  void die() {
    ++deaths;
    note_replies();
    stop();
    journal->lose_power();
    start();
  }
  // As the supervisor does.
  void look_after_adapter() {
    bool gone = false;
    while (self->has_next_message())
      self->receive([&](const caf::down_msg& down) { gone = gone || (faulty && down.source == faulty.address()); });
    if (!gone) return;
    faulty = nullptr;
    caf::anon_send(manager, BrokerHandle{BrokerName{"paper"}, BrokerActor{}, true});
    if (one_in(2)) run_some();
    start_adapter();
  }

  // ---- time --------------------------------------------------------------------------------------------------------

  std::int64_t any(std::int64_t n) { return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n)); }
  bool one_in(std::int64_t n) { return any(n) == 0; }
  // Actors take turns as the seed will have it; not always to the end.
  void run_some() {
    auto steps = one_in(2) ? 1'000'000 : any(12);
    while (steps-- > 0 && sched.has_job()) {
      if (sched.jobs.size() > 1) {
        const auto first = sched.jobs.begin();
        std::iter_swap(first, first + any(static_cast<std::int64_t>(sched.jobs.size())));
      }
      sched.run_once();
    }
  }
  void pass(std::chrono::nanoseconds time) {
    clock.advance_to(clock.now() + time);
    sched.advance_time(time);
    run_some();
  }
  void settle(std::chrono::milliseconds time, std::chrono::milliseconds step) {
    for (std::chrono::milliseconds spent{0}; spent < time; spent += step) {
      clock.advance_to(clock.now() + step);
      sched.advance_time(step);
      sched.run();
      journal->catch_up();
      sched.run();
      look_after_adapter();
      sched.run();
    }
  }

  // ---- what happens ------------------------------------------------------------------------------------------------

  static Price cents(std::int64_t n) { return Price::from_raw(std::max<std::int64_t>(n, 1) * 10'000'000); }
  static Quantity units(std::int64_t n) { return Quantity::from_raw(Int128{n} * Quantity::scale); }

  void quote() {
    mid = std::clamp<std::int64_t>(mid + any(21) - 10, 9'000, 11'000);
    auto event = MarketEvent::quote(0, clock.now(), clock.now(), cents(mid - 1), units(1 + any(60)), cents(mid + 1),
                                    units(1 + any(60)));
    market_record->last[Symbol{"AAPL"}] = event;
    if (const auto it = market_record->watched.find(Symbol{"AAPL"}); it != market_record->watched.end()) {
      event.ref = it->second.first;
      caf::anon_send(it->second.second, WatchedEvents{{event}});
    }
  }
  void send(const TradeOrder& o) {
    const auto token = ++next_token;
    asked[token] = o.client_order_id.str();
    caf::anon_send(manager, ClientRequests{{{token, "c", "place_order", wire::packed(o)}}});
  }
  TradeOrder order() {
    TradeOrder o;
    o.client_order_id = ClientOrderId{"k" + std::to_string(keys.size())};
    keys.push_back(o.client_order_id.str());
    o.symbol = Symbol{"AAPL"};
    o.side = one_in(2) ? Side::buy : Side::sell_short;
    o.qty = units(1 + any(50));
    o.time_in_force = one_in(3) ? TimeInForce::gtc : TimeInForce::day;
    return o;
  }
  void limit(TradeOrder& o, std::int64_t away) {
    o.order_type = OrderType::limit;
    o.limit_price = cents(mid + (o.side == Side::buy ? away : -away));
  }
  void place() {
    auto o = order();
    const bool buys = o.side == Side::buy;
    switch (any(8)) {
      case 0:
      case 1:
        limit(o, -any(500));
        break;
      case 2:
      case 3:
        limit(o, any(12) - 6);
        break;
      case 4:
        limit(o, 0);
        o.time_in_force = TimeInForce::ioc;
        break;
      case 5: {
        limit(o, any(20) - 5);
        const auto up = cents(mid + 30 + any(10));
        const auto down = cents(mid - 30 - any(10));
        o.bracket = Bracket{buys ? up : down, buys ? down : up, {}};
        break;
      }
      case 6: {
        o.oco = "g" + std::to_string(++next_group);
        limit(o, -1 - any(8));
        auto other = order();
        other.side = o.side;
        other.qty = o.qty;
        other.oco = o.oco;
        limit(other, -1 - any(12));
        send(other);
        break;
      }
      default:
        break;
    }
    send(o);
  }
  ClientOrderId recent() {
    const auto last = static_cast<std::int64_t>(keys.size());
    auto key = keys[static_cast<std::size_t>(last - 1 - any(std::min<std::int64_t>(last, 12)))];
    if (one_in(10)) key += one_in(2) ? ".take_profit" : ".stop_loss";
    return ClientOrderId{key};
  }
  void step() {
    if (one_in(300)) return die();
    journal->lags = one_in(12) ? !journal->lags : journal->lags;
    if (one_in(3)) journal->catch_up();
    const auto what = any(20);
    if (what < 6) {
      quote();
    } else if (what < 12) {
      place();
    } else if (what < 14 && !keys.empty()) {
      CancelOrder c;
      c.client = ClientName{"c"};
      c.client_order_id = recent();
      caf::anon_send(manager, c);
    } else if (what < 16 && !keys.empty()) {
      ReplaceOrder r;
      r.client = ClientName{"c"};
      r.client_order_id = recent();
      if (one_in(2)) r.qty = units(1 + any(60));
      if (!r.qty || one_in(3)) r.limit_price = cents(mid + any(40) - 20);
      caf::anon_send(manager, r);
    } else {
      pass(std::chrono::microseconds{any(one_in(20) ? 3'000'000 : 20'000)});
    }
    run_some();
    look_after_adapter();
  }

  // ---- what must be true -------------------------------------------------------------------------------------------

  void note_replies() {
    for (const auto& reply : outlet->replies) {
      if (reply.error) continue;
      const auto document = wire::Document::parse(reply.result);
      told[asked[reply.token]].insert(wire::find(document->root(), "order_id")->as<std::string>());
    }
    outlet->replies.clear();
    for (const auto& event : outlet->events) {
      const auto text = to_string(event);
      const auto [it, is_new] = published.emplace(event.seq, text);
      require(is_new || it->second == text,
              "seq " + std::to_string(event.seq) + " was told twice, differently: " + it->second + " and " + text);
    }
    outlet->events.clear();
  }

  std::string history(const OrderId& id) const {
    std::string out = "\n";
    for (const auto& entry : journal->log)
      if (entry.order && entry.order->event.order.order_id == id) {
        const auto& event = entry.order->event;
        out += "  " + std::to_string(event.seq) + " " + std::string{to_string(event.event)} + " " +
               std::string{to_string(event.order.status)} + " " + event.order.filled_qty.to_string() + "/" +
               event.order.qty.to_string() + " " + event.order.reason.value_or("") +
               (event.fill ? " " + event.fill->exec_id.str() : "") + "\n";
      }
    return out;
  }
  static std::string limit_of(const std::optional<Price>& p) { return p ? p->to_string() : "the market"; }
  std::map<OrderId, OrderRecord> last_records() const {
    std::map<OrderId, OrderRecord> out;
    for (const auto& entry : journal->log)
      if (entry.order) out[entry.order->event.order.order_id] = *entry.order;
    return out;
  }

  void check_nothing_waits() {
    for (const auto& [id, record] : last_records()) {
      const auto status = record.event.order.status;
      const bool waits = status == OrderStatus::in_doubt || status == OrderStatus::pending_cancel ||
                         status == OrderStatus::pending_replace ||
                         (status == OrderStatus::pending_new && !record.event.order.held);
      require(!waits,
              "order " + id.str() + " is " + std::string{to_string(status)} + " though all is calm:" + history(id));
    }
  }

  void check_journal() {
    std::map<OrderId, Quantity> filled;
    std::set<ExecId> executions;
    std::map<std::string, std::set<std::string>> by_key;
    std::map<OrderId, OrderStatus> status;
    for (const auto& entry : journal->log) {
      if (!entry.order) continue;
      const auto& event = entry.order->event;
      const auto& o = event.order;
      require(!o.external.value_or(false), "an order of ours is taken for one placed elsewhere: " + to_string(event));
      by_key[o.client_order_id.str()].insert(o.order_id.str());
      if (event.event == OrderEventType::fill) {
        require(executions.insert(event.fill->exec_id).second,
                "execution " + event.fill->exec_id.str() + " is booked twice:" + history(o.order_id));
        filled[o.order_id] = *checked_add(filled[o.order_id], event.fill->qty);
      }
      require(o.filled_qty == filled[o.order_id], "filled_qty is not the sum of the fills:" + history(o.order_id));
      const auto before = status.find(o.order_id);
      if (before != status.end() && is_closed(before->second))
        require(is_closed(o.status), "it was closed, and works again:" + history(o.order_id));
      status[o.order_id] = o.status;
      if (const auto it = published.find(event.seq); it != published.end())
        require(it->second == to_string(event), "it was announced otherwise: " + it->second + history(o.order_id));
    }
    for (const auto& [key, ids] : by_key) require(ids.size() == 1, key + " is more than one order");
    for (const auto& [key, ids] : told)
      require(by_key.contains(key) && by_key.at(key) == ids, key + " got ok, and is not there, or is another order");
    const auto last = journal->log.empty() ? 0 : journal->log.back().seq;
    require(published.empty() || published.rbegin()->first <= last, "an event was announced, and is lost");
  }

  void check_venue() {
    const auto executions = ask<Executions>(venue, GetExecutions{})->fills;
    std::map<ExecId, OrderId> booked;
    for (const auto& entry : journal->log)
      if (entry.order && entry.order->event.event == OrderEventType::fill)
        booked[entry.order->event.fill->exec_id] = entry.order->event.order.order_id;
    for (const auto& fill : executions)
      require(booked.contains(fill.fill->exec_id) && booked.at(fill.fill->exec_id) == fill.order_id,
              "execution " + fill.fill->exec_id.str() + " of " + fill.order_id.str() +
                  " is not booked:" + history(fill.order_id));
    require(booked.size() == executions.size(), "executions are booked that the venue does not have");
    const auto records = last_records();
    for (const auto& [id, record] : records) {
      const Order& here = record.event.order;
      const auto there = ask<BrokerOrder>(venue, GetBrokerOrder{id});
      if (!there) {
        require(is_closed(here.status) || here.held.value_or(false),
                "order " + id.str() + " is open here, the venue does not know it:" + history(id));
        continue;
      }
      require(is_closed(here.status) == is_closed(there->status) && here.filled_qty == there->filled_qty,
              "the venue says " + std::string{to_string(there->status)} + " " + there->filled_qty.to_string() + " of " +
                  id.str() + ":" + history(id));
      if (is_closed(here.status)) {
        require(here.status == there->status || here.status == OrderStatus::canceled,
                "the venue says " + std::string{to_string(there->status)} + " of " + id.str() + ":" + history(id));
        continue;
      }
      require(here.qty == *there->order.qty && here.limit_price == there->order.limit_price,
              "the venue works " + there->order.qty->to_string() + " at " + limit_of(there->order.limit_price) +
                  ", here it is " + here.qty.to_string() + " at " + limit_of(here.limit_price) + history(id));
    }
    for (const auto& id : traffic->taken)
      require(records.contains(id), "the venue has order " + id.str() + ", which nobody knows here");
    for (const auto& [id, times] : traffic->submits_after_taken)
      require(times == 0, "order " + id.str() + " was sent again though the venue had it:" + history(id));
    const auto status = *ask<OrderManagerStatus>(manager, GetOrderManagerStatus{});
    require(status.position_differences == 0, "positions differ from the fills");
    require(status.orders_in_doubt == 0, "orders are in doubt");
  }

  void finish() {
    plan->calm(true);
    journal->lags = false;
    sched.run();
    journal->catch_up();
    look_after_adapter();
    settle(40s, 250ms);  // more than an answer is waited for
    note_replies();
    check_journal();
    check_nothing_waits();
    // What a report that was overtaken has left behind is put right by the next reconciliation.
    const auto down = ask<BrokerStatus>(faulty, DisconnectBroker{});
    caf::anon_send(manager, *down);
    sched.run();
    const auto up = ask<BrokerStatus>(faulty, ConnectBroker{BrokerSink{manager}, market});
    caf::anon_send(manager, *up);
    settle(10s, 250ms);
    note_replies();
    check_journal();
    check_nothing_waits();
    check_venue();
  }
};

std::uint64_t number_from(const char* variable, std::uint64_t fallback) {
  const char* text = std::getenv(variable);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

}  // namespace

BOOST_AUTO_TEST_CASE(whatever_goes_wrong_the_journal_says_what_the_venue_says) {
  const auto one = number_from("TRADEBUS_FAULT_SEED", 0);
  const auto first = one != 0 ? one : number_from("TRADEBUS_FAULT_FIRST", 1);
  const auto last = one != 0 ? one : first + number_from("TRADEBUS_FAULT_SEEDS", 2'000) - 1;
  std::array<std::uint64_t, fault_count> faults{};
  std::size_t orders = 0;
  std::size_t fills = 0;
  int deaths = 0;
  int failures = 0;
  for (auto seed = first; seed <= last && failures < 5; ++seed) {
    World world{seed};
    try {
      const auto steps = 40 + world.any(120);
      for (int i = 0; i < steps; ++i) world.step();
      world.finish();
    } catch (const Broken& e) {
      ++failures;
      BOOST_ERROR("seed " << seed << ": " << e.what() << "\nrun it alone: TRADEBUS_FAULT_SEED=" << seed
                          << " build/tests/fault_scenarios_test");
    }
    for (std::size_t i = 0; i < fault_count; ++i) faults[i] += world.plan->count(static_cast<Fault>(i));
    orders += world.traffic->taken.size();
    for (const auto& entry : world.journal->log) fills += entry.order && entry.order->event.fill;
    deaths += world.deaths;
  }
  std::string said;
  for (std::size_t i = 0; i < fault_count; ++i)
    said += " " + std::string{to_string(static_cast<Fault>(i))} + "=" + std::to_string(faults[i]);
  BOOST_CHECK_EQUAL(failures, 0);
  BOOST_TEST_MESSAGE("orders=" << orders << " fills=" << fills << " deaths=" << deaths << said);
  if (one == 0 && last - first >= 1'000)
    for (std::size_t i = 0; i < fault_count; ++i)
      BOOST_CHECK_MESSAGE(faults[i] > 100, "hardly ever came: " << to_string(static_cast<Fault>(i)));
}
