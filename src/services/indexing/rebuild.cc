#include "services/indexing/rebuild.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/backoff.h"
#include "services/indexing/document_batch.h"
#include "services/records/session_list.h"

namespace seshat::indexing {
namespace {

constexpr size_t kMaxFailuresShown = 100;

class Rebuilder {
 public:
  Rebuilder(const IndexingPorts& ports, const IndexingOptions& options, DocumentBuilder& builder,
            const std::function<void(const ReindexProgress&)>& progress, const std::stop_token& stop)
      : ports_(ports), options_(options), builder_(builder), report_(progress), forward_stop_(stop, [this] {
          stop_.request_stop();
        }) {}

  Result<ReindexProgress> Run() {
    // Begin comes first: a session that is migrated after the list was read is upserted by its event, and
    // that counts from Begin on.
    SESHAT_ASSIGN(const auto token, Persist([&] { return ports_.index.BeginRebuild(); }));
    SESHAT_ASSIGN(sessions_, Persist([&] { return stored::ListSessions(ports_.store, stop_.get_token()); }));
    progress_.sessions = sessions_.size();
    {
      std::vector<std::jthread> threads;
      for (size_t i = 1; i < options_.reindex_threads; ++i) threads.emplace_back([this] { Work(); });
      Work();
    }
    SESHAT_TRY(status_);
    if (stop_.stop_requested()) return Fail(ErrorCode::kCancelled, "the reindex was stopped: the old index stays");
    // Rather a stale index than an empty one.
    if (progress_.indexed == 0 && progress_.failed > 0)
      return Fail(ErrorCode::kDataLoss,
                  "no session could be indexed, the old index stays; the first was " + progress_.failures.front());
    SESHAT_TRY(Persist([&] { return ports_.index.FinishRebuild(token); }));
    Report([](ReindexProgress&) {});
    return progress_;
  }

 private:
  // Tries again while that may help.
  auto Persist(auto&& call) -> decltype(call()) {
    for (uint32_t attempt = 1;; ++attempt) {
      auto answer = call();
      if (answer || !answer.error().retryable() || attempt >= options_.reindex_attempts) return answer;
      const auto pause = Backoff{options_.backoff_base, options_.backoff_cap}.After(attempt, RandomUnit(ports_.random));
      ports_.logger.Warning("reindex: trying again", {{"error", answer.error().ToString()}, {"in_ms", pause.count()}});
      if (!ports_.clock.SleepFor(pause, stop_.get_token()))
        return Fail(ErrorCode::kCancelled, "the reindex was stopped: the old index stays");
    }
  }

  void Work() {
    DocumentBatch batch(options_.batch_bytes);
    for (size_t i = next_++; i < sessions_.size() && !stop_.stop_requested(); i = next_++) {
      auto document = Persist([&] { return builder_.Build({.id = sessions_[i], .stop = stop_.get_token()}); });
      if (document) {
        batch.Add(*std::move(document));
      } else if (document.error().code == ErrorCode::kNotFound) {
        Report([](ReindexProgress& p) { ++p.unfinished; });
      } else if (document.error().code == ErrorCode::kDataLoss ||
                 document.error().code == ErrorCode::kResourceExhausted) {
        Damaged(sessions_[i], document.error());
      } else {
        return End(std::move(document).error().WithContext(sessions_[i].value()));
      }
      if (batch.full() && !Flush(batch)) return;
    }
    Flush(batch);
  }

  bool Flush(DocumentBatch& batch) {
    if (batch.empty() || stop_.stop_requested()) return true;
    std::vector<Status> outcomes;
    const auto stored = Persist([&]() -> Status {
      outcomes = batch.Upsert(ports_.index);
      for (const auto& outcome : outcomes)
        if (!outcome && outcome.error().code != ErrorCode::kInvalidArgument) return outcome;
      return {};
    });
    if (!stored) {
      End(stored.error());
      return false;
    }
    uint64_t indexed = 0;
    for (size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i]) {
        ++indexed;
      } else {
        Damaged(SessionId::Parse(batch.documents()[i].session_id).value(), outcomes[i].error());
      }
    }
    Report([&](ReindexProgress& p) { p.indexed += indexed; });
    batch.Clear();
    return true;
  }

  // A record that cannot be read, or a document that the metadata store refuses.
  void Damaged(const SessionId& id, const Error& error) {
    ports_.logger.LogError("reindex: a session cannot be indexed",
                           {{"session", id.value()}, {"error", error.ToString()}});
    Report([&](ReindexProgress& p) {
      ++p.failed;
      if (p.failures.size() < kMaxFailuresShown) p.failures.push_back(fmt::format("{}: {}", id.value(), error.message));
    });
  }

  // The first error ends all threads.
  void End(Error error) {
    {
      const std::lock_guard lock(mutex_);
      if (status_) status_ = std::unexpected(std::move(error));
    }
    stop_.request_stop();
  }

  void Report(const auto& change) {
    const std::lock_guard lock(mutex_);
    change(progress_);
    if (report_) report_(progress_);
  }

  const IndexingPorts& ports_;
  const IndexingOptions& options_;
  DocumentBuilder& builder_;
  const std::function<void(const ReindexProgress&)>& report_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> forward_stop_;
  std::vector<SessionId> sessions_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  ReindexProgress progress_;
  Status status_;
};

}  // namespace

Result<ReindexProgress> Rebuild(const IndexingPorts& ports, const IndexingOptions& options, DocumentBuilder& builder,
                                const std::function<void(const ReindexProgress&)>& progress,
                                const std::stop_token& stop) {
  return Rebuilder(ports, options, builder, progress, stop).Run();
}

}  // namespace seshat::indexing
