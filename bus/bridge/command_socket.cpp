#include "bus/bridge/command_socket.hpp"

#include "bus/bridge/socket_options.hpp"

namespace tradebus {

namespace {
constexpr std::size_t frames_max = 8;
constexpr int replies_kept = 10'000;  // for a client that reads slowly
}  // namespace

CommandSocket::CommandSocket(zmq::context_t& context, std::size_t request_bytes_max)
    : socket_{context, zmq::socket_type::router}, request_bytes_max_{request_bytes_max} {
  set_common_options(socket_);
  socket_.set(zmq::sockopt::sndhwm, replies_kept);
  socket_.set(zmq::sockopt::rcvhwm, replies_kept);
  // A client that comes back under its identity takes over from its dead connection.
  socket_.set(zmq::sockopt::router_handover, true);
  // Larger frames end the connection; what lies between the two limits still gets its reply.
  socket_.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(request_bytes_max) * 16);
  fd_ = socket_.get(zmq::sockopt::fd);
}

Result<std::vector<std::string>> CommandSocket::bind(const std::vector<std::string>& endpoints) {
  return bind_all(socket_, "command", endpoints);
}

bool CommandSocket::receive(Incoming& out) {
  out.envelope.clear();
  out.problem.clear();
  zmq::message_t frame;
  if (!socket_.recv(frame, zmq::recv_flags::dontwait)) return false;
  while (true) {
    const bool more = frame.more();
    if (!more) {
      out.body = std::move(frame);
      break;
    }
    if (out.envelope.size() < frames_max)
      out.envelope.push_back(std::move(frame));
    else
      out.problem = "a request is one frame behind its envelope";
    if (!socket_.recv(frame, zmq::recv_flags::dontwait)) return false;  // parts of one message arrive together
  }
  // Bodies in several frames: [identity][a][b] is an envelope only if what lies between is empty.
  while (out.envelope.size() > 1 && !out.envelope.back().empty()) {
    out.problem = "a request is one frame behind its envelope";
    out.envelope.pop_back();
  }
  if (out.body.size() > request_bytes_max_)
    out.problem = "a request of " + std::to_string(out.body.size()) + " bytes; at most " +
                  std::to_string(request_bytes_max_) + " are taken (bus.request_bytes_max)";
  return true;
}

void CommandSocket::send(std::vector<zmq::message_t>& envelope, std::string_view body) {
  for (auto& frame : envelope)
    if (!socket_.send(frame, zmq::send_flags::sndmore | zmq::send_flags::dontwait)) return;
  zmq_send(socket_.handle(), body.data(), body.size(), ZMQ_DONTWAIT);
}

void CommandSocket::send(std::vector<zmq::message_t>& envelope, std::string_view head, std::string_view rest) {
  zmq::message_t body{head.size() + rest.size()};
  head.copy(static_cast<char*>(body.data()), head.size());
  rest.copy(static_cast<char*>(body.data()) + head.size(), rest.size());
  for (auto& frame : envelope)
    if (!socket_.send(frame, zmq::send_flags::sndmore | zmq::send_flags::dontwait)) return;
  socket_.send(body, zmq::send_flags::dontwait);
}

}  // namespace tradebus
