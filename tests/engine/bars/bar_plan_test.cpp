#include "engine/bars/bar_plan.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using namespace tradebus;

namespace {

constexpr Timestamp at(std::int64_t minute) { return from_unix_ns(minute * 60'000'000'000); }
HistoricalBar bar(std::int64_t minute, std::int32_t price = 10) {
  HistoricalBar out;
  out.symbol = Symbol{"AAPL"};
  out.ts = at(minute);
  out.open = out.high = out.low = out.close = Price::from_int(price);
  return out;
}
std::vector<HistoricalBar> bars(std::int64_t from, std::int64_t to, std::int32_t price = 10) {
  std::vector<HistoricalBar> out;
  for (; from < to; ++from) out.push_back(bar(from, price));
  return out;
}
BarPlan::Question question(std::int64_t from, std::int64_t to, std::uint32_t limit = 1'000) {
  return {{at(from), at(to)}, limit, 1'000};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bar_plan)

BOOST_AUTO_TEST_CASE(nothing_kept_is_one_call_for_all) {
  BarPlan plan{question(0, 10)};
  const auto call = plan.next();
  BOOST_REQUIRE(call);
  BOOST_CHECK((call->range == TimeRange{at(0), at(10)}));
  BOOST_CHECK_EQUAL(call->limit, 1'000U);
  const auto learned = plan.add(*call, bars(0, 10));
  BOOST_REQUIRE(learned);
  BOOST_CHECK((learned->range == TimeRange{at(0), at(10)}));
  BOOST_CHECK(!learned->cut);
  BOOST_CHECK(!plan.next());
  BOOST_CHECK(!plan.next_start());
  BOOST_CHECK_EQUAL(plan.take().size(), 10U);
}

BOOST_AUTO_TEST_CASE(only_what_is_missing_is_asked_for) {
  BarPlan plan{question(0, 40)};
  auto kept = bars(5, 10);
  const auto later = bars(20, 30);
  kept.insert(kept.end(), later.begin(), later.end());
  plan.add_kept({kept, {{at(5), at(10)}, {at(20), at(30)}}, false});
  std::vector<TimeRange> asked;
  while (const auto call = plan.next()) {
    asked.push_back(call->range);
    const auto from = unix_ns(call->range.begin) / 60'000'000'000;
    BOOST_REQUIRE(plan.add(*call, bars(from, unix_ns(call->range.end) / 60'000'000'000)));
  }
  BOOST_CHECK((asked == std::vector<TimeRange>{{at(0), at(5)}, {at(10), at(20)}, {at(30), at(40)}}));
  BOOST_CHECK((plan.take() == bars(0, 40)));
}

BOOST_AUTO_TEST_CASE(all_kept_makes_no_call_and_known_holes_stay_empty) {
  BarPlan plan{question(0, 20)};
  plan.add_kept({bars(0, 5), {{at(0), at(20)}}, false});
  BOOST_CHECK(!plan.next());
  BOOST_CHECK(!plan.next_start());
  BOOST_CHECK((plan.take() == bars(0, 5)));
}

BOOST_AUTO_TEST_CASE(the_limit_ends_it_with_a_next_start) {
  BarPlan plan{question(0, 100, 8)};
  plan.add_kept({bars(0, 5), {{at(0), at(5)}}, false});
  const auto call = plan.next();
  BOOST_REQUIRE(call);
  BOOST_CHECK_EQUAL(call->limit, 3U);
  const auto learned = plan.add(*call, bars(5, 8));
  BOOST_REQUIRE(learned);
  BOOST_CHECK(learned->cut);
  BOOST_CHECK((learned->range == TimeRange{at(5), at(7) + std::chrono::nanoseconds{1}}));
  BOOST_CHECK(!plan.next());
  BOOST_CHECK(plan.next_start() == at(7) + std::chrono::nanoseconds{1});
}

BOOST_AUTO_TEST_CASE(what_is_kept_beyond_a_cut_is_for_the_next_page) {
  BarPlan plan{question(0, 100, 50)};
  plan.add_kept({bars(0, 20), {{at(0), at(19) + std::chrono::nanoseconds{1}}}, true});
  BOOST_CHECK(!plan.next());
  BOOST_CHECK(plan.next_start() == at(19) + std::chrono::nanoseconds{1});
}

BOOST_AUTO_TEST_CASE(a_filter_is_applied_to_both_and_goes_on_until_the_limit) {
  auto asked = question(0, 100, 6);
  asked.page = 10;
  asked.wanted = [](Timestamp t) { return (unix_ns(t) / 60'000'000'000) % 5 == 0; };
  BarPlan plan{asked};
  plan.add_kept({bars(0, 10), {{at(0), at(10)}}, false});
  std::size_t calls = 0;
  while (const auto call = plan.next()) {
    const auto from = (unix_ns(call->range.begin) + 59'999'999'999) / 60'000'000'000;
    BOOST_CHECK_EQUAL(call->limit, 10U);
    BOOST_REQUIRE(plan.add(*call, bars(from, from + 10)));
    ++calls;
  }
  BOOST_CHECK_EQUAL(calls, 2U);
  const auto start = plan.next_start();
  const auto out = plan.take();
  BOOST_REQUIRE_EQUAL(out.size(), 6U);
  BOOST_CHECK(out.back().ts == at(25));
  BOOST_CHECK(start == at(25) + std::chrono::nanoseconds{1});
}

BOOST_AUTO_TEST_CASE(garbage_is_refused) {
  for (const auto& answer : {bars(5, 12), std::vector{bar(3), bar(2)}, std::vector{bar(2), bar(2)}, bars(-3, 2)}) {
    BarPlan plan{question(0, 10)};
    const auto call = plan.next();
    const auto learned = plan.add(*call, answer);
    BOOST_REQUIRE(!learned);
    BOOST_CHECK(learned.error().code == Errc::provider_unavailable);
  }
  auto small = question(0, 10, 3);
  BarPlan plan{small};
  const auto call = plan.next();
  BOOST_CHECK(!plan.add(*call, bars(0, 4)));  // more than was asked for
}

BOOST_AUTO_TEST_CASE(adjusted_bars_are_compared_where_they_meet) {
  auto asked = question(0, 20);
  asked.compare_seams = true;
  {
    BarPlan plan{asked};
    plan.add_kept({bars(0, 10), {{at(0), at(10)}}, false});
    const auto call = plan.next();
    BOOST_REQUIRE(call);
    BOOST_CHECK((call->range == TimeRange{at(9), at(20)}));  // the last kept one again
    const auto learned = plan.add(*call, bars(9, 20));
    BOOST_REQUIRE(learned);
    BOOST_CHECK(!learned->readjusted);
    BOOST_CHECK((learned->range == TimeRange{at(10), at(20)}));
    BOOST_CHECK((plan.take() == bars(0, 20)));
  }
  {
    BarPlan plan{asked};
    plan.add_kept({bars(0, 10, 40), {{at(0), at(10)}}, false});
    auto call = plan.next();
    const auto learned = plan.add(*call, bars(9, 20, 10));  // a split, four for one
    BOOST_REQUIRE(learned);
    BOOST_CHECK(learned->readjusted);
    call = plan.next();
    BOOST_REQUIRE(call);
    BOOST_CHECK((call->range == TimeRange{at(0), at(20)}));
    BOOST_REQUIRE(plan.add(*call, bars(0, 20, 10)));
    BOOST_CHECK((plan.take() == bars(0, 20, 10)));
  }
}

// Whatever is kept, whatever the limits: the pages together are the source's bars, and nothing known is asked for.
BOOST_AUTO_TEST_CASE(pages_together_are_all_there_is) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>{low, high}(random); };
    std::vector<HistoricalBar> source;
    for (int i = 0; i < 200; ++i)
      if (pick(0, 3) != 0) source.push_back(bar(i));
    const auto in_range = [&](const TimeRange& range, std::size_t limit) {
      std::vector<HistoricalBar> out;
      for (const auto& each : source)
        if (each.ts >= range.begin && each.ts < range.end && out.size() < limit) out.push_back(each);
      return out;
    };
    TimeRanges known;
    for (int i = pick(0, 5); i > 0; --i) {
      const auto from = pick(0, 199);
      known.add({at(from), at(from + pick(1, 40))});
    }
    const bool seams = pick(0, 1) == 1;
    const bool filter = pick(0, 1) == 1;
    const auto wanted = [](Timestamp t) { return (unix_ns(t) / 60'000'000'000) % 3 != 1; };
    std::vector<HistoricalBar> got;
    std::optional<Timestamp> start = at(0);
    for (int pages = 0; start; ++pages) {
      BOOST_REQUIRE_LT(pages, 400);
      BarPlan::Question asked{{*start, at(200)}, static_cast<std::uint32_t>(pick(1, 60)), 60, seams};
      if (filter) asked.wanted = wanted;
      BarPlan plan{asked};
      KnownBars kept;
      const auto limit = static_cast<std::size_t>(pick(1, 80));
      for (const auto& each : known.all()) {
        const auto part = intersection(each, asked.range);
        if (part.empty()) continue;
        kept.known.push_back(part);
        const auto found = in_range(part, 1'000);
        kept.bars.insert(kept.bars.end(), found.begin(), found.end());
      }
      if (kept.bars.size() > limit) {
        kept.cut = true;
        kept.bars.resize(limit);
        const auto end = kept.bars.back().ts + std::chrono::nanoseconds{1};
        for (auto& each : kept.known) each.end = std::min(each.end, end);
        std::erase_if(kept.known, [](const TimeRange& each) { return each.empty(); });
      }
      plan.add_kept(kept);
      while (const auto call = plan.next()) {
        if (!seams) BOOST_REQUIRE(known.at(call->range.begin).empty() || kept.cut);
        const auto learned = plan.add(*call, in_range(call->range, call->limit));
        BOOST_REQUIRE(learned && !learned->readjusted);
        known.add(learned->range);
      }
      start = plan.next_start();
      for (auto& each : plan.take()) got.push_back(std::move(each));
    }
    std::vector<HistoricalBar> expected;
    for (const auto& each : source)
      if (!filter || wanted(each.ts)) expected.push_back(each);
    BOOST_REQUIRE_EQUAL(got.size(), expected.size());
    BOOST_REQUIRE(got == expected);
  }
}

BOOST_AUTO_TEST_SUITE_END()
