#include "bus/wire/market_encoder.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <random>

#include "bus/model/market_data.hpp"
#include "bus/wire/pack.hpp"

using namespace tradebus;
using namespace tradebus::wire;

namespace {

template <class T>
std::string packed_with_seq(std::uint64_t seq, const T& value) {
  Buffer b;
  Packer out{b};
  out.pack_map(present_fields(value) + 1);
  pack(out, "seq");
  pack(out, seq);
  pack_fields(out, value);
  return b.bytes;
}

std::string encoded(std::uint64_t seq, const Quote& q) {
  std::array<char, market_bytes_max> out{};
  const auto n =
      encode_quote(out.data(), seq, q.symbol.str(),
                   {q.ts, q.rx, q.bid ? &*q.bid : nullptr, q.bid_size ? &*q.bid_size : nullptr,
                    q.ask ? &*q.ask : nullptr, q.ask_size ? &*q.ask_size : nullptr, q.quality.value_or(Quality::live)});
  return {out.data(), n};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(market_encoder)

// The generic packer says what the bytes must be.
BOOST_AUTO_TEST_CASE(quotes_come_out_as_the_generic_packer_writes_them) {
  std::mt19937_64 random{3};
  for (int i = 0; i < 50'000; ++i) {
    Quote q;
    q.symbol = Symbol{std::string(1 + random() % 32, 'A')};
    q.ts = from_unix_ns(static_cast<std::int64_t>(random() >> (1 + random() % 60)));
    q.rx = from_unix_ns(static_cast<std::int64_t>(random() >> 1));
    if (random() % 8 != 0) q.bid = Price::from_raw(static_cast<std::int64_t>(random()) >> (random() % 64));
    if (random() % 8 != 0) q.ask = Price::from_raw(static_cast<std::int64_t>(random() % 1'000'000) * 10'000'000);
    if (random() % 8 != 0) q.bid_size = Quantity::from_raw((static_cast<Int128>(random()) << 30) >> (random() % 90));
    if (random() % 8 != 0) q.ask_size = Quantity::from_int(static_cast<std::int32_t>(random() % 100'000));
    if (random() % 2 == 0) q.quality = static_cast<Quality>(1 + random() % 4);
    const auto seq = random() >> (random() % 64);
    BOOST_REQUIRE_EQUAL(encoded(seq, q), packed_with_seq(seq, q));
  }
}

BOOST_AUTO_TEST_CASE(trades_and_bars_too) {
  Trade t;
  t.symbol = Symbol{"AAPL"};
  t.ts = from_unix_ns(1'340'285'400'275'016'159);
  t.rx = from_unix_ns(1'340'285'400'275'016'160);
  t.price = *Price::parse("585.74");
  t.size = Quantity::from_int(40);
  std::array<char, market_bytes_max> out{};
  auto n = encode_trade(out.data(), 9, "AAPL", t.ts, t.rx, t.price, t.size, Quality::live);
  BOOST_CHECK_EQUAL(std::string(out.data(), n), packed_with_seq(9, t));

  n = encode_bar(out.data(), 300, std::string(32, 'Z'),
                 {t.ts, t.rx, t.price, t.price, t.price, t.price, t.size, 1'000'000'000'000, true});
  BOOST_CHECK_LE(n, market_bytes_max);
  BOOST_CHECK_EQUAL(static_cast<unsigned char>(out[0]), 0x8bU);
}

BOOST_AUTO_TEST_SUITE_END()
