// The week of Thanksgiving 2026 at the New York Stock Exchange, on a simulated clock: what the cache asks its source,
// and when it asks again. What was observed is the table in docs/cache.md; to write it anew:
//   TRADEBUS_WRITE_DOCS=1 build/tests/memory_cache_test --run_test=week
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "actors/cache/memory/memory.hpp"
#include "tests/actors/cache/cache_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

// New York's local time (UTC-5); day: of November.
Timestamp local(int day, int hour, int minute, int second = 0) {
  using namespace std::chrono;
  return sys_days{year{2026} / 11 / day} + 5h + hours{hour} + minutes{minute} + seconds{second};
}

std::string text_of(std::chrono::nanoseconds ttl) {
  const auto s = ttl / 1s;
  if (s < 60) return std::to_string(s) + " s";
  if (s < 3'600) return std::to_string(s / 60) + " min" + (s % 60 != 0 ? " " + std::to_string(s % 60) : "");
  return std::to_string(s / 3'600) + " h" + (s % 3'600 != 0 ? " " + std::to_string(s % 3'600 / 60) : "");
}

struct Moment {
  Timestamp at;
  const char* text;
};

struct WeekFixture : CacheFixture {
  WeekFixture() {
    clock = Clock{local(23, 2, 59)};  // a Monday
    script->bars = [this](const GetHistoricalData& m) { return source(m); };
    CacheRegistry registry;
    memory::register_in(registry);
    start(registry, "memory");
  }
  // A bar for every minute in which the exchange did something.
  std::vector<HistoricalBar> source(const GetHistoricalData& m) const {
    const auto& calendar = *Calendars::shipped()->find("XNYS");
    std::vector<HistoricalBar> out;
    for (auto t = m.start; t < m.end && t + 1min <= clock.now() && out.size() < m.limit; t += 1min) {
      if (calendar.phase_at(t) == Phase::closed) continue;
      HistoricalBar bar;
      bar.symbol = m.symbol;
      bar.ts = t;
      bar.open = bar.high = bar.low = bar.close = Price::from_int(100);
      out.push_back(bar);
    }
    return out;
  }

  // ---- one question, asked at different times --------------------------------------------------------------------
  using Question = std::function<bool()>;  // false: it was refused
  template <class Query>
  Question question(Query query) {
    return [this, query] { return get(query).has_value(); };
  }
  std::int64_t calls_for(const Question& asked) {
    const auto before = script->calls;
    BOOST_CHECK(asked());
    return script->calls - before;
  }
  void later(Timestamp at, std::function<void()> what) {
    if (at < over) agenda.emplace(at, std::move(what));
  }
  // Asks now, asks again just before the answer's end, and at it: one call, none, one.
  void watch(const std::string& what, const Question& asked, std::chrono::nanoseconds ttl) {
    const auto at = clock.now();
    BOOST_TEST_CONTEXT(what << " of " << to_iso8601(at) << ", ttl " << text_of(ttl)) {
      BOOST_CHECK_EQUAL(calls_for(asked), 1);
      BOOST_CHECK_EQUAL(calls_for(asked), 0);
    }
    const auto check = [this, what, asked, at](std::int64_t calls) {
      return [this, what, asked, at, calls] {
        BOOST_TEST_CONTEXT(what << " of " << to_iso8601(at) << ", asked again at " << to_iso8601(clock.now()))
        BOOST_CHECK_EQUAL(calls_for(asked), calls);
      };
    };
    later(at + ttl - 1ns, check(0));
    later(at + ttl, check(1));
  }
  void run_until(Timestamp end) {
    while (!agenda.empty() && agenda.begin()->first <= end) {
      auto next = agenda.extract(agenda.begin());
      clock.advance_to(next.key());
      next.mapped()();
    }
    clock.advance_to(end);
  }

  // Asks for everything at this moment, about symbols that nobody has asked for, and says what it observed.
  std::string observe(const Moment& moment) {
    const auto number = std::to_string(++rows);
    const Symbol symbol{"S" + number};
    const auto ttl = [&](const char* kind) { return std::chrono::milliseconds{stats(kind).ttl_ms}; };
    const auto midnight = Timestamp{std::chrono::floor<std::chrono::days>(clock.now() - 5h) + 5h};
    auto today = bars(Timeframe::m1, midnight, clock.now() + 1min);
    today.symbol = symbol;
    auto past = bars(Timeframe::m1, local(20, 0, 0), local(21, 0, 0));  // Friday
    past.symbol = symbol;
    watch("snapshot", question(GetDailySnapshot{symbol}), ttl("snapshots"));
    watch("chain", question(GetOptionChain{symbol, {}, {}, {}, {}, 1'000}), ttl("chains"));
    watch("news", question(GetNews{symbol, 20, {}}), ttl("news"));
    watch("market news", question(GetMarketNews{static_cast<std::uint32_t>(rows), {}}), ttl("news"));
    watch("bars of today", question(today), ttl("bars"));
    watch("details", question(GetTickerDetails{symbol}), ttl("details"));
    watch("search", question(SearchSymbols{"S" + number, 20}), ttl("search"));
    BOOST_CHECK_EQUAL(calls_for(question(past)), 1);
    for_good.push_back(question(past));
    // A coin's market knows no hours.
    watch("snapshot of a coin", question(GetDailySnapshot{Symbol{"C" + number + "-USD"}}), 1s);
    BOOST_CHECK(ttl("details") == ttl("search"));
    return std::string{"| "} + moment.text + " | " + text_of(ttl("quotes")) + " | " + text_of(ttl("snapshots")) +
           " | " + text_of(ttl("chains")) + " | " + text_of(ttl("news")) + " | " + text_of(ttl("bars")) + " | " +
           text_of(ttl("details")) + " |\n";
  }

  const Timestamp over = local(30, 12, 0);
  std::multimap<Timestamp, std::function<void()>> agenda;
  std::vector<Question> for_good;
  int rows = 0;
};

constexpr std::string_view head =
    "| New York, November 2026 | quotes | snapshots | chains | news | bars of today | details, search |\n"
    "|---|---|---|---|---|---|---|\n";

// Where the table stands in a page: from its head to the first line that is none of it.
std::pair<std::size_t, std::size_t> place_of_table(const std::string& page) {
  const auto begin = page.find(head.substr(0, 26));
  BOOST_REQUIRE_MESSAGE(begin != std::string::npos, "docs/cache.md has no table of the week");
  auto end = begin;
  while (end < page.size() && page[end] == '|') end = std::min(page.find('\n', end), page.size() - 1) + 1;
  return {begin, end};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(week, WeekFixture)

BOOST_AUTO_TEST_CASE(of_thanksgiving) {
  const std::initializer_list<Moment> moments{
      {local(23, 3, 0), "Mon 23, 03:00: closed"},
      {local(23, 3, 45), "Mon 23, 03:45: soon open"},
      {local(23, 4, 0), "Mon 23, 04:00: pre-market"},
      {local(23, 9, 29), "Mon 23, 09:29: its last minute"},
      {local(23, 9, 30), "Mon 23, 09:30: open"},
      {local(23, 12, 0, 20), "Mon 23, 12:00:20: mid-session"},
      {local(23, 15, 59), "Mon 23, 15:59: the last minute"},
      {local(23, 16, 0), "Mon 23, 16:00: after-hours"},
      {local(23, 20, 0), "Mon 23, 20:00: closed"},
      {local(23, 20, 15), "Mon 23, 20:15: the day's bars have settled"},
      {local(24, 1, 0), "Tue 24, 01:00: night"},
      {local(25, 16, 0), "Wed 25, 16:00: after-hours"},
      {local(25, 21, 0), "Wed 25, 21:00: before the holiday"},
      {local(26, 12, 0), "Thu 26, 12:00: Thanksgiving"},
      {local(27, 3, 59), "Fri 27, 03:59: soon open"},
      {local(27, 9, 30), "Fri 27, 09:30: open"},
      {local(27, 12, 59), "Fri 27, 12:59: the last minute before the early close"},
      {local(27, 13, 0), "Fri 27, 13:00: after-hours of the early close"},
      {local(27, 17, 0), "Fri 27, 17:00: closed"},
      {local(27, 17, 15), "Fri 27, 17:15: the day's bars have settled"},
      {local(28, 12, 0), "Sat 28, 12:00: weekend"},
      {local(29, 23, 0), "Sun 29, 23:00"},
      {local(30, 4, 0), "Mon 30, 04:00: pre-market"},
      {local(30, 9, 30), "Mon 30, 09:30: open"},
  };
  std::string table{head};
  for (const auto& moment : moments) {
    run_until(moment.at);
    table += observe(moment);
  }
  run_until(over);
  BOOST_CHECK(agenda.empty());
  // Past days were never asked for again.
  for (const auto& past : for_good) BOOST_CHECK_EQUAL(calls_for(past), 0);

  const std::string path = std::string{TRADEBUS_SOURCE_DIR} + "/docs/cache.md";
  std::stringstream text;
  text << std::ifstream{path}.rdbuf();
  auto page = text.str();
  const auto [begin, end] = place_of_table(page);
  if (std::getenv("TRADEBUS_WRITE_DOCS") != nullptr) {
    std::ofstream{path} << page.replace(begin, end - begin, table);
    BOOST_TEST_MESSAGE("written: " << path);
    return;
  }
  BOOST_CHECK_MESSAGE(page.substr(begin, end - begin) == table,
                      "docs/cache.md does not say what was observed; TRADEBUS_WRITE_DOCS=1 writes it:\n" + table);
}

BOOST_AUTO_TEST_SUITE_END()
