// The CACHE interface: every question to a provider goes through it. Equal questions at the same time make one call
// upstream; an answer is kept for as long as its kind allows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/caf_support.hpp"
#include "actors/providers/provider.hpp"

namespace tradebus {

// A question for a provider; an empty name means the default one.
template <class Query>
struct Ask {
  ProviderName provider;
  Query query;

  static constexpr std::string_view type_name = "Ask";
  static constexpr auto fields() { return std::tuple{field("provider", &Ask::provider), field("query", &Ask::query)}; }
};

template <class Answer>
struct Cached {
  Answer answer;
  bool cached = false;  // true: no call was made for this question

  static constexpr std::string_view type_name = "Cached";
  static constexpr auto fields() {
    return std::tuple{field("answer", &Cached::answer), field("cached", &Cached::cached)};
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
  std::string kind;  // bars, details, snapshots, news, chains, search
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t coalesced = 0;  // questions that waited for an equal one's answer
  std::int64_t upstream_calls = 0;
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
  std::int64_t ttl_ms = 0;

  static constexpr std::string_view type_name = "CacheKindStats";
  static constexpr auto fields() {
    return std::tuple{field("kind", &CacheKindStats::kind),
                      field("hits", &CacheKindStats::hits),
                      field("misses", &CacheKindStats::misses),
                      field("coalesced", &CacheKindStats::coalesced),
                      field("upstream_calls", &CacheKindStats::upstream_calls),
                      field("entries", &CacheKindStats::entries),
                      field("bytes", &CacheKindStats::bytes),
                      field("ttl_ms", &CacheKindStats::ttl_ms)};
  }
};
struct CacheStats {
  std::vector<CacheKindStats> kinds;

  static constexpr std::string_view type_name = "CacheStats";
  static constexpr auto fields() { return std::tuple{field("kinds", &CacheStats::kinds)}; }
};
struct ClearCache {
  std::string kind;  // empty: all

  static constexpr std::string_view type_name = "ClearCache";
  static constexpr auto fields() { return std::tuple{field("kind", &ClearCache::kind)}; }
};

using CacheActor = protocol<Cached<HistoricalBars>(Ask<GetHistoricalData>),
                            Cached<TickerDetails>(Ask<GetTickerDetails>), Cached<DailySnapshot>(Ask<GetDailySnapshot>),
                            Cached<NewsItems>(Ask<GetNews>), Cached<NewsItems>(Ask<GetMarketNews>),
                            Cached<OptionChain>(Ask<GetOptionChain>), Cached<SymbolMatches>(Ask<SearchSymbols>),
                            CacheStats(GetCacheStats), CacheStats(ClearCache), void(ProviderHandle)>;

#define TRADEBUS_CACHE_MESSAGES(X) \
  X(GetCacheStats)                 \
  X(CacheKindStats)                \
  X(CacheStats)                    \
  X(ClearCache)                    \
  X(Ask<GetHistoricalData>)        \
  X(Ask<GetTickerDetails>)         \
  X(Ask<GetDailySnapshot>)         \
  X(Ask<GetNews>)                  \
  X(Ask<GetMarketNews>)            \
  X(Ask<GetOptionChain>)           \
  X(Ask<SearchSymbols>)            \
  X(Cached<HistoricalBars>)        \
  X(Cached<TickerDetails>)         \
  X(Cached<DailySnapshot>)         \
  X(Cached<NewsItems>)             \
  X(Cached<OptionChain>)           \
  X(Cached<SymbolMatches>)
TRADEBUS_CACHE_MESSAGES(TRADEBUS_DECLARE_INSPECT)

}  // namespace tradebus
