// Whole conversations, a file each: what the venue sends goes through decoder and session, what we send is compared.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/actors/providers/massive/stream/frames.hpp"
#include "tests/actors/providers/massive/stream/recorder.hpp"

using namespace tradebus;
using namespace tradebus::massive::stream;

namespace {

struct Conversation : SessionFixture, FrameSink {
  Conversation() : decoder{topics, Quality::live} {}

  void on_status(std::string_view status, std::string_view message) override { session.status(now, status, message); }
  void on_event(const MarketEvent& event) override { events.push_back(event); }

  // The topics of the file's first subscription, in its order.
  void want_all(const std::string& request) {
    const std::string before = "\"params\":\"";
    auto text = request.substr(request.find(before) + before.size());
    text = text.substr(0, text.find('"')) + ',';
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find(',', at);
      const auto name = text.substr(at, end - at);
      const auto point = name.find('.');
      BOOST_REQUIRE(
          want(static_cast<TopicRef>(topics.size()), name.substr(point + 1), *channel_from(name.substr(0, point))));
      at = end + 1;
    }
  }

  void play(const std::filesystem::path& file) {
    std::ifstream in{file};
    BOOST_REQUIRE_MESSAGE(in, file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
      if (line.size() < 3) continue;
      const auto key = line.find("\"params\":\"KEY\"");
      if (key != std::string::npos) line.replace(key, 14, "\"params\":\"our key\"");
      lines.push_back(line);
    }
    for (const auto& line : lines)
      if (line.starts_with("> {\"action\":\"subscribe\"")) want_all(line);
    session.connecting();
    session.opened(now);
    std::size_t said = 0;
    for (const auto& line : lines) {
      const auto text = line.substr(2);
      if (line.starts_with("< ")) {
        now += Ms{10};
        session.frame(now, decoder.decode(text, Frames::rx, *this));
        continue;
      }
      if (text.find("unsubscribe") != std::string::npos) {
        session.unsubscribe(0);
        advance(Ms{250});
      }
      BOOST_REQUIRE_GT(port.sent.size(), said);
      BOOST_CHECK_EQUAL(port.sent[said++], text);
    }
    BOOST_CHECK_EQUAL(port.sent.size(), said);
  }

  Decoder decoder;
  std::vector<MarketEvent> events;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(our_sample, Conversation) {
  play(std::filesystem::path{TRADEBUS_SOURCE_DIR} / "tests/actors/providers/massive/stream/samples/session.txt");
  const auto& c = decoder.counters();
  BOOST_CHECK_EQUAL(c.quotes, 1U);
  BOOST_CHECK_EQUAL(c.trades, 2U);
  BOOST_CHECK_EQUAL(c.trades_not_last, 1U);
  BOOST_CHECK_EQUAL(c.bars, 3U);
  BOOST_CHECK_EQUAL(c.bars_revised, 1U);
  BOOST_CHECK_EQUAL(c.ignored, 4U);
  BOOST_CHECK_EQUAL(c.unwanted, 1U);
  BOOST_CHECK_EQUAL(c.statuses, 8U);
  BOOST_CHECK_EQUAL(c.bad_events + c.bad_frames + c.unknown, 0U);
  BOOST_REQUIRE_EQUAL(events.size(), 6U);
  BOOST_CHECK(events[1].qty[0] == *Quantity::parse("7.25"));
  BOOST_CHECK(events[3].qty[0] == *Quantity::parse("12000.5"));
  BOOST_CHECK(events[5].kind == StreamKind::bar_1s && events[5].ref == 3);
  BOOST_CHECK_EQUAL(session.counters().confirmed, 5U);
  BOOST_CHECK_EQUAL(port.healthy, 1);
  BOOST_CHECK(port.topics.empty());
}

BOOST_FIXTURE_TEST_CASE(the_recorded_session, Conversation) {
  const char* named = std::getenv("TRADEBUS_SHARED");
  const auto shared =
      named != nullptr ? std::filesystem::path{named} : std::filesystem::path{TRADEBUS_SOURCE_DIR} / "../shared";
  const auto file = shared / "data/http/massive/ws-stocks-session.txt";
  if (!std::filesystem::exists(file)) {
    BOOST_TEST_MESSAGE("SKIPPED: " << file << " is not here");
    return;
  }
  play(file);
  const auto& c = decoder.counters();
  BOOST_CHECK_EQUAL(c.statuses, 6U);
  BOOST_CHECK_EQUAL(c.ignored, 1U);
  BOOST_CHECK_EQUAL(c.unwanted, 1U);  // the second bar of SPCE, which it never asked for
  BOOST_CHECK_EQUAL(c.bad_events + c.bad_frames + c.unknown, 0U);
  BOOST_REQUIRE_EQUAL(events.size(), 3U);
  BOOST_CHECK_EQUAL(events[0].ref, 0U);
  BOOST_CHECK(events[0].kind == StreamKind::trade);
  BOOST_CHECK(events[0].price[0] == *Price::parse("114.125"));
  BOOST_CHECK(events[0].qty[0] == *Quantity::parse("100"));
  BOOST_CHECK_EQUAL(unix_ns(events[0].ts), 1536036818784000000);
  // Conditions 0 and 12: a regular sale, and outside of regular hours: volume only.
  BOOST_CHECK_EQUAL(events[0].flags, MarketEvent::not_last | MarketEvent::not_high_low);
  BOOST_CHECK(events[1].kind == StreamKind::quote);
  BOOST_CHECK(events[1].price[1] == *Price::parse("114.128"));
  BOOST_CHECK(events[1].qty[1] == *Quantity::parse("160"));
  BOOST_CHECK(events[2].kind == StreamKind::bar_1m);
  BOOST_CHECK(events[2].price[3] == *Price::parse("0.4486"));
  BOOST_CHECK(events[2].qty[0] == *Quantity::parse("4110"));
  BOOST_CHECK_EQUAL(unix_ns(events[2].ts), 1610144640000000000);
}
