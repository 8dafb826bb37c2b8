// One broker under test behind a few words, stepped with a fake clock and a fake market, or on real threads against a
// simulated venue over sockets. Nothing sleeps: on threads it waits for answers, which the venue gives in order.
#pragma once

#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/support/fake_market.hpp"
#include "tests/support/temp_folder.hpp"

namespace tradebus::test {

// A venue that runs beside the test.
class BenchVenue {
 public:
  virtual ~BenchVenue() = default;
  virtual void configure(Section& settings) = 0;
  virtual void quote(const std::string& symbol, const std::string& bid, const std::string& bid_size,
                     const std::string& ask, const std::string& ask_size) = 0;
};

struct BrokerRow {
  std::string name;
  std::map<std::string, std::string> skips = {};  // case -> why
  // Empty: it is stepped, and fills against the fake market. Else it runs on threads of its own, by the wall clock,
  // against this venue, which is made afresh for each case.
  std::function<std::unique_ptr<BenchVenue>()> venue = {};
};

class Bench {
 public:
  explicit Bench(const BrokerRow& r) : row{r}, venue_{r.venue ? r.venue() : nullptr} {
    configure(config_);
    config_.set("logger.file-verbosity", caf::atom("quiet"));
    if (!venue_) {
      config_.set("scheduler.policy", caf::atom("testing"));
      config_.set("logger.inline-output", true);
    }
    system_.emplace(config_);
    self.emplace(*system_, true);
    if (venue_) {
      clock = Clock{};
    } else {
      scheduler_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
      market_ = system_->spawn(fake_market, market_record);
    }
    start();
  }
  ~Bench() {
    if (broker) caf::anon_send_exit(broker, caf::exit_reason::user_shutdown);
    if (market_) caf::anon_send_exit(market_, caf::exit_reason::user_shutdown);
    broker = nullptr;
    market_ = nullptr;
    step();
    market_record->watched.clear();
    market_record->waiting.clear();
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void start() {
    BrokerRegistry registry;
    register_brokers(registry);
    const auto* entry = registry.find(row.name);
    Section settings{entry->section};
    if (venue_) venue_->configure(settings);
    auto log = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>());
    const auto made = entry->make(*system_, {row.name, std::move(settings), clock, std::move(log), folder_.str()});
    BOOST_REQUIRE(made);
    broker = *made;
    BOOST_REQUIRE(connect());
    can = *ask<BrokerCapabilities>(broker, GetBrokerCapabilities{});
  }
  // The daemon is killed, and comes back.
  void restart() {
    caf::anon_send_exit(broker, caf::exit_reason::kill);
    broker = nullptr;
    step();
    market_record->watched.clear();
    market_record->last.clear();
    start();
  }
  // By the wall clock from here on: what a simulated venue keeps.
  void live() {
    clock = Clock{};
    restart();
  }
  bool connect() {
    const auto sink = caf::actor_cast<BrokerSink>(self->ptr());
    const auto told = said->statuses.size();
    if (!ask<BrokerStatus>(broker, ConnectBroker{sink, market_})) return false;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (venue_ && (said->statuses.size() == told || said->statuses.back().state != LinkState::up)) {
      if (std::chrono::steady_clock::now() > end) return false;
      drain(std::chrono::milliseconds{100});
    }
    run();
    return true;
  }

  // All that is on its way has come.
  void run() {
    step();
    if (venue_ && broker) {
      // The venue answers in order: what it said before this answer has been told.
      auto pending = (*self)->request(broker, deadline, GetOpenBrokerOrders{});
      pending.receive([](const OpenBrokerOrders&) {}, [](const caf::error&) {});
    }
    drain(std::chrono::milliseconds{0});
  }
  template <class R, class H, class Request>
  Result<R> ask(const H& handle, Request request) {
    auto pending =
        (*self)->request(handle, venue_ ? caf::duration{deadline} : caf::duration{caf::infinite}, std::move(request));
    step();
    Result<R> out = fail(Errc::internal, "no answer");
    pending.receive([&](R& r) { out = std::move(r); },
                    [&](caf::error& e) { out = tl::unexpected<Error>{from_caf(e, Errc::internal)}; });
    run();
    return out;
  }

  void quote(const std::string& symbol, const std::string& bid, const std::string& bid_size, const std::string& ask,
             const std::string& ask_size) {
    if (venue_) {
      venue_->quote(symbol, bid, bid_size, ask, ask_size);
    } else {
      auto event = quote_event(bid, bid_size, ask, ask_size, clock.now());
      market_record->last[Symbol{symbol}] = event;
      if (const auto it = market_record->watched.find(Symbol{symbol}); it != market_record->watched.end()) {
        event.ref = it->second.first;
        caf::anon_send(it->second.second, WatchedEvents{{event}});
      }
    }
    run();
  }

  PlaceStockOrder order(const std::string& symbol, Side side, const std::string& quantity,
                        const std::string& limit = "", TimeInForce tif = TimeInForce::day) {
    PlaceStockOrder o;
    o.order_id = OrderId{"o-" + std::to_string(++next_order_)};
    o.order.symbol = Symbol{symbol};
    o.order.side = side;
    o.order.qty = qty(quantity);
    if (!limit.empty()) {
      o.order.order_type = OrderType::limit;
      o.order.limit_price = price(limit);
    }
    o.order.time_in_force = tif;
    return o;
  }
  Result<OrderAccepted> place(const PlaceStockOrder& o) { return ask<OrderAccepted>(broker, o); }
  // A resting buy order that the market stands above.
  PlaceStockOrder resting(const std::string& quantity = "100") {
    quote("AAPL", "9.9", "500", "10.1", "500");
    auto o = order("AAPL", Side::buy, quantity, "9");
    BOOST_REQUIRE(place(o));
    return o;
  }
  Quantity filled(const OrderId& id) const {
    Int128 sum = 0;
    for (const auto& fill : said->fills(id)) sum += fill.qty.raw();
    return Quantity::from_raw(sum);
  }

  const BrokerRow& row;
  BrokerCapabilities can;
  Clock clock{from_unix_ns(1'700'000'000'000'000'000)};
  std::shared_ptr<FakeMarketRecord> market_record = std::make_shared<FakeMarketRecord>();
  std::shared_ptr<BrokerRecord> said = std::make_shared<BrokerRecord>();

 private:
  static constexpr std::chrono::seconds deadline{60};  // a busy machine is no failure

  void step() {
    if (scheduler_ != nullptr) scheduler_->run();
  }
  void drain(std::chrono::milliseconds wait) {
    bool more = true;
    while (more)
      (*self)->receive([&](BrokerEvent& e) { said->events.push_back(std::move(e)); },
                       [&](BrokerOrder& o) { said->elsewhere.push_back(std::move(o)); },
                       [&](BrokerStatus& s) { said->statuses.push_back(std::move(s)); },
                       [&](Position& p) { said->positions.push_back(std::move(p)); },
                       [&](AccountSummary& a) { said->accounts.push_back(std::move(a)); },
                       caf::after(std::exchange(wait, {})) >> [&] { more = false; });
  }

  TempFolder folder_{"broker"};
  std::unique_ptr<BenchVenue> venue_;
  caf::actor_system_config config_;
  std::optional<caf::actor_system> system_;

 public:
  std::optional<caf::scoped_actor> self;
  BrokerActor broker;

 private:
  caf::scheduler::test_coordinator* scheduler_ = nullptr;
  MarketWatch market_;
  std::uint64_t next_order_ = 0;
};

}  // namespace tradebus::test
