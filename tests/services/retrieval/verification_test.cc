#include "services/retrieval/verification.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory_blob_store/memory_blob_store.h"
#include "ports/blob_transfer.h"
#include "support/faulty_ports.h"

namespace seshat::retrieval {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Tells a checksum, as S3 does, and counts what is read.
class ChecksumStore : public testing::FaultyBlobStore {
 public:
  ChecksumStore(BlobStore& inner, testing::FaultPlan& plan) : FaultyBlobStore(inner, plan), inner_(inner) {}
  Result<BlobInfo> Stat(const BlobKey& key) override {
    SESHAT_ASSIGN(BlobInfo info, inner_.Stat(key));
    if (tells_) info.checksum = Checksum(key.value());
    return info;
  }
  void GetAll(GetFeed& feed, std::stop_token stop) override {
    inner_.GetAll(feed, std::move(stop));
    ++reads_;
  }
  static std::string Checksum(std::string_view key) { return fmt::format("crc64nvme:{}", key); }

  bool tells_ = true;
  int reads_ = 0;

 private:
  BlobStore& inner_;
};

class VerificationTest : public ::testing::Test {
 protected:
  BlobKey Key(const std::string& text) { return BlobKey::Parse(text).value(); }

  WantedFile Put(const std::string& name, const std::string& bytes) {
    const BlobKey key = Key("s/raw/" + name);
    EXPECT_TRUE(PutBytes(*store_, key, bytes).has_value());
    return {.key = key.value(),
            .path = "s/raw/" + name,
            .size = bytes.size(),
            .sha256 = Sha256::Of(AsBytes(bytes)),
            .checksum = ChecksumStore::Checksum(key.value())};
  }

  VerifySummary Run(const std::vector<WantedFile>& files, bool read_data = false) {
    return VerifyFiles(asked_, files, {.read_data = read_data},
                       [this](uint64_t count, uint64_t bytes) {
                         advanced_files_ += count;
                         advanced_bytes_ += bytes;
                       },
                       {});
  }

  static std::vector<std::string> Failures(const VerifySummary& summary) {
    std::vector<std::string> all;
    for (const FailedFile& file : summary.failed)
      all.push_back(fmt::format("{}: {}: {}", file.path, ErrorCodeName(file.error.code), file.error.message));
    return all;
  }

  std::shared_ptr<memory_blob_store::MemoryBlobs> blobs_ = std::make_shared<memory_blob_store::MemoryBlobs>();
  std::unique_ptr<BlobStore> store_ = memory_blob_store::MakeMemoryBlobStore(blobs_);
  testing::FaultPlan sound_;
  ChecksumStore asked_{*store_, sound_};
  uint64_t advanced_files_ = 0;
  uint64_t advanced_bytes_ = 0;
};

TEST_F(VerificationTest, ChecksumsSpareTheDownload) {
  std::vector<WantedFile> files;
  for (int i = 0; i < 100; ++i) files.push_back(Put(fmt::format("f{:03}", i), std::string(10, 'x')));
  const VerifySummary summary = Run(files);
  EXPECT_EQ(summary.files, 100U);
  EXPECT_EQ(summary.by_checksum, 100U);
  EXPECT_EQ(summary.by_reading, 0U);
  EXPECT_EQ(summary.bytes, 1000U);
  EXPECT_THAT(Failures(summary), ElementsAre());
  EXPECT_EQ(advanced_files_, 100U);
  EXPECT_EQ(advanced_bytes_, 1000U);
}

TEST_F(VerificationTest, WithoutAChecksumOnEitherSideItIsRead) {
  std::vector<WantedFile> files{Put("a", "aaa"), Put("b", "bbb"), Put("c", "ccc")};
  files[1].checksum.clear();              // the record has none
  files[2].checksum = "crc32c:AAAAAA==";  // of another kind
  VerifySummary summary = Run(files);
  EXPECT_EQ(summary.by_checksum, 1U);
  EXPECT_EQ(summary.by_reading, 2U);
  EXPECT_EQ(advanced_files_, 3U);
  asked_.tells_ = false;  // the store has none
  summary = Run(files);
  EXPECT_EQ(summary.by_reading, 3U);
  EXPECT_THAT(Failures(summary), ElementsAre());
}

TEST_F(VerificationTest, WhatIsWrongIsFound) {
  std::vector<WantedFile> files{Put("a", "aaa"), Put("b", "bbb"), Put("c", "ccc"), Put("d", "ddd")};
  files[0].checksum = "crc64nvme:other";
  files[1].size = 4;
  files[2].key = "s/raw/lost";
  files[3].checksum.clear();
  files[3].sha256 = Sha256::Of(AsBytes("other"));
  const VerifySummary summary = Run(files);
  EXPECT_THAT(Failures(summary),
              ElementsAre(HasSubstr("s/raw/a: data_loss: the store's checksum is crc64nvme:s/raw/a instead of"),
                          HasSubstr("s/raw/b: data_loss: it has 3 bytes instead of 4"), HasSubstr("s/raw/c: data_loss"),
                          HasSubstr("s/raw/d: data_loss: its bytes have")));
  EXPECT_EQ(summary.bytes, 0U);
}

TEST_F(VerificationTest, ReadDataReadsEverythingAndTrustsNothing) {
  std::vector<WantedFile> files{Put("a", "aaa"), Put("b", "bbb")};
  files[1].sha256 = Sha256::Of(AsBytes("other"));  // the checksum would not have told
  EXPECT_THAT(Failures(Run(files)), ElementsAre());
  const VerifySummary summary = Run(files, true);
  EXPECT_EQ(summary.by_reading, 1U);
  EXPECT_EQ(summary.by_checksum, 0U);
  EXPECT_THAT(Failures(summary), ElementsAre(HasSubstr("s/raw/b: data_loss")));
}

TEST_F(VerificationTest, ArchivedOnesAreVerifiedByTheirChecksum) {
  std::vector<WantedFile> files{Put("a", "aaa"), Put("cold", "bbb"), Put("mute", "ccc")};
  ASSERT_TRUE(blobs_->Archive(Key("s/raw/cold")).has_value());
  ASSERT_TRUE(blobs_->Archive(Key("s/raw/mute")).has_value());
  files[2].checksum = "crc32c:AAAAAA==";
  for (const bool read_data : {false, true}) {
    const VerifySummary summary = Run(files, read_data);
    EXPECT_EQ(summary.archived, 1U);
    EXPECT_EQ(summary.by_checksum, read_data ? 1U : 2U);
    EXPECT_EQ(summary.bytes, 6U);
    EXPECT_THAT(Failures(summary), ElementsAre(HasSubstr("s/raw/mute: archived: archived, and there is no checksum")));
  }
  EXPECT_EQ(advanced_files_, 6U);
}

}  // namespace
}  // namespace seshat::retrieval
