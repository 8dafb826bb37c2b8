// Pace, order ids, requests under way.
#include <boost/test/unit_test.hpp>

#include <random>

#include "actors/brokers/ibkr/session/message_pacer.hpp"
#include "actors/brokers/ibkr/session/order_ids.hpp"
#include "actors/brokers/ibkr/session/request_table.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::session;
using namespace std::chrono_literals;

namespace {
using Time = MessagePacer::Time;
constexpr Time start{1h};

std::size_t drain(MessagePacer& pacer, Time now) {
  std::size_t count = 0;
  while (pacer.next(now)) ++count;
  return count;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(pacing)

BOOST_AUTO_TEST_CASE(what_waits_can_be_taken_back) {
  MessagePacer pacer{{10, 1, 1'000}};
  for (std::uint64_t ticket = 1; ticket <= 4; ++ticket)
    BOOST_REQUIRE(pacer.add(Urgency::order, std::to_string(ticket), ticket));
  BOOST_TEST(drain(pacer, start) == 2u);
  BOOST_TEST(!pacer.waits(2));
  BOOST_TEST(!pacer.withdraw(2));
  BOOST_TEST(pacer.waits(3));
  BOOST_TEST(pacer.withdraw(3));
  BOOST_TEST(!pacer.withdraw(3));
  BOOST_TEST(pacer.next(start + 1s).value() == "4");
}

BOOST_AUTO_TEST_CASE(no_second_has_more_than_it_may) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random{seed};
    MessagePacer pacer{{10, 3, 1'000}};
    std::deque<Time> sent;
    Time now = start;
    for (int i = 0; i < 2'000; ++i) {
      if (random() % 3 == 0) BOOST_REQUIRE(pacer.add(static_cast<Urgency>(random() % 4), "x"));
      now += std::chrono::milliseconds{random() % 60};
      while (pacer.next(now)) {
        sent.push_back(now);
        while (sent.front() <= now - 1s) sent.pop_front();
        BOOST_REQUIRE(sent.size() <= 10u);
      }
      const auto next = pacer.next_time(now);
      BOOST_REQUIRE(next.has_value() == (pacer.waiting() > 0));
      if (next) BOOST_REQUIRE(*next > now);
    }
  }
}

BOOST_AUTO_TEST_CASE(orders_go_first_and_have_room_kept) {
  MessagePacer pacer{{49, 2, 100}};  // nine at once, then one each 1/41 s
  for (int i = 0; i < 20; ++i) BOOST_REQUIRE(pacer.add(Urgency::data, "data"));
  BOOST_TEST(drain(pacer, start) == 7u);
  BOOST_REQUIRE(pacer.add(Urgency::control, "control"));
  BOOST_REQUIRE(pacer.add(Urgency::order, "order 1"));
  BOOST_REQUIRE(pacer.add(Urgency::order, "order 2"));
  BOOST_REQUIRE(pacer.add(Urgency::cancel, "cancel"));
  BOOST_TEST((pacer.next(start + 1ms) == "cancel"));
  BOOST_TEST((pacer.next(start + 1ms) == "order 1"));
  BOOST_TEST(!pacer.next(start + 1ms));
  const auto next = pacer.next_time(start + 1ms);
  BOOST_REQUIRE(next);
  BOOST_TEST((*next > start + 24ms && *next < start + 25ms));
  BOOST_TEST((pacer.next(*next) == "order 2"));
  BOOST_TEST(!pacer.next(*next + 30ms));  // kept for orders
  BOOST_TEST((pacer.next(start + 1s) == "control"));
  BOOST_TEST((pacer.next(start + 1s) == "data"));
}

// The gateway counts on arrival: what was sent in two seconds may come to it within one, if it comes in bursts.
BOOST_AUTO_TEST_CASE(what_is_late_by_a_tenth_of_a_second_is_not_too_much) {
  MessagePacer pacer{{45, 0, 1'000}};
  for (int i = 0; i < 500; ++i) BOOST_REQUIRE(pacer.add(Urgency::order, "x"));
  std::vector<Time> arrived;
  for (Time now = start; pacer.waiting() > 0; now = *pacer.next_time(now)) {
    // Each half second the link stands still for a tenth, and then brings all at once.
    const auto phase = (now - start) % 500ms;
    for (; pacer.next(now);) arrived.push_back(phase < 100ms ? now - phase + 100ms : now);
    if (pacer.waiting() == 0) break;
  }
  for (std::size_t i = 50; i < arrived.size(); ++i) BOOST_REQUIRE(arrived[i] - arrived[i - 50] >= 1s);
}

BOOST_AUTO_TEST_CASE(it_is_bounded_and_forgets_with_its_connection) {
  MessagePacer pacer{{10, 3, 2}};
  BOOST_TEST(pacer.add(Urgency::data, "a").has_value());
  BOOST_TEST(pacer.add(Urgency::data, "b").has_value());
  const auto refused = pacer.add(Urgency::data, "c");
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == Errc::overloaded));
  BOOST_TEST(pacer.add(Urgency::order, "d").has_value());
  BOOST_TEST(pacer.waiting() == 3u);
  pacer.pause(start);
  BOOST_TEST(!pacer.next(start));
  BOOST_TEST((pacer.next_time(start) == start + 1s));
  BOOST_TEST(pacer.clear() == 3u);
  BOOST_TEST(!pacer.next(start + 1s));
  BOOST_TEST(!pacer.next_time(start));
}

BOOST_AUTO_TEST_CASE(order_ids_only_rise) {
  OrderIds ids;
  BOOST_TEST(!ids.take());
  ids.seen(500);  // before the gateway has named one
  BOOST_TEST(!ids.take());
  ids.next_valid(5);
  BOOST_TEST(ids.take().value() == 5);
  ids.next_valid(3);  // it goes back
  BOOST_TEST(ids.take().value() == 6);
  ids.seen(20);
  BOOST_TEST(ids.take().value() == 21);
  ids.seen(7);
  ids.next_valid(22);
  BOOST_TEST(ids.take().value() == 22);
  ids.seen(first_request_id + 5);  // no order's
  BOOST_TEST(ids.take().value() == 23);
  ids.next_valid(first_request_id);
  BOOST_TEST((ids.take().error().code == Errc::broker_unsupported));
  OrderIds fresh;
  fresh.next_valid(0);
  BOOST_TEST(fresh.take().value() == 1);
}

BOOST_AUTO_TEST_CASE(requests_end_once) {
  RequestTable<std::string> table{3};
  const auto a = table.open("a", start + 1s).value();
  const auto b = table.open("stream").value();
  const auto c = table.open("c", start + 2s).value();
  BOOST_TEST(a > first_request_id);
  BOOST_TEST((a != b && b != c));
  BOOST_TEST((table.open("d").error().code == Errc::overloaded));
  BOOST_REQUIRE(table.find(b) != nullptr);
  BOOST_TEST(*table.find(b) == "stream");
  BOOST_TEST(table.find(7) == nullptr);
  table.extend(c, start + 5s);
  const auto late = table.expired(start + 2s);
  BOOST_REQUIRE_EQUAL(late.size(), 1u);
  BOOST_TEST(late[0].second == "a");
  BOOST_TEST(!table.close(a));
  BOOST_TEST((table.close(c) == "c"));
  BOOST_TEST(!table.close(c));
  const auto rest = table.clear();
  BOOST_REQUIRE_EQUAL(rest.size(), 1u);
  BOOST_TEST(rest[0].first == b);
  BOOST_TEST(table.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
