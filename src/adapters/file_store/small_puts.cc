#include "adapters/file_store/small_puts.h"

#include <fmt/format.h>

#include <utility>

namespace seshat::file_store {

void SmallPuts::Add(PutRequest request) {
  Staged& staged = staged_.emplace_back();
  staged.tag = request.tag;
  staged.key = request.key.value();
  if (auto status = Stage(request, staged); !status) staged.outcome = std::unexpected(std::move(status).error());
}

Status SmallPuts::Stage(PutRequest& request, Staged& staged) {
  buffer_.resize(request.body->size());
  SESHAT_TRY(request.body->ReadAt(0, buffer_));
  SESHAT_TRY(request.body->CheckUnchanged());
  const PutOutcome outcome{.sha256 = Sha256::Of(buffer_), .size = buffer_.size()};
  if (request.sha256 && *request.sha256 != outcome.sha256)
    return Fail(ErrorCode::kDataLoss,
                fmt::format("the bytes for '{}' do not have the digest that was announced", staged.key));
  SESHAT_ASSIGN(TempFile temp, tree_.MakeTemp(false, object_mode_));
  staged.temp = temp.name;
  if (auto written = WriteAll(temp.fd.get(), buffer_, 0); !written)
    return FailWith(written.error(), fmt::format("writing {}/{}", tree_.root_path(), staged.key));
  staged.outcome = outcome;
  pool_.Submit(std::move(temp.fd), &staged.sync_error);
  return {};
}

void SmallPuts::Link() {
  LinkRound round(tree_);
  for (Staged& staged : staged_) {
    if (!staged.outcome) continue;
    if (staged.sync_error != 0) {
      staged.outcome = FailWith(staged.sync_error, fmt::format("syncing {}/{}", tree_.root_path(), staged.key));
    } else if (auto linked = round.Link(staged.temp, staged.key); !linked) {
      staged.outcome = std::unexpected(std::move(linked).error());
    }
  }
  if (const auto synced = round.Sync(); !synced) {
    for (Staged& staged : staged_)
      if (staged.outcome || staged.outcome.error().code == ErrorCode::kAlreadyExists)
        staged.outcome = std::unexpected(synced.error());
  }
}

void SmallPuts::Commit(PutFeed& feed, const std::stop_token& stop) {
  pool_.Drain();
  if (stop.stop_requested()) {
    for (Staged& staged : staged_) staged.outcome = Fail(ErrorCode::kCancelled, "stopped");
  } else {
    Link();
  }
  for (const Staged& staged : staged_)
    if (!staged.temp.empty()) tree_.RemoveTemp(staged.temp);
  for (Staged& staged : std::exchange(staged_, {})) feed.Done(staged.tag, std::move(staged.outcome));
  staged_.reserve(kMaxStaged);
}

}  // namespace seshat::file_store
