// The deliveries of one round, grouped by session: their leases, their fate.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/records/session_id.h"
#include "ports/event_bus.h"
#include "services/indexing/document_builder.h"
#include "services/indexing/indexing_service.h"

namespace seshat::indexing {

// The events about one session.
struct SessionEvents {
  SessionId id;
  std::vector<ExpectedManifest> expected;
  std::vector<std::string> handles;
  uint32_t attempt = 1;  // of the one delivered most often
};

class EventBatch {
 public:
  EventBatch(const IndexingPorts& ports, const IndexingOptions& options);

  // Sorts the deliveries by session, and sends back the ones that cannot be read.
  void Take(std::span<const Delivery> deliveries);
  const std::vector<SessionEvents>& sessions() const { return sessions_; }

  // Renews the leases of what is not settled, where a third of their time has gone.
  void KeepAlive();
  void Succeeded(const SessionEvents& events);
  void Failed(const SessionEvents& events, const Error& error);
  // At once for somebody else: this process is stopping.
  void GiveBack(const SessionEvents& events);

 private:
  void Poisoned(const Delivery& delivery, const Error& error);
  void Add(const Delivery& delivery, SessionId id, std::optional<ExpectedManifest> expected);
  void Retry(const std::string& handle, std::chrono::milliseconds delay, std::string_view reason);
  void Settle(const SessionEvents& events);

  const IndexingPorts& ports_;
  const IndexingOptions& options_;
  std::vector<SessionEvents> sessions_;
  std::vector<std::string> unsettled_;
  std::chrono::steady_clock::time_point leased_at_;
};

}  // namespace seshat::indexing
