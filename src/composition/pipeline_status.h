// What a running process tells about itself over HTTP: /metrics, /livez, /readyz.
#pragma once

#include <memory>
#include <set>

#include "composition/composition.h"
#include "composition/pipeline_ports.h"
#include "composition/role.h"
#include "core/base/error.h"
#include "platform/http_server/http_server.h"

namespace seshat::composition {

// Whether the process can do its work, by what its roles may look at: consumers ask their queues, the store and the
// index. An agent may not read anything, so it answers by what its last writes said: not ready while uploads pause.
Status CheckReady(const PipelinePorts& ports, const std::vector<std::string>& subscriptions);

// Null where observability.metrics is "off". It answers under its address, localhost, this machine's name and
// observability.host_names. Everything passed in must outlive it.
Result<std::unique_ptr<http_server::HttpServer>> ServePipelineStatus(const Config& config, const Foundation& foundation,
                                                                     const PipelinePorts& ports,
                                                                     const std::vector<std::string>& subscriptions);

}  // namespace seshat::composition
