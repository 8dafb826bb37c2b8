#include "bus/bridge/topic_table.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

using namespace tradebus;

namespace {
TopicTable table_of(std::size_t topics_max = 1000, std::size_t log_bytes = 1U << 20U, std::size_t messages = 8) {
  return TopicTable{{topics_max, 100, log_bytes, messages}};
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

BOOST_AUTO_TEST_CASE(a_forgotten_topic_takes_its_status_with_it) {
  auto table = table_of();
  table.announce(5, "quote|AAPL|");
  table.keep_last("status|quote|AAPL|", "live");
  table.keep_last("status|quote|MSFT|", "rejected");
  table.retire(5);
  BOOST_CHECK(!table.last("status|quote|AAPL|"));
  BOOST_CHECK(table.last("status|quote|MSFT|") == "rejected");
}

BOOST_AUTO_TEST_CASE(topics_and_prefixes_are_bounded) {
  auto table = table_of(2);  // and 100 prefixes
  BOOST_CHECK(!table.subscribe("quote|A|").refused);
  BOOST_CHECK(!table.subscribe("quote|B|").refused);
  BOOST_CHECK(table.subscribe("quote|C|").refused);
  for (int i = 0; i < 100; ++i) BOOST_CHECK(!table.subscribe("p" + std::to_string(i)).refused);
  BOOST_CHECK(table.subscribe("one more").refused);
}

BOOST_AUTO_TEST_CASE(the_log_keeps_the_last_messages_and_their_holes) {
  auto table = table_of();
  table.announce(0, "quote|AAPL|");
  auto& topic = *table.by_id(0);
  for (std::uint64_t seq : {1, 2, 3, 7, 8, 9, 10, 11, 12, 13}) table.keep(topic, seq, "message " + std::to_string(seq));
  BOOST_CHECK_EQUAL(table.log().first_kept(topic.kept), 3U);
  const auto kept = table.log().after(topic.kept, 3);
  BOOST_REQUIRE_EQUAL(kept.size(), 7U);
  BOOST_CHECK_EQUAL(kept.front().seq, 7U);
  BOOST_CHECK_EQUAL(kept.back().message, "message 13");
  BOOST_CHECK(table.log().after(topic.kept, 13).empty());
}

// Against a plain model: several topics, any sizes, any seqs, one block.
BOOST_AUTO_TEST_CASE(the_log_agrees_with_a_simple_model) {
  std::mt19937_64 random{11};
  MessageLog log{16 * 1024, 64};
  constexpr std::size_t topics = 5;
  std::array<MessageLog::Chain, topics> chains;
  std::array<std::map<std::uint64_t, std::string>, topics> model;
  std::array<std::uint64_t, topics> seqs{};
  for (int i = 0; i < 50'000; ++i) {
    const auto t = random() % 16 == 0 ? random() % topics : 0;  // one noisy topic, four quiet ones
    seqs[t] += 1 + random() % 3;
    const std::string message(1 + random() % 300, static_cast<char>('a' + seqs[t] % 26));
    log.push(chains[t], seqs[t], message);
    model[t][seqs[t]] = message;
    BOOST_REQUIRE_LE(log.bytes(), 16U * 1024U);
    for (std::size_t k = 0; k < topics; ++k) {
      const auto kept = log.after(chains[k], 0);
      BOOST_REQUIRE_LE(kept.size(), 64U);
      BOOST_REQUIRE_EQUAL(log.first_kept(chains[k]), kept.empty() ? 0 : kept.front().seq);
      // What is kept is the newest part of the model, without a change.
      BOOST_REQUIRE_LE(kept.size(), model[k].size());
      auto it = std::prev(model[k].end(), static_cast<std::ptrdiff_t>(kept.size()));
      for (const auto& each : kept) {
        BOOST_REQUIRE_EQUAL(each.seq, it->first);
        BOOST_REQUIRE_EQUAL(each.message, it->second);
        ++it;
      }
    }
    BOOST_REQUIRE(!log.after(chains[t], seqs[t] - 1).empty());
  }
}

BOOST_AUTO_TEST_CASE(a_last_message_counts_only_while_it_holds) {
  auto table = table_of();
  table.announce(0, "quote|AAPL|");
  auto& topic = *table.by_id(0);
  BOOST_CHECK(topic.last.get().empty());
  table.keep(topic, 1, "fresh");
  BOOST_CHECK_EQUAL(topic.last.get(), "fresh");
  topic.last.set("fresh, but marked stale");
  table.keep(topic, 2, "new");
  BOOST_CHECK_EQUAL(topic.last.get(), "new");
  topic.last.clear();
  BOOST_CHECK(topic.last.get().empty());
  BOOST_CHECK_EQUAL(table.log().after(topic.kept, 0).size(), 2U);  // history is history
}

BOOST_AUTO_TEST_SUITE_END()
