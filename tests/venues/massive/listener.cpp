#include "tests/venues/massive/listener.hpp"

#include "tests/venues/massive/sessions.hpp"

namespace tradebus::massive_sim {

namespace net = boost::asio;

Listener::Listener(net::io_context& io, const std::string& address, std::uint16_t port, net::ssl::context* tls,
                   Services services)
    : acceptor_(io, {net::ip::make_address(address), port}), tls_(tls), services_(services) {
  accept();
}

void Listener::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, net::ip::tcp::socket socket) {
    if (error == net::error::operation_aborted) return;
    if (!error) {
      boost::system::error_code ignored;
      socket.set_option(net::ip::tcp::no_delay{true}, ignored);
      if (tls_ != nullptr) {
        start_tls_session(std::move(socket), *tls_, services_);
      } else {
        start_plain_session(std::move(socket), services_);
      }
    }
    accept();
  });
}

void Listener::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

}  // namespace tradebus::massive_sim
