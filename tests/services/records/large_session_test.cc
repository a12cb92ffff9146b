// A session whose manifest is in pages goes the whole way: stored by the agent, indexed, searched, listed, fetched,
// verified. Five files a page, so that a small session has pages.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory_download_target/memory_download_target.h"
#include "core/records/keys.h"
#include "ports/reference/reference_metadata_store.h"
#include "services/catalog/session_parts.h"
#include "services/indexing/indexing_service.h"
#include "services/migration/lab.h"
#include "services/records/manifest_reader.h"
#include "services/retrieval/download.h"
#include "services/retrieval/session_verification.h"

namespace seshat::testing {
namespace {

constexpr auto kNobody = [](uint64_t, uint64_t) {};

struct LargeSession : ::testing::Test {
  LargeSession() {
    lab.options.manifest = {.entries = 5};
    memory_source::MemorySource& rig = lab.AddSource(QuickSpec("rig"));
    for (int i = 0; i < 23; ++i) rig.Write(fmt::format("run-1/{:02}.bin", i), fmt::format("file {}", i));
    rig.Write("run-1/metadata.txt", "operator: Ada");
    rig.MakeSpecial("run-1/link", EntryKind::kSymlink);
    lab.Settle();
    EXPECT_TRUE(lab.bus->EnsureSubscription(indexing::IndexingSubscription()));
  }

  Result<SessionDocument> Index(size_t max_files = 2000) {
    indexing::IndexingOptions options;
    options.document.max_files = max_files;
    return indexing::MakeIndexingService(
               {*lab.reader, *lab.bus, *index, lab.clock, lab.random, lab.logger, lab.metrics, lab.tracer}, options)
        ->IndexSession(id, {});
  }

  Lab lab;
  SessionId id = SessionId::Parse("run-1").value();
  std::unique_ptr<MetadataStore> index = reference::MakeReferenceMetadataStore();
};

TEST_F(LargeSession, FaultCAManifestThatIsStoredIsSearchable) {
  ASSERT_EQ(lab.ManifestKeys("run-1", 1).size(), 6U) << "a head and five pages";
  const auto document = Index();
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->file_count, 24U);
  ASSERT_EQ(document->files.size(), 24U);
  EXPECT_EQ(document->files.back().path, "metadata.txt");
  EXPECT_EQ(document->state, "partial");
  EXPECT_EQ(document->metadata_state, "present");
  ASSERT_EQ(document->metadata.size(), 1U);
  EXPECT_EQ(document->metadata[0].value.text, "Ada");
  EXPECT_EQ(*index->Get("run-1"), *document);
}

TEST_F(LargeSession, ADocumentListsTheFirstFilesAndCountsAll) {
  // A result of a listed file, and one of a file that is not.
  for (const char* path : {"03.bin", "20.bin"}) {
    const auto raw = keys::Raw(id, 1, 0, path).value();
    const auto prefix = keys::ResultPrefix(id, "p", "1", raw);
    Receipt receipt{.session_id = "run-1", .path = path, .raw_key = raw.value(), .processor = "p", .version = "1"};
    ASSERT_TRUE(PutBytes(*lab.reader, keys::Receipt(prefix), records::EncodeReceipt(receipt)));
  }
  const auto document = Index(7);
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->file_count, 24U);
  ASSERT_EQ(document->files.size(), 7U);
  EXPECT_EQ(document->files.back().path, "06.bin");
  EXPECT_EQ(document->files[3].results.size(), 1U);
  EXPECT_EQ(document->version & 0xFFFFFFFF, 2U) << "what is not listed makes a newer document all the same";
  EXPECT_EQ(document->bytes, lab.Newest("run-1")->TotalBytes());
  EXPECT_EQ(document->metadata_state, "present") << "its file is not among the first";
}

TEST_F(LargeSession, WhatItsDocumentDoesNotListIsShownFromItsManifest) {
  const auto raw = keys::Raw(id, 1, 0, "20.bin").value();
  const auto prefix = keys::ResultPrefix(id, "p", "1", raw);
  Receipt receipt{.session_id = "run-1", .path = "20.bin", .raw_key = raw.value(), .processor = "p", .version = "1"};
  ASSERT_TRUE(PutBytes(*lab.reader, keys::Receipt(prefix), records::EncodeReceipt(receipt)));
  const SessionDocument all = Index().value();
  const SessionDocument document = Index(7).value();
  std::vector<FileDocument> files = document.files;
  const Status read = catalog::ForEachFurtherPart(
      *lab.reader, document,
      [&](const SessionDocument& part, const catalog::SessionStorage& storage) {
        files.insert(files.end(), part.files.begin(), part.files.end());
        EXPECT_EQ(storage.Of(part.files.front().key).url, "memory:///" + part.files.front().key);
      },
      {});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(files, all.files);
  EXPECT_EQ(files[20].results.size(), 1U);
  EXPECT_TRUE(catalog::ForEachFurtherPart(
      *lab.reader, all, [](const SessionDocument&, const catalog::SessionStorage&) { FAIL() << "nothing is left"; },
      {}));
}

TEST_F(LargeSession, IsFetchedAndVerified) {
  const auto selection = retrieval::SelectNewest(*lab.reader, id, retrieval::What::kAll, {});
  ASSERT_TRUE(selection) << selection.error().message;
  EXPECT_EQ(selection->files(), 24U);
  memory_download_target::MemoryTargetFiles files;
  const auto target = memory_download_target::MakeMemoryDownloadTarget(files);
  const auto done = retrieval::Download(*lab.reader, *target, *selection, kNobody, {});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->fetched, 24U);
  for (const auto& [path, bytes] : lab.source().Files()) EXPECT_EQ(files["run-1/raw/" + path.substr(6)].bytes, bytes);
  const auto verified = retrieval::Verify(*lab.reader, *selection, {}, kNobody, {});
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->files, 24U);
  EXPECT_TRUE(verified->failed.empty());
}

TEST_F(LargeSession, ALaterRevisionHasPagesOfItsOwn) {
  lab.source().Write("run-1/late.bin", "late");
  lab.source().Remove("run-1/05.bin");
  lab.Settle();
  const auto manifest = stored::ReadNewest(*lab.reader, id, {});
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->totals(), (ManifestTotals{24, lab.Newest("run-1")->TotalBytes(), 1, 1}));
  for (const auto& key : lab.ManifestKeys("run-1", 2)) EXPECT_NE(key.find("000002"), std::string::npos) << key;
  EXPECT_EQ(Index()->file_count, 24U);
}

}  // namespace
}  // namespace seshat::testing
