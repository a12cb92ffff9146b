#include "pipeline/properties.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "core/base/trace_context.h"
#include "core/records/keys.h"
#include "pipeline/stored_reading.h"
#include "ports/blob_transfer.h"

namespace seshat::testing {
namespace {

using Files = std::map<std::string, std::string>;

std::string Shown(const std::string& path) { return records::EncodePath(path).substr(0, 80); }

std::optional<SessionId> IdOf(const std::string& name) {
  auto id = SessionId::Parse(name);
  return id ? std::optional(*std::move(id)) : std::nullopt;
}

std::string Fetch(BlobStore& store, const std::string& key) {
  const auto parsed = BlobKey::Parse(key);
  if (!parsed) return "(no key)";
  const auto bytes = GetBytes(store, *parsed, 1 << 26);
  EXPECT_TRUE(bytes) << key << ": " << bytes.error().message;
  return bytes.value_or("(missing)");
}

// Whether an index entry, a receipt or a failure is that of (file version, processor version).
struct Work {
  std::string raw_key;
  std::string processor;
  std::string version;
  auto operator<=>(const Work&) const = default;
};

class SessionCheck {
 public:
  SessionCheck(Pipeline& pipeline, SessionId id, const LabSource::Session& truth)
      : pipeline_(pipeline), store_(pipeline.store()), id_(std::move(id)), truth_(truth) {}

  void Run() {
    SCOPED_TRACE("session " + Shown(id_.value()));
    const auto manifest = NewestStoredManifest(store_, id_);
    ASSERT_TRUE(manifest) << manifest.error().message;
    manifest_ = *manifest;
    CheckManifest();
    ReadRecords();
    CheckWork();
    CheckGet();
    CheckVerify();
    CheckDocument();
  }

 private:
  // The newest manifest is what the lab's directory holds.
  void CheckManifest() {
    Files stored;
    for (const auto& file : manifest_.files) {
      stored[file.path] = Fetch(store_, file.key);
      EXPECT_EQ(file.size, stored[file.path].size()) << Shown(file.path);
      EXPECT_EQ(file.sha256, Sha256::Of(AsBytes(stored[file.path]))) << Shown(file.path);
    }
    EXPECT_EQ(stored.size(), manifest_.files.size()) << "a path comes twice in the manifest";
    for (const auto& [path, bytes] : truth_.files) {
      const auto found = stored.find(path);
      if (found == stored.end())
        ADD_FAILURE() << Shown(path) << " (" << path.size() << " bytes) is not in the manifest";
      else
        EXPECT_TRUE(found->second == bytes) << Shown(path) << " is stored with other bytes";
      stored.erase(path);
    }
    for (const auto& [path, bytes] : stored) ADD_FAILURE() << Shown(path) << " is in the manifest and not in the lab";
    EXPECT_EQ(manifest_.skipped.size(), truth_.others.size());
    EXPECT_EQ(manifest_.metadata_path.has_value(), truth_.files.contains(std::string(kMetadataName)));
  }

  void ReadRecords() {
    auto records = RecordsOf(store_, id_);
    ASSERT_TRUE(records) << records.error().message;
    for (auto& receipt : records->receipts) {
      const Work work{receipt.raw_key, receipt.processor, receipt.version};
      EXPECT_TRUE(receipts_.emplace(work, receipt).second) << "two receipts for " << Shown(receipt.path);
    }
    for (auto& failure : records->failures) {
      const Work work{failure.raw_key, failure.processor, failure.version};
      EXPECT_FALSE(receipts_.contains(work)) << "a receipt and a failure count for " << Shown(failure.path);
      EXPECT_TRUE(failures_.emplace(work, failure).second) << "two failures count for " << Shown(failure.path);
    }
  }

  // Every (file version, processor version) has exactly one outcome. Versions of files in older revisions have one for
  // each processor that there was from the beginning.
  void CheckWork() {
    for (uint32_t revision = 1; revision <= manifest_.revision; ++revision) {
      const auto manifest = StoredManifest(store_, id_, revision);
      ASSERT_TRUE(manifest) << "revision " << revision << ": " << manifest.error().message;
      const bool newest = revision == manifest_.revision;
      for (const auto& file : manifest->files)
        for (const auto& processor : pipeline_.processors())
          if (processor.spec.Wants(*manifest, file) && (newest || processor.spec.version == "1"))
            CheckOutcome(file, processor);
    }
  }

  void CheckOutcome(const ManifestFile& file, const LabProcessor& processor) {
    SCOPED_TRACE(processor.spec.FullName() + " of " + Shown(file.path) + " at " + Shown(file.key));
    const Work work{file.key, processor.spec.name, processor.spec.version};
    const std::string bytes = Fetch(store_, file.key);
    const auto receipt = receipts_.find(work);
    const bool succeeded = receipt != receipts_.end();
    EXPECT_TRUE(succeeded || failures_.contains(work)) << "neither receipt nor failure";
    if (const auto must = MustSucceed(processor, bytes)) {
      EXPECT_EQ(succeeded, *must);
    }
    if (!succeeded) return;
    EXPECT_EQ(receipt->second.input_sha256, file.sha256);
    std::set<std::string> names;
    for (const auto& output : receipt->second.outputs) {
      names.insert(output.name);
      const std::string out = Fetch(store_, output.key);
      EXPECT_EQ(output.sha256, Sha256::Of(AsBytes(out))) << output.key;
      if (const auto expected = ExpectedOutput(processor, output.name, bytes)) {
        EXPECT_EQ(out, *expected);
      }
    }
    EXPECT_EQ(names, std::set(processor.output_names.begin(), processor.output_names.end()));
  }

  // `get` takes the files of the newest revision, and the outputs of just these: nothing of an older one.
  void CheckGet() {
    const auto chosen = FilesOfGet(store_, id_);
    ASSERT_TRUE(chosen) << chosen.error().message;
    std::map<std::string, std::string> expected;  // path → key
    std::set<std::string> raw_keys;
    for (const auto& file : manifest_.files) {
      expected[id_.value() + "/raw/" + file.path] = file.key;
      raw_keys.insert(file.key);
    }
    for (const auto& [work, receipt] : receipts_) {
      if (!raw_keys.contains(work.raw_key)) continue;
      for (const auto& output : receipt.outputs)
        expected[id_.value() + "/processed/" + work.processor + "-" + work.version + "/" + receipt.path + "/" +
                 output.name] = output.key;
    }
    std::map<std::string, std::string> found;
    for (const auto& file : *chosen)
      EXPECT_TRUE(found.emplace(file.path, file.key).second) << "get would write twice to " << Shown(file.path);
    for (const auto& [path, key] : expected) {
      const auto at = found.find(path);
      if (at == found.end())
        ADD_FAILURE() << "get leaves out " << Shown(path);
      else
        EXPECT_EQ(at->second, key) << "get takes the wrong bytes for " << Shown(path);
      found.erase(path);
    }
    for (const auto& [path, key] : found) ADD_FAILURE() << "get takes " << Shown(path) << " too, from " << key;
  }

  void CheckVerify() {
    const auto problems = ProblemsOfVerify(store_, id_);
    ASSERT_TRUE(problems) << problems.error().message;
    for (const auto& problem : *problems) ADD_FAILURE() << "verify: " << problem;
  }

  void CheckDocument() {
    const auto document = pipeline_.index().Get(id_.value());
    ASSERT_TRUE(document) << document.error().message;
    EXPECT_EQ(document->revision, manifest_.revision);
    EXPECT_EQ(document->state, truth_.others.empty() ? "complete" : "partial");
    EXPECT_EQ(document->file_count, manifest_.files.size());
    EXPECT_EQ(document->bytes, manifest_.TotalBytes());
    ASSERT_EQ(document->files.size(), manifest_.files.size());
    CheckMetadata(*document);
    std::map<std::string, const FileDocument*> by_key;
    for (const auto& file : document->files) by_key[file.key] = &file;
    for (const auto& file : manifest_.files) {
      const auto found = by_key.find(file.key);
      if (found == by_key.end()) {
        ADD_FAILURE() << "the index lacks " << Shown(file.path);
        continue;
      }
      EXPECT_EQ(found->second->path, records::EncodePath(file.path));
      EXPECT_EQ(found->second->sha256, file.sha256);
      CheckResults(file, *found->second);
    }
  }

  void CheckMetadata(const SessionDocument& document) {
    const auto metadata = truth_.files.find(std::string(kMetadataName));
    if (metadata == truth_.files.end()) {
      EXPECT_EQ(document.metadata_state, "missing");
      return;
    }
    // A line that cannot be read is left out.
    EXPECT_TRUE(document.metadata_state == "present" || document.metadata_state == "truncated");
    const auto lab = std::ranges::find(document.metadata, "lab", &MetadataEntry::key);
    ASSERT_NE(lab, document.metadata.end());
    EXPECT_EQ("lab: " + lab->value.text, metadata->second.substr(0, metadata->second.find('\n')));
  }

  void CheckResults(const ManifestFile& file, const FileDocument& indexed) {
    std::map<Work, const ResultDocument*> results;
    for (const auto& result : indexed.results)
      EXPECT_TRUE(results.emplace(Work{file.key, result.processor, result.version}, &result).second)
          << "the index has two results of " << result.processor << " for " << Shown(file.path);
    for (const auto& [work, receipt] : receipts_) {
      if (work.raw_key != file.key) continue;
      const auto found = results.find(work);
      if (found == results.end()) {
        ADD_FAILURE() << "the index lacks the result of " << work.processor << " for " << Shown(file.path) << " ("
                      << file.path.size() << " bytes)";
        continue;
      }
      EXPECT_EQ(found->second->outcome, "succeeded");
      EXPECT_EQ(found->second->outputs.size(), receipt.outputs.size());
      results.erase(found);
    }
    for (const auto& [work, failure] : failures_) {
      if (work.raw_key != file.key || receipts_.contains(work)) continue;
      const auto found = results.find(work);
      if (found == results.end()) {
        ADD_FAILURE() << "the index lacks the failure of " << work.processor << " for " << Shown(file.path) << " ("
                      << file.path.size() << " bytes)";
        continue;
      }
      EXPECT_EQ(found->second->outcome, "failed");
      results.erase(found);
    }
    for (const auto& [work, result] : results)
      ADD_FAILURE() << "the index has a result of " << work.processor
                    << " that the store has not: " << result->record_key;
  }

  Pipeline& pipeline_;
  BlobStore& store_;
  SessionId id_;
  const LabSource::Session& truth_;
  Manifest manifest_;
  std::map<Work, Receipt> receipts_;
  std::map<Work, ProcessingFailure> failures_;
};

// Sessions in the store are those of the lab, and no others.
void CheckSessions(Pipeline& pipeline) {
  std::set<std::string> expected;
  for (const auto& [name, session] : pipeline.source().sessions())
    if (session.had_files && IdOf(name)) expected.insert(name);
  const auto stored = SessionsOf(pipeline.store());
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(std::set(stored->begin(), stored->end()), expected);
}

// Nothing that was ever stored has changed or gone.
void CheckNothingOverwritten(Pipeline& pipeline) {
  for (const auto& [key, digest] : pipeline.seen())
    EXPECT_EQ(Sha256::Of(AsBytes(Fetch(pipeline.store(), key))), digest) << key << " is not what it was";
}

std::map<std::string, SessionDocument> DocumentsOf(MetadataStore& index) {
  std::map<std::string, SessionDocument> documents;
  const auto page = index.Search({.query = {MatchAll{}}, .limit = 10'000});
  EXPECT_TRUE(page) << page.error().ToString();
  if (page)
    for (const auto& hit : page->hits) documents[hit.document.session_id] = hit.document;
  return documents;
}

// One trace from the scan that found a session to the document in the index.
void CheckTraces(Pipeline& pipeline) {
  std::map<std::string, std::set<std::string>> names;  // trace id → spans
  for (const auto& span : pipeline.tracer().spans()) {
    names[span.context.TraceIdHex()].insert(span.name);
    // Work that has several causes belongs to the first of them, and knows the others.
    for (const auto& cause : span.links) names[cause.TraceIdHex()].insert(span.name);
  }
  for (const auto& [id, document] : DocumentsOf(pipeline.index())) {
    const auto trace = TraceContext::Parse(document.traceparent);
    ASSERT_TRUE(trace) << Shown(id) << " has no trace";
    for (const auto* const name : {"discover session", "upload session", "plan processing", "index session"})
      EXPECT_TRUE(names[trace->TraceIdHex()].contains(name)) << Shown(id) << " lacks the span '" << name << "'";
  }
}

void CheckRebuiltIndex(Pipeline& pipeline) {
  const auto grown = DocumentsOf(pipeline.index());
  const auto rebuilt = DocumentsOf(*pipeline.RebuiltIndex());
  EXPECT_EQ(grown.size(), rebuilt.size());
  for (const auto& [id, document] : rebuilt) {
    const auto found = grown.find(id);
    EXPECT_TRUE(found != grown.end() && found->second == document) << Shown(id) << " differs in a rebuilt index";
  }
}

// Only what was given up may lie among the dead letters, and every revision was told of.
void CheckEvents(Pipeline& pipeline) {
  EventBus& bus = pipeline.bus();
  EXPECT_TRUE(bus.DeadLetters(processing::kProcessingSubscription, "", 10).value().letters.empty());
  EXPECT_TRUE(bus.DeadLetters(indexing::kIndexingSubscription, "", 10).value().letters.empty());
  std::set<std::pair<std::string, uint32_t>> migrated;
  std::set<std::string> processed;
  while (true) {
    const auto deliveries = bus.Receive(kWatcher, {.max_events = 1000, .wait = std::chrono::milliseconds(0)}, {});
    if (!deliveries || deliveries->empty()) break;
    for (const auto& delivery : *deliveries) {
      if (delivery.event.type == SessionMigrated::kType) {
        const auto event = SessionMigrated::FromData(delivery.event.data).value();
        migrated.emplace(event.session_id, event.revision);
      } else if (delivery.event.type == FileProcessed::kType) {
        processed.insert(FileProcessed::FromData(delivery.event.data).value().receipt_key);
      }
      EXPECT_TRUE(bus.Acknowledge(kWatcher, {&delivery.handle, 1}));
    }
  }
  for (const auto& [name, session] : pipeline.source().sessions()) {
    const auto id = IdOf(name);
    if (!id) continue;
    for (uint32_t revision = 1; pipeline.seen().contains(keys::Manifest(*id, revision).value().value()); ++revision)
      EXPECT_TRUE(migrated.contains({name, revision})) << "nobody was told of revision " << revision << " of " << name;
  }
  for (const auto& key : processed) EXPECT_TRUE(pipeline.seen().contains(key)) << "an event names " << key;
}

}  // namespace

void CheckPipeline(Pipeline& pipeline) {
  CheckSessions(pipeline);
  for (const auto& [name, session] : pipeline.source().sessions())
    if (const auto id = IdOf(name)) SessionCheck(pipeline, *id, session).Run();
  CheckNothingOverwritten(pipeline);
  CheckRebuiltIndex(pipeline);
  CheckEvents(pipeline);
  CheckTraces(pipeline);
}

}  // namespace seshat::testing
