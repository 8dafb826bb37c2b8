#include "bus/bridge/admin_server.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <future>
#include <random>
#include <thread>
#include <vector>

#include "tests/bus/bridge/admin/http_client.hpp"

using namespace tradebus;
using namespace tradebus::test;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  AdminConfig config{.address = "127.0.0.1:0"};
  std::atomic<bool> ready{true};
  std::atomic<bool> fails{false};
  std::string metrics = "# TYPE x gauge\nx 1\n";
  std::unique_ptr<AdminServer> server;
  std::uint16_t port = 0;

  void start() {
    server = std::make_unique<AdminServer>(config, AdminHandlers{[this] {
                                                                   if (fails) throw std::runtime_error("no numbers");
                                                                   return metrics;
                                                                 },
                                                                 [this] {
                                                                   if (fails) throw 1;
                                                                   return ready.load();
                                                                 }});
    const auto url = server->bind();
    BOOST_REQUIRE(url);
    BOOST_REQUIRE(url->starts_with("http://127.0.0.1:"));
    port = static_cast<std::uint16_t>(std::stoi(url->substr(url->rfind(':') + 1)));
    BOOST_REQUIRE_NE(port, 0);
    server->start();
  }
  HttpClient client() const { return HttpClient{port}; }
  std::string get(std::string_view path) const { return client().get(path); }
  bool is_alive() const { return get("/healthz").starts_with("HTTP/1.1 200 "); }
};

bool has_status(const std::string& answer, int status) {
  return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
}
bool has(const std::string& answer, std::string_view text) { return answer.find(text) != std::string::npos; }
std::chrono::milliseconds since(std::chrono::steady_clock::time_point t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - t);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(admin_server, Fixture)

BOOST_AUTO_TEST_CASE(the_three_pages) {
  start();
  const auto page = get("/metrics");
  BOOST_CHECK(has_status(page, 200));
  BOOST_CHECK(has(page, "Content-Type: text/plain; version=0.0.4\r\n"));
  BOOST_CHECK(page.ends_with("\r\n\r\n" + metrics));
  BOOST_CHECK(has_status(get("/metrics?name=x"), 200));
  BOOST_CHECK(get("/healthz").ends_with("\r\n\r\nok\n"));
  BOOST_CHECK(has_status(get("/readyz"), 200));
  ready = false;
  BOOST_CHECK(has_status(get("/readyz"), 503));
  BOOST_CHECK(has_status(get("/healthz"), 200));
}

BOOST_AUTO_TEST_CASE(head_answers_without_a_body) {
  start();
  auto http = client();
  http.send("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = http.answer(true);
  BOOST_CHECK(has_status(answer, 200));
  BOOST_CHECK(has(answer, "Content-Length: " + std::to_string(metrics.size()) + "\r\n"));
  BOOST_CHECK(has_status(http.get("/healthz"), 200));  // nothing was left in between
}

BOOST_AUTO_TEST_CASE(other_paths_and_methods) {
  start();
  for (const auto* path : {"/", "/metrics/", "/Metrics", "/healthz2", "*", "/%2e%2e/etc/passwd", "http://x/metrics"})
    BOOST_CHECK_MESSAGE(has_status(get(path), 404), path);
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"}) {
    auto http = client();
    http.send(std::string{method} + " /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    const auto answer = http.answer();
    BOOST_CHECK_MESSAGE(has_status(answer, 405), method);
    BOOST_CHECK(has(answer, "Allow: GET, HEAD\r\n"));
    http.end_sending();
    BOOST_CHECK(http.closed());
  }
}

BOOST_AUTO_TEST_CASE(a_connection_is_kept_for_more_requests) {
  start();
  auto http = client();
  for (int i = 0; i < 5; ++i) BOOST_CHECK(has(http.get("/healthz"), "Connection: keep-alive\r\n"));
  http.send("GET /healthz HTTP/1.1\r\n\r\nGET /readyz HTTP/1.1\r\n\r\nGET /nothing HTTP/1.1\r\n\r\n");
  BOOST_CHECK(has_status(http.answer(), 200));
  BOOST_CHECK(has_status(http.answer(), 200));
  BOOST_CHECK(has_status(http.answer(), 404));
  BOOST_CHECK(has(http.get("/healthz", "Connection: close\r\n"), "Connection: close\r\n"));
  BOOST_CHECK(http.closed());
  auto old = client();
  old.send("GET /healthz HTTP/1.0\r\n\r\n");
  BOOST_CHECK(has_status(old.answer(), 200));
  BOOST_CHECK(old.closed());
}

BOOST_AUTO_TEST_CASE(a_handler_that_fails_is_a_500) {
  start();
  fails = true;
  auto http = client();
  const auto page = http.get("/metrics");
  BOOST_CHECK(has_status(page, 500));
  BOOST_CHECK(has(page, "no numbers"));
  BOOST_CHECK(has_status(http.get("/readyz"), 500));
  fails = false;
  BOOST_CHECK(has_status(http.get("/metrics"), 200));
}

BOOST_AUTO_TEST_CASE(what_is_no_request_is_a_400) {
  start();
  for (const std::string rubbish :
       {"hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "\x16\x03\x01\x02 a TLS hello \r\n\r\n", "GET /healthz HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
        "GET /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    auto http = client();
    http.send(rubbish);
    BOOST_CHECK_MESSAGE(has_status(http.answer(), 400), rubbish);
    http.end_sending();
    BOOST_CHECK(http.closed());
  }
  auto half = client();
  half.send("GET /healthz HTT");
  half.end_sending();
  BOOST_CHECK(has_status(half.answer(), 400));
  {
    auto gone = client();
    gone.send("GET /heal");
  }
  BOOST_CHECK(is_alive());
}

BOOST_AUTO_TEST_CASE(a_request_has_a_bound) {
  start();
  auto fits = client();
  BOOST_CHECK(has_status(fits.get("/healthz", "X: " + std::string(7'000, 'a') + "\r\n"), 200));
  auto large = client();
  large.send("GET /healthz HTTP/1.1\r\nX: " + std::string(100'000, 'a'));
  BOOST_CHECK(has_status(large.answer(), 431));
}

BOOST_AUTO_TEST_CASE(random_bytes_never_stop_it) {
  config.deadline = 300ms;
  start();
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random{seed};
    auto http = client();
    std::string bytes = seed % 3 == 0 ? "GET /metrics HTTP/1.1\r\n" : "";
    for (auto i = random() % 3'000; i > 0; --i) bytes += static_cast<char>(random() % 256);
    http.send(bytes);
    if (seed % 2 == 0) http.end_sending();
    BOOST_REQUIRE(seed % 5 != 0 || is_alive());
  }
  BOOST_CHECK(is_alive());
}

BOOST_AUTO_TEST_CASE(a_request_that_trickles_in_is_cut_off) {
  config.deadline = 300ms;
  start();
  auto slow = client();
  const auto began = std::chrono::steady_clock::now();
  slow.send("GET /healthz HTTP/1.1\r\nX: ");
  bool cut = false;
  while (!cut && since(began) < HttpClient::patience) {
    cut = slow.closed_within(20ms) || !slow.send("a");  // a byte every 20 ms: never idle
    BOOST_REQUIRE(is_alive());                          // others are served meanwhile
  }
  BOOST_CHECK(cut);
  BOOST_CHECK_GE(since(began).count(), 250);
  auto idle = client();
  BOOST_CHECK(idle.closed());
}

BOOST_AUTO_TEST_CASE(an_answer_that_nobody_takes_is_given_up) {
  config.deadline = 300ms;
  metrics = std::string(16U << 20U, 'x');
  start();
  HttpClient lazy{port, 4'096};
  lazy.send("GET /metrics HTTP/1.1\r\n\r\n");
  BOOST_CHECK(is_alive());
  auto idle = client();
  BOOST_CHECK(idle.closed());  // a deadline later than the lazy one's
  std::size_t bytes = 0;       // cut: not all of it comes
  try {
    bytes = lazy.answer().size();
  } catch (const std::exception&) {
  }
  BOOST_CHECK_LT(bytes, metrics.size());
}

BOOST_AUTO_TEST_CASE(connections_are_bounded_and_the_next_one_waits) {
  config.connections_max = 4;
  config.deadline = 60s;
  start();
  std::vector<HttpClient> open;
  for (int i = 0; i < 4; ++i) {
    open.push_back(client());
    BOOST_REQUIRE(has_status(open.back().get("/healthz"), 200));
  }
  auto next = client();  // in the kernel's queue
  next.send("GET /healthz HTTP/1.1\r\n\r\n");
  BOOST_CHECK(!next.closed_within(100ms));
  BOOST_CHECK(has_status(open.front().get("/healthz"), 200));
  open.pop_back();
  BOOST_CHECK(has_status(next.answer(), 200));
}

BOOST_AUTO_TEST_CASE(many_clients_at_once) {
  start();
  std::vector<std::future<int>> clients;
  for (int i = 0; i < 8; ++i)
    clients.push_back(std::async(std::launch::async, [this] {
      int good = 0;
      for (int n = 0; n < 40; ++n) {
        auto http = client();
        for (int m = 0; m < 3; ++m) good += has_status(http.get(m == 1 ? "/metrics" : "/readyz"), 200) ? 1 : 0;
      }
      return good;
    }));
  for (auto& each : clients) BOOST_CHECK_EQUAL(each.get(), 120);
}

BOOST_AUTO_TEST_CASE(stopping_does_not_wait_for_idle_connections) {
  config.deadline = 60s;
  start();
  std::vector<HttpClient> open;
  for (int i = 0; i < 32; ++i) {
    open.push_back(client());
    BOOST_REQUIRE(has_status(open.back().get("/healthz"), 200));
  }
  open[3].send("GET /heal");
  const auto began = std::chrono::steady_clock::now();
  server->stop();
  const auto took = since(began);
  BOOST_TEST_MESSAGE("stopping took " << took.count() << " ms");
  BOOST_CHECK_LT(took.count(), 2'000);  // 100 ms on a machine that is free
  for (auto& each : open) BOOST_CHECK(each.closed());
  BOOST_CHECK_THROW(client(), std::runtime_error);
  server->stop();
}

BOOST_AUTO_TEST_CASE(stopping_while_busy) {
  for (int round = 0; round < 5; ++round) {
    start();
    std::atomic<int> served{0};
    std::vector<std::jthread> clients;
    for (int i = 0; i < 4; ++i)
      clients.emplace_back([&] {
        try {
          while (true) {
            auto http = client();
            for (int m = 0; m < 10; ++m) {
              if (http.get("/metrics").empty()) return;
              ++served;
            }
          }
        } catch (const std::exception&) {
        }
      });
    const auto began = std::chrono::steady_clock::now();
    while (served < 50 && since(began) < HttpClient::patience) std::this_thread::yield();
    BOOST_CHECK_GE(served, 50);
    server->stop();
  }
}

BOOST_AUTO_TEST_CASE(an_address_that_cannot_be_bound_is_named) {
  start();
  const auto taken = "127.0.0.1:" + std::to_string(port);
  for (const std::string& address : {taken, std::string{"127.0.0.1"}, std::string{":80"}, std::string{"127.0.0.1:"},
                                     std::string{"127.0.0.1:x"}, std::string{"127.0.0.1:70000"}, std::string{"::1:80"},
                                     std::string{"[::1:80"}, std::string{"[]:80"}, std::string{"203.0.113.1:0"}}) {
    AdminServer other{{.address = address}, {}};
    const auto bound = other.bind();
    BOOST_REQUIRE_MESSAGE(!bound, address);
    BOOST_CHECK(bound.error().code == Errc::config_invalid);
    BOOST_CHECK_MESSAGE(has(bound.error().message, address), bound.error().message);
  }
  AdminServer unused{{.address = "127.0.0.1:0"}, {}};
  BOOST_CHECK(unused.bind());  // and ends without having been started
}

BOOST_AUTO_TEST_SUITE_END()
