#include "engine/supervisor/supervisor.hpp"

#include <spdlog/logger.h>
#include <caf/actor_system.hpp>

namespace tradebus {

SupervisorState::SupervisorState(SupervisorActor::pointer self_ptr) : self{self_ptr} {}

SupervisorActor::behavior_type supervisor(SupervisorActor::stateful_pointer<SupervisorState> self,
                                          SupervisorContext context) {
  return self->state.make_behavior(std::move(context));
}

SupervisorActor::behavior_type SupervisorState::make_behavior(SupervisorContext given) {
  context = std::move(given);
  for (auto& spec : context.children)
    children.push_back({std::move(spec),
                        {},
                        {},
                        Backoff{context.restart_first, context.restart_max, context.healthy_after},
                        {},
                        false,
                        true,
                        0,
                        {}});
  context.children.clear();
  self->set_down_handler([this](const caf::down_msg& down) { died(down); });
  self->set_exit_handler([this](const caf::exit_msg& exit) {
    stop_all();
    self->quit(exit.reason);
  });
  return {
      [this](const StartAll&) { return start_all(); },
      [this](const StopAll&) { return stop_all(); },
      [this](const SetBrokerLink& m) { return set_link(m); },
      [this](const GetSupervisorStatus&) { return status(); },
      [this](const RestartChild& m) {
        if (!stopping) start(m.child);
      },
      [this](StartGraceOver) {
        for (auto& promise : std::exchange(starting, {})) promise.deliver(Done{});
      },
  };
}

caf::result<Done> SupervisorState::start_all() {
  auto promise = self->make_response_promise<Done>();
  starting.push_back(promise);
  self->delayed_send(self, context.start_grace, StartGraceOver{});
  for (std::uint32_t i = 0; i < children.size(); ++i) start(i);
  if (children.empty()) self->send(self, StartGraceOver{});
  return promise;
}

Done SupervisorState::stop_all() {
  stopping = true;
  for (auto& child : children) {
    if (child.provider) self->send_exit(child.provider, caf::exit_reason::user_shutdown);
    if (child.broker) self->send_exit(child.broker, caf::exit_reason::user_shutdown);
    child.provider = nullptr;
    child.broker = nullptr;
  }
  context.hub = nullptr;
  context.orders = nullptr;
  context.cache = nullptr;
  return {};
}

void SupervisorState::start(std::uint32_t index) {
  auto& child = children[index];
  if (child.running()) return;
  auto& system = self->home_system();
  child.started = std::chrono::steady_clock::time_point{self->clock().now().time_since_epoch()};
  if (child.spec.kind == ChildSpec::Kind::provider) {
    auto made = child.spec.make_provider(system);
    if (!made) return failed(index, made.error().message);
    child.provider = *made;
    self->monitor(child.provider);
  } else {
    auto made = child.spec.make_broker(system);
    if (!made) return failed(index, made.error().message);
    child.broker = *made;
    self->monitor(child.broker);
  }
  context.log->info("actor-started name={} restarts={}", child.spec.name, child.restarts);
  announce(index);
}

void SupervisorState::announce(std::uint32_t index) {
  auto& child = children[index];
  if (child.spec.kind == ChildSpec::Kind::provider) {
    const ProviderHandle handle{ProviderName{child.spec.name}, child.provider, child.spec.is_default};
    self->send(context.hub, handle);
    self->send(context.cache, handle);
    // The hub connects it.
    if (child.provider && !child.settled)
      self->request(context.hub, caf::infinite, AwaitProvider{ProviderName{child.spec.name}})
          .then([this, index](const Done&) { settled(index); }, [this, index](const caf::error&) { settled(index); });
    return;
  }
  self->send(context.orders, BrokerHandle{BrokerName{child.spec.name}, child.broker, child.spec.is_default});
  if (child.broker && child.link_wanted) connect_broker(index, {});
}

void SupervisorState::connect_broker(std::uint32_t index, caf::typed_response_promise<BrokerStatus> promise) {
  const auto& child = children[index];
  const ConnectBroker request{context.orders, context.hub};
  self->request(child.broker, caf::infinite, request)
      .then(
          [this, index, promise](const BrokerStatus& status) mutable {
            // One that is still coming up tells the order manager itself, and may have done so before this answer is
            // there.
            if (context.orders && status.state != LinkState::connecting) self->send(context.orders, status);
            if (promise.pending()) promise.deliver(status);
            settled(index);
          },
          [this, index, promise](const caf::error& e) mutable {
            const auto error = from_caf(e, Errc::broker_unavailable);
            BrokerStatus status;
            status.broker = BrokerName{children[index].spec.name};
            status.reason = "connect";
            status.message = error.message;
            if (context.orders) self->send(context.orders, status);
            if (promise.pending()) promise.deliver(to_caf(error));
            settled(index);
          });
}

void SupervisorState::settled(std::uint32_t index) {
  children[index].settled = true;
  for (const auto& child : children)
    if (!child.settled) return;
  for (auto& promise : std::exchange(starting, {})) promise.deliver(Done{});
}

void SupervisorState::died(const caf::down_msg& down) {
  if (stopping) return;
  for (std::uint32_t i = 0; i < children.size(); ++i) {
    auto& child = children[i];
    const bool is_it = (child.provider && child.provider.address() == down.source) ||
                       (child.broker && child.broker.address() == down.source);
    if (!is_it) continue;
    child.provider = nullptr;
    child.broker = nullptr;
    announce(i);
    failed(i, self->home_system().render(down.reason));
  }
}

void SupervisorState::failed(std::uint32_t index, const std::string& why) {
  auto& child = children[index];
  const auto now = std::chrono::steady_clock::time_point{self->clock().now().time_since_epoch()};
  const auto pause = child.backoff.failed(child.started, now);
  ++child.restarts;
  child.last_failure = why;
  context.log->error("actor-died name={} reason=\"{}\" restart_in_ms={}", child.spec.name, why, pause.count());
  self->delayed_send(self, pause, RestartChild{index});
}

caf::result<BrokerStatus> SupervisorState::set_link(const SetBrokerLink& request) {
  for (std::uint32_t i = 0; i < children.size(); ++i) {
    auto& child = children[i];
    if (child.spec.kind != ChildSpec::Kind::broker || child.spec.name != request.broker.str()) continue;
    child.link_wanted = request.connect;
    if (!child.broker) return to_caf(Error{Errc::broker_unavailable, child.spec.name + " is being started; ask again"});
    auto promise = self->make_response_promise<BrokerStatus>();
    if (request.connect) {
      connect_broker(i, promise);
      return promise;
    }
    self->request(child.broker, caf::infinite, DisconnectBroker{})
        .then(
            [this, promise](const BrokerStatus& status) mutable {
              if (context.orders) self->send(context.orders, status);
              promise.deliver(status);
            },
            [promise](const caf::error& e) mutable { promise.deliver(to_caf(from_caf(e, Errc::broker_unavailable))); });
    return promise;
  }
  return to_caf(Error{Errc::broker_unavailable, "no broker is called " + request.broker.str()});
}

SupervisorStatus SupervisorState::status() const {
  SupervisorStatus out;
  for (const auto& child : children)
    out.children.push_back({(child.spec.kind == ChildSpec::Kind::provider ? "provider." : "broker.") + child.spec.name,
                            child.running(), child.restarts, child.last_failure});
  return out;
}

}  // namespace tradebus
