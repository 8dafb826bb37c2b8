// The venue's answers as our values: each oddity of its form has a case.
#define BOOST_BIND_GLOBAL_PLACEHOLDERS  // what property_tree needs to say nothing while it is compiled
#include <boost/property_tree/json_parser.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <sstream>

#include "actors/providers/massive/bars.hpp"
#include "actors/providers/massive/conditions.hpp"
#include "actors/providers/massive/news.hpp"
#include "actors/providers/massive/options.hpp"
#include "actors/providers/massive/reference.hpp"
#include "actors/providers/massive/rest_error.hpp"
#include "actors/providers/massive/snapshots.hpp"
#include "actors/providers/massive/venue_time.hpp"
#include "bus/model/print.hpp"
#include "engine/calendar/calendars.hpp"
#include "tests/actors/providers/massive/samples.hpp"

using namespace tradebus;
using namespace tradebus::massive;
using namespace tradebus::massive::test;
using namespace std::chrono_literals;

namespace {

const Calendar& new_york() { return *Calendars::shipped()->find("XNYS"); }
Timestamp utc(const char* text) { return parse_rfc3339(text).value(); }
Price price(const char* text) { return Price::parse(text).value(); }
Quantity quantity(const char* text) { return Quantity::parse(text).value(); }
constexpr Timestamp now{std::chrono::sys_days{std::chrono::year{2024} / 3 / 1}};

// GET /v3/reference/conditions: what our own table is held against. The rules are those of the consolidated tape.
std::map<std::int32_t, UpdateRules> venue_conditions(const std::string& body) {
  std::istringstream in{body};
  boost::property_tree::ptree answer;
  boost::property_tree::read_json(in, answer);
  std::map<std::int32_t, UpdateRules> out;
  for (const auto& [unnamed, row] : answer.get_child("results")) {
    const auto rule = [&row = row](const char* key) {
      return row.get(std::string{"update_rules.consolidated."} + key, true);
    };
    out[row.get<std::int32_t>("id")] = {rule("updates_high_low"), rule("updates_open_close"), rule("updates_volume")};
  }
  return out;
}

}  // namespace

// ---- aggregates ----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(bars_are_read_leniently_and_bad_ones_left_out) {
  const auto page = decode_bars(sample("bars.json"), Symbol{"ABC"}, Timeframe::d1, new_york());
  BOOST_REQUIRE(page);
  BOOST_CHECK(page->delayed);  // DELAYED is a success
  BOOST_CHECK_EQUAL(page->next, "/v2/aggs/ticker/ABC/range/1/day/1704776400000/2024-01-10?cursor=bGltaXQ9MQ");
  BOOST_REQUIRE_EQUAL(page->rows.size(), 3);
  const auto& first = page->rows[0];
  BOOST_CHECK(first.ts == utc("2024-01-02T05:00:00Z"));
  BOOST_CHECK(first.volume == quantity("112117471"));  // 1.12117471e+08
  BOOST_CHECK(first.vwap == price("10.5") && first.trades == 1'021'065);
  BOOST_CHECK(first.low == price("9.9999") && first.close == price("11"));
  BOOST_CHECK(page->rows[1].volume == quantity("25933.6") && page->rows[1].trades == 12 && !page->rows[1].vwap);
  // Eleven decimals are rounded half to even; dv holds the fractions of a share.
  BOOST_CHECK(page->rows[2].open == price("1.23456789") && page->rows[2].close == price("1.23456789"));
  BOOST_CHECK(page->rows[2].volume == quantity("7.123456789"));
  BOOST_CHECK_EQUAL(page->bad_rows, 4);  // a text for a price, a high below the low, zeros, a number for a row
  BOOST_CHECK_EQUAL(page->bad_row, "h: not a decimal number: \"high\"");
}

BOOST_AUTO_TEST_CASE(indices_have_no_volume) {
  const auto page = decode_bars(sample("bars-index.json"), Symbol{"I/ABC"}, Timeframe::m1, new_york());
  BOOST_REQUIRE(page && page->rows.size() == 1);
  BOOST_CHECK(page->rows[0].open == price("4783.351234568") && page->rows[0].volume.is_zero());
  BOOST_CHECK(!page->rows[0].vwap && !page->rows[0].trades && page->next.empty() && !page->delayed);
}

BOOST_AUTO_TEST_CASE(no_bars_are_no_error) {
  for (const char* body : {R"({"ticker":"ABC","queryCount":0,"resultsCount":0,"adjusted":true,"status":"OK"})", "{}",
                           R"({"results":null})", R"({"results":[],"status":"OK"})"}) {
    const auto page = decode_bars(body, Symbol{"ABC"}, Timeframe::d1, new_york());
    BOOST_REQUIRE_MESSAGE(page, body);
    BOOST_CHECK(page->rows.empty() && page->next.empty() && page->bad_rows == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_week_begins_on_our_first_day) {
  // Sunday 2024-01-07 00:00 in New York there; Monday here. In summer alike.
  for (const auto& [theirs, ours] :
       {std::pair{1'704'603'600'000, "2024-01-08T05:00:00Z"}, std::pair{1'720'324'800'000, "2024-07-08T04:00:00Z"}}) {
    const auto body = R"({"results":[{"o":1,"h":1,"l":1,"c":1,"v":1,"t":)" + std::to_string(theirs) + "}]}";
    const auto page = decode_bars(body, Symbol{"ABC"}, Timeframe::w1, new_york());
    BOOST_REQUIRE(page && page->rows.size() == 1);
    BOOST_CHECK_EQUAL(to_iso8601(page->rows[0].ts), to_iso8601(utc(ours)));
  }
}

BOOST_AUTO_TEST_CASE(the_previous_days_bar_has_its_ends_time_there_and_its_starts_here) {
  const auto page = decode_day_bars(sample("previous.json"), new_york());
  BOOST_REQUIRE(page && page->rows.size() == 1);
  BOOST_CHECK(page->rows[0].ts == utc("2022-04-26T04:00:00Z"));
  BOOST_CHECK(page->rows[0].symbol == Symbol{"ABC"} && page->rows[0].volume == quantity("95595226"));
}

BOOST_AUTO_TEST_CASE(recorded_bars_come_out_exactly) {
  if (const auto body = recorded("aggs-AAPL-1day-2023.json")) {
    const auto page = decode_bars(*body, Symbol{"AAPL"}, Timeframe::d1, new_york());
    BOOST_REQUIRE(page && page->rows.size() == 6 && page->bad_rows == 0);
    const auto& bar = page->rows[1];
    BOOST_CHECK(bar.ts == utc("2023-01-04T05:00:00Z") && bar.open == price("126.89") && bar.high == price("128.6557"));
    BOOST_CHECK(bar.volume == quantity("89100633") && bar.vwap == price("126.6464") && bar.trades == 770'042);
  }
  if (const auto body = recorded("aggs-empty.json"))
    BOOST_CHECK(decode_bars(*body, Symbol{"AAPL"}, Timeframe::d1, new_york())->rows.empty());
  if (const auto body = recorded("prev-AAPL.json")) {
    const auto page = decode_day_bars(*body, new_york());
    BOOST_REQUIRE(page && page->rows.size() == 1);
    BOOST_CHECK(page->rows[0].close == price("156.8") && page->rows[0].ts == utc("2022-04-26T04:00:00Z"));
  }
  if (const auto body = recorded("grouped-2005-04-04.json")) {
    const auto page = decode_day_bars(*body, new_york());
    BOOST_REQUIRE(page && page->rows.size() == 1);
    BOOST_CHECK(page->rows[0].symbol == Symbol{"GIK"} && page->rows[0].volume == quantity("895345"));
  }
}

// ---- snapshots -----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_snapshot_has_today_yesterday_and_the_change) {
  const auto page = decode_snapshots(sample("snapshot.json"), new_york(), now);
  BOOST_REQUIRE(page && page->rows.size() == 1);
  const auto& s = page->rows[0];
  BOOST_CHECK(s.symbol == Symbol{"KIMpL"});
  BOOST_CHECK_EQUAL(unix_ns(s.ts), 1'605'192'894'630'916'609);  // beyond what a double holds
  BOOST_REQUIRE(s.day && s.previous_day);
  BOOST_CHECK(s.day->ts == utc("2020-11-12T05:00:00Z") && s.day->volume == quantity("37216.5"));
  BOOST_CHECK(s.previous_day->ts == utc("2020-11-11T05:00:00Z") && s.previous_day->close == price("20.63"));
  BOOST_CHECK(s.change == price("-0.124") && s.change_percent == -0.601);
}

BOOST_AUTO_TEST_CASE(before_four_in_the_morning_zeros_are_absent) {
  const auto page = decode_snapshots(sample("snapshot-before-four.json"), new_york(), now);
  BOOST_REQUIRE(page && page->rows.size() == 1);
  const auto& s = page->rows[0];
  BOOST_CHECK(!s.day && s.previous_day && !s.change && !s.change_percent && s.ts == now);
  // Yesterday's last trade doesn't make its day the current one.
  const auto early = utc("2024-03-01T08:45:00Z");
  const auto traded = decode_snapshots(
      R"({"ticker":{"ticker":"ABC","day":{"o":0,"h":0,"l":0,"c":0},"lastTrade":{"t":)" +
          std::to_string(unix_ns(utc("2024-03-01T00:59:00Z"))) + R"(},"prevDay":{"o":1,"h":2,"l":1,"c":2,"v":3}}})",
      new_york(), early);
  BOOST_REQUIRE(traded && traded->rows.size() == 1 && traded->rows[0].previous_day);
  BOOST_CHECK(traded->rows[0].previous_day->ts == utc("2024-02-29T05:00:00Z"));
  BOOST_CHECK(traded->rows[0].ts == utc("2024-03-01T00:59:00Z"));
  BOOST_CHECK_EQUAL(page->bad_rows, 1);  // a ticker that can't be
}

BOOST_AUTO_TEST_CASE(recorded_snapshots_come_out_exactly) {
  if (const auto body = recorded("snapshot-AAPL.json")) {
    const auto page = decode_snapshots(*body, new_york(), now);
    BOOST_REQUIRE(page && page->rows.size() == 1 && page->bad_rows == 0);
    BOOST_CHECK(page->rows[0].day->close == price("160.315") && page->rows[0].change == price("-3.65"));
    BOOST_CHECK_EQUAL(unix_ns(page->rows[0].ts), 1'651'251'948'294'080'343);
  }
  if (const auto body = recorded("snapshot-all.json"))
    BOOST_CHECK_EQUAL(decode_snapshots(*body, new_york(), now)->rows.size(), 1);
  if (const auto body = recorded("universal-snapshot.json")) {
    const auto page = decode_universal(*body, new_york(), now);
    BOOST_REQUIRE(page && page->rows.size() >= 3);
    BOOST_CHECK(page->rows[0].snapshot.symbol == Symbol{"NCLH221014C00005000"});
    BOOST_CHECK(page->rows.back().error && page->rows.back().error->code == Errc::instrument_unknown);
  }
}

BOOST_AUTO_TEST_CASE(the_universal_snapshot_refuses_row_by_row) {
  const auto page = decode_universal(sample("universal.json"), new_york(), now);
  BOOST_REQUIRE(page && page->rows.size() == 4);
  const auto& index = page->rows[0];
  BOOST_CHECK(index.snapshot.symbol == Symbol{"I/ABC"} && !index.error);
  BOOST_CHECK(index.snapshot.day && index.snapshot.day->high == price("4793.3"));
  BOOST_CHECK(index.snapshot.change == price("8.33"));
  BOOST_REQUIRE(page->rows[1].error && page->rows[2].error);
  BOOST_CHECK(page->rows[1].error->code == Errc::instrument_unknown);
  BOOST_CHECK(page->rows[2].error->code == Errc::provider_unsupported);
  const auto& stock = page->rows[3];
  BOOST_CHECK(!stock.snapshot.day && !stock.snapshot.change);
  BOOST_CHECK_EQUAL(unix_ns(stock.snapshot.ts), 1'704'205'800'000'000'001);
}

// ---- reference -----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(details_are_those_of_a_company_or_what_a_fund_has) {
  const auto page = decode_details(sample("details.json"));
  BOOST_REQUIRE(page && page->rows.size() == 1);
  const auto& d = page->rows[0];
  BOOST_CHECK(d.symbol == Symbol{"ABC"} && d.name == "ABC Inc." && d.asset_class == AssetClass::equity);
  BOOST_CHECK(d.currency == "USD" && d.exchange == "XNAS" && d.sector == "ELECTRONIC COMPUTERS");
  BOOST_CHECK(d.market_cap == Money::parse("2488795282370.5").value() && d.list_date == "1980-12-12");
  BOOST_CHECK(d.shares_outstanding == quantity("16319440000") && d.description == "Makes things \u2014 small ones.");

  const auto fund = decode_details(sample("details-fund.json"));
  BOOST_REQUIRE(fund && fund->rows.size() == 1);
  BOOST_CHECK(fund->rows[0].name == "XYZ" && !fund->rows[0].market_cap && !fund->rows[0].list_date);
  BOOST_CHECK(fund->rows[0].shares_outstanding == quantity("5"));
  if (const auto body = recorded("ticker-details-AAPL.json")) {
    const auto real = decode_details(*body);
    BOOST_REQUIRE(real && real->rows.size() == 1 && real->bad_rows == 0);
    BOOST_CHECK(real->rows[0].name == "Apple Inc." &&
                real->rows[0].market_cap == Money::parse("2488795282370").value());
  }
}

BOOST_AUTO_TEST_CASE(matches_are_ranked_best_first) {
  auto page = decode_tickers(sample("tickers.json"));
  BOOST_REQUIRE(page && page->rows.size() == 6);
  BOOST_CHECK_EQUAL(page->bad_rows, 1);
  BOOST_CHECK_EQUAL(page->next, "/v3/reference/tickers?cursor=YWN0aXZl");
  rank(page->rows, "abc");
  std::vector<std::string> order;
  for (const auto& match : page->rows) order.push_back(match.symbol.str());
  const std::vector<std::string> expected{"ABC", "ABC-USD", "ABCD", "AABC", "EUR-USD", "I/ABC"};
  BOOST_CHECK_EQUAL_COLLECTIONS(order.begin(), order.end(), expected.begin(), expected.end());
  BOOST_CHECK(page->rows[1].asset_class == AssetClass::crypto && page->rows[4].asset_class == AssetClass::fx);
  for (const char* name : {"tickers-page1.json", "tickers-page2.json"})
    if (const auto body = recorded(name)) {
      const auto real = decode_tickers(*body);
      BOOST_REQUIRE(real && real->rows.size() == 2 && real->bad_rows == 0);
      BOOST_CHECK_EQUAL(real->next.empty(), std::string{name} == "tickers-page2.json");
    }
}

BOOST_AUTO_TEST_CASE(the_probes_answer_is_json_and_no_refusal) {
  BOOST_CHECK(check_market_status(sample("market-status.json")));
  if (const auto body = recorded("marketstatus-now.json")) BOOST_CHECK(check_market_status(*body));
  BOOST_CHECK(check_market_status("<html>").error().code == Errc::provider_unavailable);
  BOOST_CHECK(check_market_status(R"({"status":"NOT_AUTHORIZED"})").error().code == Errc::provider_unsupported);
}

BOOST_AUTO_TEST_CASE(splits_and_dividends_are_read) {
  const auto splits = decode_splits(sample("splits.json"));
  BOOST_REQUIRE(splits && splits->rows.size() == 3);
  BOOST_CHECK(splits->rows[0].factor == quantity("20") && splits->rows[0].execution_date == (Date{2022, 7, 18}));
  BOOST_CHECK(splits->rows[1].factor == quantity("0.5") && splits->rows[2].factor == quantity("1.333333333"));
  BOOST_CHECK_EQUAL(splits->bad_rows, 1);
  const auto dividends = decode_dividends(sample("dividends.json"));
  BOOST_REQUIRE(dividends && dividends->rows.size() == 3);
  BOOST_CHECK(dividends->rows[0].amount == quantity("0.22") && dividends->rows[1].amount.is_zero());
  BOOST_CHECK(dividends->rows[2].symbol == Symbol{"CAD"} && dividends->rows[2].amount.is_zero());  // in other dollars
  if (const auto body = recorded("splits.json")) BOOST_CHECK_EQUAL(decode_splits(*body)->rows.size(), 10);
}

BOOST_AUTO_TEST_CASE(our_table_of_conditions_agrees_with_the_venues) {
  const auto agrees = [](const std::string& body, std::size_t count) {
    const auto theirs = venue_conditions(body);
    BOOST_CHECK_EQUAL(theirs.size(), count);
    for (const auto& [id, rules] : theirs) BOOST_CHECK_MESSAGE(update_rules(id) == rules, id);
  };
  agrees(sample("conditions.json"), 2);
  if (const auto body = recorded("conditions-stocks.json")) agrees(*body, 10);
}

BOOST_AUTO_TEST_CASE(one_condition_is_enough_to_keep_a_trade_from_the_last_price) {
  const std::int32_t odd_lot[] = {14, 37, 41};
  BOOST_CHECK(!updates_last(odd_lot) && !updates_high_low(odd_lot) && updates_volume(odd_lot));
  const std::int32_t sold[] = {32};
  BOOST_CHECK(!updates_last(sold) && updates_high_low(sold));
  const std::int32_t ordinary[] = {14, 41, 9'999};
  BOOST_CHECK(updates_last(ordinary) && updates_high_low(ordinary) && updates_volume(ordinary));
  BOOST_CHECK(updates_last({}));
}

// ---- news ----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(news_have_what_they_have) {
  const auto page = decode_news(sample("news.json"));
  BOOST_REQUIRE(page && page->rows.size() == 2);
  const auto& first = page->rows[0];
  BOOST_CHECK(first.ts == utc("2022-04-28T17:08:00Z") && first.publisher == "Paper" && first.summary == "Short.");
  BOOST_CHECK((first.symbols == std::vector<std::string>{"ABC", "BRK.B"}));
  BOOST_CHECK_EQUAL(first.title, "First \u201cnews\u201d");
  BOOST_CHECK(page->rows[1].ts == utc("2022-04-28T17:08:00.5Z") && page->rows[1].url.empty());
  BOOST_CHECK_EQUAL(page->bad_rows, 1);
  if (const auto body = recorded("news-NFLX.json")) BOOST_CHECK_EQUAL(decode_news(*body)->rows.size(), 1);
  if (const auto body = recorded("news-example.json"))
    BOOST_CHECK(decode_news(*body)->next.starts_with("/v2/reference/news?cursor="));
}

// ---- options -------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(contracts_that_deliver_something_else_are_not_standard) {
  const auto page = decode_contracts(sample("contracts.json"));
  BOOST_REQUIRE(page && page->rows.size() == 2);
  BOOST_CHECK(page->rows[0].standard && page->rows[0].instrument.strike == price("85"));
  BOOST_CHECK(!page->rows[1].standard && page->rows[1].underlying == Symbol{"ABC"});
  BOOST_CHECK_EQUAL(page->bad_rows, 1);  // its keys disagree
  if (const auto body = recorded("option-contracts-example.json")) {
    const auto real = decode_contracts(*body);
    BOOST_REQUIRE(real && real->rows.size() == 2);
    BOOST_CHECK(real->rows[0].standard && !real->rows[1].standard);
  }
  if (const auto body = recorded("option-contract-EVRI.json"))
    BOOST_CHECK_EQUAL(decode_contracts(*body)->rows.size(), 1);
  if (const auto body = recorded("option-contracts-page1.json")) {
    const auto real = decode_contracts(*body);
    BOOST_CHECK(real && real->rows.size() == 10 && real->bad_rows == 0 && !real->next.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_chain_has_greeks_where_the_venue_has_them) {
  const auto chain = decode_chain(sample("chain.json"), Symbol{"ABC"}, now);
  BOOST_REQUIRE(chain && chain->page.rows.size() == 2);
  const auto& full = chain->page.rows[0];
  BOOST_CHECK(full.symbol == Symbol{"ABC230616C00150000"} && full.underlying == Symbol{"ABC"});
  BOOST_CHECK(full.bid == price("28.9") && full.ask_size == quantity("209") && full.last == price("29.3"));
  BOOST_CHECK(full.delta == 0.6436614934293701 && full.theta == -0.028227189324641973 && full.iv == 0.3570277203465058);
  BOOST_CHECK(full.open_interest == quantity("8133") && full.volume == quantity("8") && !full.quality);
  BOOST_CHECK_EQUAL(unix_ns(full.ts), 1'651'254'260'800'059'648);
  BOOST_CHECK(full.underlying_price == price("159.9606"));
  const auto& bare = chain->page.rows[1];
  BOOST_CHECK(!bare.delta && !bare.iv && !bare.last && !bare.volume && !bare.bid && !bare.bid_size);
  BOOST_CHECK(bare.ask == price("0.01") && bare.quality == Quality::delayed &&
              bare.underlying_price == price("4000.25"));
  BOOST_CHECK_EQUAL(chain->adjusted, 1);
  BOOST_CHECK_EQUAL(chain->page.bad_rows, 1);
  if (const auto body = recorded("option-chain-AAPL.json")) {
    const auto real = decode_chain(*body, Symbol{"AAPL"}, now);
    BOOST_REQUIRE(real && real->page.rows.size() == 1);
    BOOST_CHECK(real->page.rows[0].ask == price("29.25") && real->page.rows[0].vega == 0.6381159723175714);
  }
}

// ---- errors --------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_http_status_says_what_a_refusal_means) {
  const std::pair<unsigned, Errc> table[] = {
      {400, Errc::request_invalid},      {401, Errc::auth_denied},           {403, Errc::provider_unsupported},
      {404, Errc::instrument_unknown},   {429, Errc::provider_rate_limited}, {499, Errc::provider_unavailable},
      {500, Errc::provider_unavailable}, {502, Errc::provider_unavailable},  {302, Errc::provider_unavailable}};
  for (const auto& [status, code] : table)
    for (const char* body : {R"({"status":"ERROR","request_id":"r","error":"said so"})",
                             R"({"status":"NOT_FOUND","message":"said so"})", "said so"}) {
      const auto error = refused_answer(status, body, {}, "providers.massive");
      BOOST_CHECK(error.code == code);
      BOOST_CHECK_MESSAGE(error.message.find("\"said so\"") != std::string::npos, error.message);
    }
  // HTML, nothing, half a body: named all the same.
  for (const char* body : {"<html><body>busy</body></html>", "", R"({"status":"ERR)", "\x01\x02"})
    BOOST_CHECK(refused_answer(503, body, {}, "providers.massive").message.find("503") != std::string::npos);
  BOOST_CHECK(refused_answer(429, "", 7s, "providers.massive").retry_after_ms == 7'000);
  BOOST_CHECK(!refused_answer(503, "", 7s, "providers.massive").retry_after_ms);
  // Whose keys to look at: the venue has a former name too.
  const auto named = [](unsigned status) { return refused_answer(status, "", {}, "providers.polygon").message; };
  BOOST_CHECK(named(401).find("(providers.polygon.api_key)") != std::string::npos);
  BOOST_CHECK(named(429).find("(providers.polygon.calls_per_minute)") != std::string::npos);
  BOOST_CHECK(is_passing(499) && is_passing(503) && !is_passing(403) && !is_passing(429));
}

BOOST_AUTO_TEST_CASE(a_refusal_inside_a_200_is_one) {
  BOOST_CHECK(decode_tickers(R"({"status":"NOT_AUTHORIZED","message":"no"})").error().code ==
              Errc::provider_unsupported);
  BOOST_CHECK(decode_tickers(R"({"status":"NOT_FOUND"})").error().code == Errc::instrument_unknown);
  BOOST_CHECK(decode_tickers(R"({"status":"ERROR","error":"x"})").error().code == Errc::provider_unavailable);
}

BOOST_AUTO_TEST_CASE(what_is_no_answer_is_named_and_nothing_of_it_told) {
  for (const char* body : {"", "null", "[]", "<html>secret</html>", "{\"results\":\"secret\"}", "{\"results\":17}",
                           "{\"results\":[{\"t\":1}", "{\"results\":[]} secret", "\xff\xfe", "{\"results\":[],}"}) {
    const auto page = decode_tickers(body);
    BOOST_REQUIRE_MESSAGE(!page, body);
    BOOST_CHECK(page.error().code == Errc::provider_unavailable);
    BOOST_CHECK(page.error().message.find("secret") == std::string::npos);
  }
  BOOST_CHECK(!decode_tickers(R"({"results":[],"next_url":"not a url"})"));
}

// ---- time ----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(times_of_day_are_read_with_their_zone) {
  BOOST_CHECK(utc("2022-04-28T16:48:08-04:00") == utc("2022-04-28T20:48:08Z"));
  BOOST_CHECK(utc("2022-04-28T20:48:08.250Z") - utc("2022-04-28T20:48:08Z") == 250ms);
  for (const char* text : {"", "2022-04-28", "2022-04-28T25:00:00Z", "2022-02-30T00:00:00Z", "2022-04-28T20:48:08",
                           "2022-04-28T20:48:08.Z", "2022-04-28T20:48:08+4:00", "2300-01-01T00:00:00Z"})
    BOOST_CHECK_MESSAGE(!parse_rfc3339(text), text);
  BOOST_CHECK_EQUAL(to_rfc3339(utc("2022-04-28T20:48:08.9Z")), "2022-04-28T20:48:08Z");
  BOOST_CHECK_EQUAL(to_rfc3339(Timestamp::min()), "1970-01-01T00:00:00Z");
  BOOST_CHECK_EQUAL(to_rfc3339(Timestamp::max()), "2200-01-01T00:00:00Z");
}
