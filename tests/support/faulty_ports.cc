#include "support/faulty_ports.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace seshat::testing {
namespace {

// Runs `call`, or fails instead of it or after it, as the plan says.
auto Through(FaultPlan& plan, std::string_view name, auto&& call) -> decltype(call()) {
  const bool fails = plan.NextFails();
  if (fails && plan.when() == FaultWhen::kBefore) return std::unexpected(plan.MakeError(name));
  auto answer = call();
  if (fails) return std::unexpected(plan.MakeError(name));
  return answer;
}

// Stands between a feed and the store, and decides the fate of each request when it is handed out.
template <typename Feed, typename Request, typename Outcome>
class FaultyFeed : public Feed {
 public:
  FaultyFeed(Feed& inner, FaultPlan& plan, std::string_view name) : inner_(inner), plan_(plan), name_(name) {}

  std::optional<Request> Next() override {
    while (auto request = inner_.Next()) {
      if (!plan_.NextFails()) return request;
      if (plan_.when() == FaultWhen::kAfter) {
        doomed_.push_back(request->tag);
        return request;
      }
      inner_.Done(request->tag, std::unexpected(plan_.MakeError(name_)));
    }
    return std::nullopt;
  }

  void Done(uint64_t tag, Result<Outcome> outcome) override {
    if (const auto it = std::ranges::find(doomed_, tag); it != doomed_.end()) {
      doomed_.erase(it);
      outcome = std::unexpected(plan_.MakeError(name_));
    }
    inner_.Done(tag, std::move(outcome));
  }

 private:
  Feed& inner_;
  FaultPlan& plan_;
  std::string_view name_;
  std::vector<uint64_t> doomed_;
};

}  // namespace

bool FaultPlan::NextFails() {
  const uint64_t call = ++calls_;
  if (options_.fail_at == 0 || repaired_.load()) return false;
  const bool fails = options_.for_ever ? call >= options_.fail_at : call == options_.fail_at;
  if (fails) fired_.store(true);
  return fails;
}

Error FaultPlan::MakeError(std::string_view call) const {
  return {options_.code, fmt::format("injected fault in {}", call)};
}

void FaultyBlobStore::PutAll(PutFeed& feed, std::stop_token stop) {
  FaultyFeed<PutFeed, PutRequest, PutOutcome> faulty(feed, plan_, "put");
  inner_.PutAll(faulty, std::move(stop));
}

void FaultyBlobStore::GetAll(GetFeed& feed, std::stop_token stop) {
  FaultyFeed<GetFeed, GetRequest, BlobInfo> faulty(feed, plan_, "get");
  inner_.GetAll(faulty, std::move(stop));
}

Status FaultyBlobStore::Abandon(const BlobKey& key, std::string_view resume_state) {
  return Through(plan_, "abandon", [&] { return inner_.Abandon(key, resume_state); });
}
Result<BlobInfo> FaultyBlobStore::Stat(const BlobKey& key) {
  return Through(plan_, "stat", [&] { return inner_.Stat(key); });
}
Result<ListPage> FaultyBlobStore::List(const ListOptions& options) {
  return Through(plan_, "list", [&] { return inner_.List(options); });
}
Status FaultyBlobStore::Restore(const BlobKey& key, const RestoreOptions& options) {
  return Through(plan_, "restore", [&] { return inner_.Restore(key, options); });
}

Status FaultyEventBus::EnsureSubscription(const SubscriptionSpec& spec) {
  return Through(plan_, "ensure subscription", [&] { return inner_.EnsureSubscription(spec); });
}
Status FaultyEventBus::Publish(std::span<const Event> events) {
  return Through(plan_, "publish", [&] { return inner_.Publish(events); });
}
Result<std::vector<Delivery>> FaultyEventBus::Receive(std::string_view subscription, const ReceiveOptions& options,
                                                      std::stop_token stop) {
  return Through(plan_, "receive", [&] { return inner_.Receive(subscription, options, stop); });
}
Status FaultyEventBus::Acknowledge(std::string_view subscription, std::span<const std::string> handles) {
  return Through(plan_, "acknowledge", [&] { return inner_.Acknowledge(subscription, handles); });
}
Status FaultyEventBus::Retry(std::string_view subscription, std::string_view handle, std::chrono::milliseconds delay,
                             std::string_view reason) {
  return Through(plan_, "retry", [&] { return inner_.Retry(subscription, handle, delay, reason); });
}
Status FaultyEventBus::Extend(std::string_view subscription, std::string_view handle, std::chrono::milliseconds lease) {
  return Through(plan_, "extend", [&] { return inner_.Extend(subscription, handle, lease); });
}
Result<DeadLetterPage> FaultyEventBus::DeadLetters(std::string_view subscription, std::string_view start_after,
                                                   size_t limit) {
  return Through(plan_, "dead letters", [&] { return inner_.DeadLetters(subscription, start_after, limit); });
}
Result<uint64_t> FaultyEventBus::Redrive(std::string_view subscription, std::span<const std::string> ids) {
  return Through(plan_, "redrive", [&] { return inner_.Redrive(subscription, ids); });
}
Result<SubscriptionStats> FaultyEventBus::Stats(std::string_view subscription) {
  return Through(plan_, "stats", [&] { return inner_.Stats(subscription); });
}

Status FaultyMetadataStore::Upsert(std::span<const SessionDocument> documents) {
  return Through(plan_, "upsert", [&] { return inner_.Upsert(documents); });
}
Result<SessionDocument> FaultyMetadataStore::Get(std::string_view session_id) {
  return Through(plan_, "get document", [&] { return inner_.Get(session_id); });
}
Result<SearchPage> FaultyMetadataStore::Search(const SearchRequest& request) {
  return Through(plan_, "search", [&] { return inner_.Search(request); });
}
Result<std::vector<FieldInfo>> FaultyMetadataStore::Fields(const FieldsOptions& options) {
  return Through(plan_, "fields", [&] { return inner_.Fields(options); });
}
Result<IndexStatus> FaultyMetadataStore::GetStatus() {
  return Through(plan_, "index status", [&] { return inner_.GetStatus(); });
}
Result<std::string> FaultyMetadataStore::BeginRebuild() {
  return Through(plan_, "begin rebuild", [&] { return inner_.BeginRebuild(); });
}
Status FaultyMetadataStore::FinishRebuild(std::string_view token) {
  return Through(plan_, "finish rebuild", [&] { return inner_.FinishRebuild(token); });
}

}  // namespace seshat::testing
