#include <boost/test/unit_test.hpp>
#include <charconv>
#include <random>

#include "tradebus/client.hpp"

using namespace tradebus::client;

namespace {

Value round_trip(const Value& value) {
  msgpack::sbuffer buffer;
  msgpack::packer<msgpack::sbuffer> packer{buffer};
  value.pack(packer);
  return Value::from(msgpack::unpack(buffer.data(), buffer.size()).get());
}

}  // namespace

BOOST_AUTO_TEST_CASE(decimals_have_their_shortest_text_without_an_exponent) {
  BOOST_CHECK_EQUAL(decimal_text(190.1), "190.1");
  BOOST_CHECK_EQUAL(decimal_text(0.1 + 0.2), "0.30000000000000004");
  BOOST_CHECK_EQUAL(decimal_text(1e-9), "0.000000001");
  BOOST_CHECK_EQUAL(decimal_text(1e22), "10000000000000000000000");
  BOOST_CHECK_EQUAL(decimal_text(-0.0), "0");
  BOOST_CHECK_EQUAL(decimal_text(250000), "250000");
  BOOST_CHECK_EQUAL(decimal_text(std::nan("")), "");
}

BOOST_AUTO_TEST_CASE(the_nearest_double_gives_its_decimal_back) {
  std::mt19937_64 random{42};
  for (int i = 0; i < 20'000; ++i) {
    const auto raw =
        std::uniform_int_distribution<std::int64_t>{1, 999'999'999'999'999}(random);  // 15 digits, 9 decimals
    auto text = std::to_string(raw);
    if (text.size() < 10) text.insert(0, 10 - text.size(), '0');
    text.insert(text.size() - 9, ".");
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    double nearest = 0;
    std::from_chars(text.data(), text.data() + text.size(), nearest);
    BOOST_REQUIRE_EQUAL(decimal_text(nearest), text);
  }
}

BOOST_AUTO_TEST_CASE(values_survive_the_wire) {
  Value value;
  value.set("text", "Grüße").set("yes", true).set("whole", -5).set("big", std::uint64_t{18'446'744'073'709'551'615U});
  value.set("number", 1.5).set("list", Value::Array{Value{1}, Value{"two"}}).set("map", Value{}.set("inner", 3));
  value.set("absent", Value{});  // no nil on the wire
  const auto back = round_trip(value);
  BOOST_CHECK_EQUAL(back["text"].text_or(""), "Grüße");
  BOOST_CHECK(back["yes"].boolean() == true);
  BOOST_CHECK(back["whole"].integer() == -5);
  BOOST_CHECK(!back["big"].integer());
  BOOST_CHECK(back["number"].number() == 1.5);
  BOOST_CHECK_EQUAL((*back["list"].array())[1].text_or(""), "two");
  BOOST_CHECK(back["map"]["inner"].integer() == 3);
  BOOST_CHECK_EQUAL(back.map()->size(), 7U);
  BOOST_CHECK(back["nothing"]["at"]["all"].is_nil());
}

BOOST_AUTO_TEST_CASE(a_struct_is_read_from_any_order_of_keys_and_ignores_what_it_does_not_know) {
  Value body;
  body.set("ask", 190).set("new_key", "?").set("symbol", "AAPL").set("bid", 189.5).set("ts", 5).set("bid_size", "odd");
  msgpack::sbuffer buffer;
  msgpack::packer<msgpack::sbuffer> packer{buffer};
  body.pack(packer);
  const auto handle = msgpack::unpack(buffer.data(), buffer.size());
  const auto quote = decode<Quote>(handle.get());
  BOOST_CHECK_EQUAL(quote.symbol, "AAPL");
  BOOST_CHECK_EQUAL(quote.ts, 5);
  BOOST_CHECK_EQUAL(quote.bid.value(), 189.5);
  BOOST_CHECK_EQUAL(quote.ask.value(), 190.0);
  BOOST_CHECK_EQUAL(quote.mid().value(), 189.75);
  BOOST_CHECK(!quote.ask_size);
  BOOST_CHECK_EQUAL(quote.quality, "live");
}

BOOST_AUTO_TEST_CASE(topics_are_taken_apart) {
  BOOST_CHECK_EQUAL(bar_topic("1m", "AAPL"), "bar_1m|AAPL|");
  BOOST_CHECK_EQUAL(topic_key("quote|AAPL|"), "AAPL");
  BOOST_CHECK_EQUAL(topic_key("status|quote|AAPL|"), "quote|AAPL");
  BOOST_CHECK_EQUAL(topic_key("quote|"), "");
  BOOST_CHECK(topic_kind("bar_1d|X|") == Kind::bar);
  BOOST_CHECK(topic_kind("feed|quote|") == Kind::feed);
  BOOST_CHECK(topic_kind("something|") == Kind::other);
}

BOOST_AUTO_TEST_CASE(sequences_tell_next_duplicate_and_gap) {
  Sequence sequence;
  std::uint64_t before = 0;
  using Verdict = Sequence::Verdict;
  BOOST_CHECK(sequence.judge("quote|A|", 10, true, before) == Verdict::next);  // joined late
  BOOST_CHECK(sequence.judge("quote|A|", 10, true, before) == Verdict::duplicate);
  BOOST_CHECK(sequence.judge("quote|A|", 11, true, before) == Verdict::next);
  BOOST_CHECK(sequence.judge("quote|A|", 15, true, before) == Verdict::gap);
  BOOST_CHECK_EQUAL(before, 11U);
  BOOST_CHECK(sequence.judge("quote|A|", 13, true, before) == Verdict::duplicate);
  BOOST_CHECK(sequence.judge("order|A|", 5, false, before) == Verdict::next);
  BOOST_CHECK(sequence.judge("order|A|", 9, false, before) == Verdict::next);
  sequence.restart([](std::string_view topic) { return topic.starts_with("order|"); });
  BOOST_CHECK(sequence.judge("quote|A|", 1, true, before) == Verdict::next);
  BOOST_CHECK(sequence.judge("order|A|", 9, false, before) == Verdict::duplicate);
  sequence.judge("quote|AB|", 4, true, before);
  sequence.forget("quote|A|");
  BOOST_CHECK(sequence.judge("quote|A|", 7, true, before) == Verdict::next);
  BOOST_CHECK_EQUAL(sequence.last("quote|AB|"), 4U);
}

BOOST_AUTO_TEST_CASE(order_ids_are_unique_and_printable) {
  OrderIds one, other;
  const auto first = one.next();
  BOOST_CHECK_NE(first, one.next());
  BOOST_CHECK_NE(first, other.next());
  BOOST_CHECK_LE(first.size(), 64U);
}

BOOST_AUTO_TEST_CASE(an_order_request_leaves_out_what_it_does_not_name) {
  auto order = OrderRequest::limit("buy", "AAPL", 10, "190.10");
  order.more.set("bracket", Value{}.set("take_profit", 200));
  const auto args = order.args();
  BOOST_CHECK_EQUAL(args["limit_price"].text_or(""), "190.10");
  BOOST_CHECK(args["qty"].integer() == 10);
  BOOST_CHECK_EQUAL(args["order_type"].text_or(""), "limit");
  BOOST_CHECK(args["bracket"]["take_profit"].integer() == 200);
  BOOST_CHECK(args["stop_price"].is_nil());
  BOOST_CHECK(args["broker"].is_nil());
  order.account = "";  // given, and wrong: never the default one
  BOOST_CHECK_EQUAL(order.args()["account"].text_or("none"), "");
}
