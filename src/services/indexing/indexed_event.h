// What is said when a session's document is stored.
#pragma once

#include "core/base/time.h"
#include "core/query/session_document.h"
#include "core/records/event.h"
#include "services/indexing/indexing_service.h"

namespace seshat::indexing {

// SessionIndexedEvent: one id for one document, however often it is announced.
Event IndexedEvent(const SessionDocument& document, const Span& span, Timestamp now);

// In metrics and log.
void CountIndexed(const SessionDocument& document, const Span& span, const IndexingPorts& ports);

}  // namespace seshat::indexing
