#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <climits>

#include "platform/http_server/stream.h"

namespace seshat::http_server {
namespace {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

class TlsStream : public Stream {
 public:
  TlsStream(posix::UniqueFd fd, std::unique_ptr<SSL, FreeSsl> ssl) : fd_(std::move(fd)), ssl_(std::move(ssl)) {}

  // The handshake happens within the first reads.
  Step Read(std::span<char> into) override {
    ERR_clear_error();
    return Judge(SSL_read(ssl_.get(), into.data(), static_cast<int>(std::min<size_t>(into.size(), INT_MAX))));
  }

  Step Write(std::string_view data) override {
    ERR_clear_error();
    return Judge(SSL_write(ssl_.get(), data.data(), static_cast<int>(std::min<size_t>(data.size(), INT_MAX))));
  }

  bool PeerIsGone() override {
    char byte = 0;
    ERR_clear_error();
    return Judge(SSL_peek(ssl_.get(), &byte, 1)).outcome == Outcome::kOver;
  }

  void EndWriting() override {
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_.get()) == 1 && !broken_) SSL_shutdown(ssl_.get());
    ::shutdown(fd_.get(), SHUT_WR);
  }

  int descriptor() const override { return fd_.get(); }

 private:
  Step Judge(int moved) {
    if (moved > 0) return {Outcome::kMoved, static_cast<size_t>(moved)};
    switch (SSL_get_error(ssl_.get(), moved)) {
      case SSL_ERROR_WANT_READ:
        return {Outcome::kAwaitRead};
      case SSL_ERROR_WANT_WRITE:
        return {Outcome::kAwaitWrite};
      case SSL_ERROR_ZERO_RETURN:
        return {Outcome::kOver};
      default:
        broken_ = true;
        return {Outcome::kOver};
    }
  }

  const posix::UniqueFd fd_;
  const std::unique_ptr<SSL, FreeSsl> ssl_;
  bool broken_ = false;  // OpenSSL forbids SSL_shutdown after such an error
};

// HTTP/1.1 is all there is; a client that offers other protocols only is told by a failed handshake.
int ChooseProtocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                   unsigned int in_length, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kOurs, sizeof kOurs - 1, in, in_length) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

std::string LastError() {
  char text[256];
  ERR_error_string_n(ERR_peek_last_error(), text, sizeof text);
  ERR_clear_error();
  return text;
}

}  // namespace

void FreeTlsContext::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

Result<TlsContext> LoadTls(const TlsFiles& files) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) return Fail(ErrorCode::kResourceExhausted, "OpenSSL: " + LastError());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An idle connection keeps no buffers of 16 KiB.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseProtocol, nullptr);
  const auto failed = [](std::string_view what, const std::filesystem::path& file) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{} '{}': {}", what, file.string(), LastError()));
  };
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
    return failed("no usable certificate in", files.certificate);
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1)
    return failed("no key of this certificate in", files.key);
  return context;
}

std::unique_ptr<Stream> MakeTlsStream(posix::UniqueFd fd, ssl_ctx_st* context) {
  std::unique_ptr<SSL, FreeSsl> ssl(SSL_new(context));
  if (!ssl || SSL_set_fd(ssl.get(), fd.get()) != 1) return nullptr;
  SSL_set_accept_state(ssl.get());
  return std::make_unique<TlsStream>(std::move(fd), std::move(ssl));
}

}  // namespace seshat::http_server
