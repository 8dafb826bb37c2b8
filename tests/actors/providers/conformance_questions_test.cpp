// The contract of provider.hpp, continued: bars and all other questions.
#include <algorithm>
#include <span>
#include <tuple>

#include "tests/actors/providers/conformance_case.hpp"

namespace data = boost::unit_test::data;
using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

bool is_sound(const HistoricalBar& b) {
  return b.low.is_positive() && b.low <= std::min(b.open, b.close) && b.high >= std::max(b.open, b.close) &&
         !b.volume.is_negative();
}

}  // namespace

// ---- bars ----------------------------------------------------------------------------------------------------------

BOOST_DATA_TEST_CASE(bars_are_sorted_sound_and_within_the_range, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  c.connect();
  if (!c.has_history()) return c.check_refused<HistoricalBars>(c.history(), {Errc::provider_unsupported});
  const auto answer = c.ask<HistoricalBars>(c.history());
  BOOST_REQUIRE(answer);
  BOOST_CHECK_EQUAL(answer->source, row.provider);
  BOOST_REQUIRE_GT(answer->bars.size(), 10);
  Timestamp last{};
  for (const auto& b : answer->bars) {
    BOOST_CHECK(b.symbol == row.known && b.ts >= row.start && b.ts < row.end && b.ts > last);
    BOOST_CHECK_MESSAGE(is_sound(b), b);
    last = b.ts;
  }
  // The first `limit` bars; and the end is exclusive.
  auto query = c.history();
  query.limit = 5;
  const auto five = c.ask<HistoricalBars>(query);
  BOOST_REQUIRE(five);
  BOOST_CHECK(std::ranges::equal(five->bars, std::span{answer->bars}.first(5)));
  query = c.history();
  query.start = answer->bars[2].ts;
  query.end = answer->bars[6].ts;
  const auto part = c.ask<HistoricalBars>(query);
  BOOST_REQUIRE(part);
  BOOST_CHECK(std::ranges::equal(part->bars, std::span{answer->bars}.subspan(2, 4)));
}

BOOST_DATA_TEST_CASE(timeframes_are_served_or_refused_by_name, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  c.connect();
  for (std::size_t i = 0; i < values_of<Timeframe>; ++i) {
    auto query = c.history();
    query.timeframe = static_cast<Timeframe>(i);
    const bool served = std::ranges::find(c.can.timeframes, query.timeframe) != c.can.timeframes.end();
    c.check_promised<HistoricalBars>(served, query, to_string(query.timeframe));
    if (!served) continue;
    std::swap(query.start, query.end);
    c.check_refused<HistoricalBars>(query, {Errc::request_invalid});
    query.end = query.start;
    c.check_refused<HistoricalBars>(query, {Errc::request_invalid});
    query = c.history();
    query.timeframe = static_cast<Timeframe>(i);
    query.symbol = row.unknown;
    c.check_refused<HistoricalBars>(query, {Errc::instrument_unknown, Errc::provider_not_found});
  }
}

// ---- other questions -----------------------------------------------------------------------------------------------

BOOST_DATA_TEST_CASE(capabilities_are_kept, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  c.connect();
  const auto& can = c.can;
  c.check_promised<TickerDetails>(can.ticker_details, GetTickerDetails{row.known}, "ticker_details");
  c.check_promised<DailySnapshot>(can.daily_snapshot, GetDailySnapshot{row.known}, "daily_snapshot");
  c.check_promised<NewsItems>(can.news, GetNews{row.known, 20, {}}, "news");
  c.check_promised<NewsItems>(can.market_news, GetMarketNews{20, {}}, "market_news");
  c.check_promised<OptionChain>(can.option_chain, GetOptionChain{row.known, {}, {}, {}, {}, 1'000}, "option_chain");
  c.check_promised<SymbolMatches>(can.search, SearchSymbols{row.known.str(), 20}, "search");

  const std::set<Errc> unknown = {Errc::instrument_unknown, Errc::provider_not_found};
  if (can.ticker_details) c.check_refused<TickerDetails>(GetTickerDetails{row.unknown}, unknown);
  if (can.daily_snapshot) c.check_refused<DailySnapshot>(GetDailySnapshot{row.unknown}, unknown);
  if (can.option_chain) c.check_refused<OptionChain>(GetOptionChain{row.unknown, {}, {}, {}, {}, 1'000}, unknown);
}

BOOST_DATA_TEST_CASE(details_and_snapshot_make_sense, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  c.connect();
  if (c.can.ticker_details) {
    const auto details = c.ask<TickerDetails>(GetTickerDetails{row.known});
    BOOST_REQUIRE(details);
    BOOST_CHECK(details->symbol == row.known && !details->name.empty());
  }
  if (c.can.daily_snapshot) {
    const auto snapshot = c.ask<DailySnapshot>(GetDailySnapshot{row.known});
    BOOST_REQUIRE(snapshot);
    BOOST_CHECK(snapshot->symbol == row.known && snapshot->ts > Timestamp{});
    BOOST_REQUIRE(snapshot->day && snapshot->previous_day);
    BOOST_CHECK(is_sound(*snapshot->day) && is_sound(*snapshot->previous_day));
    BOOST_CHECK(snapshot->day->ts > snapshot->previous_day->ts);
    BOOST_CHECK(snapshot->change &&
                *snapshot->change == *checked_sub(snapshot->day->close, snapshot->previous_day->close));
  }
}

BOOST_DATA_TEST_CASE(news_is_newest_first_limited_and_since, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  c.connect();
  const auto check = [&](auto query, std::string_view what) {
    BOOST_TEST_CONTEXT(what) {
      query.limit = 10;
      const auto items = c.ask<NewsItems>(query);
      BOOST_REQUIRE(items);
      BOOST_CHECK_LE(items->items.size(), 10);
      BOOST_CHECK(std::ranges::is_sorted(items->items, std::greater{}, &NewsItem::ts));
      for (const auto& item : items->items) BOOST_CHECK(!item.id.empty() && !item.title.empty() && !item.url.empty());
      if (items->items.empty()) return;
      query.since = items->items[items->items.size() / 2].ts;
      const auto recent = c.ask<NewsItems>(query);
      BOOST_REQUIRE(recent);
      BOOST_CHECK(!recent->items.empty());
      for (const auto& item : recent->items) BOOST_CHECK(item.ts >= *query.since);
      query.limit = 1;
      const auto one = c.ask<NewsItems>(query);
      BOOST_REQUIRE(one);
      BOOST_CHECK_LE(one->items.size(), 1);
    }
  };
  if (c.can.news) check(GetNews{row.known, 20, {}}, "news");
  if (c.can.market_news) check(GetMarketNews{20, {}}, "market news");
}

BOOST_DATA_TEST_CASE(chains_are_sorted_and_filtered, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  c.connect();
  if (!c.can.option_chain) return;
  GetOptionChain query;
  query.underlying = row.known;
  query.limit = 10'000;
  const auto all = c.ask<OptionChain>(query);
  BOOST_REQUIRE_MESSAGE(all, (all ? "" : all.error().message));
  BOOST_REQUIRE_GT(all->quotes.size(), 4);
  const auto key = [](const OptionQuote& q) { return std::tuple{q.expiry, q.strike, q.right}; };
  BOOST_CHECK(std::ranges::is_sorted(all->quotes, {}, key));
  for (const auto& q : all->quotes) {
    const auto instrument = Instrument::parse(q.symbol.str());
    BOOST_REQUIRE(instrument && instrument->is_option());
    BOOST_CHECK(q.strike == *instrument->strike && q.right == *instrument->right &&
                q.expiry == instrument->expiry->to_string());
    BOOST_CHECK(q.underlying == row.known && (!q.ask || q.ask->is_positive()) && (!q.iv || *q.iv > 0));
  }
  const auto& pick = all->quotes[all->quotes.size() / 2];
  query.expiry = *Date::parse(pick.expiry);
  query.strike_min = query.strike_max = pick.strike;
  query.right = pick.right;
  const auto one = c.ask<OptionChain>(query);
  BOOST_REQUIRE(one);
  BOOST_REQUIRE_EQUAL(one->quotes.size(), 1);
  BOOST_CHECK(one->quotes[0].symbol == pick.symbol);
  GetOptionChain limited;
  limited.underlying = row.known;
  limited.limit = 3;
  const auto three = c.ask<OptionChain>(limited);
  BOOST_REQUIRE(three);
  BOOST_CHECK_EQUAL(three->quotes.size(), 3);
}

BOOST_DATA_TEST_CASE(search_finds_a_symbol_by_itself, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  c.connect();
  if (!c.can.search) return;
  const auto found = c.ask<SymbolMatches>(SearchSymbols{row.known.str(), 5});
  BOOST_REQUIRE(found);
  BOOST_REQUIRE(!found->matches.empty());
  BOOST_CHECK(found->matches.size() <= 5 && found->matches[0].symbol == row.known);
}

// ---- odd questions -------------------------------------------------------------------------------------------------

BOOST_DATA_TEST_CASE(every_request_gets_an_answer, data::make(conformance_rows()), row) {
  ConformanceCase c{row};
  c.connect();
  const auto answered = [&](const auto& answer, std::string_view what) {
    BOOST_CHECK_MESSAGE(answer || answer.error().code != Errc::request_timeout, what << " stayed without an answer");
    if (!answer) BOOST_CHECK_MESSAGE(answer.error().code != Errc::internal, what << ": " << answer.error().message);
  };
  const std::string long_text(10'000, 'x');
  for (const Symbol& symbol :
       {row.known, row.unknown, Symbol{""}, Symbol{"|"}, Symbol{"AAPL240631C00190000"}, Symbol{long_text}}) {
    for (std::size_t i = 0; i < values_of<StreamKind>; ++i)
      answered(c.ask<Done>(Subscribe{5, static_cast<StreamKind>(i), symbol}), "Subscribe");
    for (std::size_t i = 0; i < values_of<Timeframe>; ++i) {
      const auto timeframe = static_cast<Timeframe>(i);
      answered(c.ask<HistoricalBars>(GetHistoricalData{symbol, timeframe, row.start, row.end, true, 0}), "limit 0");
      answered(
          c.ask<HistoricalBars>(GetHistoricalData{symbol, timeframe, Timestamp::min(), Timestamp::max(), false, 10}),
          "all time");
      answered(
          c.ask<HistoricalBars>(GetHistoricalData{symbol, timeframe, row.end + 10'000h, row.end + 20'000h, false, 10}),
          "the future");
    }
    answered(c.ask<TickerDetails>(GetTickerDetails{symbol}), "GetTickerDetails");
    answered(c.ask<DailySnapshot>(GetDailySnapshot{symbol}), "GetDailySnapshot");
    answered(c.ask<NewsItems>(GetNews{symbol, 0, Timestamp::max()}), "GetNews");
    answered(c.ask<NewsItems>(GetNews{symbol, UINT32_MAX, Timestamp::min()}), "GetNews of all time");
    answered(c.ask<OptionChain>(GetOptionChain{symbol, Date{}, Price{}, Price{}, OptionRight::put, 0}),
             "GetOptionChain");
    answered(c.ask<SymbolMatches>(SearchSymbols{symbol.str(), 0}), "SearchSymbols");
  }
  answered(c.ask<NewsItems>(GetMarketNews{0, Timestamp::max()}), "GetMarketNews");
  answered(c.ask<NewsItems>(GetMarketNews{UINT32_MAX, Timestamp::min()}), "GetMarketNews of all time");
  answered(c.ask<Counters>(GetProviderCounters{}), "GetProviderCounters");
  c.tell(BatchCredit{UINT32_MAX});
  c.tell(ProviderWake{UINT64_MAX});
  BOOST_CHECK(c.ask<ProviderCapabilities>(GetProviderCapabilities{}));  // still alive
}
