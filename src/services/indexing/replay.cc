#include "services/indexing/replay.h"

#include <fmt/format.h>

#include <utility>

#include "core/records/event.h"
#include "services/records/manifest_reader.h"
#include "services/records/record_reader.h"
#include "services/records/session_list.h"

namespace seshat::indexing {
namespace {

constexpr size_t kMaxFailuresShown = 100;
constexpr size_t kEventsAtATime = 100;

class Replayer {
 public:
  Replayer(BlobStore& store, EventBus& bus, Clock& clock, Random& random, const ReplayOptions& options,
           std::stop_token stop)
      : store_(store),
        bus_(bus),
        clock_(clock),
        random_(random),
        options_(options),
        stop_(std::move(stop)),
        records_(store) {}

  // kNotFound without a manifest, kDataLoss with a damaged one.
  Status Session(const SessionId& id) {
    SESHAT_ASSIGN(const auto newest, stored::ReadNewest(store_, id, stop_));
    if (options_.migrated) {
      const SessionMigrated event{id.value(), newest.revision(), newest.key().value(), newest.sha256(),
                                  newest.head().source};
      SESHAT_TRY(Add(id, SessionMigrated::kType, event.ToData(), newest.head().traceparent));
    }
    if (options_.processed) {
      SESHAT_ASSIGN(const auto records, records_.ReadAll(id, stop_));
      for (const auto& record : records.counting)
        if (record->damage() == nullptr) SESHAT_TRY(Processed(id, *record, newest.head().traceparent));
    }
    ++summary_.sessions;
    return {};
  }

  Status Flush() {
    if (pending_.empty()) return {};
    SESHAT_TRY(bus_.Publish(pending_));
    summary_.events += pending_.size();
    pending_.clear();
    return {};
  }

  void Unfinished() { ++summary_.unfinished; }
  void Damaged(const SessionId& id, const Error& error) {
    ++summary_.failed;
    if (summary_.failures.size() < kMaxFailuresShown)
      summary_.failures.push_back(fmt::format("{}: {}", id.value(), error.message));
  }
  const ReplaySummary& summary() const { return summary_; }

 private:
  Status Processed(const SessionId& id, const stored::StoredRecord& record, const std::string& traceparent) {
    const auto event = [&](const auto& says, ProcessingOutcome outcome) {
      return FileProcessed{id.value(), says.path, says.processor, says.version, record.name.key, outcome}.ToData();
    };
    const Receipt* receipt = record.receipt();
    std::string data = receipt != nullptr ? event(*receipt, ProcessingOutcome::kSucceeded)
                                          : event(*record.failure(), ProcessingOutcome::kFailed);
    return Add(id, FileProcessed::kType, std::move(data), traceparent);
  }

  Status Add(const SessionId& id, std::string_view type, std::string data, const std::string& traceparent) {
    pending_.push_back({.id = RandomId(random_),
                        .type = std::string(type),
                        .source = "seshat/replay",
                        .subject = id.value(),
                        .time = clock_.Now(),
                        .traceparent = traceparent,
                        .data = std::move(data)});
    return pending_.size() >= kEventsAtATime ? Flush() : Status{};
  }

  BlobStore& store_;
  EventBus& bus_;
  Clock& clock_;
  Random& random_;
  const ReplayOptions& options_;
  std::stop_token stop_;
  stored::RecordReader records_;
  std::vector<Event> pending_;
  ReplaySummary summary_;
};

}  // namespace

Result<ReplaySummary> Replay(BlobStore& store, EventBus& bus, Clock& clock, Random& random,
                             const ReplayOptions& options, const std::function<void(const ReplaySummary&)>& progress,
                             const std::stop_token& stop) {
  Replayer replayer(store, bus, clock, random, options, stop);
  if (options.session) {
    auto published = replayer.Session(*options.session);
    if (!published && published.error().code == ErrorCode::kNotFound)
      return Fail(ErrorCode::kNotFound,
                  fmt::format("there is no finished session '{}' in the store", options.session->value()));
    SESHAT_TRY(published);
    SESHAT_TRY(replayer.Flush());
    return replayer.summary();
  }
  SESHAT_ASSIGN(const auto sessions, stored::ListSessions(store, stop));
  for (const auto& id : sessions) {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the replay was stopped");
    if (const auto status = replayer.Session(id); !status) {
      if (status.error().code == ErrorCode::kNotFound) {
        replayer.Unfinished();
      } else if (status.error().code == ErrorCode::kDataLoss) {
        replayer.Damaged(id, status.error());
      } else {
        return std::unexpected(status.error());
      }
    }
    if (progress) progress(replayer.summary());
  }
  SESHAT_TRY(replayer.Flush());
  return replayer.summary();
}

}  // namespace seshat::indexing
