// INTERNAL: a connection, with TLS or without; one type, so that what stands on it is compiled once.
#pragma once

#include <utility>  // before Asio, which needs std::exchange

#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>

namespace tradebus {

class NetStream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Tls = boost::beast::ssl_stream<Socket&>;
  using executor_type = Socket::executor_type;

  explicit NetStream(boost::asio::io_context& io) : socket_{io} {}
  NetStream(const NetStream&) = delete;
  NetStream& operator=(const NetStream&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& socket() { return socket_; }
  // From now on all goes through TLS (after its handshake).
  Tls& add_tls(boost::asio::ssl::context& context) {
    tls_ = std::make_unique<Tls>(socket_, context);
    return *tls_;
  }
  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  // Nothing came since the last answer, not even an end. (What comes unasked is no good sign either.)
  bool is_quiet();

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const Buffers& b) {
          if (tls_)
            tls_->async_read_some(b, std::move(handler));
          else
            socket_.async_read_some(b, std::move(handler));
        },
        token, buffers);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const Buffers& b) {
          if (tls_)
            tls_->async_write_some(b, std::move(handler));
          else
            socket_.async_write_some(b, std::move(handler));
        },
        token, buffers);
  }

 private:
  Socket socket_;
  std::unique_ptr<Tls> tls_;
};

inline void beast_close_socket(NetStream& stream) { stream.close(); }

}  // namespace tradebus
