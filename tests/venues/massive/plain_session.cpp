#include "tests/venues/massive/http_session.hpp"
#include "tests/venues/massive/sessions.hpp"

namespace tradebus::massive_sim {

void start_plain_session(boost::asio::ip::tcp::socket socket, Services& services) {
  using Stream = boost::beast::tcp_stream;
  std::make_shared<HttpSession<Stream>>(Stream{std::move(socket)}, services)->run();
}

}  // namespace tradebus::massive_sim
