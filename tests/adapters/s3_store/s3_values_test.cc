// Part plans, states, keys, headers and XML: from outside, so of any shape.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "adapters/s3_store/object_info.h"
#include "adapters/s3_store/part_plan.h"
#include "adapters/s3_store/put_state.h"
#include "adapters/s3_store/s3_key.h"
#include "adapters/s3_store/s3_xml.h"

namespace seshat::s3_store {
namespace {

RC_GTEST_PROP(PartPlan, KeepsToS3sLimitsAndCoversTheBody, ()) {
  const auto size = *rc::gen::weightedOneOf<uint64_t>(
      {{1, rc::gen::inRange<uint64_t>(0, 100 << 20)}, {1, rc::gen::inRange<uint64_t>(0, kMaxObjectBytes + 1)}});
  const auto preferred = *rc::gen::inRange<uint64_t>(0, 2 * kMaxPartBytes);
  const auto plan = PlanParts(size, preferred);
  RC_ASSERT(plan.has_value());
  RC_ASSERT(plan->valid());
  RC_ASSERT(plan->count() >= 1);
  RC_ASSERT(plan->count() <= kMaxParts);
  uint64_t covered = 0;
  for (uint32_t i = 0; i < plan->count(); ++i) {
    RC_ASSERT(plan->offset(i) == covered);
    RC_ASSERT(plan->length(i) <= kMaxPartBytes);
    if (i + 1 < plan->count()) RC_ASSERT(plan->length(i) >= kMinPartBytes);
    covered += plan->length(i);
  }
  RC_ASSERT(covered == size);
}

TEST(PartPlan, KnowsTheLargestObject) {
  const auto largest = PlanParts(kMaxObjectBytes, kMinPartBytes);
  ASSERT_TRUE(largest);
  EXPECT_EQ(largest->part_bytes, kMaxPartBytes);
  EXPECT_EQ(largest->count(), kMaxParts);
  EXPECT_EQ(PlanParts(kMaxObjectBytes + 1, kMinPartBytes).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(PlanParts(80'000'000'000, 8 << 20)->part_bytes, 8U << 20);
  EXPECT_EQ(PlanParts(0, 8 << 20)->count(), 1U);
}

RC_GTEST_PROP(PutState, ItsTextIsReadBack, ()) {
  PutState state{.upload_id = *rc::gen::nonEmpty<std::string>(), .plan = {}};
  RC_PRE(state.upload_id.size() <= 300);
  state.plan = PlanParts(*rc::gen::inRange<uint64_t>(0, kMaxObjectBytes), 8 << 20).value();
  state.begun = std::chrono::sys_seconds(std::chrono::seconds(*rc::gen::inRange<int64_t>(0, 1LL << 33)));
  state.stage = *rc::gen::element(PutState::Stage::kOpen, PutState::Stage::kCompleting, PutState::Stage::kDone);
  if (state.stage != PutState::Stage::kOpen) {
    state.sha256 = Sha256::Of(AsBytes(state.upload_id));
    state.crc = *rc::gen::arbitrary<uint64_t>();
  }
  const std::string text = state.Format();
  const auto read = PutState::Parse(text);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->Format() == text);
  RC_ASSERT(read->upload_id == state.upload_id);
  RC_ASSERT(read->stage == state.stage);
  RC_ASSERT(read->crc == state.crc);
  // No other text is taken for one of ours.
  const auto at = *rc::gen::inRange<size_t>(0, text.size());
  const auto cut = PutState::Parse(text.substr(0, at));
  if (cut) RC_ASSERT(cut->Format() == text.substr(0, at));
}

TEST(PutState, RefusesWhatItDoesNotWrite) {
  for (const char* text : {"", "s3 1", "s3 1 id 10 8388608 0", "s3 1 id 10 8388608 0 closed",
                           "s3 1 id 10 8388608 0 open more", "s3 2 id 10 8388608 0 open", "s3 1  10 8388608 0 open",
                           "s3 1 id 10 1 0 open", "s3 1 id -1 8388608 0 open", "s3 1 id 10 8388608 0 done",
                           "s3 1 id 10 8388608 0 done abc 1", "file 1 r1 10 at 0", "s3 1 i%d 10 8388608 0 open",
                           "s3 1 id 999999999999999 8388608 0 open", "s3 1 id 10 8388608 99999999999999 open"})
    EXPECT_FALSE(PutState::Parse(text)) << text;
  EXPECT_TRUE(PutState::Parse("s3 1 id 10 8388608 0 open"));
}

TEST(PutState, TrustsNobodyElseForADayOnly) {
  PutState state;
  state.begun = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23};
  EXPECT_TRUE(state.NobodyElseEndedItBy(state.begun));
  EXPECT_TRUE(state.NobodyElseEndedItBy(state.begun + std::chrono::hours(22)));
  EXPECT_FALSE(state.NobodyElseEndedItBy(state.begun + std::chrono::hours(23)));
  EXPECT_FALSE(state.NobodyElseEndedItBy(state.begun - std::chrono::hours(2))) << "the clock was set back";
}

TEST(S3Key, PrefixesComeAndGo) {
  const auto keys = KeySpace::Make("lab/a/").value();
  EXPECT_EQ(keys.InBucket(BlobKey::Parse("x").value()).value(), "lab/a/x");
  EXPECT_EQ(keys.FromBucket("lab/a/x"), "x");
  EXPECT_EQ(keys.FromBucket("lab/ab"), std::nullopt);
  EXPECT_EQ(KeySpace::Make("").value().InBucket(BlobKey::Parse("x").value()).value(), "x");
  for (const char* prefix : {"/a", "a//b", "../a", "a/.", "\xFF"}) EXPECT_FALSE(KeySpace::Make(prefix)) << prefix;
}

TEST(S3Key, OnlyValidUtf8IsSent) {
  EXPECT_EQ(ValidBeginning("a\xC3\xA4"), "a\xC3\xA4");
  EXPECT_EQ(ValidBeginning("a\xC3"), "a");
  EXPECT_EQ(ValidBeginning("\xFF"), "");
  EXPECT_GT(BehindFolder("a/"), "a/zzz");
  EXPECT_LT(BehindFolder("a/"), "a0");
}

TEST(ObjectInfo, ColdStates) {
  const auto state = [](std::string_view name, std::string_view restore) { return ColdStateFrom(name, restore).state; };
  EXPECT_EQ(state("", ""), ArchiveState::kReadable);
  EXPECT_EQ(state("GLACIER_IR", ""), ArchiveState::kReadable);
  EXPECT_EQ(state("INTELLIGENT_TIERING", ""), ArchiveState::kReadable);
  EXPECT_EQ(state("DEEP_ARCHIVE", ""), ArchiveState::kArchived);
  EXPECT_EQ(state("GLACIER", ""), ArchiveState::kArchived);
  EXPECT_EQ(state("DEEP_ARCHIVE", "ongoing-request=\"true\""), ArchiveState::kRestoring);
  EXPECT_EQ(state("DEEP_ARCHIVE", "nonsense"), ArchiveState::kArchived);
  const auto restored =
      ColdStateFrom("DEEP_ARCHIVE", "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"");
  EXPECT_EQ(restored.state, ArchiveState::kRestored);
  EXPECT_EQ(restored.restored_until, std::chrono::sys_days{std::chrono::year{2012} / 12 / 21});
}

http::Headers HeadersOf(std::initializer_list<std::pair<const char*, const char*>> pairs) {
  http::Headers headers;
  for (const auto& [name, value] : pairs) headers.Add(name, value);
  return headers;
}

TEST(ObjectInfo, ReadsHeaders) {
  const auto info = InfoFromHeaders("k", HeadersOf({{"Content-Length", "2"},
                                                    {"Content-Range", "bytes 1-2/5"},
                                                    {"Last-Modified", "Fri, 21 Dec 2012 00:00:00 GMT"},
                                                    {"x-amz-storage-class", "GLACIER_IR"},
                                                    {"X-Amz-Checksum-Crc64nvme", "rosUhgp5mIg="},
                                                    {"X-Amz-Meta-Mode", "0644"}}));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->size, 5U);
  EXPECT_EQ(info->storage_class, StorageClass::kGlacierInstantRetrieval);
  EXPECT_EQ(info->checksum, "crc64nvme:rosUhgp5mIg=");
  ASSERT_EQ(info->attributes.size(), 1U);
  EXPECT_EQ(info->attributes[0], std::make_pair(std::string("mode"), std::string("0644")));
}

TEST(ObjectInfo, RefusesHeadersThatMakeNoSense) {
  constexpr const char* kDate = "Fri, 21 Dec 2012 00:00:00 GMT";
  EXPECT_FALSE(InfoFromHeaders("k", HeadersOf({{"last-modified", kDate}})));
  EXPECT_FALSE(InfoFromHeaders("k", HeadersOf({{"content-length", "-1"}, {"last-modified", kDate}})));
  EXPECT_FALSE(InfoFromHeaders(
      "k", HeadersOf({{"content-length", "1"}, {"content-range", "bytes 0-1/*"}, {"last-modified", kDate}})));
  EXPECT_FALSE(InfoFromHeaders("k", HeadersOf({{"content-length", "1"}, {"last-modified", "yesterday"}})));
  // moto's checksum of another kind is none.
  EXPECT_EQ(
      InfoFromHeaders(
          "k", HeadersOf({{"content-length", "1"}, {"last-modified", kDate}, {"x-amz-checksum-crc64nvme", "Z9Ukjw=="}}))
          ->checksum,
      "");
}

TEST(S3Xml, WritesParts) {
  const SentPart parts[] = {{"\"a&b\"", 0xAE8B14860A799888}, {"c", 0}};
  EXPECT_EQ(CompleteText(parts),
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<Part><ChecksumCRC64NVME>rosUhgp5mIg=</ChecksumCRC64NVME><ETag>\"a&amp;b\"</ETag><PartNumber>1</"
            "PartNumber></Part><Part><ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME><ETag>c</ETag><PartNumber>2</"
            "PartNumber></Part></CompleteMultipartUpload>");
}

TEST(S3Xml, ReadsAListing) {
  const auto page = ReadObjects(R"(<?xml version="1.0"?>
    <s3:ListBucketResult xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/"><s3:IsTruncated>true</s3:IsTruncated>
    <s3:EncodingType>url</s3:EncodingType><s3:New>ignored</s3:New>
    <s3:Contents><s3:Key>a+b%2Bc%0A</s3:Key><s3:Size>7</s3:Size><s3:LastModified>2026-11-23T05:50:00.000Z</s3:LastModified>
      <s3:StorageClass>DEEP_ARCHIVE</s3:StorageClass><s3:RestoreStatus><s3:IsRestoreInProgress>false</s3:IsRestoreInProgress>
      <s3:RestoreExpiryDate>2026-12-01T00:00:00Z</s3:RestoreExpiryDate></s3:RestoreStatus></s3:Contents>
    <s3:Contents><s3:Key>cold</s3:Key><s3:Size>7</s3:Size><s3:LastModified>2026-11-23T05:50:00.000Z</s3:LastModified>
      <s3:StorageClass>DEEP_ARCHIVE</s3:StorageClass></s3:Contents>
    <s3:CommonPrefixes><s3:Prefix>x/</s3:Prefix></s3:CommonPrefixes></s3:ListBucketResult>)");
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->truncated);
  ASSERT_EQ(page->objects.size(), 2U);
  EXPECT_EQ(page->objects[0].key, "a b+c\n");
  EXPECT_EQ(page->objects[0].size, 7U);
  EXPECT_EQ(page->objects[0].archive_state, ArchiveState::kRestored);
  EXPECT_TRUE(page->objects[0].restored_until);
  EXPECT_EQ(page->objects[1].archive_state, ArchiveState::kArchived);
  EXPECT_EQ(page->folders, std::vector<std::string>{"x/"});
}

TEST(S3Xml, ReadsWhatCompleteSays) {
  EXPECT_FALSE(ReadComplete("<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")->failed);
  EXPECT_FALSE(
      ReadComplete("<CompleteMultipartUploadResponse><ETag>x</ETag></CompleteMultipartUploadResponse>")->failed);
  EXPECT_TRUE(ReadComplete("\n <?xml version=\"1.0\"?><Error><Code>InternalError</Code></Error>")
                  .value_or(CompleteAnswer{})
                  .failed ||
              ReadComplete("<Error><Code>InternalError</Code></Error>")->failed);
  EXPECT_FALSE(ReadComplete(""));
  EXPECT_FALSE(ReadComplete("<html>a proxy</html>"));
}

TEST(S3Xml, RefusesOtherDocuments) {
  for (const char* text :
       {"", "x", "<", "<a>", "<ListBucketResult>", "<html></html>", "<ListBucketResult/><more/>", "\0",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
        "<ListBucketResult><Contents><Key>k</Key><Size>-1</Size></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>",
        "<ListBucketResult><CommonPrefixes/></ListBucketResult>",
        "<ListPartsResult><Part><PartNumber>0</PartNumber><Size>1</Size></Part></ListPartsResult>",
        "<ListPartsResult><Part><PartNumber>10001</PartNumber><Size>1</Size></Part></ListPartsResult>",
        "<ListPartsResult><IsTruncated>true</IsTruncated></ListPartsResult>", "<InitiateMultipartUploadResult/>"}) {
    const auto objects = ReadObjects(text);
    EXPECT_TRUE(!objects || objects->objects.empty()) << text;
    const auto parts = ReadParts(text);
    EXPECT_TRUE(!parts || parts->parts.empty()) << text;
    EXPECT_FALSE(ReadUploadId(text)) << text;
  }
}

RC_GTEST_PROP(S3Xml, SurvivesDamage, (const std::string& noise)) {
  std::string text =
      "<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><Size>5</Size><ETag>e</ETag>"
      "</Part></ListPartsResult>";
  text.insert(*rc::gen::inRange<size_t>(0, text.size()), noise);
  const auto parts = ReadParts(text);
  if (parts) RC_ASSERT(parts->parts.size() <= 1);
  RC_ASSERT(ReadUploadId(text).error().code == ErrorCode::kDataLoss);
}

TEST(S3Xml, DeepNestingIsNoTrouble) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "<a>";
  EXPECT_FALSE(ReadObjects(text));
  for (int i = 0; i < 100'000; ++i) text += "</a>";
  EXPECT_FALSE(ReadObjects(text));
}

}  // namespace
}  // namespace seshat::s3_store
