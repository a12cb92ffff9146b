#include "composition/pipeline_status.h"

#include <fmt/format.h>

#include <charconv>

#include "services/operations/readiness.h"

namespace seshat::composition {
namespace {

constexpr MetricSpec kReady{MetricSpec::Kind::kGauge, "seshat_subscription_ready_events",
                            "Events that wait for a consumer of a subscription."};
constexpr MetricSpec kInFlight{MetricSpec::Kind::kGauge, "seshat_subscription_in_flight_events",
                               "Events that a consumer of a subscription works on."};
constexpr MetricSpec kDead{MetricSpec::Kind::kGauge, "seshat_subscription_dead_letters",
                           "Events that were given up; see seshat dead-letters."};
constexpr MetricSpec kOldest{MetricSpec::Kind::kGauge, "seshat_subscription_oldest_seconds",
                             "Age of the oldest event that is not done."};
constexpr MetricSpec kBacklog{MetricSpec::Kind::kGauge, "seshat_source_backlog_bytes",
                              "Bytes at a source that are not stored yet."};
constexpr MetricSpec kInfo{MetricSpec::Kind::kGauge, "seshat_info", "Always 1; the labels say what runs."};

struct Endpoint {
  std::string address;
  uint16_t port = 0;
};

Result<Endpoint> ParseEndpoint(const std::string& text) {
  const size_t colon = text.rfind(':');
  Endpoint endpoint;
  if (colon != std::string::npos) {
    endpoint.address = text.substr(0, colon);
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, endpoint.port);
    if (endpoint.address.starts_with('[') && endpoint.address.ends_with(']'))
      endpoint.address = endpoint.address.substr(1, endpoint.address.size() - 2);
    if (error == std::errc() && stopped == end && !endpoint.address.empty()) return endpoint;
  }
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("observability.metrics: '{}' is no address:port (like 127.0.0.1:9464) and not \"off\"", text));
}

std::string ExposeMetrics(const Config& config, const Foundation& foundation, const PipelinePorts& ports,
                          const std::vector<std::string>& subscriptions) {
  Metrics& metrics = *foundation.metrics;
  metrics.Record(kInfo, 1, {{"version", SESHAT_VERSION}});
  for (const std::string& name : subscriptions) {
    const auto stats = ports.bus->Stats(name);
    if (!stats) continue;
    metrics.Record(kReady, static_cast<double>(stats->ready), {{"subscription", name}});
    metrics.Record(kInFlight, static_cast<double>(stats->in_flight), {{"subscription", name}});
    metrics.Record(kDead, static_cast<double>(stats->dead), {{"subscription", name}});
    const auto oldest = stats->oldest_age.value_or(std::chrono::milliseconds(0));
    metrics.Record(kOldest, std::chrono::duration<double>(oldest).count(), {{"subscription", name}});
  }
  for (const std::string& source : ports.journal ? config.Names("sources") : std::vector<std::string>{}) {
    if (const auto counts = ports.journal->Count(source))
      metrics.Record(kBacklog, static_cast<double>(counts->backlog_bytes), {{"source", source}});
  }
  return foundation.metrics_text();
}

// Those who watch are few; what they hold is little.
constexpr size_t kMaxConnections = 32;

http_server::Response RefuseAsPlainText(const http_server::Refusal& refusal) {
  if (refusal.status == 404) return http_server::PlainText(404, "there is /metrics, /livez and /readyz\n");
  if (refusal.status == 405) return http_server::PlainText(405, "only GET and HEAD\n");
  return http_server::PlainText(refusal.status, refusal.detail + "\n");
}

}  // namespace

Result<std::unique_ptr<http_server::HttpServer>> ServePipelineStatus(const Config& config, const Foundation& foundation,
                                                                     const PipelinePorts& ports,
                                                                     const std::vector<std::string>& subscriptions) {
  const std::string& text = config.Text("observability.metrics");
  if (text == "off") return nullptr;
  SESHAT_ASSIGN(const Endpoint endpoint, ParseEndpoint(text));
  http_server::Router router;
  // At once: that the store is slow to answer /readyz is no reason to restart the process.
  SESHAT_TRY(router.Add(
      "GET", "/livez", [](const http_server::Request&) { return http_server::PlainText(200, "ok\n"); },
      http_server::Runs::kAtOnce));
  SESHAT_TRY(router.Add("GET", "/readyz", [&ports, subscriptions](const http_server::Request&) {
    const Status ready = operations::CheckReady({.bus = *ports.bus,
                                                 .subscriptions = subscriptions,
                                                 .index = ports.index.get(),
                                                 .store = ports.store.get(),
                                                 .journal = ports.journal.get()});
    return ready ? http_server::PlainText(200, "ok\n") : http_server::PlainText(503, ready.error().message + "\n");
  }));
  SESHAT_TRY(router.Add("GET", "/metrics", [&, subscriptions](const http_server::Request&) {
    return http_server::Response{
        .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}, {"Cache-Control", "no-store"}},
        .body = ExposeMetrics(config, foundation, ports, subscriptions)};
  }));
  std::vector<std::string> names = config.Texts("observability.host_names");
  names.push_back(HostName(config));
  return http_server::MakeHttpServer({.address = endpoint.address,
                                      .port = endpoint.port,
                                      .host_names = std::move(names),
                                      .refuse = RefuseAsPlainText,
                                      .clock = foundation.clock.get(),
                                      .limits = {.connections = kMaxConnections}},
                                     std::move(router));
}

}  // namespace seshat::composition
