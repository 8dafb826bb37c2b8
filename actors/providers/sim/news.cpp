#include "actors/providers/sim/news.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "actors/providers/sim/hash.hpp"

namespace tradebus::sim {

namespace {

using namespace std::chrono_literals;

constexpr auto symbol_period = 4h;
constexpr auto market_period = 15min;
constexpr auto default_age = 30 * 24h;

constexpr auto headlines = std::to_array<std::string_view>({
    "opens a simulated factory",
    "reports simulated earnings",
    "names a simulated finance chief",
    "signs a simulated supply deal",
    "recalls a simulated product",
    "raises its simulated outlook",
    "is rated by a simulated analyst",
    "buys back simulated shares",
    "faces a simulated inquiry",
    "announces a simulated merger",
    "cuts its simulated dividend forecast",
    "launches a simulated service",
});

NewsItem item(const Profile& profile, std::string id, std::uint64_t r, Timestamp ts) {
  NewsItem out;
  const std::string& symbol = profile.symbol.str();
  out.ts = ts;
  out.title = "[simulated] " + symbol + " " + std::string{headlines[r % headlines.size()]};
  out.url = "https://news.example/" + id;
  out.id = std::move(id);
  out.publisher = "Simulated Wire";
  out.symbols = {symbol};
  out.summary = "Made up by the sim provider to exercise strategies; nothing of it happened.";
  return out;
}

// Slots of `period` counted from 1970, each with one item at some moment inside; walks back from now.
template <class Make>
std::vector<NewsItem> walk_back(std::chrono::nanoseconds period, std::uint64_t seed, std::uint32_t limit,
                                std::optional<Timestamp> since, Timestamp now, Make&& make) {
  limit = std::min(limit, news_items_max);
  const Timestamp oldest = std::max(since.value_or(now - default_age), Timestamp{});
  std::vector<NewsItem> out;
  for (auto slot = now.time_since_epoch() / period; slot >= 0 && out.size() < limit; --slot) {
    const Timestamp begin{period * slot};
    if (begin + period <= oldest) break;
    const std::uint64_t r = hash(seed, static_cast<std::uint64_t>(slot));
    const Timestamp ts =
        begin + std::chrono::nanoseconds{static_cast<std::int64_t>(r % static_cast<std::uint64_t>(period.count()))};
    if (ts > now || ts < oldest) continue;
    out.push_back(make(slot, r, ts));
  }
  return out;
}

}  // namespace

std::vector<NewsItem> past_news(const Profile& profile, std::uint32_t limit, std::optional<Timestamp> since,
                                Timestamp now) {
  return walk_back(symbol_period, profile.seed, limit, since, now,
                   [&](std::int64_t slot, std::uint64_t r, Timestamp ts) {
                     return item(profile, "sim-" + profile.symbol.str() + "-" + std::to_string(slot), mix(r), ts);
                   });
}

std::vector<NewsItem> past_market_news(const std::vector<Profile>& symbols, std::uint64_t seed, std::uint32_t limit,
                                       std::optional<Timestamp> since, Timestamp now) {
  return walk_back(
      market_period, hash(seed, "market"), limit, since, now, [&](std::int64_t slot, std::uint64_t r, Timestamp ts) {
        return item(symbols[mix(r) % symbols.size()], "sim-market-" + std::to_string(slot), mix(r + 1), ts);
      });
}

NewsItem live_news(const Profile& profile, std::uint64_t number, Timestamp now) {
  return item(profile, "sim-" + profile.symbol.str() + "-live-" + std::to_string(number), hash(profile.seed, number),
              now);
}

}  // namespace tradebus::sim
