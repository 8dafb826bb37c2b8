#include "bus/wire/order_command.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <random>

#include "bus/model/print.hpp"
#include "bus/wire/pack.hpp"
#include "bus/wire/unpack.hpp"

using namespace tradebus;
using namespace tradebus::wire;

namespace {

using Put = std::function<void(Packer&)>;
using Pairs = std::vector<std::pair<std::string, Put>>;

Put text(const std::string& value) {
  return [value](Packer& out) { pack(out, value); };
}
Put integer(std::int64_t value) {
  return [value](Packer& out) { pack(out, value); };
}
Put real(double value) {
  return [value](Packer& out) { pack(out, value); };
}
Put nil() {
  return [](Packer& out) { out.pack_nil(); };
}

std::string packed_map(const Pairs& pairs) {
  Buffer b;
  Packer out{b};
  out.pack_map(static_cast<std::uint32_t>(pairs.size()));
  for (const auto& [key, put] : pairs) {
    pack(out, key);
    put(out);
  }
  return b.bytes;
}

Result<TradeOrder> slowly(const std::string& bytes) {
  auto document = Document::parse(bytes);
  if (!document) return tl::unexpected{document.error()};
  TradeOrder order;
  auto ok = unpack_fields(document->root(), order, {"client_order_id", "symbol", "side", "order_type"});
  if (!ok) return tl::unexpected{ok.error()};
  return order;
}

Pairs plain() {
  return {{"symbol", text("AAPL")},      {"client_order_id", text("x-1")}, {"side", text("buy")},
          {"qty", integer(3)},           {"order_type", text("limit")},    {"limit_price", text("1.00")},
          {"time_in_force", text("gtc")}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(order_command)

BOOST_AUTO_TEST_CASE(a_plain_order_takes_the_short_way) {
  TradeOrder order;
  const auto bytes = packed_map(plain());
  BOOST_REQUIRE(read_order(bytes, order));
  BOOST_CHECK(order == *slowly(bytes));
  BOOST_CHECK_EQUAL(order.limit_price->to_string(), "1");
  BOOST_CHECK(order.time_in_force == TimeInForce::gtc);
  BOOST_CHECK(!order.notional);
}

BOOST_AUTO_TEST_CASE(what_is_unusual_is_left_to_the_other_reader) {
  const auto refused = [](const std::string& key, const Put& put) {
    auto pairs = plain();
    pairs.emplace_back(key, put);
    TradeOrder order;
    return !read_order(packed_map(pairs), order);
  };
  BOOST_CHECK(!refused("tag", text("mine")));
  BOOST_CHECK(!refused("tag", nil()));
  BOOST_CHECK(refused("tag", text("\xc3\xa4")));
  BOOST_CHECK(refused("tag", integer(1)));
  BOOST_CHECK(refused("side", text("buy")));  // twice
  BOOST_CHECK(refused("bracket", [](Packer& out) { out.pack_map(0); }));
  BOOST_CHECK(refused("strategy_parameters", [](Packer& out) { out.pack_map(0); }));
  BOOST_CHECK(!refused("limit_offset", text("0.5")));
  BOOST_CHECK(!refused("target_strategy", text("Adaptive")));
  BOOST_CHECK(refused("legs", [](Packer& out) { out.pack_array(0); }));
  BOOST_CHECK(refused("notional", text("1.0000000001")));
  BOOST_CHECK(refused("stop_price", real(std::numeric_limits<double>::quiet_NaN())));
  auto pairs = plain();
  pairs.insert(pairs.begin(), {"side", nil()});  // the first one counts, and it is none
  TradeOrder order;
  BOOST_CHECK(!read_order(packed_map(pairs), order));
  BOOST_CHECK(!read_order(packed_map(plain()) + "x", order));
  BOOST_CHECK(!read_order("", order));
  BOOST_CHECK(!read_order("\xc0", order));
}

// Whatever is sent: where the short way says yes, the long one says the same.
BOOST_AUTO_TEST_CASE(both_readers_agree) {
  std::mt19937_64 random{7};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::vector<std::string> keys = {
      "client_order_id", "symbol",         "side",         "qty",           "notional",      "order_type",
      "limit_price",     "stop_price",     "trail_amount", "trail_percent", "time_in_force", "expires_at",
      "extended_hours",  "broker",         "account",      "tag",           "legs",          "other",
      "limit_offset",    "target_strategy"};
  const std::vector<Put> values = {text("AAPL"),
                                   text("buy"),
                                   text("sell_short"),
                                   text("limit"),
                                   text("market"),
                                   text("gtc"),
                                   text("1.25"),
                                   text("-3e2"),
                                   text(std::string(40, 'a')),
                                   text("\xff"),
                                   text(""),
                                   integer(0),
                                   integer(-1),
                                   integer(-200),
                                   integer(70'000),
                                   integer(5'000'000'000),
                                   integer(-5'000'000'000),
                                   integer(INT64_MAX),
                                   integer(INT64_MIN),
                                   [](Packer& out) { pack(out, std::uint64_t{1} << 63U); },
                                   real(1.5),
                                   real(1e300),
                                   real(0.1),
                                   nil(),
                                   [](Packer& out) { pack(out, true); },
                                   [](Packer& out) { pack(out, false); },
                                   [](Packer& out) { out.pack_map(0); }};
  int taken = 0;
  for (int round = 0; round < 60'000; ++round) {
    Pairs pairs = plain();
    if (below(8) == 0) pairs.erase(pairs.begin() + static_cast<std::ptrdiff_t>(below(pairs.size())));
    for (std::size_t i = below(4); i > 0; --i) {
      const auto& value = values[below(values.size())];
      if (below(2) == 0)
        pairs[below(pairs.size())].second = value;
      else
        pairs.emplace_back(keys[below(keys.size())], value);
    }
    auto bytes = packed_map(pairs);
    if (below(4) == 0) bytes[below(bytes.size())] = static_cast<char>(below(256));
    if (below(16) == 0) bytes.resize(below(bytes.size()));
    TradeOrder order;
    if (!read_order(bytes, order)) continue;
    ++taken;
    const auto expected = slowly(bytes);
    BOOST_REQUIRE_MESSAGE(expected && *expected == order, "round " << round);
  }
  BOOST_CHECK_GT(taken, 5'000);
}

BOOST_AUTO_TEST_SUITE_END()
