#include "support/test_certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace seshat::testing {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

void Check(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL cannot make a test certificate: ") + what);
}

Key MakeKey() {
  Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  Check(key != nullptr, "key");
  return key;
}

void AddExtension(X509& certificate, X509& issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  Check(extension != nullptr, value);
  X509_add_ext(&certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate MakeCertificate(EVP_PKEY& key, const char* name, long serial) {
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);  // X.509 v3
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  constexpr long kDay = 86'400;
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDay);
  X509_set_pubkey(certificate.get(), &key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  return certificate;
}

void Sign(X509& certificate, X509& issuer, EVP_PKEY& issuer_key) {
  X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer));
  Check(X509_sign(&certificate, &issuer_key, EVP_sha256()) > 0, "signature");
}

template <typename Write>
void WritePem(const std::filesystem::path& path, Write write) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "w"), std::fclose);
  Check(file != nullptr && write(file.get()) == 1, path.c_str());
}

}  // namespace

TestCertificates MakeTestCertificates(const std::filesystem::path& directory) {
  const Key ca_key = MakeKey();
  const Certificate ca = MakeCertificate(*ca_key, "Seshat test authority", 1);
  AddExtension(*ca, *ca, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(*ca, *ca, NID_key_usage, "critical,keyCertSign,cRLSign");
  Sign(*ca, *ca, *ca_key);

  const Key key = MakeKey();
  const Certificate server = MakeCertificate(*key, "localhost", 2);
  AddExtension(*server, *ca, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  Sign(*server, *ca, *ca_key);

  TestCertificates out{directory / "ca.pem", directory / "server.pem", directory / "server.key"};
  WritePem(out.ca_file, [&](FILE* file) { return PEM_write_X509(file, ca.get()); });
  WritePem(out.certificate_file, [&](FILE* file) { return PEM_write_X509(file, server.get()); });
  WritePem(out.key_file,
           [&](FILE* file) { return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  return out;
}

}  // namespace seshat::testing
