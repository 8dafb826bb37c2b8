// Questions as calls: what is asked of the venue, and when a question is over.
#include <boost/test/unit_test.hpp>

#include "actors/providers/massive/plans.hpp"
#include "actors/providers/massive/venue_time.hpp"
#include "bus/model/print.hpp"
#include "tests/actors/providers/massive/samples.hpp"

using namespace tradebus;
using namespace tradebus::massive;
using namespace tradebus::massive::test;
using namespace std::chrono_literals;

namespace {

Timestamp utc(const char* text) { return parse_rfc3339(text).value(); }

PlanContext context(const char* now = "2024-03-01T20:00:00Z") {
  PlanContext out;
  out.provider = "massive";
  out.calendars = Calendars::shipped().get();
  out.now = utc(now);
  return out;
}

GetHistoricalData history(Timeframe timeframe, const char* start, const char* end) {
  GetHistoricalData query;
  query.symbol = Symbol{"ABC"};
  query.timeframe = timeframe;
  query.start = utc(start);
  query.end = utc(end);
  return query;
}

std::string bars_at(std::initializer_list<const char*> times, const std::string& next = "") {
  std::string rows;
  for (const char* t : times)
    rows += (rows.empty() ? "" : ",") + std::string{R"({"o":1,"h":2,"l":1,"c":2,"v":10,"t":)"} +
            std::to_string(unix_ns(utc(t)) / 1'000'000) + "}";
  return R"({"status":"OK","results":[)" + rows + "]" + (next.empty() ? "" : R"(,"next_url":")" + next + "\"") + "}";
}

Error not_entitled() { return {Errc::provider_unsupported, "the plan"}; }

}  // namespace

BOOST_AUTO_TEST_CASE(days_are_asked_for_by_date_and_minutes_in_whole_bars) {
  BOOST_CHECK_EQUAL(
      BarsPlan(history(Timeframe::d1, "2024-01-02T05:00:00Z", "2024-01-11T05:00:00Z"), context()).begin().value(),
      "/v2/aggs/ticker/ABC/range/1/day/2024-01-02/2024-01-10?adjusted=false&sort=asc&limit=50000");
  // Weeks begin on Sunday there: one more is asked for.
  BOOST_CHECK_EQUAL(
      BarsPlan(history(Timeframe::w1, "2024-01-08T05:00:00Z", "2024-01-16T05:00:00Z"), context()).begin().value(),
      "/v2/aggs/ticker/ABC/range/1/week/2024-01-01/2024-01-19?adjusted=false&sort=asc&limit=50000");
  auto query = history(Timeframe::h1, "2024-01-02T14:00:00Z", "2024-01-02T15:30:00Z");
  query.adjusted = true;
  query.symbol = Symbol{"SPY251219C00650000"};
  BOOST_CHECK_EQUAL(BarsPlan(query, context()).begin().value(),
                    "/v2/aggs/ticker/O:SPY251219C00650000/range/1/hour/1704204000000/1704211199999?adjusted=true&sort="
                    "asc&limit=50000");
}

BOOST_AUTO_TEST_CASE(each_timeframe_has_the_venues_words) {
  const std::pair<Timeframe, const char*> table[] = {{Timeframe::s1, "/1/second/"}, {Timeframe::m1, "/1/minute/"},
                                                     {Timeframe::m5, "/5/minute/"}, {Timeframe::m15, "/15/minute/"},
                                                     {Timeframe::h1, "/1/hour/"},   {Timeframe::d1, "/1/day/"},
                                                     {Timeframe::w1, "/1/week/"}};
  for (const auto& [timeframe, words] : table) {
    const auto target = BarsPlan(history(timeframe, "2024-01-02T05:00:00Z", "2024-01-11T05:00:00Z"), context()).begin();
    BOOST_CHECK_MESSAGE(target->find(words) != std::string::npos, *target);
  }
}

BOOST_AUTO_TEST_CASE(questions_that_need_no_call_make_none) {
  BOOST_CHECK(
      BarsPlan(history(Timeframe::m1, "2030-01-02T05:00:00Z", "2030-01-11T05:00:00Z"), context()).begin()->empty());
  auto none = history(Timeframe::m1, "2024-01-02T05:00:00Z", "2024-01-11T05:00:00Z");
  none.limit = 0;
  BOOST_CHECK(BarsPlan(none, context()).begin()->empty());
  BOOST_CHECK(NewsPlan({}, 0, {}, context()).begin()->empty());
  BOOST_CHECK(NewsPlan({}, 5, Timestamp::max(), context()).begin()->empty());
  auto all = history(Timeframe::m1, "2024-01-02T05:00:00Z", "2024-01-11T05:00:00Z");
  all.start = Timestamp::min();
  all.end = Timestamp::max();
  for (std::size_t i = 0; i < 7; ++i) {
    all.timeframe = static_cast<Timeframe>(i);
    BOOST_CHECK(BarsPlan(all, context()).begin());
  }
  std::swap(all.start, all.end);
  BOOST_CHECK(BarsPlan(all, context()).begin().error().code == Errc::request_invalid);
  BOOST_CHECK(SearchPlan({"", 5}).begin().error().code == Errc::request_invalid);
  BOOST_CHECK(SearchPlan({std::string(1'000, 'x'), 5}).begin().error().code == Errc::request_invalid);
  BOOST_CHECK(DetailsPlan(Symbol{"?"}).begin().error().code == Errc::instrument_unknown);
}

BOOST_AUTO_TEST_CASE(pages_are_followed_on_our_host_to_the_end) {
  BarsPlan plan{history(Timeframe::m1, "2024-01-02T15:00:00Z", "2024-01-02T16:00:00Z"), context()};
  BOOST_REQUIRE(plan.begin());
  const auto next = plan.take(bars_at({"2024-01-02T14:59:00Z", "2024-01-02T15:00:00Z", "2024-01-02T15:01:00Z"},
                                      "https://api.polygon.io:443/v2/aggs/x?cursor=c1"));
  BOOST_CHECK_EQUAL(next.value(), "/v2/aggs/x?cursor=c1");
  // A row of the page before comes again, one goes beyond the end.
  BOOST_CHECK(plan.take(bars_at({"2024-01-02T15:01:00Z", "2024-01-02T15:02:00Z", "2024-01-02T16:00:00Z"}))->empty());
  const auto bars = plan.answer().bars;
  BOOST_REQUIRE_EQUAL(bars.size(), 3);
  BOOST_CHECK(bars[0].ts == utc("2024-01-02T15:00:00Z") && bars[2].ts == utc("2024-01-02T15:02:00Z"));
  BOOST_CHECK_EQUAL(plan.bad_rows(), 1);
}

BOOST_AUTO_TEST_CASE(a_cursor_that_repeats_itself_and_too_many_pages_are_errors) {
  const auto query = history(Timeframe::m1, "2024-01-02T15:00:00Z", "2024-01-02T16:00:00Z");
  BarsPlan circle{query, context()};
  BOOST_REQUIRE(circle.begin());
  const auto page = bars_at({}, "https://api.massive.com/v2/aggs/x?cursor=same");
  BOOST_CHECK(circle.take(page));
  BOOST_CHECK(circle.take(page).error().code == Errc::provider_unavailable);

  auto few = context();
  few.pages_max = 3;
  BarsPlan endless{query, few};
  BOOST_REQUIRE(endless.begin());
  BOOST_CHECK(endless.take(bars_at({}, "https://h/x?cursor=1")));
  BOOST_CHECK(endless.take(bars_at({}, "https://h/x?cursor=2")));
  BOOST_CHECK(endless.take(bars_at({}, "https://h/x?cursor=3")).error().code == Errc::request_invalid);
}

BOOST_AUTO_TEST_CASE(the_first_bars_are_enough_and_unfinished_ones_are_not_given) {
  auto query = history(Timeframe::m1, "2024-03-01T19:50:00Z", "2024-03-01T20:30:00Z");
  query.limit = 1;
  BarsPlan first{query, context()};
  BOOST_REQUIRE(first.begin());
  BOOST_CHECK(first.take(bars_at({"2024-03-01T19:50:00Z", "2024-03-01T19:51:00Z"}, "https://h/x?cursor=1"))->empty());
  BOOST_CHECK_EQUAL(first.answer().bars.size(), 1);

  query.limit = 100;
  const auto body = bars_at({"2024-03-01T19:44:00Z", "2024-03-01T19:50:00Z", "2024-03-01T19:59:00Z"});
  query.start = utc("2024-03-01T19:40:00Z");
  BarsPlan live{query, context("2024-03-01T19:59:30Z")};
  BOOST_REQUIRE(live.begin() && live.take(body));
  BOOST_CHECK_EQUAL(live.answer().bars.size(), 2);
  auto late = context("2024-03-01T20:00:00Z");
  late.lateness = 15min;
  BarsPlan delayed{query, late};
  BOOST_REQUIRE(delayed.begin() && delayed.take(body));
  BOOST_CHECK_EQUAL(delayed.answer().bars.size(), 1);
}

BOOST_AUTO_TEST_CASE(bars_that_are_not_over_are_not_asked_for) {
  const auto asked = [](Timeframe timeframe, const char* start, const PlanContext& with) {
    auto query = history(timeframe, start, "2030-01-01T00:00:00Z");
    BarsPlan plan{query, with};
    const auto target = plan.begin().value();
    BOOST_CHECK_EQUAL(plan.answer().source, "massive");
    return target.substr(0, target.find('?'));
  };
  const std::string range = "/v2/aggs/ticker/ABC/range/";
  // A Friday, 15:00 in New York; then after its last session.
  const auto at_three = context("2024-03-01T20:00:30Z");
  const auto at_night = context("2024-03-02T01:00:00Z");
  BOOST_CHECK_EQUAL(asked(Timeframe::d1, "2024-02-26T05:00:00Z", at_three), range + "1/day/2024-02-26/2024-02-29");
  BOOST_CHECK_EQUAL(asked(Timeframe::d1, "2024-02-26T05:00:00Z", at_night), range + "1/day/2024-02-26/2024-03-01");
  BOOST_CHECK_EQUAL(asked(Timeframe::w1, "2024-02-19T05:00:00Z", at_three), range + "1/week/2024-02-12/2024-02-23");
  // A week that is over ends before tomorrow.
  BOOST_CHECK_EQUAL(asked(Timeframe::w1, "2024-02-19T05:00:00Z", context("2024-03-02T15:00:00Z")),
                    range + "1/week/2024-02-12/2024-03-01");
  const auto minutes = [&](const char* from, const char* last) {
    return range + "1/minute/" + std::to_string(unix_ns(utc(from)) / 1'000'000) + "/" +
           std::to_string(unix_ns(utc(last)) / 1'000'000 + 59'999);
  };
  BOOST_CHECK_EQUAL(asked(Timeframe::m1, "2024-03-01T19:30:00Z", at_three),
                    minutes("2024-03-01T19:30:00Z", "2024-03-01T19:59:00Z"));
  auto late = at_three;
  late.lateness = 15min;
  BOOST_CHECK_EQUAL(asked(Timeframe::m1, "2024-03-01T19:30:00Z", late),
                    minutes("2024-03-01T19:30:00Z", "2024-03-01T19:44:00Z"));
  // Nothing is left: no call, an empty answer.
  BOOST_CHECK_EQUAL(asked(Timeframe::d1, "2024-03-01T05:00:00Z", at_three), "");
  BOOST_CHECK_EQUAL(asked(Timeframe::w1, "2024-02-26T05:00:00Z", at_three), "");
  BOOST_CHECK_EQUAL(asked(Timeframe::m1, "2024-03-01T19:50:00Z", late), "");
}

BOOST_AUTO_TEST_CASE(weeks_of_a_market_without_a_weekend_are_made_from_its_days) {
  auto query = history(Timeframe::w1, "2024-01-01T00:00:00Z", "2024-03-01T00:00:00Z");
  query.symbol = Symbol{"BTC-USD"};
  const auto sunday = context("2024-01-21T12:00:00Z");
  BarsPlan plan{query, sunday};
  // The week of the 15th ends with this Sunday.
  BOOST_CHECK_EQUAL(plan.begin().value(),
                    "/v2/aggs/ticker/X:BTCUSD/range/1/day/2024-01-01/2024-01-14?adjusted=false&sort=asc&limit=50000");
  BOOST_CHECK(plan.take(bars_at({"2024-01-01T00:00:00Z", "2024-01-07T00:00:00Z"}, "https://h/x?cursor=1")).value() !=
              "");
  BOOST_CHECK(plan.take(bars_at({"2024-01-08T00:00:00Z", "2024-01-14T00:00:00Z", "2024-01-15T00:00:00Z"}))->empty());
  const auto bars = plan.answer().bars;
  BOOST_REQUIRE_EQUAL(bars.size(), 2);
  BOOST_CHECK(bars[0].ts == utc("2024-01-01T00:00:00Z") && bars[1].ts == utc("2024-01-08T00:00:00Z"));
  for (const auto& bar : bars) BOOST_CHECK(bar.volume == Quantity::from_int(20) && !bar.vwap && !bar.trades);
  // Midnight ends it.
  BarsPlan over{query, context("2024-01-22T00:00:00Z")};
  BOOST_CHECK(over.begin()->find("/2024-01-01/2024-01-21?") != std::string::npos);
  // The last one of a limit is complete.
  query.limit = 1;
  BarsPlan one{query, sunday};
  BOOST_REQUIRE(one.begin());
  const auto page =
      bars_at({"2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-08T00:00:00Z"}, "https://h/x?cursor=1");
  BOOST_CHECK(one.take(page)->empty());
  const auto first = one.answer().bars;
  BOOST_CHECK(first.size() == 1 && first[0].volume == Quantity::from_int(20));
}

BOOST_AUTO_TEST_CASE(a_day_is_over_with_its_last_session) {
  const auto& calendar = *Calendars::shipped()->find("XNYS");
  BOOST_CHECK(bar_end(calendar, Timeframe::d1, utc("2024-03-01T05:00:00Z")) == utc("2024-03-02T01:00:00Z"));
  BOOST_CHECK(bar_end(calendar, Timeframe::w1, utc("2024-02-26T05:00:00Z")) == utc("2024-03-02T01:00:00Z"));
  BOOST_CHECK(bar_end(calendar, Timeframe::d1, utc("2024-03-02T05:00:00Z")) ==
              utc("2024-03-03T05:00:00Z"));  // Saturday
  BOOST_CHECK(bar_end(calendar, Timeframe::m5, utc("2024-03-01T15:00:00Z")) == utc("2024-03-01T15:05:00Z"));
}

BOOST_AUTO_TEST_CASE(snapshots_of_stocks_and_of_all_else_go_different_ways) {
  SnapshotPlan stock{Symbol{"KIMpL"}, context()};
  BOOST_CHECK_EQUAL(stock.begin().value(), "/v2/snapshot/locale/us/markets/stocks/tickers/KIMpL");
  BOOST_CHECK(stock.take(sample("snapshot.json"))->empty());
  BOOST_CHECK(stock.answer().day);
  SnapshotPlan index{Symbol{"I/ABC"}, context()};
  BOOST_CHECK_EQUAL(index.begin().value(), "/v3/snapshot?ticker.any_of=I%3AABC&limit=250");
  BOOST_CHECK(index.take(sample("universal.json"))->empty());
  BOOST_CHECK(index.answer().symbol == Symbol{"I/ABC"});
  // Another's answer is none, an empty one neither.
  SnapshotPlan other{Symbol{"ABC"}, context()};
  BOOST_REQUIRE(other.begin());
  BOOST_CHECK(other.take(sample("snapshot.json")).error().code == Errc::provider_unavailable);
  BOOST_CHECK(other.take("{}").error().code == Errc::provider_not_found);
}

BOOST_AUTO_TEST_CASE(a_plan_without_snapshots_gets_the_previous_day) {
  SnapshotPlan plan{Symbol{"ABC"}, context()};
  BOOST_REQUIRE(plan.begin());
  BOOST_CHECK_EQUAL(plan.refused(not_entitled()).value(), "/v2/aggs/ticker/ABC/prev?adjusted=true");
  BOOST_CHECK(plan.take(sample("previous.json"))->empty());
  const auto answer = plan.answer();
  BOOST_CHECK(!answer.day && answer.previous_day && answer.previous_day->close == Price::parse("156.8").value());
  BOOST_CHECK(!plan.refused(not_entitled()));
  BOOST_CHECK(plan.refused({Errc::instrument_unknown, "none"}).error().code == Errc::instrument_unknown);
}

BOOST_AUTO_TEST_CASE(details_of_options_come_from_their_contract) {
  DetailsPlan plan{Symbol{"ABC211119C00085000"}};
  BOOST_CHECK_EQUAL(plan.begin().value(), "/v3/reference/options/contracts/O:ABC211119C00085000");
  BOOST_CHECK(plan.take(sample("contracts.json"))->empty());
  BOOST_CHECK_EQUAL(plan.answer().name, "ABC 2021-11-19 85 call");
  BOOST_CHECK_EQUAL(DetailsPlan(Symbol{"BTC-USD"}).begin().value(), "/v3/reference/tickers/X:BTCUSD");
}

BOOST_AUTO_TEST_CASE(news_are_newest_first_once_each_and_since) {
  NewsPlan plan{Symbol{"BRK.B"}, 5, utc("2022-04-28T17:08:00.25Z"), context()};
  BOOST_CHECK_EQUAL(plan.begin().value(),
                    "/v2/reference/news?order=desc&sort=published_utc&limit=5&ticker=BRK.B&published_utc.gte=2022-04-"
                    "28T17%3A08%3A00Z");
  BOOST_CHECK(plan.take(sample("news.json"))->empty());
  const auto items = plan.answer().items;
  BOOST_CHECK(items.size() == 1 && items[0].id == "n2");
  BOOST_CHECK_EQUAL(NewsPlan({}, UINT32_MAX, Timestamp::min(), context()).begin().value(),
                    "/v2/reference/news?order=desc&sort=published_utc&limit=1000");
}

BOOST_AUTO_TEST_CASE(a_chains_filters_are_the_venues_work) {
  GetOptionChain query;
  query.underlying = Symbol{"I/SPX"};
  query.expiry = Date{2023, 6, 16};
  query.strike_min = Price::parse("149.5").value();
  query.strike_max = Price::from_int(150);
  query.right = OptionRight::call;
  ChainPlan plan{query, context()};
  BOOST_CHECK_EQUAL(plan.begin().value(),
                    "/v3/snapshot/options/I:SPX?expiration_date=2023-06-16&strike_price.gte=149.5&strike_price.lte=150&"
                    "contract_type=call&order=asc&sort=expiration_date&limit=250");
  BOOST_CHECK(plan.take(sample("chain.json"))->empty());  // a put came although a call was asked for
  const auto quotes = plan.answer().quotes;
  BOOST_CHECK(quotes.size() == 1 && quotes[0].underlying == Symbol{"I/SPX"});
  BOOST_CHECK_EQUAL(plan.adjusted(), 1);
  BOOST_CHECK_EQUAL(plan.bad_rows(), 1);
}

BOOST_AUTO_TEST_CASE(a_chain_ends_when_the_first_quotes_are_known) {
  const auto row = [](const char* day, int strike) {
    return R"({"details":{"ticker":"O:ABC23)" + std::string{day} + "C000" + std::to_string(strike) + R"(000"}})";
  };
  const auto page = [](const std::string& rows, const char* next) {
    return R"({"results":[)" + rows + R"(],"next_url":"https://h/x?cursor=)" + next + "\"}";
  };
  GetOptionChain query;
  query.underlying = Symbol{"ABC"};
  query.limit = 2;
  ChainPlan plan{query, context()};
  BOOST_REQUIRE(plan.begin());
  // The first expiry may go on: a lower strike may come.
  BOOST_CHECK(!plan.take(page(row("0616", 12) + "," + row("0616", 13), "1"))->empty());
  BOOST_CHECK(!plan.take(page(row("0616", 11), "2"))->empty());
  BOOST_CHECK(plan.take(page(row("0617", 10), "3"))->empty());
  const auto quotes = plan.answer().quotes;
  BOOST_REQUIRE_EQUAL(quotes.size(), 2);
  BOOST_CHECK(quotes[0].strike == Price::from_int(11) && quotes[1].strike == Price::from_int(12));
}

BOOST_AUTO_TEST_CASE(a_root_of_an_index_gets_its_own_contracts_alone) {
  const auto contract = [](const char* root) {
    return R"({"details":{"ticker":"O:)" + std::string{root} + R"(230616C04000000"}})";
  };
  const auto body = R"({"results":[)" + contract("SPX") + "," + contract("SPXW") + "]}";
  const auto rows = R"({"results":[{"ticker":"O:SPX230616C04000000"},{"ticker":"O:SPXW230616C04000000"}]})";
  const auto found = [&](const char* underlying, bool contracts) {
    GetOptionChain query;
    query.underlying = Symbol{underlying};
    ChainPlan plan{query, context()};
    BOOST_CHECK(plan.begin()->starts_with("/v3/snapshot/options/I:SPX?"));
    if (contracts) BOOST_REQUIRE(plan.refused(not_entitled()));
    BOOST_REQUIRE(plan.take(contracts ? rows : body));
    std::string out;
    for (const auto& quote : plan.answer().quotes) {
      BOOST_CHECK(quote.underlying == query.underlying);
      out += quote.symbol.str().substr(0, quote.symbol.str().size() - 15) + " ";
    }
    return out;
  };
  for (const bool contracts : {false, true}) {
    BOOST_CHECK_EQUAL(found("SPX", contracts), "SPX ");
    BOOST_CHECK_EQUAL(found("SPXW", contracts), "SPXW ");
    BOOST_CHECK_EQUAL(found("I/SPX", contracts), "SPX SPXW ");
  }
}

BOOST_AUTO_TEST_CASE(a_plan_without_chains_gets_the_contracts) {
  GetOptionChain query;
  query.underlying = Symbol{"ABC"};
  query.right = OptionRight::call;
  ChainPlan plan{query, context()};
  BOOST_REQUIRE(plan.begin());
  BOOST_CHECK_EQUAL(
      plan.refused(not_entitled()).value(),
      "/v3/reference/options/contracts?underlying_ticker=ABC&contract_type=call&order=asc&sort=expiration_"
      "date&limit=1000");
  BOOST_CHECK(plan.take(sample("contracts.json"))->empty());
  const auto quotes = plan.answer().quotes;
  BOOST_CHECK(quotes.size() == 1 && !quotes[0].bid && quotes[0].strike == Price::from_int(85));
  BOOST_CHECK_EQUAL(plan.adjusted(), 1);
  BOOST_CHECK(!plan.refused(not_entitled()));
}

BOOST_AUTO_TEST_CASE(search_takes_the_best_of_what_comes) {
  SearchPlan plan{{"ABC & co", 2}};
  BOOST_CHECK_EQUAL(plan.begin().value(),
                    "/v3/reference/tickers?active=true&order=asc&sort=ticker&limit=1000&search=ABC%20%26%20co");
  SearchPlan exact{{"ABC", 2}};
  BOOST_CHECK(exact.begin() && exact.take(sample("tickers.json"))->empty());
  const auto matches = exact.answer().matches;
  BOOST_CHECK(matches.size() == 2 && matches[0].symbol == Symbol{"ABC"});
}

BOOST_AUTO_TEST_CASE(search_asks_for_the_symbol_itself_where_the_page_lacks_it) {
  const auto page = [](const char* ticker, bool more) {
    return R"({"results":[{"ticker":")" + std::string{ticker} + R"(","name":"N","market":"stocks"}])" +
           (more ? R"(,"next_url":"https://h/x?cursor=1"})" : "}");
  };
  const auto next = [&](const char* text, const char* found, bool more) {
    SearchPlan plan{{text, 5}};
    BOOST_REQUIRE(plan.begin());
    return plan.take(page(found, more)).value();
  };
  const std::string exact = "/v3/reference/tickers?active=true&limit=1&ticker=";
  BOOST_CHECK_EQUAL(next("aapl", "AAPL", true), "");
  BOOST_CHECK_EQUAL(next("bank", "ABCB", false), "");
  BOOST_CHECK_EQUAL(next("bank", "ABCB", true), exact + "BANK");
  BOOST_CHECK_EQUAL(next("BACpL", "BAC", true), exact + "BACpL");
  BOOST_CHECK_EQUAL(next("two words", "ABC", true), "");
  // The venue knows nothing of our form of these.
  BOOST_CHECK_EQUAL(next("btc-usd", "ABC", false), exact + "X%3ABTCUSD");
  BOOST_CHECK_EQUAL(next("I/SPX", "ABC", false), exact + "I%3ASPX");

  SearchPlan plan{{"bank", 1}};
  BOOST_REQUIRE(plan.begin() && plan.take(page("ABCB", true)));
  BOOST_CHECK(plan.take(page("BANK", false))->empty());
  const auto matches = plan.answer().matches;
  BOOST_CHECK(matches.size() == 1 && matches[0].symbol == Symbol{"BANK"});

  SearchPlan without{{"bank", 2}};
  BOOST_REQUIRE(without.begin() && without.take(page("ABCB", true)));
  BOOST_CHECK(without.refused({Errc::instrument_unknown, "404"})->empty());
  BOOST_CHECK_EQUAL(without.answer().matches.size(), 1);
}

BOOST_AUTO_TEST_CASE(splits_and_dividends_of_days_are_two_calls) {
  ActionsPlan plan{Date{2022, 6, 18}, Date{2022, 7, 18}, context()};
  BOOST_CHECK_EQUAL(plan.begin().value(),
                    "/v3/reference/splits?execution_date.gte=2022-06-18&execution_date.lte=2022-07-18&order=desc&sort="
                    "execution_date&limit=1000");
  BOOST_CHECK_EQUAL(
      plan.take(sample("splits.json")).value(),
      "/v3/reference/dividends?ex_dividend_date.gte=2022-06-18&ex_dividend_date.lte=2022-07-18&order=desc&"
      "sort=ex_dividend_date&limit=1000");
  BOOST_CHECK(plan.take(sample("dividends.json"))->empty());
  const auto actions = plan.answer();
  BOOST_REQUIRE_EQUAL(actions.size(), 6);
  BOOST_CHECK(actions[0].symbol == Symbol{"GOOGL"} && actions[0].ts == utc("2022-07-18T04:00:00Z"));
  BOOST_CHECK(actions[3].action == CorporateActionKind::dividend);
}
