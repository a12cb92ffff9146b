// Bodies, journals, sinks and feeds that watch a store, for the cases of its suite.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/records/blob_key.h"
#include "ports/blob_store.h"
#include "ports/blob_transfer.h"

namespace seshat::conformance {

BlobKey Key(std::string_view text);
// `size` bytes that look random and differ for each seed.
std::string Pattern(uint64_t size, uint64_t seed = 1);

// A body with a will of its own.
class ProbeSource : public BlobSource {
 public:
  explicit ProbeSource(std::string bytes) : bytes_(std::move(bytes)) {}

  uint64_t size() const override { return claimed_size.value_or(bytes_.size()); }
  Status ReadAt(uint64_t offset, MutableByteSpan out) override;
  Status CheckUnchanged() override;

  std::optional<uint64_t> claimed_size;
  std::function<void(uint64_t end)> on_read;  // with the offset behind the last byte read
  std::function<Status()> on_check;
  bool all_read() const;    // every byte at least once
  bool read_twice() const;  // some byte more than once
  int checks() const { return checks_; }

 private:
  std::string bytes_;
  mutable std::mutex mutex_;
  std::vector<std::pair<uint64_t, uint64_t>> reads_;
  std::atomic<int> checks_ = 0;
};

// Remembers what a store wants remembered; can fail at its n-th call, as a killed process would.
class ProbeJournal : public PutJournal {
 public:
  explicit ProbeJournal(uint64_t fail_at = 0) : fail_at_(fail_at) {}
  Status SaveState(std::string_view state) override;
  Status SaveDigest(const Sha256& digest) override;

  std::function<void()> on_digest;
  const std::string& state() const { return state_; }
  const std::optional<Sha256>& digest() const { return digest_; }
  uint64_t calls() const { return calls_; }
  bool failed() const { return fail_at_ != 0 && calls_ >= fail_at_; }

 private:
  uint64_t fail_at_;
  uint64_t calls_ = 0;
  std::string state_;
  std::optional<Sha256> digest_;
};

// Hands out a list and keeps every answer by tag. Tags are the positions in the list.
template <typename FeedType, typename Request, typename Outcome>
class ProbeFeed : public FeedType {
 public:
  explicit ProbeFeed(std::vector<Request> requests) : requests_(std::move(requests)) {
    for (size_t i = 0; i < requests_.size(); ++i) requests_[i].tag = i;
  }
  std::optional<Request> Next() override {
    if (std::this_thread::get_id() != caller_) foreign_ = true;
    ++asked_;
    if (given_ == requests_.size() || (one_at_a_time && given_ > answers_.size())) return std::nullopt;
    return requests_[given_++];
  }
  void Done(uint64_t tag, Result<Outcome> outcome) override {
    if (std::this_thread::get_id() != caller_) foreign_ = true;
    ++done_;
    answers_.emplace(tag, std::move(outcome));
    if (on_done) on_done();
  }

  bool one_at_a_time = false;  // the next request only after the answer to the one before
  std::function<void()> on_done;
  bool foreign() const { return foreign_; }  // called on another thread
  size_t asked() const { return asked_; }
  size_t given() const { return given_; }
  size_t done() const { return done_; }
  // Null where there was none.
  const Result<Outcome>* answer(uint64_t tag) const {
    const auto found = answers_.find(tag);
    return found == answers_.end() ? nullptr : &found->second;
  }
  // Every request that was given has its one answer.
  bool exact() const { return done_ == given_ && answers_.size() == given_; }

 private:
  std::vector<Request> requests_;
  std::map<uint64_t, Result<Outcome>> answers_;
  const std::thread::id caller_ = std::this_thread::get_id();
  size_t given_ = 0;
  size_t asked_ = 0;
  size_t done_ = 0;
  bool foreign_ = false;
};
using ProbePutFeed = ProbeFeed<PutFeed, PutRequest, PutOutcome>;
using ProbeGetFeed = ProbeFeed<GetFeed, GetRequest, BlobInfo>;

// "ok", or the error code's name: so that a failed comparison tells what came.
template <typename T>
std::string CodeOf(const Result<T>& result) {
  return result ? "ok" : std::string(ErrorCodeName(result.error().code));
}

// The whole object, or the error's code in angle brackets.
std::string ReadBack(BlobStore& store, const BlobKey& key);
// All pages, one after the other. Gives up beyond `most` pages.
struct Listing {
  std::vector<std::string> entries;  // keys and folders, in the order of the pages' merged entries
  std::vector<std::string> keys;
  std::vector<std::string> folders;
  size_t largest_page = 0;
  bool well_formed = true;  // every page but the last holds something, and the walk ends
};
Result<Listing> ListAll(BlobStore& store, ListOptions options, size_t most = 2000);
std::vector<std::string> Keys(BlobStore& store);

}  // namespace seshat::conformance
