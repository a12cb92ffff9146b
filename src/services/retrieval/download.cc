#include "services/retrieval/download.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "core/records/blob_key.h"

namespace seshat::retrieval {
namespace {

class DownloadFeed : public GetFeed {
 public:
  DownloadFeed(DownloadTarget& target, const std::vector<WantedFile>& files, const Advanced& advanced,
               DownloadSummary& summary)
      : target_(target), files_(files), advanced_(advanced), summary_(summary) {}

  std::optional<GetRequest> Next() override {
    while (next_ < files_.size()) {
      const size_t index = next_++;
      auto request = Begin(index);
      if (request && *request) return std::move(*request);
      if (!request) NoteFailed(files_[index], std::move(request).error());
    }
    return std::nullopt;
  }

  void Done(uint64_t tag, Result<BlobInfo> outcome) override {
    const auto partial = std::move(partials_.extract(tag).mapped());
    const WantedFile& file = files_[tag];
    const bool arrived = outcome.has_value();
    Status status = arrived ? partial->Finish() : Status(std::unexpected(std::move(outcome).error()));
    if (status) {
      ++summary_.fetched;
      summary_.bytes += file.size;
      advanced_(1, file.size);
      return;
    }
    if (arrived && status.error().code == ErrorCode::kDataLoss)
      status.error().message += fmt::format(": the stored object {} is damaged", file.key);
    NoteFailed(file, std::move(status).error());
  }

 private:
  // Nothing where the file is there already.
  Result<std::optional<GetRequest>> Begin(size_t index) {
    const WantedFile& file = files_[index];
    SESHAT_ASSIGN(const BlobKey key, BlobKey::Parse(file.key));
    SESHAT_ASSIGN(auto partial, target_.Begin({.path = file.path,
                                               .size = file.size,
                                               .sha256 = file.sha256,
                                               .mode = file.mode,
                                               .modified_at = file.modified_at}));
    if (partial == nullptr) {
      ++summary_.kept;
      advanced_(1, file.size);
      return std::nullopt;
    }
    auto sink = partial->sink();
    partials_.emplace(index, std::move(partial));
    return GetRequest{.key = key, .sink = std::move(sink), .tag = index};
  }

  void NoteFailed(const WantedFile& file, Error error) { summary_.failed.push_back({file.path, std::move(error)}); }

  DownloadTarget& target_;
  const std::vector<WantedFile>& files_;
  const Advanced& advanced_;
  DownloadSummary& summary_;
  size_t next_ = 0;
  std::map<uint64_t, std::unique_ptr<PartialFile>> partials_;
};

// The store may have ended between two files, which leaves no file that failed.
Status CheckNotStopped(const DownloadSummary& summary, uint64_t files, const std::stop_token& stop) {
  const uint64_t there = summary.fetched + summary.kept;
  if (!stop.stop_requested() || there >= files) return {};
  return Fail(ErrorCode::kCancelled,
              fmt::format("stopped with {} of {} files there: the same command again goes on from here", there, files));
}

}  // namespace

Result<DownloadSummary> Download(BlobStore& store, DownloadTarget& target, const Selection& selection,
                                 const Advanced& advanced, const std::stop_token& stop) {
  DownloadSummary summary;
  const Status read = selection.ForEachPart(
      [&](const Selection::Part& part) {
        std::ranges::copy(part.failed, std::back_inserter(summary.failed));
        DownloadFeed feed(target, part.files, advanced, summary);
        store.GetAll(feed, stop);
      },
      stop);
  SESHAT_TRY(CheckNotStopped(summary, selection.files(), stop));
  SESHAT_TRY(read);
  return summary;
}

Result<DownloadSummary> DownloadFiles(BlobStore& store, DownloadTarget& target, const std::vector<WantedFile>& files,
                                      const Advanced& advanced, const std::stop_token& stop) {
  DownloadSummary summary;
  DownloadFeed feed(target, files, advanced, summary);
  store.GetAll(feed, stop);
  SESHAT_TRY(CheckNotStopped(summary, files.size(), stop));
  return summary;
}

}  // namespace seshat::retrieval
