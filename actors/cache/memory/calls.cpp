// Calls to providers: who answers for them, at which pace, and until when somebody waits.
#include <spdlog/spdlog.h>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include "actors/cache/memory/memory.hpp"

namespace tradebus::memory {

namespace {
constexpr std::size_t waiting_max = 10'000;  // for one provider's pace; cache.calls_max holds first
constexpr std::uint32_t refusals_max = 5;    // of one question, by the source
constexpr std::chrono::seconds pause_unsaid{1};
constexpr std::int64_t pause_ms_max = 86'400'000;  // what a venue says holds; longer is nonsense

std::string text_of(const PacingRules& rules) {
  std::string out;
  for_each_field<PacingRules>([&](const auto& f) {
    if (const auto value = rules.*(f.member); value > 0)
      out += (out.empty() ? "" : ", ") + std::string{f.name} + " = " + std::to_string(value);
  });
  return out.empty() ? "it asked for a pause" : out;
}
}  // namespace

// -- providers ---------------------------------------------------------------

Result<const MemoryState::Provider*> MemoryState::find_provider(const ProviderName& asked) const {
  if (asked.empty() && !default_provider)
    return fail(Errc::provider_unavailable, "no data provider has been started yet: ask again once one is up");
  const auto& wanted = asked.empty() ? *default_provider : asked;
  const auto it = providers.find(wanted);
  if (it != providers.end()) return &it->second;
  std::string known;
  for (const auto& [each, provider] : providers) known += (known.empty() ? "" : ", ") + each.str();
  return fail(Errc::provider_unavailable,
              "there is no provider \"" + wanted.str() + "\" (engine.data_provider has: " + known + ")");
}

void MemoryState::set_provider(const ProviderHandle& handle) {
  if (handle.is_default) default_provider = handle.name;
  auto& provider = providers[handle.name];
  provider.name = handle.name;
  if (provider.actor == handle.provider) return;
  if (provider.actor) {
    self->demonitor(provider.actor.address());
    lost(handle.name);
  }
  provider.actor = handle.provider;
  if (!provider.actor) return;
  self->monitor(provider.actor);
  // What it was before holds on: a restart changes no venue's limits.
  const ProviderActor actor = provider.actor;
  self->request(actor, caf::infinite, GetProviderCapabilities{})
      .then([this, key = handle.name, actor](const ProviderCapabilities& can) { learn(key, actor, can); },
            [this, key = handle.name, actor](const caf::error&) { learn(key, actor, {}); });
}

void MemoryState::learn(const ProviderName& key, const ProviderActor& from, const ProviderCapabilities& can) {
  auto& provider = providers[key];
  if (provider.actor != from) return;
  const auto same = provider.known && provider.limits.rules() == can.pacing;
  provider.history = can.history;
  // Flights that hold on to the old limits ended with the actor that had them.
  if (!same) provider.limits = CallLimiter{can.pacing, waiting_max};
  provider.known = true;
  for (const auto id : std::exchange(provider.early, {})) {
    auto* flight = flights.find(id);
    if (flight == nullptr || flight->call != Flight::Call::waiting) continue;
    flight->call = Flight::Call::none;
    const auto call = flight->make_call;  // it is replaced while it runs
    if (call) call();
  }
}

// The supervisor says so too, a little later; until then nobody should be sent to a dead actor.
void MemoryState::provider_down(const caf::actor_addr& source) {
  for (auto& [key, provider] : providers) {
    if (!provider.actor || provider.actor.address() != source) continue;
    provider.actor = nullptr;
    lost(provider.name);
  }
}

// A provider that dies drops the questions it had begun without a word.
void MemoryState::lost(const ProviderName& provider) {
  const auto open = flights.all_of(provider);
  if (!open.empty()) context.log->info("cache-provider-lost provider={} questions={}", provider.str(), open.size());
  for (const auto id : open)
    failed(id, {Errc::provider_unavailable,
                "provider \"" + provider.str() + "\" ended before it answered: ask again once it is up"});
}

Error MemoryState::call_error(const ProviderName& provider, const caf::error& reason) const {
  if (!reason)
    return {Errc::provider_unavailable, "provider \"" + provider.str() + "\" is down: ask again once it is up"};
  auto error = from_caf(reason, Errc::ok);
  if (error.code == Errc::ok)  // CAF's own: there is nobody who could answer
    error = {Errc::provider_unavailable, "provider \"" + provider.str() + "\" ended before it answered (" +
                                             error.message + "): ask again once it is up"};
  return error;
}

// -- pace --------------------------------------------------------------------

void MemoryState::submit(FlightId id, std::uint64_t identity, CallPriority priority, std::function<void()> call) {
  auto* flight = flights.find(id);
  if (flight == nullptr) return;
  auto& provider = providers[flight->provider];
  if (!provider.actor) return failed(id, call_error(provider.name, {}));
  flight->call = Flight::Call::waiting;
  waiting.insert(id);
  if (!provider.known) {
    flight->make_call = [this, id, identity, priority, call] { submit(id, identity, priority, call); };
    provider.early.push_back(id);
    return set_timer();
  }
  flight->make_call = std::move(call);
  const auto client = flight->waiters.empty() ? std::string{} : flight->waiters.front().client.str();
  if (!provider.limits.add({id, client, priority, identity}))
    return failed(
        id, Error{Errc::overloaded, "too many questions wait for provider \"" + provider.name.str() + "\"", {}, 1'000});
  pump(provider);
  if (!waiting.contains(id)) return;
  refuse_late(steady_now());  // who can't wait at all
  set_timer();
}

// A call may answer at once with a failure and take others with it: nothing is held across it but the provider.
void MemoryState::pump(Provider& provider) {
  while (const auto id = provider.limits.next(steady_now())) {
    waiting.erase(*id);
    auto* flight = flights.find(*id);
    if (flight == nullptr) {
      provider.limits.finished(steady_now());
      continue;
    }
    flight->call = Flight::Call::under_way;
    ++flight->calls;
    ++counters_of(flight->kind).upstream_calls;
    const auto call = flight->make_call;
    call();
  }
}

void MemoryState::call_ended(Flight& flight) {
  if (flight.call != Flight::Call::under_way) return;
  flight.call = Flight::Call::none;
  auto& provider = providers[flight.provider];
  provider.limits.finished(steady_now());
  if (provider.limits.waiting() > 0) {  // its place is free; not from within a call that ends
    ++wake_generation;
    wake_at = steady_now();
    self->send(caf::actor_cast<CacheActor>(self), CacheWake{wake_generation, 0, false});
  }
}

bool MemoryState::call_again(FlightId id, const Error& refusal) {
  auto* flight = flights.find(id);
  auto& provider = providers[flight->provider];
  const auto now = steady_now();
  const auto pause = refusal.retry_after_ms
                         ? std::chrono::milliseconds{std::clamp<std::int64_t>(*refusal.retry_after_ms, 0, pause_ms_max)}
                         : std::chrono::milliseconds{pause_unsaid};
  provider.limits.pause_until(now + pause);
  context.log->info("provider-rate-limited provider={} pause_ms={}", provider.name.str(), pause.count());
  const bool somebody_waits =
      std::ranges::any_of(flight->waiters, [&](const Waiter& each) { return each.deadline > now + pause; });
  if (!somebody_waits || ++flight->refused > refusals_max) return false;
  call_ended(*flight);
  const auto client = flight->waiters.front().client.str();
  const auto identity = std::hash<std::string>{}(flight->key);
  if (!provider.limits.add({id, client, CallPriority::interactive, identity})) return false;
  flight->call = Flight::Call::waiting;
  waiting.insert(id);
  set_timer();
  return true;
}

Error MemoryState::paced(const Provider& provider, std::size_t others) const {
  const auto now = steady_now();
  const auto why =
      provider.limits.paused(now) ? std::string{"the venue itself said so"} : text_of(provider.limits.rules());
  Error out{Errc::provider_rate_limited, "provider \"" + provider.name.str() + "\" allows no more calls for now (" +
                                             why + "), and no turn came in time"};
  out.retry_after_ms = std::chrono::ceil<std::chrono::milliseconds>(provider.limits.wait(now, others)).count();
  return out;
}

// -- time --------------------------------------------------------------------

// Those who waited for the pace as long as they could. A flight without waiters is over.
void MemoryState::refuse_late(SteadyTime now) {
  struct Refusal {
    std::vector<Waiter> waiters;
    std::string key;
    Kind kind;
    const Provider* provider;
    std::size_t own;  // its call is among those that wait
  };
  std::vector<Refusal> refusals;
  const auto ids = std::vector<FlightId>(waiting.begin(), waiting.end());
  for (const auto id : ids) {
    auto* flight = flights.find(id);
    if (flight == nullptr) {
      waiting.erase(id);
      continue;
    }
    auto& provider = providers[flight->provider];
    auto late = flights.take_waiters(id, [&](const Waiter& each) { return each.deadline <= now; });
    if (late.empty()) continue;
    provider.refused += static_cast<std::int64_t>(late.size());
    refusals.push_back({std::move(late), flight->key, flight->kind, &provider, 1});
    if (!flight->waiters.empty()) continue;
    refusals.back().own = 0;
    auto over = flights.take(id);
    drop(*over, id);
  }
  // Who gives up before the next turn is ahead of nobody who comes again.
  std::map<const Provider*, std::size_t> patient;
  for (const auto& each : refusals) {
    if (patient.contains(each.provider)) continue;
    const auto next_turn = now + each.provider->limits.wait(now, 0);
    patient[each.provider] = static_cast<std::size_t>(std::ranges::count_if(waiting, [&](FlightId id) {
      const auto* flight = flights.find(id);
      return flight != nullptr && flight->provider == each.provider->name &&
             std::ranges::any_of(flight->waiters, [&](const Waiter& waiter) { return waiter.deadline > next_turn; });
    }));
  }
  for (const auto& each : refusals)
    deliver_failure(each.waiters, each.key, each.kind,
                    each.provider->known ? paced(*each.provider, std::max(patient[each.provider], each.own) - each.own)
                                         : Error{Errc::provider_unavailable, "provider \"" + each.provider->name.str() +
                                                                                 "\" has not started yet: ask again"});
}

void MemoryState::set_timer() {
  if (waiting.empty()) return;
  const auto now = steady_now();
  std::optional<SteadyTime> next;
  const auto at = [&](SteadyTime t) {
    if (!next || t < *next) next = t;
  };
  for (const auto& [key, provider] : providers)
    if (const auto t = provider.limits.next_time(now)) at(*t);
  for (const auto id : waiting)
    if (const auto* flight = flights.find(id))
      for (const auto& waiter : flight->waiters) at(waiter.deadline);
  if (!next || (wake_at && *wake_at <= *next && *wake_at > now)) return;
  wake_at = next;
  const auto pause = std::max(*next - now, SteadyTime::duration{std::chrono::milliseconds{1}});
  self->delayed_send(caf::actor_cast<CacheActor>(self), pause, CacheWake{++wake_generation, 0, false});
}

void MemoryState::wake(const CacheWake& message) {
  if (message.actions) return forget_adjusted();
  if (message.flight != 0) return serve_late(message.flight);
  if (message.generation != wake_generation) return;
  wake_at.reset();
  for (auto& [key, provider] : providers)
    if (provider.known) pump(provider);
  refuse_late(steady_now());
  set_timer();
}

}  // namespace tradebus::memory
