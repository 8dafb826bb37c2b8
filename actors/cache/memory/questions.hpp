// What can be asked through the cache: each question's kind and its answer. The only place that lists them.
#pragma once

#include "actors/providers/provider.hpp"
#include "bus/model/enums.hpp"

namespace tradebus::memory {

// Statistics, time to live and clearing go by kind.
// Quotes are not asked for here: the hub answers them from what flows. Their times are known all the same.
enum class Kind : std::uint8_t { quotes, bars, details, snapshots, news, chains, search };
inline constexpr std::size_t kinds_count = 7;

template <class Query>
struct QuestionTraits;

template <class AnswerType, Kind kind_value>
struct QuestionOf {
  using Answer = AnswerType;
  static constexpr Kind kind = kind_value;
};
template <>
struct QuestionTraits<GetHistoricalData> : QuestionOf<HistoricalBars, Kind::bars> {};
template <>
struct QuestionTraits<GetTickerDetails> : QuestionOf<TickerDetails, Kind::details> {};
template <>
struct QuestionTraits<GetDailySnapshot> : QuestionOf<DailySnapshot, Kind::snapshots> {};
template <>
struct QuestionTraits<GetNews> : QuestionOf<NewsItems, Kind::news> {};
template <>
struct QuestionTraits<GetMarketNews> : QuestionOf<NewsItems, Kind::news> {};
template <>
struct QuestionTraits<GetOptionChain> : QuestionOf<OptionChain, Kind::chains> {};
template <>
struct QuestionTraits<SearchSymbols> : QuestionOf<SymbolMatches, Kind::search> {};

template <class Query>
using AnswerTo = typename QuestionTraits<Query>::Answer;
template <class Query>
inline constexpr Kind kind_of = QuestionTraits<Query>::kind;

}  // namespace tradebus::memory

namespace tradebus {
TRADEBUS_ENUM(memory::Kind, "quotes", "bars", "details", "snapshots", "news", "chains", "search");
}  // namespace tradebus
