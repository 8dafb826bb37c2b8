#include "engine/faults/faulty_broker.hpp"

#include <boost/test/unit_test.hpp>

#include "actors/brokers/paper/paper.hpp"
#include "tests/support/fake_market.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

// The paper broker behind a link with one fault.
struct OneFault : BrokerFixture {
  std::shared_ptr<FaultPlan> plan;
  BrokerActor venue;

  void wrap(Fault fault, double chance = 1) {
    BrokerRegistry registry;
    paper::register_in(registry);
    make(registry, "paper");
    venue = broker;
    FaultConfig config;
    config.seed = 1;
    config.chance(fault) = chance;
    config.delay_max = 10ms;
    plan = std::make_shared<FaultPlan>(config, "paper");
    plan->calm(true);
    broker = keep(spawn_faulty_broker(sys, {BrokerName{"paper"}, venue, false, plan, log}));
    self->monitor(broker);
    quote("AAPL", "10", "1000", "10.1", "1000");
    BOOST_REQUIRE(connect());
    run();
    plan->calm(false);
  }
  // Sends it and lets all that follows happen.
  Result<OrderAccepted> sent(const PlaceStockOrder& o) { return sent_as<OrderAccepted>(o); }
  template <class R, class Request>
  Result<R> sent_as(const Request& request) {
    auto pending = self->request(broker, caf::infinite, request);
    run();
    advance(50ms, 1ms);
    Result<R> out = fail(Errc::internal, "no answer");
    if (self->has_next_message())
      pending.receive([&](R& r) { out = std::move(r); },
                      [&](caf::error& e) { out = tl::unexpected<Error>{from_caf(e, Errc::internal)}; });
    return out;
  }
  bool venue_has(const PlaceStockOrder& o) { return ask<BrokerOrder>(venue, GetBrokerOrder{o.order_id}).has_value(); }
  std::string links() const {
    std::string out;
    for (const auto& s : said->statuses) out += (out.empty() ? "" : " ") + std::string{to_string(s.state)};
    return out;
  }
  bool ended() {
    bool gone = false;
    while (self->has_next_message()) self->receive([&](const caf::down_msg&) { gone = true; });
    return gone;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(faulty_broker, OneFault)

BOOST_AUTO_TEST_CASE(without_a_fault_it_is_the_broker_itself) {
  wrap(Fault::refuse, 0);
  const auto o = order("AAPL", Side::buy, "100");
  BOOST_CHECK(sent(o));
  BOOST_CHECK_EQUAL(said->story(o.order_id), "fill 100 @ 10.1");
  BOOST_CHECK_EQUAL(said->positions.back().qty.to_string(), "100");
  BOOST_CHECK_EQUAL(links(), "up");
  BOOST_CHECK_EQUAL(ask<Executions>(broker, GetExecutions{})->fills.size(), 1);
  BOOST_CHECK(ask<BrokerCapabilities>(broker, GetBrokerCapabilities{})->stock_orders);
}

BOOST_AUTO_TEST_CASE(what_is_refused_or_fails_never_reaches_the_venue) {
  wrap(Fault::refuse);
  auto o = order("AAPL", Side::buy, "100");
  BOOST_CHECK_EQUAL(code(sent(o)), "broker.rejected");
  BOOST_CHECK(!venue_has(o));
}

BOOST_AUTO_TEST_CASE(what_fails_says_nothing_and_never_reaches_the_venue) {
  wrap(Fault::fail);
  const auto o = order("AAPL", Side::buy, "100");
  BOOST_CHECK_EQUAL(code(sent(o)), "broker.unavailable");
  BOOST_CHECK(!venue_has(o));
}

BOOST_AUTO_TEST_CASE(a_lost_answer_leaves_the_order_at_the_venue) {
  wrap(Fault::answer_lost);
  const auto o = order("AAPL", Side::buy, "100");
  BOOST_CHECK_EQUAL(code(sent(o)), "broker.unavailable");
  BOOST_CHECK(venue_has(o));
  BOOST_CHECK_EQUAL(said->story(o.order_id), "fill 100 @ 10.1");
}

BOOST_AUTO_TEST_CASE(a_link_that_goes_down_before_a_send_sends_nothing_later) {
  wrap(Fault::disconnect_before);
  const auto o = order("AAPL", Side::buy, "100");
  BOOST_CHECK_EQUAL(code(sent(o)), "broker.unavailable");
  BOOST_CHECK(!venue_has(o));
  BOOST_CHECK_EQUAL(links(), "up down up");
}

BOOST_AUTO_TEST_CASE(what_waits_to_be_sent_fails_with_the_link) {
  wrap(Fault::send_late);
  const auto o = order("AAPL", Side::buy, "100");
  auto pending = self->request(broker, caf::infinite, o);
  run();
  ask<BrokerStatus>(broker, DisconnectBroker{});
  advance(50ms, 1ms);
  std::string answer;
  pending.receive([&](const OrderAccepted&) { answer = "ok"; },
                  [&](const caf::error& e) { answer = code(from_caf(e, Errc::internal)); });
  BOOST_CHECK_EQUAL(answer, "broker.unavailable");
  BOOST_REQUIRE(connect());
  advance(50ms, 1ms);
  BOOST_CHECK(!venue_has(o));
}

BOOST_AUTO_TEST_CASE(a_link_that_goes_down_after_a_send_tells_nothing_and_the_questions_all) {
  wrap(Fault::disconnect_after);
  const auto o = order("AAPL", Side::buy, "100");
  BOOST_CHECK_EQUAL(code(sent(o)), "broker.unavailable");
  BOOST_CHECK_EQUAL(links(), "up down up");
  BOOST_CHECK_EQUAL(said->story(o.order_id), "");
  BOOST_CHECK(ask<BrokerOrder>(broker, GetBrokerOrder{o.order_id})->status == OrderStatus::filled);
  BOOST_CHECK_EQUAL(ask<Executions>(broker, GetExecutions{})->fills.size(), 1);
}

BOOST_AUTO_TEST_CASE(a_crash_ends_the_adapter_and_not_the_venue) {
  wrap(Fault::crash_after);
  const auto o = order("AAPL", Side::buy, "100");
  self->send(broker, o);
  run();
  BOOST_CHECK(ended());
  BOOST_CHECK(venue_has(o));
}

BOOST_AUTO_TEST_CASE(a_crash_before_the_send_keeps_it_from_the_venue) {
  wrap(Fault::crash_before);
  const auto o = order("AAPL", Side::buy, "100");
  self->send(broker, o);
  run();
  BOOST_CHECK(ended());
  BOOST_CHECK(!venue_has(o));
}

BOOST_AUTO_TEST_CASE(reports_come_twice) {
  wrap(Fault::report_twice);
  const auto o = order("AAPL", Side::buy, "100");
  BOOST_CHECK(sent(o));
  BOOST_CHECK_EQUAL(said->story(o.order_id), "fill 100 @ 10.1, fill 100 @ 10.1");
}

BOOST_AUTO_TEST_CASE(a_report_that_is_lost_brings_the_link_down) {
  wrap(Fault::report_lost);
  const auto o = order("AAPL", Side::buy, "100");
  BOOST_CHECK(sent(o));
  BOOST_CHECK_EQUAL(said->story(o.order_id), "");
  BOOST_CHECK_EQUAL(links(), "up down up");
}

BOOST_AUTO_TEST_CASE(a_report_is_overtaken_by_the_next_one_or_comes_a_little_later) {
  wrap(Fault::report_swapped, 0.5);
  quote("AAPL", "10", "100", "10.1", "100");
  for (int i = 0; i < 20; ++i) {
    const auto o = order("AAPL", Side::buy, "150", "10.1");  // a part at once, the rest is canceled
    BOOST_CHECK(sent(o));
    BOOST_CHECK(sent_as<Done>(CancelBrokerOrder{o.order_id}));
    quote("AAPL", "10", "100", "10.1", "100");
    BOOST_CHECK_EQUAL(said->count(o.order_id, BrokerReport::canceled), 1);
  }
  BOOST_CHECK_GT(plan->count(Fault::report_swapped), 5);
}

BOOST_AUTO_TEST_CASE(questions_fail_and_are_never_wrong) {
  wrap(Fault::question_fails);
  BOOST_CHECK_EQUAL(code(sent_as<OpenBrokerOrders>(GetOpenBrokerOrders{})), "broker.unavailable");
  plan->calm(true);
  BOOST_CHECK(sent_as<OpenBrokerOrders>(GetOpenBrokerOrders{}));
}

BOOST_AUTO_TEST_CASE(a_question_may_stay_without_an_answer) {
  wrap(Fault::question_silent);
  self->send(broker, GetExecutions{});
  advance(1s);
  BOOST_CHECK(!self->has_next_message());
}

BOOST_AUTO_TEST_SUITE_END()
