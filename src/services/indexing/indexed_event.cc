#include "services/indexing/indexed_event.h"

#include <string>

#include "core/digest/sha256.h"

namespace seshat::indexing {
namespace {

constexpr MetricSpec kIndexed{MetricSpec::Kind::kCounter, "seshat_indexed_sessions_total",
                              "Documents built and stored, by the state of the session's metadata."};

}  // namespace

Event IndexedEvent(const SessionDocument& document, const Span& span, Timestamp now) {
  const std::string fact = document.session_id + '\n' + std::to_string(document.version);
  return {.id = "indexed-" + Sha256::Of(AsBytes(fact)).ToHex().substr(0, 32),
          .type = std::string(SessionIndexed::kType),
          .source = "seshat/indexing",
          .subject = document.session_id,
          .time = now,
          .traceparent = span.traceparent(),
          .data = SessionIndexed{document.session_id, document.revision}.ToData()};
}

void CountIndexed(const SessionDocument& document, const Span& span, const IndexingPorts& ports) {
  ports.metrics.Record(kIndexed, 1, {{"metadata", document.metadata_state}});
  ports.logger.Info(
      "indexed", span,
      {{"session", document.session_id}, {"revision", document.revision}, {"metadata", document.metadata_state}});
}

}  // namespace seshat::indexing
