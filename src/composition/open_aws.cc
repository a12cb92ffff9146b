#include "composition/open_aws.h"

#include "adapters/s3_store/s3_store.h"
#include "adapters/sns_sqs/sns_sqs_event_bus.h"

namespace seshat::composition {
namespace {

s3_store::S3StoreOptions::Encryption EncryptionOf(const Config& config) {
  const std::string& text = config.Text("store.sse");
  return text == "aes256" ? s3_store::S3StoreOptions::Encryption::kAes256
         : text == "kms"  ? s3_store::S3StoreOptions::Encryption::kKms
                          : s3_store::S3StoreOptions::Encryption::kBucketDefault;
}

}  // namespace

Result<std::unique_ptr<BlobStore>> OpenS3Store(const Config& config, const Foundation& foundation,
                                               const AdapterUrl& url, BlobAccess access) {
  SESHAT_ASSIGN(S3Place place, ParseS3Place(url.rest));
  SESHAT_ASSIGN(AwsAccess* const aws, foundation.aws->Get());
  SESHAT_ASSIGN(aws::BucketEndpoint bucket, aws::ResolveBucket(place.bucket, aws->endpoints()));
  SESHAT_ASSIGN(const std::shared_ptr<aws::Service> service, aws->Service("s3"));
  s3_store::S3StoreOptions options{.bucket = std::move(place.bucket),
                                   .endpoint = std::move(bucket),
                                   .prefix = std::move(place.prefix),
                                   .access = access,
                                   .encryption = EncryptionOf(config),
                                   .kms_key = config.Text("store.kms_key")};
  const std::string& classes = config.Text("store.storage_classes");
  if (classes == "no" || (classes == "auto" && !aws->at_aws("s3"))) {
    options.capabilities.storage_classes = false;
    options.capabilities.archive = false;
  }
  return s3_store::MakeS3BlobStore(options, service, *foundation.clock);
}

Result<std::unique_ptr<EventBus>> OpenSnsSqsBus(const Config& config, const Foundation& foundation, const AdapterUrl&) {
  SESHAT_ASSIGN(AwsAccess* const aws, foundation.aws->Get());
  sns_sqs::SnsSqsOptions options;
  SESHAT_ASSIGN(options.names, BusNamesOf(config, aws->region()));
  SESHAT_ASSIGN(options.sns, aws::ServiceEndpoint("sns", aws->endpoints()));
  SESHAT_ASSIGN(options.sqs, aws::ServiceEndpoint("sqs", aws->endpoints()));
  SESHAT_ASSIGN(const std::shared_ptr<aws::Service> sns, aws->Service("sns"));
  SESHAT_ASSIGN(const std::shared_ptr<aws::Service> sqs, aws->Service("sqs"));
  options.sns_sender = sns->MakeSender();
  options.sqs_sender = sqs->MakeSender();
  return sns_sqs::MakeSnsSqsEventBus(std::move(options), *foundation.clock, *foundation.random);
}

Result<sns_sqs::BusNames> BusNamesOf(const Config& config, std::string_view region) {
  SESHAT_ASSIGN(const AdapterUrl url, ParseAdapterUrl(config.Text("bus.url")));
  return sns_sqs::ParseBusNames(url.rest, region);
}

}  // namespace seshat::composition
