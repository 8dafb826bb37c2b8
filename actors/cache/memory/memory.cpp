#include "actors/cache/memory/memory.hpp"

#include <spdlog/spdlog.h>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include "actors/cache/memory/question_key.hpp"
#include "actors/cache/memory/sane_answer.hpp"
#include "bus/wire/envelope.hpp"
#include "bus/wire/pack.hpp"

namespace tradebus::memory {

namespace {

constexpr char packed_true = '\xc3';
constexpr char packed_false = '\xc2';

// The answer's keys, and `cached: true` as its last byte.
template <class Answer>
std::string pack_answer(const Answer& answer) {
  wire::Buffer buffer;
  wire::Packer out{buffer};
  out.pack_map(wire::present_fields(answer) + 1);
  wire::pack_fields(out, answer);
  wire::pack(out, "cached");
  wire::pack(out, true);
  buffer.bytes.shrink_to_fit();
  return std::move(buffer.bytes);
}

// Which calendar decides how long its answer is good.
template <class Query>
const Calendar& calendar_for(const TtlConfig& config, const Query& query) {
  if constexpr (requires { query.symbol; })
    return calendar_of(config, query.symbol);
  else if constexpr (requires { query.underlying; })
    return calendar_of_options(config, query.underlying);
  else
    return calendar_without_symbol(config);
}

CacheActor::behavior_type cache_actor(CacheActor::stateful_pointer<MemoryState> self, const AdapterContext& context,
                                      const MemoryConfig& config) {
  return self->state.make_behavior(context, config);
}

}  // namespace

CacheActor spawn_memory_cache(caf::actor_system& system, AdapterContext context, MemoryConfig config) {
  return system.spawn(cache_actor, std::move(context), std::move(config));
}

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
    if (keeper && exit.source == keeper.address()) {
      context.log->error("bars-disk-ended reason=\"{}\"", self->home_system().render(exit.reason));
      keeper = nullptr;
      disk_stats->set({"failed", "its actor ended", 0, 0, 0, 0});
      return;
    }
    if (!exit.reason) return;
    end_all("the daemon is ending");
    self->quit(exit.reason);
  });
  self->set_exception_handler([this](std::exception_ptr& e) {
    end_all("the cache failed and is started anew: ask again");
    return error_from_exception(e);
  });
  start_keeper();
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
      // Sources adjust for splits and not for dividends; one that does otherwise is found where bars meet.
      [this](const CorporateAction& m) {
        if (m.action == CorporateActionKind::split) note_action(m.symbol);
      },
      [this](const ProviderHandle& m) { set_provider(m); },
      [this](const CacheWake& m) { wake(m); },
  };
}

// -- questions ---------------------------------------------------------------

template <class Query>
caf::result<CachedAnswer> MemoryState::ask(const Ask<Query>& question) {
  using namespace std::chrono;
  constexpr auto kind = kind_of<Query>;
  using Place = Flights<Waiter>::Place;
  const auto provider = find_provider(question.provider);
  if (!provider) return to_caf(provider.error());
  const auto& target = **provider;
  if constexpr (kind == Kind::bars) forget_adjusted();
  auto key = question_key(target.name, question.query);

  auto promise = self->make_response_promise<CachedAnswer>();
  if (const auto* stored = store.find(key, context.clock.now())) {
    ++counters_of(kind).hits;
    caf::response_promise any = promise;
    if (const auto* error = std::get_if<Error>(stored))
      any.deliver(to_caf(*error));
    else
      any.deliver(std::get<caf::message>(*stored));
    return promise;
  }
  give_up_old_calls();
  // A little earlier than the asker's own end, so that the answer still reaches him.
  const auto timeout = milliseconds{question.timeout_ms};
  Waiter waiter{promise, steady_now() + timeout - std::min(milliseconds{50}, timeout / 5), question.client};
  const auto place = flights.place(key);
  if (place == Place::join) {
    ++counters_of(kind).coalesced;
    const auto id = flights.join(key, std::move(waiter));
    if (question.timeout_ms > 0) watch_late(id);
    return promise;
  }
  ++counters_of(kind).misses;
  if (place == Place::full) {
    deliver_failure({waiter}, key, kind,
                    Error{Errc::overloaded,
                          "too many questions under way at providers (cache.calls_max = " +
                              std::to_string(config.calls_max) + "): ask again a little later",
                          {},
                          1'000});
    return promise;
  }
  Flight flight;
  flight.key = std::move(key);
  flight.kind = kind;
  flight.provider = target.name;
  flight.asked = context.clock.now();
  flight.began = steady_now();
  flight.waiters.push_back(std::move(waiter));
  const auto id = flights.start(std::move(flight));
  begin(id, question.query);
  if (question.timeout_ms > 0) watch_late(id);
  return promise;
}

template <class Query>
void MemoryState::begin(FlightId id, const Query& query) {
  if constexpr (kind_of<Query> == Kind::bars) {
    begin_bars(id, query);
  } else {
    const auto identity = std::hash<std::string>{}(flights.find(id)->key);
    submit(id, identity, CallPriority::interactive, [this, id, query] {
      request(id, query, [this, id, query](AnswerTo<Query>& answer) { answered(id, query, answer); });
    });
  }
}

template <class Query>
void MemoryState::answered(FlightId id, const Query& query, AnswerTo<Query>& answer) {
  const auto now = context.clock.now();
  auto sane = make_sane(query, answer);
  std::string packed;
  if (sane) packed = pack_answer(answer);
  while (sane && packed.size() > packed_bytes_max) {
    if (shorten(answer))
      packed = pack_answer(answer);
    else
      sane = tl::unexpected{nonsense("it has " + std::to_string(packed.size()) + " bytes")};
  }
  if (!sane) {
    context.log->warn("answer-refused provider={} kind={} reason=\"{}\"", flights.find(id)->provider.str(),
                      to_string(kind_of<Query>), sane.error().message);
    return failed(id, sane.error());
  }
  const auto fresh = expiry(config.ttl, kind_of<Query>, calendar_for(config.ttl, query), now);
  finish(id, std::move(packed),
         {fresh, fresh > Timestamp::max() - config.ttl.stale_max ? Timestamp::max() : fresh + config.ttl.stale_max});
}

void MemoryState::finish(FlightId id, std::string packed, AnswerStore<Stored>::Life life) {
  auto flight = flights.take(id);
  if (!flight) return;
  drop(*flight, id);
  const auto now = context.clock.now();
  const bool by_call = flight->calls > 0 && !flight->waiters.empty();
  if (by_call) {
    // Who made the call is told so.
    auto first = packed;
    first.back() = packed_false;
    flight->waiters.front().promise.deliver(CachedAnswer{std::make_shared<const std::string>(std::move(first))});
  } else if (flight->calls == 0) {  // the disk had it all
    auto& counts = counters_of(flight->kind);
    --counts.misses;
    ++counts.hits;
  }
  const auto bytes = sizeof(CachedAnswer) + sizeof(std::string) + packed.size();
  const auto shared = caf::make_message(CachedAnswer{std::make_shared<const std::string>(std::move(packed))});
  for (std::size_t i = by_call ? 1 : 0; i < flight->waiters.size(); ++i) flight->waiters[i].promise.deliver(shared);
  if (flight->keep) store.put(std::move(flight->key), flight->kind, shared, bytes, now, life);
}

void MemoryState::failed(FlightId id, const Error& error) {
  auto flight = flights.take(id);
  if (!flight) return;
  drop(*flight, id);
  deliver_failure(flight->waiters, flight->key, flight->kind, error);
  if (!flight->keep || !is_lasting(error.code)) return;
  const auto now = context.clock.now();
  const auto expires = now + config.ttl.refusal;
  store.put(std::move(flight->key), flight->kind, error, sizeof(Error) + error.message.size() + error.key.size(), now,
            expires);
}

// The last answer there was is better than none, when the source failed; it says that it is old.
void MemoryState::deliver_failure(const std::vector<Waiter>& waiters, const std::string& key, Kind kind,
                                  const Error& error) {
  const Stored* last = is_failure(error.code) ? store.find_stale(key, context.clock.now()) : nullptr;
  const auto* message = last != nullptr ? std::get_if<caf::message>(last) : nullptr;
  std::optional<caf::message> answer;
  if (message != nullptr)
    answer = caf::make_message(CachedAnswer{
        std::make_shared<const std::string>(wire::with_flag(*message->get_as<CachedAnswer>(0).packed, "stale"))});
  for (auto waiter : waiters) {
    if (!answer) {
      waiter.promise.deliver(to_caf(error));
      continue;
    }
    ++counters_of(kind).stale;
    waiter.promise.deliver(*answer);
  }
}

void MemoryState::drop(Flight& flight, FlightId id) {
  bar_jobs.erase(id);
  if (flight.call == Flight::Call::waiting) {
    waiting.erase(id);
    if (const auto it = providers.find(flight.provider); it != providers.end()) {
      it->second.limits.remove(id);
      std::erase(it->second.early, id);
    }
  } else if (flight.call == Flight::Call::under_way) {
    call_ended(flight);
  }
  flight.call = Flight::Call::none;
}

void MemoryState::give_up_old_calls() {
  const auto oldest = steady_now() - config.call_age_max;
  while (const auto id = flights.older_than(oldest)) {
    const auto* flight = flights.find(*id);
    context.log->warn("cache-call-lost provider={} kind={} waiters={}", flight->provider.str(), to_string(flight->kind),
                      flight->waiters.size());
    failed(*id, {Errc::provider_unavailable, "provider \"" + flight->provider.str() + "\" did not answer within " +
                                                 std::to_string(config.call_age_max.count()) + " s: ask again"});
  }
}

void MemoryState::watch_late(FlightId id) {
  auto* flight = flights.find(id);
  if (flight == nullptr || flight->watched || flight->waiters.empty()) return;
  if (store.find_stale(flight->key, context.clock.now()) == nullptr) return;
  flight->watched = true;
  auto first = flight->waiters.front().deadline;
  for (const auto& waiter : flight->waiters) first = std::min(first, waiter.deadline);
  const auto pause = std::max(first - steady_now(), SteadyTime::duration{std::chrono::milliseconds{1}});
  self->delayed_send(caf::actor_cast<CacheActor>(self), pause, CacheWake{0, id, false});
}

void MemoryState::serve_late(FlightId id) {
  auto* flight = flights.find(id);
  if (flight == nullptr) return;
  flight->watched = false;
  // Those that wait for their turn are told so (refuse_late).
  if (flight->call == Flight::Call::waiting) return;
  const auto now = steady_now();
  const auto late = flights.take_waiters(id, [&](const Waiter& each) { return each.deadline <= now; });
  if (!late.empty())
    deliver_failure(
        late, flight->key, flight->kind,
        Error{Errc::request_timeout, "provider \"" + flight->provider.str() + "\" does not answer in time"});
  watch_late(id);
}

void MemoryState::end_all(const std::string& why) {
  for (auto& flight : flights.take_all()) {
    const auto error =
        to_caf(Error{Errc::provider_unavailable, "no answer from provider \"" + flight.provider.str() + "\": " + why});
    for (auto& waiter : flight.waiters) waiter.promise.deliver(error);
  }
}

// -- statistics --------------------------------------------------------------

CacheStats MemoryState::stats() {
  const auto now = context.clock.now();
  store.drop_expired(now);
  CacheStats out;
  for (std::size_t i = 0; i < kinds_count; ++i) {
    const auto kind = static_cast<Kind>(i);
    const auto usage = store.usage(kind);
    const auto& count = counters[i];
    out.kinds.push_back(
        {std::string{to_string(kind)}, count.hits, count.misses, count.coalesced, count.upstream_calls, count.stale,
         usage.entries, usage.bytes, usage.evicted,
         std::chrono::duration_cast<std::chrono::milliseconds>(ttl_now(config.ttl, kind, now)).count()});
  }
  out.disk = disk_stats->get();
  out.disk.skipped += keeps_skipped;
  const auto steady = steady_now();
  for (const auto& [key, provider] : providers) {
    const auto& limits = provider.limits;
    out.pacing.push_back({key, limits.rules(), static_cast<std::int64_t>(limits.granted()),
                          static_cast<std::int64_t>(limits.under_way()), static_cast<std::int64_t>(limits.waiting()),
                          provider.refused, std::chrono::ceil<std::chrono::milliseconds>(limits.wait(steady)).count()});
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
  forget_in_memory(kind, request.symbol);
  context.log->info("cache-cleared kind={} symbol={}", kind ? to_string(*kind) : "all",
                    request.symbol.empty() ? "all" : request.symbol.str());
  if (!keeper || (kind && *kind != Kind::bars)) return stats();
  // Answered when the disk has forgotten too.
  auto promise = self->make_response_promise<CacheStats>();
  self->request(keeper, caf::infinite, ForgetBars{request.symbol, false})
      .then([this, promise](const Done&) mutable { promise.deliver(stats()); },
            [this, promise](const caf::error&) mutable { promise.deliver(stats()); });
  return promise;
}

}  // namespace tradebus::memory
