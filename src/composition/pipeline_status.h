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

// Null where observability.metrics is "off". It answers under its address, localhost, this machine's name and
// observability.host_names. Everything passed in must outlive it.
Result<std::unique_ptr<http_server::HttpServer>> ServePipelineStatus(const Config& config, const Foundation& foundation,
                                                                     const PipelinePorts& ports,
                                                                     const std::vector<std::string>& subscriptions);

}  // namespace seshat::composition
