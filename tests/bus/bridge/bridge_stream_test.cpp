// The stream: who gets what, in which order, and who loses.
#include <random>

#include "bridge_fixture.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {
struct Text {
  std::string state;
  static constexpr std::string_view type_name = "Text";
  static constexpr auto fields() { return std::tuple{field("state", &Text::state)}; }
};
}  // namespace

BOOST_FIXTURE_TEST_SUITE(bridge_stream, BridgeFixture)

BOOST_AUTO_TEST_CASE(a_newcomer_gets_the_snapshot_and_nobody_else_does) {
  auto first = subscriber({"quote|AAPL|"});
  until_subscribers("quote|AAPL|", 1);
  announce(0, "quote|AAPL|");
  send(3);
  for (std::uint64_t i = 1; i <= 3; ++i) BOOST_CHECK_EQUAL(receive(first).seq, i);
  auto second = subscriber({"quote|AAPL|"});
  until_subscribers("quote|AAPL|", 2);
  send(1);
  auto message = receive(second);
  BOOST_CHECK(message.snapshot);
  BOOST_CHECK_EQUAL(message.seq, 3U);
  message = receive(second);
  BOOST_CHECK(!message.snapshot);
  BOOST_CHECK_EQUAL(message.seq, 4U);
  message = receive(first);
  BOOST_CHECK(!message.snapshot);
  BOOST_CHECK_EQUAL(message.seq, 4U);
}

BOOST_AUTO_TEST_CASE(what_passes_is_sent_and_kept_but_no_snapshot) {
  auto first = subscriber({"quote|AAPL|"});
  until_subscribers("quote|AAPL|", 1);
  announce(0, "quote|AAPL|");
  send(1);
  BusBatch batch;
  ++seq;
  add(batch, BusEntry::Type::passing, 0, seq, body(seq));
  queue.push(std::move(batch));
  for (std::uint64_t i = 1; i <= 2; ++i) BOOST_CHECK_EQUAL(receive(first).seq, i);
  auto second = subscriber({"quote|AAPL|"});
  until_subscribers("quote|AAPL|", 2);
  send(1);
  const auto message = receive(second);
  BOOST_CHECK(message.snapshot);
  BOOST_CHECK_EQUAL(message.seq, 1U);
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_is_counted_out) {
  {
    auto gone = subscriber({"quote|AAPL|", "trade|AAPL|"});
    until_subscribers("quote|AAPL|", 1);
    until_subscribers("trade|AAPL|", 1);
  }
  until_subscribers("quote|AAPL|", 0);
  until_subscribers("trade|AAPL|", 0);
}

// A hostile XSUB may not take other clients' topics away.
BOOST_AUTO_TEST_CASE(noise_upstream_costs_nobody_a_subscription) {
  zmq::socket_t noisy{context, zmq::socket_type::xsub};
  noisy.set(zmq::sockopt::linger, 0);
  noisy.connect(endpoints.stream[0]);
  announce(0, "quote|AAPL|");
  for (std::uint32_t round = 1; round <= 30; ++round) {
    for (int i = 0; i < 20; ++i) noisy.send(zmq::str_buffer("\x05noise"), zmq::send_flags::none);
    noisy.send(zmq::message_t{}, zmq::send_flags::none);
    auto one = subscriber({"quote|AAPL|"});
    auto two = subscriber({"status|x|"});
    auto three = subscriber({"quote|AAPL|"});
    until_subscribers("quote|AAPL|", 2);
    send(1);
    for (auto* socket : {&one, &three}) {
      auto message = receive(*socket);
      while (message.snapshot) message = receive(*socket);  // under noise one may get another newcomer's
      BOOST_REQUIRE_EQUAL(message.seq, seq);
    }
    one.close();
    two.close();
    three.close();
    until_subscribers("quote|AAPL|", 0);
  }
  listener.until([&] { return bridge.stats().noise.load() > 0; });
}

BOOST_AUTO_TEST_CASE(random_frames_on_the_stream_harm_nobody) {
  auto reader = subscriber({"quote|AAPL|"});
  until_subscribers("quote|AAPL|", 1);
  announce(0, "quote|AAPL|");
  zmq::socket_t noisy{context, zmq::socket_type::xsub};
  noisy.set(zmq::sockopt::linger, 0);
  noisy.set(zmq::sockopt::sndhwm, 0);
  noisy.connect(endpoints.stream[0]);
  std::mt19937_64 random{13};
  for (int i = 0; i < 100'000; ++i) {
    std::string frame(random() % 40, ' ');
    for (auto& c : frame) c = static_cast<char>(random());
    if (!frame.empty() && i % 2 == 0) frame[0] = static_cast<char>(i % 4 == 0);  // a subscription, or its end
    noisy.send(zmq::buffer(frame), i % 100 == 0 ? zmq::send_flags::sndmore : zmq::send_flags::none);
    if (i % 1'000 != 0) continue;
    send(1);
    BOOST_REQUIRE_EQUAL(receive(reader).seq, seq);
  }
  noisy.send(zmq::str_buffer("\x01quote|LAST|"), zmq::send_flags::none);
  until_subscribers("quote|LAST|", 1);  // all of it has been read
  send(1);
  BOOST_REQUIRE_EQUAL(receive(reader).seq, seq);
  auto late = subscriber({"quote|AAPL|"});
  until_subscribers("quote|AAPL|", 2);
  BOOST_CHECK(receive(late).snapshot);
}

BOOST_AUTO_TEST_CASE(feeds_carry_everything_of_a_kind_and_open_nothing) {
  auto feed = subscriber({"feed|quote|", "quote|PROBE|"});
  until_subscribers("quote|PROBE|", 1);  // so the feed's subscription, sent before it, is in force too
  announce(0, "quote|AAPL|");
  send(200);
  std::size_t items = 0;
  for (std::uint64_t n = 1; items < 200; ++n) {
    const auto message = receive(feed);
    BOOST_CHECK_EQUAL(message.topic, "feed|quote|");
    BOOST_CHECK_EQUAL(message.seq, n);
    BOOST_CHECK_LE(message.items, 64U);
    items += message.items;
  }
  BOOST_CHECK_EQUAL(items, 200U);
  const std::lock_guard lock{listener.mutex};
  BOOST_CHECK(listener.subscribers.find("feed|quote|") == listener.subscribers.end());
}

BOOST_AUTO_TEST_CASE(missed_messages_are_asked_for) {
  announce(0, "quote|AAPL|");
  send(100);
  auto dealer = client();
  const auto ask = [&](std::uint64_t after) {
    wire::Buffer args;
    wire::Packer out{args};
    out.pack_map(2);
    wire::pack(out, "topic");
    wire::pack(out, "quote|AAPL|");
    wire::pack(out, "after");
    wire::pack(out, after);
    send_frame(dealer, request("get_missed", 1, args.bytes));
    return reply(dealer);
  };
  // Requests and batches come by different ways: ask until the last one is there.
  auto doc = ask(90);
  const auto messages_of = [](const wire::Document& d) {
    const auto* answer = wire::find(d.root(), "result");
    return answer == nullptr ? 0U
                             : wire::find(*answer, "messages")->via.array.size;  // an error: the topic is not there yet
  };
  while (messages_of(doc) < 10) doc = ask(90);
  const auto* result = wire::find(doc.root(), "result");
  BOOST_CHECK_EQUAL(wire::find(*result, "messages")->via.array.size, 10U);
  BOOST_CHECK(wire::find(*result, "complete")->as<bool>());
  BOOST_CHECK_EQUAL(wire::find(*result, "first_kept")->as<int>(), 37);
  const auto old = ask(0);
  BOOST_CHECK(!wire::find(*wire::find(old.root(), "result"), "complete")->as<bool>());
}

// Live: whoever reads nothing loses messages, and nobody else notices.
BOOST_AUTO_TEST_CASE(a_stuck_subscriber_costs_the_others_nothing) {
  auto stuck = subscriber({"quote|AAPL|"}, 10);
  stuck.set(zmq::sockopt::rcvbuf, 4096);
  auto reader = subscriber({"quote|AAPL|"});
  until_subscribers("quote|AAPL|", 2);
  announce(0, "quote|AAPL|");
  for (int i = 0; i < 2'000; ++i) {
    send(100);
    for (int k = 0; k < 100; ++k) BOOST_REQUIRE_EQUAL(receive(reader).seq, seq - 99 + static_cast<std::uint64_t>(k));
  }
  BOOST_CHECK_EQUAL(bridge.stats().stalls.load(), 0U);
}

// A recording at full speed: a slow subscriber is waited for, and gets every message.
BOOST_AUTO_TEST_CASE(a_lossless_source_waits_for_a_slow_subscriber) {
  auto slow = subscriber({"quote|AAPL|"}, 10);
  until_subscribers("quote|AAPL|", 1);
  announce(0, "quote|AAPL|");
  constexpr std::uint64_t total = 300'000;
  std::uint64_t next = 1;
  while (next <= total) {
    while (seq < total && queue.has_room()) send(200, true);
    BOOST_REQUIRE_EQUAL(receive(slow).seq, next++);
    if (bridge.stats().stalls.load() > 0) break;
  }
  BOOST_CHECK_EQUAL(bridge.stats().stalls.load(), 0U);
  BOOST_CHECK_EQUAL(next, total + 1);
  BOOST_CHECK_EQUAL(queue.dropped(), 0U);
}

// ... but not for ever: one that takes nothing is left behind after the stall, the others lose nothing, and commands
// are served all the while.
BOOST_AUTO_TEST_CASE(a_lossless_source_leaves_a_dead_subscriber_behind) {
  auto dead = subscriber({"quote|AAPL|"}, 10);
  auto reader = subscriber({"quote|AAPL|"});
  until_subscribers("quote|AAPL|", 2);
  announce(0, "quote|AAPL|");
  auto dealer = client();
  constexpr std::uint64_t total = 400'000;
  std::uint64_t next = 1;
  std::uint64_t pings = 0;
  while (next <= total) {
    while (seq < total && queue.has_room()) send(200, true);
    if (next % 10'000 == 1) {  // with a full queue behind it, and the dead subscriber in front
      send_frame(dealer, request("ping", ++pings));
      BOOST_REQUIRE_EQUAL(wire::find(reply(dealer).root(), "id")->as<std::uint64_t>(), pings);
    }
    BOOST_REQUIRE_EQUAL(receive(reader).seq, next++);
  }
  BOOST_CHECK_GE(bridge.stats().stalls.load(), 1U);
  BOOST_CHECK_LE(bridge.stats().stalls.load(), 3U);
  BOOST_CHECK_GT(pings, 0U);
}

BOOST_AUTO_TEST_CASE(status_topics_have_snapshots_and_order_events_have_none) {
  auto witness = subscriber({"status|broker|paper|", "order|PAPER|"});
  auto probe = subscriber({"quote|PROBE|"});
  until_subscribers("quote|PROBE|", 1);
  publisher.publish("order|PAPER|", Text{"filled"});
  publisher.publish("status|broker|paper|", Text{"up"});
  BOOST_CHECK_EQUAL(receive(witness).topic, "order|PAPER|");
  BOOST_CHECK_EQUAL(receive(witness).topic, "status|broker|paper|");
  auto late = subscriber({"order|PAPER|", "status|broker|paper|"});
  const auto message = receive(late);
  BOOST_CHECK_EQUAL(message.topic, "status|broker|paper|");
  BOOST_CHECK(message.snapshot);
}

BOOST_AUTO_TEST_SUITE_END()
