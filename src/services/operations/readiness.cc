#include "services/operations/readiness.h"

#include "core/records/blob_key.h"

namespace seshat::operations {
namespace {

std::unexpected<Error> Named(Error error, std::string_view what) {
  return std::unexpected(std::move(error).WithContext(what));
}

}  // namespace

Status CheckReady(const ReadinessQuestion& question) {
  if (!question.subscriptions.empty()) {
    auto bus = question.bus.Stats(question.subscriptions.front());
    if (!bus) return Named(std::move(bus.error()), "the event bus");
  }
  if (question.index != nullptr) {
    auto index = question.index->Search({.query = {MatchAll{}}, .limit = 0});
    if (!index) return Named(std::move(index.error()), "the search index");
  }
  if (question.store != nullptr) {
    SESHAT_ASSIGN(const BlobKey probe, BlobKey::Parse("probe/readyz"));
    auto stat = question.store->Stat(probe);
    if (!stat && stat.error().code != ErrorCode::kNotFound) return Named(std::move(stat.error()), "the blob store");
  }
  if (question.journal != nullptr) {
    // The record of the empty name is the agent's own: why uploads pause.
    auto agent = question.journal->FindSource("");
    if (!agent) return Named(std::move(agent.error()), "the agent's journal");
    if (*agent && !(*agent)->problem.empty())
      return Fail(ErrorCode::kUnavailable, "uploads pause: " + (*agent)->problem);
  }
  return {};
}

}  // namespace seshat::operations
