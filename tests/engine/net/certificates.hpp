// Authorities and certificates of a test's own, made when it runs.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace tradebus::test {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

struct Identity {
  Key key;
  Certificate certificate;
  Certificate above = {};  // the server sends it along
};

// Signs with `authority`, or with itself. `name` is an OpenSSL subjectAltName: "DNS:venue.test", "IP:127.0.0.1"; none
// for an authority.
Identity make_identity(const std::string& name, const Identity* authority, bool is_authority = false,
                       long valid_from_s = -3'600, long valid_for_s = 86'400);
std::string pem(const Certificate& certificate);

// A server's context; `version_max` TLS1_1_VERSION makes it an old one.
std::shared_ptr<SSL_CTX> server_context(const Identity& identity, int version_max = 0);

}  // namespace tradebus::test
