#include "actors/cache/memory/sane_answer.hpp"

#include <algorithm>

namespace tradebus::memory {

namespace {

// It was asked for one symbol; a source that leaves it out means that one.
Result<void> same_symbol(const Symbol& asked, Symbol& answered) {
  if (answered.empty()) answered = asked;
  if (answered == asked) return {};
  return tl::unexpected{nonsense("it is about " + answered.str() + ", not about " + asked.str())};
}

// The price of a future or a spread may be below zero, that of a share, a coin or a currency is not.
bool may_be_negative(const Symbol& symbol) {
  const auto instrument = Instrument::parse(symbol.str());
  return !instrument || instrument->asset_class == AssetClass::future;
}

Result<void> sane_bar(const Symbol& asked, bool negative, HistoricalBar& bar) {
  if (auto ok = same_symbol(asked, bar.symbol); !ok) return ok;
  const auto wrong = [&](const char* what) {
    return tl::unexpected{nonsense(std::string{what} + " in the bar of " + to_iso8601(bar.ts))};
  };
  if (bar.high < bar.low) return wrong("a high below the low");
  if (!negative && (bar.low.is_negative() || bar.open.is_negative() || bar.close.is_negative()))
    return wrong("a price below zero");
  if (bar.volume.is_negative()) return wrong("a volume below zero");
  return {};
}

template <class List>
void cut(List& list, std::size_t limit) {
  if (list.size() > limit) list.resize(limit);
}

template <class List>
bool halve(List& list) {
  if (list.size() < 2) return false;
  list.resize(list.size() / 2);
  return true;
}

}  // namespace

Error nonsense(const std::string& what) {
  return {Errc::provider_unavailable, "the provider's answer makes no sense and was not used: " + what};
}

Result<void> make_sane(const GetHistoricalData& query, HistoricalBars& answer) {
  const bool negative = may_be_negative(query.symbol);
  for (auto& bar : answer.bars)
    if (auto ok = sane_bar(query.symbol, negative, bar); !ok) return ok;
  return {};
}

Result<void> make_sane(const GetTickerDetails& query, TickerDetails& answer) {
  return same_symbol(query.symbol, answer.symbol);
}

Result<void> make_sane(const GetDailySnapshot& query, DailySnapshot& answer) {
  const bool negative = may_be_negative(query.symbol);
  auto ok = same_symbol(query.symbol, answer.symbol);
  if (ok && answer.day) ok = sane_bar(query.symbol, negative, *answer.day);
  if (ok && answer.previous_day) ok = sane_bar(query.symbol, negative, *answer.previous_day);
  return ok;
}

Result<void> make_sane(const GetNews& query, NewsItems& answer) {
  cut(answer.items, query.limit);
  return {};
}

Result<void> make_sane(const GetMarketNews& query, NewsItems& answer) {
  cut(answer.items, query.limit);
  return {};
}

Result<void> make_sane(const GetOptionChain& query, OptionChain& answer) {
  for (auto& quote : answer.quotes)
    if (auto ok = same_symbol(query.underlying, quote.underlying); !ok) return ok;
  cut(answer.quotes, query.limit);
  return {};
}

Result<void> make_sane(const SearchSymbols& query, SymbolMatches& answer) {
  cut(answer.matches, query.limit);
  return {};
}

bool shorten(NewsItems& answer) { return halve(answer.items); }
bool shorten(OptionChain& answer) { return halve(answer.quotes); }
bool shorten(SymbolMatches& answer) { return halve(answer.matches); }
bool shorten(TickerDetails&) { return false; }
bool shorten(DailySnapshot&) { return false; }

}  // namespace tradebus::memory
