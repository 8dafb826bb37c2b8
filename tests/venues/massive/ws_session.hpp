// One WebSocket connection on its socket. Internal to the server's two translation units.
#pragma once

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>

#include "tests/venues/massive/session_services.hpp"

namespace tradebus::massive_sim {

template <class Stream>
class WsSession final : public Connection, public std::enable_shared_from_this<WsSession<Stream>> {
 public:
  WsSession(Stream stream, Services& services, std::string market)
      : ws_(std::move(stream)), services_(services), market_(std::move(market)), login_(ws_.get_executor()) {}

  void run(boost::beast::http::request<boost::beast::http::string_body> request) {
    namespace websocket = boost::beast::websocket;
    boost::beast::get_lowest_layer(ws_).expires_never();
    websocket::stream_base::timeout timeout =
        websocket::stream_base::timeout::suggested(boost::beast::role_type::server);
    timeout.idle_timeout = std::chrono::milliseconds{2 * services_.stream.ping_interval_ms};
    timeout.keep_alive_pings = true;
    ws_.set_option(timeout);
    ws_.auto_fragment(false);
    ws_.write_buffer_bytes(1U << 16U);
    ws_.read_message_max(1U << 20U);
    ws_.text(true);
    request_ = std::move(request);
    ws_.async_accept(request_, [self = this->shared_from_this()](auto error) { self->accepted(error); });
  }

  void send(Frame frame) override {
    if (ending_ != Ending::none) return;
    queued_bytes_ += frame->size();
    if (queued_bytes_ > services_.stream.buffer_bytes_max) {
      ++services_.stats.slow_consumers;
      reset();
      return;
    }
    queue_.push_back(std::move(frame));
    if (queue_.size() == 1) write();
  }

  void close(int code, std::string_view reason) override {
    if (ending_ != Ending::none) return;
    ending_ = Ending::handshake;
    code_ = code;
    reason_ = reason;
    if (queue_.empty()) finish();
  }

  void drop() override {
    if (ending_ != Ending::none) return;
    ending_ = Ending::drop;
    if (queue_.empty()) finish();
  }

  void reset() override {
    ending_ = Ending::gone;
    boost::system::error_code ignored;
    auto& socket = boost::beast::get_lowest_layer(ws_).socket();
    socket.set_option(boost::asio::socket_base::linger{true, 0}, ignored);
    socket.close(ignored);
    gone();
  }

 private:
  static constexpr auto closing_max = std::chrono::seconds{1};
  enum class Ending : std::uint8_t { none, handshake, drop, gone };

  void accepted(boost::system::error_code error) {
    if (error) return;
    boost::system::error_code ignored;
    boost::beast::get_lowest_layer(ws_).socket().set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
    known_ = true;
    services_.hub->opened(*this, market_);
    login_.expires_after(std::chrono::milliseconds{services_.stream.login_ms});
    login_.async_wait([weak = this->weak_from_this()](auto late) {
      const auto self = weak.lock();
      if (!late && self) self->services_.hub->login_is_late(*self);
    });
    read();
  }

  void read() {
    ws_.async_read(buffer_, [self = this->shared_from_this()](auto error, std::size_t) {
      if (error) {
        self->gone();
        return;
      }
      const auto data = self->buffer_.cdata();
      self->services_.hub->received(*self, {static_cast<const char*>(data.data()), data.size()});
      self->buffer_.consume(self->buffer_.size());
      self->read();
    });
  }

  void write() {
    ws_.async_write(boost::asio::buffer(*queue_.front()), [self = this->shared_from_this()](auto error, std::size_t) {
      if (error || self->ending_ == Ending::gone) {
        self->gone();
        return;
      }
      self->queued_bytes_ -= self->queue_.front()->size();
      self->queue_.pop_front();
      if (!self->queue_.empty()) {
        self->write();
      } else if (self->ending_ != Ending::none) {
        self->finish();
      } else {
        self->services_.hub->drained(*self);
      }
    });
  }

  void finish() {
    if (ending_ == Ending::handshake) {
      const boost::beast::websocket::close_reason reason{static_cast<boost::beast::websocket::close_code>(code_),
                                                         reason_};
      // Who answers the handshake but keeps the connection doesn't keep its slot.
      login_.expires_after(closing_max);
      login_.async_wait([self = this->shared_from_this()](auto canceled) {
        if (!canceled) self->reset();
      });
      ws_.async_close(reason, [self = this->shared_from_this()](auto) { self->gone(); });
      return;
    }
    boost::system::error_code ignored;
    auto& socket = boost::beast::get_lowest_layer(ws_).socket();
    socket.shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
    gone();
  }

  // The hub hears of it from the loop, never from inside one of its own calls.
  void gone() {
    ending_ = Ending::gone;
    login_.cancel();
    if (!known_) return;
    known_ = false;
    boost::asio::post(ws_.get_executor(), [self = this->shared_from_this()] { self->services_.hub->closed(*self); });
  }

  boost::beast::websocket::stream<Stream> ws_;
  Services& services_;
  const std::string market_;
  boost::asio::steady_timer login_;  // later the closing handshake's
  boost::beast::http::request<boost::beast::http::string_body> request_;
  boost::beast::flat_buffer buffer_;
  std::deque<Frame> queue_;
  std::size_t queued_bytes_ = 0;
  Ending ending_ = Ending::none;
  int code_ = 1000;
  std::string reason_;
  bool known_ = false;
};

}  // namespace tradebus::massive_sim
