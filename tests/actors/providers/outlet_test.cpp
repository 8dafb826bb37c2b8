// What goes out while the hub is behind, and what is said of what didn't.
#include "actors/providers/outlet.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <vector>

using namespace tradebus;

namespace {

struct Fixture {
  std::vector<MarketBatch> came;
  Outlet outlet{ProviderName{"venue"}, Outlet::WhenFull::drop_oldest, 2,
                [this](MarketBatch batch) { came.push_back(std::move(batch)); }};

  // `count` events of one topic, flushed one by one, as a source does that has a few at a time.
  void push(TopicRef ref, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      MarketEvent event;
      event.ref = ref;
      event.ts = from_unix_ns(++pushed);
      outlet.push(event);
      outlet.set_cursor(static_cast<std::uint64_t>(pushed));
      outlet.flush();
    }
  }
  void use_up_credit() { push(1, batch_credit); }
  std::int64_t pushed = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(with_credit_each_flush_is_a_batch, Fixture) {
  push(1, 3);
  BOOST_TEST(came.size() == 3U);
}

BOOST_FIXTURE_TEST_CASE(what_waits_for_credit_becomes_one_batch_in_its_order, Fixture) {
  use_up_credit();
  came.clear();
  push(2, 100);
  BOOST_TEST(came.empty());
  outlet.add_credit(1);
  BOOST_REQUIRE(came.size() == 1U);
  BOOST_REQUIRE(came[0].events.size() == 100U);
  BOOST_TEST(came[0].cursor == static_cast<std::uint64_t>(pushed));
  for (std::size_t i = 1; i < came[0].events.size(); ++i) BOOST_TEST((came[0].events[i - 1].ts < came[0].events[i].ts));
  BOOST_TEST(outlet.dropped_events() == 0U);
}

BOOST_FIXTURE_TEST_CASE(the_oldest_full_batches_are_dropped_and_told, Fixture) {
  use_up_credit();
  came.clear();
  push(2, 3 * batch_events_max);
  BOOST_TEST(outlet.dropped_events() == 2 * batch_events_max);
  outlet.add_credit(1);
  BOOST_REQUIRE(came.size() == 1U);
  BOOST_TEST(came[0].events.size() == batch_events_max);
  BOOST_REQUIRE(came[0].dropped.size() == 1U);
  BOOST_TEST(came[0].dropped[0].ref == 2U);
  BOOST_TEST(came[0].dropped[0].count == 2 * batch_events_max);
}

BOOST_FIXTURE_TEST_CASE(the_newest_event_of_each_topic_is_never_dropped, Fixture) {
  use_up_credit();
  came.clear();
  push(7, 2);
  push(8, 1);
  push(2, 20 * batch_events_max);
  outlet.add_credit(batch_credit);
  BOOST_REQUIRE(came.size() >= 2U);
  std::map<TopicRef, std::size_t> counts;
  std::int64_t last_of_7 = 0;
  std::size_t events = 0;
  for (const auto& batch : came)
    for (const auto& event : batch.events) {
      ++counts[event.ref];
      ++events;
      if (event.ref == 7) last_of_7 = unix_ns(event.ts);
    }
  BOOST_TEST(counts[7] == 1U);
  BOOST_TEST(counts[8] == 1U);
  BOOST_TEST(last_of_7 == static_cast<std::int64_t>(batch_credit) + 2);
  BOOST_TEST(unix_ns(came.back().events.back().ts) == pushed);
  BOOST_TEST(events + outlet.dropped_events() == 3 + 20 * batch_events_max);
}

BOOST_FIXTURE_TEST_CASE(an_action_keeps_its_place_among_the_events, Fixture) {
  use_up_credit();
  came.clear();
  CorporateAction split;
  split.value = Quantity::from_int(2);
  outlet.push(split);
  push(3, 2);
  outlet.add_credit(2);
  BOOST_REQUIRE(came.size() == 2U);
  BOOST_TEST(came[0].events.empty());
  BOOST_TEST(came[0].actions.size() == 1U);
  BOOST_TEST(came[1].events.size() == 2U);
  BOOST_TEST(came[1].actions.empty());
}
