#include "actors/cache/memory/flights.hpp"

#include <boost/test/unit_test.hpp>

using namespace tradebus;
using namespace tradebus::memory;
using namespace std::chrono_literals;

namespace {
using Table = Flights<int>;
const SteadyTime s0{};
Flight<int> flight(const char* key, int waiter, const char* provider = "p", SteadyTime began = s0,
                   Kind kind = Kind::news) {
  return {key, kind, ProviderName{provider}, {}, began, true, {waiter}};
}
}  // namespace

BOOST_AUTO_TEST_SUITE(flights)

BOOST_AUTO_TEST_CASE(equal_questions_join_the_flight_under_way) {
  Table table{10, 10};
  BOOST_CHECK(table.place("a") == Table::Place::start);
  const auto id = table.start(flight("a", 1));
  BOOST_CHECK(table.place("a") == Table::Place::join);
  BOOST_CHECK(table.place("b") == Table::Place::start);
  table.join("a", 2);
  table.join("a", 3);
  const auto landed = table.take(id);
  BOOST_REQUIRE(landed);
  BOOST_CHECK((landed->waiters == std::vector{1, 2, 3}));
  BOOST_CHECK(!table.take(id));
  BOOST_CHECK(table.place("a") == Table::Place::start);
  BOOST_CHECK_EQUAL(table.size() + table.waiters(), 0U);
}

BOOST_AUTO_TEST_CASE(flights_and_waiters_are_bounded) {
  Table table{2, 4};
  table.start(flight("a", 1));
  table.start(flight("b", 2));
  BOOST_CHECK(table.place("c") == Table::Place::full);
  BOOST_CHECK(table.place("a") == Table::Place::join);
  table.join("a", 3);
  table.join("b", 4);
  BOOST_CHECK(table.place("a") == Table::Place::full);
}

BOOST_AUTO_TEST_CASE(a_provider_takes_its_own_flights_along) {
  Table table{10, 10};
  table.start(flight("a", 1, "p"));
  const auto other = table.start(flight("b", 2, "q"));
  table.start(flight("c", 3, "p"));
  const auto ids = table.all_of(ProviderName{"p"});
  BOOST_REQUIRE_EQUAL(ids.size(), 2U);
  for (const auto id : ids) BOOST_CHECK(table.take(id));
  BOOST_CHECK_EQUAL(table.waiters(), 1U);
  BOOST_CHECK(table.take(other));
}

BOOST_AUTO_TEST_CASE(old_flights_are_found_oldest_first) {
  Table table{10, 10};
  table.start(flight("a", 1, "p", s0));
  table.start(flight("b", 2, "p", s0 + 10s));
  BOOST_CHECK(!table.older_than(s0));
  const auto old = table.older_than(s0 + 5s);
  BOOST_REQUIRE(old);
  BOOST_CHECK_EQUAL(table.take(*old)->key, "a");
  BOOST_CHECK(!table.older_than(s0 + 5s));
  BOOST_CHECK_EQUAL(table.take_all().size(), 1U);
}

BOOST_AUTO_TEST_CASE(those_who_give_up_leave_the_others_waiting) {
  Table table{10, 10};
  const auto id = table.start(flight("a", 1));
  table.join("a", 2);
  table.join("a", 3);
  const auto gone = table.take_waiters(id, [](int waiter) { return waiter != 2; });
  BOOST_CHECK((gone == std::vector{1, 3}));
  BOOST_CHECK_EQUAL(table.waiters(), 1U);
  BOOST_CHECK((table.take(id)->waiters == std::vector{2}));
}

BOOST_AUTO_TEST_CASE(what_is_under_way_can_be_marked_as_not_to_keep) {
  Table table{10, 10};
  const auto news = table.start(flight("a", 1));
  const auto bars = table.start(flight("b", 2, "p", s0, Kind::bars));
  table.forget_if([](const std::string&, Kind kind) { return kind == Kind::news; });
  BOOST_CHECK(!table.take(news)->keep);
  BOOST_CHECK(table.take(bars)->keep);
  const auto third = table.start(flight("c", 1));
  table.forget_if([](const std::string& key, Kind) { return key == "c"; });
  BOOST_CHECK(!table.take(third)->keep);
}

BOOST_AUTO_TEST_SUITE_END()
