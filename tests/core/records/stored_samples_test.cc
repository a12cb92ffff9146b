// Records of every format that any version has written, as they lie in stores: each is read for ever.
//
// A sample is never changed. A new format comes with a sample of its own, made by the version that first writes it.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "core/records/dataset.h"
#include "core/records/keys.h"
#include "core/records/manifest.h"
#include "core/records/manifest_pages.h"
#include "support/paged_manifest.h"

namespace seshat::records {
namespace {

std::string Sample(const std::string& name) {
  std::ifstream file(std::string(SESHAT_SOURCE_DIR "/tests/core/records/samples/") + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// Reads, and would write the same again.
template <typename Record>
Record Check(const std::string& name, Result<Record> (*decode)(std::string_view),
             std::string (*encode)(const Record&)) {
  const std::string text = Sample(name);
  auto record = decode(text);
  EXPECT_TRUE(record) << name << ": " << record.error().message;
  if (!record) return {};
  EXPECT_EQ(encode(*record), text) << name;
  return *std::move(record);
}

TEST(StoredSamples, Owner) {
  const Owner owner = Check("owner-1.json", DecodeOwner, EncodeOwner);
  EXPECT_EQ(owner.source, "rig-a");
  EXPECT_EQ(FormatTimestamp(owner.claimed_at), "2026-04-21T06:51:40Z");
}

void ExpectTheSession(const Manifest& manifest) {
  EXPECT_EQ(manifest.session_id, "20260421-bench");
  EXPECT_EQ(manifest.revision, 2U);
  EXPECT_EQ(manifest.metadata_path, "metadata.txt");
  ASSERT_EQ(manifest.files.size(), 3U);
  EXPECT_EQ(manifest.files[0].path, "metadata.txt");
  EXPECT_EQ(manifest.files[1].path, "run \xFF/a%b.bin");
  EXPECT_EQ(manifest.files[1].key, "20260421-bench/raw.r2.w1/run %FF/a%25b.bin");
  EXPECT_EQ(manifest.files[1].mode, 0640U);
  EXPECT_EQ(manifest.files[1].since_revision, 2U);
  EXPECT_EQ(manifest.files[2].size, 104'857'600U);
  EXPECT_EQ(manifest.files[2].storage_class, StorageClass::kGlacierInstantRetrieval);
  EXPECT_EQ(manifest.files[2].checksum, "crc64nvme:rosUhgp5mIg=");
  ASSERT_EQ(manifest.skipped.size(), 1U);
  EXPECT_EQ(manifest.skipped[0].kind, "symlink");
  ASSERT_EQ(manifest.removed.size(), 1U);
  EXPECT_EQ(manifest.removed[0], "sensor-a.tmp");
}

TEST(StoredSamples, ManifestOfOneObject) {
  ExpectTheSession(Check("manifest-1.json", DecodeManifest, EncodeManifest));
  const auto head = DecodeManifestHead(Sample("manifest-1.json"));
  ASSERT_TRUE(head) << head.error().message;
  ExpectTheSession(head->manifest);
  EXPECT_TRUE(head->pages.empty());
  EXPECT_EQ(head->totals, (ManifestTotals{3, 104'858'112, 1, 1}));
}

TEST(StoredSamples, ManifestInPages) {
  const std::string text = Sample("manifest-2.json");
  const auto head = DecodeManifestHead(text);
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(EncodeManifestHeadOfPages(head->manifest, head->pages), text);
  EXPECT_EQ(head->totals, (ManifestTotals{3, 104'858'112, 1, 1}));
  ASSERT_EQ(head->pages.size(), 3U);
  Manifest whole = head->manifest;
  for (size_t i = 0; i < head->pages.size(); ++i) {
    const auto page = DecodeManifestPage(*head, i, Sample("manifest-page-1-" + std::to_string(i + 1) + ".json"));
    ASSERT_TRUE(page) << page.error().message;
    whole.files.insert(whole.files.end(), page->files.begin(), page->files.end());
    whole.skipped.insert(whole.skipped.end(), page->skipped.begin(), page->skipped.end());
    whole.removed.insert(whole.removed.end(), page->removed.begin(), page->removed.end());
  }
  ExpectTheSession(whole);
  const auto again = testing::InPages(whole, {.entries = 2});
  EXPECT_EQ(again.head, text);
  for (size_t i = 0; i < again.pages.size(); ++i)
    EXPECT_EQ(again.pages[i].text, Sample("manifest-page-1-" + std::to_string(i + 1) + ".json"));
}

TEST(StoredSamples, Receipt) {
  const Receipt receipt = Check("receipt-1.json", DecodeReceipt, EncodeReceipt);
  ASSERT_EQ(receipt.outputs.size(), 1U);
  EXPECT_EQ(receipt.outputs[0].checksum, "crc64nvme:8tYnaZiXdpY=");
  // Of before outputs had the store's checksum.
  const Receipt older = Check("receipt-1-without-checksum.json", DecodeReceipt, EncodeReceipt);
  ASSERT_EQ(older.outputs.size(), 1U);
  EXPECT_EQ(older.outputs[0].checksum, "");
  EXPECT_EQ(older.outputs[0].sha256, receipt.outputs[0].sha256);
}

TEST(StoredSamples, ProcessingFailure) {
  const ProcessingFailure failure = Check("failure-1.json", DecodeProcessingFailure, EncodeProcessingFailure);
  EXPECT_EQ(failure.attempts, 3U);
  EXPECT_EQ(failure.reason, "exit status 3");
}

TEST(StoredSamples, Dataset) {
  const Dataset dataset = Check("dataset-1.json", DecodeDataset, EncodeDataset);
  ASSERT_EQ(dataset.sessions.size(), 1U);
  EXPECT_EQ(dataset.sessions[0].revision, 2U);
}

}  // namespace
}  // namespace seshat::records
