#include "bus/bridge/bus_queue.hpp"

#include <poll.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>

using namespace tradebus;

namespace {

BusBatch batch_of(std::uint64_t number, bool droppable = true, bool lossless = false) {
  BusBatch batch;
  BusEntry entry;
  entry.seq = number;
  batch.entries.push_back(entry);
  batch.droppable = droppable;
  batch.lossless = lossless;
  batch.source = 3;
  return batch;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bus_queue)

BOOST_AUTO_TEST_CASE(batches_come_out_in_order) {
  BusQueue queue{8};
  for (std::uint64_t i = 0; i < 5; ++i) queue.push(batch_of(i));
  BOOST_CHECK_EQUAL(queue.depth(), 5U);
  BusBatch out;
  for (std::uint64_t i = 0; i < 5; ++i) {
    BOOST_REQUIRE(queue.pop(out));
    BOOST_CHECK_EQUAL(out.entries[0].seq, i);
  }
  BOOST_CHECK(!queue.pop(out));
  BOOST_CHECK_EQUAL(queue.depth(), 0U);
}

BOOST_AUTO_TEST_CASE(a_full_queue_drops_its_oldest_market_data_and_counts_it) {
  BusQueue queue{4};
  queue.push(batch_of(100, false));
  for (std::uint64_t i = 0; i < 10; ++i) queue.push(batch_of(i));
  BOOST_CHECK_EQUAL(queue.depth(), 4U);
  BOOST_CHECK_EQUAL(queue.dropped(), 7U);
  BOOST_CHECK_EQUAL(queue.dropped(3), 7U);
  BusBatch out;
  BOOST_REQUIRE(queue.pop(out));
  BOOST_CHECK_EQUAL(out.entries[0].seq, 100U);  // orders and status are not dropped for ticks
  BOOST_REQUIRE(queue.pop(out));
  BOOST_CHECK_EQUAL(out.entries[0].seq, 7U);
}

BOOST_AUTO_TEST_CASE(even_what_is_not_droppable_is_bounded) {
  BusQueue queue{4};
  for (std::uint64_t i = 0; i < 100; ++i) queue.push(batch_of(i, false));
  BOOST_CHECK_EQUAL(queue.depth(), 16U);
  BOOST_CHECK_EQUAL(queue.dropped(), 84U);
}

BOOST_AUTO_TEST_CASE(lossless_batches_are_never_pushed_out) {
  BusQueue queue{4};
  for (std::uint64_t i = 0; i < 3; ++i) queue.push(batch_of(i, true, true));
  for (std::uint64_t i = 0; i < 100; ++i) queue.push(batch_of(1'000 + i, false));
  queue.push(batch_of(3, true, true));
  std::uint64_t next = 0;
  BusBatch out;
  while (queue.pop(out))
    if (out.lossless) BOOST_CHECK_EQUAL(out.entries[0].seq, next++);
  BOOST_CHECK_EQUAL(next, 4U);
}

BOOST_AUTO_TEST_CASE(a_lossless_source_is_told_when_there_is_room_again) {
  BusQueue queue{8};
  int told = 0;
  queue.set_on_room([&] { ++told; });
  BOOST_CHECK(queue.has_room());
  for (std::uint64_t i = 0; i < 6; ++i) queue.push(batch_of(i, true, true));
  BOOST_CHECK(!queue.has_room());
  BusBatch out;
  while (queue.pop(out)) {
  }
  BOOST_CHECK_EQUAL(told, 1);
  BOOST_CHECK(queue.has_room());
}

BOOST_AUTO_TEST_CASE(sleeping_and_waking_lose_nothing) {
  BusQueue queue{1'000'000};
  constexpr std::uint64_t total = 100'000;
  std::thread producer{[&] {
    for (std::uint64_t i = 0; i < total; ++i) {
      auto batch = queue.fresh();
      BusEntry entry;
      entry.seq = i;
      batch.entries.push_back(entry);
      queue.push(std::move(batch));
      if (i % 100 == 0) queue.reply({i, "r", std::nullopt});
    }
  }};
  std::uint64_t next = 0;
  std::uint64_t replies = 0;
  BusBatch out;
  std::vector<BusReply> taken;
  while (next < total || replies < total / 100) {
    bool busy = false;
    while (queue.pop(out)) {
      BOOST_REQUIRE_EQUAL(out.entries[0].seq, next);
      ++next;
      busy = true;
    }
    queue.take_replies(taken);
    replies += taken.size();
    if (busy || !taken.empty() || !queue.prepare_sleep()) continue;
    pollfd fd{queue.wake_fd(), POLLIN, 0};
    BOOST_REQUIRE_GE(::poll(&fd, 1, 10'000), 1);
    queue.woke();
  }
  producer.join();
  BOOST_CHECK_EQUAL(queue.dropped(), 0U);
}

BOOST_AUTO_TEST_SUITE_END()
