// Accepts connections on one port, with TLS or without.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/venues/massive/session_services.hpp"

namespace tradebus::massive_sim {

class Listener {
 public:
  // Throws boost::system::system_error. `tls` null: plain. Port 0: any; port() tells which.
  Listener(boost::asio::io_context& io, const std::string& address, std::uint16_t port, boost::asio::ssl::context* tls,
           Services services);

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void stop();

 private:
  void accept();

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  boost::asio::ssl::context* tls_;
  Services services_;
};

}  // namespace tradebus::massive_sim
