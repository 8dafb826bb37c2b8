#include "bus/wire/envelope.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "bus/wire/pack.hpp"
#include "bus/wire/text.hpp"
#include "bus/wire/unpack.hpp"

using namespace tradebus;
using namespace tradebus::wire;

namespace {

std::string request(std::string_view op) {
  Buffer b;
  Packer out{b};
  out.pack_map(4);
  pack(out, "v");
  pack(out, 1);
  pack(out, "id");
  pack(out, "abc");
  pack(out, "op");
  pack(out, op);
  pack(out, "args");
  out.pack_map(1);
  pack(out, "symbol");
  pack(out, "AAPL");
  return b.bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(envelope)

BOOST_AUTO_TEST_CASE(a_request_is_read_in_place) {
  const auto frame = request("get_quote");
  const auto e = read_envelope(frame);
  BOOST_REQUIRE(e);
  BOOST_CHECK_EQUAL(e->op, "get_quote");
  BOOST_CHECK_EQUAL(e->id, packed(std::string{"abc"}));
  BOOST_CHECK_EQUAL(*find_text(e->args, "symbol"), "AAPL");
  BOOST_CHECK(!find_text(e->args, "other"));
  BOOST_CHECK(!e->timeout_ms);
}

BOOST_AUTO_TEST_CASE(every_torn_prefix_is_malformed) {
  const auto frame = request("ping");
  for (std::size_t n = 0; n < frame.size(); ++n) {
    const auto e = read_envelope(std::string_view{frame}.substr(0, n));
    BOOST_REQUIRE(!e);
    BOOST_REQUIRE(e.error().error.code == Errc::request_malformed);
  }
  BOOST_CHECK(read_envelope(frame + "x").error().error.code == Errc::request_malformed);
}

BOOST_AUTO_TEST_CASE(an_error_carries_the_id_where_it_could_be_read) {
  Buffer b;
  Packer out{b};
  out.pack_map(2);
  pack(out, "v");
  pack(out, 1);
  pack(out, "id");
  pack(out, 7);
  const auto e = read_envelope(b.bytes);
  BOOST_REQUIRE(!e);
  BOOST_CHECK(e.error().error.code == Errc::request_invalid);
  BOOST_CHECK_EQUAL(e.error().error.key, "op");
  BOOST_CHECK_EQUAL(e.error().id, "\x07");
}

BOOST_AUTO_TEST_CASE(depth_and_lying_lengths_are_bounded) {
  BOOST_CHECK(value_length(std::string(31, '\x91') + "\xc0") == std::size_t{32});
  BOOST_CHECK(!value_length(std::string(40, '\x91') + "\xc0"));
  BOOST_CHECK(!value_length("\xdd\xff\xff\xff\xff"));
  BOOST_CHECK(!value_length("\xdb\xff\xff\xff\xff"));
  BOOST_CHECK(!value_length("\xc1"));
  BOOST_CHECK(value_length(std::string_view{"\xdc\x00\x00", 3}) == std::size_t{3});
}

// msgpack-c is the judge: where it reads exactly one value, so must the scanner, and the other way round.
BOOST_AUTO_TEST_CASE(random_frames_are_judged_as_msgpack_does) {
  std::mt19937_64 random{42};
  const auto seed = request("place_order");
  int agreed_good = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string frame;
    if (i % 2 == 0) {
      frame = seed;
      for (auto n = random() % 4; n > 0; --n) frame[random() % frame.size()] = static_cast<char>(random());
    } else {
      frame.resize(random() % 40);
      for (auto& c : frame) c = static_cast<char>(random());
    }
    const auto length = value_length(frame);
    std::size_t offset = 0;
    bool good = false;
    try {
      msgpack::object_handle handle;
      // An array or map announces more than the frame can hold: msgpack would try to make room for it.
      const std::size_t most = frame.size() + 1;
      msgpack::unpack(handle, frame.data(), frame.size(), offset, nullptr, nullptr,
                      msgpack::unpack_limit{most, most, 1U << 30, 1U << 30, 1U << 30, 1U << 30});
      good = true;
    } catch (const msgpack::unpack_error&) {
    }
    BOOST_REQUIRE_EQUAL(length.has_value(), good);
    if (good) {
      BOOST_REQUIRE_EQUAL(*length, offset);
      ++agreed_good;
    }
    const auto e = read_envelope(frame);
    if (!e)
      BOOST_REQUIRE(e.error().error.code == Errc::request_malformed || e.error().error.code == Errc::request_invalid);
  }
  BOOST_CHECK_GT(agreed_good, 1'000);
}

BOOST_AUTO_TEST_CASE(replies_are_maps_with_the_id_and_clean_texts) {
  const auto ok = Document::parse(reply_ok("\x07", packed(true)));
  BOOST_REQUIRE(ok);
  BOOST_CHECK_EQUAL(find(ok->root(), "id")->as<int>(), 7);
  BOOST_CHECK(find(ok->root(), "result")->as<bool>());
  BOOST_CHECK_EQUAL(reply_head("\x07") + packed(true), reply_ok("\x07", packed(true)));
  Error error{Errc::provider_rate_limited, "bad \xff\x01 text", "symbol"};
  error.retry_after_ms = 250;
  const auto no = Document::parse(reply_error({}, error));
  BOOST_REQUIRE(no);
  BOOST_CHECK(find(no->root(), "id") == nullptr);
  const auto* e = find(no->root(), "error");
  BOOST_CHECK_EQUAL(find(*e, "code")->as<std::string>(), "provider.rate_limited");
  BOOST_CHECK_EQUAL(find(*e, "message")->as<std::string>(), "bad ?? text");
  BOOST_CHECK_EQUAL(find(*e, "retry_after_ms")->as<int>(), 250);
  BOOST_CHECK_EQUAL(find(*find(*e, "details"), "key")->as<std::string>(), "symbol");
}

BOOST_AUTO_TEST_CASE(a_flag_is_added_to_a_stored_map) {
  Buffer b;
  Packer out{b};
  out.pack_map(15);
  for (int i = 0; i < 15; ++i) {
    pack(out, "k" + std::to_string(i));
    pack(out, i);
  }
  const auto doc = Document::parse(with_flag(b.bytes, "snapshot"));
  BOOST_REQUIRE(doc);
  BOOST_CHECK_EQUAL(doc->root().via.map.size, 16U);
  BOOST_CHECK(find(doc->root(), "snapshot")->as<bool>());
}

BOOST_AUTO_TEST_CASE(utf8_is_told_from_rubbish) {
  BOOST_CHECK(is_utf8("plain, \xc3\xa4, \xe2\x82\xac, \xf0\x9f\x98\x80"));
  for (const char* bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80"})
    BOOST_CHECK(!is_utf8(bad));
}

BOOST_AUTO_TEST_SUITE_END()
