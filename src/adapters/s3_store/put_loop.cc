#include "adapters/s3_store/put_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "adapters/s3_store/multipart_put.h"
#include "adapters/s3_store/single_put.h"

namespace seshat::s3_store {
namespace {

using std::chrono::milliseconds;

constexpr auto kAskAgain = milliseconds(500);  // the port says: at least once a second
// Multipart uploads at a time: each holds a list of its parts, and most of their time is waiting for answers.
constexpr size_t kMaxMultipart = 32;
// Of the memory for bodies, what single puts and parts may take at most: so much for either that it can keep a far
// server busy alone, and so little that the other is not shut out. A single put takes its size once more in the client.
constexpr uint64_t MostForSingles(uint64_t all) { return all / 2; }
constexpr uint64_t MostForParts(uint64_t all) { return all / 4 * 3; }

}  // namespace

PutLoop::PutLoop(const S3StoreOptions& options, const Wire& wire, const KeySpace& keys, http::Client& client,
                 Clock& clock)
    : options_(options),
      wire_(wire),
      keys_(keys),
      flow_(client, clock, options.max_in_flight),
      buffers_(options.buffer_bytes),
      singles_(buffers_, MostForSingles(options.buffer_bytes)),
      parts_(buffers_, MostForParts(options.buffer_bytes)),
      reader_([this] { flow_.Wake(); }),
      context_{options_, wire_, flow_, singles_, parts_, reader_} {}

void PutLoop::Run(PutFeed& feed, const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { flow_.Wake(); });
  asked_ = flow_.now();
  while (true) {
    Pump(feed, stop);
    if (jobs_.empty() && !waiting_ && (stopping_ || !flow_.paced())) return;
    flow_.Poll(PollFor());
    reader_.Drain();
    HandOver(feed);
    AskAgain(feed, stop);
  }
}

void PutLoop::Pump(PutFeed& feed, const std::stop_token& stop) {
  if (stop.stop_requested() && !stopping_) {
    stopping_ = true;
    for (const auto& job : jobs_) job->Stop();
    if (waiting_) feed.Done(waiting_->tag, Fail(ErrorCode::kCancelled, "stopped"));
    waiting_.reset();
  }
  for (bool again = true; again;) {
    while (StepJobs()) HandOver(feed);
    HandOver(feed);
    again = false;
    while (!stopping_ && !again && flow_.room()) {
      if (!Admit(feed, stop)) return flow_.Starved();
      // The others have done what they can, and this one's body is still in the cache. Memory of one that has ended
      // may be what others wait for.
      if (!jobs_.empty()) StepJob(*jobs_.back());
      again = !jobs_.empty() && jobs_.back()->outcome;
    }
  }
}

// Every job that can go on without waiting does, in the order of their arrival.
bool PutLoop::StepJobs() {
  bool moved = false;
  bool room = stopping_ || flow_.room();
  for (auto job = jobs_.begin(); room && job != jobs_.end(); ++job) {
    if (!StepJob(**job)) continue;
    moved = true;
    room = stopping_ || flow_.room();
  }
  return moved;
}

bool PutLoop::StepJob(PutJob& job) {
  bool moved = false;
  while (!job.outcome && job.Step()) {
    moved = true;
    if (!stopping_ && !flow_.room()) break;
  }
  return moved;
}

bool PutLoop::Admit(PutFeed& feed, const std::stop_token& stop) {
  if (!waiting_) {
    if (stop.stop_requested()) return false;
    waiting_ = feed.Next();
    asked_ = flow_.now();
    if (!waiting_) return false;
  }
  if (auto ok = CheckPut(*waiting_); !ok) {
    feed.Done(waiting_->tag, std::unexpected(std::move(ok).error()));
    waiting_.reset();
    return true;
  }
  const bool single = IsSingle(*waiting_);
  if (single ? !singles_.Has(waiting_->body->size()) : multipart_ >= kMaxMultipart) return false;
  std::string key = *keys_.InBucket(waiting_->key);
  PutRequest request = *std::exchange(waiting_, std::nullopt);
  if (single) {
    jobs_.push_back(std::make_unique<SinglePut>(context_, std::move(request), std::move(key)));
  } else {
    ++multipart_;
    jobs_.push_back(std::make_unique<MultipartPut>(context_, std::move(request), std::move(key)));
  }
  return true;
}

void PutLoop::AskAgain(PutFeed& feed, const std::stop_token& stop) {
  const auto now = flow_.now();
  if (waiting_ || stop.stop_requested() || now - asked_ < kAskAgain || jobs_.empty()) return;
  asked_ = now;
  waiting_ = feed.Next();
}

Status PutLoop::CheckPut(const PutRequest& request) const {
  if (!request.body) return Fail(ErrorCode::kInvalidArgument, "a put needs a body");
  if (request.body->size() > options_.capabilities.max_object_bytes)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is too large for one object", request.key.value()));
  if (auto key = keys_.InBucket(request.key); !key) return std::unexpected(std::move(key).error());
  return {};
}

bool PutLoop::IsSingle(const PutRequest& request) const {
  return request.journal == nullptr && request.resume_state.empty() &&
         request.body->size() <= options_.single_put_bytes;
}

void PutLoop::HandOver(PutFeed& feed) {
  for (auto it = jobs_.begin(); it != jobs_.end();) {
    if (!(*it)->outcome) {
      ++it;
      continue;
    }
    const std::unique_ptr<PutJob> job = std::move(*it);
    it = jobs_.erase(it);
    if (!job->single()) --multipart_;
    feed.Done(job->tag(), *std::move(job->outcome));
  }
}

milliseconds PutLoop::PollFor() const {
  auto timeout = kAskAgain;
  const auto now = flow_.now();
  for (const auto& job : jobs_)
    if (job->wake_at)
      timeout = std::clamp(std::chrono::ceil<milliseconds>(*job->wake_at - now), milliseconds(0), timeout);
  return timeout;
}

}  // namespace seshat::s3_store
