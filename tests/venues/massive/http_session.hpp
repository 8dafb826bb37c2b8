// One HTTP connection on its socket: requests until it ends or becomes a WebSocket. Internal to the server's two
// translation units.
#pragma once

#include <boost/asio/write.hpp>

#include "tests/venues/massive/ws_session.hpp"

namespace tradebus::massive_sim {

template <class Stream>
class HttpSession : public std::enable_shared_from_this<HttpSession<Stream>> {
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  static constexpr bool is_tls = !std::is_same_v<Stream, boost::beast::tcp_stream>;
  static constexpr auto idle_max = std::chrono::seconds{75};
  static constexpr std::size_t body_max = 8U << 20U;

 public:
  HttpSession(Stream stream, Services& services)
      : stream_(std::move(stream)), services_(services), timer_(stream_.get_executor()) {}

  void run() {
    if constexpr (is_tls) {
      lowest().expires_after(idle_max);
      stream_.async_handshake(boost::asio::ssl::stream_base::server, [self = this->shared_from_this()](auto error) {
        if (!error) self->read();
      });
    } else {
      read();
    }
  }

 private:
  boost::beast::tcp_stream& lowest() { return boost::beast::get_lowest_layer(stream_); }

  void read() {
    parser_.emplace();
    parser_->body_limit(body_max);
    lowest().expires_after(idle_max);
    boost::beast::http::async_read(stream_, buffer_, *parser_,
                                   [self = this->shared_from_this()](auto error, std::size_t) {
                                     if (error) {
                                       self->end(After::close);
                                     } else {
                                       self->answer(self->parser_->release());
                                     }
                                   });
  }

  void answer(boost::beast::http::request<boost::beast::http::string_body> message) {
    namespace http = boost::beast::http;
    HttpRequest request;
    request.target = std::string(message.target());
    if (boost::beast::websocket::is_upgrade(message) && services_.hub != nullptr) {
      if (auto market = services_.http.stream_at(request.target)) {
        std::make_shared<WsSession<Stream>>(std::move(stream_), services_, std::move(*market))->run(std::move(message));
        return;
      }
    }
    request.method = std::string(message.method_string());
    request.authorization = std::string(message[http::field::authorization]);
    request.host = std::string(message[http::field::host]);
    request.keep_alive = message.keep_alive();
    request.accepts_gzip = message[http::field::accept_encoding].find("gzip") != boost::beast::string_view::npos;
    request.body = std::move(message.body());
    std::string request_id;
    HttpReply reply = services_.http.reply(request, request_id);
    script_ = script_of(request, std::move(reply), request_id);
    sent_ = 0;
    lowest().expires_never();
    if (script_.delay_first_ms > 0) {
      wait(script_.delay_first_ms);
    } else {
      write();
    }
  }

  void wait(int ms) {
    timer_.expires_after(std::chrono::milliseconds{ms});
    timer_.async_wait([self = this->shared_from_this()](auto error) {
      if (!error) self->write();
    });
  }

  void write() {
    if (sent_ == script_.bytes.size()) {
      end(script_.after);
      return;
    }
    const std::size_t rest = script_.bytes.size() - sent_;
    std::size_t size = rest;
    if (script_.chunk > 0) size = sent_ < script_.whole ? script_.whole - sent_ : std::min(rest, script_.chunk);
    boost::asio::async_write(stream_, boost::asio::buffer(script_.bytes.data() + sent_, size),
                             [self = this->shared_from_this()](auto error, std::size_t written) {
                               if (error) return;
                               self->sent_ += written;
                               if (self->script_.chunk > 0 && self->sent_ < self->script_.bytes.size()) {
                                 self->wait(self->script_.delay_chunk_ms);
                               } else {
                                 self->write();
                               }
                             });
  }

  void end(After after) {
    boost::system::error_code ignored;
    switch (after) {
      case After::next_request:
        read();
        return;
      case After::hang:
        // Nothing more is said; the read only sees when the client gives up.
        stream_.async_read_some(buffer_.prepare(1024), [self = this->shared_from_this()](auto, std::size_t) {});
        return;
      case After::reset:
        lowest().socket().set_option(boost::asio::socket_base::linger{true, 0}, ignored);
        break;
      case After::close:
        lowest().socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
        break;
    }
    lowest().socket().close(ignored);
  }

  Stream stream_;
  Services& services_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  HttpScript script_;
  std::size_t sent_ = 0;
};

}  // namespace tradebus::massive_sim
