// Keys, plans, the free plan's pace.
#include "tests/venues/massive/keys.hpp"

#include <boost/test/unit_test.hpp>

using namespace tradebus::massive_sim;

BOOST_AUTO_TEST_SUITE(keys)

BOOST_AUTO_TEST_CASE(five_calls_pass_in_any_sixty_seconds) {
  RateWindow window{5};
  const Ns begin = 1'000'000 * ns_per_s;
  for (int i = 0; i < 5; ++i) BOOST_CHECK(window.take(begin + i * 10 * ns_per_s));
  BOOST_CHECK(!window.take(begin + 59 * ns_per_s));
  BOOST_CHECK(window.take(begin + 60 * ns_per_s));   // the first one is out
  BOOST_CHECK(!window.take(begin + 69 * ns_per_s));  // refused ones don't count
  BOOST_CHECK(window.take(begin + 70 * ns_per_s));
}

BOOST_AUTO_TEST_CASE(a_clock_set_back_does_not_lock_the_window) {
  RateWindow window{1};
  BOOST_CHECK(window.take(100 * ns_per_s));
  BOOST_CHECK(window.take(10 * ns_per_s));
}

BOOST_AUTO_TEST_CASE(plans_and_channels_are_read) {
  Keys keys;
  keys.add("a");
  keys.add("b=free");
  keys.add("c=delayed:T,AM");
  BOOST_CHECK(keys.find("a")->plan == Plan::realtime);
  BOOST_CHECK(keys.find("a")->has("Q"));
  BOOST_CHECK(keys.find("b")->plan == Plan::free);
  BOOST_CHECK(keys.find("c")->has("AM"));
  BOOST_CHECK(keys.find("c")->has("T"));
  BOOST_CHECK(!keys.find("c")->has("Q"));
  BOOST_CHECK(keys.find("d") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_bad_plan_is_named_but_not_its_key) {
  Keys keys;
  try {
    keys.add("SECRET=gold");
    BOOST_ERROR("taken");
  } catch (const std::invalid_argument& error) {
    const std::string text = error.what();
    BOOST_CHECK(text.find("gold") != std::string::npos);
    BOOST_CHECK(text.find("SECRET") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(only_free_plans_are_paced_each_by_itself) {
  Keys keys{2};
  keys.add("a=free");
  keys.add("b=free");
  keys.add("c");
  BOOST_CHECK(keys.take_call("a", 0) && keys.take_call("a", 0) && !keys.take_call("a", 0));
  BOOST_CHECK(keys.take_call("b", 0));
  for (int i = 0; i < 100; ++i) BOOST_CHECK(keys.take_call("c", 0));
}

BOOST_AUTO_TEST_SUITE_END()
