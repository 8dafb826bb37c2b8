#include "engine/net/tls_context.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "engine/net/url.hpp"

namespace tradebus {

namespace ssl = boost::asio::ssl;

Result<std::shared_ptr<ssl::context>> make_tls_context(const TlsOptions& options) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(ssl::verify_peer);
  boost::system::error_code ec;
  if (options.ca_file.empty())
    context->set_default_verify_paths(ec);
  else
    context->load_verify_file(options.ca_file, ec);
  if (ec) {
    const auto what = options.ca_file.empty() ? std::string{"the system's authorities"} : "ca_file " + options.ca_file;
    return fail(Errc::config_invalid, what + " can't be read (" + ec.message() + "); name a readable PEM file");
  }
  return context;
}

bool expect_host(SSL* ssl, const std::string& host) {
  auto* param = SSL_get0_param(ssl);
  if (is_ip_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // The macro for this has an old-style cast in it.
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str())) == 1 &&
         X509_VERIFY_PARAM_set1_host(param, host.c_str(), host.size()) == 1;
}

std::string tls_failure(SSL* ssl, const boost::system::error_code& ec) {
  const auto verified = SSL_get_verify_result(ssl);
  if (verified == X509_V_OK) return ec.message() + "; the server must speak TLS 1.2 or newer on this port";
  const std::string why = X509_verify_cert_error_string(verified);
  if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH)
    return "its certificate is for another host (" + why + "); look at the host's name, and who answers there";
  if (verified == X509_V_ERR_CERT_HAS_EXPIRED || verified == X509_V_ERR_CERT_NOT_YET_VALID)
    return why + "; look at this machine's clock";
  return "its certificate isn't trusted (" + why + "); if it should be, name its authority in ca_file";
}

}  // namespace tradebus
