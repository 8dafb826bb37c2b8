// The journal's payloads: what is written is read, and nothing else is.
#include "engine/journal/record_codec.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "bus/wire/compact.hpp"
#include "tests/engine/journal/sample.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

template <class Record>
std::string encoded(const Record& record) {
  std::string out(journal::most(record), '\0');
  out.resize(static_cast<std::size_t>(journal::encode(record, out.data()) - out.data()));
  return out;
}

// Every optional there, or not, by chance; extreme numbers, long texts.
OrderRecord any_record(std::mt19937_64& random) {
  auto r = fill_record(random() % 1'000 + 1, "e" + std::to_string(random() % 100), random() % 2 == 0);
  const auto chance = [&] { return random() % 2 == 0; };
  Order& o = r.event.order;
  o.qty = Quantity::from_raw(static_cast<Int128>(random()) * static_cast<std::int64_t>(random()));
  if (chance()) o.limit_price = Price::from_raw(INT64_MIN);
  if (chance()) o.stop_price = Price::from_raw(INT64_MAX);
  if (chance()) o.trail_percent = 2.5;
  if (chance()) o.notional = Money::from_raw(static_cast<Int128>(INT64_MAX) * 1'000'000);
  if (chance()) o.reason = std::string(random() % 300, 'r');
  if (chance()) o.legs.emplace(3, OrderLeg{Symbol{"AAPL240621C00190000"}, Side::sell, 2});
  if (chance()) o.expires_at = from_unix_ns(-5);
  if (chance()) o.limit_offset = Price::from_raw(7);
  if (chance()) o.target_strategy = "Vwap";
  if (chance())
    o.strategy_parameters =
        StrategyParameters{{"maxPctVol", "0.1"}, {"note", std::string(random() % 300, 'n')}, {"", ""}};
  if (chance()) r.replacing = ReplaceBrokerOrder{o.order_id, o.qty, {}, Price::from_int(3), TimeInForce::gtc};
  if (chance()) r.event.fill->legs.emplace(2, LegFill{o.symbol, Side::buy, o.qty, Price::from_int(1)});
  if (chance()) r.event.fill.reset();
  r.oco_taken = Quantity::from_raw(-1);
  r.event.seq = random();
  return r;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_codec)

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
  std::mt19937_64 random{42};
  for (int i = 0; i < 20'000; ++i) {
    const auto record = any_record(random);
    const auto bytes = encoded(record);
    const auto again = journal::decode_order(bytes);
    BOOST_REQUIRE(again && *again == record);
  }
  const StateRecord state{"key", std::string(10'000, 'x')};
  BOOST_CHECK(*journal::decode_state(encoded(state)) == state);
}

BOOST_AUTO_TEST_CASE(the_head_says_what_a_start_needs) {
  const auto bytes = encoded(fill_record(77, "e", true));
  const auto head = journal::decode_head(bytes);
  BOOST_REQUIRE(head);
  BOOST_CHECK_EQUAL(head->number, 77);
  BOOST_CHECK_EQUAL(head->client_key, client_key(ClientName{"c"}, ClientOrderId{"k77"}));
  BOOST_CHECK_EQUAL(int{head->flags}, int{journal::RecordFlag::closed} | int{journal::RecordFlag::fill});
}

BOOST_AUTO_TEST_CASE(a_struct_that_grew_reads_what_was_written_before) {
  auto bytes = wire::compact::packed(ReplaceBrokerOrder{OrderId{"o"}, {}, {}, Price::from_int(3), TimeInForce::gtc});
  bytes[0] = 4;                    // as a version without the last field wrote it
  bytes.resize(bytes.size() - 2);  // time_in_force: there, gtc
  ReplaceBrokerOrder out;
  BOOST_REQUIRE(wire::compact::unpack(bytes, out));
  BOOST_CHECK(out.stop_price == Price::from_int(3) && !out.time_in_force);
  bytes[0] = 6;  // of a later version
  BOOST_CHECK(!wire::compact::unpack(bytes, out));
}

// As a version before them wrote it: 32 fields of an order, five types.
BOOST_AUTO_TEST_CASE(an_order_from_before_offsets_and_strategies_is_read) {
  Order order = record_of(5).event.order;
  order.order_type = OrderType::trailing_stop;
  order.trail_percent = 1.5;
  order.duplicate = true;
  auto bytes = wire::compact::packed(order);
  BOOST_REQUIRE_EQUAL(int{bytes[0]}, 36);
  BOOST_REQUIRE_EQUAL(bytes.substr(bytes.size() - 4), std::string(4, '\0'));  // the four are not there
  bytes[0] = 32;
  bytes.resize(bytes.size() - 4);
  Order out;
  BOOST_REQUIRE(wire::compact::unpack(bytes, out));
  BOOST_CHECK(out == order);
}

BOOST_AUTO_TEST_CASE(rubbish_is_refused_or_read_and_never_overruns) {
  std::mt19937_64 random{7};
  for (int i = 0; i < 300; ++i) {
    const auto bytes = encoded(any_record(random));
    for (std::size_t n = 0; n < bytes.size(); ++n) BOOST_REQUIRE(!journal::decode_order(bytes.substr(0, n)));
    for (int change = 0; change < 300; ++change) {
      auto broken = bytes;
      broken[random() % broken.size()] = static_cast<char>(random());
      if (const auto read = journal::decode_order(broken)) BOOST_REQUIRE(journal::decode_order(encoded(*read)));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
