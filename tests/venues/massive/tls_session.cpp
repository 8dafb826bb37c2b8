#include "tests/venues/massive/http_session.hpp"
#include "tests/venues/massive/sessions.hpp"

namespace tradebus::massive_sim {

void start_tls_session(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls, Services& services) {
  using Stream = boost::beast::ssl_stream<boost::beast::tcp_stream>;
  std::make_shared<HttpSession<Stream>>(Stream{boost::beast::tcp_stream{std::move(socket)}, tls}, services)->run();
}

}  // namespace tradebus::massive_sim
