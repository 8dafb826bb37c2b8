#include "actors/brokers/paper/paper.hpp"

#include "actors/brokers/broker_barrier.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/support/fake_market.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

struct Paper : BrokerFixture {
  BrokerRegistry registry;
  Paper() { paper::register_in(registry); }

  void start(const std::function<void(Section&)>& configure = {}) {
    make(registry, "paper", configure);
    BOOST_REQUIRE(connect());
    run();
  }
  std::string placed(const PlaceStockOrder& o) {
    const auto answer = place(o);
    return answer ? answer->broker_order_id.str() : code(answer) + ": " + answer.error().message;
  }
  AccountSummary account() { return *ask<AccountSummary>(broker, GetBrokerAccount{}); }
};

// An order manager that lets the venue wait; a status makes it answer.
struct SlowRecord {
  int fills = 0;
  BrokerStatus last;
  std::vector<caf::typed_response_promise<Done>> waiting;
};
struct SlowState {
  SlowState() = default;
  static inline const char* name = "slow-sink";
};
using SlowSink = BrokerSink::extend<caf::replies_to<BrokerBarrier>::with<Done>>;
SlowSink::behavior_type slow_sink(SlowSink::stateful_pointer<SlowState> self,
                                  const std::shared_ptr<SlowRecord>& record) {
  return {
      [record](const BrokerEvent& e) {
        if (e.report == BrokerReport::fill) ++record->fills;
      },
      [](const BrokerOrder&) {},
      [record](const BrokerStatus& s) {
        if (!s.broker.empty()) record->last = s;
        if (s.broker.empty())
          for (auto& each : std::exchange(record->waiting, {})) each.deliver(Done{});
      },
      [](const Position&) {},
      [](const AccountSummary&) {},
      [self, record](const BrokerBarrier&) -> caf::result<Done> {
        record->waiting.push_back(self->make_response_promise<Done>());
        return record->waiting.back();
      },
  };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(paper_broker, Paper)

BOOST_AUTO_TEST_CASE(a_market_order_waits_for_the_first_quote) {
  start();
  const auto o = order("AAPL", Side::buy, "100");
  BOOST_CHECK_EQUAL(placed(o), "p-1");
  BOOST_CHECK_EQUAL(said->story(o.order_id), "");
  quote("AAPL", "9.9", "", "", "");  // nobody offers
  BOOST_CHECK_EQUAL(said->story(o.order_id), "");
  quote("AAPL", "9.9", "", "10.1", "");
  BOOST_CHECK_EQUAL(said->story(o.order_id), "fill 100 @ 10.1");
  BOOST_CHECK(said->events[0].fill->exec_id == ExecId{"x-1"});
  BOOST_CHECK(said->events[0].ts == clock.now());
  BOOST_CHECK_EQUAL(said->positions.back().avg_price.to_string(), "10.1");
  BOOST_CHECK_EQUAL(said->positions.back().market_price->to_string(), "10");
  BOOST_CHECK_EQUAL(said->accounts.back().cash.to_string(), "98990");
  BOOST_CHECK_EQUAL(said->accounts.back().equity.to_string(), "99990");
}

BOOST_AUTO_TEST_CASE(immediate_orders_are_decided_on_the_first_quote) {
  start();
  const auto ioc = order("AAPL", Side::buy, "100", "11", TimeInForce::ioc);
  const auto fok = order("AAPL", Side::buy, "100", "11", TimeInForce::fok);
  const auto far = order("AAPL", Side::buy, "1", "9", TimeInForce::ioc);
  for (const auto& o : {ioc, fok, far}) BOOST_REQUIRE(place(o));
  BOOST_CHECK(said->events.empty());
  quote("AAPL", "9.9", "50", "10.1", "60");
  BOOST_CHECK_EQUAL(said->story(ioc.order_id), "fill 60 @ 10.1, canceled");
  BOOST_CHECK_EQUAL(said->story(fok.order_id), "canceled");
  BOOST_CHECK_EQUAL(said->story(far.order_id), "canceled");
  quote("AAPL", "9.9", "50", "10.1", "100");
  const auto now = order("AAPL", Side::buy, "100", "11", TimeInForce::fok);
  BOOST_REQUIRE(place(now));
  BOOST_CHECK_EQUAL(said->story(now.order_id), "fill 100 @ 10.1");
}

BOOST_AUTO_TEST_CASE(acceptance_is_stamped_before_what_follows_from_it) {
  start();
  quote("AAPL", "9.9", "", "10.1", "");
  const auto o = order("AAPL", Side::buy, "100");
  const auto accepted = place(o);
  BOOST_REQUIRE(accepted);
  BOOST_CHECK(accepted->ts == clock.now());
  BOOST_REQUIRE_EQUAL(said->events.size(), 1);
  BOOST_CHECK(accepted->ts <= said->events[0].ts);
}

BOOST_AUTO_TEST_CASE(what_happens_at_once_is_told_as_one_position_and_one_account) {
  start();
  quote("AAPL", "9", "", "12", "");
  for (int i = 0; i < 5; ++i) BOOST_REQUIRE(place(order("AAPL", Side::buy, "100", "10")));
  const auto positions = said->positions.size();
  const auto accounts = said->accounts.size();
  quote("AAPL", "9", "", "10", "");  // fills all five
  BOOST_CHECK_EQUAL(said->events.size(), 5);
  BOOST_CHECK_EQUAL(said->positions.size() - positions, 1);
  BOOST_CHECK_EQUAL(said->accounts.size() - accounts, 1);
  BOOST_CHECK_EQUAL(said->positions.back().qty.to_string(), "500");
}

BOOST_AUTO_TEST_CASE(orders_are_served_in_order_of_arrival) {
  start();
  quote("AAPL", "9", "1", "12", "1");
  const auto first = order("AAPL", Side::buy, "100", "10");
  const auto second = order("AAPL", Side::buy, "100", "10");
  BOOST_REQUIRE(place(first) && place(second));
  quote("AAPL", "9", "1", "10", "150");
  BOOST_CHECK_EQUAL(said->story(first.order_id), "fill 100 @ 10");
  BOOST_CHECK_EQUAL(said->story(second.order_id), "fill 50 @ 10");
  const auto third = order("AAPL", Side::buy, "10", "10");
  BOOST_REQUIRE(place(third));
  BOOST_REQUIRE(ask<Done>(broker, ReplaceBrokerOrder{second.order_id, qty("200"), {}, {}, {}}));  // more: to the end
  quote("AAPL", "9", "1", "10", "10");
  BOOST_CHECK_EQUAL(said->story(third.order_id), "fill 10 @ 10");
  BOOST_CHECK_EQUAL(said->story(second.order_id), "fill 50 @ 10, replaced");
}

BOOST_AUTO_TEST_CASE(buying_power) {
  start([](Section& s) {
    s.set("cash", std::string{"1000"});
    s.set("margin", std::string{"cash"});
    s.set("commission_per_share", std::string{"0.01"});
  });
  quote("AAPL", "9.9", "", "10", "");
  const auto refused = placed(order("AAPL", Side::buy, "100", "10"));  // 1000 and 1 of commission
  BOOST_CHECK(refused.starts_with("broker.rejected: buying power 1000 does not cover 1001 "));
  const auto resting = order("AAPL", Side::buy, "60", "9");  // reserves 540.6
  BOOST_CHECK_EQUAL(placed(resting), "p-1");
  BOOST_CHECK(placed(order("AAPL", Side::buy, "50", "9.5")).starts_with("broker.rejected: buying power 459.4 "));
  BOOST_REQUIRE(ask<Done>(broker, CancelBrokerOrder{resting.order_id}));
  BOOST_CHECK_EQUAL(placed(order("AAPL", Side::buy, "99")), "p-2");
  BOOST_CHECK_EQUAL(account().cash.to_string(), "9.01");
  BOOST_CHECK_EQUAL(placed(order("AAPL", Side::sell, "99")), "p-3");  // what is held can always be sold
  BOOST_CHECK_EQUAL(account().commissions.to_string(), "1.98");
  // An order without a price yet is judged by its first one.
  const auto later = order("MSFT", Side::buy, "100");
  BOOST_CHECK_EQUAL(placed(later), "p-4");
  quote("MSFT", "", "", "50", "");
  BOOST_CHECK_EQUAL(said->story(later.order_id), "rejected");
}

BOOST_AUTO_TEST_CASE(shorts_reach_twice_the_equity) {
  start([](Section& s) { s.set("cash", std::string{"1000"}); });
  quote("AAPL", "10", "", "10", "");
  BOOST_CHECK(placed(order("AAPL", Side::sell_short, "201")).starts_with("broker.rejected: buying power 2000 "));
  BOOST_CHECK_EQUAL(placed(order("AAPL", Side::sell_short, "200")), "p-1");
  BOOST_CHECK(placed(order("AAPL", Side::sell, "1")).starts_with("broker.rejected"));
  BOOST_CHECK_EQUAL(account().buying_power.to_string(), "0");
  BOOST_CHECK_EQUAL(placed(order("AAPL", Side::buy_to_cover, "200")), "p-2");  // 2000, all of it closing
  BOOST_CHECK_EQUAL(account().cash.to_string(), "1000");
  // Two sells of the same holding: the second one would be short.
  BOOST_CHECK_EQUAL(placed(order("AAPL", Side::buy, "10")), "p-3");
  BOOST_CHECK_EQUAL(placed(order("AAPL", Side::sell, "10", "500")), "p-4");
  BOOST_CHECK(placed(order("AAPL", Side::sell, "10", "500")).starts_with("broker.rejected"));
}

BOOST_AUTO_TEST_CASE(a_symbol_is_watched_only_while_it_matters) {
  start();
  const auto& calls = market_record->calls;
  quote("AAPL", "9.9", "", "10.1", "");
  const auto buy = order("AAPL", Side::buy, "100");
  BOOST_REQUIRE(place(buy));
  BOOST_CHECK_EQUAL(said->story(buy.order_id), "fill 100 @ 10.1");
  BOOST_CHECK((calls == std::vector<std::string>{"watch AAPL"}));
  const auto sell = order("AAPL", Side::sell, "100");
  BOOST_REQUIRE(place(sell));
  BOOST_CHECK((calls == std::vector<std::string>{"watch AAPL", "unwatch AAPL"}));
  BOOST_CHECK(said->positions.back().qty.is_zero());
  const auto resting = order("AAPL", Side::buy, "1", "5");
  BOOST_REQUIRE(place(resting));
  BOOST_REQUIRE(ask<Done>(broker, CancelBrokerOrder{resting.order_id}));
  BOOST_CHECK_EQUAL(calls.size(), 4);
}

BOOST_AUTO_TEST_CASE(a_market_that_is_refused_rejects_the_order) {
  start();
  market_record->unknown.insert(Symbol{"NOPE"});
  BOOST_CHECK_EQUAL(placed(order("NOPE", Side::buy, "1")),
                    "broker.rejected: no market data of NOPE: instrument.unknown: no such symbol");
  market_record->unknown.clear();
  BOOST_CHECK_EQUAL(placed(order("NOPE", Side::buy, "1")), "p-1");
}

BOOST_AUTO_TEST_CASE(a_cancel_ends_an_order_that_waits_for_its_market) {
  start();
  market_record->unanswered = {Symbol{"FRESH"}};
  const auto o = order("FRESH", Side::buy, "1", "9");
  std::optional<OrderAccepted> accepted;
  caf::scoped_actor asker{sys};
  auto asked = asker->request(broker, caf::infinite, o);
  run();
  BOOST_REQUIRE(ask<Done>(broker, CancelBrokerOrder{o.order_id}));
  asked.receive([&](const OrderAccepted& a) { accepted = a; }, [](const caf::error&) {});
  BOOST_CHECK(accepted);
  BOOST_CHECK_EQUAL(said->story(o.order_id), "canceled");
  // The market that comes later finds nothing, and the next order takes it.
  market_record->unanswered.clear();
  caf::anon_send(market, UnwatchSymbol{Symbol{"FRESH"}, WatchSink{broker}});
  run();
  BOOST_CHECK_EQUAL(said->story(o.order_id), "canceled");
  BOOST_CHECK_EQUAL(placed(order("FRESH", Side::buy, "1", "9")), "p-2");
}

BOOST_AUTO_TEST_CASE(a_new_hub_is_asked_again) {
  start();
  quote("AAPL", "9.9", "", "10.1", "");
  const auto o = order("AAPL", Side::buy, "1", "9");
  BOOST_REQUIRE(place(o));
  market = keep(sys.spawn(fake_market, market_record));
  market_record->watched.clear();
  BOOST_REQUIRE(connect());
  run();
  BOOST_CHECK_EQUAL(market_record->calls.size(), 2);
  quote("AAPL", "8", "", "9", "");
  BOOST_CHECK_EQUAL(said->story(o.order_id), "fill 1 @ 9");
}

BOOST_AUTO_TEST_CASE(marks_are_reported_once_a_second) {
  start();
  quote("AAPL", "10", "", "10", "");
  BOOST_REQUIRE(place(order("AAPL", Side::buy, "100")));
  const auto reported = said->positions.size();
  for (int i = 1; i <= 25; ++i) {  // 2.5 seconds
    clock.advance_to(clock.now() + 100ms);
    quote("AAPL", "10." + std::to_string(i), "", "10." + std::to_string(i), "");
  }
  BOOST_CHECK_EQUAL(said->positions.size() - reported, 3);
  BOOST_CHECK_EQUAL(said->accounts.back().unrealized_pnl.to_string(),
                    said->positions.back().unrealized_pnl->to_string());
}

BOOST_AUTO_TEST_CASE(without_a_second_side_trades_mark) {
  start();
  quote("AAPL", "", "", "10", "");
  BOOST_REQUIRE(place(order("AAPL", Side::buy, "100")));
  push("AAPL", MarketEvent::trade(0, clock.now(), clock.now(), price("12"), qty("1")));
  BOOST_CHECK_EQUAL(account().unrealized_pnl.to_string(), "200");
  quote("AAPL", "10", "", "12", "");
  push("AAPL", MarketEvent::trade(0, clock.now(), clock.now(), price("15"), qty("1")));
  BOOST_CHECK_EQUAL(account().unrealized_pnl.to_string(), "100");
}

// ---- latency -------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(acceptance_takes_its_time) {
  start([](Section& s) { s.set("latency_ms", std::int64_t{50}); });
  const auto start_time = clock.now();
  quote("AAPL", "9.9", "", "10.1", "");
  const auto o = order("AAPL", Side::buy, "100");
  auto answer = self->request(broker, caf::infinite, o);
  run();
  BOOST_CHECK(said->events.empty());
  // The price moves before the order is there: it gets the new one, and at its own time.
  clock.advance_to(start_time + 20ms);
  quote("AAPL", "10.9", "", "11.1", "");
  BOOST_CHECK(said->events.empty());
  clock.advance_to(start_time + 70ms);
  quote("AAPL", "19.9", "", "20.1", "");
  answer.receive([](const OrderAccepted& a) { BOOST_CHECK_EQUAL(a.broker_order_id.str(), "p-1"); },
                 [](const caf::error&) { BOOST_ERROR("refused"); });
  BOOST_CHECK_EQUAL(said->story(o.order_id), "fill 100 @ 11.1");
  BOOST_CHECK(said->events[0].ts == start_time + 50ms);
}

BOOST_AUTO_TEST_CASE(a_quiet_market_does_not_hold_orders_up) {
  start([](Section& s) { s.set("latency_ms", std::int64_t{50}); });
  const auto o = order("AAPL", Side::buy, "100");
  auto answer = self->request(broker, caf::infinite, o);
  run();
  BOOST_CHECK(ask<Done>(broker, ReplaceBrokerOrder{o.order_id, qty("70"), {}, {}, {}}));
  BOOST_CHECK(ask<Done>(broker, CancelBrokerOrder{o.order_id}));
  clock.advance_to(clock.now() + 60ms);
  advance(200ms, 50ms);
  answer.receive([](const OrderAccepted&) {}, [](const caf::error&) { BOOST_ERROR("refused"); });
  BOOST_CHECK_EQUAL(said->story(o.order_id), "replaced, canceled");
}

// ---- options, notionals --------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_option_is_watched_with_what_decides_about_it) {
  start();
  const std::string call = "AAPL240621C00190000";
  quote(call, "4.9", "10", "5", "10");
  PlaceOptionOrder o;
  o.order_id = OrderId{"call"};
  o.order.order = order("AAPL", Side::buy, "2").order;
  o.order.contract = *Instrument::parse(call);
  const auto accepted = ask<OrderAccepted>(broker, o);
  BOOST_REQUIRE(accepted);
  BOOST_CHECK_EQUAL(said->story(o.order_id), "fill 2 @ 5");
  BOOST_CHECK_EQUAL(said->positions.back().symbol.str(), call);
  BOOST_CHECK((market_record->calls == std::vector<std::string>{"watch " + call, "watch AAPL"}));
  BOOST_REQUIRE(place(order(call, Side::sell, "2")));
  BOOST_CHECK_EQUAL(market_record->calls.size(), 4);  // both let go
}

BOOST_AUTO_TEST_CASE(legs_wait_for_all_their_markets) {
  start();
  const std::string low = "AAPL240621C00190000";
  const std::string high = "AAPL240621C00200000";
  PlaceOptionOrder o;
  o.order_id = OrderId{"spread"};
  o.order.order = order("AAPL", Side::buy, "2", "3").order;
  o.order.legs = {{Symbol{low}, Side::buy, 1}, {Symbol{high}, Side::sell, 1}};
  BOOST_REQUIRE(ask<OrderAccepted>(broker, o));
  quote(low, "4.9", "10", "5", "10");
  quote(high, "2", "10", "2.1", "10");
  BOOST_CHECK_EQUAL(said->story(o.order_id), "fill 2 @ 3");
  BOOST_CHECK_EQUAL(said->events[0].fill->legs->size(), 2);
  BOOST_CHECK_EQUAL(ask<Positions>(broker, GetBrokerPositions{})->positions.size(), 2);
  o.order_id = OrderId{"other"};
  o.order.legs[1].symbol = Symbol{"AAPL240621C00210000"};
  market_record->unknown.insert(Symbol{"AAPL240621C00210000"});
  BOOST_CHECK_EQUAL(code(ask<OrderAccepted>(broker, o)), "broker.rejected");
}

BOOST_AUTO_TEST_CASE(a_notional_waits_for_a_price_but_not_for_ever) {
  start();
  auto o = order("AAPL", Side::buy, "1");
  o.order.qty.reset();
  o.order.notional = money("100");
  auto answer = self->request(broker, caf::infinite, o);
  run();
  quote("AAPL", "7", "", "8", "");
  answer.receive([](const OrderAccepted& a) { BOOST_CHECK(a.qty == qty("12.5")); },
                 [](const caf::error&) { BOOST_ERROR("refused"); });
  BOOST_CHECK_EQUAL(said->story(o.order_id), "fill 12.5 @ 8");
  o.order_id = OrderId{"never"};
  o.order.symbol = Symbol{"MSFT"};
  auto refused = self->request(broker, caf::infinite, o);
  run();
  clock.advance_to(clock.now() + 6s);
  advance(12s, 1s);
  refused.receive([](const OrderAccepted&) { BOOST_ERROR("accepted"); },
                  [](const caf::error& e) { BOOST_CHECK(from_caf(e, Errc::internal).code == Errc::broker_rejected); });
}

// ---- recordings: what waits for the order path ----------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(what_waits_for_the_order_path_is_bounded) {
  const auto slow = std::make_shared<SlowRecord>();
  sink = keep(BrokerSink{caf::actor_cast<BrokerSink>(sys.spawn(slow_sink, slow))});
  Section settings{paper::section()};
  auto config = *paper::read_config(settings);
  config.backlog_max = 5;
  broker = keep(BrokerActor{sys.spawn(
      [with = context("paper", settings, clock), config](paper::PaperActor::stateful_pointer<paper::PaperState> actor) {
        return actor->state.make_behavior(with, config);
      })});
  BOOST_REQUIRE(connect());
  const auto counter = [&] {
    const auto all = *ask<Counters>(broker, GetProviderCounters{});
    for (const auto& each : all.counters)
      if (each.name == "barriers_given_up") return each.value;
    return std::int64_t{-1};
  };
  const auto first = order("AAPL", Side::buy, "10", "10");
  const auto second = order("AAPL", Side::buy, "10", "9");
  BOOST_REQUIRE(place(first) && place(second));
  quote("AAPL", "9.9", "", "10", "");
  BOOST_CHECK_EQUAL(slow->fills, 1);
  for (int i = 0; i < 5; ++i) quote("AAPL", "8.9", "", "9", "");
  BOOST_CHECK_EQUAL(slow->fills, 1);  // time stands still while nobody has heard of the first
  BOOST_CHECK_EQUAL(counter(), 0);
  quote("AAPL", "8.9", "", "9", "");  // one too many
  BOOST_CHECK_EQUAL(slow->fills, 2);
  BOOST_CHECK_EQUAL(counter(), 1);
  BOOST_CHECK(slow->last.state == LinkState::up);
  BOOST_CHECK_EQUAL(slow->last.reason, "not_deterministic");
  // It goes on, and the answer that comes late changes nothing.
  caf::anon_send(sink, BrokerStatus{});
  run();
  const auto third = order("AAPL", Side::buy, "10", "9");
  BOOST_REQUIRE(place(third));
  BOOST_CHECK_EQUAL(slow->fills, 3);
}

BOOST_AUTO_TEST_CASE(whether_all_is_played_is_answered_behind_the_barrier) {
  const auto slow = std::make_shared<SlowRecord>();
  sink = keep(BrokerSink{caf::actor_cast<BrokerSink>(sys.spawn(slow_sink, slow))});
  start();
  BOOST_REQUIRE(place(order("AAPL", Side::buy, "10", "10")));
  const auto venue = caf::actor_cast<BrokerBarrierActor>(broker);
  BOOST_CHECK(ask<Done>(venue, BrokerBarrier{}));
  quote("AAPL", "9.9", "", "10", "");
  auto pending = self->request(venue, caf::infinite, BrokerBarrier{});
  run();
  BOOST_CHECK_EQUAL(slow->fills, 1);
  BOOST_CHECK(!slow->waiting.empty());
  caf::anon_send(sink, BrokerStatus{});  // answers
  run();
  bool answered = false;
  pending.receive([&](const Done&) { answered = true; }, [](const caf::error&) {});
  BOOST_CHECK(answered);
}

BOOST_AUTO_TEST_CASE(a_split_of_a_watched_symbol_reaches_the_venue) {
  start();
  BOOST_REQUIRE(place(order("AAPL", Side::buy, "10")));
  quote("AAPL", "9.9", "", "10", "");
  const auto [ref, to] = market_record->watched.at(Symbol{"AAPL"});
  const auto ts = clock.now() + 1s;
  clock.advance_to(ts);
  caf::anon_send(to, WatchedEvents{{}, {{Symbol{"AAPL"}, ts, CorporateActionKind::split, qty("2")}}});
  run();
  BOOST_CHECK_EQUAL(said->positions.back().qty.to_string(), "20");
  caf::anon_send(to, WatchedEvents{{}, {{Symbol{"AAPL"}, ts, CorporateActionKind::dividend, qty("0.5")}}});
  run();
  BOOST_CHECK_EQUAL(account().cash.to_string(), "99910");
}

// ---- determinism, settings -----------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(batches_make_no_difference) {
  std::vector<std::string> runs;
  for (const std::size_t batch_size : {1U, 3U, 100U}) {
    Paper p;
    p.start([](Section& s) {
      s.set("latency_ms", std::int64_t{5});
      s.set("slippage_bps", 1.5);
    });
    std::vector<PlaceStockOrder> orders;
    for (int i = 0; i < 20; ++i)
      orders.push_back(p.order("AAPL", i % 3 == 0 ? Side::sell_short : Side::buy, std::to_string(10 + i),
                               i % 2 == 0 ? "" : std::to_string(100 + i)));
    for (const auto& o : orders) p.self->request(p.broker, caf::infinite, o);
    p.run();
    WatchedEvents batch;
    const auto [ref, to] = p.market_record->watched.at(Symbol{"AAPL"});
    auto ts = p.clock.now();
    for (int i = 0; i < 100; ++i) {
      ts += 1ms;
      p.clock.advance_to(ts);
      auto e = quote_event(std::to_string(90 + i % 17), "7", std::to_string(91 + i % 17), "9", ts);
      e.ref = ref;
      batch.events.push_back(e);
      if (batch.events.size() < batch_size) continue;
      caf::anon_send(to, std::exchange(batch, {}));
      p.run();
    }
    caf::anon_send(to, batch);
    p.run();
    std::string all;
    for (const auto& e : p.said->events) all += to_string(e) + "\n";
    for (const auto& e : p.said->positions) all += to_string(e) + "\n";
    for (const auto& e : p.said->accounts) all += to_string(e) + "\n";
    runs.push_back(all);
  }
  BOOST_CHECK(runs[0].find("fill") != std::string::npos);
  BOOST_CHECK_EQUAL(runs[0], runs[1]);
  BOOST_CHECK_EQUAL(runs[0], runs[2]);
}

BOOST_AUTO_TEST_CASE(bad_settings_are_named) {
  const auto bad = [&](const char* key, ConfigValue value) {
    Section s{paper::section()};
    s.set(key, std::move(value));
    const auto made = registry.find("paper")->make(sys, context("paper", s));
    return made ? "ok" : made.error().message;
  };
  BOOST_CHECK(bad("cash", std::string{"lots"}).starts_with("brokers.paper.cash: "));
  BOOST_CHECK(bad("cash", std::string{"-1"}).starts_with("brokers.paper.cash "));
  BOOST_CHECK(bad("commission_per_share", std::string{"x"}).starts_with("brokers.paper.commission_per_share: "));
  BOOST_CHECK(bad("commission_min", std::string{"-1"}).starts_with("brokers.paper.commission_min "));
  BOOST_CHECK(bad("margin", std::string{"lots"}).starts_with("brokers.paper.margin "));
  BOOST_CHECK(bad("account", std::string{}).starts_with("brokers.paper.account "));
}

BOOST_AUTO_TEST_SUITE_END()
