// A new bucket on a real engine for each case of the BlobStore suite.
#pragma once

#include <memory>
#include <string>

#include "adapters/s3_store/s3_store.h"
#include "conformance/blob_store/blob_store_suite.h"
#include "lossy_service.h"
#include "platform/aws/service.h"
#include "ports/clock.h"
#include "ports/random.h"

namespace seshat::testing {

struct S3Engine {
  std::string url;  // "http://127.0.0.1:4566"
  std::string access_key;
  std::string secret_key;
  BlobStore::Capabilities capabilities = s3_store::S3StoreOptions{}.capabilities;
  bool is_moto = false;
  bool decides_races = true;
  size_t longest_segment = 1024;
};

class S3Harness : public conformance::BlobStoreHarness {
 public:
  explicit S3Harness(S3Engine engine);

  std::unique_ptr<BlobStore> Open(BlobAccess access) override;
  uint64_t part_bytes() const override { return 5 << 20; }
  bool computes_sha256() const override { return false; }
  bool decides_races() const override { return engine_.decides_races; }
  size_t longest_segment() const override { return engine_.longest_segment; }
  bool LoseNextAnswer() override;
  bool Archive(const BlobKey& key) override;
  bool FinishRestores() override;

  const s3_store::S3StoreOptions& options() const { return options_; }
  aws::Service& service() { return *service_; }

 private:
  http::Response Send(http::Request request);
  bool SetRestores(std::string_view transition);

  const S3Engine engine_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<Random> random_;
  std::shared_ptr<Loss> loss_ = std::make_shared<Loss>();
  std::shared_ptr<aws::Service> plain_;
  std::shared_ptr<aws::Service> service_;
  s3_store::S3StoreOptions options_;
};

}  // namespace seshat::testing
