#include "engine/bars/time_ranges.hpp"

#include <boost/test/unit_test.hpp>
#include <random>
#include <set>

using namespace tradebus;

namespace {
constexpr Timestamp at(std::int64_t t) { return from_unix_ns(t); }
using Ranges = std::vector<TimeRange>;
}  // namespace

BOOST_AUTO_TEST_SUITE(time_ranges)

BOOST_AUTO_TEST_CASE(what_touches_becomes_one) {
  TimeRanges ranges;
  ranges.add({at(10), at(20)});
  ranges.add({at(30), at(40)});
  ranges.add({at(5), at(5)});
  BOOST_CHECK((ranges.all() == Ranges{{at(10), at(20)}, {at(30), at(40)}}));
  ranges.add({at(20), at(30)});
  BOOST_CHECK((ranges.all() == Ranges{{at(10), at(40)}}));
  BOOST_CHECK((ranges.at(at(39)) == TimeRange{at(10), at(40)}));
  BOOST_CHECK(ranges.at(at(40)).empty() && ranges.at(at(9)).empty());
  BOOST_CHECK(ranges.next_begin(at(0), at(99)) == at(10));
  BOOST_CHECK(ranges.next_begin(at(10), at(99)) == at(99));
  ranges.drop_before(at(15));
  BOOST_CHECK((ranges.all() == Ranges{{at(15), at(40)}}));
}

BOOST_AUTO_TEST_CASE(they_are_a_set_of_moments) {
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    TimeRanges ranges;
    std::set<std::int64_t> moments;
    for (int i = 0; i < 12; ++i) {
      const auto begin = static_cast<std::int64_t>(random() % 60);
      const auto end = begin + static_cast<std::int64_t>(random() % 15);
      ranges.add({at(begin), at(end)});
      for (auto t = begin; t < end; ++t) moments.insert(t);
    }
    for (std::int64_t t = 0; t < 80; ++t) BOOST_REQUIRE_EQUAL(!ranges.at(at(t)).empty(), moments.contains(t));
    const auto all = ranges.all();
    for (std::size_t i = 1; i < all.size(); ++i) BOOST_REQUIRE(all[i - 1].end < all[i].begin);
  }
}

BOOST_AUTO_TEST_SUITE_END()
