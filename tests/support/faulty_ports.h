// Ports that fail on demand: the n-th call, once or for ever after, before it took effect or after.
//
// The sweep every service goes through: n = 1, 2, … until a run injects nothing.
//   for (uint64_t n = 1;; ++n) {
//     FaultPlan plan({.fail_at = n});
//     FaultyBlobStore blobs(inner, plan);
//     … run the service, then check the promises …
//     if (!plan.fired()) break;
//   }
// One plan is shared by all ports of a test, so n runs over every call in the order in which they happen.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ports/blob_store.h"
#include "ports/event_bus.h"
#include "ports/metadata_store.h"

namespace seshat::testing {

enum class FaultWhen {
  kBefore,  // the call does nothing
  kAfter,   // the call takes effect and its answer is lost
};

struct FaultOptions {
  uint64_t fail_at = 0;   // counted from 1; 0: never
  bool for_ever = false;  // every call from then on; otherwise only that one
  FaultWhen when = FaultWhen::kBefore;
  ErrorCode code = ErrorCode::kUnavailable;
};

// Thread-safe.
class FaultPlan {
 public:
  explicit FaultPlan(FaultOptions options = {}) : options_(options) {}

  // Counts one call and says whether it is to fail.
  bool NextFails();
  Error MakeError(std::string_view call) const;
  FaultWhen when() const { return options_.when; }
  uint64_t calls() const { return calls_.load(); }
  bool fired() const { return fired_.load(); }
  // From now on nothing fails, as after a repair; calls are still counted.
  void Repair() { repaired_.store(true); }

 private:
  const FaultOptions options_;
  std::atomic<uint64_t> calls_ = 0;
  std::atomic<bool> fired_ = false;
  std::atomic<bool> repaired_ = false;
};

// Each put and get of a feed counts as one call; so does every other method.
class FaultyBlobStore : public BlobStore {
 public:
  FaultyBlobStore(BlobStore& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  const Capabilities& capabilities() const override { return inner_.capabilities(); }
  void PutAll(PutFeed& feed, std::stop_token stop) override;
  Status Abandon(const BlobKey& key, std::string_view resume_state) override;
  void GetAll(GetFeed& feed, std::stop_token stop) override;
  Result<BlobInfo> Stat(const BlobKey& key) override;
  Result<ListPage> List(const ListOptions& options) override;
  Status Restore(const BlobKey& key, const RestoreOptions& options) override;
  std::string Url(const BlobKey& key) const override { return inner_.Url(key); }

 private:
  BlobStore& inner_;
  FaultPlan& plan_;
};

class FaultyEventBus : public EventBus {
 public:
  FaultyEventBus(EventBus& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  const Capabilities& capabilities() const override { return inner_.capabilities(); }
  Status EnsureSubscription(const SubscriptionSpec& spec) override;
  Status Publish(std::span<const Event> events) override;
  Result<std::vector<Delivery>> Receive(std::string_view subscription, const ReceiveOptions& options,
                                        std::stop_token stop) override;
  Status Acknowledge(std::string_view subscription, std::span<const std::string> handles) override;
  Status Retry(std::string_view subscription, std::string_view handle, std::chrono::milliseconds delay,
               std::string_view reason) override;
  Status Extend(std::string_view subscription, std::string_view handle, std::chrono::milliseconds lease) override;
  Result<DeadLetterPage> DeadLetters(std::string_view subscription, std::string_view start_after,
                                     size_t limit) override;
  Result<uint64_t> Redrive(std::string_view subscription, std::span<const std::string> ids) override;
  Result<SubscriptionStats> Stats(std::string_view subscription) override;

 private:
  EventBus& inner_;
  FaultPlan& plan_;
};

class FaultyMetadataStore : public MetadataStore {
 public:
  FaultyMetadataStore(MetadataStore& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  const Capabilities& capabilities() const override { return inner_.capabilities(); }
  Status Upsert(std::span<const SessionDocument> documents) override;
  Result<SessionDocument> Get(std::string_view session_id) override;
  Result<SearchPage> Search(const SearchRequest& request) override;
  Result<std::vector<FieldInfo>> Fields(const FieldsOptions& options) override;
  Result<IndexStatus> GetStatus() override;
  Result<std::string> BeginRebuild() override;
  Status FinishRebuild(std::string_view token) override;

 private:
  MetadataStore& inner_;
  FaultPlan& plan_;
};

}  // namespace seshat::testing
