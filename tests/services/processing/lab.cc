#include "services/processing/lab.h"

#include <gtest/gtest.h>

#include "core/records/keys.h"
#include "ports/blob_transfer.h"
#include "support/paged_manifest.h"

namespace seshat::testing {
namespace {

constexpr std::string_view kObserver = "observer";

}  // namespace

processing::ProcessorSpec CopySpec() {
  return {.name = "copy", .version = "1", .command = {"/lab/copy", "{input}"}, .max_attempts = 3};
}

Lab::Lab(LabOptions options)
    : blobs(std::make_shared<memory_blob_store::MemoryBlobs>(options.blobs)),
      store(memory_blob_store::MakeMemoryBlobStore(blobs)),
      bus(memory_event_bus::MakeMemoryEventBus(clock)),
      scratch(scratch_directory::MakeScratchDirectory(directory / "work", random).value()),
      options_(std::move(options)) {
  const memory_processor_runner::ProcessorFunction function =
      options_.function ? options_.function
                        : [this](const ProcessorRun& run, const std::stop_token&) { return Copy(run); };
  runner = memory_processor_runner::MakeMemoryProcessorRunner(
      [this, function](const ProcessorRun& run, const std::stop_token& stop) {
        ++runs;
        return function(run, stop);
      });
  for (const SubscriptionSpec& spec : processing::ProcessingSubscriptions(options_.processors))
    EXPECT_TRUE(bus->EnsureSubscription(spec));
  EXPECT_TRUE(bus->EnsureSubscription({.name = std::string(kObserver), .types = {std::string(FileProcessed::kType)}}));
}

Result<RunReport> Lab::Copy(const ProcessorRun& run) {
  const std::string bytes = ReadFile(run.input);
  WriteFile(run.output_directory / (run.input_name + ".copy"), bytes);
  WriteFile(run.output_directory / "folder" / "length", std::to_string(bytes.size()));
  return RunReport{.log_tail = "copied"};
}

Manifest Lab::AddSession(const std::string& id, const std::map<std::string, std::string>& files, uint32_t revision,
                         const std::vector<std::string>& unchanged) {
  const SessionId session = SessionId::Parse(id).value();
  Manifest manifest{.session_id = id,
                    .revision = revision,
                    .source = "rig",
                    .agent_id = "agent",
                    .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                    .migrated_at = clock.Now()};
  for (const auto& [path, bytes] : files) {
    const bool kept = std::ranges::find(unchanged, path) != unchanged.end();
    const BlobKey key = keys::Raw(session, kept ? 1 : revision, 0, path).value();
    if (!kept) {
      EXPECT_TRUE(PutBytes(*store, key, bytes)) << key.value();
    }
    if (path == "metadata.txt") manifest.metadata_path = path;
    manifest.files.push_back(
        {.path = path, .key = key.value(), .size = bytes.size(), .sha256 = Sha256::Of(AsBytes(bytes))});
  }
  if (pages) {
    PutInPages(*store, manifest, *pages);
  } else {
    EXPECT_TRUE(PutBytes(*store, keys::Manifest(session, revision).value(), records::EncodeManifest(manifest)));
  }
  Announce(manifest, id + "-" + std::to_string(revision));
  return manifest;
}

void Lab::Announce(const Manifest& manifest, const std::string& event_id) {
  const SessionId session = SessionId::Parse(manifest.session_id).value();
  const BlobKey key = keys::Manifest(session, manifest.revision).value();
  // Not what is stored: a test may announce another manifest.
  const std::string text = pages ? InPages(manifest, *pages).head : records::EncodeManifest(manifest);
  const SessionMigrated migrated{.session_id = manifest.session_id,
                                 .revision = manifest.revision,
                                 .manifest_key = key.value(),
                                 .manifest_sha256 = Sha256::Of(AsBytes(text)),
                                 .source = manifest.source};
  const Event event{.id = event_id,
                    .type = std::string(SessionMigrated::kType),
                    .source = "seshat/agent/rig",
                    .subject = manifest.session_id,
                    .time = clock.Now(),
                    .traceparent = manifest.traceparent,
                    .data = migrated.ToData()};
  EXPECT_TRUE(bus->Publish({&event, 1}));
}

std::unique_ptr<processing::ProcessingService> Lab::Service(BlobStore& on_store, EventBus& on_bus,
                                                            ProcessorRunner& on_runner, Scratch& on_scratch) {
  return processing::MakeProcessingService(
             {on_store, on_bus, on_runner, on_scratch, clock, random, logger, metrics, tracer},
             {.processors = options_.processors,
              .worker_id = "worker",
              .lease = options_.lease,
              .receive_wait = std::chrono::milliseconds(0),
              .max_outputs = options_.max_outputs})
      .value();
}

bool Lab::Quiet() {
  for (const auto subscription : {processing::kProcessingSubscription, processing::kProcessingFilesSubscription}) {
    const auto stats = bus->Stats(subscription).value();
    if (stats.ready + stats.in_flight > 0) return false;
  }
  return true;
}

void Lab::RunUntilQuiet(processing::ProcessingService& service, int rounds) {
  for (int i = 0; i < rounds && !Quiet(); ++i) {
    // Errors here are those of receiving, which the loops wait out.
    (void)service.PlanOnce({});
    const auto worked = service.WorkOnce({});
    if (!worked || *worked == 0) clock.Advance(std::chrono::hours(13));
  }
}

std::string Lab::ReceiptKeyOf(const std::string& id, const std::string& raw, const std::string& processor) const {
  return id + "/processed/" + processor + "/" + raw + "/receipt.json";
}

std::optional<std::string> Lab::Get(const std::string& key) {
  const auto parsed = BlobKey::Parse(key);
  if (!parsed) return std::nullopt;
  auto bytes = GetBytes(*store, *parsed, 1 << 26);
  if (!bytes) return std::nullopt;
  return *std::move(bytes);
}

std::vector<std::string> Lab::Keys(const std::string& prefix) {
  std::vector<std::string> keys;
  ListOptions options{.prefix = prefix};
  do {
    const ListPage page = store->List(options).value();
    for (const BlobInfo& blob : page.blobs) keys.push_back(blob.key);
    options.start_after = page.next_start_after;
  } while (!options.start_after.empty());
  return keys;
}

std::vector<Receipt> Lab::Receipts(const std::string& id) {
  std::vector<Receipt> receipts;
  for (const std::string& key : Keys(id + "/processed/")) {
    if (!key.ends_with("/receipt.json")) continue;
    const auto receipt = records::DecodeReceipt(Get(key).value());
    EXPECT_TRUE(receipt) << key << " is no receipt";
    if (!receipt) continue;
    for (const OutputFile& output : receipt->outputs) {
      const auto bytes = Get(output.key);
      EXPECT_TRUE(bytes) << output.key << " is missing";
      EXPECT_EQ(Sha256::Of(AsBytes(bytes.value_or(""))), output.sha256) << output.key;
      EXPECT_TRUE(output.key.starts_with(key.substr(0, key.size() - std::string_view("receipt.json").size())))
          << output.key << " lies outside its place";
    }
    receipts.push_back(*receipt);
  }
  return receipts;
}

std::vector<ProcessingFailure> Lab::Failures(const std::string& id) {
  std::vector<ProcessingFailure> failures;
  for (const std::string& key : Keys(id + "/processed/")) {
    if (key.find("/failure-") == std::string::npos) continue;
    const auto failure = records::DecodeProcessingFailure(Get(key).value());
    EXPECT_TRUE(failure) << key;
    if (failure) failures.push_back(*failure);
  }
  return failures;
}

std::vector<FileProcessed> Lab::Processed() {
  std::vector<FileProcessed> processed;
  while (true) {
    const auto deliveries = bus->Receive(kObserver, {.max_events = 1000, .wait = std::chrono::milliseconds(0)}, {});
    EXPECT_TRUE(deliveries);
    if (!deliveries || deliveries->empty()) return processed;
    for (const Delivery& delivery : *deliveries) {
      processed.push_back(FileProcessed::FromData(delivery.event.data).value());
      EXPECT_TRUE(bus->Acknowledge(kObserver, {&delivery.handle, 1}));
    }
  }
}

std::vector<DeadLetter> Lab::DeadLetters(std::string_view subscription) {
  return bus->DeadLetters(subscription, "", 1000).value().letters;
}

}  // namespace seshat::testing
