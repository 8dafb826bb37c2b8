#include "tests/engine/net/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>

namespace tradebus::test {

namespace {

void check(bool ok, const char* what) {
  if (!ok) throw std::runtime_error{std::string{"OpenSSL: "} + what};
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension{
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), &X509_EXTENSION_free};
  check(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

}  // namespace

Identity make_identity(const std::string& name, const Identity* authority, bool is_authority, long valid_from_s,
                       long valid_for_s) {
  static std::atomic<long> serial{1};
  Identity made;
  made.key = Key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free};
  made.certificate = Certificate{X509_new(), &X509_free};
  auto* x = made.certificate.get();
  check(made.key != nullptr && x != nullptr, "key");
  const auto& issuer = authority != nullptr ? *authority : made;
  check(X509_set_version(x, 2) == 1, "version");
  const long number = serial++;
  check(ASN1_INTEGER_set(X509_get_serialNumber(x), number) == 1, "serial");
  check(X509_gmtime_adj(X509_getm_notBefore(x), valid_from_s) != nullptr, "not before");
  check(X509_gmtime_adj(X509_getm_notAfter(x), valid_from_s + valid_for_s) != nullptr, "not after");
  check(X509_set_pubkey(x, made.key.get()) == 1, "public key");
  // A name of its own: who has its issuer's name counts as self-signed.
  const std::string common = (is_authority ? "Test authority " : "Test server ") + std::to_string(number);
  check(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0) == 1,
        "subject");
  check(X509_set_issuer_name(x, X509_get_subject_name(issuer.certificate.get())) == 1, "issuer");
  add_extension(x, issuer.certificate.get(), NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!name.empty()) add_extension(x, issuer.certificate.get(), NID_subject_alt_name, name);
  check(X509_sign(x, issuer.key.get(), EVP_sha256()) > 0, "sign");
  return made;
}

std::string pem(const Certificate& certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio{BIO_new(BIO_s_mem()), &BIO_free};
  check(bio != nullptr && PEM_write_bio_X509(bio.get(), certificate.get()) == 1, "PEM");
  std::string text(static_cast<std::size_t>(BIO_ctrl_pending(bio.get())), '\0');
  check(BIO_read(bio.get(), text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size()), "PEM");
  return text;
}

std::shared_ptr<SSL_CTX> server_context(const Identity& identity, int version_max) {
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  check(context != nullptr, "context");
  if (version_max != 0) {
    SSL_CTX_set_security_level(context.get(), 0);
    check(SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION) == 1, "old versions");
    check(SSL_CTX_set_max_proto_version(context.get(), version_max) == 1, "old versions");
    check(SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0") == 1, "old ciphers");
  }
  check(SSL_CTX_use_certificate(context.get(), identity.certificate.get()) == 1, "certificate");
  check(SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) == 1, "private key");
  // The macro for this has an old-style cast in it.
  if (identity.above) check(SSL_CTX_ctrl(context.get(), SSL_CTRL_CHAIN_CERT, 1, identity.above.get()) == 1, "chain");
  return context;
}

}  // namespace tradebus::test
