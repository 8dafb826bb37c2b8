#include "bus/bridge/stream_socket.hpp"

#include <array>

#include "bus/bridge/socket_options.hpp"

namespace tradebus {

namespace {
// Sends the next message to the last received subscriber only. Marked as a draft in zmq.h, so not named there without
// ZMQ_BUILD_DRAFT_API, but part of every libzmq 4.3.
constexpr int xpub_manual_last_value = 98;
constexpr std::size_t topic_bytes_max = 256;
// What a peer that was shifted by noise is given instead of its own topic; its SUB socket filters what it did not ask
// for.
constexpr std::array<std::string_view, 7> public_topics = {"quote|", "trade|",  "bar_",      "option|",
                                                           "news|",  "status|", "heartbeat|"};
}  // namespace

StreamSocket::StreamSocket(zmq::context_t& context, int subscriber_queue) : socket_{context, zmq::socket_type::xpub} {
  set_common_options(socket_);
  socket_.set(zmq::sockopt::sndhwm, subscriber_queue);
  socket_.set(zmq::sockopt::rcvhwm, 0);  // subscriptions: bounded by the topic table
  set_manual();
  fd_ = socket_.get(zmq::sockopt::fd);
}

Result<std::vector<std::string>> StreamSocket::bind(const std::vector<std::string>& endpoints) {
  return bind_all(socket_, "stream", endpoints);
}

void StreamSocket::set_manual() {
  const int on = 1;
  zmq_setsockopt(socket_.handle(), ZMQ_XPUB_MANUAL, &on, sizeof on);
}

StreamSocket::Received StreamSocket::receive(Subscription& out) {
  if (!socket_.recv(received_, zmq::recv_flags::dontwait)) {
    shifted_ = false;
    return Received::nothing;
  }
  const std::string_view bytes{static_cast<const char*>(received_.data()), received_.size()};
  const bool subscription = !bytes.empty() && (bytes[0] == 0 || bytes[0] == 1);
  if (!subscription) {
    // A user message took the place in line of the next subscription's peer, and so on to the end of the line: which
    // peer asked for what can't be told until it is empty. Each of them gets all public topics, so that it misses
    // nothing.
    shifted_ = true;
    grant_public_topics();
    finish_subscription({}, {});
    return Received::noise;
  }
  out.on = bytes[0] == 1;
  out.topic = bytes.substr(1);
  if (out.on && out.topic.size() > topic_bytes_max) {
    if (shifted_) grant_public_topics();
    finish_subscription({}, {});
    return Received::noise;
  }
  zmq_setsockopt(socket_.handle(), out.on ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE, out.topic.data(), out.topic.size());
  if (shifted_) grant_public_topics();
  return Received::subscription;
}

void StreamSocket::grant_public_topics() {
  for (const auto topic : public_topics) zmq_setsockopt(socket_.handle(), ZMQ_SUBSCRIBE, topic.data(), topic.size());
}

void StreamSocket::finish_subscription(std::string_view topic, std::string_view body) {
  set_lossless(false);
  const int on = 1;
  zmq_setsockopt(socket_.handle(), xpub_manual_last_value, &on, sizeof on);
  // Without a body a message that matches nothing is sent: it makes libzmq forget the peer, so that noise can't be
  // taken for it later.
  static constexpr std::string_view nothing{"\0", 1};
  zmq_send(socket_.handle(), body.empty() ? nothing.data() : topic.data(), body.empty() ? nothing.size() : topic.size(),
           ZMQ_SNDMORE | ZMQ_DONTWAIT);
  zmq_send(socket_.handle(), body.data(), body.size(), ZMQ_DONTWAIT);
  const int off = 0;
  zmq_setsockopt(socket_.handle(), xpub_manual_last_value, &off, sizeof off);
  set_manual();
}

void StreamSocket::set_lossless(bool lossless) {
  if (lossless == lossless_) return;
  const int value = lossless ? 1 : 0;
  zmq_setsockopt(socket_.handle(), ZMQ_XPUB_NODROP, &value, sizeof value);
  lossless_ = lossless;
}

StreamSocket::Sent StreamSocket::send(std::string_view topic, std::string_view body, bool lossless) {
  set_lossless(lossless);
  if (zmq_send(socket_.handle(), topic.data(), topic.size(), ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) return Sent::would_block;
  zmq_send(socket_.handle(), body.data(), body.size(), ZMQ_DONTWAIT);
  return Sent::yes;
}

}  // namespace tradebus
