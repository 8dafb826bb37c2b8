#include <boost/test/unit_test.hpp>

#include <random>

#include "actors/brokers/ibkr/wire/framing.hpp"
#include "actors/brokers/ibkr/wire/handshake.hpp"
#include "tests/actors/brokers/ibkr/wire/messages.hpp"

using namespace tradebus;
using namespace tradebus::ibkr::wire;
using Next = FrameReader::Next;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

// All that can be had now.
std::vector<std::string> drain(FrameReader& reader) {
  std::vector<std::string> out;
  std::string_view payload;
  while (reader.next(payload) == Next::payload) out.emplace_back(payload);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(framing)

BOOST_AUTO_TEST_CASE(a_frame_is_its_length_and_its_payload) {
  std::string out = "x";
  BOOST_TEST(append_frame(out, std::string_view{"9\0", 2}));
  BOOST_TEST(out == "x" + bytes({0, 0, 0, 2, '9', 0}));
  BOOST_TEST(!append_frame(out, ""));
  BOOST_TEST(!append_frame(out, std::string(frame_bytes_max + 1, 'a')));
  BOOST_TEST(out.size() == 7u);
  BOOST_TEST(append_frame(out, std::string(frame_bytes_max, 'a')));
  BOOST_TEST((out.substr(7, 4) == bytes({0, 0xff, 0xff, 0xff})));
}

BOOST_AUTO_TEST_CASE(any_split_gives_the_same_payloads) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random{seed};
    std::vector<std::string> payloads;
    std::string stream;
    for (auto n = 1 + random() % 20; n > 0; --n) {
      std::string payload(1 + random() % (random() % 8 == 0 ? 5'000 : 40), '\0');
      for (auto& c : payload) c = static_cast<char>(random());
      BOOST_REQUIRE(append_frame(stream, payload));
      payloads.push_back(std::move(payload));
    }
    FrameReader reader;
    std::vector<std::string> seen;
    for (std::size_t at = 0; at < stream.size();) {
      const auto size = std::min<std::size_t>(random() % (random() % 2 == 0 ? 4 : 700), stream.size() - at);
      reader.feed(std::string_view{stream}.substr(at, size));
      at += size;
      for (auto& each : drain(reader)) seen.push_back(std::move(each));
    }
    BOOST_TEST_CONTEXT("seed " << seed) {
      BOOST_TEST((seen == payloads));
      BOOST_TEST(reader.buffered() == 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_frame_split_at_each_byte) {
  std::string stream;
  append_frame(stream, "first");
  append_frame(stream, "second");
  for (std::size_t at = 0; at <= stream.size(); ++at) {
    FrameReader reader;
    reader.feed(std::string_view{stream}.substr(0, at));
    auto seen = drain(reader);
    reader.feed(std::string_view{stream}.substr(at));
    for (auto& each : drain(reader)) seen.push_back(std::move(each));
    BOOST_TEST((seen == std::vector<std::string>{"first", "second"}));
  }
}

BOOST_AUTO_TEST_CASE(a_length_that_no_message_has_ends_the_stream) {
  for (const auto& head : {bytes({0, 0, 0, 0}), bytes({1, 0, 0, 0}), bytes({0xff, 0xff, 0xff, 0xff})}) {
    FrameReader reader;
    std::string stream;
    append_frame(stream, "good");
    reader.feed(stream + head + "more");
    std::string_view payload;
    BOOST_TEST((reader.next(payload) == Next::payload));
    BOOST_TEST((reader.next(payload) == Next::bad_length));
    reader.feed(stream);
    BOOST_TEST((reader.next(payload) == Next::bad_length));
    BOOST_TEST(reader.buffered() == 0u);
    reader.clear();
    reader.feed(stream);
    BOOST_TEST((reader.next(payload) == Next::payload));
  }
  FrameReader small{4};
  std::string stream;
  append_frame(stream, "12345");
  small.feed(stream);
  std::string_view payload;
  BOOST_TEST((small.next(payload) == Next::bad_length));
  BOOST_TEST(small.bad_length() == 5u);
}

// A length is only a claim: no memory is taken for it.
BOOST_AUTO_TEST_CASE(what_is_not_there_takes_no_room) {
  FrameReader reader;
  reader.feed(bytes({0, 0xff, 0xff, 0xff, 'a'}));
  std::string_view payload;
  BOOST_TEST((reader.next(payload) == Next::incomplete));
  BOOST_TEST(reader.buffered() == 5u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(handshake)

BOOST_AUTO_TEST_CASE(the_client_offers_its_versions) {
  BOOST_TEST((client_hello({}) == bytes({'A', 'P', 'I', 0, 0, 0, 0, 9}) + "v157..178"));
  BOOST_TEST((client_hello({150, 200}, "+PACEAPI") == bytes({'A', 'P', 'I', 0, 0, 0, 0, 18}) + "v150..200 +PACEAPI"));
}

BOOST_AUTO_TEST_CASE(the_server_chooses_one) {
  const auto hello = parse_server_hello({"178\0"
                                         "20260405 23:49:26 Central European Standard Time\0",
                                         54},
                                        {});
  BOOST_REQUIRE(hello);
  BOOST_TEST(hello->version == 178);
  BOOST_TEST(hello->connection_time == "20260405 23:49:26 Central European Standard Time");
  BOOST_TEST(!hello->redirect);
  // Whatever it says about the time.
  BOOST_TEST(parse_server_hello({"157\0\0", 5}, {}).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_no_version_is_named) {
  for (const std::string_view text :
       {std::string_view{}, std::string_view{"178"}, std::string_view{"178\0", 4}, std::string_view{"178\0time", 8},
        std::string_view{"\0\0", 2}, std::string_view{"HTTP/1.1 400\0\0", 14}, std::string_view{"156\0t\0", 6},
        std::string_view{"179\0t\0", 6}, std::string_view{"99999999999\0t\0", 14}, std::string_view{"-2\0t\0", 5},
        std::string_view{"-1\0:4001\0", 9}, std::string_view{"-1\0host:0\0", 10},
        std::string_view{"-1\0host:x\0", 10}}) {
    const auto hello = parse_server_hello(text, {});
    BOOST_REQUIRE(!hello);
    BOOST_TEST((hello.error().code == Errc::broker_unavailable));
    BOOST_TEST(!hello.error().message.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_server_may_send_elsewhere) {
  auto hello = parse_server_hello({"-1\0gw.example:4002\0", 19}, {});
  BOOST_REQUIRE(hello && hello->redirect);
  BOOST_TEST(hello->redirect->host == "gw.example");
  BOOST_TEST((hello->redirect->port == std::uint16_t{4002}));
  hello = parse_server_hello({"-1\0gw.example\0", 14}, {});
  BOOST_REQUIRE(hello && hello->redirect);
  BOOST_TEST(!hello->redirect->port);
}

BOOST_AUTO_TEST_SUITE_END()
