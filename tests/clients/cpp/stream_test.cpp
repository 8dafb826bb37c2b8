#include <boost/test/unit_test.hpp>
#include <memory>
#include <vector>

#include "tests/clients/support/fake_bus.hpp"
#include "tradebus/client.hpp"

using namespace tradebus::client;
using tradebus::test::FakeBus;
using tradebus::test::map_of;
using tradebus::test::order_body;
using tradebus::test::order_event;
using tradebus::test::quote_body;
using tradebus::test::trade_body;

namespace {

constexpr auto topic = "quote|AAPL|";

StreamOptions options(const FakeBus& bus) { return {.stream = bus.stream(), .command = bus.command()}; }

// The seqs of the next `count` messages.
std::vector<std::uint64_t> take(Stream& stream, std::size_t count) {
  std::vector<std::uint64_t> out;
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (out.size() < count && std::chrono::steady_clock::now() < deadline)
    if (auto message = stream.next(100ms)) out.push_back(message->seq());
  return out;
}

template <class Condition>
bool pump_until(Stream& stream, Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!condition() && std::chrono::steady_clock::now() < deadline) stream.next(20ms);
  return condition();
}

using Seqs = std::vector<std::uint64_t>;

Value missed(const Value& args, std::uint64_t first_kept, std::uint64_t last) {
  Value::Array list;
  const auto after = static_cast<std::uint64_t>(args["after"].integer().value_or(0));
  const auto limit = static_cast<std::uint64_t>(args["limit"].integer().value_or(1000));
  for (auto seq = std::max(first_kept, after + 1); seq <= last && list.size() < limit; ++seq)
    list.push_back(quote_body(seq, 1, 2));
  return map_of({{"messages", list}, {"complete", first_kept <= after + 1}, {"first_kept", first_kept}});
}

}  // namespace

BOOST_AUTO_TEST_CASE(messages_come_typed_and_once) {
  FakeBus bus;
  bus.set_last(topic, quote_body(5, 190.1, 190.2));
  auto stream = Stream::open(options(bus));
  BOOST_REQUIRE(stream);
  stream->subscribe(topic);
  BOOST_REQUIRE(bus.wait_subscribed(topic));
  bus.publish(topic, quote_body(5, 190.1, 190.2));  // what the snapshot was
  bus.publish(topic, quote_body(6, 190.3, 190.4));
  bus.publish("quote|MSFT|", quote_body(1, 1, 2, "MSFT"));  // not ours
  bus.publish(topic, quote_body(7, 190.5, 190.6));

  auto first = stream->next(5s);
  BOOST_REQUIRE(first);
  BOOST_CHECK(first->snapshot());
  BOOST_CHECK_EQUAL(first->seq(), 5U);
  auto second = stream->next(5s);
  BOOST_REQUIRE(second);
  BOOST_CHECK(!second->snapshot());
  BOOST_CHECK(second->kind() == Kind::quote);
  BOOST_CHECK_EQUAL(second->as<Quote>().bid.value(), 190.3);
  BOOST_CHECK_EQUAL(std::get<Quote>(to_event(*second)).ask.value(), 190.4);
  BOOST_CHECK_EQUAL(second->value()["rx"].integer().value_or(0), 1'718'976'600'000'000'500);
  auto third = stream->next(5s);
  BOOST_REQUIRE(third);
  BOOST_CHECK_EQUAL(third->seq(), 7U);
  BOOST_CHECK(!stream->next(0ms));
}

BOOST_AUTO_TEST_CASE(a_gap_is_refilled_in_order) {
  FakeBus bus;
  bus.on("get_missed", [](const Value& args) { return FakeBus::Answer{true, missed(args, 1, 9)}; });
  auto stream = Stream::open(options(bus));
  std::vector<Gap> gaps;
  stream->on_gap = [&](const Gap& gap) { gaps.push_back(gap); };
  stream->subscribe(topic);
  BOOST_REQUIRE(bus.wait_subscribed(topic));
  bus.publish(topic, quote_body(3, 1, 2));
  bus.publish(topic, quote_body(7, 1, 2));
  BOOST_CHECK((take(*stream, 5) == Seqs{3, 4, 5, 6, 7}));
  BOOST_REQUIRE_EQUAL(gaps.size(), 1U);
  BOOST_CHECK(gaps[0].complete());
  BOOST_CHECK_EQUAL(gaps[0].after, 3U);
  BOOST_CHECK_EQUAL(gaps[0].before, 7U);
  BOOST_CHECK_EQUAL(bus.wait_request("get_missed")->args["topic"].text_or(""), topic);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_refilled_is_told) {
  FakeBus bus;
  bus.on("get_missed", [](const Value& args) { return FakeBus::Answer{true, missed(args, 6, 9)}; });
  auto stream = Stream::open(options(bus));
  std::vector<Gap> gaps;
  stream->on_gap = [&](const Gap& gap) { gaps.push_back(gap); };
  stream->subscribe(topic);
  BOOST_REQUIRE(bus.wait_subscribed(topic));
  bus.publish(topic, quote_body(3, 1, 2));
  bus.publish(topic, quote_body(8, 1, 2));
  BOOST_CHECK((take(*stream, 4) == Seqs{3, 6, 7, 8}));
  BOOST_REQUIRE_EQUAL(gaps.size(), 1U);
  BOOST_CHECK(!gaps[0].complete());
  BOOST_CHECK_EQUAL(gaps[0].recovered, 2U);
}

BOOST_AUTO_TEST_CASE(a_ring_that_has_only_later_messages_ends_the_search) {
  FakeBus bus;
  bus.on("get_missed", [](const Value& args) { return FakeBus::Answer{true, missed(args, 100, 200)}; });
  auto stream = Stream::open(options(bus));
  std::vector<Gap> gaps;
  stream->on_gap = [&](const Gap& gap) { gaps.push_back(gap); };
  stream->subscribe(topic);
  BOOST_REQUIRE(bus.wait_subscribed(topic));
  bus.publish(topic, quote_body(3, 1, 2));
  bus.publish(topic, quote_body(90, 1, 2));
  BOOST_CHECK((take(*stream, 2) == Seqs{3, 90}));
  BOOST_REQUIRE_EQUAL(gaps.size(), 1U);
  BOOST_CHECK_EQUAL(gaps[0].recovered, 0U);
  BOOST_CHECK_EQUAL(bus.count_requests("get_missed"), 1U);
}

BOOST_AUTO_TEST_CASE(without_a_command_endpoint_a_gap_is_only_told) {
  FakeBus bus;
  auto stream = Stream::open({.stream = bus.stream(), .command = ""});
  int gaps = 0;
  stream->on_gap = [&](const Gap& gap) { gaps += gap.recovered == 0 ? 1 : 100; };
  stream->subscribe(topic);
  BOOST_REQUIRE(bus.wait_subscribed(topic));
  bus.publish(topic, quote_body(3, 1, 2));
  bus.publish(topic, quote_body(8, 1, 2));
  BOOST_CHECK((take(*stream, 2) == Seqs{3, 8}));
  BOOST_CHECK_EQUAL(gaps, 1);
}

BOOST_AUTO_TEST_CASE(feeds_come_as_single_messages) {
  FakeBus bus;
  auto stream = Stream::open(options(bus));
  stream->subscribe("feed|trade|");
  stream->subscribe("trade|AAPL|");
  BOOST_REQUIRE(bus.wait_subscribed("feed|trade|") && bus.wait_subscribed("trade|AAPL|"));
  bus.publish("trade|AAPL|", trade_body(1, 10, 5));
  bus.publish(
      "feed|trade|",
      map_of({{"seq", 1},
              {"items", Value::Array{trade_body(1, 10, 5), trade_body(9, 20, 1, "MSFT"), trade_body(2, 11, 5)}}}));
  std::vector<std::string> seen;
  stream->poll(300ms, [&](const Message& m) { seen.push_back(m.topic() + " " + std::to_string(m.seq())); });
  BOOST_CHECK((seen == std::vector<std::string>{"trade|AAPL| 1", "trade|MSFT| 9", "trade|AAPL| 2"}));
}

BOOST_AUTO_TEST_CASE(silence_is_told_once_and_so_is_the_return) {
  FakeBus bus;
  auto opts = options(bus);
  opts.liveness = 500ms;
  auto stream = Stream::open(opts);
  int lost = 0, back = 0;
  bool same = true;
  stream->on_disconnected = [&] { ++lost; };
  stream->on_connected = [&](std::uint64_t epoch, bool new_epoch) { ++back, same = same && epoch == 7 && !new_epoch; };
  BOOST_REQUIRE(pump_until(*stream, [&] { return back > 0; }));
  BOOST_CHECK(stream->state() == Stream::State::connected);
  bus.stop_beating();
  BOOST_REQUIRE(pump_until(*stream, [&] { return stream->state() == Stream::State::disconnected; }));
  const int told = lost, returned = back;  // a busy machine may have had a silence before
  BOOST_CHECK_GE(told, 1);
  stream->next(700ms);
  BOOST_CHECK_EQUAL(lost, told);
  bus.publish("heartbeat|", map_of({{"seq", 99}, {"epoch", 7}, {"ts", 1}}));
  BOOST_REQUIRE(pump_until(*stream, [&] { return stream->state() == Stream::State::connected; }));
  BOOST_CHECK_EQUAL(back, returned + 1);
  BOOST_CHECK(same);
}

BOOST_AUTO_TEST_CASE(a_new_epoch_counts_anew_and_nothing_comes_twice) {
  auto first = std::make_unique<FakeBus>(7);
  const auto opts = options(*first);
  auto stream = Stream::open(opts);
  std::vector<std::uint64_t> epochs;
  bool anew = false;
  int gaps = 0;
  stream->on_connected = [&](std::uint64_t epoch, bool new_epoch) { epochs.push_back(epoch), anew = new_epoch; };
  stream->on_gap = [&](const Gap&) { ++gaps; };
  stream->subscribe(topic);
  BOOST_REQUIRE(first->wait_subscribed(topic));
  BOOST_REQUIRE(pump_until(*stream, [&] { return !epochs.empty(); }));
  first->publish(topic, quote_body(500, 1, 2));
  BOOST_CHECK((take(*stream, 1) == Seqs{500}));
  first.reset();

  FakeBus second{8, opts.stream, opts.command};
  second.set_last(topic, quote_body(1, 1, 2));  // the daemon's first message came before we were back
  BOOST_CHECK((take(*stream, 1) == Seqs{1}));   // ZeroMQ subscribes again while the stream is read
  second.publish(topic, quote_body(2, 1, 2));
  BOOST_CHECK((take(*stream, 1) == Seqs{2}));
  BOOST_CHECK((epochs == Seqs{7, 8}));
  BOOST_CHECK(anew);
  BOOST_CHECK_EQUAL(gaps, 0);
  second.publish(topic, quote_body(3, 1, 2));
  BOOST_CHECK((take(*stream, 1) == Seqs{3}));
}

BOOST_AUTO_TEST_CASE(after_a_reconnect_in_one_epoch_the_numbers_go_on) {
  auto first = std::make_unique<FakeBus>(7);
  const auto opts = options(*first);
  auto stream = Stream::open(opts);
  stream->subscribe(topic);
  BOOST_REQUIRE(first->wait_subscribed(topic));
  BOOST_REQUIRE(pump_until(*stream, [&] { return stream->epoch().has_value(); }));
  first->publish(topic, quote_body(5, 1, 2));
  BOOST_CHECK((take(*stream, 1) == Seqs{5}));
  first.reset();

  FakeBus second{7, opts.stream, opts.command};
  second.on("get_missed", [](const Value& args) { return FakeBus::Answer{true, missed(args, 1, 8)}; });
  second.set_last(topic, quote_body(8, 1, 2));
  BOOST_CHECK((take(*stream, 3) == Seqs{6, 7, 8}));
}

BOOST_AUTO_TEST_CASE(order_events_missed_during_an_outage_are_fetched_from_the_journal) {
  auto first = std::make_unique<FakeBus>(7);
  const auto opts = options(*first);
  first->on("get_events", map_of({{"events", Value::Array{}}, {"last_seq", 40}}));
  auto stream = Stream::open(opts);
  stream->subscribe("order|PAPER|");
  BOOST_REQUIRE(first->wait_subscribed("order|PAPER|"));
  BOOST_REQUIRE(pump_until(*stream, [&] { return first->count_requests("get_events") > 0; }));
  first.reset();

  FakeBus second{8, opts.stream, opts.command};
  second.on("get_events", [](const Value& args) {
    Value::Array events;
    const auto after = args["after"].integer().value_or(0);
    if (after < 41) events.push_back(order_event(41, "new", order_body("new")));
    if (after < 42) events.push_back(order_event(42, "new", order_body("new").set("account", "OTHER")));
    if (after < 43) events.push_back(order_event(43, "fill", order_body("filled", 10)));
    return FakeBus::Answer{true, map_of({{"events", events}, {"last_seq", 43}})};
  });
  BOOST_CHECK((take(*stream, 2) == Seqs{41, 43}));  // OTHER is not ours
  BOOST_REQUIRE(second.wait_subscribed("order|PAPER|"));
  second.publish("order|PAPER|", order_event(43, "fill", order_body("filled", 10)));
  second.publish("order|PAPER|", order_event(47, "canceled", order_body("canceled")));
  auto message = stream->next(5s);
  BOOST_REQUIRE(message);
  const auto event = message->as<OrderEvent>();
  BOOST_CHECK_EQUAL(event.seq, 47U);
  BOOST_CHECK_EQUAL(event.event, "canceled");
  BOOST_CHECK(event.order.closed());
}

BOOST_AUTO_TEST_CASE(unsubscribing_ends_a_topic_and_a_later_snapshot_is_new) {
  FakeBus bus;
  bus.set_last(topic, quote_body(5, 1, 2));
  auto stream = Stream::open(options(bus));
  stream->subscribe(topic);
  BOOST_CHECK((take(*stream, 1) == Seqs{5}));
  stream->unsubscribe(topic);
  BOOST_REQUIRE(bus.wait_unsubscribed(topic));
  stream->subscribe(topic);
  BOOST_CHECK((take(*stream, 1) == Seqs{5}));
}

BOOST_AUTO_TEST_CASE(bodies_that_are_no_maps_are_passed_over) {
  FakeBus bus;
  auto stream = Stream::open(options(bus));
  stream->subscribe(topic);
  BOOST_REQUIRE(bus.wait_subscribed(topic));
  bus.publish(topic, Value{"text"});
  bus.publish(topic, map_of({{"symbol", "AAPL"}}));  // no seq
  bus.publish(topic, quote_body(1, 1, 2));
  BOOST_CHECK((take(*stream, 2) == Seqs{0, 1}));
}
