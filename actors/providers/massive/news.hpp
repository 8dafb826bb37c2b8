// GET /v2/reference/news. Pure.
#pragma once

#include <string_view>

#include "actors/providers/massive/page.hpp"
#include "bus/model/market_data.hpp"

namespace tradebus::massive {

// Symbols that the bus can't name are left out of an item, the item stays.
Result<Page<NewsItem>> decode_news(std::string_view body);

}  // namespace tradebus::massive
