// What works, and what is tried again.
#include "tests/engine/net/gzip.hpp"
#include "tests/engine/net/scripted_server.hpp"
#include "tests/engine/net/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

// Answers every request of every connection.
ScriptedServer::Script always(std::string bytes, Counter* requests = nullptr) {
  return [bytes = std::move(bytes), requests](Peer& peer) {
    while (!peer.read_request().empty()) {
      if (requests != nullptr) requests->add();
      peer.write(bytes);
    }
  };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_client, NetFixture)

BOOST_AUTO_TEST_CASE(a_request_and_its_answer) {
  std::promise<std::string> heard;
  ScriptedServer server{[&](Peer& peer) {
    heard.set_value(peer.read_request());
    peer.write(answer("hello", "200 OK", "X-Request-Id: 7\r\n"));
  }};
  auto http = client();
  auto request = get(server.url("http", "/v3/x?apiKey=K"));
  request.headers = {{"Authorization", "Bearer K"}};
  Asked asked{http, request};
  const auto response = asked.response();
  BOOST_TEST(response.status == 200);
  BOOST_TEST(response.body == "hello");
  BOOST_TEST(response.tries == 1);
  BOOST_REQUIRE(response.header("x-request-id"));
  BOOST_TEST(*response.header("x-request-id") == "7");
  const auto head = heard.get_future().get();
  BOOST_TEST(head == "GET /v3/x?apiKey=K HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                         "\r\nUser-Agent: tradebus\r\nAccept-Encoding: gzip\r\nAuthorization: Bearer K\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_connection_serves_many_requests) {
  ScriptedServer server{always(answer("ok"))};
  auto http = client();
  for (int i = 0; i < 5; ++i) {
    Asked asked{http, get(server.url())};
    BOOST_TEST(asked.response().body == "ok");
  }
  BOOST_TEST(server.connections() == 1);
  BOOST_TEST(http.metrics().connects == 1);
  BOOST_TEST(http.metrics().reused == 4);
}

BOOST_AUTO_TEST_CASE(a_connection_that_the_server_closes_is_not_kept) {
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    peer.write(answer("ok", "200 OK", "Connection: close\r\n"));
    peer.wait_closed();  // by the client
  }};
  auto http = client();
  for (int i = 0; i < 2; ++i) {
    Asked asked{http, get(server.url())};
    BOOST_TEST(asked.response().body == "ok");
  }
  BOOST_TEST(server.connections() == 2);
}

BOOST_AUTO_TEST_CASE(kept_connections_are_dropped_when_they_are_old) {
  Counter closed;
  ScriptedServer server{[&](Peer& peer) {
    peer.read_request();
    peer.write(answer("ok"));
    peer.wait_closed();
    closed.add();
  }};
  HttpClientOptions options;
  options.idle_max = 20ms;
  auto http = client(options);
  Asked asked{http, get(server.url())};
  asked.response();
  BOOST_TEST(closed.wait_for(1));
}

BOOST_AUTO_TEST_CASE(no_more_are_kept_than_allowed) {
  Counter together;
  Counter closed;
  ScriptedServer server{[&](Peer& peer) {
    peer.read_request();
    together.add();
    together.wait_for(3);
    peer.write(answer("ok"));
    peer.wait_closed();
    closed.add();
  }};
  HttpClientOptions options;
  options.idle_per_host_max = 1;
  auto http = client(options);
  Asked a{http, get(server.url())};
  Asked b{http, get(server.url())};
  Asked c{http, get(server.url())};
  a.response(), b.response(), c.response();
  BOOST_TEST(closed.wait_for(2));
  BOOST_TEST(http.metrics().idle == 1);
}

BOOST_AUTO_TEST_CASE(a_stale_connection_is_replaced_at_once) {
  // The first connection takes a second request and dies without a word, as one does that a NAT forgot.
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    peer.write(answer("ok"));
    peer.read_request();
    if (peer.index == 0) return peer.reset();
    peer.write(answer("ok"));
  }};
  HttpClientOptions options;
  options.retry_first = std::chrono::hours{1};  // no pause is taken
  auto http = client(options);
  Asked first{http, get(server.url())};
  first.response();
  Asked second{http, get(server.url())};
  BOOST_TEST(second.response().tries == 1);
  BOOST_TEST(server.connections() == 2);
}

BOOST_AUTO_TEST_CASE(a_post_on_a_stale_connection_is_not_sent_again) {
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    peer.write(answer("ok"));
    peer.read_request();
    peer.reset();
  }};
  auto http = client();
  Asked first{http, get(server.url())};
  first.response();
  Asked second{http, post(server.url(), "{}")};
  const auto error = second.error();
  BOOST_TEST((error.fault == NetFault::connection_lost));
  BOOST_TEST(error.may_have_been_sent);
  BOOST_TEST(server.connections() == 1);
}

BOOST_AUTO_TEST_CASE(a_connection_closed_while_idle_is_not_used) {
  Counter closed;
  ScriptedServer server{[&](Peer& peer) {
    peer.read_request();
    peer.write(answer("ok"));
    if (peer.index > 0) return;
    peer.close();
    closed.add();
  }};
  auto http = client();
  Asked first{http, get(server.url())};
  first.response();
  BOOST_REQUIRE(closed.wait_for(1));
  Asked second{http, post(server.url(), "{}")};  // nothing is sent on the old one: no doubt arises
  BOOST_TEST(second.response().status == 200);
  BOOST_TEST(server.connections() == 2);
}

BOOST_AUTO_TEST_CASE(errors_of_the_server_are_tried_again) {
  for (const std::string status : {"429 Too Many Requests", "500 Oops", "502 Bad Gateway", "503 Busy", "504 Late"}) {
    std::atomic<int> n{0};
    ScriptedServer server{[&](Peer& peer) {
      while (!peer.read_request().empty()) peer.write(n++ < 2 ? answer("no", status) : answer("yes"));
    }};
    auto http = client(quick());
    Asked asked{http, get(server.url())};
    const auto response = asked.response();
    BOOST_TEST(response.body == "yes");
    BOOST_TEST(response.tries == 3);
    BOOST_TEST(http.metrics().retries == 2);
  }
}

BOOST_AUTO_TEST_CASE(the_last_answer_is_given_when_the_tries_are_over) {
  ScriptedServer server{always(answer("busy", "503 Busy"))};
  auto http = client(quick());
  Asked asked{http, get(server.url())};
  const auto response = asked.response();
  BOOST_TEST(response.status == 503);
  BOOST_TEST(response.body == "busy");
  BOOST_TEST(response.tries == 4);
}

BOOST_AUTO_TEST_CASE(pauses_between_tries_double) {
  ScriptedServer server{always(answer("busy", "503 Busy"))};
  HttpClientOptions options;
  options.retry_first = 20ms;
  options.retry_max = 1s;
  auto http = client(options);
  const auto begin = std::chrono::steady_clock::now();
  Asked asked{http, get(server.url())};
  BOOST_TEST(asked.response().tries == 4);
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 70ms));  // the lower ends of 20, 40, 80
}

BOOST_AUTO_TEST_CASE(answers_about_the_request_are_not_tried_again) {
  for (const std::string status : {"400 Bad", "401 Key", "403 Plan", "404 None", "304 Same", "501 No"}) {
    Counter requests;
    ScriptedServer server{always("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n", &requests)};
    auto http = client(quick());
    Asked asked{http, get(server.url())};
    BOOST_TEST(asked.response().status == static_cast<unsigned>(std::stoi(status)));
    BOOST_TEST(requests.count() == 1);
  }
}

BOOST_AUTO_TEST_CASE(only_get_and_head_are_tried_again_and_only_if_wanted) {
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE", "GET"}) {
    Counter requests;
    ScriptedServer server{always(answer("no", "503 Busy"), &requests)};
    auto http = client(quick());
    auto request = get(server.url());
    request.method = method;
    request.retry = method != "GET";
    Asked asked{http, request};
    BOOST_TEST(asked.response().status == 503);
    BOOST_TEST(requests.count() == 1, method);
  }
}

BOOST_AUTO_TEST_CASE(a_post_carries_its_body_and_nothing_is_sent_when_nobody_listens) {
  std::promise<std::string> heard;
  ScriptedServer server{[&](Peer& peer) {
    heard.set_value(peer.read_request());
    peer.write(answer("", "201 Created"));
  }};
  auto http = client(quick());
  Asked asked{http, post(server.url(), "{\"a\":1}")};
  BOOST_TEST(asked.response().status == 201);
  BOOST_TEST(heard.get_future().get().ends_with("Content-Length: 7\r\n\r\n{\"a\":1}"));

  Asked nobody{http, post("http://127.0.0.1:" + std::to_string(free_port()) + "/", "{}")};
  const auto error = nobody.error();
  BOOST_TEST((error.fault == NetFault::connect_failed));
  BOOST_TEST(!error.may_have_been_sent);
}

BOOST_AUTO_TEST_CASE(a_head_has_no_body) {
  ScriptedServer server{always("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")};
  auto http = client();
  for (int i = 0; i < 2; ++i) {
    auto request = get(server.url());
    request.method = "HEAD";
    Asked asked{http, request};
    BOOST_TEST(asked.response().body == "");
  }
  BOOST_TEST(server.connections() == 1);
}

BOOST_AUTO_TEST_CASE(retry_after_is_obeyed) {
  std::atomic<int> n{0};
  ScriptedServer server{[&](Peer& peer) {
    while (!peer.read_request().empty())
      peer.write(n++ == 0 ? answer("", "429 Slow", "Retry-After: 1\r\n") : answer("yes"));
  }};
  auto options = quick();
  options.retry_first = options.retry_max = 100ms;
  auto http = client(options);
  const auto begin = std::chrono::steady_clock::now();
  Asked asked{http, get(server.url())};
  BOOST_TEST(asked.response().tries == 2);
  // With a jitter on top: not all who heard it come back at once.
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 1s + 50ms));
}

BOOST_AUTO_TEST_CASE(retry_after_as_a_date_by_the_clock_that_was_given) {
  std::atomic<int> n{0};
  ScriptedServer server{[&](Peer& peer) {
    while (!peer.read_request().empty())
      peer.write(n++ == 0 ? answer("", "503 Busy", "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n") : answer("yes"));
  }};
  auto options = quick();
  options.now = [] { return std::chrono::system_clock::time_point{784111776900ms}; };
  auto http = client(options);
  const auto begin = std::chrono::steady_clock::now();
  Asked asked{http, get(server.url())};
  BOOST_TEST(asked.response().tries == 2);
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 100ms));
}

BOOST_AUTO_TEST_CASE(a_retry_after_beyond_the_bound_or_the_deadline_ends_the_tries) {
  ScriptedServer server{always(answer("", "429 Slow", "Retry-After: 100\r\n"))};
  auto http = client(quick());
  Asked beyond_bound{http, get(server.url())};
  auto response = beyond_bound.response();
  BOOST_TEST(response.status == 429);
  BOOST_TEST(response.tries == 1);
  BOOST_TEST((response.retry_after == 100s));

  auto options = quick();
  options.retry_after_max = std::chrono::hours{1};
  auto patient = client(options);
  Asked beyond_deadline{patient, get(server.url())};
  BOOST_TEST(beyond_deadline.response().tries == 1);
}

BOOST_AUTO_TEST_CASE(gzip_is_unpacked) {
  const std::string text(50'000, 'x');
  ScriptedServer server{always(answer(gzip(text), "200 OK", "Content-Encoding: gzip\r\n"))};
  auto http = client();
  Asked asked{http, get(server.url())};
  BOOST_TEST(asked.response().body == text);
  BOOST_TEST(http.metrics().bytes_in < 1'000);
}

BOOST_AUTO_TEST_CASE(chunked_and_close_delimited_bodies) {
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    peer.read_request();
    peer.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil the end");
  }};
  auto http = client();
  Asked chunked{http, get(server.url())};
  BOOST_TEST(chunked.response().body == "abcde");
  Asked until_closed{http, get(server.url())};
  BOOST_TEST(until_closed.response().body == "until the end");
}

BOOST_AUTO_TEST_CASE(requests_beyond_the_connections_wait_and_beyond_that_are_refused) {
  Counter came;
  std::promise<void> go;
  const auto gone = go.get_future().share();
  ScriptedServer server{[&](Peer& peer) {
    while (!peer.read_request().empty()) {
      came.add();
      gone.wait();
      peer.write(answer("ok"));
    }
  }};
  HttpClientOptions options;
  options.connections_max = 1;
  options.waiting_max = 2;
  auto http = client(options);
  Asked a{http, get(server.url())};
  Asked b{http, get(server.url())};
  Asked c{http, get(server.url())};
  Asked d{http, get(server.url())};
  BOOST_REQUIRE(d.refused);
  BOOST_TEST((d.refused->fault == NetFault::overloaded));
  BOOST_TEST((d.refused->to_error().code == Errc::overloaded));
  BOOST_REQUIRE(came.wait_for(1));
  BOOST_TEST(server.connections() == 1);
  go.set_value();
  a.response(), b.response(), c.response();
  BOOST_TEST(server.connections() == 1);
  BOOST_TEST(http.metrics().refused == 1);
  Asked again{http, get(server.url())};
  again.response();
  BOOST_TEST(d.calls() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
