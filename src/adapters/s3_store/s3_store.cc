#include "adapters/s3_store/s3_store.h"

#include <fmt/format.h>

#include <mutex>
#include <utility>
#include <vector>

#include "adapters/s3_store/get_loop.h"
#include "adapters/s3_store/listing.h"
#include "adapters/s3_store/object_info.h"
#include "adapters/s3_store/put_loop.h"
#include "adapters/s3_store/put_state.h"
#include "adapters/s3_store/s3_error.h"
#include "adapters/s3_store/s3_key.h"
#include "adapters/s3_store/s3_xml.h"
#include "adapters/s3_store/wire.h"
#include "platform/aws/sigv4.h"

namespace seshat::s3_store {
namespace {

// Event loops with their kept connections, for the next PutAll or GetAll.
class ClientPool {
 public:
  explicit ClientPool(aws::Service& service) : service_(service) {}

  Result<std::unique_ptr<http::Client>> Take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return service_.MakeClient();
    auto client = std::move(idle_.back());
    idle_.pop_back();
    return client;
  }
  void Give(std::unique_ptr<http::Client> client) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(client));
  }

 private:
  aws::Service& service_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<http::Client>> idle_;
};

// Answers everything with one error.
template <typename Feed>
void Refuse(Feed& feed, const Error& error) {
  while (auto request = feed.Next()) feed.Done(request->tag, std::unexpected(error));
}

class S3BlobStore : public BlobStore {
 public:
  S3BlobStore(const S3StoreOptions& options, KeySpace keys, std::shared_ptr<aws::Service> service, Clock& clock)
      : options_(options),
        keys_(std::move(keys)),
        service_(std::move(service)),
        clock_(clock),
        wire_(options),
        sender_(service_->MakeSender()),
        clients_(*service_) {}

  const Capabilities& capabilities() const override { return options_.capabilities; }

  void PutAll(PutFeed& feed, std::stop_token stop) override {
    auto client = clients_.Take();
    if (!client) return Refuse(feed, client.error());
    PutLoop(options_, wire_, keys_, **client, clock_).Run(feed, stop);
    clients_.Give(*std::move(client));
  }

  Status Abandon(const BlobKey& key, std::string_view resume_state) override {
    const auto state = PutState::Parse(resume_state);
    if (!state || state->stage == PutState::Stage::kDone) return {};
    SESHAT_ASSIGN(const std::string in_bucket, keys_.InBucket(key));
    const auto answer = Send(wire_.Abort(in_bucket, state->upload_id), "s3:AbortMultipartUpload", Resource(in_bucket));
    if (!answer && answer.error().code != ErrorCode::kNotFound) return std::unexpected(answer.error());
    return {};
  }

  void GetAll(GetFeed& feed, std::stop_token stop) override {
    auto client = clients_.Take();
    if (!client) return Refuse(feed, client.error());
    GetLoop(options_, wire_, keys_, **client, clock_).Run(feed, stop);
    clients_.Give(*std::move(client));
  }

  Result<BlobInfo> Stat(const BlobKey& key) override {
    SESHAT_TRY(CheckMayRead());
    SESHAT_ASSIGN(const std::string in_bucket, keys_.InBucket(key));
    SESHAT_ASSIGN(const auto response, Send(wire_.Head(in_bucket), "s3:GetObject", Resource(in_bucket)));
    return InfoFromHeaders(key.value(), response.headers);
  }

  Result<ListPage> List(const ListOptions& options) override {
    SESHAT_TRY(CheckMayRead());
    return ListBucket(*sender_, wire_, keys_, options_.bucket, options);
  }

  Status Restore(const BlobKey& key, const RestoreOptions& options) override {
    if (!options_.capabilities.archive)
      return Fail(ErrorCode::kUnsupported, "this store has no cold storage: everything can be read at once");
    SESHAT_TRY(CheckMayRead());
    if (options.days < 1 || options.days > 30)
      return Fail(ErrorCode::kInvalidArgument, "a restored copy is kept for 1 to 30 days");
    SESHAT_ASSIGN(const std::string in_bucket, keys_.InBucket(key));
    const auto answer = Send(wire_.Restore(in_bucket, RestoreText(options)), "s3:RestoreObject", Resource(in_bucket));
    // Under way already, or not cold at all.
    if (!answer && answer.error().code != ErrorCode::kAlreadyExists && answer.error().code != ErrorCode::kArchived)
      return std::unexpected(answer.error());
    return {};
  }

  std::string Url(const BlobKey& key) const override {
    return fmt::format("s3://{}/{}", options_.bucket, aws::EncodeS3Path(keys_.prefix() + key.value()));
  }

 private:
  std::string Resource(const std::string& in_bucket) const {
    return fmt::format("s3://{}/{}", options_.bucket, in_bucket);
  }

  Status CheckMayRead() const {
    if (options_.access == BlobAccess::kReadWrite) return {};
    return Fail(ErrorCode::kPermissionDenied, "this blob store was opened for writing only");
  }

  Result<http::Response> Send(http::Request request, std::string_view action, const std::string& resource) {
    http::Outcome answer = sender_->Send(std::move(request));
    if (!answer.response) return std::unexpected(std::move(answer.response).error().WithContext(resource));
    if (!Succeeded(*answer.response)) return std::unexpected(ErrorFrom(action, resource, *answer.response));
    return *std::move(answer.response);
  }

  const S3StoreOptions options_;
  const KeySpace keys_;
  const std::shared_ptr<aws::Service> service_;
  Clock& clock_;
  const Wire wire_;
  const std::unique_ptr<http::Sender> sender_;
  ClientPool clients_;
};

Status Check(const S3StoreOptions& options) {
  if (options.bucket.empty()) return Fail(ErrorCode::kInvalidArgument, "an S3 store needs a bucket");
  if (options.part_bytes < kMinPartBytes || options.part_bytes > kMaxPartBytes)
    return Fail(ErrorCode::kInvalidArgument, "parts have 5 MiB to 5 GiB");
  if (options.single_put_bytes > 5'000'000'000)
    return Fail(ErrorCode::kInvalidArgument, "a single put takes at most 5 GB");
  if (options.max_in_flight == 0) return Fail(ErrorCode::kInvalidArgument, "at least one request must be allowed");
  return {};
}

}  // namespace

Result<std::unique_ptr<BlobStore>> MakeS3BlobStore(const S3StoreOptions& options, std::shared_ptr<aws::Service> service,
                                                   Clock& clock) {
  SESHAT_TRY(Check(options));
  SESHAT_ASSIGN(auto keys, KeySpace::Make(options.prefix));
  return std::make_unique<S3BlobStore>(options, std::move(keys), std::move(service), clock);
}

Result<Secret> PresignGet(const S3StoreOptions& options, aws::Service& service, const BlobKey& key,
                          std::chrono::seconds valid) {
  SESHAT_ASSIGN(const auto keys, KeySpace::Make(options.prefix));
  SESHAT_ASSIGN(const std::string in_bucket, keys.InBucket(key));
  return service.Presign(Wire(options).Presigned(in_bucket), valid);
}

}  // namespace seshat::s3_store
