// Which adapter stands behind which port, and which decorators lie over it: here and nowhere else.
//
// From the inside out: the adapter (those of AWS sign, retry and count their requests below: aws/service.h), then
// metering.
#include <fmt/format.h>

#include "adapters/file_store/file_store.h"
#include "adapters/metered/metered.h"
#include "adapters/s3_store/s3_store.h"
#include "adapters/sns_sqs/sns_sqs_event_bus.h"
#include "adapters/sqlite_event_bus/sqlite_event_bus.h"
#include "adapters/sqlite_journal/sqlite_journal.h"
#include "adapters/sqlite_metadata_store/sqlite_metadata_store.h"
#include "composition/composition.h"
#include "composition/open_opensearch.h"
#include "services/indexing/indexing_service.h"
#include "services/processing/processing_service.h"

namespace seshat::composition {
namespace {

std::unexpected<Error> NoAdapter(std::string_view setting, std::string_view scheme, std::string_view known) {
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: there is no adapter for '{}://'; known here: {}", setting, scheme, known));
}

// An error with what to do, where a database is damaged.
std::unexpected<Error> Damaged(Error error, std::string_view remedy) {
  if (error.code == ErrorCode::kDataLoss) error.message += fmt::format(". {}", remedy);
  return std::unexpected(std::move(error));
}

s3_store::S3StoreOptions::Encryption EncryptionOf(const Config& config) {
  const std::string& text = config.Text("store.sse");
  return text == "aes256" ? s3_store::S3StoreOptions::Encryption::kAes256
         : text == "kms"  ? s3_store::S3StoreOptions::Encryption::kKms
                          : s3_store::S3StoreOptions::Encryption::kBucketDefault;
}

Result<std::unique_ptr<BlobStore>> OpenS3Store(const Config& config, const Foundation& foundation,
                                               const std::string& bucket_and_prefix, BlobAccess access) {
  SESHAT_ASSIGN(S3Place place, ParseS3Place(bucket_and_prefix));
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

Result<std::unique_ptr<EventBus>> OpenSnsSqsBus(const Foundation& foundation, const std::string& account_and_name) {
  SESHAT_ASSIGN(AwsAccess* const aws, foundation.aws->Get());
  sns_sqs::SnsSqsOptions options;
  SESHAT_ASSIGN(options.names, sns_sqs::ParseBusNames(account_and_name, aws->region()));
  SESHAT_ASSIGN(options.sns, aws::ServiceEndpoint("sns", aws->endpoints()));
  SESHAT_ASSIGN(options.sqs, aws::ServiceEndpoint("sqs", aws->endpoints()));
  SESHAT_ASSIGN(const std::shared_ptr<aws::Service> sns, aws->Service("sns"));
  SESHAT_ASSIGN(const std::shared_ptr<aws::Service> sqs, aws->Service("sqs"));
  options.sns_sender = sns->MakeSender();
  options.sqs_sender = sqs->MakeSender();
  return sns_sqs::MakeSnsSqsEventBus(std::move(options), *foundation.clock, *foundation.random);
}

// With what to do where the database of one machine is damaged.
Result<std::unique_ptr<EventBus>> OpenSqliteBus(const Foundation& foundation, const std::string& path) {
  auto bus = sqlite_event_bus::MakeSqliteEventBus({.path = path}, *foundation.clock);
  if (!bus) return Damaged(std::move(bus.error()), kBusRemedy);
  return bus;
}

}  // namespace

Result<std::unique_ptr<BlobStore>> OpenBlobStore(const Config& config, const Foundation& foundation,
                                                 BlobAccess access) {
  SESHAT_ASSIGN(const AdapterUrl url, ParseAdapterUrl(config.Text("store.url")));
  if (url.scheme != "file" && url.scheme != "s3") return NoAdapter("store.url", url.scheme, "file, s3");
  auto store = url.scheme == "s3" ? OpenS3Store(config, foundation, url.rest, access)
                                  : file_store::MakeFileBlobStore({.root = url.rest, .access = access});
  if (!store) return std::unexpected(std::move(store.error()).WithContext("opening the blob store"));
  return metered::Metered(std::move(*store), *foundation.metrics);
}

Result<std::unique_ptr<EventBus>> OpenEventBus(const Config& config, const Foundation& foundation) {
  SESHAT_ASSIGN(const AdapterUrl url, ParseAdapterUrl(config.Text("bus.url")));
  if (url.scheme != "sqlite" && url.scheme != "sns-sqs") return NoAdapter("bus.url", url.scheme, "sqlite, sns-sqs");
  SESHAT_ASSIGN(const std::vector<processing::ProcessorSpec> processors, ProcessorsOf(config));
  auto bus = url.scheme == "sns-sqs" ? OpenSnsSqsBus(foundation, url.rest) : OpenSqliteBus(foundation, url.rest);
  if (!bus) return std::unexpected(std::move(bus.error()).WithContext("opening the event bus"));
  std::vector<SubscriptionSpec> subscriptions{indexing::IndexingSubscription()};
  if (!processors.empty()) {
    for (SubscriptionSpec& spec : processing::ProcessingSubscriptions(processors))
      subscriptions.push_back(std::move(spec));
  }
  for (const SubscriptionSpec& spec : subscriptions) {
    if (auto made = (*bus)->EnsureSubscription(spec); !made) return Damaged(std::move(made.error()), kBusRemedy);
  }
  return metered::Metered(std::move(*bus), *foundation.metrics);
}

Result<std::unique_ptr<MetadataStore>> OpenMetadataStore(const Config& config, const Foundation& foundation) {
  SESHAT_ASSIGN(const AdapterUrl url, ParseAdapterUrl(config.Text("metadata.url")));
  if (url.scheme == kOpenSearchPlain || url.scheme == kOpenSearchTls) {
    SESHAT_ASSIGN(auto opensearch, OpenOpenSearch(config.Text("metadata.url"), config, foundation));
    return metered::Metered(std::move(opensearch), *foundation.metrics);
  }
  if (url.scheme != "sqlite")
    return NoAdapter("metadata.url", url.scheme, fmt::format("sqlite, {}, {}", kOpenSearchPlain, kOpenSearchTls));
  auto store = sqlite_metadata_store::MakeSqliteMetadataStore({.path = url.rest, .release_memory = true});
  if (!store) return std::unexpected(std::move(store.error()).WithContext("opening the search index"));
  return metered::Metered(std::move(*store), *foundation.metrics);
}

Result<std::unique_ptr<MigrationJournal>> OpenJournal(const Config& config, const Foundation& foundation,
                                                      bool read_only) {
  auto journal = sqlite_journal::MakeSqliteJournal(
      {.path = StateDirectory(config) / "journal.db", .read_only = read_only}, *foundation.random);
  if (!journal) return Damaged(std::move(journal.error()), kJournalRemedy);
  return journal;
}

}  // namespace seshat::composition
