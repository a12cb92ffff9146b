// The two ends that cost the least: a server that takes any PUT and says 200, and a client that does nothing but send
// and receive. What a real client needs above them is what its code costs.
#pragma once

#include <cstdint>
#include <optional>

#include "platform/posix/unique_fd.h"

namespace seshat::bench {

// Listens on 127.0.0.1; `port` is the one that was taken.
std::optional<posix::UniqueFd> ListenOnLoopback(uint16_t& port);
// Serves on this thread for ever: reads requests with a Content-Length, drops their bodies, answers 200.
void ServeSink(int listener);

// `count` PUTs of `size` bytes over `connections` kept connections; false where anything goes wrong.
bool RunFloor(uint16_t port, int count, size_t size, int connections);

}  // namespace seshat::bench
