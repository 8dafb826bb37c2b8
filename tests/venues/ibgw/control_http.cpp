#include "tests/venues/ibgw/control_http.hpp"

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace tradebus::ibgw_sim {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, Control& control, std::function<void()>& finish)
      : stream_(std::move(socket)), control_(control), finish_(finish) {}

  void read() {
    request_ = {};
    stream_.expires_after(std::chrono::seconds{75});
    http::async_read(stream_, buffer_, request_, [self = shared_from_this()](auto error, std::size_t) {
      if (!error) self->answer();
    });
  }

 private:
  void answer() {
    const auto method = request_.method_string(), target = request_.target();
    const ControlReply reply =
        control_.call({method.data(), method.size()}, {target.data(), target.size()}, request_.body());
    finish_();
    response_ = {static_cast<http::status>(reply.status), request_.version()};
    response_.set(http::field::content_type, "application/json");
    response_.keep_alive(request_.keep_alive());
    response_.body() = reply.body;
    response_.prepare_payload();
    http::async_write(stream_, response_, [self = shared_from_this()](auto error, std::size_t) {
      if (!error && self->response_.keep_alive()) self->read();
    });
  }

  beast::tcp_stream stream_;
  Control& control_;
  std::function<void()>& finish_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

}  // namespace

ControlListener::ControlListener(boost::asio::io_context& io, std::uint16_t port, Control& control,
                                 std::function<void()> finish)
    : acceptor_(io, {boost::asio::ip::make_address("127.0.0.1"), port}), control_(control), finish_(std::move(finish)) {
  accept();
}

void ControlListener::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, boost::asio::ip::tcp::socket socket) {
    if (error == boost::asio::error::operation_aborted) return;
    if (!error) std::make_shared<Connection>(std::move(socket), control_, finish_)->read();
    accept();
  });
}

void ControlListener::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

}  // namespace tradebus::ibgw_sim
