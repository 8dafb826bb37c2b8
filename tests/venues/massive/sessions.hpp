// Starts a session on an accepted socket; each kind is compiled in a unit of its own, for Beast takes its time.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "tests/venues/massive/session_services.hpp"

namespace tradebus::massive_sim {

void start_plain_session(boost::asio::ip::tcp::socket socket, Services& services);
void start_tls_session(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls, Services& services);

}  // namespace tradebus::massive_sim
