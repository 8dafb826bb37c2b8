#include "bus/bridge/topic_table.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

using namespace tradebus;

namespace {
TopicTable table_of(std::size_t topics_max = 1000, std::size_t ring_bytes = 1U << 20U, std::size_t messages = 8) {
  return TopicTable{{topics_max, 100, {ring_bytes, 0, messages}}};
}
}  // namespace

BOOST_AUTO_TEST_SUITE(topic_table)

BOOST_AUTO_TEST_CASE(subscribers_of_exact_topics_are_counted) {
  auto table = table_of();
  BOOST_CHECK_EQUAL(*table.subscribe("quote|AAPL|").subscribers, 1U);
  BOOST_CHECK_EQUAL(*table.subscribe("quote|AAPL|").subscribers, 2U);
  BOOST_CHECK_EQUAL(*table.unsubscribe("quote|AAPL|").subscribers, 1U);
  BOOST_CHECK_EQUAL(*table.unsubscribe("quote|AAPL|").subscribers, 0U);
  BOOST_CHECK(!table.unsubscribe("quote|AAPL|").subscribers);
  BOOST_CHECK_EQUAL(table.topics(), 0U);  // never numbered by the hub: nothing is left
}

BOOST_AUTO_TEST_CASE(prefixes_open_nothing_but_listen) {
  auto table = table_of();
  BOOST_CHECK(!table.subscribe("quote|").subscribers);
  table.announce(5, "quote|AAPL|");
  BOOST_CHECK(table.by_id(5)->has_listeners());
  table.unsubscribe("quote|");
  BOOST_CHECK(!table.by_id(5)->has_listeners());
  table.subscribe("");
  BOOST_CHECK(table.by_id(5)->has_listeners());
  BOOST_CHECK(table.feed_wanted(StreamKind::quote));
  table.unsubscribe("");
  table.subscribe("feed|trade|");
  BOOST_CHECK(!table.feed_wanted(StreamKind::quote));
  BOOST_CHECK(table.feed_wanted(StreamKind::trade));
}

BOOST_AUTO_TEST_CASE(topics_and_prefixes_are_bounded) {
  auto table = table_of(2);
  BOOST_CHECK(!table.subscribe("quote|A|").refused);
  BOOST_CHECK(!table.subscribe("quote|B|").refused);
  BOOST_CHECK(table.subscribe("quote|C|").refused);
  for (int i = 0; i < 100; ++i) BOOST_CHECK(!table.subscribe("p" + std::to_string(i)).refused);
  BOOST_CHECK(table.subscribe("one more").refused);
}

BOOST_AUTO_TEST_CASE(rings_keep_the_last_messages_and_their_holes) {
  auto table = table_of();
  table.announce(0, "quote|AAPL|");
  auto& topic = *table.by_id(0);
  for (std::uint64_t seq : {1, 2, 3, 7, 8, 9, 10, 11, 12, 13}) table.keep(topic, seq, "message " + std::to_string(seq));
  BOOST_CHECK_EQUAL(topic.ring.size(), 8U);
  BOOST_CHECK_EQUAL(topic.ring.seq(0), 3U);
  BOOST_CHECK_EQUAL(topic.ring.message(7), "message 13");
  BOOST_CHECK_EQUAL(topic.ring.first_after(3), 1U);
  BOOST_CHECK_EQUAL(topic.ring.first_after(5), 1U);
  BOOST_CHECK_EQUAL(topic.ring.first_after(13), 8U);
}

// Against a plain model: any sizes, any seqs, within the budget.
BOOST_AUTO_TEST_CASE(rings_agree_with_a_simple_model) {
  std::mt19937_64 random{11};
  MessageRing::Budget budget{64 * 1024, 0, 64};
  MessageRing ring;
  std::map<std::uint64_t, std::string> model;
  std::uint64_t seq = 0;
  for (int i = 0; i < 20'000; ++i) {
    seq += 1 + random() % 3;
    const std::string message(1 + random() % 300, static_cast<char>('a' + seq % 26));
    ring.push(seq, message, budget);
    model[seq] = message;
    if (model.size() > 64) model.erase(model.begin());
    BOOST_REQUIRE_LE(budget.bytes, budget.bytes_max);
    // What is kept is the newest part of the model, without a change.
    BOOST_REQUIRE_GE(ring.size(), 1U);
    auto it = std::prev(model.end(), static_cast<std::ptrdiff_t>(ring.size()));
    for (std::size_t k = 0; k < ring.size(); ++k, ++it) {
      BOOST_REQUIRE_EQUAL(ring.seq(k), it->first);
      BOOST_REQUIRE_EQUAL(ring.message(k), it->second);
    }
  }
  ring.release(budget);
  BOOST_CHECK_EQUAL(budget.bytes, 0U);
}

BOOST_AUTO_TEST_CASE(the_memory_of_all_rings_is_bounded) {
  auto table = table_of(1000, 4096, 1024);
  for (BusTopicId id = 0; id < 100; ++id) {
    table.announce(id, "quote|S" + std::to_string(id) + "|");
    for (std::uint64_t seq = 1; seq <= 50; ++seq) table.keep(*table.by_id(id), seq, std::string(100, 'x'));
    BOOST_REQUIRE_LE(table.ring_bytes(), 4096U);
  }
}

BOOST_AUTO_TEST_CASE(a_last_message_counts_only_while_it_is_current) {
  auto table = table_of();
  table.announce(0, "quote|AAPL|");
  auto& topic = *table.by_id(0);
  BOOST_CHECK(topic.last().empty());
  table.keep(topic, 1, "fresh");
  BOOST_CHECK_EQUAL(topic.last(), "fresh");
  topic.stale = std::make_unique<std::string>("stale");
  BOOST_CHECK_EQUAL(topic.last(), "stale");
  table.keep(topic, 2, "new");
  BOOST_CHECK_EQUAL(topic.last(), "new");
  topic.current = false;
  BOOST_CHECK(topic.last().empty());
}

BOOST_AUTO_TEST_SUITE_END()
