// A provider or broker that dies is started anew, its topics are open again, and nothing else notices. Real hub, order
// manager, cache and paper broker; a provider that throws when the test says so.
#include "engine/supervisor/supervisor.hpp"

#include <boost/test/unit_test.hpp>

#include "config/core_sections.hpp"
#include "engine/market/market_hub.hpp"
#include "tests/engine/market/hub_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

class DeafOutlet final : public OrderOutlet {
 public:
  void reply(std::vector<BusReply>&) override {}
  void hold(std::uint64_t, std::vector<BusReply>&) override {}
  void release(std::uint64_t) override {}
  void refuse_held(const Error&) override {}
  void publish(const OrderEvent&) override {}
  void publish(const Position&) override {}
  void publish(const AccountSummary&) override {}
  void publish(const BrokerStatus&) override {}
  void flush() override {}
};

struct SupervisorFixture : ActorFixture {
  BusQueue queue{256};
  Publisher publisher{queue};
  std::shared_ptr<ScriptedRecord> provider = std::make_shared<ScriptedRecord>();
  std::vector<ProviderActor> incarnations;
  std::vector<BrokerActor> brokers;
  int failures_to_come = 0;  // of the factory
  MarketHubActor hub;
  OrderManagerActor orders;
  SupervisorActor supervisor_actor;

  SupervisorFixture() {
    provider->capabilities.streams = {StreamKind::quote, StreamKind::trade};
    Adapters_ adapters;
    MarketHubContext hub_context;
    hub_context.config.providers = {ProviderName{"fake"}};
    hub_context.queue = &queue;
    hub_context.publisher = &publisher;
    hub_context.log = log;
    hub = keep(sys.spawn(market_hub, std::move(hub_context)));
    OrderManagerConfig config;
    config.id_tag = "t";
    config.journal = std::make_shared<MemoryJournal>();
    config.log = log;
    config.outlet = std::make_shared<DeafOutlet>();
    orders = keep(spawn_order_manager(sys, std::move(config)));
    SupervisorContext context;
    context.hub = hub;
    context.orders = orders;
    context.cache = keep(*adapters.caches.find("memory")->make(sys, this->context("memory", cache_settings())));
    context.log = log;
    ChildSpec fake;
    fake.name = "fake";
    fake.is_default = true;
    fake.make_provider = [this](caf::actor_system& system) -> Result<ProviderActor> {
      if (failures_to_come-- > 0) return fail(Errc::internal, "no luck");
      incarnations.push_back(system.spawn(scripted_provider, provider));
      return incarnations.back();
    };
    context.children.push_back(std::move(fake));
    ChildSpec paper;
    paper.kind = ChildSpec::Kind::broker;
    paper.name = "paper";
    paper.is_default = true;
    const auto* entry = adapters.brokers.find("paper");
    const auto broker_context = this->context("paper", Section{entry->section});
    paper.make_broker = [this, make = entry->make, broker_context](caf::actor_system& system) {
      auto made = make(system, broker_context);
      if (made) brokers.push_back(*made);
      return made;
    };
    context.children.push_back(std::move(paper));
    supervisor_actor = keep(sys.spawn(supervisor, std::move(context)));
    BOOST_REQUIRE(ask<Done>(supervisor_actor, StartAll{}));
  }
  ~SupervisorFixture() {
    ask<Done>(supervisor_actor, StopAll{});
    incarnations.clear();
    brokers.clear();
  }

  struct Adapters_ {
    Adapters_() {
      register_brokers(brokers);
      register_caches(caches);
    }
    BrokerRegistry brokers;
    CacheRegistry caches;
  };
  static Section cache_settings() {
    Section out;
    for (const auto& spec : core_sections())
      if (spec.path == "cache" || spec.path == "cache.ttl")
        for (const auto& key : spec.keys) out.set(key.key, key.fallback);
    return out;
  }
  ChildReport child(std::size_t i) {
    return ask<SupervisorStatus>(supervisor_actor, GetSupervisorStatus{})->children[i];
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(supervising, SupervisorFixture)

BOOST_AUTO_TEST_CASE(everything_is_up_when_start_is_answered) {
  BOOST_CHECK_EQUAL(provider->connects.size(), 1U);
  const auto status = ask<OrderManagerStatus>(orders, GetOrderManagerStatus{});
  BOOST_REQUIRE(status);
  BOOST_REQUIRE_EQUAL(status->brokers.size(), 1U);
  BOOST_CHECK(status->brokers[0].state == LinkState::up);
}

BOOST_AUTO_TEST_CASE(a_provider_that_dies_comes_back_with_its_topics) {
  self->send(hub, TopicsWanted{{TopicWant{"quote|AAPL|", 1}}});
  run();
  BOOST_CHECK_EQUAL(provider->open.size(), 1U);
  provider->open.clear();
  caf::anon_send_exit(incarnations.back(), caf::exit_reason::kill);
  run();
  BOOST_CHECK(!child(0).running);
  BOOST_CHECK_NE(child(0).last_failure.find("kill"), std::string::npos);
  advance(150ms);
  BOOST_CHECK(child(0).running);
  BOOST_CHECK_EQUAL(child(0).restarts, 1);
  BOOST_CHECK_EQUAL(provider->open.size(), 1U);
  BOOST_CHECK_EQUAL(incarnations.size(), 2U);
}

BOOST_AUTO_TEST_CASE(the_pauses_grow_while_it_keeps_failing) {
  failures_to_come = 3;
  caf::anon_send_exit(incarnations.back(), caf::exit_reason::kill);
  run();
  advance(100ms);  // first try, fails
  advance(200ms);  // second
  BOOST_CHECK_EQUAL(child(0).restarts, 3);
  advance(300ms);
  BOOST_CHECK_EQUAL(child(0).restarts, 3);  // 400 ms are not over
  advance(100ms);
  BOOST_CHECK_EQUAL(child(0).restarts, 4);
  BOOST_CHECK(!child(0).running);
  advance(800ms);
  BOOST_CHECK(child(0).running);
}

BOOST_AUTO_TEST_CASE(a_broker_that_dies_comes_back_and_orders_are_refused_by_name_meanwhile) {
  caf::anon_send_exit(brokers.back(), caf::exit_reason::kill);
  run();
  PlaceOrder order;
  order.client = ClientName{"c"};
  order.order.client_order_id = ClientOrderId{"1"};
  order.order.symbol = Symbol{"AAPL"};
  order.order.qty = Quantity::from_int(1);
  const auto refused = ask<Order>(orders, order);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == Errc::broker_unavailable);
  advance(150ms);
  order.order.client_order_id = ClientOrderId{"2"};
  BOOST_CHECK(ask<Order>(orders, order));
}

BOOST_AUTO_TEST_CASE(backoff_doubles_up_to_its_bound_and_forgets_after_health) {
  Backoff backoff{100ms, 1s, 60s};
  const Backoff::Time t{};
  for (const auto expected : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms})
    BOOST_CHECK(backoff.failed(t, t + 1s) == expected);
  BOOST_CHECK(backoff.failed(t, t + 61s) == 100ms);
}

BOOST_AUTO_TEST_SUITE_END()
