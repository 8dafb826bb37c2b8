// The ROUTER socket of the commands. Owned and used by the bridge's thread only.
#pragma once

#include <string>
#include <string_view>
#include <vector>
#include <zmq.hpp>

#include "bus/model/error.hpp"

namespace tradebus {

class CommandSocket {
 public:
  CommandSocket(zmq::context_t& context, std::size_t request_bytes_max);

  Result<std::vector<std::string>> bind(const std::vector<std::string>& endpoints);

  // One request: the frames in front of the body (identity, and for REQ an empty one), and the body.
  struct Incoming {
    std::vector<zmq::message_t> envelope;
    zmq::message_t body;
    std::string problem;  // too many frames, too large: answer request.malformed

    std::string_view identity() const {
      return envelope.empty() ? std::string_view{} : envelope.front().to_string_view();
    }
  };
  // false: nothing there.
  bool receive(Incoming& out);
  // Answers; the envelope is used up. A client that is gone, or that reads no replies, misses it.
  void send(std::vector<zmq::message_t>& envelope, std::string_view body);
  // The body in two parts, put together where it is sent from: a large one is copied once.
  void send(std::vector<zmq::message_t>& envelope, std::string_view head, std::string_view rest);

  int fd() const { return fd_; }

 private:
  zmq::socket_t socket_;
  std::size_t request_bytes_max_;
  int fd_ = -1;
};

}  // namespace tradebus
