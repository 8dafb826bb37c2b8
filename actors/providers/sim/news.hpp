// Invented news, plain about being invented: titles say so, addresses lead to news.example (RFC 2606).
// Past items are a pure function of (seed, symbol, time); live ones of (seed, symbol, number).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actors/providers/sim/universe.hpp"
#include "bus/model/market_data.hpp"

namespace tradebus::sim {

inline constexpr std::uint32_t news_items_max = 1'000;  // of one answer

// Newest first, at most `limit`, not older than `since` (without it, of the last 30 days); about six a day.
std::vector<NewsItem> past_news(const Profile& profile, std::uint32_t limit, std::optional<Timestamp> since,
                                Timestamp now);
// The same over several symbols, about one every quarter of an hour. `symbols` must not be empty.
std::vector<NewsItem> past_market_news(const std::vector<Profile>& symbols, std::uint64_t seed, std::uint32_t limit,
                                       std::optional<Timestamp> since, Timestamp now);

NewsItem live_news(const Profile& profile, std::uint64_t number, Timestamp now);

}  // namespace tradebus::sim
