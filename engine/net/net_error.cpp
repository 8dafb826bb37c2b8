#include "engine/net/net_error.hpp"

#include <utility>

namespace tradebus {

std::string_view to_string(NetFault fault) {
  switch (fault) {
    case NetFault::bad_request:
      return "bad-request";
    case NetFault::plain_refused:
      return "plain-refused";
    case NetFault::overloaded:
      return "overloaded";
    case NetFault::stopped:
      return "stopped";
    case NetFault::canceled:
      return "canceled";
    case NetFault::not_resolved:
      return "not-resolved";
    case NetFault::connect_failed:
      return "connect-failed";
    case NetFault::proxy_failed:
      return "proxy-failed";
    case NetFault::tls_failed:
      return "tls-failed";
    case NetFault::timed_out:
      return "timed-out";
    case NetFault::connection_lost:
      return "connection-lost";
    case NetFault::bad_answer:
      return "bad-answer";
    case NetFault::too_large:
      return "too-large";
    case NetFault::redirected:
      return "redirected";
    case NetFault::handshake_refused:
      return "handshake-refused";
    case NetFault::dead_peer:
      return "dead-peer";
    case NetFault::closed_by_peer:
      return "closed-by-peer";
  }
  return "unknown";
}

std::string_view to_string(NetPhase phase) {
  switch (phase) {
    case NetPhase::queue:
      return "waiting for its turn";
    case NetPhase::resolve:
      return "looking up the name";
    case NetPhase::connect:
      return "connecting";
    case NetPhase::proxy:
      return "asking the proxy";
    case NetPhase::tls:
      return "TLS handshake";
    case NetPhase::send:
      return "sending";
    case NetPhase::first_byte:
      return "waiting for the answer";
    case NetPhase::body:
      return "reading the answer";
    case NetPhase::backoff:
      return "waiting for the next try";
    case NetPhase::open:
      return "open";
  }
  return "unknown";
}

namespace {
Errc errc_of(NetFault fault) {
  switch (fault) {
    case NetFault::bad_request:
    case NetFault::plain_refused:
      return Errc::request_invalid;
    case NetFault::overloaded:
      return Errc::overloaded;
    case NetFault::timed_out:
      return Errc::request_timeout;
    case NetFault::stopped:
    case NetFault::canceled:
    case NetFault::not_resolved:
    case NetFault::connect_failed:
    case NetFault::proxy_failed:
    case NetFault::tls_failed:
    case NetFault::connection_lost:
    case NetFault::bad_answer:
    case NetFault::too_large:
    case NetFault::redirected:
    case NetFault::handshake_refused:
    case NetFault::dead_peer:
    case NetFault::closed_by_peer:
      return Errc::provider_unavailable;
  }
  return Errc::internal;
}
}  // namespace

NetError net_failure(NetFault fault, NetPhase phase, std::string message) {
  NetError error;
  error.fault = fault;
  error.phase = phase;
  error.message = std::move(message);
  return error;
}

Error NetError::to_error() const {
  Error error{errc_of(fault), message};
  if (retry_after) error.retry_after_ms = retry_after->count();
  return error;
}

}  // namespace tradebus
