// Whole REST calls without sockets: keys, plans, pace, recorded answers, and the bodies' oddities.
#include "tests/venues/massive/rest.hpp"

#include <simdjson.h>

#include <boost/test/unit_test.hpp>

#include "tests/venues/massive/http_script.hpp"
#include "tests/venues/massive/synthetic.hpp"

using namespace tradebus::massive_sim;

namespace {

struct RestFixture {
  RestFixture() {
    keys.add("rt");
    keys.add("late=delayed");
    keys.add("poor=free");
    clock.set(at(from_civil(2024, 6, 21), 11) * ns_per_ms);
    clock.freeze(true);
  }

  RestAnswer get(const std::string& target, const std::string& key = "rt") {
    return rest.answer({"GET", target, "Bearer " + key, "https://127.0.0.1:4000"});
  }
  simdjson::dom::element json(const std::string& target, const std::string& key = "rt") {
    const RestAnswer answer = get(target, key);
    BOOST_REQUIRE_EQUAL(answer.status, 200);
    return parser.parse(answer.body);
  }
  // Follows next_url as a client does and counts.
  std::size_t rows_of_all_pages(std::string target, std::size_t* pages = nullptr) {
    std::size_t rows = 0;
    for (std::size_t page = 1;; ++page) {
      const auto root = json(target);
      simdjson::dom::array results;
      if (root["results"].get(results) == simdjson::SUCCESS) rows += results.size();
      std::string_view next;
      if (pages != nullptr) *pages = page;
      if (root["next_url"].get(next) != simdjson::SUCCESS) return rows;
      BOOST_REQUIRE(next.starts_with("https://127.0.0.1:4000/"));
      BOOST_CHECK(next.find("rt") == std::string_view::npos || next.find("apiKey") == std::string_view::npos);
      target = next.substr(std::string_view{"https://127.0.0.1:4000"}.size());
      BOOST_REQUIRE(page < 1000);
    }
  }

  SyntheticMarket market;
  Keys keys;
  Answers answers;
  Clock clock;
  Stats stats;
  Rest rest{&market, keys, answers, clock, stats};
  simdjson::dom::parser parser;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(rest, RestFixture)

BOOST_AUTO_TEST_CASE(keys_come_by_header_or_parameter) {
  const std::string target = "/v1/marketstatus/now";
  BOOST_CHECK_EQUAL(get(target).status, 200);
  BOOST_CHECK_EQUAL(rest.answer({"GET", target + "?apiKey=rt", "", ""}).status, 200);
  const auto none = rest.answer({"GET", target, "", ""});
  BOOST_CHECK_EQUAL(none.status, 401);
  BOOST_CHECK(none.body.find("API Key was not provided") != std::string::npos);
  const auto wrong = get(target, "wrong");
  BOOST_CHECK_EQUAL(wrong.status, 401);
  BOOST_CHECK(wrong.body.find("Unknown API Key") != std::string::npos);
  BOOST_CHECK(wrong.body.find("wrong") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_sixth_call_of_a_free_minute_waits_for_the_clock) {
  for (int i = 0; i < 5; ++i) BOOST_CHECK_EQUAL(get("/v3/reference/tickers/AAPL", "poor").status, 200);
  BOOST_CHECK_EQUAL(get("/v3/reference/tickers/AAPL", "poor").status, 429);
  clock.advance(60 * ns_per_s);
  BOOST_CHECK_EQUAL(get("/v3/reference/tickers/AAPL", "poor").status, 200);
}

BOOST_AUTO_TEST_CASE(a_free_plan_sees_whole_days_of_two_years) {
  BOOST_CHECK(get("/v2/aggs/ticker/AAPL/range/1/day/2024-06-20/2024-06-21", "poor").body.find("before end of day") !=
              std::string::npos);
  BOOST_CHECK(get("/v2/aggs/ticker/AAPL/range/1/day/2020-06-20/2020-06-21", "poor").body.find("data timeframe") !=
              std::string::npos);
  BOOST_CHECK_EQUAL(get("/v2/aggs/ticker/AAPL/range/1/day/2024-06-17/2024-06-20", "poor").status, 200);
  BOOST_CHECK_EQUAL(get("/v3/trades/AAPL", "poor").status, 403);
}

BOOST_AUTO_TEST_CASE(a_delayed_plan_is_15_minutes_behind_and_says_so) {
  BOOST_CHECK(get("/v2/last/trade/AAPL", "late").body.find(R"("status":"DELAYED")") != std::string::npos);
  const auto time = [&](const char* key) { return std::int64_t{json("/v2/last/trade/AAPL", key)["results"]["t"]}; };
  const auto behind = time("rt") - time("late");
  BOOST_CHECK(behind > 10 * 60 * ns_per_s && behind < 20 * 60 * ns_per_s);
}

BOOST_AUTO_TEST_CASE(times_have_the_venues_units) {
  const auto midnight_ms =
      std::int64_t{json("/v2/aggs/ticker/AAPL/range/1/day/2024-06-20/2024-06-20")["results"].at(0)["t"]};
  BOOST_CHECK_EQUAL(midnight_ms, midnight(from_civil(2024, 6, 20)));
  const auto prev = std::int64_t{json("/v2/aggs/ticker/AAPL/prev")["results"].at(0)["t"]};
  BOOST_CHECK_EQUAL(utc_text(prev * ns_per_ms), "2024-06-20T20:00:00Z");
  const auto grouped = std::int64_t{json("/v2/aggs/grouped/locale/us/market/stocks/2024-06-20")["results"].at(0)["t"]};
  BOOST_CHECK_EQUAL(grouped, prev);
}

BOOST_AUTO_TEST_CASE(no_bars_is_a_200_without_results) {
  const std::string body = get("/v2/aggs/ticker/AAPL/range/1/day/2024-06-15/2024-06-16").body;
  BOOST_CHECK(body.find("results\"") == std::string::npos);
  BOOST_CHECK(body.find(R"("queryCount":0,"resultsCount":0)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(large_volumes_are_scientific) {
  const std::string body = get("/v2/aggs/ticker/AAPL/range/1/day/2024-06-20/2024-06-20").body;
  BOOST_CHECK(body.find("e+0") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(pages_of_minutes_are_rebased_here_and_complete) {
  const std::string target = "/v2/aggs/ticker/AAPL/range/5/minute/2024-06-17/2024-06-20?limit=";
  std::size_t pages = 0;
  const std::size_t rows = rows_of_all_pages(target + "50000", &pages);
  BOOST_CHECK_EQUAL(pages, 1U);
  BOOST_CHECK_EQUAL(rows_of_all_pages(target + "333", &pages), rows);
  BOOST_CHECK(pages > 3);
  BOOST_CHECK_EQUAL(rows_of_all_pages(target + "333&sort=desc"), rows);
}

BOOST_AUTO_TEST_CASE(a_chain_has_ten_rows_a_page_unless_asked) {
  std::size_t pages = 0;
  const std::string filter = "expiration_date=2024-06-28&strike_price.gte=180&strike_price.lte=200";
  BOOST_CHECK_EQUAL(json("/v3/snapshot/options/AAPL?" + filter)["results"].get_array().size(), 10U);
  const std::size_t rows = rows_of_all_pages("/v3/snapshot/options/AAPL?" + filter, &pages);
  BOOST_CHECK(rows > 10 && pages > 1);
  BOOST_CHECK_EQUAL(rows_of_all_pages("/v3/snapshot/options/AAPL?limit=250&" + filter, &pages), rows);
  BOOST_CHECK_EQUAL(pages, 1U);
  const std::string all = get("/v3/snapshot/options/AAPL?limit=250").body;
  BOOST_CHECK(all.find(R"("day":{})") != std::string::npos);
  BOOST_CHECK(all.find(R"("greeks":{})") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(ticks_of_one_moment_are_not_lost_between_pages) {
  const std::string target = "/v3/trades/AAPL?timestamp.gte=2024-06-20&timestamp.lt=2024-06-21&limit=";
  const std::size_t rows = rows_of_all_pages(target + "50000");
  BOOST_CHECK(rows > 1000);
  BOOST_CHECK_EQUAL(rows_of_all_pages(target + "777"), rows);
  BOOST_CHECK_EQUAL(rows_of_all_pages(target + "777&order=asc"), rows);
}

BOOST_AUTO_TEST_CASE(unadjusted_prices_are_those_of_their_day) {
  const auto close = [&](const char* adjusted) {
    return double{
        json(std::string("/v2/aggs/ticker/NVDA/range/1/day/2024-06-07/2024-06-07?adjusted=") + adjusted)["results"].at(
            0)["c"]};
  };
  BOOST_CHECK_CLOSE(close("false"), close("true") * 10, 0.01);
}

BOOST_AUTO_TEST_CASE(snapshots_are_zeros_before_four) {
  const std::string target = "/v2/snapshot/locale/us/markets/stocks/tickers/AAPL";
  clock.set(at(from_civil(2024, 6, 21), 3, 45) * ns_per_ms);
  BOOST_CHECK_EQUAL(double{json(target)["ticker"]["day"]["c"].get_double()}, 0);
  BOOST_CHECK_EQUAL(double{json(target)["ticker"]["todaysChange"].get_double()}, 0);
  clock.set(at(from_civil(2024, 6, 21), 11) * ns_per_ms);
  BOOST_CHECK(double{json(target)["ticker"]["day"]["c"]} > 0);
}

BOOST_AUTO_TEST_CASE(unknown_things_fail_as_the_venue_does) {
  BOOST_CHECK_EQUAL(get("/v3/reference/tickers/ZZZZQX").status, 404);
  BOOST_CHECK_EQUAL(get("/v9/nothing").body, "404 page not found\n");
  BOOST_CHECK_EQUAL(get("/v2/aggs/ticker/AAPL/range/1/day/yesterday/2024-06-20").status, 400);
  BOOST_CHECK_EQUAL(get("/v3/trades/AAPL?cursor=nonsense").status, 400);
  BOOST_CHECK_EQUAL(json("/v2/reference/news?ticker=ZZZZQX")["results"].get_array().size(), 0U);
  const std::string body = get("/v3/snapshot?ticker.any_of=AAPL,ZZZZQX,I:SPX").body;
  BOOST_CHECK(body.find(R"({"ticker":"ZZZZQX","error":"NOT_FOUND","message":"Ticker not found."})") !=
              std::string::npos);
  BOOST_CHECK(body.find("NOT_ENTITLED") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tickers_keep_their_case) {
  BOOST_CHECK_EQUAL(get("/v3/reference/tickers/BACpL").status, 200);
  BOOST_CHECK_EQUAL(get("/v3/reference/tickers/BACPL").status, 404);
}

BOOST_AUTO_TEST_CASE(recorded_answers_come_first_the_closest_wins) {
  const std::string folder = TRADEBUS_SOURCE_DIR "/tests/venues/massive/answers";
  answers.add(folder, folder + "/index.jsonl");
  BOOST_CHECK(get("/v2/aggs/ticker/ODD/range/1/day/2024-01-02/2024-01-05").body.find("1.12117471e+08") !=
              std::string::npos);
  BOOST_CHECK_EQUAL(get("/v3/reference/tickers?ticker=NOBODY").status, 200);
  BOOST_CHECK_EQUAL(get("/v3/reference/tickers/BUSY").status, 429);
  BOOST_CHECK_EQUAL(get("/v3/reference/tickers/AAPL").status, 200);  // the market's
}

BOOST_AUTO_TEST_CASE(faults_become_bytes) {
  HttpRequest request{"GET", "/x", "", "", "", true, true};
  HttpReply reply;
  reply.body = std::string(1000, 'a');
  const auto with = [&](const char* kind) {
    HttpReply faulty = reply;
    faulty.fault = parse_fault(kind);
    faulty.fault->retry_after = 7;
    return script_of(request, faulty, "id");
  };
  BOOST_CHECK(with("429").bytes.starts_with("HTTP/1.1 429 "));
  BOOST_CHECK(with("429").bytes.find("Retry-After: 7\r\n") != std::string::npos);
  BOOST_CHECK(with("html_error").bytes.find("<html>") != std::string::npos ||
              with("html_error").bytes.find("gzip") != std::string::npos);
  BOOST_CHECK(with("empty_body").bytes.ends_with("Content-Length: 0\r\nConnection: keep-alive\r\n\r\n"));
  BOOST_CHECK(with("half_open").bytes.empty() && with("half_open").after == After::hang);
  BOOST_CHECK(with("reset").after == After::reset);
  BOOST_CHECK(with("cut").after == After::close);
  BOOST_CHECK(with("cut").bytes.size() < script_of(request, reply, "id").bytes.size());
  BOOST_CHECK_EQUAL(with("slow_body").chunk, 1U);
  BOOST_CHECK(!parse_fault("418"));
}

BOOST_AUTO_TEST_CASE(faults_count_down_and_keep_to_their_paths) {
  Faults faults;
  Fault fault = *parse_fault("500");
  fault.count = 2;
  fault.path_prefix = "/v2/";
  faults.arm(fault);
  BOOST_CHECK(!faults.take("/v3/x"));
  BOOST_CHECK(faults.take("/v2/x") && faults.take("/v2/y") && !faults.take("/v2/x"));
}

BOOST_AUTO_TEST_SUITE_END()
