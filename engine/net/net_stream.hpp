// INTERNAL: a connection, with TLS or without; one type, so that what stands on it is compiled once.
#pragma once

#include <utility>  // before Asio, which needs std::exchange

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
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

  // From now on reads of more than this fail with no_buffer_space; zero: no limit. Beast bounds a header's lines, not
  // their number.
  void limit_reads(std::size_t bytes) { read_limit_ = bytes; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const Buffers& b) {
          if (read_limit_ == 0) return start_read(b, std::move(handler));
          const auto executor = boost::asio::get_associated_executor(handler, get_executor());
          start_read(b, boost::asio::bind_executor(executor, [this, h = std::move(handler)](
                                                                 boost::system::error_code ec, std::size_t n) mutable {
                       if (read_limit_ > 0 && n >= read_limit_)
                         ec = boost::asio::error::no_buffer_space;
                       else if (read_limit_ > 0)
                         read_limit_ -= n;
                       h(ec, n);
                     }));
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
  template <class Buffers, class Handler>
  void start_read(const Buffers& buffers, Handler handler) {
    if (tls_)
      tls_->async_read_some(buffers, std::move(handler));
    else
      socket_.async_read_some(buffers, std::move(handler));
  }

  Socket socket_;
  std::unique_ptr<Tls> tls_;
  std::size_t read_limit_ = 0;
};

inline void beast_close_socket(NetStream& stream) { stream.close(); }

}  // namespace tradebus
