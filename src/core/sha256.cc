#include "core/sha256.h"

#include <openssl/evp.h>

#include <stdexcept>

#include "core/hex.h"

namespace seshat {

struct Sha256Hasher::Context {
  EVP_MD_CTX* md = EVP_MD_CTX_new();
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(md); }
};

namespace {
// OpenSSL fails here only when it has no memory or no SHA-256: there is nothing a caller could do about
// either.
void Require(int ok) {
  if (ok != 1) throw std::runtime_error("OpenSSL cannot compute SHA-256");
}

// Fetched once: EVP_sha256() is looked up again, under a lock, with every digest.
const EVP_MD* Algorithm() {
  static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return fetched;
}
}  // namespace

Sha256Hasher::Sha256Hasher() : context_(std::make_unique<Context>()) {
  Require(EVP_DigestInit_ex(context_->md, Algorithm(), nullptr));
}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::Update(ByteSpan data) {
  Require(EVP_DigestUpdate(context_->md, data.data(), data.size()));
}

Sha256 Sha256Hasher::Finish() {
  Sha256 digest;
  Require(EVP_DigestFinal_ex(context_->md, reinterpret_cast<unsigned char*>(digest.bytes.data()), nullptr));
  return digest;
}

Sha256 Sha256::Of(ByteSpan data) {
  Sha256Hasher hasher;
  hasher.Update(data);
  return hasher.Finish();
}

std::string Sha256::ToHex() const { return HexEncode(bytes); }

Result<Sha256> Sha256::FromHex(std::string_view text) {
  Sha256 digest;
  if (text.size() != 64 || !HexDecode(text, digest.bytes))
    return Fail(ErrorCode::kInvalidArgument, "a SHA-256 is 64 hexadecimal digits");
  return digest;
}

}  // namespace seshat
