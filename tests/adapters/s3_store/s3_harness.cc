#include "s3_harness.h"

#include <fmt/format.h>

#include <stdexcept>

#include "adapters/system/system_clock.h"
#include "platform/aws/sigv4.h"
#include "platform/http/sender.h"

namespace seshat::testing {

S3Harness::S3Harness(S3Engine engine)
    : engine_(std::move(engine)), clock_(system::MakeSystemClock()), random_(system::MakeSystemRandom()) {
  aws::Credentials keys;
  keys.keys.access_key_id = engine_.access_key;
  keys.keys.secret_access_key = Secret(engine_.secret_key);
  plain_ = aws::MakeService({.service = "s3",
                             .region = "us-east-1",
                             .credentials = aws::MakeStaticCredentials(std::move(keys)),
                             .clock = clock_.get(),
                             .random = random_.get()})
               .value();
  service_ = std::make_shared<LossyService>(plain_, loss_);
  options_.bucket = fmt::format("seshat-{}", RandomId(*random_));
  options_.endpoint = aws::ResolveBucket(options_.bucket, {.region = "us-east-1", .endpoint = engine_.url}).value();
  options_.part_bytes = part_bytes();
  options_.capabilities = engine_.capabilities;
  options_.pause = std::chrono::milliseconds(1);
  http::Request make{.method = "PUT", .origin = options_.endpoint.origin, .path = options_.endpoint.PathOf("")};
  if (const auto made = Send(std::move(make)); made.status != 200) throw std::runtime_error("no bucket: " + made.body);
}

std::unique_ptr<BlobStore> S3Harness::Open(BlobAccess access) {
  s3_store::S3StoreOptions options = options_;
  options.access = access;
  loss_->dead = false;
  return s3_store::MakeS3BlobStore(options, service_, *clock_).value();
}

bool S3Harness::LoseNextAnswer() {
  loss_->lose = true;
  return true;
}

bool S3Harness::Archive(const BlobKey& key) {
  if (!engine_.is_moto) return false;
  const std::string path = options_.endpoint.PathOf(key.value());
  return Send({.method = "PUT",
               .origin = options_.endpoint.origin,
               .path = path,
               .headers = {{"x-amz-copy-source", path}, {"x-amz-storage-class", "DEEP_ARCHIVE"}}})
                 .status == 200 &&
         // moto counts how often an object is looked at, and takes a step after so many times: the suite's looks before
         // and during its Restore calls make a restore begin, the next ones are too few to end it.
         SetRestores(R"({"progression": "manual", "times": 3})");
}

bool S3Harness::FinishRestores() { return SetRestores(R"({"progression": "immediate"})"); }

bool S3Harness::SetRestores(std::string_view transition) {
  return Send({.method = "POST",
               .origin = options_.endpoint.origin,
               .path = "/moto-api/state-manager/set-transition",
               .headers = {{"content-type", "application/json"}},
               .body =
                   http::Body::Of(fmt::format(R"({{"model_name": "s3::keyrestore", "transition": {}}})", transition))})
             .status < 300;
}

http::Response S3Harness::Send(http::Request request) {
  auto answer = plain_->MakeSender()->Send(std::move(request));
  return answer.response ? *std::move(answer.response) : http::Response{.body = answer.response.error().message};
}

}  // namespace seshat::testing
