// What works: frames, coming back, closing.
#include "tests/engine/net/certificates.hpp"
#include "tests/engine/net/scripted_server.hpp"
#include "tests/engine/net/support.hpp"
#include "tests/support/temp_folder.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct SocketFixture : NetFixture {
  WebSocketClient connect(const ScriptedServer& server, WebSocketOptions options = {}) {
    if (options.url.empty()) options.url = server.url("ws", "/stocks");
    if (options.seed == 0) options.seed = 1;
    auto made = WebSocketClient::make(*thread, std::move(options), recorder);
    BOOST_REQUIRE_MESSAGE(made, made.error().message);
    return std::move(*made);
  }
  static WebSocketOptions quick() {
    WebSocketOptions options;
    options.retry_first = 4ms;
    options.retry_max = 64ms;
    options.close_timeout = 100ms;
    return options;
  }

  std::shared_ptr<Recorder> recorder = std::make_shared<Recorder>();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(websocket, SocketFixture)

BOOST_AUTO_TEST_CASE(login_text_and_binary) {
  std::promise<std::vector<std::string>> heard;
  ScriptedServer server{[&](Peer& peer) {
    peer.accept_websocket();
    peer.write_text(R"([{"ev":"status","status":"connected"}])");
    std::vector<std::string> frames;
    for (int i = 0; i < 2; ++i) frames.push_back(peer.read_frame().payload);
    heard.set_value(frames);
    peer.write_text(R"([{"ev":"T"}])");
    peer.write_frame(2, std::string("\0\1\2", 3));
    peer.wait_closed();
  }};
  recorder->opened = [](WebSocketLink& link) {
    BOOST_TEST(link.send_text(R"({"action":"auth"})").has_value());
    BOOST_TEST(link.send_text(R"({"action":"subscribe"})").has_value());
  };
  auto socket = connect(server, quick());
  BOOST_REQUIRE(recorder->wait([&] { return recorder->texts.size() == 2 && recorder->binaries.size() == 1; }));
  BOOST_TEST(
      (heard.get_future().get() == std::vector<std::string>{R"({"action":"auth"})", R"({"action":"subscribe"})"}));
  BOOST_TEST(recorder->binaries[0] == std::string("\0\1\2", 3));
  const auto metrics = socket.metrics();
  BOOST_TEST((metrics.state == WebSocketState::open));
  BOOST_TEST(metrics.messages_in == 3);
  BOOST_TEST(metrics.messages_out == 2);
  BOOST_TEST(metrics.opened == 1);
  BOOST_TEST(metrics.queued_bytes == 0);
}

BOOST_AUTO_TEST_CASE(the_handshake_carries_headers) {
  std::promise<std::string> heard;
  ScriptedServer server{[&](Peer& peer) {
    heard.set_value(peer.read_request());
    peer.wait_closed();
  }};
  auto options = quick();
  options.headers = {{"Authorization", "Bearer K"}};
  auto socket = connect(server, options);
  const auto request = heard.get_future().get();
  BOOST_TEST(request.starts_with("GET /stocks HTTP/1.1\r\n"));
  BOOST_TEST(request.find("Authorization: Bearer K\r\n") != std::string::npos);
  BOOST_TEST(request.find("Host: 127.0.0.1:" + std::to_string(server.port())) != std::string::npos);
  BOOST_TEST(request.find("permessage-deflate") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_cut_connection_comes_back_and_subscribes_again) {
  Counter subscribed;
  ScriptedServer server{[&](Peer& peer) {
    peer.accept_websocket();
    if (peer.read_frame().payload == "subscribe") subscribed.add();
    peer.write_text("tick");
    if (peer.index < 2) return peer.reset();
    peer.wait_closed();
  }};
  recorder->opened = [](WebSocketLink& link) { link.send_text("subscribe"); };
  auto socket = connect(server, quick());
  BOOST_TEST(subscribed.wait_for(3));
  BOOST_TEST(recorder->wait_for(WebSocketState::open, 3));
  const auto pauses = recorder->pauses();
  BOOST_REQUIRE(pauses.size() == 2);
  BOOST_TEST((pauses[0].error->fault == NetFault::connection_lost));
  BOOST_TEST(socket.metrics().lost == 2);
  BOOST_TEST(socket.metrics().last_error != "");
}

BOOST_AUTO_TEST_CASE(a_login_alone_does_not_end_the_growing_of_pauses) {
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    peer.read_frame();
    peer.write_text("auth_success");
    peer.write_close(1008, "too many connections");
    peer.read_frame();
  }};
  recorder->opened = [](WebSocketLink& link) { link.send_text("auth"); };
  auto options = quick();
  options.retry_first = 10ms;
  options.retry_max = 80ms;
  auto socket = connect(server, options);
  BOOST_REQUIRE(recorder->wait_for(WebSocketState::backing_off, 5));
  const auto pauses = recorder->pauses();
  for (std::size_t i = 0; i < 5; ++i) {
    const auto full = std::min<std::chrono::milliseconds>(10ms * (1 << i), 80ms);
    BOOST_TEST((pauses[i].retry_in >= full / 2 && pauses[i].retry_in <= full), pauses[i].retry_in.count());
    BOOST_TEST((pauses[i].error->fault == NetFault::closed_by_peer));
    BOOST_TEST(pauses[i].error->close_code == 1008);
    BOOST_TEST(says(*pauses[i].error, "too many connections"));
  }
}

BOOST_AUTO_TEST_CASE(data_end_the_growing_of_pauses) {
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    if (peer.index == 3) peer.write_text("data");
  }};
  recorder->received = [](WebSocketLink& link, std::string_view) { link.mark_healthy(); };
  auto options = quick();
  options.retry_first = 10ms;
  options.retry_max = 1h;
  auto socket = connect(server, options);
  BOOST_REQUIRE(recorder->wait_for(WebSocketState::backing_off, 4));
  const auto pauses = recorder->pauses();
  BOOST_TEST((pauses[2].retry_in >= 20ms));
  BOOST_TEST((pauses[3].retry_in <= 10ms));
}

BOOST_AUTO_TEST_CASE(a_long_life_ends_the_growing_of_pauses) {
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    if (peer.index == 3) peer.read_frame();  // until it is asked to end
  }};
  auto options = quick();
  options.retry_first = 10ms;
  options.retry_max = 1h;
  options.healthy_after = 1ms;
  recorder->opened = [](WebSocketLink&) {
    // Longer than healthy_after, by the clock.
    const auto end = std::chrono::steady_clock::now() + 2ms;
    while (std::chrono::steady_clock::now() < end) {
    }
  };
  auto socket = connect(server, options);
  BOOST_REQUIRE(recorder->wait_for(WebSocketState::open, 4));
  socket.link().reconnect("a test");
  BOOST_REQUIRE(recorder->wait_for(WebSocketState::backing_off, 4));
  for (const auto& pause : recorder->pauses()) BOOST_TEST((pause.retry_in <= 10ms));
  BOOST_TEST(socket.metrics().lost == 3);  // the one that was asked to end isn't
}

BOOST_AUTO_TEST_CASE(a_hold_is_kept) {
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    peer.write_text("max_connections");
    peer.write_close(1008);
    peer.read_frame();
  }};
  recorder->received = [](WebSocketLink& link, std::string_view) { link.hold(60s); };
  auto socket = connect(server, quick());
  BOOST_REQUIRE(recorder->wait_for(WebSocketState::backing_off));
  const auto pause = recorder->pauses().front();
  BOOST_TEST((pause.retry_in > 59s && pause.retry_in <= 60s));
  BOOST_TEST((socket.metrics().state == WebSocketState::backing_off));
}

BOOST_AUTO_TEST_CASE(a_hold_of_an_instant_passes) {
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    peer.write_text("busy");
    if (peer.index > 0) peer.wait_closed();
  }};
  recorder->received = [](WebSocketLink& link, std::string_view) { link.hold(60ms); };
  auto socket = connect(server, quick());
  const auto begin = std::chrono::steady_clock::now();
  BOOST_REQUIRE(recorder->wait_for(WebSocketState::open, 2));
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 55ms));
}

BOOST_AUTO_TEST_CASE(a_close_frame_goes_out_on_stop) {
  for (const bool by_destructor : {false, true}) {
    std::promise<Peer::Frame> heard;
    ScriptedServer server{[&](Peer& peer) {
      peer.accept_websocket();
      auto frame = peer.read_frame();
      heard.set_value(frame);
      peer.write_frame(8, frame.payload);
      peer.wait_closed();
    }};
    recorder = std::make_shared<Recorder>();
    {
      auto options = quick();
      options.close_timeout = 10s;
      auto socket = connect(server, options);
      BOOST_REQUIRE(recorder->wait_for(WebSocketState::open));
      if (!by_destructor) {
        socket.link().stop();
        BOOST_TEST(recorder->wait_for(WebSocketState::closed));
      }
    }
    const auto frame = heard.get_future().get();
    BOOST_TEST(frame.opcode == 8);
    BOOST_TEST(frame.payload == "\x03\xe8");  // 1000
    BOOST_TEST((recorder->statuses.back().state == WebSocketState::closed));
    BOOST_TEST(!recorder->statuses.back().error);
  }
}

BOOST_AUTO_TEST_CASE(a_handler_may_stop_for_good) {
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    peer.write_text("auth_failed");
    peer.write_text("more");
    peer.wait_closed();
  }};
  recorder->received = [](WebSocketLink& link, std::string_view) { link.stop(); };
  auto socket = connect(server, quick());
  BOOST_REQUIRE(recorder->wait_for(WebSocketState::closed));
  BOOST_TEST(recorder->texts.size() == 1);
  BOOST_TEST(server.connections() == 1);
  const auto late = socket.link().send_text("x");
  BOOST_REQUIRE(!late);
  BOOST_TEST((late.error().fault == NetFault::stopped));
}

BOOST_AUTO_TEST_CASE(pings_are_answered_and_sent) {
  std::promise<std::string> pong;
  Counter pinged;
  ScriptedServer server{[&](Peer& peer) {
    peer.accept_websocket();
    peer.write_frame(9, "are you there");
    if (peer.index > 0) return;
    for (;;) {  // its pings and its pong come in any order
      const auto frame = peer.read_frame();
      if (frame.opcode == 10) pong.set_value(frame.payload);
      if (frame.opcode < 9) return;
      if (frame.opcode != 9) continue;
      pinged.add();
      peer.write_frame(10, frame.payload);
    }
  }};
  auto options = quick();
  options.ping_after = 10ms;
  options.silence_max = 1h;
  auto socket = connect(server, options);
  BOOST_TEST(pong.get_future().get() == "are you there");
  BOOST_TEST(pinged.wait_for(5));
  BOOST_TEST(server.connections() == 1);
}

BOOST_AUTO_TEST_CASE(through_tls) {
  const auto authority = make_identity("", nullptr, true);
  TempFolder folder{"net-ws"};
  write_bytes(folder.file("ca.pem"), pem(authority.certificate));
  ScriptedServer server{[](Peer& peer) {
                          peer.accept_websocket();
                          peer.write_text(std::string(300'000, 'x'));
                          peer.write_frame(8, peer.read_frame().payload);
                        },
                        server_context(make_identity("DNS:venue.test", &authority))};
  auto options = quick();
  options.url = server.url("wss", "/", "venue.test");
  options.tls.ca_file = folder.file("ca.pem");
  auto socket = connect(server, options);
  BOOST_REQUIRE(recorder->wait([&] { return recorder->texts.size() == 1; }));
  BOOST_TEST(recorder->texts[0].size() == 300'000);

  auto stranger = std::make_shared<Recorder>();
  options.tls.ca_file.clear();
  auto untrusted = WebSocketClient::make(*thread, options, stranger);
  BOOST_REQUIRE(untrusted);
  BOOST_REQUIRE(stranger->wait_for(WebSocketState::backing_off));
  BOOST_TEST((stranger->pauses().front().error->fault == NetFault::tls_failed));
}

BOOST_AUTO_TEST_SUITE_END()
