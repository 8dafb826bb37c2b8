#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "actors/providers/sim/live.hpp"
#include "actors/providers/sim/pacer.hpp"
#include "actors/providers/sim/turns.hpp"

using namespace tradebus;
using namespace tradebus::sim;
using namespace std::chrono_literals;

namespace {

const Universe& universe() {
  static const Universe all = *Universe::make(7, {});
  return all;
}
Profile profile(const char* symbol) { return *universe().find(Symbol{symbol}); }

// What an event says, without its time and its ref.
struct Said {
  StreamKind kind;
  std::int64_t first, second;
  friend bool operator==(const Said&, const Said&) = default;
};
Said said(const MarketEvent& e) { return {e.kind, e.price[0].raw(), e.price[1].raw()}; }

std::vector<Said> of(LiveMarket& live, TopicRef ref, std::size_t count, std::int64_t now = 1'000) {
  std::vector<Said> out;
  while (out.size() < count)
    live.generate(1, now, [&](const MarketEvent& e) {
      if (e.ref == ref) out.push_back(said(e));
    });
  return out;
}

}  // namespace

// ---- the walk ------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_symbols_quotes_are_the_same_whatever_else_is_open) {
  LiveMarket alone;
  BOOST_REQUIRE(alone.open(1, StreamKind::quote, profile("AAPL")));
  LiveMarket busy;
  BOOST_REQUIRE(busy.open(9, StreamKind::trade, profile("MSFT")));
  BOOST_REQUIRE(busy.open(1, StreamKind::quote, profile("AAPL")));
  BOOST_REQUIRE(busy.open(5, StreamKind::quote, profile("BTC-USD")));
  BOOST_REQUIRE(busy.open(2, StreamKind::trade, profile("AAPL")));
  BOOST_CHECK(of(alone, 1, 500) == of(busy, 1, 500, 77));
}

BOOST_AUTO_TEST_CASE(trades_are_the_same_with_and_without_quotes_and_happen_at_a_side) {
  LiveMarket trades;
  BOOST_REQUIRE(trades.open(2, StreamKind::trade, profile("AAPL")));
  LiveMarket both;
  BOOST_REQUIRE(both.open(1, StreamKind::quote, profile("AAPL")));
  BOOST_REQUIRE(both.open(2, StreamKind::trade, profile("AAPL")));
  std::vector<Said> seen;
  Said last_quote{};
  std::size_t quotes = 0;
  both.generate(2'000, 1, [&](const MarketEvent& e) {
    if (e.kind == StreamKind::quote) {
      last_quote = said(e);
      ++quotes;
      return;
    }
    seen.push_back(said(e));
    BOOST_CHECK(e.price[0].raw() == last_quote.first || e.price[0].raw() == last_quote.second);
  });
  BOOST_CHECK_EQUAL(quotes, 1'500);
  BOOST_CHECK(of(trades, 2, seen.size()) == seen);
}

BOOST_AUTO_TEST_CASE(another_seed_or_symbol_is_another_market) {
  LiveMarket a;
  LiveMarket b;
  LiveMarket c;
  BOOST_REQUIRE(a.open(1, StreamKind::quote, profile("AAPL")));
  BOOST_REQUIRE(b.open(1, StreamKind::quote, profile("AAPX")));
  BOOST_REQUIRE(c.open(1, StreamKind::quote, *Universe::make(8, {})->find(Symbol{"AAPL"})));
  const auto first = of(a, 1, 50);
  BOOST_CHECK(first != of(b, 1, 50));
  BOOST_CHECK(first != of(c, 1, 50));
}

BOOST_AUTO_TEST_CASE(prices_stay_sound_over_a_long_run) {
  LiveMarket live;
  TopicRef ref = 0;
  for (const char* symbol : {"AAPL", "BRK.B", "T", "BTC-USD", "EUR-USD", "USD-JPY", "NOBODY", "DOGE-USD", "CHF-JPY"}) {
    BOOST_REQUIRE(live.open(ref++, StreamKind::quote, profile(symbol)));
    BOOST_REQUIRE(live.open(ref++, StreamKind::trade, profile(symbol)));
  }
  std::vector<std::int64_t> last(ref / 2, 0);
  std::size_t bad = 0;
  live.generate(900'000, 5'000, [&](const MarketEvent& e) {
    const bool quote = e.kind == StreamKind::quote;
    bad += !e.price[0].is_positive() || !e.qty[0].is_positive();
    bad += quote && (e.price[0] >= e.price[1] || !e.qty[1].is_positive());
    bad += unix_ns(e.ts) <= last[e.ref / 2] || e.rx != e.ts || e.quality != Quality::simulated;
    last[e.ref / 2] = unix_ns(e.ts);
  });
  BOOST_CHECK_EQUAL(bad, 0);
  const double apple = live.mid(Symbol{"AAPL"})->to_double();
  BOOST_CHECK_MESSAGE(apple > 200 && apple < 220, "after 100 000 events AAPL stands at " << apple);
  BOOST_CHECK_EQUAL(profile("T").price(1).raw() % 10'000'000, 0);  // cents
}

// ---- topics --------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_symbol_goes_on_where_it_stopped) {
  LiveMarket straight;
  BOOST_REQUIRE(straight.open(1, StreamKind::quote, profile("AAPL")));
  const auto all = of(straight, 1, 200);

  LiveMarket broken;
  BOOST_REQUIRE(broken.open(1, StreamKind::quote, profile("AAPL")));
  auto seen = of(broken, 1, 100);
  BOOST_CHECK(broken.close(1));
  BOOST_CHECK(!broken.close(1));
  BOOST_CHECK_EQUAL(broken.topics(), 0);
  BOOST_CHECK(!broken.mid(Symbol{"AAPL"}));
  BOOST_REQUIRE(broken.open(4, StreamKind::quote, profile("AAPL")));
  for (const auto& s : of(broken, 4, 100)) seen.push_back(s);
  BOOST_CHECK(seen == all);
}

BOOST_AUTO_TEST_CASE(turns_go_round_evenly) {
  LiveMarket live;
  for (TopicRef ref = 0; ref < 10; ++ref)
    BOOST_REQUIRE(live.open(ref, StreamKind::quote, profile(("S" + std::to_string(ref)).c_str())));
  std::vector<int> count(10, 0);
  live.generate(1'000, 1, [&](const MarketEvent& e) { ++count[e.ref]; });
  for (const int n : count) BOOST_CHECK_EQUAL(n, 100);
  live.close(3);
  live.generate(900, 1, [&](const MarketEvent& e) { ++count[e.ref]; });
  BOOST_CHECK_EQUAL(count[3], 100);
  BOOST_CHECK_EQUAL(count[9], 200);
}

BOOST_AUTO_TEST_CASE(a_topic_opened_again_gets_the_new_ref_and_a_ref_has_one_topic) {
  LiveMarket live;
  BOOST_REQUIRE(live.open(1, StreamKind::quote, profile("AAPL")));
  BOOST_REQUIRE(live.open(2, StreamKind::quote, profile("AAPL")));
  BOOST_CHECK_EQUAL(live.topics(), 1);
  live.generate(10, 1, [](const MarketEvent& e) { BOOST_CHECK_EQUAL(e.ref, 2); });
  BOOST_CHECK(!live.close(1));
  BOOST_REQUIRE(live.open(2, StreamKind::trade, profile("MSFT")));
  BOOST_CHECK_EQUAL(live.topics(), 1);
  live.generate(10, 1, [](const MarketEvent& e) { BOOST_CHECK(e.kind == StreamKind::trade); });
}

BOOST_AUTO_TEST_CASE(parked_symbols_are_bounded_and_refs_too) {
  LiveMarket live;
  for (std::size_t i = 0; i < LiveMarket::parked_max + 100; ++i) {
    BOOST_REQUIRE(live.open(1, StreamKind::quote, profile(("P" + std::to_string(i)).c_str())));
    live.close(1);
  }
  BOOST_CHECK_EQUAL(live.parked(), LiveMarket::parked_max);
  const auto refused = live.open(LiveMarket::ref_end, StreamKind::quote, profile("AAPL"));
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == Errc::overloaded);
}

// ---- pace ----------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_pacer_carries_fractions_and_skips_what_piled_up) {
  Pacer pacer{100ms};
  Pacer::TimePoint now{};
  pacer.start(now);
  std::uint64_t total = 0;
  for (int i = 0; i < 1'000; ++i) {
    now += 1ms;
    const auto due = pacer.due(now, 333);
    pacer.took(due);
    total += due;
  }
  BOOST_CHECK_EQUAL(total, 333);
  BOOST_CHECK_EQUAL(pacer.skipped(), 0);
  now += 10s;
  const auto due = pacer.due(now, 1'000);
  BOOST_CHECK_EQUAL(due, 100);
  BOOST_CHECK_EQUAL(pacer.skipped(), 9'900);
  pacer.took(40);
  BOOST_CHECK_EQUAL(pacer.due(now, 1'000), 60);
}

BOOST_AUTO_TEST_CASE(a_slow_rate_loses_nothing) {
  Pacer pacer{100ms};
  Pacer::TimePoint now{};
  pacer.start(now);
  std::uint64_t total = 0;
  for (int i = 0; i < 1'000; ++i) {
    now += 50ms;
    const auto due = pacer.due(now, 0.5);
    pacer.took(due);
    total += due;
  }
  BOOST_CHECK_EQUAL(total, 25);
  BOOST_CHECK_EQUAL(pacer.skipped(), 0);
}

BOOST_AUTO_TEST_CASE(each_topic_has_one_turn_a_period_and_a_new_one_at_once) {
  Turns<int> turns{1s};
  Pacer::TimePoint now{};
  std::vector<int> count(3, 0);
  const auto turn = [&](TopicRef, const int& i) { ++count[static_cast<std::size_t>(i)]; };
  for (TopicRef ref = 0; ref < 3; ++ref) turns.open(ref, static_cast<int>(ref), now);
  turns.take(now, 100, turn);
  for (const int n : count) BOOST_CHECK_EQUAL(n, 1);
  for (int i = 0; i < 10; ++i) turns.take(now += 1s, 100, turn);
  for (const int n : count) BOOST_CHECK_EQUAL(n, 11);
}

BOOST_AUTO_TEST_CASE(closed_topics_leave_no_turns_behind) {
  Turns<int> turns{1s};
  Pacer::TimePoint now{};
  turns.open(0, 0, now);
  int zero = 0;
  int others = 0;
  for (int i = 0; i < 10'000; ++i) {
    turns.open(1, 1, now);
    BOOST_CHECK(turns.close(1));
  }
  BOOST_CHECK(!turns.close(1));
  for (int i = 0; i < 10; ++i) turns.take(now += 1s, 100, [&](TopicRef, const int& t) { ++(t == 0 ? zero : others); });
  BOOST_CHECK_GE(zero, 10);
  BOOST_CHECK_EQUAL(others, 0);
  BOOST_CHECK(turns.close(0));
  BOOST_CHECK(!turns.take(now += 1s, 100, [&](TopicRef, const int&) { ++others; }));
  BOOST_CHECK_EQUAL(others, 0);
}
