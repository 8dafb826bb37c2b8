// What can go wrong between us and a venue's server, named: where, why, what to do. Never a key, a header or a query.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "bus/model/error.hpp"

namespace tradebus {

enum class NetFault : std::uint8_t {
  bad_request,        // ours: a bad URL, a header with a line break in it
  plain_refused,      // http:// or ws:// to a host that is not loopback, and not allowed by the configuration
  overloaded,         // our own queue is full
  stopped,            // the client or its thread has ended
  canceled,           // by its owner
  not_resolved,       // no address for the name
  connect_failed,     // refused, unreachable
  proxy_failed,       // the proxy refused, or spoke nonsense
  tls_failed,         // certificate, host name, protocol version
  timed_out,          // see phase
  connection_lost,    // cut in the middle
  bad_answer,         // not HTTP, not gzip, not a WebSocket handshake
  too_large,          // headers, body, inflated body or frame beyond its bound
  redirected,         // redirects are not followed
  handshake_refused,  // WebSocket: the server answered with an HTTP status of its own
  dead_peer,          // WebSocket: silent beyond the limit, pings unanswered
  closed_by_peer,     // WebSocket: a close frame
};
std::string_view to_string(NetFault fault);  // "tls-failed": for logs and metrics

enum class NetPhase : std::uint8_t { queue, resolve, connect, proxy, tls, send, first_byte, body, backoff, open };
std::string_view to_string(NetPhase phase);

struct NetError {
  NetFault fault = NetFault::connection_lost;
  NetPhase phase = NetPhase::queue;
  // A byte of the request may have reached the server: an order is then in doubt. False: it surely hasn't.
  bool may_have_been_sent = false;
  std::string message = {};                                   // one sentence: host, phase, why, what to do
  unsigned http_status = 0;                                   // redirected, handshake_refused, proxy_failed
  unsigned close_code = 0;                                    // closed_by_peer
  std::optional<std::chrono::milliseconds> retry_after = {};  // as the server asked

  // In the protocol's words, for a provider: provider.unavailable, request.timeout, overloaded, request.invalid ...
  Error to_error() const;
};
// Of a request that surely hasn't been sent.
NetError net_failure(NetFault fault, NetPhase phase, std::string message);

}  // namespace tradebus
