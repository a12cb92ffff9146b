// The bytes of one connection, plain or through TLS. Nothing here waits.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "core/base/error.h"
#include "platform/http_server/server_options.h"
#include "platform/posix/unique_fd.h"

struct ssl_ctx_st;

namespace seshat::http_server {

class Stream {
 public:
  enum class Outcome { kMoved, kAwaitRead, kAwaitWrite, kOver };
  struct Step {
    Outcome outcome;
    size_t bytes = 0;  // more than 0 where kMoved
  };

  virtual ~Stream() = default;
  virtual Step Read(std::span<char> into) = 0;  // kOver: the client has said all, or is gone
  virtual Step Write(std::string_view data) = 0;
  virtual bool PeerIsGone() = 0;  // looks, and takes nothing
  virtual void EndWriting() = 0;  // the client sees the end; reading goes on
  virtual int descriptor() const = 0;
};

std::unique_ptr<Stream> MakePlainStream(posix::UniqueFd fd);

// Null where OpenSSL has no memory.
std::unique_ptr<Stream> MakeTlsStream(posix::UniqueFd fd, ssl_ctx_st* context);

struct FreeTlsContext {
  void operator()(ssl_ctx_st* context) const;
};
using TlsContext = std::unique_ptr<ssl_ctx_st, FreeTlsContext>;

// kInvalidArgument: a file cannot be read, holds no certificate or key, or they do not belong together.
Result<TlsContext> LoadTls(const TlsFiles& files);

}  // namespace seshat::http_server
