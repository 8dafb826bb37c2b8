#include "tests/venues/massive/listener.hpp"

#include <chrono>

#include "tests/venues/massive/sessions.hpp"

namespace tradebus::massive_sim {

namespace net = boost::asio;

namespace {
constexpr std::chrono::milliseconds pause_after_failure{50};
}

Listener::Listener(net::io_context& io, const std::string& address, std::uint16_t port, net::ssl::context* tls,
                   Services services)
    : acceptor_(io, {net::ip::make_address(address), port}), pause_(io), tls_(tls), services_(services) {
  accept();
}

void Listener::accept() {
  if (!acceptor_.is_open()) return;
  acceptor_.async_accept([this](boost::system::error_code error, net::ip::tcp::socket socket) {
    if (error == net::error::operation_aborted) return;
    if (error) {
      // No descriptor is left, say: the connection stays in the queue, and the next accept would fail at once, too.
      pause_.expires_after(pause_after_failure);
      pause_.async_wait([this](boost::system::error_code canceled) {
        if (!canceled) accept();
      });
      return;
    }
    boost::system::error_code ignored;
    socket.set_option(net::ip::tcp::no_delay{true}, ignored);
    if (tls_ != nullptr) {
      start_tls_session(std::move(socket), *tls_, services_);
    } else {
      start_plain_session(std::move(socket), services_);
    }
    accept();
  });
}

void Listener::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

}  // namespace tradebus::massive_sim
