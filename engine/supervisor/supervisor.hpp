// The SUPERVISOR: starts providers and brokers, watches over them, and starts anew what died, with growing pauses. The
// rest of the daemon only sees a handle come and go.
#pragma once

#include <spdlog/fwd.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/cache/cache.hpp"
#include "actors/market_hub.hpp"
#include "actors/registry.hpp"
#include "engine/orders/order_manager.hpp"
#include "engine/services/backoff.hpp"

namespace tradebus {

// Starts everything; answers when each provider and broker has answered its first connect, or after `grace`.
struct StartAll {
  static constexpr std::string_view type_name = "StartAll";
  static constexpr auto fields() { return std::tuple{}; }
};
// Ends providers and brokers, in that order; nothing is started anew from then on.
struct StopAll {
  static constexpr std::string_view type_name = "StopAll";
  static constexpr auto fields() { return std::tuple{}; }
};

struct SetBrokerLink {
  BrokerName broker;
  bool connect = true;

  static constexpr std::string_view type_name = "SetBrokerLink";
  static constexpr auto fields() {
    return std::tuple{field("broker", &SetBrokerLink::broker), field("connect", &SetBrokerLink::connect)};
  }
};

struct GetSupervisorStatus {
  static constexpr std::string_view type_name = "GetSupervisorStatus";
  static constexpr auto fields() { return std::tuple{}; }
};
struct ChildReport {
  std::string name;  // provider.sim, broker.paper
  bool running = false;
  std::int64_t restarts = 0;
  std::string last_failure;

  static constexpr std::string_view type_name = "ChildReport";
  static constexpr auto fields() {
    return std::tuple{field("name", &ChildReport::name), field("running", &ChildReport::running),
                      field("restarts", &ChildReport::restarts), field("last_failure", &ChildReport::last_failure)};
  }
};
struct SupervisorStatus {
  std::vector<ChildReport> children;

  static constexpr std::string_view type_name = "SupervisorStatus";
  static constexpr auto fields() { return std::tuple{field("children", &SupervisorStatus::children)}; }
};

// INTERNAL: the pause before a child's next start is over.
struct RestartChild {
  std::uint32_t child = 0;

  static constexpr std::string_view type_name = "RestartChild";
  static constexpr auto fields() { return std::tuple{field("child", &RestartChild::child)}; }
};
// INTERNAL: the time for a first connect is over.
struct StartGraceOver {
  static constexpr std::string_view type_name = "StartGraceOver";
  static constexpr auto fields() { return std::tuple{}; }
};

using SupervisorActor = protocol<Done(StartAll), Done(StopAll), BrokerStatus(SetBrokerLink),
                                 SupervisorStatus(GetSupervisorStatus), void(RestartChild), void(StartGraceOver)>;

// One provider or broker and how to make it.
struct ChildSpec {
  enum class Kind : std::uint8_t { provider, broker };
  Kind kind = Kind::provider;
  std::string name;
  bool is_default = false;
  // Makes the actor; an error is a failed start, tried again.
  std::function<Result<ProviderActor>(caf::actor_system&)> make_provider;
  std::function<Result<BrokerActor>(caf::actor_system&)> make_broker;
};

struct SupervisorContext {
  std::vector<ChildSpec> children;
  MarketHubActor hub;
  OrderManagerActor orders;
  CacheActor cache;
  std::chrono::milliseconds restart_first{100};
  std::chrono::milliseconds restart_max{30'000};
  std::chrono::milliseconds healthy_after{60'000};
  std::chrono::milliseconds start_grace{3'000};
  std::shared_ptr<spdlog::logger> log;
};

struct SupervisorState {
  static inline const char* name = "supervisor";
  explicit SupervisorState(SupervisorActor::pointer self);
  SupervisorActor::behavior_type make_behavior(SupervisorContext context);

  caf::result<Done> start_all();
  Done stop_all();
  void start(std::uint32_t child);
  void announce(std::uint32_t child);  // who needs to know its handle is told
  void connect_broker(std::uint32_t child, caf::typed_response_promise<BrokerStatus> promise);
  void settled(std::uint32_t child);  // its first connect was answered
  void died(const caf::down_msg& down);
  void failed(std::uint32_t child, const std::string& why);
  caf::result<BrokerStatus> set_link(const SetBrokerLink& request);
  SupervisorStatus status() const;

  struct Child {
    ChildSpec spec;
    ProviderActor provider;
    BrokerActor broker;
    Backoff backoff;
    Backoff::Time started{};
    bool settled = false;
    bool link_wanted = true;
    std::int64_t restarts = 0;
    std::string last_failure;
    bool running() const { return provider || broker; }
  };

  SupervisorActor::pointer self;
  SupervisorContext context;
  std::vector<Child> children;
  std::vector<caf::typed_response_promise<Done>> starting;
  bool stopping = false;
};

SupervisorActor::behavior_type supervisor(SupervisorActor::stateful_pointer<SupervisorState> self,
                                          SupervisorContext context);

}  // namespace tradebus

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tradebus::SupervisorContext)
