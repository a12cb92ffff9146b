// Says and counts what went over the wire: one trace line and a few numbers for each request.
#pragma once

#include <memory>

#include "platform/http/client.h"
#include "ports/clock.h"
#include "ports/logger.h"
#include "ports/metrics.h"

namespace seshat::http {

// `clock`, `logger` and `metrics` must outlive the client; the last two may be null. A line has the method, host, path,
// status, time and attempts; never a header, a body or a query, which may hold secrets.
std::unique_ptr<Client> MakeObservedClient(std::unique_ptr<Client> inner, const Clock& clock, Logger* logger,
                                           Metrics* metrics);

}  // namespace seshat::http
