// What goes wrong, and what is said about it.
#include "tests/engine/net/gzip.hpp"
#include "tests/engine/net/scripted_server.hpp"
#include "tests/engine/net/support.hpp"

using namespace tradebus;
using namespace tradebus::test;

namespace {

HttpClientOptions once() {
  HttpClientOptions options;
  options.tries_max = 1;
  return options;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_faults, NetFixture)

BOOST_AUTO_TEST_CASE(nobody_listens) {
  auto http = client(quick());
  const auto port = std::to_string(free_port());
  Asked asked{http, get("http://127.0.0.1:" + port + "/?apiKey=SECRET")};
  const auto error = asked.error();
  BOOST_TEST((error.fault == NetFault::connect_failed));
  BOOST_TEST(says(error, "127.0.0.1:" + port));
  BOOST_TEST(!error.may_have_been_sent);
  BOOST_TEST((error.to_error().code == Errc::provider_unavailable));
  BOOST_TEST(http.metrics().retries == 3);
}

BOOST_AUTO_TEST_CASE(no_such_name) {
  auto options = once();
  auto http = client(options);
  Asked asked{http, get("https://no-such-host.invalid/")};
  BOOST_TEST((asked.error().fault == NetFault::not_resolved));
}

BOOST_AUTO_TEST_CASE(localhost_is_looked_up) {
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    peer.write(answer("ok"));
  }};
  auto http = client();
  Asked asked{http, get(server.url("http", "/", "localhost"))};
  BOOST_TEST(asked.response().body == "ok");
}

BOOST_AUTO_TEST_CASE(a_localhost_elsewhere_is_not_this_machine) {
  thread = std::make_unique<NetThread>(NetThreadOptions{.name = "net-test", .hosts = {{"localhost", "192.0.2.1"}}});
  auto http = client(quick());
  Asked asked{http, get("http://localhost/")};
  const auto error = asked.error();
  BOOST_TEST((error.fault == NetFault::plain_refused));
  BOOST_TEST(says(error, "another machine"));
  BOOST_TEST(http.metrics().retries == 0);
}

BOOST_AUTO_TEST_CASE(no_first_byte_in_time) {
  ScriptedServer server{[](Peer& peer) { peer.wait_closed(); }};
  HttpClientOptions options;
  options.first_byte_timeout = 30ms;
  auto http = client(options);
  Asked asked{http, get(server.url())};
  const auto error = asked.error();
  BOOST_TEST((error.fault == NetFault::timed_out));
  BOOST_TEST((error.phase == NetPhase::first_byte));
  BOOST_TEST(error.may_have_been_sent);
  BOOST_TEST((error.to_error().code == Errc::request_timeout));
  BOOST_TEST(server.connections() == 1);
}

BOOST_AUTO_TEST_CASE(a_slow_body_meets_the_whole_deadline) {
  // A byte every few milliseconds keeps every shorter timeout content.
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    std::mutex mutex;
    std::condition_variable timer;
    std::unique_lock lock{mutex};
    while (peer.write("x")) timer.wait_for(lock, 5ms);
  }};
  auto http = client();
  auto request = get(server.url());
  request.deadline = 150ms;
  Asked asked{http, request};
  const auto error = asked.error();
  BOOST_TEST((error.fault == NetFault::timed_out));
  BOOST_TEST((error.phase == NetPhase::body));
}

BOOST_AUTO_TEST_CASE(a_tls_server_that_says_nothing_meets_the_connect_timeout) {
  ScriptedServer server{[](Peer& peer) { peer.wait_closed(); }};
  auto options = once();
  options.connect_timeout = 30ms;
  auto http = client(options);
  Asked asked{http, get(server.url("https"))};
  const auto error = asked.error();
  BOOST_TEST((error.fault == NetFault::timed_out));
  BOOST_TEST((error.phase == NetPhase::tls));
  BOOST_TEST(!error.may_have_been_sent);
}

BOOST_AUTO_TEST_CASE(a_connect_timeout_is_tried_again) {
  ScriptedServer server{[](Peer& peer) { peer.wait_closed(); }};
  auto options = quick();
  options.connect_timeout = 20ms;
  auto http = client(options);
  Asked asked{http, get(server.url("https"))};
  asked.error();
  BOOST_TEST(server.connections() == 4);
}

BOOST_AUTO_TEST_CASE(a_waiting_request_meets_its_deadline) {
  ScriptedServer server{[](Peer& peer) { peer.wait_closed(); }};
  HttpClientOptions options;
  options.connections_max = 1;
  auto http = client(options);
  Asked first{http, get(server.url())};
  auto request = get(server.url());
  request.deadline = 30ms;
  Asked second{http, request};
  const auto error = second.error();
  BOOST_TEST((error.fault == NetFault::timed_out));
  BOOST_TEST((error.phase == NetPhase::queue));
  BOOST_TEST(http.metrics().waiting == 0);
  first.call.cancel();
  first.error();
}

BOOST_AUTO_TEST_CASE(cut_before_and_in_the_answer) {
  for (const std::string sent : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    ScriptedServer server{[&](Peer& peer) {
      peer.read_request();
      peer.write(sent);
    }};
    auto http = client(quick());
    Asked asked{http, get(server.url())};
    const auto error = asked.error();
    BOOST_TEST((error.fault == NetFault::connection_lost), sent);
    BOOST_TEST(error.may_have_been_sent);
    BOOST_TEST(server.connections() == 4);  // a GET may be asked again

    Asked order{http, post(server.url(), "{}")};
    BOOST_TEST((order.error().fault == NetFault::connection_lost));
    BOOST_TEST(server.connections() == 5);
  }
}

BOOST_AUTO_TEST_CASE(nonsense_is_named) {
  for (const std::string sent :
       {"rubbish\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "HTTP/1.1 101 Switching\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", "SSH-2.0-OpenSSH_9.2\r\n"}) {
    ScriptedServer server{[&](Peer& peer) {
      peer.read_request();
      peer.write(sent);
    }};
    auto http = client(quick());
    Asked asked{http, get(server.url())};
    const auto error = asked.error();
    BOOST_TEST((error.fault == NetFault::bad_answer), sent);
    BOOST_TEST(server.connections() == 1);
  }
}

BOOST_AUTO_TEST_CASE(interim_answers_without_end) {
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    while (peer.write("HTTP/1.1 102 Wait\r\n\r\n")) {
    }
  }};
  auto http = client(once());
  Asked asked{http, get(server.url())};
  BOOST_TEST((asked.error().fault == NetFault::bad_answer));
}

BOOST_AUTO_TEST_CASE(too_large_in_every_way) {
  const std::string flood_of_headers = [] {
    std::string text = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 2'000; ++i) text += "X-" + std::to_string(i) + ": " + std::string(40, 'x') + "\r\n";
    return text + "\r\n";
  }();
  for (const std::string& sent :
       {flood_of_headers, "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n",
        answer(std::string(10'001, 'x')), std::string{"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n"},
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n" + std::string(20'000, 'x'),
        "HTTP/1.1 200 OK\r\n\r\n" + std::string(20'000, 'x'),
        answer(gzip(std::string(5'000'000, 'x')).substr(0, 1'000), "200 OK", "Content-Encoding: gzip\r\n")}) {
    ScriptedServer server{[&](Peer& peer) {
      peer.read_request();
      peer.write(sent);
      peer.wait_closed();
    }};
    auto http = client(once());
    auto request = get(server.url());
    request.response_bytes_max = 10'000;
    Asked asked{http, request};
    BOOST_TEST_CONTEXT(sent.substr(0, 60)) BOOST_TEST((asked.error().fault == NetFault::too_large));
  }
}

BOOST_AUTO_TEST_CASE(a_gzip_bomb_is_refused) {
  const auto bomb = gzip(std::string(20'000'000, '\0'));  // NOLINT(bugprone-string-constructor): so long on purpose
  BOOST_TEST(bomb.size() < 100'000);
  ScriptedServer server{[&](Peer& peer) {
    peer.read_request();
    peer.write(answer(bomb, "200 OK", "Content-Encoding: gzip\r\n"));
    peer.wait_closed();
  }};
  auto http = client();
  auto request = get(server.url());
  request.response_bytes_max = 1'000'000;
  Asked asked{http, request};
  const auto error = asked.error();
  BOOST_TEST((error.fault == NetFault::too_large));
  BOOST_TEST(says(error, "unpacks"));
}

BOOST_AUTO_TEST_CASE(a_redirect_is_named_and_not_followed) {
  ScriptedServer server{[](Peer& peer) {
    while (!peer.read_request().empty())
      peer.write(answer("", "302 Found", "Location: https://evil.example/login?key=SECRET\r\n"));
  }};
  auto http = client(quick());
  Asked asked{http, get(server.url())};
  const auto error = asked.error();
  BOOST_TEST((error.fault == NetFault::redirected));
  BOOST_TEST(error.http_status == 302);
  BOOST_TEST(says(error, "https://evil.example"));
  BOOST_TEST(!says(error, "SECRET"));
}

BOOST_AUTO_TEST_CASE(what_is_refused_at_once) {
  auto http = client();
  const auto refused = [&](HttpRequest request) {
    Asked asked{http, std::move(request)};
    BOOST_REQUIRE(asked.refused);
    BOOST_TEST_MESSAGE(asked.refused->message);
    BOOST_TEST(asked.refused->message.find("SECRET") == std::string::npos);
    BOOST_TEST(asked.calls() == 0);
    return asked.refused->fault;
  };
  BOOST_TEST((refused(get("http://venue.test/?k=SECRET")) == NetFault::plain_refused));
  BOOST_TEST((refused(get("http://192.0.2.1/")) == NetFault::plain_refused));
  BOOST_TEST((refused(get("not a URL SECRET")) == NetFault::bad_request));
  BOOST_TEST((refused(get("wss://venue.test/")) == NetFault::bad_request));
  BOOST_TEST((refused(get("https://me:SECRET@venue.test/")) == NetFault::bad_request));
  auto request = get("https://venue.test/");
  request.headers = {{"Authorization", "SECRET\r\nHost: evil.example"}};
  BOOST_TEST((refused(request) == NetFault::bad_request));
  BOOST_TEST((refused(post("https://venue.test/", std::string(2'000'000, 'x'))) == NetFault::bad_request));
}

BOOST_AUTO_TEST_CASE(plain_http_where_it_is_allowed) {
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    peer.write(answer("ok"));
  }};
  HttpClientOptions options;
  options.allow_plain_http = true;
  auto http = client(options);
  Asked asked{http, get(server.url("http", "/", "venue.test"))};
  BOOST_TEST(asked.response().body == "ok");
}

BOOST_AUTO_TEST_CASE(secrets_are_in_no_error) {
  const std::vector<ScriptedServer::Script> scripts{
      [](Peer& peer) { peer.reset(); },
      [](Peer& peer) { peer.write(peer.read_request()); },  // an echo
      [](Peer& peer) { peer.write("HTTP/1.1 200 OK\r\nX: " + peer.read_request()); },
      [](Peer& peer) { peer.wait_closed(); },
  };
  for (const auto& script : scripts) {
    for (const std::string scheme : {"http", "https"}) {
      ScriptedServer server{script};
      auto http = client(once());
      auto request = get(server.url(scheme, "/?apiKey=SECRET"));
      request.headers = {{"Authorization", "Bearer SECRET"}};
      request.deadline = 200ms;
      Asked asked{http, request};
      const auto result = asked.result();
      BOOST_TEST((result || !says(result.error(), "SECRET")));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(http_cancel, NetFixture)

BOOST_AUTO_TEST_CASE(in_every_phase) {
  Counter greeted;
  ScriptedServer mute{[&](Peer& peer) {
    if (!peer.read_some().empty()) greeted.add();
    peer.wait_closed();
  }};
  Counter asked_for;
  ScriptedServer silent{[&](Peer& peer) {
    if (peer.read_request().empty()) return;
    asked_for.add();
    peer.wait_closed();
  }};
  Counter began;
  ScriptedServer endless{[&](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nx");
    began.add();
    peer.wait_closed();
  }};
  ScriptedServer busy{[&](Peer& peer) {
    peer.read_request();
    peer.write(answer("", "503 Busy", "Retry-After: 20\r\n"));
    peer.wait_closed();
  }};
  HttpClientOptions options;
  options.connections_max = 1;
  Counter told_to_wait;
  options.now = [&] {  // asked when Retry-After has come
    told_to_wait.add();
    return std::chrono::system_clock::now();
  };
  auto http = client(options);
  const auto canceled = [&](Asked& asked) {
    asked.call.cancel();
    const auto error = asked.error();
    BOOST_TEST((error.fault == NetFault::canceled));
    asked.call.cancel();  // again, for nothing
    return error.phase;
  };
  {
    Asked asked{http, get(silent.url())};
    canceled(asked);  // wherever it is
  }
  {
    Asked tls{http, get(mute.url("https"))};
    BOOST_REQUIRE(greeted.wait_for(1));
    BOOST_TEST((canceled(tls) == NetPhase::tls));
  }
  {
    const int before = asked_for.count();  // the first one may have come as far, too
    Asked sent{http, get(silent.url())};
    BOOST_REQUIRE(asked_for.wait_for(before + 1));
    Asked waiting{http, get(silent.url())};
    BOOST_TEST((canceled(waiting) == NetPhase::queue));
    BOOST_TEST((canceled(sent) == NetPhase::first_byte));
    BOOST_TEST(sent.calls() == 1);
  }
  {
    Asked body{http, get(endless.url())};
    BOOST_REQUIRE(began.wait_for(1));
    const auto phase = canceled(body);
    // The answer is out; how far the client knows of that, and of its own request's end, is its thread's affair.
    BOOST_TEST((phase == NetPhase::body || phase == NetPhase::first_byte || phase == NetPhase::send));
  }
  {
    Asked backoff{http, get(busy.url())};
    BOOST_REQUIRE(told_to_wait.wait_for(1));
    BOOST_TEST((canceled(backoff) == NetPhase::backoff));
    BOOST_TEST(backoff.calls() == 1);
  }
  BOOST_TEST(http.metrics().under_way == 0);
}

BOOST_AUTO_TEST_CASE(a_race_with_the_answer_is_heard_once) {
  ScriptedServer server{[](Peer& peer) {
    while (!peer.read_request().empty()) peer.write(answer("ok"));
  }};
  HttpClientOptions options;
  auto http = client(options);
  std::vector<Asked> all;
  all.reserve(200);
  for (int i = 0; i < 200; ++i) {
    all.emplace_back(http, get(server.url()));
    if (i % 2 == 0) all.back().call.cancel();
  }
  for (auto& asked : all) asked.result();
  for (auto& asked : all) BOOST_TEST(asked.calls() == 1);
}

BOOST_AUTO_TEST_CASE(the_end_of_the_client_answers_all) {
  ScriptedServer server{[](Peer& peer) { peer.wait_closed(); }};
  HttpClientOptions options;
  options.connections_max = 2;
  std::vector<Asked> all;
  {
    auto http = client(options);
    for (int i = 0; i < 5; ++i) all.emplace_back(http, get(server.url()));
  }
  for (auto& asked : all) {
    BOOST_TEST(asked.calls() == 1);  // before the destructor returned
    BOOST_TEST((asked.error().fault == NetFault::stopped));
  }
}

BOOST_AUTO_TEST_CASE(a_callback_that_keeps_the_thread_mutes_those_behind_it) {
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    if (peer.index == 0) peer.write(answer("ok"));
    peer.wait_closed();
  }};
  thread = std::make_unique<NetThread>(NetThreadOptions{.name = "net-test", .stop_timeout = 30ms});
  auto http = std::make_unique<HttpClient>(client());
  std::promise<void> go;
  const auto gone = go.get_future().share();
  Counter kept;
  const auto sent = http->send(get(server.url()), [&](HttpResult) {
    kept.add();
    gone.wait();
  });
  BOOST_REQUIRE(sent);
  BOOST_REQUIRE(kept.wait_for(1));
  Asked behind{*http, get(server.url())};
  http.reset();
  go.set_value();
  thread.reset();
  BOOST_TEST(behind.calls() == 0);
}

BOOST_AUTO_TEST_CASE(what_is_late_is_not_sent) {
  Counter requests;
  ScriptedServer server{[&](Peer& peer) {
    while (!peer.read_request().empty()) {
      requests.add();
      peer.write(answer("ok"));
    }
  }};
  auto http = client();
  std::promise<void> go;
  const auto gone = go.get_future().share();
  Counter kept;
  const auto sent = http.send(get(server.url()), [&](HttpResult) {
    kept.add();
    gone.wait();
  });
  BOOST_REQUIRE(sent);
  BOOST_REQUIRE(kept.wait_for(1));
  auto request = post(server.url(), "{}");
  request.deadline = 0ms;  // over before its timer can have a turn
  Asked late{http, request};
  go.set_value();
  const auto error = late.error();
  BOOST_TEST((error.fault == NetFault::timed_out));
  BOOST_TEST((error.phase == NetPhase::queue));
  BOOST_TEST(!error.may_have_been_sent);
  BOOST_TEST(requests.count() == 1);
}

BOOST_AUTO_TEST_CASE(the_end_of_the_thread_answers_all) {
  ScriptedServer server{[](Peer& peer) { peer.wait_closed(); }};
  auto http = client();
  Asked asked{http, get(server.url())};
  thread.reset();
  BOOST_TEST(asked.calls() == 1);
  BOOST_TEST((asked.error().fault == NetFault::stopped));
  Asked late{http, get(server.url())};
  BOOST_REQUIRE(late.refused);
  BOOST_TEST((late.refused->fault == NetFault::stopped));
}

BOOST_AUTO_TEST_CASE(a_client_may_end_in_its_own_callback) {
  ScriptedServer server{[](Peer& peer) {
    peer.read_request();
    peer.write(answer("ok"));
    peer.wait_closed();
  }};
  auto http = std::make_unique<HttpClient>(client());
  std::promise<void> done;
  const auto sent = http->send(get(server.url()), [&](HttpResult) {
    http.reset();
    done.set_value();
  });
  BOOST_REQUIRE(sent);
  BOOST_TEST((done.get_future().wait_for(patience) == std::future_status::ready));
  thread.reset();
}

BOOST_AUTO_TEST_CASE(a_callback_may_ask_again) {
  ScriptedServer server{[](Peer& peer) {
    while (!peer.read_request().empty()) peer.write(answer("ok"));
  }};
  HttpClientOptions options;
  options.connections_max = 1;
  options.waiting_max = 0;
  auto http = client(options);
  std::promise<bool> done;
  std::function<void(int)> ask = [&](int left) {
    if (left == 0) return done.set_value(true);
    if (!http.send(get(server.url()), [&, left](HttpResult) { ask(left - 1); })) done.set_value(false);
  };
  ask(20);
  auto future = done.get_future();
  BOOST_REQUIRE((future.wait_for(patience) == std::future_status::ready));
  BOOST_TEST(future.get());
}

BOOST_AUTO_TEST_SUITE_END()
