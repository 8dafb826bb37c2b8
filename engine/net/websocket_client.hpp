// A WebSocket that stays: connects, keeps itself alive, finds a dead peer, comes back with growing pauses. What to log
// in and subscribe to is its handler's business, at each on_open.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "bus/model/error.hpp"
#include "engine/net/http_client.hpp"
#include "engine/net/net_error.hpp"
#include "engine/net/net_thread.hpp"
#include "engine/net/proxy_settings.hpp"
#include "engine/net/tls_options.hpp"

namespace tradebus {

enum class WebSocketState : std::uint8_t { connecting, open, backing_off, closed };
std::string_view to_string(WebSocketState state);

struct WebSocketStatus {
  WebSocketState state = WebSocketState::connecting;
  std::chrono::system_clock::time_point since = {};
  std::optional<NetError> error = {};     // backing_off, closed: why; none when stop() was asked
  std::chrono::milliseconds retry_in{0};  // backing_off
};

// What a handler and an owner may ask of the link; any thread. Nothing here waits.
class WebSocketLink {
 public:
  virtual ~WebSocketLink() = default;
  // Queued, sent in order. Refused by name: overloaded (queue full: messages or bytes), stopped (not open: what was
  // queued for a lost connection is forgotten with it; on_open says all again).
  virtual tl::expected<void, NetError> send_text(std::string text) = 0;
  virtual tl::expected<void, NetError> send_binary(std::string bytes) = 0;
  // Real data came: the next pause starts small again. A login alone is no proof (a venue may accept it and cut the
  // connection, again and again), so without this only a connection that lived for `healthy_after` counts.
  virtual void mark_healthy() = 0;
  // The next connection is not made before `at_least` from now ("too many connections").
  virtual void hold(std::chrono::milliseconds at_least) = 0;
  // Closes this connection, and comes back after the usual pause (or the hold).
  virtual void reconnect(std::string reason) = 0;
  // Closes with a close frame, for good ("this key is refused"): on_status says closed, then nothing more.
  virtual void stop() = 0;
};

// Called on the net thread, one call at a time. The reader waits for it: a venue cuts off who reads slowly, so a
// handler only hands over (to a bounded queue that drops, say), and returns within microseconds. It must not throw.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  // Each time anew: log in and subscribe.
  virtual void on_open(WebSocketLink& link) = 0;
  // Whole messages; the view ends with the call.
  virtual void on_text(WebSocketLink& link, std::string_view text) = 0;
  virtual void on_binary(WebSocketLink&, std::string_view) {}
  // Each change of state, before on_open for `open`.
  virtual void on_status(WebSocketLink& link, const WebSocketStatus& status) = 0;
};

struct WebSocketOptions {
  std::string url = {};  // ws:// or wss://, absolute
  std::vector<HttpHeader> headers = {};
  TlsOptions tls = {};
  ProxySettings proxy = {};
  bool allow_plain = false;  // true: ws:// to hosts other than loopback
  std::string user_agent = "tradebus";

  std::chrono::milliseconds connect_timeout{15'000};  // from the look-up to the end of the handshake
  std::chrono::milliseconds ping_after{20'000};       // of silence; positive, less than silence_max
  std::chrono::milliseconds silence_max{30'000};      // nothing, not even the ping's pong: the peer is dead
  std::chrono::milliseconds close_timeout{2'000};     // for the answer to our close frame

  std::chrono::milliseconds retry_first{500};  // doubled each time, each pause drawn from its upper half
  std::chrono::milliseconds retry_max{60'000};
  std::chrono::milliseconds healthy_after{60'000};

  std::size_t message_bytes_max = 16'777'216;  // incoming
  std::size_t queue_messages_max = 1'024;      // outgoing
  std::size_t queue_bytes_max = 1'048'576;
  bool compress = false;  // offers permessage-deflate: fewer bytes, more work on the reader

  std::uint64_t seed = 0;  // of the jitter; 0: from the system
};

struct WebSocketMetrics {
  WebSocketState state = WebSocketState::connecting;
  std::chrono::system_clock::time_point since = {};
  std::uint64_t messages_in = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t refused_out = 0;  // queue full
  std::uint64_t opened = 0;       // handshakes that succeeded
  std::uint64_t lost = 0;         // open connections that ended unasked (neither stop() nor reconnect())
  std::size_t queued_messages = 0;
  std::size_t queued_bytes = 0;
  std::string last_error = {};
};

class WebSocketClient {
 public:
  // Starts at once. config.invalid, request.invalid: the CA file, the URL, a plain URL that is not allowed, headers
  // that are the handshake's own, ping_after.
  static Result<WebSocketClient> make(NetThread& thread, WebSocketOptions options,
                                      std::shared_ptr<WebSocketHandler> handler);

  WebSocketClient(WebSocketClient&&) noexcept;
  WebSocketClient& operator=(WebSocketClient&&) noexcept;
  // stop(), and waits for its end (close_timeout at most); no call to the handler after it returned. From a handler's
  // call: the connection is closed without waiting.
  ~WebSocketClient();

  WebSocketLink& link();             // any thread
  WebSocketMetrics metrics() const;  // any thread: one consistent picture

  class Impl;

 private:
  explicit WebSocketClient(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace tradebus
