#include "config/names.hpp"

#include <boost/test/unit_test.hpp>

using namespace tradebus;

BOOST_AUTO_TEST_CASE(the_nearest_name_is_found) {
  const std::vector<std::string> known = {"paper", "ibkr", "alpaca", "ticks_per_second"};
  const auto near = [&](const char* name) { return nearest_name(name, known).value_or("-"); };
  BOOST_CHECK_EQUAL(near("papr"), "paper");
  BOOST_CHECK_EQUAL(near("PAPER"), "paper");
  BOOST_CHECK_EQUAL(near("ibrk"), "ibkr");
  BOOST_CHECK_EQUAL(near("alpacca"), "alpaca");
  BOOST_CHECK_EQUAL(near("tick_per_secnd"), "ticks_per_second");
  BOOST_CHECK_EQUAL(near("schwab"), "-");
  BOOST_CHECK_EQUAL(near(""), "-");
  BOOST_CHECK_EQUAL(near(std::string(100'000, 'p').c_str()), "-");
}

BOOST_AUTO_TEST_CASE(a_hint_names_the_nearest_or_all) {
  BOOST_CHECK_EQUAL(name_hint("sin", {"replay", "sim"}), "; did you mean \"sim\"?");
  BOOST_CHECK_EQUAL(name_hint("massive", {"replay", "sim"}), "; known are: replay, sim");
  BOOST_CHECK_EQUAL(name_hint("massive", {}), "; none is known here");
}

BOOST_AUTO_TEST_CASE(variables_are_named_after_section_and_key) {
  BOOST_CHECK_EQUAL(environment_name("providers.sim", "ticks_per_second"), "TRADEBUS_PROVIDERS_SIM_TICKS_PER_SECOND");
  BOOST_CHECK_EQUAL(environment_name("bus", "stream"), "TRADEBUS_BUS_STREAM");
}

BOOST_AUTO_TEST_CASE(what_is_shown_has_no_control_characters) {
  BOOST_CHECK_EQUAL(printable("a\x1b[31m\n\x7f"), "a?[31m??");
  BOOST_CHECK_EQUAL(printable(std::string(65, 'x')), std::string(64, 'x') + "...");
}
