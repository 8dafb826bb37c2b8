// What the tests of this folder share: waiting for answers and events, always with a deadline.
#pragma once

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/net/http_client.hpp"
#include "engine/net/websocket_client.hpp"

namespace tradebus::test {

using namespace std::chrono_literals;

constexpr auto patience = 20s;

// A request and what its callback heard.
class Asked {
 public:
  Asked(HttpClient& client, HttpRequest request) {
    auto sent = client.send(std::move(request), [state = state_](HttpResult result) {
      if (state->calls.fetch_add(1) == 0) state->promise.set_value(std::move(result));
    });
    if (sent)
      call = *sent;
    else
      refused = sent.error();
  }
  HttpResult result() {
    auto future = state_->promise.get_future();
    BOOST_REQUIRE_MESSAGE(!refused, "refused: " << refused->message);
    BOOST_REQUIRE_MESSAGE(future.wait_for(patience) == std::future_status::ready, "no answer came");
    return future.get();
  }
  HttpResponse response() {
    auto r = result();
    BOOST_REQUIRE_MESSAGE(r, "no answer: " << r.error().message);
    return std::move(*r);
  }
  NetError error() {
    auto r = result();
    BOOST_REQUIRE_MESSAGE(!r, "an answer came: " << r->status);
    BOOST_TEST_MESSAGE(to_string(r.error().fault) << ": " << r.error().message);
    return r.error();
  }
  int calls() const { return state_->calls; }

  HttpCall call;
  std::optional<NetError> refused;

 private:
  struct State {
    std::promise<HttpResult> promise;
    std::atomic<int> calls{0};
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// A number that others raise and a test waits for.
class Counter {
 public:
  void add() {
    const std::lock_guard lock{mutex_};
    ++count_;
    changed_.notify_all();
  }
  bool wait_for(int wanted) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [&] { return count_ >= wanted; });
  }
  int count() const {
    const std::lock_guard lock{mutex_};
    return count_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

struct NetFixture {
  HttpClient client(HttpClientOptions options = {}) {
    if (options.seed == 0) options.seed = 1;
    auto made = HttpClient::make(*thread, std::move(options));
    BOOST_REQUIRE_MESSAGE(made, made.error().message);
    return std::move(*made);
  }
  static HttpClientOptions quick() {
    HttpClientOptions options;
    options.retry_first = 1ms;
    options.retry_max = 4ms;
    return options;
  }
  static HttpRequest get(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    return request;
  }
  static HttpRequest post(std::string url, std::string body) {
    auto request = get(std::move(url));
    request.method = "POST";
    request.body = std::move(body);
    return request;
  }

  std::unique_ptr<NetThread> thread = std::make_unique<NetThread>(
      NetThreadOptions{.name = "net-test", .hosts = {{"venue.test", "127.0.0.1"}, {"api.venue.test", "127.0.0.1"}}});
};

// Writes down what a WebSocket's handler hears; `on_*` hooks run on the net thread.
class Recorder : public WebSocketHandler {
 public:
  void on_open(WebSocketLink& link) override {
    if (opened) opened(link);
  }
  void on_text(WebSocketLink& link, std::string_view text) override {
    if (received) received(link, text);
    note([&] { texts.emplace_back(text); });
  }
  void on_binary(WebSocketLink&, std::string_view bytes) override {
    note([&] { binaries.emplace_back(bytes); });
  }
  void on_status(WebSocketLink& link, const WebSocketStatus& status) override {
    if (changed_status) changed_status(link, status);
    note([&] { statuses.push_back(status); });
  }

  // Until `is_true` of what was written down so far.
  template <class Condition>
  bool wait(Condition is_true) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, patience, is_true);
  }
  int count(WebSocketState state) const {  // inside wait(), or at the end
    return static_cast<int>(
        std::count_if(statuses.begin(), statuses.end(), [&](const auto& s) { return s.state == state; }));
  }
  std::vector<WebSocketStatus> pauses() {
    const std::lock_guard lock{mutex};
    std::vector<WebSocketStatus> found;
    for (const auto& status : statuses)
      if (status.state == WebSocketState::backing_off) found.push_back(status);
    return found;
  }
  bool wait_for(WebSocketState state, int times = 1) {
    return wait([&] { return count(state) >= times; });
  }

  std::function<void(WebSocketLink&)> opened;
  std::function<void(WebSocketLink&, std::string_view)> received;
  std::function<void(WebSocketLink&, const WebSocketStatus&)> changed_status;

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> texts;
  std::vector<std::string> binaries;
  std::vector<WebSocketStatus> statuses;

 private:
  template <class Change>
  void note(Change change) {
    const std::lock_guard lock{mutex};
    change();
    changed.notify_all();
  }
};

inline bool says(const NetError& error, std::string_view part) { return error.message.find(part) != std::string::npos; }

}  // namespace tradebus::test
