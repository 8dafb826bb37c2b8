#include "bus/wire/pack.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "bus/model/market_data.hpp"
#include "bus/model/orders.hpp"
#include "bus/model/print.hpp"
#include "bus/wire/flat.hpp"
#include "bus/wire/unpack.hpp"

using namespace tradebus;
using namespace tradebus::wire;

namespace {

template <class T>
Result<T> there_and_back(const T& value) {
  auto document = Document::parse(packed(value));
  if (!document) return tl::unexpected{document.error()};
  T out;
  if (auto ok = unpack(document->root(), out); !ok) return tl::unexpected{ok.error()};
  return out;
}

// One key, packed by hand, as a client may send it.
template <class Put>
Result<TradeOrder> order_with(std::string_view key, Put put) {
  Buffer b;
  Packer out{b};
  out.pack_map(2);
  pack(out, "symbol");
  pack(out, "AAPL");
  pack(out, key);
  put(out);
  auto document = Document::parse(b.bytes);
  BOOST_REQUIRE(document);
  TradeOrder order;
  if (auto ok = unpack_fields(document->root(), order, {"symbol"}); !ok) return tl::unexpected{ok.error()};
  return order;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pack_and_unpack)

BOOST_AUTO_TEST_CASE(values_survive_the_wire) {
  TradeOrder order;
  order.client_order_id = ClientOrderId{"c-1"};
  order.symbol = Symbol{"BRK.B"};
  order.side = Side::sell_short;
  order.qty = *Quantity::parse("12.5");
  order.order_type = OrderType::limit;
  order.limit_price = *Price::parse("401.05");
  order.time_in_force = TimeInForce::gtd;
  order.expires_at = from_unix_ns(1'718'976'600'000'000'001);
  order.limit_offset = Price{};
  order.target_strategy = "Vwap";
  order.strategy_parameters = StrategyParameters{{"maxPctVol", "0.1"}, {"startTime", ""}};
  const auto again = there_and_back(order);
  BOOST_REQUIRE(again);
  BOOST_CHECK_MESSAGE(*again == order, to_string(*again));
}

BOOST_AUTO_TEST_CASE(a_field_without_a_value_is_absent_never_nil) {
  Quote quote;
  quote.symbol = Symbol{"AAPL"};
  auto document = Document::parse(packed(quote));
  BOOST_REQUIRE(document);
  BOOST_CHECK_EQUAL(document->root().via.map.size, 3U);
  BOOST_CHECK(find(document->root(), "bid") == nullptr);
}

BOOST_AUTO_TEST_CASE(prices_stay_floats_and_whole_quantities_integers) {
  BOOST_CHECK_EQUAL(packed(Price::from_int(430)).size(), 9U);
  BOOST_CHECK_EQUAL(static_cast<unsigned char>(packed(Price::from_int(430))[0]), 0xcbU);
  BOOST_CHECK_EQUAL(packed(Quantity::from_int(100)), "\x64");
  BOOST_CHECK_EQUAL(packed(*Quantity::parse("0.5")).size(), 9U);
}

BOOST_AUTO_TEST_CASE(numbers_come_in_as_integer_float_or_text) {
  const auto limit = [](auto put) { return order_with("limit_price", put); };
  BOOST_CHECK_EQUAL(limit([](Packer& p) { p.pack_int(190); })->limit_price->to_string(), "190");
  BOOST_CHECK_EQUAL(limit([](Packer& p) { p.pack_double(190.55); })->limit_price->to_string(), "190.55");
  BOOST_CHECK_EQUAL(limit([](Packer& p) { pack(p, "190.123456789"); })->limit_price->to_string(), "190.123456789");
  BOOST_CHECK(!limit([](Packer& p) { p.pack_nil(); })->limit_price);
  const auto trail = [](auto put) { return order_with("trail_percent", put); };
  BOOST_CHECK_EQUAL(*trail([](Packer& p) { pack(p, "1.5"); })->trail_percent, 1.5);
  BOOST_CHECK_EQUAL(*trail([](Packer& p) { p.pack_int(2); })->trail_percent, 2);
  BOOST_CHECK(!trail([](Packer& p) { pack(p, "much"); }));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named_by_its_key) {
  const auto key_of = [](const Result<TradeOrder>& r) {
    return r ? std::string{"accepted"} : r.error().key + " " + std::string{to_string(r.error().code)};
  };
  BOOST_CHECK_EQUAL(key_of(order_with("limit_price", [](Packer& p) { pack(p, "190.1234567891"); })),
                    "limit_price request.invalid");
  BOOST_CHECK_EQUAL(
      key_of(order_with("limit_price", [](Packer& p) { pack(p, std::numeric_limits<double>::quiet_NaN()); })),
      "limit_price request.invalid");
  BOOST_CHECK_EQUAL(key_of(order_with("qty", [](Packer& p) { p.pack_array(0); })), "qty request.invalid");
  BOOST_CHECK_EQUAL(key_of(order_with("side", [](Packer& p) { pack(p, "hold"); })), "side request.invalid");
  BOOST_CHECK_EQUAL(key_of(order_with("tag", [](Packer& p) { pack(p, std::string(5'000, 'x')); })),
                    "tag request.invalid");
  BOOST_CHECK_EQUAL(key_of(order_with("tag", [](Packer& p) { pack(p, "\xff"); })), "tag request.invalid");
  BOOST_CHECK_EQUAL(key_of(order_with("expires_at", [](Packer& p) { pack(p, "tomorrow"); })),
                    "expires_at request.invalid");
  using Texts = std::vector<std::pair<std::string, std::string>>;
  const auto told = [](const Texts& texts) {
    return order_with("strategy_parameters", [&](Packer& p) {
      p.pack_map(static_cast<std::uint32_t>(texts.size()));
      for (const auto& [name, text] : texts) pack(p, name), pack(p, text);
    });
  };
  BOOST_CHECK(told({{"b", "2"}, {"a", ""}})->strategy_parameters == (StrategyParameters{{"a", ""}, {"b", "2"}}));
  BOOST_CHECK_EQUAL(key_of(told({{"a", "1"}, {"a", "2"}})), "strategy_parameters.a request.invalid");
  BOOST_CHECK_EQUAL(key_of(order_with("strategy_parameters",
                                      [](Packer& p) {
                                        p.pack_map(1);
                                        pack(p, "maxPctVol");
                                        pack(p, 0.1);
                                      })),
                    "strategy_parameters.maxPctVol request.invalid");
  BOOST_CHECK_EQUAL(key_of(order_with("strategy_parameters", [](Packer& p) { pack(p, "a=1"); })),
                    "strategy_parameters request.invalid");
  BOOST_CHECK_EQUAL(key_of(order_with("symbol", [](Packer& p) { pack(p, "AAPL"); })), "accepted");
  BOOST_CHECK_EQUAL(key_of(order_with("an_unknown_key", [](Packer& p) { p.pack_array(0); })), "accepted");
}

BOOST_AUTO_TEST_CASE(missing_keys_are_named) {
  auto document = Document::parse(std::string{"\x80", 1});
  TradeOrder order;
  const auto ok = unpack_fields(document->root(), order, {"client_order_id"});
  BOOST_REQUIRE(!ok);
  BOOST_CHECK_EQUAL(ok.error().key, "client_order_id");
}

// The short way makes the same bytes.
BOOST_AUTO_TEST_CASE(flat_packs_the_same) {
  std::mt19937_64 random{11};
  const auto text = [&] { return std::string(random() % 5 == 0 ? random() % 70'000 : random() % 40, 'x'); };
  const auto raw = [&] {
    const auto word = static_cast<std::int64_t>(random());
    return random() % 2 == 0 ? word >> (random() % 64) : (word >> (random() % 60)) % 1'000'000 * Price::scale;
  };
  for (int i = 0; i < 3'000; ++i) {
    OrderEvent e;
    e.seq = random() >> (random() % 64);
    e.ts = from_unix_ns(raw());
    e.event = static_cast<OrderEventType>(random() % EnumTexts<OrderEventType>::texts.size());
    Order& o = e.order;
    o.order_id = OrderId{text()};
    o.symbol = Symbol{text()};
    o.qty = Quantity::from_raw(static_cast<Int128>(raw()) << (random() % 40));
    o.side = static_cast<Side>(random() % 4);
    if (random() % 2 == 0) o.limit_price = Price::from_raw(raw());
    if (random() % 2 == 0) o.reason = text();
    if (random() % 4 == 0) o.duplicate = random() % 2 == 0;
    if (random() % 4 == 0)
      o.legs.emplace(random() % 20, OrderLeg{Symbol{"A"}, Side::sell, static_cast<std::int32_t>(raw())});
    if (random() % 4 == 0) o.target_strategy = text();
    if (random() % 4 == 0) o.strategy_parameters.emplace();
    for (auto n = random() % 20; o.strategy_parameters && n > 0; --n)
      o.strategy_parameters->emplace(std::to_string(n), text());
    if (random() % 4 == 0) e.fill = Fill{ExecId{text()}, o.qty, Price::from_raw(raw()), Money::from_raw(raw()), e.ts};
    BOOST_REQUIRE(flat::packed(e) == packed(e));
  }
}

BOOST_AUTO_TEST_SUITE_END()
