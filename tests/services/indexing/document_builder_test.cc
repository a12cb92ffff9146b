#include "services/indexing/document_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/records/keys.h"
#include "services/indexing/indexing_lab.h"

namespace seshat::indexing {
namespace {

using ::testing::ElementsAre;
using testing::FaultPlan;
using testing::FaultyBlobStore;
using ::testing::HasSubstr;
using testing::IndexingLab;
using ::testing::IsEmpty;

SessionId Id(const char* id) { return SessionId::Parse(id).value(); }

Result<SessionDocument> Build(IndexingLab& lab, const char* id, const DocumentOptions& options = {},
                              std::vector<ExpectedManifest> expected = {}) {
  DocumentBuilder builder(*lab.store, lab.logger, options);
  return builder.Build({.id = Id(id), .expected = std::move(expected)});
}

TEST(DocumentBuilder, TellsAllThatIsKnownOfASession) {
  IndexingLab lab;
  lab.PutSession(
      {.id = "s", .metadata = "operator: Ada\ntemp = 25 °C\n", .files = {"a.bin", "sub/b%.bin"}, .partial = true});
  lab.PutReceipt("s", "a.bin", "stats");
  lab.PutFailure("s", "sub/b%.bin", "stats", 1);
  const auto document = Build(lab, "s");
  ASSERT_TRUE(document) << document.error().ToString();
  EXPECT_EQ(document->session_id, "s");
  EXPECT_EQ(document->version, (1ULL << 32) | 2);
  EXPECT_EQ(document->revision, 1u);
  EXPECT_EQ(document->source, "rig");
  EXPECT_EQ(document->state, "partial");
  EXPECT_EQ(document->metadata_state, "present");
  EXPECT_EQ(document->file_count, 3u);
  EXPECT_EQ(document->bytes, std::string("bytes of a.bin"       // check-words: as it is
                                         "bytes of sub/b%.bin"  // check-words: as it is
                                         "operator: Ada\ntemp = 25 °C\n")
                                 .size());
  EXPECT_EQ(document->manifest_key, "s/manifests/000001.json");
  EXPECT_THAT(document->traceparent, HasSubstr("0af7651916cd43dd8448eb211c80319c"));
  EXPECT_THAT(document->metadata, ElementsAre(MetadataEntry{"operator", metadata::TypeValue("Ada")},
                                              MetadataEntry{"temp", metadata::TypeValue("25 °C")}));
  ASSERT_EQ(document->files.size(), 3u);
  EXPECT_EQ(document->files[2].path, "sub/b%25.bin");
  const std::string folder = "s/processed/stats-1/raw/a.bin/";
  EXPECT_THAT(document->files[0].results,
              ElementsAre(ResultDocument{
                  "stats", "1", "succeeded", folder + "receipt.json", "", {{"out.csv", folder + "out.csv", 1}}}));
  EXPECT_THAT(document->files[1].results, IsEmpty());
  EXPECT_THAT(
      document->files[2].results,
      ElementsAre(ResultDocument{
          "stats", "1", "failed", "s/processed/stats-1/raw/sub/b%25.bin/failure-001.json", "exit status 1", {}}));
}

TEST(DocumentBuilder, TakesTheNewestRevisionAndItsResults) {
  IndexingLab lab;
  lab.PutSession({.id = "s", .files = {"a.bin"}});
  lab.PutReceipt("s", "a.bin", "stats");
  lab.PutSession({.id = "s", .files = {"a.bin", "b.bin"}, .revision = 2});
  const auto document = Build(lab, "s");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->revision, 2u);
  EXPECT_EQ(document->version, (2ULL << 32) | 1);
  // The receipt is about the bytes of revision 1, which this test's revision 2 has stored anew.
  for (const auto& file : document->files) EXPECT_THAT(file.results, IsEmpty());
}

TEST(DocumentBuilder, AReceiptCountsMoreThanFailuresAndTheLastFailureMoreThanOthers) {
  IndexingLab lab;
  lab.PutSession({.id = "s"});
  lab.PutFailure("s", "a.bin", "p", 1);
  lab.PutFailure("s", "a.bin", "p", 10);
  lab.PutFailure("s", "a.bin", "p", 2);
  EXPECT_EQ(Build(lab, "s")->files[0].results.at(0).reason, "exit status 10");
  lab.PutReceipt("s", "a.bin", "p");
  const auto document = Build(lab, "s");
  ASSERT_EQ(document->files[0].results.size(), 1u);
  EXPECT_EQ(document->files[0].results[0].outcome, "succeeded");
  EXPECT_EQ(document->version, (1ULL << 32) | 4);
}

TEST(DocumentBuilder, ADamagedRecordIsAVisibleFailure) {
  IndexingLab lab;
  lab.PutSession({.id = "s"});
  lab.Put("s/processed/p-1/raw/a.bin/receipt.json", "{}");
  lab.Put("s/processed/p-2/raw/a.bin/failure-001.json", "not json");
  const auto results = Build(lab, "s")->files.at(0).results;
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].processor, "p-1");
  EXPECT_EQ(results[0].outcome, "failed");
  EXPECT_THAT(results[0].reason, HasSubstr("the record cannot be read"));
  EXPECT_THAT(results[1].reason, HasSubstr("not valid JSON"));
}

TEST(DocumentBuilder, AnswersWhyThereIsNoDocument) {
  IndexingLab lab;
  EXPECT_EQ(Build(lab, "nobody").error().code, ErrorCode::kNotFound);
  lab.PutSession({.id = "s"});
  EXPECT_EQ(Build(lab, "s", {}, {{2, {}}}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Build(lab, "s", {}, {{1, Sha256::Of(AsBytes("other"))}}).error().code, ErrorCode::kDataLoss);
  lab.Put("torn/manifests/000001.json", "{\"format\":");
  EXPECT_EQ(Build(lab, "torn").error().code, ErrorCode::kDataLoss);
  lab.Put("other/manifests/000001.json", records::EncodeManifest({.session_id = "s"}));
  EXPECT_EQ(Build(lab, "other").error().code, ErrorCode::kDataLoss);
  // An announced digest of an older revision is no longer of interest.
  lab.PutSession({.id = "s", .revision = 2});
  EXPECT_TRUE(Build(lab, "s", {}, {{1, Sha256::Of(AsBytes("other"))}}));
}

struct Hostile {
  const char* name;
  std::string metadata;
  const char* state;
  const char* problem;
};

TEST(DocumentBuilder, HostileMetadataIsFlaggedAndTheSessionKept) {
  std::string many;
  for (int i = 0; i < 12'000; ++i) many += "k" + std::to_string(i) + ": 1\n";
  const std::vector<Hostile> cases{
      {"empty", "", "present", nullptr},
      {"prose", "Dear diary,\ntoday nothing happened.\n", "present", "line 1: no ':' or '='"},
      {"latin1",
       "a: 1\nb: 25 \xB0"
       "C\n",
       "truncated", "truncated at line 2"},
      {"binary", std::string("\0\x01\x02:\xFF", 5), "truncated", "truncated at line 1"},
      {"line", "a: 1\nb: " + std::string(1 << 20, 'x'), "truncated", "truncated at line 2"},
      {"keys", many, "truncated", "truncated at line 10001"},
      {"json", "{\"a\": 1, \"b\": [", "truncated", "truncated at line 1"},
      {"deep", "{\"a\":" + std::string(1000, '['), "truncated", "truncated at line 1"},
      {"markup", "a: <script>alert(1)</script>\n'; DROP TABLE x; -- : 1\n", "present", nullptr},
  };
  IndexingLab lab;
  for (const auto& hostile : cases) {
    SCOPED_TRACE(hostile.name);
    lab.PutSession({.id = hostile.name, .metadata = hostile.metadata});
    const auto document = Build(lab, hostile.name, {.metadata_piece_bytes = 1000});
    ASSERT_TRUE(document) << document.error().ToString();
    EXPECT_EQ(document->metadata_state, hostile.state);
    if (hostile.problem != nullptr) {
      ASSERT_FALSE(document->metadata_problems.empty());
      EXPECT_EQ(document->metadata_problems[0], hostile.problem);
    }
    EXPECT_EQ(query::DecodeSessionDocument(query::EncodeSessionDocument(*document)).value(), *document);
  }
}

TEST(DocumentBuilder, ReadsNoMoreOfTheMetadataThanItsLimit) {
  IndexingLab lab;
  lab.PutSession({.id = "s", .metadata = "a: 1\nb: 2\nc: 3\n"});
  const auto document = Build(lab, "s", {.metadata_piece_bytes = 3, .max_metadata_bytes = 10});
  EXPECT_EQ(document->metadata_state, "truncated");
  EXPECT_THAT(document->metadata_problems, ElementsAre("only the first 10 bytes were read"));
  EXPECT_EQ(document->metadata.size(), 2u);
}

TEST(DocumentBuilder, SaysThatMetadataIsMissing) {
  IndexingLab lab;
  lab.PutSession({.id = "s"});
  const auto document = Build(lab, "s");
  EXPECT_EQ(document->metadata_state, "missing");
  EXPECT_THAT(document->metadata, IsEmpty());
}

TEST(DocumentBuilder, SaysThatMetadataIsArchived) {
  IndexingLab lab;
  lab.PutSession({.id = "s", .metadata = "a: 1\n"});
  const auto key = BlobKey::Parse("s/raw/metadata.txt").value();
  ASSERT_TRUE(lab.blobs->Archive(key));
  const auto archived = Build(lab, "s");
  ASSERT_TRUE(archived) << archived.error().ToString();
  EXPECT_EQ(archived->metadata_state, "unreadable");
  EXPECT_THAT(archived->metadata_problems, ElementsAre("archived: restore s/raw/metadata.txt, then reindex"));
  ASSERT_TRUE(lab.store->Restore(key, {}));
  lab.blobs->FinishRestores();
  EXPECT_EQ(Build(lab, "s")->metadata_state, "present");
}

TEST(DocumentBuilder, SaysThatMetadataIsDamaged) {
  IndexingLab lab;
  const auto store = [&](const char* id, ManifestFile file, const char* path = "metadata.txt") {
    Manifest manifest{.session_id = id, .source = "rig", .metadata_path = path, .files = {std::move(file)}};
    lab.Put(std::string(id) + "/manifests/000001.json", records::EncodeManifest(manifest));
    return Build(lab, id).value();
  };
  const auto digest = Sha256::Of(AsBytes("a: 1\n"));
  lab.Put("changed/raw/metadata.txt", "a: 2\n");
  const auto changed =
      store("changed", {.path = "metadata.txt", .key = "changed/raw/metadata.txt", .size = 5, .sha256 = digest});
  EXPECT_EQ(changed.metadata_state, "unreadable");
  EXPECT_THAT(changed.metadata, IsEmpty());
  EXPECT_THAT(changed.metadata_problems, ElementsAre(HasSubstr("its SHA-256 is not the manifest's")));
  lab.Put("short/raw/metadata.txt", "a:");
  EXPECT_EQ(store("short", {.path = "metadata.txt", .key = "short/raw/metadata.txt", .size = 5, .sha256 = digest})
                .metadata_state,
            "unreadable");
  EXPECT_EQ(store("gone", {.path = "metadata.txt", .key = "gone/raw/metadata.txt", .size = 5, .sha256 = digest})
                .metadata_state,
            "unreadable");
  EXPECT_EQ(store("unlisted", {.path = "a", .key = "unlisted/raw/a", .size = 5, .sha256 = digest}).metadata_state,
            "unreadable");
  EXPECT_EQ(store("badkey", {.path = "metadata.txt", .key = "../x", .size = 5, .sha256 = digest}).metadata_state,
            "unreadable");
}

// A file's raw key can be so long that its results lie under a digest of it.
TEST(DocumentBuilder, FaultAResultsOfAFileWithALongPathAreInTheDocument) {
  IndexingLab lab;
  const std::string path(817, 'x');
  lab.PutSession({.id = "s", .files = {"a.bin", path}});
  lab.PutReceipt("s", "a.bin", "copy");
  lab.PutReceipt("s", path, "copy");
  lab.PutFailure("s", path, "other", 1);
  const auto document = Build(lab, "s");
  ASSERT_TRUE(document) << document.error().ToString();
  ASSERT_EQ(document->files.size(), 2u);
  ASSERT_EQ(document->files[1].path, path);
  ASSERT_EQ(document->files[1].results.size(), 2u);
  EXPECT_EQ(document->files[1].results[0].outcome, "succeeded");
  EXPECT_THAT(document->files[1].results[0].record_key, HasSubstr("/long-"));
  EXPECT_EQ(document->files[1].results[1].reason, "exit status 1");
}

TEST(DocumentBuilder, ADamagedRecordOfALongPathIsAVisibleFailure) {
  IndexingLab lab;
  const std::string path(817, 'x');
  lab.PutSession({.id = "s", .files = {path}});
  const auto raw = keys::Raw(Id("s"), 1, 0, path).value();
  lab.Put(keys::Receipt(keys::ResultPrefix(Id("s"), "copy", "1", raw)).value(), "{}");
  const auto results = Build(lab, "s")->files.at(0).results;
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].outcome, "failed");
  EXPECT_EQ(results[0].processor, "copy-1");
}

}  // namespace
}  // namespace seshat::indexing
