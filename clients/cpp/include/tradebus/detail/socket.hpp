// The ZeroMQ side of Session and Stream: settings, waiting, and who is connected. Not for users.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <zmq.hpp>

#include "tradebus/expected.hpp"
#include "tradebus/options.hpp"

namespace tradebus::client::detail {

using SteadyClock = std::chrono::steady_clock;

// How long until `deadline`, rounded up so that waiting it out really reaches it.
inline long ms_until(SteadyClock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
  return static_cast<long>(std::max<decltype(left)>(left, 0));
}

// Counts how often a socket's connection was made and lost, from ZeroMQ's monitor events. The event of a connection is
// there before the first message that came through it.
class Link {
 public:
  Link(zmq::context_t& context, zmq::socket_t& watched) : events_{context, zmq::socket_type::pair} {
    static std::atomic<std::uint64_t> number{0};
    const auto name = "inproc://tradebus-link-" + std::to_string(++number);
    if (zmq_socket_monitor(watched.handle(), name.c_str(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) != 0)
      throw zmq::error_t{};
    events_.set(zmq::sockopt::linger, 0);
    events_.connect(name);
  }

  // Reads what has happened.
  void update() {
    zmq::message_t frame;
    while (events_.recv(frame, zmq::recv_flags::dontwait)) {
      std::uint16_t event = 0;
      if (frame.size() < sizeof event) continue;
      std::memcpy(&event, frame.data(), sizeof event);
      const bool more = frame.more();
      if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) ++made_;
      if (event == ZMQ_EVENT_DISCONNECTED) ++lost_;  // also after a handshake that failed
      up_ = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
      zmq::message_t address;
      if (more) static_cast<void>(events_.recv(address, zmq::recv_flags::dontwait));
    }
  }
  std::uint64_t made() const { return made_; }
  std::uint64_t lost() const { return lost_; }
  bool up() const { return up_; }
  zmq::socket_t& socket() { return events_; }

 private:
  zmq::socket_t events_;
  std::uint64_t made_ = 0;
  std::uint64_t lost_ = 0;
  bool up_ = false;
};

// A socket with what it needs, in the order in which it must go away.
struct Wire {
  explicit Wire(zmq::socket_type type) : context{1}, socket{context, type}, link{context, socket} {}

  zmq::context_t context;
  zmq::socket_t socket;
  Link link;
};

// Settings that every socket of a client wants.
inline void prepare(zmq::socket_t& socket, const std::optional<Curve>& curve) {
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::reconnect_ivl, 100);
  socket.set(zmq::sockopt::reconnect_ivl_max, 1000);
  socket.set(zmq::sockopt::heartbeat_ivl, 1000);  // a half-open connection is found without the daemon's help
  socket.set(zmq::sockopt::heartbeat_timeout, 3000);
  if (!curve) return;
  socket.set(zmq::sockopt::curve_serverkey, curve->server_key);
  socket.set(zmq::sockopt::curve_publickey, curve->public_key);
  socket.set(zmq::sockopt::curve_secretkey, curve->secret_key);
}

enum class Wait : std::uint8_t { ready, timeout, interrupted };

// Waits for `events` on the socket; also returns `ready` when the link changed.
inline Wait wait(zmq::socket_t& socket, short events, Link& link, SteadyClock::time_point deadline) {
  std::array<zmq_pollitem_t, 2> items{zmq_pollitem_t{socket.handle(), 0, events, 0},
                                      zmq_pollitem_t{link.socket().handle(), 0, ZMQ_POLLIN, 0}};
  const int n = zmq_poll(items.data(), static_cast<int>(items.size()), ms_until(deadline));
  if (n < 0) return errno == EINTR ? Wait::interrupted : Wait::timeout;
  return n == 0 ? Wait::timeout : Wait::ready;
}

// msgpack of a frame, or nothing when it is none. Sizes are bounded by the frame, depth by the limit.
inline std::shared_ptr<const msgpack::object_handle> unpack(const zmq::message_t& frame) {
  try {
    auto handle = std::make_shared<msgpack::object_handle>();
    constexpr std::size_t any = 0xffffffff;
    const msgpack::unpack_limit limit{any, any, any, any, any, 64};
    msgpack::unpack(*handle, static_cast<const char*>(frame.data()), frame.size(), nullptr, nullptr, limit);
    return handle;
  } catch (const std::exception&) {
    return nullptr;
  }
}

inline Error endpoint_error(const std::string& endpoint, const zmq::error_t& e) {
  return {"client.endpoint", "cannot use endpoint \"" + endpoint + "\": " + e.what() +
                                 "; give one like tcp://127.0.0.1:5570, and CURVE keys of 40 characters"};
}

}  // namespace tradebus::client::detail
