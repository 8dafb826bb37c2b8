// How a session begins, lives and comes back.
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "actors/brokers/ibkr/session/gateway_session.hpp"
#include "actors/brokers/ibkr/wire/framing.hpp"

using namespace tradebus;
using namespace tradebus::ibkr;
using namespace tradebus::ibkr::session;
using namespace std::chrono_literals;
using Phase = GatewaySession::Phase;

namespace {

struct World final : SessionOwner {
  explicit World(SessionOptions options = {}) : session{with_seed(options), *this} {}
  static SessionOptions with_seed(SessionOptions options) {
    options.jitter_seed = 1;
    return options;
  }

  void dial(std::uint64_t number) override {
    connection = number;
    ++dials;
  }
  void hang_up() override { ++hang_ups; }
  bool transmit(std::string bytes) override {
    sent += bytes;
    return takes;
  }
  void session_message(std::string_view payload, std::int32_t) override {
    // As a decoder would.
    if (payload.starts_with("9")) session.took(wire::NextValidId{1}, now);
    if (payload.starts_with("15")) session.took(wire::ManagedAccounts{{"DU1"}}, now);
    if (payload.starts_with(std::string_view{"4\0", 2}))
      session.took(wire::ErrorMessage{-1, std::stoi(std::string{payload.substr(2)}), "told", {}}, now);
  }
  void session_up() override { ++ups; }
  void session_lost() override { ++losses; }

  void tell(const std::string& payload) {
    std::string bytes;
    wire::append_frame(bytes, payload + '\0');
    session.bytes(connection, bytes, now);
  }
  void greet() {
    session.opened(connection, now);
    tell(
        std::string{"178\0"
                    "20260611 09:30:00 EST",
                    25});
  }
  void begin() {
    greet();
    tell("15");
    tell("9");
  }
  void pass(std::chrono::milliseconds time) {
    const auto end = now + time;
    while (now < end) {
      now = std::min(end, session.next_time(now).value_or(end));
      now = std::max(now, last + 1ms);
      last = now;
      session.tick(now);
    }
  }
  std::size_t count(const std::string& what) const {
    std::size_t n = 0;
    for (auto at = sent.find(what); at != std::string::npos; at = sent.find(what, at + 1)) ++n;
    return n;
  }

  GatewaySession::Time now{1h};
  GatewaySession::Time last{};
  std::uint64_t connection = 0;
  int dials = 0, hang_ups = 0, ups = 0, losses = 0;
  bool takes = true;
  std::string sent;
  GatewaySession session;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(gateway_session)

BOOST_AUTO_TEST_CASE(it_is_up_with_accounts_and_an_id) {
  World w;
  w.session.start(w.now);
  BOOST_CHECK(w.session.phase() == Phase::dialing);
  BOOST_CHECK(!w.session.send(wire::ReqCurrentTime{}));  // not yet
  w.greet();
  BOOST_CHECK(w.sent.starts_with(std::string{"API\0", 4}));
  BOOST_CHECK_EQUAL(w.count(std::string{"71\0"
                                        "2\0"
                                        "0\0",
                                        7}),
                    1);
  w.tell("9");
  BOOST_CHECK(!w.session.is_up());
  w.tell("15");
  BOOST_CHECK(w.session.is_up());
  BOOST_CHECK_EQUAL(w.ups, 1);
  BOOST_CHECK_EQUAL(w.session.version(), 178);
}

BOOST_AUTO_TEST_CASE(silence_is_probed_and_then_given_up) {
  World w;
  w.session.start(w.now);
  w.begin();
  w.pass(29s);
  BOOST_CHECK_EQUAL(w.count(std::string{"49\0", 3}), 0);
  w.pass(2s);
  BOOST_CHECK_EQUAL(w.count(std::string{"49\0", 3}), 1);
  w.tell("49");  // it lives
  w.pass(29s);
  BOOST_CHECK(w.session.is_up());
  w.pass(15s);
  BOOST_CHECK(!w.session.is_up());
  BOOST_CHECK_EQUAL(w.losses, 1);
  BOOST_CHECK_EQUAL(w.session.reason(), "transport");
}

BOOST_AUTO_TEST_CASE(it_comes_back_with_growing_pauses) {
  World w;
  w.session.start(w.now);
  w.begin();
  w.session.closed(w.connection, "the gateway closed the connection", w.now);
  BOOST_CHECK(w.session.phase() == Phase::waiting);
  std::vector<std::chrono::milliseconds> pauses;
  for (int i = 0; i < 8; ++i) {
    const auto from = w.now;
    const auto dials = w.dials;
    while (w.dials == dials) w.pass(50ms);
    pauses.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(w.now - from));
    w.session.closed(w.connection, "refused", w.now);
  }
  BOOST_CHECK(pauses.front() <= 600ms);
  BOOST_CHECK(pauses.back() >= 15s && pauses.back() <= 31s);
  while (w.session.phase() != Phase::dialing) w.pass(1s);
  w.begin();
  BOOST_CHECK_EQUAL(w.ups, 2);
  BOOST_CHECK(w.session.reason().empty());
}

BOOST_AUTO_TEST_CASE(another_client_id_is_tried_at_once) {
  SessionOptions options;
  options.client_id = 7;
  options.client_ids = 2;
  World w{options};
  w.session.start(w.now);
  w.greet();
  w.tell(
      std::string{"4\0"
                  "326",
                  5});
  w.session.closed(w.connection, "the gateway closed the connection", w.now);
  BOOST_CHECK_EQUAL(w.session.reason(), "client_id");
  BOOST_CHECK(w.session.message().find("client id 7") != std::string::npos);
  w.pass(110ms);
  BOOST_CHECK_EQUAL(w.dials, 2);
  BOOST_CHECK_EQUAL(w.session.client_id(), 8);
  w.begin();
  BOOST_CHECK(w.session.is_up());
}

BOOST_AUTO_TEST_CASE(a_gateway_that_does_not_begin_is_given_up) {
  World w;
  w.session.start(w.now);
  w.greet();
  w.pass(16s);
  BOOST_CHECK_EQUAL(w.losses, 1);
}

BOOST_AUTO_TEST_CASE(what_is_no_gateway_is_named) {
  World w;
  w.session.start(w.now);
  w.session.opened(w.connection, w.now);
  w.session.bytes(w.connection, "HTTP/1.1 400 Bad Request\r\n", w.now);
  BOOST_CHECK(w.session.phase() == Phase::waiting);
  BOOST_CHECK(w.session.message().find("is this the API port") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(old_connections_are_old_news_and_so_is_all_after_a_stop) {
  World w;
  w.session.start(w.now);
  w.begin();
  const auto first = w.connection;
  w.session.stop();
  w.session.closed(first, "closed", w.now);
  BOOST_CHECK(w.session.phase() == Phase::down && w.losses == 0);
  w.pass(120s);
  BOOST_CHECK_EQUAL(w.dials, 1);
  w.session.start(w.now);
  w.begin();
  BOOST_CHECK_EQUAL(w.ups, 2);
  w.session.bytes(first, "old", w.now);
  BOOST_CHECK(w.session.is_up());
}

BOOST_AUTO_TEST_CASE(requests_keep_the_pace_and_a_socket_that_does_not_take_them_is_lost) {
  SessionOptions options;
  options.pace.per_second = 5;
  options.pace.kept_for_orders = 0;
  World w{options};
  w.session.start(w.now);
  w.begin();
  w.pass(2s);
  w.sent.clear();
  for (int i = 0; i < 12; ++i) BOOST_REQUIRE(w.session.send(wire::CancelMarketData{i}));
  w.session.pump(w.now);
  BOOST_CHECK_EQUAL(w.session.waiting(), 11);  // one at once, then five a second
  w.pass(1100ms);
  BOOST_CHECK_EQUAL(w.session.waiting(), 6);
  w.takes = false;
  w.pass(1100ms);
  BOOST_CHECK_EQUAL(w.losses, 1);
}

BOOST_AUTO_TEST_SUITE_END()
