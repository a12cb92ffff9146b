// The socket at which clients arrive.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::http_server {

struct Listener {
  posix::UniqueFd fd;   // does not block
  std::string address;  // "127.0.0.1:41234", "[::1]:41234"
};

// Errors: see MakeHttpServer. `address` may be in brackets.
Result<Listener> Listen(const std::string& address, uint16_t port);

struct Arrival {
  posix::UniqueFd fd;      // does not block; invalid where nobody waits or no descriptor is left
  std::string peer;        // as Listener::address
  bool exhausted = false;  // no descriptor, or no memory, is left
};
Arrival Accept(const Listener& listener);

}  // namespace seshat::http_server
