// The MEMORY cache: answers kept in the daemon's memory (the messages it understands: actors/cache/cache.hpp).
// An answer is one message, shared by the store and everyone who gets it. What is stored is served also while its
// provider is down. It sets no timers: what is too old is found when the next question comes.
#pragma once

#include <array>
#include <caf/message.hpp>
#include <caf/response_promise.hpp>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "actors/cache/memory/answer_store.hpp"
#include "actors/cache/memory/flights.hpp"
#include "actors/cache/memory/ttl_policy.hpp"
#include "actors/registry.hpp"

namespace tradebus::memory {

void register_in(CacheRegistry& registry);

struct MemoryConfig {
  TtlConfig ttl;
  std::size_t memory_bytes_max = 64U << 20U;
  std::size_t calls_max = 256;        // under way at providers; more questions get `overloaded`
  std::size_t waiters_max = 100'000;  // for these calls' answers
  std::chrono::seconds call_age_max{
      120};  // beyond every request's own timeout: then the provider has lost the question

  // memory_mb, calls_max where it is there, and TtlConfig's keys. config.invalid names the key.
  static Result<MemoryConfig> from(const Section& section);
};

struct MemoryState {
  static inline const char* name = "cache";
  explicit MemoryState(CacheActor::pointer self);
  CacheActor::behavior_type make_behavior(AdapterContext context, MemoryConfig config);

  // -- questions -------------------------------------------------------------
  template <class Query>
  caf::result<Cached<AnswerTo<Query>>> ask(const Ask<Query>& question);
  template <class Query>
  void call(const ProviderActor& provider, FlightId id, const Query& query);
  template <class Query>
  void answered(FlightId id, const Query& query, AnswerTo<Query>& answer);
  void failed(FlightId id, const caf::error& error);
  void give_up_old_calls();

  // -- providers -------------------------------------------------------------
  struct Provider {
    ProviderName name;
    ProviderActor actor;  // null while it is down
  };
  Result<const Provider*> find_provider(const ProviderName& asked) const;
  void set_provider(const ProviderHandle& handle);
  void provider_down(const caf::actor_addr& source);
  void lost(const ProviderName& provider);  // its questions under way

  // -- statistics ------------------------------------------------------------
  CacheStats stats();
  caf::result<CacheStats> clear(const ClearCache& request);

  struct Counters {
    std::int64_t hits = 0;
    std::int64_t misses = 0;
    std::int64_t coalesced = 0;
    std::int64_t upstream_calls = 0;
  };
  using Waiter = caf::response_promise;
  using Stored = std::variant<caf::message, Error>;  // a Cached<Answer>, or a refusal that lasts
  static void deliver(Waiter& waiter, const Stored& stored);
  static void fail_all(Flight<Waiter>& flight, const Error& error);
  void end_all(const std::string& why);
  Counters& counters_of(Kind kind) { return counters[static_cast<std::size_t>(kind)]; }

  CacheActor::pointer self;
  AdapterContext context;
  MemoryConfig config;
  AnswerStore<Stored> store{0};
  Flights<Waiter> flights{0, 0};
  std::map<ProviderName, Provider> providers;
  std::optional<ProviderName> default_provider;
  std::array<Counters, kinds_count> counters{};
};

}  // namespace tradebus::memory
