// INTERNAL: one request and its answer on one connection.
#pragma once

#include <utility>  // before Asio, which needs std::exchange

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "engine/net/http_client.hpp"
#include "engine/net/net_stream.hpp"
#include "engine/net/watch.hpp"

namespace tradebus {

struct ExchangePlan {
  std::string wire;  // the request as it goes out
  std::string where;
  bool is_head = false;
  std::chrono::milliseconds first_byte_timeout{0};
  std::size_t header_bytes_max = 0;
  std::size_t response_bytes_max = 0;
};

struct Exchanged {
  HttpResponse response;  // its body inflated
  bool keep = false;      // the connection is good for another request
  std::size_t bytes_in = 0;
};

struct ExchangeFault {
  NetError error;
  bool nothing_came = false;  // on a kept connection: it was stale
};

// `began_to_send` is set before the first byte may go out; never unset.
boost::asio::awaitable<tl::expected<Exchanged, ExchangeFault>> exchange(std::shared_ptr<Watch> watch, NetStream& stream,
                                                                        std::shared_ptr<const ExchangePlan> plan,
                                                                        bool& began_to_send);

}  // namespace tradebus
