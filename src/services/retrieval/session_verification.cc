#include "services/retrieval/session_verification.h"

#include <utility>

#include "services/records/session_list.h"
#include "services/retrieval/selection.h"

namespace seshat::retrieval {
namespace {

Result<VerifySummary> VerifyManifest(BlobStore& store, const SessionVerification& wanted,
                                     stored::StoredManifest manifest, const std::stop_token& stop) {
  const SessionId id = manifest.id();
  SESHAT_ASSIGN(const auto selection, Selection::Of(store, std::move(manifest), What::kAll, stop));
  const Advanced advanced = wanted.begin(id)(selection.files(), selection.bytes());
  return Verify(store, selection, wanted.options, advanced, stop);
}

}  // namespace

Result<VerifyReport> VerifySessions(BlobStore& store, const SessionVerification& wanted, const std::stop_token& stop) {
  VerifyReport report;
  const auto take = [&](const SessionId& id, Result<stored::StoredManifest> manifest) {
    ++report.sessions;
    auto summary = manifest ? VerifyManifest(store, wanted, *std::move(manifest), stop)
                            : std::unexpected(std::move(manifest).error());
    if (summary) {
      report.Add(*std::move(summary));
    } else {
      report.failed.push_back({id.value(), std::move(summary).error()});
    }
  };
  Status listed;
  if (wanted.all) {
    const auto each = [&](const SessionId& id) -> Status {
      auto manifest = FindNewest(store, id, stop);
      const bool unfinished = !manifest && manifest.error().code == ErrorCode::kNotFound;
      if (!unfinished) take(id, std::move(manifest));
      return {};
    };
    listed = stored::ForEachSession(store, each, stop);
  } else {
    for (const SessionId& id : wanted.ids) {
      auto manifest = FindNewest(store, id, stop);
      if (!manifest) return std::unexpected(std::move(manifest).error());
      take(id, std::move(manifest));
    }
  }
  if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "stopped before everything was verified");
  SESHAT_TRY(listed);
  return report;
}

Result<VerifySummary> VerifyDataset(BlobStore& store, const Dataset& dataset, const VerifyOptions& options,
                                    const BeginFiles& begin, const std::stop_token& stop) {
  SESHAT_ASSIGN(auto selected, SelectDataset(store, dataset, What::kRaw, stop));
  const auto verify = [&] {
    const Advanced advanced = begin(selected.selection.files(), selected.selection.bytes());
    return Verify(store, selected.selection, options, advanced, stop);
  };
  auto verified = verify();
  if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "stopped before everything was verified");
  if (!verified) return std::unexpected(std::move(verified).error());
  VerifySummary summary{.failed = std::move(selected.unreadable)};
  summary.Add(*std::move(verified));
  return summary;
}

}  // namespace seshat::retrieval
