#include "adapters/s3_store/get_loop.h"

#include <fmt/format.h>

#include <utility>

namespace seshat::s3_store {
namespace {

constexpr auto kAskAgain = std::chrono::milliseconds(500);  // the port says: at least once a second

}  // namespace

void GetLoop::Run(GetFeed& feed, const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { flow_.Wake(); });
  asked_ = flow_.now();
  while (true) {
    Pump(feed, stop);
    if (jobs_.empty() && !waiting_ && (stopping_ || !flow_.paced())) return;
    flow_.Poll(kAskAgain);
    HandOver(feed);
    if (!waiting_ && !stop.stop_requested() && !jobs_.empty() && flow_.now() - asked_ >= kAskAgain) {
      asked_ = flow_.now();
      waiting_ = feed.Next();
    }
  }
}

void GetLoop::Pump(GetFeed& feed, const std::stop_token& stop) {
  if (stop.stop_requested()) {
    if (std::exchange(stopping_, true)) return;
    for (const auto& job : jobs_) job->Stop();
    if (waiting_) feed.Done(waiting_->tag, Fail(ErrorCode::kCancelled, "stopped"));
    waiting_.reset();
    return HandOver(feed);
  }
  for (const auto& job : jobs_)
    while (flow_.room() && job->Step()) {
    }
  while (flow_.room()) {
    if (!Admit(feed, stop)) return flow_.Starved();
    while (!jobs_.empty() && flow_.room() && jobs_.back()->Step()) {
    }
  }
}

bool GetLoop::Admit(GetFeed& feed, const std::stop_token& stop) {
  if (stop.stop_requested()) return false;
  std::optional<GetRequest> request = std::exchange(waiting_, std::nullopt);
  if (!request) {
    request = feed.Next();
    asked_ = flow_.now();
  }
  if (!request) return false;
  Begin(feed, *std::move(request));
  return true;
}

void GetLoop::Begin(GetFeed& feed, GetRequest request) {
  const uint64_t tag = request.tag;
  if (options_.access == BlobAccess::kWriteOnly)
    return feed.Done(tag, Fail(ErrorCode::kPermissionDenied, "this blob store was opened for writing only"));
  if (!request.sink) return feed.Done(tag, Fail(ErrorCode::kInvalidArgument, "a get needs a sink"));
  auto key = keys_.InBucket(request.key);
  if (!key) return feed.Done(tag, std::unexpected(std::move(key).error()));
  std::string resource = fmt::format("s3://{}/{}", options_.bucket, *key);
  jobs_.push_back(
      std::make_unique<GetJob>(flow_, wire_, budget_, std::move(request), *std::move(key), std::move(resource)));
}

void GetLoop::HandOver(GetFeed& feed) {
  for (auto it = jobs_.begin(); it != jobs_.end();) {
    if (!(*it)->outcome) {
      ++it;
      continue;
    }
    const std::unique_ptr<GetJob> job = std::move(*it);
    it = jobs_.erase(it);
    feed.Done(job->tag(), *std::move(job->outcome));
  }
}

}  // namespace seshat::s3_store
