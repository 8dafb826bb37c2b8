// The names of OCA groups at the venue.
#include "actors/brokers/ibkr/oca_names.hpp"

#include <boost/test/unit_test.hpp>

using namespace tradebus;
using namespace tradebus::ibkr;

BOOST_AUTO_TEST_SUITE(ibkr_oca_names)

BOOST_AUTO_TEST_CASE(a_group_keeps_its_name_as_long_as_it_has_orders) {
  OcaNames names;
  const auto name = names.join("client\npair", OrderId{"o-1"});
  BOOST_CHECK_EQUAL(name, "o-1:client~npair");
  BOOST_CHECK_EQUAL(names.join("client\npair", OrderId{"o-2"}), name);
  names.left(OrderId{"o-1"});
  BOOST_CHECK_EQUAL(names.join("client\npair", OrderId{"o-3"}), name);
  names.left(OrderId{"o-2"});
  names.left(OrderId{"o-3"});
  names.left(OrderId{"o-3"});
  BOOST_CHECK_EQUAL(names.size(), 0);
  // Used up: the next one is another group at the venue.
  BOOST_CHECK_EQUAL(names.join("client\npair", OrderId{"o-4"}), "o-4:client~npair");
}

BOOST_AUTO_TEST_CASE(a_brackets_group_has_one_name_for_ever) {
  OcaNames names;
  const auto name = names.join("o-1", OrderId{"o-2"});
  BOOST_CHECK_EQUAL(name, "o-1:o-1");
  names.left(OrderId{"o-2"});
  BOOST_CHECK_EQUAL(names.size(), 0);
  BOOST_CHECK_EQUAL(names.join("o-1", OrderId{"o-4"}), name);
  // It has the name that an earlier daemon gave it, as long as one of its orders is there.
  names.found("o-6:o-5", OrderId{"o-6"});
  BOOST_CHECK_EQUAL(names.join("o-5", OrderId{"o-7"}), "o-6:o-5");
}

BOOST_AUTO_TEST_CASE(names_of_several_clients_are_different) {
  OcaNames names;
  const auto a = names.join("a\nb~n", OrderId{"o"}).substr(2);
  const auto b = names.join("a\nb\n", OrderId{"o"}).substr(2);
  BOOST_CHECK_NE(a, b);
  for (const char c : a + b) BOOST_CHECK(c >= ' ' && c <= '~');
}

BOOST_AUTO_TEST_CASE(groups_of_an_earlier_life_go_on) {
  OcaNames before;
  const auto name = before.join("client\npair", OrderId{"o-1"});
  OcaNames names;
  names.found(name, OrderId{"o-1"});
  names.found("a group of somebody else", OrderId{"o-9"});
  BOOST_CHECK_EQUAL(names.size(), 1);
  BOOST_CHECK_EQUAL(names.join("client\npair", OrderId{"o-2"}), name);
}

BOOST_AUTO_TEST_SUITE_END()
