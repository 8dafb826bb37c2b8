// An HTTP/1.1 client for a venue's REST API: keep-alive, TLS, proxies, gzip, deadlines, retries of what is safe to
// retry, and a bound on everything. An answer of any status is an answer; an error means that there is none.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "bus/model/error.hpp"
#include "engine/net/net_error.hpp"
#include "engine/net/net_thread.hpp"
#include "engine/net/proxy_settings.hpp"
#include "engine/net/tls_options.hpp"

namespace tradebus {

struct HttpHeader {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url = {};  // absolute
  // Beside Host, User-Agent, Accept-Encoding, Content-Length and Connection, which are the client's own.
  std::vector<HttpHeader> headers = {};
  std::string body = {};
  std::chrono::milliseconds deadline{30'000};          // for all: queue, retries and their waits included
  std::optional<std::size_t> response_bytes_max = {};  // instead of the client's
  bool retry = true;                                   // false: one try (an owner that paces its calls itself)
};
// For logs: method, URL without its query, header names; values of secret headers as "<redacted>".
std::string shown(const HttpRequest& request);
// authorization, cookie, anything with key, secret, token, password or signature in its name.
bool is_secret_header(std::string_view name);

struct HttpResponse {
  unsigned status = 0;
  std::vector<HttpHeader> headers = {};                       // as they came
  std::string body = {};                                      // inflated
  unsigned tries = 1;                                         // how often it was asked
  std::optional<std::chrono::milliseconds> retry_after = {};  // from Retry-After, seconds or date

  // Any case; the first of that name.
  const std::string* header(std::string_view name) const;
  bool is_ok() const { return status >= 200 && status < 300; }
};

using HttpResult = tl::expected<HttpResponse, NetError>;
using HttpCallback = std::function<void(HttpResult)>;

// A request under way. Copies are of the same one; dropping them changes nothing. Any thread.
class HttpCall {
 public:
  struct State;
  HttpCall() = default;
  explicit HttpCall(std::weak_ptr<State> state) : state_{std::move(state)} {}
  // If it has no answer yet, its callback hears `canceled`; else nothing happens.
  void cancel() const;

 private:
  std::weak_ptr<State> state_;
};

struct HttpClientOptions {
  TlsOptions tls = {};
  ProxySettings proxy = {};
  bool allow_plain_http = false;  // true: http:// to hosts other than loopback (a private network, a test venue)
  std::string user_agent = "tradebus";

  std::size_t connections_max = 8;             // requests on the wire at once: a venue's limits are far below
  std::size_t waiting_max = 256;               // requests behind them; more are refused by name
  std::size_t idle_per_host_max = 4;           // connections kept open for later
  std::chrono::milliseconds idle_max{30'000};  // below the minute after which many servers and NATs drop them silently

  std::chrono::milliseconds connect_timeout{10'000};     // look-up, TCP, proxy and TLS together
  std::chrono::milliseconds first_byte_timeout{20'000};  // from the request sent to the answer's first byte

  std::size_t request_bytes_max = 1'048'576;
  std::size_t header_bytes_max = 65'536;
  std::size_t response_bytes_max = 67'108'864;  // as sent, and again inflated: a full market snapshot has some 10 MB

  // Only GET and HEAD are tried again, after: no connection, a stale connection (at once), cut before or in an answer,
  // 429, 500, 502, 503, 504. Retry-After is obeyed up to retry_after_max; a longer one ends the tries.
  unsigned tries_max = 4;
  std::chrono::milliseconds retry_first{250};  // doubled each time, each wait drawn from its upper half
  std::chrono::milliseconds retry_max{10'000};
  std::chrono::milliseconds retry_after_max{60'000};

  std::uint64_t seed = 0;                                           // of the jitter; 0: from the system
  std::function<std::chrono::system_clock::time_point()> now = {};  // for dates in Retry-After; empty: the system's
};

struct HttpMetrics {
  std::uint64_t requests = 0;
  std::uint64_t answers = 0;  // of any status
  std::uint64_t errors = 0;   // canceled ones too
  std::uint64_t refused = 0;  // queue full
  std::uint64_t retries = 0;
  std::uint64_t connects = 0;  // connections made
  std::uint64_t reused = 0;    // requests on a kept connection
  std::uint64_t bytes_in = 0;  // bodies as sent
  std::size_t under_way = 0;
  std::size_t waiting = 0;
  std::size_t idle = 0;  // connections kept
};

class HttpClient {
 public:
  // config.invalid: the CA file can't be read.
  static Result<HttpClient> make(NetThread& thread, HttpClientOptions options);

  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  // All that is under way hears `stopped`; no callback begins after it returned (called from a callback: after that
  // one). A callback that keeps the thread for longer than its stop_timeout isn't waited for, and those behind it are
  // never called.
  ~HttpClient();

  // The callback is called exactly once, on the net thread (but see the destructor), unless send() itself refuses,
  // which names why: bad_request, plain_refused, overloaded, stopped; then never. Any thread.
  tl::expected<HttpCall, NetError> send(HttpRequest request, HttpCallback callback);

  HttpMetrics metrics() const;  // any thread

  class Impl;

 private:
  explicit HttpClient(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace tradebus
