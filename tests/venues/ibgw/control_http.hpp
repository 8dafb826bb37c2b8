// The control port's connections: plain HTTP, a request at a time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>

#include "tests/venues/ibgw/control.hpp"

namespace tradebus::ibgw_sim {

class ControlListener {
 public:
  // Port 0: any. `finish` after each call. Throws boost::system::system_error.
  ControlListener(boost::asio::io_context& io, std::uint16_t port, Control& control, std::function<void()> finish);
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void stop();

 private:
  void accept();

  boost::asio::ip::tcp::acceptor acceptor_;
  Control& control_;
  std::function<void()> finish_;
};

}  // namespace tradebus::ibgw_sim
