// Lines are few: who has one, who waits.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "actors/providers/ibkr/line_table.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::data;
using Grant = LineTable::Grant;

BOOST_AUTO_TEST_SUITE(line_table)

BOOST_AUTO_TEST_CASE(topics_of_a_contract_share_its_line) {
  LineTable lines{2};
  BOOST_CHECK(lines.need(1, 100) == Grant::opened);
  BOOST_CHECK(lines.need(2, 100) == Grant::joined);
  BOOST_CHECK(lines.need(2, 100) == Grant::joined);
  BOOST_CHECK_EQUAL(lines.size(), 1);
  BOOST_CHECK(!lines.release(1));
  BOOST_CHECK(lines.release(2) == 100);
  BOOST_CHECK(!lines.release(2));
  BOOST_CHECK_EQUAL(lines.size(), 0);
}

BOOST_AUTO_TEST_CASE(one_too_many_waits_and_is_next) {
  LineTable lines{1};
  BOOST_CHECK(lines.need(1, 100) == Grant::opened);
  BOOST_CHECK(lines.need(2, 200) == Grant::refused);
  BOOST_CHECK(lines.need(3, 300) == Grant::refused);
  BOOST_CHECK(lines.need(4, 100) == Grant::joined);  // costs nothing
  BOOST_CHECK(lines.take_waiting().empty());
  lines.release(1);
  BOOST_CHECK(lines.release(4) == 100);
  BOOST_CHECK(lines.take_waiting() == std::vector<TopicRef>{2});
  BOOST_CHECK(lines.need(2, 200) == Grant::opened);
  lines.release(3);  // wants none any more
  lines.release(2);
  BOOST_CHECK(lines.take_waiting().empty());
}

BOOST_AUTO_TEST_CASE(the_venue_may_have_fewer) {
  LineTable lines{10};
  for (TopicRef ref = 1; ref <= 4; ++ref) lines.need(ref, ref);
  BOOST_CHECK(lines.drop(4) == std::vector<TopicRef>{4});  // refused with 101
  lines.allow_no_more();
  lines.wait(4);
  BOOST_CHECK_EQUAL(lines.allowed(), 3);
  BOOST_CHECK(lines.is_restricted() && lines.free() == 0);
  BOOST_CHECK(lines.need(5, 5) == Grant::refused);
  lines.raise();
  BOOST_CHECK(lines.take_waiting() == std::vector<TopicRef>{4});
  for (int i = 0; i < 20; ++i) lines.raise();
  BOOST_CHECK_EQUAL(lines.allowed(), 10);
  BOOST_CHECK(!lines.is_restricted());
}

BOOST_AUTO_TEST_CASE(who_waits_waits_through_a_lost_link) {
  LineTable lines{1};
  lines.need(1, 100);
  lines.need(2, 200);
  lines.clear();
  BOOST_CHECK_EQUAL(lines.size(), 0);
  BOOST_CHECK(!lines.line_of(1));
  BOOST_CHECK(lines.take_waiting() == std::vector<TopicRef>{2});
}

BOOST_AUTO_TEST_CASE(snapshots_and_topics_share_the_lines) {
  LineTable lines{3};
  lines.need(1, 100);
  BOOST_CHECK(lines.borrow() && lines.borrow());
  BOOST_CHECK(!lines.borrow());  // not one more, though nothing else is free
  BOOST_CHECK_EQUAL(lines.used(), 3);
  BOOST_CHECK(lines.need(2, 200) == Grant::refused);
  lines.give_back();
  BOOST_CHECK(!lines.borrow());  // a topic waits
  BOOST_CHECK(lines.take_waiting() == std::vector<TopicRef>{2});
  BOOST_CHECK(!lines.borrow());  // it was offered
  BOOST_CHECK(lines.need(2, 200) == Grant::opened);
  lines.give_back();
  BOOST_CHECK(lines.borrow());
  BOOST_CHECK(lines.need(3, 300) == Grant::refused);
  lines.give_back();
  BOOST_CHECK_EQUAL(lines.take_waiting().size(), 1);
  lines.end_offers();  // nobody wanted it any more
  BOOST_CHECK(lines.borrow());
  lines.clear();  // the owner of what is borrowed gives it back
  BOOST_CHECK_EQUAL(lines.free(), 2);
  lines.give_back();
  lines.give_back();  // once more than it was borrowed
  BOOST_CHECK_EQUAL(lines.free(), 3);
}

BOOST_AUTO_TEST_CASE(a_snapshot_that_the_venue_has_no_line_for_counts_too) {
  LineTable lines{10};
  lines.need(1, 100);
  BOOST_CHECK(lines.borrow() && lines.borrow());
  lines.allow_no_more(1);  // the second was refused
  lines.give_back();
  BOOST_CHECK_EQUAL(lines.allowed(), 2);
  BOOST_CHECK(lines.free() == 0 && !lines.borrow());
}

// Against a plain model: never more lines than allowed, each topic at most one, a line as long as somebody needs it.
BOOST_AUTO_TEST_CASE(random_lives) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random{seed};
    LineTable lines{1 + random() % 8};
    std::map<TopicRef, LineTable::ConId> model;
    std::set<LineTable::ConId> open;
    for (int i = 0; i < 2'000; ++i) {
      const auto ref = static_cast<TopicRef>(random() % 30);
      const auto con_id = static_cast<LineTable::ConId>(1 + random() % 15);
      switch (random() % 6) {
        case 0:
        case 1:
        case 2: {
          const auto before = model.find(ref);
          if (before != model.end() && before->second != con_id) {
            const auto old = before->second;
            model.erase(before);
            if (std::ranges::none_of(model, [&](auto& e) { return e.second == old; })) open.erase(old);
          }
          const auto grant = lines.need(ref, con_id);
          BOOST_REQUIRE((grant == Grant::joined) == open.contains(con_id));
          if (grant == Grant::refused) {
            BOOST_REQUIRE(open.size() >= lines.allowed());
            break;
          }
          model[ref] = con_id;
          open.insert(con_id);
          break;
        }
        case 3: {
          const auto closed = lines.release(ref);
          const auto had = model.extract(ref);
          const bool is_last =
              !had.empty() && std::ranges::none_of(model, [&](auto& e) { return e.second == had.mapped(); });
          BOOST_REQUIRE_EQUAL(closed.has_value(), is_last);
          if (closed) open.erase(*closed);
          break;
        }
        case 4:
          for (const auto each : lines.drop(con_id)) BOOST_REQUIRE(model.erase(each) == 1);
          open.erase(con_id);
          break;
        default:
          if (random() % 10 == 0) lines.allow_no_more();
          if (random() % 5 == 0) lines.raise();
          BOOST_REQUIRE(lines.take_waiting().size() <= lines.free());
      }
      BOOST_REQUIRE_EQUAL(lines.size(), open.size());
      for (const auto& [topic, contract] : model) BOOST_REQUIRE(lines.line_of(topic) == contract);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
