// Bars that are kept on disk: what is asked of the source, and what is not.
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include "actors/cache/memory/memory.hpp"
#include "tests/actors/cache/cache_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// A source with a bar for every minute of the regular session; 2024-06-19 was a holiday.
constexpr Timestamp monday = from_unix_ns(1'718'596'800'000'000'000);  // 2024-06-17, midnight in New York

struct BarsFixture : CacheFixture {
  BarsFixture() {
    path =
        fs::temp_directory_path() / ("tradebus-cache-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    fs::remove_all(path);
    fs::create_directory(path);
    script->capabilities.history = "1";
    script->bars = [this](const GetHistoricalData& m) { return source(m); };
  }
  ~BarsFixture() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }

  std::vector<HistoricalBar> source(const GetHistoricalData& m) const {
    const auto& calendar = memory::calendar_of(ttl, m.symbol);
    std::vector<HistoricalBar> out;
    for (auto t = std::chrono::ceil<std::chrono::minutes>(m.start); t < m.end && out.size() < m.limit; t += 1min) {
      if (t >= std::chrono::floor<std::chrono::minutes>(clock.now()) || calendar.phase_at(t) != Phase::regular)
        continue;
      HistoricalBar bar;
      bar.symbol = m.symbol;
      bar.ts = t;
      bar.open = bar.high = bar.low = bar.close = Price::from_int(m.adjusted ? price : 100);
      out.push_back(bar);
    }
    return out;
  }
  void start_cache(std::int64_t disk_mb = 16) {
    auto with = settings();
    with.set("bars_disk_mb", disk_mb);
    auto config = *memory::MemoryConfig::from(with);
    config.own_thread = false;
    auto where = context("memory", with, clock);
    where.data_dir = path;
    cache = keep(memory::spawn_memory_cache(sys, where, config));
    run();
    if (provider)
      set_provider("fake", provider, true);
    else
      provider = start_provider("fake", script, true);
  }
  void restart() {
    run();
    caf::anon_send_exit(cache, caf::exit_reason::kill);
    run();
    start_cache();
  }
  static GetHistoricalData minutes(Timestamp start, Timestamp end, bool adjusted = false) {
    auto out = bars(Timeframe::m1, start, end);
    out.limit = 5'000;
    out.adjusted = adjusted;
    return out;
  }
  // What the source was asked since the last time.
  std::vector<TimeRange> asked() {
    std::vector<TimeRange> out;
    for (const auto& each : std::exchange(script->bar_questions, {})) out.push_back({each.start, each.end});
    return out;
  }
  BarsDiskStats disk() { return ask<CacheStats>(cache, GetCacheStats{})->disk; }

  static inline int number = 0;
  fs::path path;
  memory::TtlConfig ttl;
  std::int32_t price = 100;
};
using Ranges = std::vector<TimeRange>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(bars_on_disk, BarsFixture)

BOOST_AUTO_TEST_CASE(what_is_past_is_never_asked_twice_also_after_a_crash) {
  start_cache();
  const auto query = minutes(monday, monday + 24h);
  const auto first = get(query);
  BOOST_REQUIRE(first);
  BOOST_CHECK(!first->cached);
  BOOST_CHECK_EQUAL(first->answer.bars.size(), 390U);
  BOOST_CHECK((asked() == Ranges{{monday, monday + 24h}}));
  for (int i = 0; i < 2; ++i) {
    restart();
    const auto again = get(query);
    BOOST_REQUIRE(again);
    BOOST_CHECK(again->cached);
    BOOST_CHECK(again->answer == first->answer);
    BOOST_CHECK(asked().empty());
    BOOST_CHECK_EQUAL(stats("bars").upstream_calls, 0);
    BOOST_CHECK_EQUAL(stats("bars").hits, 1);
    BOOST_CHECK_EQUAL(stats("bars").misses, 0);
  }
  BOOST_CHECK_EQUAL(disk().state, "up");
  BOOST_CHECK_EQUAL(disk().ranges, 1);
}

BOOST_AUTO_TEST_CASE(only_the_missing_ranges_are_asked_for) {
  start_cache();
  BOOST_REQUIRE(get(minutes(monday + 10h, monday + 11h)));
  BOOST_REQUIRE(get(minutes(monday + 13h, monday + 14h)));
  asked();
  const auto all = get(minutes(monday, monday + 24h));
  BOOST_REQUIRE(all);
  BOOST_CHECK(!all->cached);
  BOOST_CHECK(all->answer.bars == source(minutes(monday, monday + 24h)));
  BOOST_CHECK((asked() == Ranges{{monday, monday + 10h}, {monday + 11h, monday + 13h}, {monday + 14h, monday + 24h}}));
  // Today's part is asked for, the past is not; and it is all of one question.
  const auto open = get(minutes(monday, morning + 1h));
  BOOST_REQUIRE(open);
  BOOST_CHECK(open->answer.bars == source(minutes(monday, morning + 1h)));
  const auto from_then = asked();
  BOOST_REQUIRE_EQUAL(from_then.size(), 1U);
  BOOST_CHECK(from_then.front().begin == monday + 24h);
  pass(1min);
  BOOST_REQUIRE(get(minutes(monday, morning + 1h)));
  const auto today = asked();
  BOOST_REQUIRE_EQUAL(today.size(), 1U);
  BOOST_CHECK(today.front().begin == monday + 4 * 24h + 4h);  // from today's pre-market on
}

BOOST_AUTO_TEST_CASE(holidays_and_nights_are_remembered_as_empty) {
  start_cache();
  const auto holiday = minutes(monday + 48h, monday + 72h);
  BOOST_REQUIRE(get(holiday));
  BOOST_CHECK(get(holiday)->answer.bars.empty());
  restart();
  asked();
  BOOST_CHECK(get(holiday)->cached);
  BOOST_CHECK(asked().empty());
}

BOOST_AUTO_TEST_CASE(what_a_source_has_not_got_yet_is_asked_for_again) {
  start_cache();
  const auto thursday = minutes(monday + 72h, monday + 96h);
  script->bars = [](const GetHistoricalData&) { return std::vector<HistoricalBar>{}; };
  BOOST_REQUIRE(get(thursday));
  script->bars = [this](const GetHistoricalData& m) { return source(m); };
  pass(61s);
  asked();
  BOOST_CHECK_EQUAL(get(thursday)->answer.bars.size(), 390U);
  BOOST_CHECK_EQUAL(asked().size(), 1U);
}

BOOST_AUTO_TEST_CASE(adjusted_and_raw_and_histories_are_apart) {
  start_cache();
  price = 50;
  BOOST_REQUIRE(get(minutes(monday, monday + 24h)));
  const auto adjusted = get(minutes(monday, monday + 24h, true));
  BOOST_REQUIRE(adjusted);
  BOOST_CHECK(!adjusted->cached);
  BOOST_CHECK(adjusted->answer.bars.front().open == Price::from_int(50));
  restart();
  BOOST_CHECK(get(minutes(monday, monday + 24h))->answer.bars.front().open == Price::from_int(100));
  BOOST_CHECK(get(minutes(monday, monday + 24h, true))->answer.bars.front().open == Price::from_int(50));
  asked();
  script->capabilities.history = "another seed";
  restart();
  BOOST_REQUIRE(get(minutes(monday, monday + 24h)));
  BOOST_CHECK_EQUAL(asked().size(), 1U);
}

BOOST_AUTO_TEST_CASE(a_source_without_a_lasting_history_is_not_kept) {
  script->capabilities.history = "";
  start_cache();
  BOOST_REQUIRE(get(minutes(monday, monday + 24h)));
  restart();
  asked();
  BOOST_REQUIRE(get(minutes(monday, monday + 24h)));
  BOOST_CHECK_EQUAL(asked().size(), 1U);
}

BOOST_AUTO_TEST_CASE(a_split_that_is_told_forgets_the_adjusted_bars_alone) {
  start_cache();
  const auto raw = minutes(monday, monday + 24h);
  const auto adjusted = minutes(monday, monday + 24h, true);
  BOOST_REQUIRE(get(raw) && get(adjusted));
  price = 25;
  caf::anon_send(cache, CorporateAction{Symbol{"AAPL"}});
  caf::anon_send(cache, CorporateAction{Symbol{"IBM"}});
  asked();
  BOOST_CHECK(get(adjusted)->answer.bars.front().open == Price::from_int(25));
  BOOST_CHECK_EQUAL(asked().size(), 1U);
  BOOST_CHECK(get(raw)->cached);
  BOOST_CHECK(asked().empty());
}

// Sources adjust for splits alone.
BOOST_AUTO_TEST_CASE(a_dividend_that_is_told_forgets_nothing) {
  start_cache();
  const auto adjusted = minutes(monday, monday + 24h, true);
  BOOST_REQUIRE(get(adjusted));
  asked();
  CorporateAction dividend{Symbol{"AAPL"}};
  dividend.action = CorporateActionKind::dividend;
  caf::anon_send(cache, dividend);
  advance(200ms);
  BOOST_CHECK(get(adjusted)->cached);
  BOOST_CHECK(asked().empty());
}

BOOST_AUTO_TEST_CASE(many_splits_at_once_are_forgotten_together_and_without_a_question) {
  start_cache();
  BOOST_REQUIRE(get(minutes(monday, monday + 24h)) && get(minutes(monday, monday + 24h, true)));
  BOOST_CHECK_EQUAL(disk().ranges, 2);
  for (int i = 0; i < 3'000; ++i) caf::anon_send(cache, CorporateAction{Symbol{"S" + std::to_string(i)}});
  run();
  BOOST_CHECK_EQUAL(disk().ranges, 2);
  advance(200ms);
  BOOST_CHECK_EQUAL(disk().ranges, 1);  // so many that everything adjusted goes; what is raw stays
  BOOST_CHECK(get(minutes(monday, monday + 24h))->cached);
}

BOOST_AUTO_TEST_CASE(a_split_that_nobody_told_shows_where_bars_meet) {
  start_cache();
  BOOST_REQUIRE(get(minutes(monday, monday + 24h, true)));
  price = 25;
  asked();
  const auto both = get(minutes(monday, monday + 48h, true));
  BOOST_REQUIRE(both);
  BOOST_CHECK(both->answer.bars == source(minutes(monday, monday + 48h, true)));
  BOOST_CHECK((asked() == Ranges{{monday + 15h + 59min, monday + 48h}, {monday, monday + 48h}}));
  // And what was asked for before is not served from before.
  BOOST_CHECK(get(minutes(monday, monday + 24h, true))->answer.bars.front().open == Price::from_int(25));
}

BOOST_AUTO_TEST_CASE(a_limit_cuts_with_a_next_start_and_pages_join) {
  start_cache();
  auto query = minutes(monday, monday + 48h);
  query.limit = 100;
  std::vector<HistoricalBar> all;
  std::size_t pages = 0;
  for (std::optional<Timestamp> start = query.start; start; ++pages) {
    query.start = *start;
    const auto page = get(query);
    BOOST_REQUIRE(page);
    BOOST_CHECK_LE(page->answer.bars.size(), 100U);
    all.insert(all.end(), page->answer.bars.begin(), page->answer.bars.end());
    start = page->answer.next_start;
  }
  BOOST_CHECK_EQUAL(pages, 8U);
  BOOST_CHECK(all == source(minutes(monday, monday + 48h)));
  restart();
  asked();
  BOOST_CHECK(get(minutes(monday, monday + 48h))->answer.bars == all);
  BOOST_CHECK(asked().empty());
}

BOOST_AUTO_TEST_CASE(sessions_are_picked_from_one_history) {
  // Every minute of the day has a bar here.
  script->bars = [](const GetHistoricalData& m) {
    std::vector<HistoricalBar> out;
    for (auto t = m.start; t < m.end && out.size() < m.limit; t += 1min) {
      HistoricalBar bar;
      bar.symbol = m.symbol;
      bar.ts = t;
      out.push_back(bar);
    }
    return out;
  };
  start_cache();
  const auto count = [&](BarSession session) {
    auto query = minutes(monday, monday + 24h);
    query.session = session;
    const auto found = get(query);
    BOOST_REQUIRE(found);
    BOOST_CHECK(!found->answer.next_start);
    return found->answer.bars.size();
  };
  BOOST_CHECK_EQUAL(count(BarSession::all), 24U * 60);
  BOOST_CHECK_EQUAL(count(BarSession::regular), 390U);
  BOOST_CHECK_EQUAL(count(BarSession::extended), 16U * 60);
  BOOST_CHECK_EQUAL(asked().size(), 1U);
}

BOOST_AUTO_TEST_CASE(garbage_is_refused_and_not_kept) {
  start_cache();
  const auto query = minutes(monday, monday + 24h);
  using Bars = std::vector<HistoricalBar>;
  const std::map<std::string, std::function<void(Bars&)>> ways{
      {"out of order", [](Bars& b) { std::swap(b[3], b[4]); }},
      {"twice the same", [](Bars& b) { b[4] = b[3]; }},
      {"before the range", [](Bars& b) { b[0].ts = monday - 1min; }},
      {"at its end", [](Bars& b) { b.back().ts = monday + 24h; }},
      {"another symbol", [](Bars& b) { b[7].symbol = Symbol{"MSFT"}; }},
      {"a price below zero", [](Bars& b) { b[7].open = b[7].high = b[7].low = b[7].close = Price::from_int(-1); }},
      {"a high below the low", [](Bars& b) { b[7].high = Price::from_int(1); }},
      {"a volume below zero", [](Bars& b) { b[7].volume = Quantity::from_int(-5); }},
      {"more than were asked for", [](Bars& b) { b.resize(5'001, b.back()); }},
  };
  for (const auto& [what, spoil] : ways) {
    BOOST_TEST_CONTEXT(what) {
      script->bars = [this, spoil = spoil](const GetHistoricalData& m) {
        auto out = source(m);
        spoil(out);
        return out;
      };
      const auto garbage = get(query);
      BOOST_REQUIRE(!garbage);
      BOOST_CHECK(garbage.error().code == Errc::provider_unavailable);
      BOOST_CHECK(garbage.error().message.find("makes no sense") != std::string::npos);
      BOOST_CHECK_EQUAL(disk().ranges, 0);
      BOOST_CHECK_EQUAL(stats("bars").entries, 0);
    }
  }
  script->bars = [this](const GetHistoricalData& m) { return source(m); };
  BOOST_CHECK(get(query)->answer.bars == source(query));
}

BOOST_AUTO_TEST_CASE(what_the_disk_has_is_served_while_the_provider_is_down) {
  start_cache();
  const auto query = minutes(monday, monday + 24h);
  BOOST_REQUIRE(get(query));
  restart();
  set_provider("fake", {});
  BOOST_CHECK(get(query)->cached);
  BOOST_CHECK(get(minutes(monday, monday + 48h)).error().code == Errc::provider_unavailable);
}

BOOST_AUTO_TEST_CASE(clearing_forgets_the_disk_too) {
  start_cache();
  const auto query = minutes(monday, monday + 24h);
  BOOST_REQUIRE(get(query));
  BOOST_REQUIRE(ask<CacheStats>(cache, ClearCache{"news", {}}));
  BOOST_CHECK_EQUAL(disk().ranges, 1);
  BOOST_REQUIRE(ask<CacheStats>(cache, ClearCache{"bars", {}}));
  BOOST_CHECK_EQUAL(disk().ranges, 0);
  BOOST_CHECK(!get(query)->cached);
}

BOOST_AUTO_TEST_CASE(a_disk_that_fails_is_gone_without) {
  fs::create_directory(path / "bars.sqlite");  // nothing that could be opened
  start_cache();
  BOOST_CHECK_EQUAL(disk().state, "failed");
  BOOST_CHECK(disk().reason.find("bars.sqlite") != std::string::npos);
  const auto query = minutes(monday, monday + 24h);
  BOOST_CHECK_EQUAL(get(query)->answer.bars.size(), 390U);
  BOOST_CHECK(get(query)->cached);
}

BOOST_AUTO_TEST_CASE(without_room_on_disk_there_is_no_file) {
  start_cache(0);
  BOOST_REQUIRE(get(minutes(monday, monday + 24h)));
  BOOST_CHECK_EQUAL(disk().state, "off");
  BOOST_CHECK(fs::is_empty(path));
}

BOOST_AUTO_TEST_SUITE_END()
