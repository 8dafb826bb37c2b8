#include "actors/cache/memory/question_key.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace tradebus;
using namespace tradebus::memory;
using namespace std::chrono_literals;

namespace {
const ProviderName p{"p"};
constexpr Timestamp noon = from_unix_ns(1'718'985'600'000'000'000);  // 16:00 UTC, on every grid
GetHistoricalData bars(Timeframe timeframe, Timestamp start, Timestamp end) {
  return {Symbol{"AAPL"}, timeframe, start, end, false, 1'000};
}
}  // namespace

BOOST_AUTO_TEST_SUITE(question_keys)

BOOST_AUTO_TEST_CASE(each_field_counts) {
  const GetOptionChain base{Symbol{"AAPL"}, {}, {}, {}, {}, 1'000};
  std::vector<GetOptionChain> all(10, base);
  all[1].underlying = Symbol{"MSFT"};
  all[2].expiry = Date{2024, 6, 21};
  all[3].expiry = Date{2024, 6, 22};
  all[4].strike_min = Price::from_int(100);
  all[5].strike_max = Price::from_int(100);
  all[6].right = OptionRight::call;
  all[7].right = OptionRight::put;
  all[8].limit = 1;
  all[9].strike_min = Price{};
  std::set<std::string> keys;
  for (const auto& query : all) keys.insert(question_key(p, query));
  BOOST_CHECK_EQUAL(keys.size(), all.size());
  BOOST_CHECK_EQUAL(question_key(p, all[2]), question_key(p, all[2]));
  BOOST_CHECK_NE(question_key(p, base), question_key(ProviderName{"q"}, base));
}

BOOST_AUTO_TEST_CASE(neighbouring_texts_cannot_be_cut_differently) {
  BOOST_CHECK_NE(question_key(ProviderName{"ab"}, GetTickerDetails{Symbol{"c"}}),
                 question_key(ProviderName{"a"}, GetTickerDetails{Symbol{"bc"}}));
  BOOST_CHECK_NE(question_key(p, GetTickerDetails{Symbol{"A"}}), question_key(p, GetDailySnapshot{Symbol{"A"}}));
}

BOOST_AUTO_TEST_CASE(ranges_that_hold_the_same_bars_are_the_same_question) {
  for (const auto timeframe : {Timeframe::m1, Timeframe::m5, Timeframe::m15}) {
    const auto key = [&](Timestamp start, Timestamp end) { return question_key(p, bars(timeframe, start, end)); };
    const auto step = timeframe == Timeframe::m1 ? 1min : timeframe == Timeframe::m5 ? 5min : 15min;
    BOOST_CHECK_EQUAL(key(noon - 1h, noon + 1ns), key(noon - 1h, noon + step));
    BOOST_CHECK_NE(key(noon - 1h, noon), key(noon - 1h, noon + 1ns));  // `end` is exclusive: one bar more
    BOOST_CHECK_EQUAL(key(noon + 1ns, noon + 1h), key(noon + step, noon + 1h));
    BOOST_CHECK_NE(key(noon, noon + 1h), key(noon + 1ns, noon + 1h));
  }
  BOOST_CHECK_EQUAL(question_key(p, bars(Timeframe::s1, noon, noon + 1ms)),
                    question_key(p, bars(Timeframe::s1, noon, noon + 1s)));
}

BOOST_AUTO_TEST_CASE(where_venues_differ_the_range_is_taken_as_it_is) {
  for (const auto timeframe : {Timeframe::h1, Timeframe::d1, Timeframe::w1})
    BOOST_CHECK_NE(question_key(p, bars(timeframe, noon, noon + 1ns)),
                   question_key(p, bars(timeframe, noon, noon + 2ns)));
}

BOOST_AUTO_TEST_CASE(times_at_the_ends_of_the_range_are_safe) {
  BOOST_CHECK_EQUAL(question_key(p, bars(Timeframe::m15, Timestamp::min(), Timestamp::max())),
                    question_key(p, bars(Timeframe::m15, Timestamp::min(), Timestamp::max())));
}

BOOST_AUTO_TEST_SUITE_END()
