#include "engine/faults/fault_plan.hpp"

#include <boost/test/unit_test.hpp>

using namespace tradebus;

namespace {

FaultConfig all_defaults(std::uint64_t seed) {
  auto config = fault_config(Section{faults_section()});
  config.seed = seed;
  return config;
}

std::string story(FaultPlan plan) {
  std::string out;
  for (int i = 0; i < 1'000; ++i) {
    for (const auto fault : {plan.of_request(), plan.of_report(), plan.of_question()})
      out += fault ? std::string{to_string(*fault)} + " " : "- ";
    out += std::to_string(plan.delay().count()) + "\n";
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fault_plan)

BOOST_AUTO_TEST_CASE(without_a_seed_nothing_goes_wrong) {
  FaultPlan plan{all_defaults(0), "paper"};
  for (int i = 0; i < 10'000; ++i) BOOST_REQUIRE(!plan.of_request() && !plan.of_report() && !plan.of_question());
  BOOST_CHECK_EQUAL(plan.total(), 0);
}

BOOST_AUTO_TEST_CASE(a_seed_tells_all) {
  BOOST_CHECK_EQUAL(story({all_defaults(7), "paper"}), story({all_defaults(7), "paper"}));
  BOOST_CHECK_NE(story({all_defaults(7), "paper"}), story({all_defaults(8), "paper"}));
  BOOST_CHECK_NE(story({all_defaults(7), "paper"}), story({all_defaults(7), "other"}));
}

BOOST_AUTO_TEST_CASE(each_fault_comes_as_often_as_its_chance_says) {
  FaultConfig config;
  config.seed = 3;
  for (std::size_t i = 0; i < fault_count; ++i) config.chances[i] = 0.05;
  FaultPlan plan{config, "b"};
  for (int i = 0; i < 20'000; ++i) {
    plan.of_request();
    plan.of_report();
    plan.of_question();
  }
  for (std::size_t i = 0; i < fault_count; ++i) {
    BOOST_TEST_CONTEXT(to_string(static_cast<Fault>(i))) {
      BOOST_CHECK_GT(plan.count(static_cast<Fault>(i)), 850);
      BOOST_CHECK_LT(plan.count(static_cast<Fault>(i)), 1'150);
    }
  }
}

BOOST_AUTO_TEST_CASE(delays_are_bounded_and_calm_ends_all) {
  FaultConfig config;
  config.seed = 1;
  config.delay_max = std::chrono::nanoseconds{5};
  config.chances.fill(1);
  FaultPlan plan{config, "b"};
  for (int i = 0; i < 1'000; ++i) {
    const auto wait = plan.delay().count();
    BOOST_REQUIRE(wait >= 1 && wait <= 5);
  }
  BOOST_CHECK(plan.of_request() == Fault::refuse);
  plan.calm(true);
  BOOST_CHECK(!plan.of_request());
  plan.calm(false);
  BOOST_CHECK(plan.of_report() == Fault::report_late);
}

BOOST_AUTO_TEST_CASE(every_fault_has_a_key) {
  const Section section{faults_section()};
  for (std::size_t i = 0; i < fault_count; ++i) {
    const auto chance = section.get<double>(to_string(static_cast<Fault>(i)));
    BOOST_CHECK(chance >= 0 && chance <= 1);
  }
  BOOST_CHECK(!fault_config(section).on());
}

BOOST_AUTO_TEST_SUITE_END()
