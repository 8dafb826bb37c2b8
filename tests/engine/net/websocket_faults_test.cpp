// What goes wrong with a WebSocket, and ends at every moment.
#include "tests/engine/net/scripted_server.hpp"
#include "tests/engine/net/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct FaultFixture : NetFixture {
  WebSocketClient connect(WebSocketOptions options) {
    if (options.seed == 0) options.seed = 1;
    auto made = WebSocketClient::make(*thread, std::move(options), recorder);
    BOOST_REQUIRE_MESSAGE(made, made.error().message);
    return std::move(*made);
  }
  static WebSocketOptions quick(const ScriptedServer& server) {
    WebSocketOptions options;
    options.url = server.url("ws", "/?apiKey=SECRET");
    options.headers = {{"Authorization", "SECRET"}};
    options.retry_first = 4ms;
    options.retry_max = 64ms;
    options.close_timeout = 50ms;
    return options;
  }
  NetError first_error() {
    BOOST_REQUIRE(recorder->wait_for(WebSocketState::backing_off));
    const auto error = *recorder->pauses().front().error;
    BOOST_TEST(!says(error, "SECRET"));
    BOOST_TEST(says(error, "127.0.0.1:"));
    return error;
  }

  std::shared_ptr<Recorder> recorder = std::make_shared<Recorder>();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(websocket_faults, FaultFixture)

BOOST_AUTO_TEST_CASE(a_dead_peer_is_found) {
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    peer.wait_closed();  // reads pings, answers none
  }};
  auto options = quick(server);
  options.ping_after = 10ms;
  options.silence_max = 40ms;
  auto socket = connect(options);
  const auto error = first_error();
  BOOST_TEST((error.fault == NetFault::dead_peer));
  BOOST_TEST(says(error, "silent"));
  BOOST_TEST(recorder->wait_for(WebSocketState::open, 2));
}

BOOST_AUTO_TEST_CASE(a_peer_that_was_not_asked_is_not_dead) {
  Counter pinged;
  ScriptedServer server{[&](Peer& peer) {
    peer.accept_websocket();
    for (auto frame = peer.read_frame(); frame.opcode == 9; frame = peer.read_frame()) {
      peer.write_frame(10, frame.payload);
      pinged.add();
    }
  }};
  auto options = quick(server);
  options.ping_after = 10ms;
  options.silence_max = 500ms;
  std::promise<void> never;
  auto nothing = never.get_future();
  // A handler against the contract: it keeps the thread for longer than silence_max.
  recorder->opened = [&](WebSocketLink&) { nothing.wait_for(510ms); };
  auto socket = connect(options);
  BOOST_TEST(pinged.wait_for(3));
  BOOST_TEST(server.connections() == 1);
  BOOST_TEST(recorder->pauses().empty());
}

BOOST_AUTO_TEST_CASE(handshakes_that_are_none) {
  for (const std::string sent : {"rubbish\r\n\r\n",
                                 "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: "
                                 "Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n"}) {
    recorder = std::make_shared<Recorder>();
    ScriptedServer server{[&](Peer& peer) {
      peer.read_request();
      peer.write(sent);
      peer.wait_closed();
    }};
    auto socket = connect(quick(server));
    const auto error = first_error();
    BOOST_TEST((error.fault == NetFault::bad_answer || error.fault == NetFault::handshake_refused), sent);
  }
}

BOOST_AUTO_TEST_CASE(a_handshake_without_end) {
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 101 Switching\r\n");
    const std::string line = "X: " + std::string(1'000, 'x') + "\r\n";
    while (peer.write(line)) {
    }
  }};
  auto socket = connect(quick(server));
  BOOST_TEST((first_error().fault == NetFault::too_large));
}

BOOST_AUTO_TEST_CASE(a_handshake_cut) {
  ScriptedServer server{[&](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 101 Swi");
  }};
  auto socket = connect(quick(server));
  BOOST_TEST((first_error().fault == NetFault::connection_lost));
}

BOOST_AUTO_TEST_CASE(a_handshake_refused_tells_its_status_and_how_long_to_wait) {
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    peer.write(answer("slow down", "429 Too Many Requests", "Retry-After: 30\r\n"));
  }};
  auto socket = connect(quick(server));
  const auto error = first_error();
  BOOST_TEST((error.fault == NetFault::handshake_refused));
  BOOST_TEST(error.http_status == 429);
  const auto wait = recorder->pauses().front().retry_in;
  BOOST_TEST((wait > 30s && wait <= 30s + 4ms));  // with a jitter: not all who heard it come back at once
}

BOOST_AUTO_TEST_CASE(a_silent_handshake_meets_its_timeout) {
  ScriptedServer server{[](Peer& peer) { peer.wait_closed(); }};
  auto options = quick(server);
  options.connect_timeout = 30ms;
  auto socket = connect(options);
  BOOST_TEST((first_error().fault == NetFault::timed_out));
  BOOST_TEST(recorder->wait_for(WebSocketState::connecting, 3));
}

BOOST_AUTO_TEST_CASE(a_message_beyond_its_bound) {
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    peer.write_text(std::string(1'000, 'x'));
    peer.write_text(std::string(1'001, 'x'));
    peer.wait_closed();
  }};
  auto options = quick(server);
  options.message_bytes_max = 1'000;
  auto socket = connect(options);
  BOOST_TEST((first_error().fault == NetFault::too_large));
  BOOST_TEST(recorder->texts.size() >= 1);
  BOOST_TEST(recorder->texts[0].size() == 1'000);
}

BOOST_AUTO_TEST_CASE(frames_that_are_none) {
  for (const std::string& sent :
       {std::string("\xf1\x01x", 3), std::string("\x81\x81\0\0\0\0x", 7), std::string("\x8f\0", 2),
        std::string("\x81\x02\xff\xff", 4), std::string("\x89\x7e\x01\x00", 4)}) {
    recorder = std::make_shared<Recorder>();
    ScriptedServer server{[&](Peer& peer) {
      peer.accept_websocket();
      peer.write(sent);
      peer.wait_closed();
    }};
    auto socket = connect(quick(server));
    BOOST_TEST((first_error().fault == NetFault::bad_answer));
  }
}

BOOST_AUTO_TEST_CASE(what_goes_out_is_bounded) {
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    peer.wait_closed();
  }};
  auto options = quick(server);
  options.queue_messages_max = 3;
  options.queue_bytes_max = 100;
  std::promise<std::vector<std::string>> refusals;
  recorder->opened = [&](WebSocketLink& link) {
    std::vector<std::string> said;
    const auto send = [&](std::size_t size) {
      const auto sent = link.send_text(std::string(size, 'x'));
      said.push_back(sent ? "sent" : std::string{to_string(sent.error().fault)});
    };
    send(101);  // bytes
    send(10), send(10), send(10);
    send(10);  // messages
    refusals.set_value(said);
  };
  auto socket = connect(options);
  BOOST_TEST(
      (refusals.get_future().get() == std::vector<std::string>{"overloaded", "sent", "sent", "sent", "overloaded"}));
  BOOST_TEST(socket.metrics().refused_out == 2);
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_read_fills_the_queue_not_the_memory) {
  std::promise<void> go;
  const auto gone = go.get_future().share();
  ScriptedServer server{[&](Peer& peer) {
    peer.accept_websocket();
    gone.wait();
  }};
  auto socket = connect(quick(server));
  BOOST_REQUIRE(recorder->wait_for(WebSocketState::open));
  std::size_t sent = 0;
  const std::string message(100'000, 'x');
  const auto deadline = std::chrono::steady_clock::now() + patience;
  // The kernel takes some megabytes; what is beyond waits in the queue, which is bounded.
  for (int refused_in_a_row = 0; refused_in_a_row < 1'000 && std::chrono::steady_clock::now() < deadline;) {
    if (socket.link().send_text(message)) {
      ++sent;
      refused_in_a_row = 0;
    } else {
      ++refused_in_a_row;
      std::this_thread::yield();
    }
  }
  BOOST_TEST(sent < 1'000);
  BOOST_TEST(socket.metrics().queued_bytes <= 1'048'576);
  go.set_value();
}

BOOST_AUTO_TEST_CASE(a_flood_with_a_slow_handler_keeps_one_message_at_a_time) {
  constexpr int frames = 2'000;
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    const std::string text(10'000, 'x');
    for (int i = 0; i < frames; ++i)
      if (!peer.write_text(text)) return;
    peer.wait_closed();
  }};
  Counter heard;
  std::promise<void> go;
  const auto gone = go.get_future().share();
  recorder->received = [&](WebSocketLink&, std::string_view) {
    if (heard.count() == 0) gone.wait();
    heard.add();
  };
  auto socket = connect(quick(server));
  // While the handler stands, nothing is read ahead: the counter of bytes is one message.
  BOOST_REQUIRE(recorder->wait_for(WebSocketState::open));
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (socket.metrics().messages_in == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  BOOST_TEST(socket.metrics().messages_in == 1);
  BOOST_TEST(socket.metrics().bytes_in == 10'000);
  go.set_value();
  BOOST_TEST(heard.wait_for(frames));
}

BOOST_AUTO_TEST_CASE(a_deaf_peer_can_not_hold_the_stop) {
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    peer.wait_closed();  // never answers the close frame
  }};
  const auto begin = std::chrono::steady_clock::now();
  {
    auto socket = connect(quick(server));
    BOOST_REQUIRE(recorder->wait_for(WebSocketState::open));
  }
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 5s));
  BOOST_TEST((recorder->statuses.back().state == WebSocketState::closed));
}

BOOST_AUTO_TEST_CASE(a_thread_that_ends_by_force_leaves_nothing_open) {
  Counter ends;
  ScriptedServer server{[&](Peer& peer) {
    peer.accept_websocket();
    peer.wait_closed();  // never answers the close frame
    ends.add();
  }};
  const auto begin = std::chrono::steady_clock::now();
  thread = std::make_unique<NetThread>(NetThreadOptions{.name = "net-test", .stop_timeout = 30ms});
  const std::weak_ptr<NetCore> core = thread->core();
  {
    auto options = quick(server);
    options.close_timeout = 1h;
    auto socket = connect(options);
    BOOST_REQUIRE(recorder->wait_for(WebSocketState::open));
    thread.reset();  // first, against the order
    BOOST_TEST((recorder->statuses.back().state == WebSocketState::closed));
  }
  BOOST_TEST(ends.wait_for(1));
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 5s));  // the peer saw an end, not its own time limit
  BOOST_TEST(core.expired());
}

BOOST_AUTO_TEST_CASE(the_end_in_every_state) {
  Counter handshakes;
  ScriptedServer silent{[&](Peer& peer) {
    if (!peer.read_request().empty()) handshakes.add();
    peer.wait_closed();
  }};
  ScriptedServer refusing{[](Peer& peer) { peer.reset(); }};
  ScriptedServer open{[](Peer& peer) {
    peer.accept_websocket();
    while (peer.write_text("tick")) {
    }
  }};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  { auto socket = connect(quick(open)); }  // wherever it is
  {
    auto socket = connect(quick(silent));
    BOOST_REQUIRE(handshakes.wait_for(1));
  }
  {
    recorder = std::make_shared<Recorder>();
    auto options = quick(refusing);
    options.retry_first = 1h;
    options.retry_max = 1h;
    auto socket = connect(options);
    BOOST_REQUIRE(recorder->wait_for(WebSocketState::backing_off));
  }
  BOOST_TEST((recorder->statuses.back().state == WebSocketState::closed));
  {
    recorder = std::make_shared<Recorder>();
    auto socket = connect(quick(open));
    BOOST_REQUIRE(recorder->wait([&] { return recorder->texts.size() > 10; }));
  }
  BOOST_TEST((recorder->statuses.back().state == WebSocketState::closed));
  {
    recorder = std::make_shared<Recorder>();
    auto socket = connect(quick(open));
    BOOST_REQUIRE(recorder->wait_for(WebSocketState::open));
    thread.reset();  // first, against the order
    BOOST_TEST((recorder->statuses.back().state == WebSocketState::closed));
  }
  BOOST_TEST((std::chrono::steady_clock::now() < deadline));
}

BOOST_AUTO_TEST_CASE(the_end_within_a_call_of_the_handler) {
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    while (peer.write_text("tick")) {
    }
  }};
  std::unique_ptr<WebSocketClient> socket;
  std::promise<void> made;
  const auto is_made = made.get_future().share();
  std::promise<void> done;
  recorder->received = [&](WebSocketLink&, std::string_view) {
    is_made.wait();
    socket.reset();
    done.set_value();
  };
  socket = std::make_unique<WebSocketClient>(connect(quick(server)));
  made.set_value();
  BOOST_TEST((done.get_future().wait_for(patience) == std::future_status::ready));
  thread.reset();
  BOOST_TEST(recorder->texts.size() == 1);  // nothing after that
}

BOOST_AUTO_TEST_CASE(a_handler_that_throws_ends_its_link_and_nothing_else) {
  ScriptedServer server{[](Peer& peer) {
    peer.accept_websocket();
    peer.write_text("tick");
    peer.wait_closed();
  }};
  recorder->received = [](WebSocketLink&, std::string_view) { throw std::runtime_error{"against the contract"}; };
  auto socket = connect(quick(server));
  BOOST_REQUIRE(recorder->wait_for(WebSocketState::closed));
  BOOST_TEST(says(*recorder->statuses.back().error, "exception"));
}

BOOST_AUTO_TEST_CASE(what_is_refused_at_once) {
  const auto code = [&](const std::string& url) {
    WebSocketOptions options;
    options.url = url;
    const auto made = WebSocketClient::make(*thread, options, recorder);
    BOOST_REQUIRE(!made);
    BOOST_TEST(made.error().message.find("SECRET") == std::string::npos);
    return made.error().code;
  };
  BOOST_TEST((code("ws://venue.test/?k=SECRET") == Errc::request_invalid));
  BOOST_TEST((code("https://venue.test/?k=SECRET") == Errc::request_invalid));
  BOOST_TEST((code("wss://me:SECRET@venue.test/") == Errc::request_invalid));

  const auto refused = [&](WebSocketOptions options, const std::string& word) {
    options.url = "wss://venue.test/";
    const auto made = WebSocketClient::make(*thread, options, recorder);
    BOOST_REQUIRE(!made);
    BOOST_TEST(made.error().message.find(word) != std::string::npos, made.error().message);
  };
  refused({.headers = {{"sec-websocket-protocol", "mine"}}}, "sec-websocket-protocol");
  refused({.user_agent = "a\r\nHost: evil.example"}, "user agent");
  refused({.ping_after = 30s}, "silence_max");  // as long as silence_max
  refused({.ping_after = 0ms}, "positive");
}

BOOST_AUTO_TEST_SUITE_END()
