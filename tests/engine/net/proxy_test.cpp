// Ways through a proxy.
#include "tests/engine/net/certificates.hpp"
#include "tests/engine/net/scripted_server.hpp"
#include "tests/engine/net/support.hpp"
#include "tests/support/temp_folder.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

struct ProxyFixture : NetFixture {
  ProxyFixture() { write_bytes(folder.file("ca.pem"), pem(authority.certificate)); }

  // Its user is "me", its password "SECRET".
  HttpClientOptions through(const ScriptedServer& proxy) {
    auto options = quick();
    options.tls.ca_file = folder.file("ca.pem");
    options.proxy.for_https = *parse_url("http://me:SECRET@127.0.0.1:" + std::to_string(proxy.port()));
    options.proxy.for_http = options.proxy.for_https;
    options.allow_plain_http = true;
    return options;
  }

  TempFolder folder{"net-proxy"};
  Identity authority = make_identity("", nullptr, true);
  std::shared_ptr<SSL_CTX> tls = server_context(make_identity("DNS:far.test", &authority));
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(through_a_proxy, ProxyFixture)

BOOST_AUTO_TEST_CASE(https_goes_through_a_tunnel) {
  std::promise<std::string> connect;
  std::promise<std::string> inner;
  ScriptedServer proxy{[&](Peer& peer) {
    connect.set_value(peer.read_request());
    peer.write("HTTP/1.1 200 Connection established\r\n\r\n");
    peer.start_tls(tls.get());  // it plays the far end too
    inner.set_value(peer.read_request());
    peer.write(answer("ok"));
    peer.read_request();
    peer.write(answer("ok"));
  }};
  auto http = client(through(proxy));
  // No such name here: the proxy knows it.
  for (int i = 0; i < 2; ++i) {
    Asked asked{http, get("https://far.test/x?apiKey=K")};
    BOOST_TEST(asked.response().body == "ok");
  }
  BOOST_TEST(connect.get_future().get() ==
             "CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\nProxy-Authorization: Basic bWU6U0VDUkVU\r\n\r\n");
  const auto request = inner.get_future().get();
  BOOST_TEST(request.starts_with("GET /x?apiKey=K HTTP/1.1\r\nHost: far.test\r\n"));
  BOOST_TEST(request.find("Proxy") == std::string::npos);
  BOOST_TEST(proxy.connections() == 1);
}

BOOST_AUTO_TEST_CASE(http_asks_the_proxy_itself) {
  std::promise<std::string> heard;
  ScriptedServer proxy{[&](Peer& peer) {
    heard.set_value(peer.read_request());
    peer.write(answer("ok"));
  }};
  auto http = client(through(proxy));
  Asked asked{http, get("http://far.test:8080/x?y=1")};
  BOOST_TEST(asked.response().body == "ok");
  const auto request = heard.get_future().get();
  BOOST_TEST(request.starts_with("GET http://far.test:8080/x?y=1 HTTP/1.1\r\nHost: far.test:8080\r\n"));
  BOOST_TEST(request.find("Proxy-Authorization: Basic bWU6U0VDUkVU\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(hosts_that_need_none_go_straight) {
  ScriptedServer proxy{[](Peer& peer) { peer.wait_closed(); }};
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    peer.write(answer("straight"));
  }};
  auto options = through(proxy);
  options.proxy.direct = {".test"};
  auto http = client(options);
  for (const std::string host : {"venue.test", "127.0.0.1"}) {
    Asked asked{http, get(server.url("http", "/", host))};
    BOOST_TEST(asked.response().body == "straight");
  }
  BOOST_TEST(proxy.connections() == 0);
}

BOOST_AUTO_TEST_CASE(a_proxy_that_refuses_is_named_without_its_password) {
  struct Case {
    std::string says;
    std::string part;
    int connections;
  };
  for (const auto& c : {Case{"HTTP/1.1 407 Who are you\r\n\r\n", "HTTPS_PROXY", 1},
                        Case{"HTTP/1.1 403 No\r\n\r\n", "403", 1}, Case{"HTTP/1.1 502 Unreachable\r\n\r\n", "502", 4},
                        Case{"rubbish\r\n\r\n", "not HTTP", 4}, Case{"HTTP/1.1 200 OK\r\n\r\nearly", "more than", 4},
                        Case{"HTTP/1.1 200 " + std::string(20'000, 'x'), "no end", 4}, Case{"", "proxy", 4}}) {
    ScriptedServer proxy{[&](Peer& peer) {
      peer.read_request();
      peer.write(c.says);
    }};
    auto http = client(through(proxy));
    Asked asked{http, get("https://far.test/?apiKey=SECRET")};
    const auto error = asked.error();
    BOOST_TEST((error.fault == NetFault::proxy_failed));
    BOOST_TEST(says(error, c.part));
    BOOST_TEST(says(error, "far.test:443 through the proxy 127.0.0.1"));
    BOOST_TEST(!says(error, "SECRET"));
    BOOST_TEST(!error.may_have_been_sent);
    BOOST_TEST(proxy.connections() == c.connections, c.says.substr(0, 30));
  }
}

BOOST_AUTO_TEST_CASE(a_silent_proxy_meets_the_connect_timeout) {
  ScriptedServer proxy{[](Peer& peer) { peer.wait_closed(); }};
  auto options = through(proxy);
  options.connect_timeout = 30ms;
  options.tries_max = 1;
  auto http = client(options);
  Asked asked{http, get("https://far.test/")};
  const auto error = asked.error();
  BOOST_TEST((error.fault == NetFault::timed_out));
  BOOST_TEST((error.phase == NetPhase::proxy));
}

BOOST_AUTO_TEST_CASE(a_tunnel_does_not_replace_the_certificate) {
  ScriptedServer proxy{[&](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n\r\n");
    peer.start_tls(tls.get());
    peer.wait_closed();
  }};
  auto http = client(through(proxy));
  Asked asked{http, get("https://another.test/")};
  BOOST_TEST((asked.error().fault == NetFault::tls_failed));
}

BOOST_AUTO_TEST_CASE(a_websocket_goes_through_a_tunnel) {
  for (const std::string scheme : {"wss", "ws"}) {
    std::promise<std::string> connect;
    ScriptedServer proxy{[&](Peer& peer) {
      connect.set_value(peer.read_request());
      peer.write("HTTP/1.1 200 OK\r\n\r\n");
      if (scheme == "wss") peer.start_tls(tls.get());
      peer.accept_websocket();
      peer.write_text("hello");
      peer.wait_closed();
    }};
    WebSocketOptions options;
    options.url = scheme + "://far.test/stocks";
    options.tls.ca_file = folder.file("ca.pem");
    options.proxy = through(proxy).proxy;
    options.allow_plain = true;
    options.close_timeout = 50ms;
    auto recorder = std::make_shared<Recorder>();
    auto socket = WebSocketClient::make(*thread, options, recorder);
    BOOST_REQUIRE(socket);
    BOOST_TEST(recorder->wait([&] { return recorder->texts.size() == 1; }));
    BOOST_TEST(
        connect.get_future().get().starts_with(scheme == "wss" ? "CONNECT far.test:443 " : "CONNECT far.test:80 "));
  }
}

BOOST_AUTO_TEST_SUITE_END()
