// The venue's rules for history, on a clock of the test's.
#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "actors/providers/ibkr/history_pacer.hpp"

using namespace tradebus::ibkr::data;
using namespace std::chrono_literals;
using Time = HistoryPacer::Time;

namespace {
constexpr Time start{1h};

HistoryPacer::Ask small(HistoryPacer::Id id, const std::string& series, const std::string& identity,
                        std::size_t weight = 1) {
  return {id, series, series + identity, true, weight};
}
}  // namespace

BOOST_AUTO_TEST_SUITE(history_pacer)

BOOST_AUTO_TEST_CASE(equal_requests_are_fifteen_seconds_apart) {
  HistoryPacer pacer;
  BOOST_REQUIRE(pacer.add(small(1, "AAPL", "x")));
  BOOST_REQUIRE(pacer.add(small(2, "AAPL", "x")));
  BOOST_REQUIRE(pacer.add(small(3, "AAPL", "y")));
  BOOST_CHECK(pacer.next(start) == 1u);
  BOOST_CHECK(pacer.next(start) == 3u);  // nobody waits behind one that must wait
  BOOST_CHECK(!pacer.next(start + 14s));
  const auto at = pacer.next_time(start + 14s);
  BOOST_REQUIRE(at);
  BOOST_CHECK(*at >= start + 15s && *at <= start + 16s);
  BOOST_CHECK(pacer.next(*at) == 2u);
}

BOOST_AUTO_TEST_CASE(five_of_a_series_in_two_seconds) {
  HistoryPacer pacer;
  for (HistoryPacer::Id id = 1; id <= 7; ++id) BOOST_REQUIRE(pacer.add(small(id, "AAPL", std::to_string(id))));
  BOOST_REQUIRE(pacer.add(small(8, "MSFT", "x")));
  for (HistoryPacer::Id id = 1; id <= 5; ++id) BOOST_CHECK(pacer.next(start) == id);
  BOOST_CHECK(pacer.next(start) == 8u);
  BOOST_CHECK(!pacer.next(start + 2s));
  BOOST_CHECK(pacer.next(start + 3s) == 6u);
}

BOOST_AUTO_TEST_CASE(sixty_in_ten_minutes_and_bid_ask_is_two) {
  HistoryRules rules;
  rules.open_max = 1'000;
  HistoryPacer pacer{rules};
  for (HistoryPacer::Id id = 1; id <= 31; ++id)
    BOOST_REQUIRE(pacer.add(small(id, std::to_string(id), "", id == 31 ? 1 : 2)));
  for (HistoryPacer::Id id = 1; id <= 30; ++id) BOOST_CHECK(pacer.next(start) == id);
  BOOST_CHECK(!pacer.next(start + 10min));
  BOOST_CHECK(pacer.next(start + 10min + 2s) == 31u);
}

BOOST_AUTO_TEST_CASE(larger_bars_are_bounded_by_open_requests_alone) {
  HistoryRules rules;
  rules.open_max = 3;
  HistoryPacer pacer{rules};
  for (HistoryPacer::Id id = 1; id <= 5; ++id) BOOST_REQUIRE(pacer.add({id, "AAPL", "same", false, 1}));
  for (HistoryPacer::Id id = 1; id <= 3; ++id) BOOST_CHECK(pacer.next(start) == id);
  BOOST_CHECK(!pacer.next(start));
  BOOST_CHECK(!pacer.next_time(start));  // not before an answer
  pacer.finished();
  BOOST_CHECK(pacer.next(start) == 4u);
  pacer.remove(5);
  pacer.finished();
  BOOST_CHECK(!pacer.next(start) && pacer.waiting() == 0 && pacer.open() == 2);
}

BOOST_AUTO_TEST_CASE(a_violation_stops_all_and_a_new_link_forgets_no_request) {
  HistoryPacer pacer;
  BOOST_REQUIRE(pacer.add({1, "AAPL", "a", false, 1}));
  pacer.pause(start + 15s);
  BOOST_CHECK(!pacer.next(start + 14s));
  BOOST_CHECK(pacer.next(start + 15s) == 1u);
  BOOST_REQUIRE(pacer.add(small(2, "AAPL", "b")));
  BOOST_CHECK(pacer.next(start + 15s) == 2u);
  pacer.clear();
  BOOST_CHECK_EQUAL(pacer.open(), 0);
  BOOST_REQUIRE(pacer.add(small(3, "AAPL", "b")));
  BOOST_CHECK(!pacer.next(start + 16s));
  BOOST_CHECK(pacer.next(start + 31s) == 3u);
}

BOOST_AUTO_TEST_CASE(too_many_are_refused) {
  HistoryRules rules;
  rules.waiting_max = 2;
  HistoryPacer pacer{rules};
  BOOST_CHECK(pacer.add(small(1, "a", "")) && pacer.add(small(2, "b", "")) && !pacer.add(small(3, "c", "")));
}

// Whatever is asked and whenever: the venue's own bookkeeping, written apart, finds no violation; and all get their
// turn.
BOOST_AUTO_TEST_CASE(random_days) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    std::mt19937 random{seed};
    HistoryPacer pacer;
    struct Call {
      Time at;
      std::string series;
      std::string identity;
    };
    std::vector<Call> venue;
    std::map<HistoryPacer::Id, HistoryPacer::Ask> asked;
    HistoryPacer::Id last = 0;
    std::size_t open = 0;
    auto now = start;
    const auto step = [&] {
      while (const auto id = pacer.next(now)) {
        const auto ask = asked.at(*id);
        asked.erase(*id);
        BOOST_REQUIRE(++open <= HistoryRules{}.open_max);
        if (!ask.is_small) continue;
        std::size_t in_window = 0;
        std::size_t in_series = 0;
        for (const auto& call : venue) {
          in_window += now - call.at < 10min;
          in_series += call.series == ask.series && now - call.at < 2s;
          BOOST_REQUIRE(call.identity != ask.identity || now - call.at >= 15s);
        }
        BOOST_REQUIRE(in_window + ask.weight <= 60);
        BOOST_REQUIRE(in_series < 6);
        for (std::size_t i = 0; i < ask.weight; ++i) venue.push_back({now, ask.series, ask.identity});
      }
    };
    for (int i = 0; i < 400; ++i) {
      HistoryPacer::Ask ask = small(++last, std::to_string(random() % 3), std::to_string(random() % 20));
      ask.is_small = random() % 4 != 0;
      asked[last] = ask;
      BOOST_REQUIRE(pacer.add(ask));
      now += std::chrono::milliseconds{random() % 4'000};
      step();
      while (open > 0 && random() % 3 != 0) {
        pacer.finished();
        --open;
      }
    }
    for (; open > 0; --open) pacer.finished();
    for (int i = 0; i < 10'000 && pacer.waiting() > 0; ++i) {
      const auto at = pacer.next_time(now);
      BOOST_REQUIRE(at && *at >= now);
      now = *at;
      const auto before = pacer.waiting();
      step();
      BOOST_REQUIRE(pacer.waiting() < before);  // next_time() promised one
      for (; open > 0; --open) pacer.finished();
    }
    BOOST_CHECK_EQUAL(pacer.waiting(), 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
