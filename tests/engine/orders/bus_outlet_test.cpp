#include "engine/orders/bus_outlet.hpp"

#include <boost/test/unit_test.hpp>

#include "bus/wire/unpack.hpp"

using namespace tradebus;

namespace {

struct Outlet {
  BusQueue queue{16};
  Publisher publisher{queue};
  BridgeStats stats;
  BusOutlet outlet{queue, publisher, stats};

  // Topics of the next batch, with the message's seq: "order|A| 7".
  std::vector<std::string> sent() {
    std::vector<std::string> out;
    BusBatch batch;
    if (!queue.pop(batch)) return out;
    for (const auto& entry : batch.entries) {
      const std::string_view bytes{batch.bytes.data() + entry.offset, entry.size};
      const auto body = wire::Document::parse(bytes.substr(entry.name_size));
      BOOST_REQUIRE(body);
      const auto seq = wire::find(body->root(), "seq")->as<std::uint64_t>();
      out.push_back(std::string{bytes.substr(0, entry.name_size)} + " " + std::to_string(seq));
    }
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(bus_outlet, Outlet)

BOOST_AUTO_TEST_CASE(what_is_published_leaves_together_with_the_flush) {
  OrderEvent event;
  event.seq = 7;
  event.order.account = AccountId{"A"};
  Position position;
  position.account = AccountId{"A"};
  AccountSummary account;
  account.account = AccountId{"A"};
  stats.orders_wanted = true;
  outlet.publish(event);
  outlet.publish(position);
  outlet.publish(position);
  outlet.publish(account);
  outlet.publish(BrokerStatus{BrokerName{"paper"}, LinkState::up, "", "", {}});
  BOOST_CHECK(sent().empty());
  outlet.flush();
  BOOST_CHECK((sent() == std::vector<std::string>{"order|A| 7", "position|A| 1", "position|A| 2", "account|A| 1",
                                                  "status|broker|paper| 1"}));
  outlet.flush();
  BOOST_CHECK(sent().empty());
}

BOOST_AUTO_TEST_CASE(events_that_nobody_listens_to_are_not_encoded) {
  OrderEvent event;
  outlet.publish(event);
  outlet.flush();
  BOOST_CHECK(sent().empty());
}

BOOST_AUTO_TEST_CASE(replies_are_handed_over_at_once) {
  std::vector<BusReply> replies(3);
  outlet.reply(replies);
  BOOST_CHECK(replies.empty());
  replies.resize(2);
  outlet.reply(replies);
  queue.take_replies(replies);
  BOOST_CHECK_EQUAL(replies.size(), 5);
}

BOOST_AUTO_TEST_SUITE_END()
