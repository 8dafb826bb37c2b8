#include "actors/cache/memory/memory.hpp"

#include <spdlog/spdlog.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include "actors/cache/memory/heap_bytes.hpp"
#include "actors/cache/memory/question_key.hpp"

namespace tradebus::memory {

MemoryState::MemoryState(CacheActor::pointer s) : self{s} {}

CacheActor::behavior_type MemoryState::make_behavior(AdapterContext with, MemoryConfig settings) {
  context = std::move(with);
  config = std::move(settings);
  config.ttl.calendars = context.calendars;
  store = AnswerStore<Stored>{config.memory_bytes_max};
  flights = Flights<Waiter>{config.calls_max, config.waiters_max};
  self->set_down_handler([this](const caf::down_msg& down) { provider_down(down.source); });
  // Promises that are dropped answer nobody: whatever ends this actor, its waiters are told.
  self->set_exit_handler([this](const caf::exit_msg& exit) {
    if (!exit.reason) return;
    end_all("the daemon is ending");
    self->quit(exit.reason);
  });
  self->set_exception_handler([this](std::exception_ptr& e) {
    end_all("the cache failed and is started anew: ask again");
    return error_from_exception(e);
  });
  return {
      [this](const Ask<GetHistoricalData>& m) { return ask(m); },
      [this](const Ask<GetTickerDetails>& m) { return ask(m); },
      [this](const Ask<GetDailySnapshot>& m) { return ask(m); },
      [this](const Ask<GetNews>& m) { return ask(m); },
      [this](const Ask<GetMarketNews>& m) { return ask(m); },
      [this](const Ask<GetOptionChain>& m) { return ask(m); },
      [this](const Ask<SearchSymbols>& m) { return ask(m); },
      [this](const GetCacheStats&) { return stats(); },
      [this](const ClearCache& m) { return clear(m); },
      [this](const ProviderHandle& m) { set_provider(m); },
  };
}

// -- questions ---------------------------------------------------------------

template <class Query>
caf::result<Cached<AnswerTo<Query>>> MemoryState::ask(const Ask<Query>& question) {
  constexpr auto kind = kind_of<Query>;
  using Place = Flights<Waiter>::Place;
  const auto provider = find_provider(question.provider);
  if (!provider) return to_caf(provider.error());
  const auto& target = **provider;
  auto key = question_key(target.name, question.query);

  if (const auto* stored = store.find(key, context.clock.now())) {
    ++counters_of(kind).hits;
    auto promise = self->make_response_promise<Cached<AnswerTo<Query>>>();
    deliver(promise, *stored);
    return promise;
  }
  give_up_old_calls();
  const auto place = flights.place(key);
  if (place == Place::join) {
    ++counters_of(kind).coalesced;
    auto promise = self->make_response_promise<Cached<AnswerTo<Query>>>();
    flights.join(key, promise);
    return promise;
  }
  ++counters_of(kind).misses;
  if (!target.actor)
    return to_caf(
        Error{Errc::provider_unavailable, "provider \"" + target.name.str() + "\" is down: ask again once it is up"});
  if (place == Place::full)
    return to_caf(Error{Errc::overloaded,
                        "too many questions under way at providers (cache.calls_max = " +
                            std::to_string(config.calls_max) + "): ask again a little later",
                        {},
                        1'000});
  auto promise = self->make_response_promise<Cached<AnswerTo<Query>>>();
  const auto id =
      flights.start({std::move(key), kind, target.name, context.clock.now(), self->clock().now(), true, {promise}});
  ++counters_of(kind).upstream_calls;
  call(target.actor, id, question.query);
  return promise;
}

// Without a timeout: an answered request would keep its timer (CAF 0.17). What ends a call that is never answered:
// the provider's end, or give_up_old_calls.
template <class Query>
void MemoryState::call(const ProviderActor& provider, FlightId id, const Query& query) {
  self->request(provider, caf::infinite, query)
      .then([this, id, query](AnswerTo<Query>& answer) { answered(id, query, answer); },
            [this, id](const caf::error& error) { failed(id, error); });
}

template <class Query>
void MemoryState::answered(FlightId id, const Query& query, AnswerTo<Query>& answer) {
  using Reply = Cached<AnswerTo<Query>>;
  auto flight = flights.take(id);
  if (!flight) return;
  const auto now = context.clock.now();
  const auto expires = flight->keep ? expiry(config.ttl, query, answer, AnswerTimes{flight->asked, now}) : now;
  auto& waiters = flight->waiters;
  if (expires <= now && waiters.size() == 1) {
    waiters.front().deliver(Reply{std::move(answer), false});
    return;
  }
  // One copy for the asker who made the call; one message for the store and all others.
  waiters.front().deliver(Reply{answer, false});
  const auto bytes = sizeof(Reply) + heap_bytes(answer);
  const Stored shared = caf::make_message(Reply{std::move(answer), true});
  for (auto it = std::next(waiters.begin()); it != waiters.end(); ++it) deliver(*it, shared);
  store.put(std::move(flight->key), flight->kind, shared, bytes, now, expires);
}

void MemoryState::failed(FlightId id, const caf::error& reason) {
  auto flight = flights.take(id);
  if (!flight) return;
  auto error = from_caf(reason, Errc::ok);
  if (error.code == Errc::ok)  // CAF's own: there is nobody who could answer
    error = {Errc::provider_unavailable, "provider \"" + flight->provider.str() + "\" ended before it answered (" +
                                             error.message + "): ask again once it is up"};
  fail_all(*flight, error);
  if (!flight->keep || !is_lasting(error.code)) return;
  const auto now = context.clock.now();
  const auto bytes = sizeof(Error) + heap_bytes(error.message) + heap_bytes(error.key);
  store.put(std::move(flight->key), flight->kind, std::move(error), bytes, now, now + refusal_ttl);
}

void MemoryState::give_up_old_calls() {
  const auto oldest = self->clock().now() - config.call_age_max;
  while (auto flight = flights.take_older_than(oldest)) {
    context.log->warn("cache-call-lost provider={} kind={} waiters={}", flight->provider.str(), to_string(flight->kind),
                      flight->waiters.size());
    fail_all(*flight,
             {Errc::provider_unavailable, "provider \"" + flight->provider.str() + "\" did not answer within " +
                                              std::to_string(config.call_age_max.count()) + " s: ask again"});
  }
}

void MemoryState::deliver(Waiter& waiter, const Stored& stored) {
  if (const auto* error = std::get_if<Error>(&stored))
    waiter.deliver(to_caf(*error));
  else
    waiter.deliver(std::get<caf::message>(stored));
}

void MemoryState::fail_all(Flight<Waiter>& flight, const Error& error) {
  for (auto& waiter : flight.waiters) waiter.deliver(to_caf(error));
}

void MemoryState::end_all(const std::string& why) {
  for (auto& flight : flights.take_all())
    fail_all(flight, {Errc::provider_unavailable, "no answer from provider \"" + flight.provider.str() + "\": " + why});
}

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
  if (provider.actor) self->monitor(provider.actor);
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
  const auto open = flights.take_all_of(provider);
  if (!open.empty()) context.log->info("cache-provider-lost provider={} questions={}", provider.str(), open.size());
  for (auto flight : open)
    fail_all(flight, {Errc::provider_unavailable,
                      "provider \"" + provider.str() + "\" ended before it answered: ask again once it is up"});
}

// -- statistics --------------------------------------------------------------

CacheStats MemoryState::stats() {
  store.drop_expired(context.clock.now());
  CacheStats out;
  for (std::size_t i = 0; i < kinds_count; ++i) {
    const auto kind = static_cast<Kind>(i);
    const auto usage = store.usage(kind);
    const auto& count = counters[i];
    out.kinds.push_back({std::string{to_string(kind)}, count.hits, count.misses, count.coalesced, count.upstream_calls,
                         usage.entries, usage.bytes,
                         std::chrono::duration_cast<std::chrono::milliseconds>(ttl_now(config.ttl, kind)).count()});
  }
  return out;
}

caf::result<CacheStats> MemoryState::clear(const ClearCache& request) {
  const auto kind = enum_from_string<Kind>(request.kind);
  if (!kind && !request.kind.empty()) {
    std::string known;
    for (const auto text : EnumTexts<Kind>::texts) known += (known.empty() ? "" : ", ") + std::string{text};
    return to_caf(Error{Errc::request_invalid,
                        "there is no kind \"" + request.kind + "\" of answers; there are: " + known, "kind"});
  }
  store.clear(kind);
  flights.forget(kind);
  context.log->info("cache-cleared kind={}", kind ? to_string(*kind) : "all");
  return stats();
}

}  // namespace tradebus::memory
