// INTERNAL: OpenSSL's side of TlsOptions.
#pragma once

#include <utility>  // before Asio, which needs std::exchange

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "bus/model/error.hpp"
#include "engine/net/tls_options.hpp"

namespace tradebus {

Result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(const TlsOptions& options);

// The peer must prove that it is this host, a name or an address. False: out of memory.
bool expect_host(SSL* ssl, const std::string& host);
// Why the handshake failed, and what to do.
std::string tls_failure(SSL* ssl, const boost::system::error_code& ec);

}  // namespace tradebus
