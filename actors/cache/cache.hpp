// The CACHE interface: every question to a provider goes through it. Equal questions at the same time make one call
// upstream; an answer is kept for as long as its kind allows, and calls keep to the pace that the source allows.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/caf_support.hpp"
#include "actors/providers/provider.hpp"

namespace tradebus {

// A question for a provider; an empty name means the default one.
template <class Query>
struct Ask {
  ProviderName provider;
  Query query;
  ClientName client;            // whose turn it is to make a call
  std::int64_t timeout_ms = 0;  // how long the answer is of use; 0: as long as it takes

  static constexpr std::string_view type_name = "Ask";
  static constexpr auto fields() {
    return std::tuple{field("provider", &Ask::provider), field("query", &Ask::query), field("client", &Ask::client),
                      field("timeout_ms", &Ask::timeout_ms)};
  }
};

// An answer as the bus carries it, so that it is encoded once however often it is asked for: a packed map of the
// answer's own keys (HistoricalBars, TickerDetails, ...), then `cached` (true: no call was made for this question), and
// `stale: true` where the source failed and this is its last answer, past its time.
struct CachedAnswer {
  std::shared_ptr<const std::string> packed;  // never null; shared by the cache, all who asked, and the bridge

  template <class Inspector>
  friend auto inspect(Inspector& f, CachedAnswer& x) -> typename Inspector::result_type {
    auto bytes = x.packed ? *x.packed : std::string{};
    if constexpr (Inspector::writes_state) {
      auto store = [&]() -> caf::error {
        x.packed = std::make_shared<const std::string>(std::move(bytes));
        return caf::none;
      };
      return f(bytes, caf::meta::load_callback(store));
    } else {
      return f(bytes);
    }
  }
};

// INTERNAL: the supervisor says which actor answers for a provider now; a null handle while it is down.
struct ProviderHandle {
  ProviderName name;
  ProviderActor provider;
  bool is_default = false;

  template <class Inspector>
  friend auto inspect(Inspector& f, ProviderHandle& x) -> typename Inspector::result_type {
    return f(x.name, x.provider, x.is_default);
  }
};

struct GetCacheStats {
  static constexpr std::string_view type_name = "GetCacheStats";
  static constexpr auto fields() { return std::tuple{}; }
};
struct CacheKindStats {
  std::string kind;  // quotes, bars, details, snapshots, news, chains, search
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t coalesced = 0;  // questions that waited for an equal one's answer
  std::int64_t upstream_calls = 0;
  std::int64_t stale = 0;  // answers past their time, as the source failed
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
  std::int64_t evicted = 0;  // for want of memory
  std::int64_t ttl_ms = 0;   // of an answer that came now

  static constexpr std::string_view type_name = "CacheKindStats";
  static constexpr auto fields() {
    return std::tuple{field("kind", &CacheKindStats::kind),
                      field("hits", &CacheKindStats::hits),
                      field("misses", &CacheKindStats::misses),
                      field("coalesced", &CacheKindStats::coalesced),
                      field("upstream_calls", &CacheKindStats::upstream_calls),
                      field("stale", &CacheKindStats::stale),
                      field("entries", &CacheKindStats::entries),
                      field("bytes", &CacheKindStats::bytes),
                      field("evicted", &CacheKindStats::evicted),
                      field("ttl_ms", &CacheKindStats::ttl_ms)};
  }
};
// The bars on disk.
struct BarsDiskStats {
  std::string state;  // off, up, read_only, failed
  std::string reason;
  std::int64_t ranges = 0;
  std::int64_t bytes = 0;
  std::int64_t evicted = 0;  // series, for want of room
  std::int64_t skipped = 0;  // answers not written, as the disk did not keep up

  static constexpr std::string_view type_name = "BarsDiskStats";
  static constexpr auto fields() {
    return std::tuple{field("state", &BarsDiskStats::state),     field("reason", &BarsDiskStats::reason),
                      field("ranges", &BarsDiskStats::ranges),   field("bytes", &BarsDiskStats::bytes),
                      field("evicted", &BarsDiskStats::evicted), field("skipped", &BarsDiskStats::skipped)};
  }
};
// How one source is paced.
struct PacingStats {
  ProviderName provider;
  PacingRules rules;
  std::int64_t calls = 0;      // made since the start
  std::int64_t under_way = 0;  // without an answer yet
  std::int64_t waiting = 0;
  std::int64_t refused = 0;  // questions answered with provider.rate_limited
  std::int64_t wait_ms = 0;  // of a question that came now, at least

  static constexpr std::string_view type_name = "PacingStats";
  static constexpr auto fields() {
    return std::tuple{field("provider", &PacingStats::provider), field("rules", &PacingStats::rules),
                      field("calls", &PacingStats::calls),       field("under_way", &PacingStats::under_way),
                      field("waiting", &PacingStats::waiting),   field("refused", &PacingStats::refused),
                      field("wait_ms", &PacingStats::wait_ms)};
  }
};
struct CacheStats {
  std::vector<CacheKindStats> kinds;
  BarsDiskStats disk;
  std::vector<PacingStats> pacing;

  static constexpr std::string_view type_name = "CacheStats";
  static constexpr auto fields() {
    return std::tuple{field("kinds", &CacheStats::kinds), field("disk", &CacheStats::disk),
                      field("pacing", &CacheStats::pacing)};
  }
};
// Forgets answers, in memory and on disk.
struct ClearCache {
  std::string kind;  // empty: all
  Symbol symbol;     // empty: all; else only answers about this symbol, of every provider

  static constexpr std::string_view type_name = "ClearCache";
  static constexpr auto fields() {
    return std::tuple{field("kind", &ClearCache::kind), field("symbol", &ClearCache::symbol)};
  }
};

// INTERNAL: the cache's own timer: calls that waited may be made now, or have waited long enough.
struct CacheWake {
  std::uint64_t generation = 0;
  std::uint64_t flight = 0;  // not 0: somebody can wait no longer for this one
  bool actions = false;      // splits and dividends have come

  static constexpr std::string_view type_name = "CacheWake";
  static constexpr auto fields() {
    return std::tuple{field("generation", &CacheWake::generation), field("flight", &CacheWake::flight),
                      field("actions", &CacheWake::actions)};
  }
};

using CacheActor = protocol<CachedAnswer(Ask<GetHistoricalData>), CachedAnswer(Ask<GetTickerDetails>),
                            CachedAnswer(Ask<GetDailySnapshot>), CachedAnswer(Ask<GetNews>),
                            CachedAnswer(Ask<GetMarketNews>), CachedAnswer(Ask<GetOptionChain>),
                            CachedAnswer(Ask<SearchSymbols>), CacheStats(GetCacheStats), CacheStats(ClearCache),
                            // From the hub, whom providers tell: no question for bars that comes later is
                            // answered from before.
                            void(CorporateAction), void(ProviderHandle), void(CacheWake)>;

#define TRADEBUS_CACHE_MESSAGES(X) \
  X(GetCacheStats)                 \
  X(CacheKindStats)                \
  X(BarsDiskStats)                 \
  X(PacingStats)                   \
  X(CacheStats)                    \
  X(ClearCache)                    \
  X(CacheWake)                     \
  X(Ask<GetHistoricalData>)        \
  X(Ask<GetTickerDetails>)         \
  X(Ask<GetDailySnapshot>)         \
  X(Ask<GetNews>)                  \
  X(Ask<GetMarketNews>)            \
  X(Ask<GetOptionChain>)           \
  X(Ask<SearchSymbols>)
TRADEBUS_CACHE_MESSAGES(TRADEBUS_DECLARE_INSPECT)

}  // namespace tradebus
