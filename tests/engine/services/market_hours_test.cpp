#include "engine/services/market_hours.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

using namespace tradebus;
using namespace std::chrono;

namespace {

Instrument of(const char* symbol) { return *Instrument::parse(symbol); }
Instrument future() {
  Instrument out;
  out.symbol = Symbol{"ESZ4"};
  out.asset_class = AssetClass::future;
  return out;
}

// "2024-06-21T13:30" or "2024-06-21T13:30:00Z", in UTC.
Timestamp utc(const std::string& text) {
  const auto number = [&](std::size_t at) { return std::stoi(text.substr(at, 2)); };
  return Date::parse(text.substr(0, 10))->to_days() + hours{number(11)} + minutes{number(14)};
}

// The folder with recorded facts, where there is one.
std::string shared_folder() {
  const char* set = std::getenv("TRADEBUS_SHARED");  // NOLINT(concurrency-mt-unsafe)
  return set != nullptr ? set : std::string{TRADEBUS_SOURCE_DIR} + "/../shared";
}

}  // namespace

BOOST_AUTO_TEST_CASE(equities_and_options_trade_in_the_regular_session) {
  for (const auto* symbol : {"AAPL", "AAPL240621C00190000"}) {
    const auto instrument = of(symbol);
    const auto check = [&](const char* edge_open, const char* edge_close) {
      BOOST_CHECK(!is_open(instrument, utc(edge_open) - 1ns));
      BOOST_CHECK(is_open(instrument, utc(edge_open)));
      BOOST_CHECK(is_open(instrument, utc(edge_close) - 1ns));
      BOOST_CHECK(!is_open(instrument, utc(edge_close)));
    };
    check("2024-06-21T13:30", "2024-06-21T20:00");  // summer
    check("2024-01-16T14:30", "2024-01-16T21:00");  // winter
    check("2024-03-08T14:30", "2024-03-08T21:00");  // the Friday before and
    check("2024-03-11T13:30", "2024-03-11T20:00");  // the Monday after clocks change
    check("2006-03-31T14:30", "2006-03-31T21:00");  // until 2006 they changed in April
    check("2024-07-03T13:30", "2024-07-03T17:00");  // early close
    check("2024-11-29T14:30", "2024-11-29T18:00");
    for (const auto* closed :
         {"2024-11-28T16:00", "2012-10-29T16:00", "2012-10-30T16:00", "2024-06-22T16:00", "2024-06-21T03:00"})
      BOOST_CHECK(!is_open(instrument, utc(closed)));
  }
}

BOOST_AUTO_TEST_CASE(crypto_never_closes) {
  for (const auto* t : {"2024-06-22T03:00", "2024-12-25T12:00", "2024-06-21T13:30"})
    BOOST_CHECK(is_open(of("BTC-USD"), utc(t)));
}

BOOST_AUTO_TEST_CASE(fx_trades_from_sunday_to_friday_17_00_new_york) {
  const auto eur = of("EUR-USD");
  for (const auto& [t, open] : std::map<std::string, bool>{{"2024-06-21T20:59", true},
                                                           {"2024-06-21T21:00", false},
                                                           {"2024-06-22T12:00", false},
                                                           {"2024-06-23T20:59", false},
                                                           {"2024-06-23T21:00", true},
                                                           {"2024-06-24T04:30", true},
                                                           {"2024-01-07T21:59", false},
                                                           {"2024-01-07T22:00", true},
                                                           // clocks change on that Sunday, before the market opens
                                                           {"2024-03-10T20:59", false},
                                                           {"2024-03-10T21:00", true},
                                                           {"2024-11-03T21:59", false},
                                                           {"2024-11-03T22:00", true}})
    BOOST_CHECK_MESSAGE(is_open(eur, utc(t)) == open, t);
}

BOOST_AUTO_TEST_CASE(futures_rest_on_saturday_chicago) {
  for (const auto& [t, open] : std::map<std::string, bool>{{"2024-06-22T04:59", true},
                                                           {"2024-06-22T05:00", false},
                                                           {"2024-06-23T04:59", false},
                                                           {"2024-06-23T05:00", true}})
    BOOST_CHECK_MESSAGE(is_open(future(), utc(t)) == open, t);
}

BOOST_AUTO_TEST_CASE(a_day_starts_at_local_midnight) {
  BOOST_CHECK(trading_day_start(of("AAPL"), utc("2024-06-21T13:30")) == utc("2024-06-21T04:00"));
  BOOST_CHECK(trading_day_start(of("AAPL"), utc("2024-06-22T00:30")) == utc("2024-06-21T04:00"));  // after-hours
  BOOST_CHECK(trading_day_start(of("AAPL"), utc("2024-01-16T05:00")) == utc("2024-01-16T05:00"));
  BOOST_CHECK(trading_day_start(of("AAPL"), utc("2024-01-16T04:59")) == utc("2024-01-15T05:00"));
  BOOST_CHECK(trading_day_start(of("BTC-USD"), utc("2024-06-21T00:30")) == utc("2024-06-21T00:00"));
  BOOST_CHECK(trading_day_start(future(), utc("2024-06-21T05:00")) == utc("2024-06-21T05:00"));
  // Days of 23 and 25 hours.
  BOOST_CHECK(trading_day_start(of("EUR-USD"), utc("2024-03-11T03:59")) == utc("2024-03-10T05:00"));
  BOOST_CHECK(trading_day_start(of("EUR-USD"), utc("2024-11-04T04:59")) == utc("2024-11-03T04:00"));
}

BOOST_AUTO_TEST_CASE(bars_start_where_they_should) {
  const auto aapl = of("AAPL");
  const auto t = utc("2024-06-21T13:38") + 42s + 123456789ns;
  BOOST_CHECK(bar_start(Timeframe::s1, aapl, t) == utc("2024-06-21T13:38") + 42s);
  BOOST_CHECK(bar_start(Timeframe::m1, aapl, t) == utc("2024-06-21T13:38"));
  BOOST_CHECK(bar_start(Timeframe::m5, aapl, t) == utc("2024-06-21T13:35"));
  BOOST_CHECK(bar_start(Timeframe::m15, aapl, t) == utc("2024-06-21T13:30"));
  BOOST_CHECK(bar_start(Timeframe::h1, aapl, t) == utc("2024-06-21T13:00"));
  BOOST_CHECK(bar_start(Timeframe::d1, aapl, t) == utc("2024-06-21T04:00"));
  BOOST_CHECK(bar_start(Timeframe::w1, aapl, t) == utc("2024-06-17T04:00"));
  BOOST_CHECK(bar_start(Timeframe::w1, aapl, utc("2024-03-13T12:00")) == utc("2024-03-11T04:00"));
  BOOST_CHECK(bar_start(Timeframe::w1, of("EUR-USD"), utc("2024-03-13T12:00")) == utc("2024-03-10T05:00"));
  BOOST_CHECK(bar_start(Timeframe::w1, of("BTC-USD"), utc("2024-06-17T00:00")) == utc("2024-06-17T00:00"));
  // What lies on the boundary starts its own bar; before 1970 too.
  BOOST_CHECK(bar_start(Timeframe::m5, aapl, utc("2024-06-21T13:35")) == utc("2024-06-21T13:35"));
  BOOST_CHECK(bar_start(Timeframe::m1, aapl, Timestamp{-1ns}) == Timestamp{-60s});
}

BOOST_AUTO_TEST_CASE(a_window_answers_as_the_plain_functions_do) {
  std::mt19937_64 random{7};
  const auto first = unix_ns(utc("1990-01-01T00:00"));
  const auto last = unix_ns(utc("2035-12-31T00:00"));
  for (const auto& instrument : {of("AAPL"), of("BTC-USD"), of("EUR-USD"), future()}) {
    SessionWindow window{instrument};
    for (int i = 0; i < 300; ++i) {
      auto t = from_unix_ns(std::uniform_int_distribution<std::int64_t>{first, last}(random));
      for (int step = 0; step < 20; ++step, t += 97min) {  // forwards, over edges and midnights
        BOOST_REQUIRE_EQUAL(window.is_open(t), is_open(instrument, t));
        BOOST_REQUIRE(window.day_start(t) == trading_day_start(instrument, t));
        BOOST_REQUIRE(window.until(t) > t);
        BOOST_REQUIRE_EQUAL(window.is_open(window.until(t) - 1ns), is_open(instrument, t));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_recorded_schedule_of_the_nyse_agrees) {
  std::ifstream file{shared_folder() + "/data/calendar/xnys.csv"};
  if (!file) {
    BOOST_TEST_MESSAGE("SKIPPED: no recorded NYSE schedule below " << shared_folder()
                                                                   << " (TRADEBUS_SHARED names the folder)");
    return;
  }
  const auto aapl = of("AAPL");
  std::string line;
  std::getline(file, line);
  std::map<std::string, bool> sessions;
  while (std::getline(file, line)) {
    std::istringstream fields{line};
    std::string date, open, close;
    std::getline(std::getline(std::getline(fields, date, ','), open, ','), close, ',');
    sessions[date] = true;
    BOOST_CHECK_MESSAGE(!is_open(aapl, utc(open) - 1ns) && is_open(aapl, utc(open)) &&
                            is_open(aapl, utc(close) - 1ns) && !is_open(aapl, utc(close)),
                        line);
  }
  BOOST_REQUIRE(sessions.size() > 2000);
  for (auto day = Date::parse(sessions.begin()->first)->to_days();
       day <= Date::parse(sessions.rbegin()->first)->to_days(); day += days{1}) {
    const auto date = Date::from_days(day).to_string();
    if (sessions.contains(date)) continue;
    for (auto hour = 8h; hour < 24h; hour += 1h) BOOST_CHECK_MESSAGE(!is_open(aapl, day + hour), date);
  }
}
