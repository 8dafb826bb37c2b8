// The XPUB socket of the stream. Owned and used by the bridge's thread only.
//
// Subscriptions are taken by hand (ZMQ_XPUB_MANUAL): that is what lets a snapshot go to the new subscriber alone, and
// what will let a client be refused a topic. libzmq 4.3 pairs subscriptions with peers by their order, and an upstream
// user message (a hostile XSUB) shifts that order: see receive() and docs/decisions/0003-manual-subscriptions.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>
#include <zmq.hpp>

#include "bus/model/error.hpp"

namespace tradebus {

class StreamSocket {
 public:
  StreamSocket(zmq::context_t& context, int subscriber_queue);

  // Binds all; the answer lists the real endpoints (port 0 resolved). config.invalid names the endpoint and the reason.
  Result<std::vector<std::string>> bind(const std::vector<std::string>& endpoints);

  struct Subscription {
    bool on = true;
    std::string_view topic;  // valid until the next receive()
  };
  enum class Received : std::uint8_t { nothing, subscription, noise };
  // Takes the next (un)subscription; a new one is in force at once. After each one, finish_subscription() must follow.
  Received receive(Subscription& out);
  // Sends a snapshot to the subscriber that was just received, and to nobody else; an empty body sends nothing.
  void finish_subscription(std::string_view topic, std::string_view body);

  enum class Sent : std::uint8_t { yes, would_block };
  // `lossless`: would_block while a matching subscriber's queue is full. Otherwise such a subscriber misses it.
  Sent send(std::string_view topic, std::string_view body, bool lossless);

  int fd() const { return fd_; }

 private:
  void set_manual();
  void grant_public_topics();  // to the peer of the message that was just received
  void set_lossless(bool lossless);

  zmq::socket_t socket_;
  zmq::message_t received_;
  int fd_ = -1;
  bool lossless_ = false;
  bool shifted_ = false;  // noise came; until the line is empty, peers and their subscriptions don't match
};

}  // namespace tradebus
