// Whether an answer can be one to the question that was asked. A source that answers garbage must not reach a strategy,
// nor be kept. What is only too much is cut. Pure.
#pragma once

#include <cstddef>

#include "actors/providers/provider.hpp"
#include "bus/model/error.hpp"

namespace tradebus::memory {

// provider.unavailable says what makes no sense.
Result<void> make_sane(const GetHistoricalData& query, HistoricalBars& answer);
Result<void> make_sane(const GetTickerDetails& query, TickerDetails& answer);
Result<void> make_sane(const GetDailySnapshot& query, DailySnapshot& answer);
Result<void> make_sane(const GetNews& query, NewsItems& answer);
Result<void> make_sane(const GetMarketNews& query, NewsItems& answer);
Result<void> make_sane(const GetOptionChain& query, OptionChain& answer);
Result<void> make_sane(const SearchSymbols& query, SymbolMatches& answer);

// An answer that is packed stays below a megabyte.
inline constexpr std::size_t packed_bytes_max = 950'000;
// One that does not fit: its second half goes, so that it may. False: there is nothing that could go.
bool shorten(NewsItems& answer);
bool shorten(OptionChain& answer);
bool shorten(SymbolMatches& answer);
bool shorten(TickerDetails& answer);
bool shorten(DailySnapshot& answer);
// As the source's answers are refused.
Error nonsense(const std::string& what);

}  // namespace tradebus::memory
