#include "bus/bridge/bus_queue.hpp"

#include <poll.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>
#include <vector>

#include "bus/bridge/publisher.hpp"
#include "bus/bridge/squeeze.hpp"

using namespace tradebus;

namespace {

BusEntry entry_of(BusEntry::Type type, BusTopicId id, std::uint64_t seq = 0) {
  BusEntry entry;
  entry.type = type;
  entry.id = id;
  entry.seq = seq;
  return entry;
}

BusBatch batch_of(std::uint64_t number, bool lossless = false) {
  BusBatch batch;
  batch.entries.push_back(entry_of(BusEntry::Type::market, 0, number));
  batch.lossless = lossless;
  batch.source = 3;
  return batch;
}

BusBatch batch_of(BusEntry entry) {
  BusBatch batch;
  batch.entries.push_back(entry);
  return batch;
}

BusBatch publishing(const std::string& topic, const std::string& body) {
  BusBatch batch;
  add_publish(batch, topic, body);
  return batch;
}

// All that comes out: "market 5 seq 2", "status|quote|AAPL| live".
std::vector<std::string> rest_of(BusQueue& queue) {
  std::vector<std::string> out;
  BusBatch batch;
  while (queue.pop(batch))
    for (const auto& entry : batch.entries) {
      const std::string_view bytes{batch.bytes.data() + entry.offset, entry.size};
      const auto id = std::to_string(entry.id);
      switch (entry.type) {
        case BusEntry::Type::market:
          out.push_back("market " + id + " seq " + std::to_string(entry.seq));
          break;
        case BusEntry::Type::passing:
          out.push_back("passing " + id + " seq " + std::to_string(entry.seq));
          break;
        case BusEntry::Type::announce:
          out.push_back("announce " + id);
          break;
        case BusEntry::Type::outdated:
          out.push_back("outdated " + id);
          break;
        case BusEntry::Type::stale:
          out.push_back("stale " + id);
          break;
        case BusEntry::Type::retire:
          out.push_back("retire " + id);
          break;
        case BusEntry::Type::publish:
          out.push_back(std::string{bytes.substr(0, entry.name_size)} + " " +
                        std::string{bytes.substr(entry.name_size)});
          break;
      }
    }
  return out;
}

void check_equal(const std::vector<std::string>& got, const std::vector<std::string>& want) {
  BOOST_CHECK_EQUAL_COLLECTIONS(got.begin(), got.end(), want.begin(), want.end());
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

BOOST_AUTO_TEST_CASE(of_what_does_not_fit_the_newest_of_each_topic_stays_and_the_rest_is_counted) {
  BusQueue queue{4};
  for (std::uint64_t i = 0; i < 3; ++i) queue.push(batch_of(entry_of(BusEntry::Type::market, 1, i)));
  for (std::uint64_t i = 0; i < 20; ++i) queue.push(batch_of(i));
  BOOST_CHECK_LE(queue.depth(), 5U);
  BOOST_CHECK_EQUAL(queue.dropped(0), 2U);
  const auto lost = queue.dropped(3);
  const auto rest = rest_of(queue);
  BOOST_CHECK_EQUAL(rest.size() + queue.dropped(), 23U);
  BOOST_CHECK_GE(lost, 14U);
  BOOST_CHECK_EQUAL(rest.front(), "market 1 seq 2");
  BOOST_CHECK_EQUAL(rest.back(), "market 0 seq 19");
}

BOOST_AUTO_TEST_CASE(thousands_of_statuses_at_once_all_arrive) {
  BusQueue queue{4};
  std::vector<std::string> want;
  for (int i = 0; i < 5'000; ++i) {
    const auto topic = "status|quote|S" + std::to_string(i) + "|";
    queue.push(publishing(topic, "gap"));
    want.push_back(topic + " gap");
  }
  BOOST_CHECK_LE(queue.depth(), 30U);
  BOOST_CHECK_EQUAL(queue.dropped(), 0U);
  check_equal(rest_of(queue), want);
}

BOOST_AUTO_TEST_CASE(the_latest_status_of_a_topic_wins_in_its_own_place) {
  BusQueue queue{5};
  queue.push(publishing("status|quote|A|", "gap"));
  queue.push(publishing("position|U1|", "1"));
  queue.push(batch_of(entry_of(BusEntry::Type::market, 1, 8)));
  queue.push(publishing("status|quote|B|", "gap"));
  queue.push(publishing("status|quote|A|", "live"));
  queue.push(publishing("position|U1|", "2"));
  check_equal(rest_of(queue), {"market 1 seq 8", "status|quote|B| gap", "status|quote|A| live", "position|U1| 2"});
  BOOST_CHECK_EQUAL(queue.dropped(), 2U);
}

BOOST_AUTO_TEST_CASE(orders_all_stay_and_are_bounded_all_the_same) {
  BusQueue queue{4, 1'000};
  for (int i = 0; i < 60; ++i) queue.push(publishing("order|U1|", std::to_string(100 + i)));
  BOOST_CHECK_EQUAL(queue.dropped(), 0U);
  auto rest = rest_of(queue);
  BOOST_REQUIRE_EQUAL(rest.size(), 60U);
  BOOST_CHECK_EQUAL(rest[17], "order|U1| 117");
  for (int i = 0; i < 1'000; ++i) queue.push(publishing("order|U1|", std::to_string(i)));
  rest = rest_of(queue);
  BOOST_CHECK_LE(rest.size(), 90U);
  BOOST_CHECK_EQUAL(rest.size() + queue.dropped(), 1'000U);
  BOOST_CHECK_EQUAL(rest.back(), "order|U1| 999");
}

// What the bridge knows of a topic is right in the end: its name, its snapshot, that it is gone.
BOOST_AUTO_TEST_CASE(names_and_snapshots_survive) {
  using enum BusEntry::Type;
  BusQueue queue{15};
  for (const auto& entry :
       {entry_of(announce, 1), entry_of(market, 1, 1), entry_of(outdated, 1), entry_of(market, 1, 2),
        entry_of(passing, 1, 3), entry_of(stale, 1),                                                 //
        entry_of(announce, 2), entry_of(market, 2, 1), entry_of(retire, 2), entry_of(announce, 2),   //
        entry_of(market, 3, 7), entry_of(retire, 3), entry_of(announce, 3), entry_of(market, 3, 1),  //
        entry_of(stale, 4), entry_of(outdated, 4)})
    queue.push(batch_of(entry));
  check_equal(rest_of(queue), {"announce 1", "market 1 seq 2", "passing 1 seq 3", "stale 1", "announce 2", "retire 3",
                               "announce 3", "market 3 seq 1", "outdated 4"});
  BOOST_CHECK_EQUAL(queue.dropped(), 3U);  // market 1 seq 1, market 2 seq 1, market 3 seq 7
}

// The bridge keeps the last status of a name until that name is retired.
BOOST_AUTO_TEST_CASE(the_status_of_a_topic_that_came_and_went_goes_with_it) {
  using enum BusEntry::Type;
  const auto named = [](BusEntry::Type type, BusTopicId id, const std::string& name) {
    auto batch = batch_of(entry_of(type, id));
    batch.bytes.append(name);
    batch.entries[0].size = static_cast<std::uint32_t>(name.size());
    return batch;
  };
  BusQueue queue{13};
  queue.push(publishing("status|quote|A|", "rejected"));  // before its first life
  queue.push(named(announce, 1, "quote|A|"));
  queue.push(publishing("status|quote|A|", "gap"));
  queue.push(publishing("status|quote|A|", "live"));
  queue.push(named(retire, 1, ""));
  queue.push(named(announce, 2, "quote|B|"));
  queue.push(publishing("status|quote|B|", "live"));
  queue.push(named(retire, 2, ""));
  queue.push(named(announce, 3, "quote|B|"));  // another life
  queue.push(publishing("status|quote|B|", "gap"));
  queue.push(publishing("status|quote|C|", "live"));  // announced before all this
  queue.push(named(retire, 4, ""));
  queue.push(publishing("status|quote|D|", "live"));
  queue.push(publishing("status|provider|x|", "up"));
  check_equal(rest_of(queue), {"announce 3", "status|quote|B| gap", "status|quote|C| live", "retire 4",
                               "status|quote|D| live", "status|provider|x| up"});
  BOOST_CHECK_EQUAL(queue.dropped(), 4U);
}

BOOST_AUTO_TEST_CASE(a_squeeze_never_makes_more_batches_than_there_were) {
  for (const std::size_t size : {1U, 100U, 512U, 1'024U, 3'000U}) {
    std::deque<BusBatch> batches;
    for (std::size_t b = 0; b < 2; ++b) {
      auto& batch = batches.emplace_back();
      for (std::size_t i = 0; i < size; ++i)
        add_publish(batch, "status|quote|S" + std::to_string(b * size + i) + "|", "live");
    }
    LostBySource lost;
    const auto out = squeeze(std::move(batches), 1U << 20U, lost);
    BOOST_CHECK_LE(out.size(), size <= squeezed_entries_max / 2 ? 1U : 2U);
    std::size_t entries = 0;
    for (const auto& batch : out) entries += batch.entries.size();
    BOOST_CHECK_EQUAL(entries, 2 * size);
  }
}

BOOST_AUTO_TEST_CASE(lossless_batches_are_never_pushed_out) {
  BusQueue queue{4};
  for (std::uint64_t i = 0; i < 3; ++i) queue.push(batch_of(i, true));
  for (std::uint64_t i = 0; i < 100; ++i) queue.push(batch_of(1'000 + i));
  queue.push(batch_of(3, true));
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
  for (std::uint64_t i = 0; i < 6; ++i) queue.push(batch_of(i, true));
  BOOST_CHECK(!queue.has_room());
  BusBatch out;
  while (queue.pop(out)) {
  }
  BOOST_CHECK_EQUAL(told, 1);
  BOOST_CHECK(queue.has_room());
}

BOOST_AUTO_TEST_CASE(answers_leave_once_what_they_tell_is_durable) {
  BusQueue queue{4};
  const auto answer = [](std::uint64_t token) {
    std::vector<BusReply> out(1);
    out.front().token = token;
    return out;
  };
  const auto tokens = [&] {
    std::vector<BusReply> replies;
    queue.take_replies(replies);
    std::vector<std::uint64_t> out;
    for (const auto& reply : replies) out.push_back(reply.token);
    return out;
  };
  auto first = answer(1);
  queue.hold(10, first);
  BOOST_CHECK(first.empty());
  auto second = answer(2);
  queue.hold(12, second);
  BOOST_CHECK(queue.prepare_sleep());
  queue.release(9);
  BOOST_CHECK(tokens().empty());
  queue.release(10);
  pollfd fd{queue.wake_fd(), POLLIN, 0};
  BOOST_CHECK_EQUAL(::poll(&fd, 1, 0), 1);  // the bridge slept, and is woken
  BOOST_CHECK((tokens() == std::vector<std::uint64_t>{1}));
  queue.woke();
  queue.release(20);
  BOOST_CHECK((tokens() == std::vector<std::uint64_t>{2}));
  auto late = answer(3);
  queue.hold(20, late);  // the disk was faster
  BOOST_CHECK(late.empty());
  BOOST_CHECK((tokens() == std::vector<std::uint64_t>{3}));
  auto never = answer(4);
  queue.hold(30, never);
  queue.refuse_held({Errc::internal, "the disk broke"});
  std::vector<BusReply> refused;
  queue.take_replies(refused);
  BOOST_REQUIRE_EQUAL(refused.size(), 1);
  BOOST_CHECK_EQUAL(refused[0].token, 4);
  BOOST_CHECK(refused[0].error && refused[0].error->message == "the disk broke");
  queue.release(30);
  BOOST_CHECK(tokens().empty());
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
