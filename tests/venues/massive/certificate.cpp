#include "tests/venues/massive/certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>

namespace tradebus::massive_sim {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

constexpr long day_s = 86'400;

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("making a certificate failed: ") + what);
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension made{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  require(made != nullptr && X509_add_ext(certificate, made.get(), -1) == 1, "an extension");
}

Certificate blank(EVP_PKEY* key, const char* common_name) {
  Certificate out{X509_new()};
  require(out != nullptr, "X509_new");
  X509_set_version(out.get(), 2);
  long serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), 4);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), serial + 1);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), -day_s);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), 365 * day_s);
  X509_set_pubkey(out.get(), key);
  const auto* name = reinterpret_cast<const unsigned char*>(common_name);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_UTF8, name, -1, -1, 0);
  return out;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  require(X509_sign(certificate, key, EVP_sha256()) > 0, "X509_sign");
}

Bio open_file(const std::filesystem::path& file) {
  Bio out{BIO_new_file(file.c_str(), "w")};
  if (!out) throw std::runtime_error(file.string() + ": can't be written");
  return out;
}

std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string out;
  for (const std::string& host : hosts) {
    const bool address =
        host.find(':') != std::string::npos || host.find_first_not_of("0123456789.") == std::string::npos;
    out += (out.empty() ? "" : ",") + std::string(address ? "IP:" : "DNS:") + host;
  }
  return out;
}

}  // namespace

void make_certificate(const std::string& folder, const std::vector<std::string>& hosts) {
  namespace fs = std::filesystem;
  fs::create_directories(folder);
  const Key ca_key{EVP_EC_gen("P-256")}, key{EVP_EC_gen("P-256")};
  require(ca_key != nullptr && key != nullptr, "a key");

  const Certificate ca = blank(ca_key.get(), "massive-sim test CA");
  X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get()));
  add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
  sign(ca.get(), ca.get(), ca_key.get());

  const Certificate leaf = blank(key.get(), "massive-sim");
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(ca.get()));
  add_extension(leaf.get(), ca.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(leaf.get(), ca.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(leaf.get(), ca.get(), NID_ext_key_usage, "serverAuth");
  add_extension(leaf.get(), ca.get(), NID_subject_key_identifier, "hash");
  add_extension(leaf.get(), ca.get(), NID_authority_key_identifier, "keyid");
  add_extension(leaf.get(), ca.get(), NID_subject_alt_name, alternative_names(hosts));
  sign(leaf.get(), ca.get(), ca_key.get());

  const fs::path base{folder};
  require(PEM_write_bio_X509(open_file(base / "ca.pem").get(), ca.get()) == 1, "ca.pem");
  require(PEM_write_bio_X509(open_file(base / "cert.pem").get(), leaf.get()) == 1, "cert.pem");
  const Bio key_file = open_file(base / "key.pem");
  fs::permissions(base / "key.pem", fs::perms::owner_read | fs::perms::owner_write);
  require(PEM_write_bio_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "key.pem");
}

}  // namespace tradebus::massive_sim
