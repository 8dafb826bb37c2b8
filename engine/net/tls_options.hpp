// How a server must prove who it is. Verification can't be switched off: a private authority is named instead.
#pragma once

#include <string>

namespace tradebus {

// TLS 1.2 or newer, a chain to a trusted authority, and the host's name in the certificate.
struct TlsOptions {
  std::string ca_file = {};  // PEM; empty: the system's authorities (or SSL_CERT_FILE, SSL_CERT_DIR)
};

}  // namespace tradebus
