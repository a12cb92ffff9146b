#include "conformance/migration_journal/journal_samples.h"

#include <gtest/gtest.h>

#include <chrono>
#include <utility>

namespace seshat::conformance::journal {

Timestamp At(int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

Fingerprint Print(std::string_view path) {
  Fingerprint fingerprint;
  fingerprint.Add(path, 0, {});
  return fingerprint;
}

Observation Seen(std::string_view what, bool complete) {
  return {.fingerprint = Print(what),
          .changed_at = At(100),
          .files = 3,
          .bytes = 1ULL << 45,
          .complete = complete,
          .waiting_for = complete ? "" : "a file",
          .until = complete ? std::nullopt : std::optional(At(130)),
          .traceparent = "00-x-y-01"};
}

Progress Stored(std::string_view what) {
  return {.ownership = Ownership::kOwned,
          .nonce = "n",
          .claimed_at = At(1),
          .owner_put_state = "o",
          .revision = 7,
          .committed_plan = 8,
          .committed_at = At(200),
          .settled = Print(what),
          .stored_files = 3,
          .stored_bytes = 4,
          .skipped = 0,
          .plan = 9,
          .planned = Print("p"),
          .traceparent = "t",
          .sealed_at = At(3),
          .manifest_sha256 = Sha256::Of({}),
          .manifest_put_state = "m",
          .retry_at = At(50),
          .attempts = 2,
          .problem = "none",
          .cleaned_at = {}};
}

FileRecord File(std::string path, uint64_t plan, FileState state) {
  return {.path = std::move(path),
          .plan = plan,
          .changed_plan = 2,
          .in_plan = 1,
          .state = state,
          .stat = {.size = 1ULL << 40, .modified_ns = -5, .changed_ns = 6, .inode = UINT64_MAX, .mode = 0644},
          .stored = {.size = 2, .modified_ns = 3, .changed_ns = 4, .inode = 5, .mode = 0600},
          .since_revision = 3,
          .rewrite = 1,
          .sha256 = Sha256::Of(AsBytes("x")),
          .storage_class = StorageClass::kGlacierInstantRetrieval,
          .checksum = "c",
          .put_state = "s",
          .skip_kind = "k",
          .problem = "p",
          .cleaned = true};
}

void Put(MigrationJournalHarness& h, const JournalChange& change) {
  const auto status = h.journal().Apply(change);
  EXPECT_TRUE(status) << status.error().ToString();
}

std::vector<std::string> Ids(const Result<std::vector<SessionRecord>>& records) {
  std::vector<std::string> ids;
  EXPECT_TRUE(records);
  if (records)
    for (const auto& record : *records) ids.push_back(record.session.source + "/" + record.session.id);
  return ids;
}

std::vector<std::string> Paths(const Result<std::vector<FileRecord>>& files) {
  std::vector<std::string> paths;
  EXPECT_TRUE(files);
  if (files)
    for (const auto& file : *files) paths.push_back(file.path);
  return paths;
}

std::vector<std::string> EventIds(const Result<std::vector<Event>>& events) {
  std::vector<std::string> ids;
  EXPECT_TRUE(events);
  if (events)
    for (const auto& event : *events) ids.push_back(event.id);
  return ids;
}

Event Announced(std::string id) {
  return {.id = std::move(id), .type = "T", .source = "s", .subject = "run-1", .data = R"({"a":1})"};
}

}  // namespace seshat::conformance::journal
