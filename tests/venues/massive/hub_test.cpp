// The stream's conversation, as the venue has it.
#include "tests/venues/massive/hub.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/venues/massive/synthetic.hpp"

using namespace tradebus::massive_sim;

namespace {

struct Peer final : Connection {
  void send(Frame frame) override { frames.push_back(*frame); }
  void close(int code, std::string_view) override { closed_with = code; }
  void drop() override { dropped = true; }
  void reset() override { dropped = true; }

  std::string take() {
    std::string out;
    for (const std::string& frame : frames) out += frame + '\n';
    frames.clear();
    return out;
  }
  std::vector<std::string> frames;
  int closed_with = 0;
  bool dropped = false;
};

std::string said(const std::string& status, const std::string& message) {
  return R"([{"ev":"status","status":")" + status + R"(","message":")" + message + "\"}]\n";
}

struct HubFixture {
  explicit HubFixture(HubOptions options = {}) : hub(options, keys, clock, stats, faults) {
    keys.add("rt");
    keys.add("bars=realtime:A,AM");
    keys.add("late=delayed");
    keys.add("poor=free");
    clock.set(at(from_civil(2024, 6, 21), 11) * ns_per_ms);
    clock.freeze(true);
    hub.set_ticks(*ticks);
  }

  void log_in(Peer& who, const std::string& key = "rt") {
    hub.opened(who, "stocks");
    hub.received(who, R"({"action":"auth","params":")" + key + "\"}");
    who.frames.clear();
  }
  void subscribe(Peer& who, const std::string& params) {
    hub.received(who, R"({"action":"subscribe","params":")" + params + "\"}");
  }

  Keys keys;
  Clock clock;
  Stats stats;
  Faults faults;
  SyntheticMarket market;
  std::unique_ptr<Ticks> ticks = synthetic_ticks(market);
  Hub hub;
  Peer peer;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hub, HubFixture)

BOOST_AUTO_TEST_CASE(it_greets_and_logs_in) {
  hub.opened(peer, "stocks");
  BOOST_CHECK_EQUAL(peer.take(), said("connected", "Connected Successfully"));
  hub.received(peer, R"({"action":"auth","params":"rt"})");
  BOOST_CHECK_EQUAL(peer.take(), said("auth_success", "authenticated"));
}

BOOST_AUTO_TEST_CASE(a_bad_key_is_dropped_without_a_closing_handshake) {
  hub.opened(peer, "stocks");
  peer.take();
  hub.received(peer, R"({"action":"auth","params":"wrong"})");
  BOOST_CHECK_EQUAL(peer.take(), said("auth_failed", "authentication failed"));
  BOOST_CHECK(peer.dropped);
  BOOST_CHECK_EQUAL(peer.closed_with, 0);
}

BOOST_AUTO_TEST_CASE(the_wrong_plan_for_this_host_is_told) {
  for (const char* key : {"poor", "late"}) {
    Peer other;
    hub.opened(other, "stocks");
    other.take();
    hub.received(other, std::string(R"({"action":"auth","params":")") + key + "\"}");
    BOOST_CHECK(other.take().find("Your plan doesn't include websocket access") != std::string::npos);
    BOOST_CHECK(other.dropped);
    hub.closed(other);
  }
}

BOOST_AUTO_TEST_CASE(silence_instead_of_a_login_ends_it) {
  hub.opened(peer, "stocks");
  peer.take();
  hub.login_is_late(peer);
  BOOST_CHECK_EQUAL(peer.take(), said("auth_timeout", "No authentication request received."));
  BOOST_CHECK(peer.closed_with != 0);
}

BOOST_AUTO_TEST_CASE(each_topic_is_confirmed_once_and_odd_ones_in_silence) {
  log_in(peer);
  subscribe(peer, "XX.AAPL,AM.AAPL,AM.AAPL,T");
  BOOST_CHECK_EQUAL(peer.take(), said("success", "subscribed to: AM.AAPL"));
  subscribe(peer, "AM.AAPL");
  BOOST_CHECK_EQUAL(peer.take(), "");
  hub.received(peer, R"({"action":"unsubscribe","params":"AM.AAPL,T.AAPL"})");
  BOOST_CHECK_EQUAL(peer.take(), said("success", "unsubscribed to: AM.AAPL"));
}

BOOST_AUTO_TEST_CASE(a_channel_beyond_the_plan_is_refused_naming_nothing) {
  log_in(peer, "bars");
  subscribe(peer, "Q.AAPL");
  BOOST_CHECK_EQUAL(peer.take(), said("error", "not authorized"));
}

BOOST_AUTO_TEST_CASE(a_frame_may_hold_status_and_data) {
  log_in(peer);
  subscribe(peer, "T.AAPL,Q.AAPL");
  BOOST_REQUIRE_EQUAL(peer.frames.size(), 2U);
  BOOST_CHECK(peer.frames[1].find(R"("subscribed to: Q.AAPL"},{"ev":")") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(ticks_come_at_the_rate_in_arrays) {
  log_in(peer);
  subscribe(peer, "T.AAPL");
  peer.take();
  for (int i = 0; i < 10; ++i) hub.pump(100);
  std::size_t events = 0;
  for (const std::string& frame : peer.frames) {
    BOOST_CHECK(frame.front() == '[' && frame.back() == ']');
    for (std::size_t at = 0; (at = frame.find(R"("ev":"T")", at)) != std::string::npos; ++at) ++events;
  }
  BOOST_CHECK_EQUAL(events, 100U);
}

BOOST_AUTO_TEST_CASE(minutes_end_with_the_clock_and_some_come_twice) {
  log_in(peer);
  subscribe(peer, "AM.*");
  peer.take();
  hub.pump(10);
  BOOST_CHECK_EQUAL(peer.take(), "");
  for (int i = 0; i < 5; ++i) {
    clock.advance(60 * ns_per_s);
    hub.pump(10);
  }
  const std::string all = peer.take();
  std::size_t bars = 0;
  for (std::size_t at = 0; (at = all.find(R"("sym":"AAPL")", at)) != std::string::npos; ++at) ++bars;
  BOOST_CHECK_EQUAL(bars, 6U);
  BOOST_CHECK(all.find(R"(.5,"s":)") != std::string::npos);  // z isn't always an integer
}

BOOST_AUTO_TEST_CASE(one_connection_too_many_evicts_the_older) {
  Peer second;
  log_in(peer);
  subscribe(peer, "AM.AAPL");
  log_in(second);
  BOOST_CHECK_EQUAL(peer.closed_with, 0);  // not before the newcomer subscribes
  subscribe(second, "AM.AAPL");
  BOOST_CHECK_EQUAL(peer.closed_with, 1008);
  BOOST_CHECK(peer.take().find("Maximum number of websocket connections exceeded.") != std::string::npos);
  BOOST_CHECK_EQUAL(second.closed_with, 0);
}

BOOST_AUTO_TEST_CASE(a_fault_throws_one_out_after_a_perfect_login) {
  Fault fault = *parse_fault("max_connections");
  faults.arm(fault);
  log_in(peer);
  subscribe(peer, "AM.AAPL");
  BOOST_CHECK(peer.frames.at(0).find("subscribed to: AM.AAPL") != std::string::npos);
  BOOST_CHECK_EQUAL(peer.closed_with, 1008);
}

BOOST_AUTO_TEST_CASE(a_silent_fault_says_nothing_at_all) {
  faults.arm(*parse_fault("silence"));
  hub.opened(peer, "stocks");
  hub.received(peer, R"({"action":"auth","params":"rt"})");
  hub.login_is_late(peer);
  BOOST_CHECK(peer.frames.empty());
  BOOST_CHECK_EQUAL(peer.closed_with, 0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(the_newcomer_goes_when_the_venue_is_of_that_mind) {
  HubFixture x{HubOptions{.evict_newcomer = true}};
  Peer second;
  x.log_in(x.peer);
  x.subscribe(x.peer, "AM.AAPL");
  x.log_in(second);
  x.subscribe(second, "AM.AAPL");
  BOOST_CHECK_EQUAL(x.peer.closed_with, 0);
  BOOST_CHECK_EQUAL(second.closed_with, 1008);
}

BOOST_AUTO_TEST_CASE(topics_are_parsed_at_the_first_period) {
  const auto topics = parse_topics("T.BRK.B, Q.O:AAPL240621C00190000,AM.*");
  BOOST_REQUIRE_EQUAL(topics.size(), 3U);
  BOOST_CHECK_EQUAL(topics[0].ticker, "BRK.B");
  BOOST_CHECK_EQUAL(topics[1].ticker, "O:AAPL240621C00190000");
  BOOST_CHECK(offered("options", topics[1]));
  BOOST_CHECK(!offered("options", {"Q", "*"}));
  BOOST_CHECK(!offered("forex", {"T", "AAPL"}));
}
