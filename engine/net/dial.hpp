// INTERNAL: from a URL to a connection: name, TCP, proxy, TLS, all within the watch's deadlines.
#pragma once

#include <utility>  // before Asio, which needs std::exchange

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <tl/expected.hpp>

#include "engine/net/net_core.hpp"
#include "engine/net/net_error.hpp"
#include "engine/net/net_stream.hpp"
#include "engine/net/url.hpp"

namespace tradebus {

struct DialPlan {
  Url url;
  std::optional<Url> proxy;
  bool tunnel = true;  // through a proxy without TLS: CONNECT (WebSocket), or the proxy answers itself (http://)
  std::shared_ptr<boost::asio::ssl::context> tls;
  Watch::Time until;
};

boost::asio::awaitable<tl::expected<std::unique_ptr<NetStream>, NetError>> dial(std::shared_ptr<NetCore> core,
                                                                                std::shared_ptr<Watch> watch,
                                                                                DialPlan plan);

}  // namespace tradebus
