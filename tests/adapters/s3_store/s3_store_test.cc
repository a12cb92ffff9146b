// What the store sends, and what it makes of the answers.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "conformance/blob_store/blob_store_probes.h"
#include "core/digest/crc64nvme.h"
#include "fake_s3.h"
#include "support/fakes.h"

namespace seshat::testing {
namespace {

using conformance::CodeOf;
using conformance::Key;
using conformance::Pattern;
using conformance::ProbeSource;
using conformance::ReadBack;
using Kind = Fate::Kind;

class S3Store : public ::testing::Test {
 protected:
  std::unique_ptr<BlobStore> Open() { return OpenFake(server_, options_, clock_); }
  std::string Sent(std::string_view name) const { return Header(server_.requests().front().headers, name); }

  FakeS3 server_;
  FakeClock clock_;
  s3_store::S3StoreOptions options_ = FakeOptions();
};

TEST_F(S3Store, SendsClassAttributesAndChecksum) {
  options_.prefix = "lab/one/";
  const auto store = Open();
  const auto outcome = PutOne(*store, {.key = Key("a b"),
                                       .body = SourceFromBytes("123456789"),
                                       .storage_class = StorageClass::kGlacierInstantRetrieval,
                                       .attributes = {{"mode", "0644"}}});
  ASSERT_EQ(CodeOf(outcome), "ok");
  EXPECT_EQ(outcome->checksum, "crc64nvme:rosUhgp5mIg=");
  EXPECT_EQ(outcome->storage_class, StorageClass::kGlacierInstantRetrieval);
  EXPECT_EQ(server_.requests().front().path, "/lab/one/a%20b");
  EXPECT_EQ(Sent("if-none-match"), "*");
  EXPECT_EQ(Sent("x-amz-storage-class"), "GLACIER_IR");
  EXPECT_EQ(Sent("x-amz-meta-mode"), "0644");
  EXPECT_EQ(Sent("x-amz-checksum-crc64nvme"), "rosUhgp5mIg=");
  EXPECT_EQ(Sent("x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
  EXPECT_EQ(Sent("x-amz-server-side-encryption"), "");
  EXPECT_EQ(store->Url(Key("a b")), "s3://bucket/lab/one/a%20b");
}

TEST_F(S3Store, EncryptsAsToldOnPutAndOnCreate) {
  for (const bool multipart : {false, true}) {
    for (const auto encryption :
         {s3_store::S3StoreOptions::Encryption::kAes256, s3_store::S3StoreOptions::Encryption::kKms}) {
      FakeS3 server;
      options_.encryption = encryption;
      options_.kms_key = "key-1";
      options_.single_put_bytes = multipart ? 0 : 100;
      ASSERT_EQ(CodeOf(PutBytes(*OpenFake(server, options_, clock_), Key("k"), "x")), "ok");
      const auto& headers = server.objects["k"].headers;
      const bool kms = encryption == s3_store::S3StoreOptions::Encryption::kKms;
      EXPECT_EQ(Header(headers, "x-amz-server-side-encryption"), kms ? "aws:kms" : "AES256");
      EXPECT_EQ(Header(headers, "x-amz-server-side-encryption-aws-kms-key-id"), kms ? "key-1" : "");
    }
  }
}

TEST_F(S3Store, SignsThePayloadWithoutTls) {
  options_.endpoint.origin.tls = false;
  const std::string large = Pattern(options_.part_bytes + 10);
  options_.single_put_bytes = 1000;
  const auto store = Open();
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("k"), "abc")), "ok");
  EXPECT_EQ(Sent("x-amz-content-sha256"), Sha256::Of(AsBytes("abc")).ToHex());
  ASSERT_EQ(CodeOf(PutBytes(*store, Key("large"), large)), "ok");
  for (const auto& request : server_.requests()) {
    const std::string hash = Header(request.headers, "x-amz-content-sha256");
    EXPECT_EQ(hash.size(), 64U) << request.method << " " << request.query;
    if (request.query.starts_with("partNumber=1")) {
      EXPECT_EQ(hash, Sha256::Of(AsBytes(large).first(options_.part_bytes)).ToHex());
    }
  }
}

TEST_F(S3Store, RefusesADigestThatIsNotTheBodys) {
  options_.endpoint.origin.tls = false;
  const auto store = Open();
  PutRequest request{.key = Key("k"), .body = SourceFromBytes("abc"), .sha256 = Sha256::Of(AsBytes("other"))};
  EXPECT_EQ(CodeOf(PutOne(*store, request)), "data_loss");
  EXPECT_EQ(server_.requests().size(), 1U) << "not worth a second attempt";
  EXPECT_TRUE(server_.objects.empty());
}

TEST_F(S3Store, SendsAgainWhatWasDamagedOnTheWay) {
  server_.fate = [](size_t number, const http::Request&) {
    return number <= 2 ? Fate{Kind::kAnswered, 400, ErrorBody("BadDigest")} : Fate{};
  };
  EXPECT_EQ(CodeOf(PutBytes(*Open(), Key("k"), "abc")), "ok");
  server_.fate = [](size_t, const http::Request&) { return Fate{Kind::kAnswered, 400, ErrorBody("BadDigest")}; };
  EXPECT_EQ(CodeOf(PutBytes(*Open(), Key("l"), "abc")), "data_loss");
}

TEST_F(S3Store, RepeatsAConflictingPut) {
  server_.fate = [](size_t number, const http::Request&) {
    return number <= 3 ? Fate{Kind::kAnswered, 409, ErrorBody("ConditionalRequestConflict")} : Fate{};
  };
  EXPECT_EQ(CodeOf(PutBytes(*Open(), Key("k"), "abc")), "ok");
}

TEST_F(S3Store, StreamsPartsThatMemoryDoesNotHold) {
  options_.buffer_bytes = 1 << 20;
  const std::string bytes = Pattern(2 * options_.part_bytes + 77);
  const auto body = std::make_shared<ProbeSource>(bytes);
  const auto outcome = PutOne(*Open(), {.key = Key("k"), .body = body});
  ASSERT_EQ(CodeOf(outcome), "ok");
  EXPECT_EQ(outcome->sha256, Sha256::Of(AsBytes(bytes)));
  EXPECT_TRUE(server_.objects["k"].bytes == bytes);
  EXPECT_TRUE(body->read_twice()) << "summed first, sent then";
}

// Reads differently the second time.
class MovingSource : public BlobSource {
 public:
  explicit MovingSource(uint64_t size) : bytes_(size, 'a') {}
  uint64_t size() const override { return bytes_.size(); }
  Status ReadAt(uint64_t offset, MutableByteSpan out) override {
    std::memset(out.data(), offset < highest_ ? 'b' : 'a', out.size());
    highest_ = std::max(highest_, offset + 1);
    return {};
  }
  Status CheckUnchanged() override { return Fail(ErrorCode::kSourceChanged, "another time than before"); }

 private:
  std::string bytes_;
  uint64_t highest_ = 0;
};

TEST_F(S3Store, NoticesAChangeBetweenTwoReadings) {
  options_.buffer_bytes = 1 << 20;
  const auto outcome =
      PutOne(*Open(), {.key = Key("k"), .body = std::make_shared<MovingSource>(2 * options_.part_bytes)});
  EXPECT_EQ(CodeOf(outcome), "source_changed");
  EXPECT_TRUE(server_.objects.empty());
  EXPECT_TRUE(server_.uploads.empty());
}

TEST_F(S3Store, GetsLargeObjectsInRangesOfOneVersion) {
  const std::string bytes = Pattern(40'000'000);
  server_.objects["k"].bytes = bytes;
  EXPECT_TRUE(ReadBack(*Open(), Key("k")) == bytes);
  size_t ranges = 0;
  for (const auto& request : server_.requests()) {
    if (Header(request.headers, "range").empty()) continue;
    ++ranges;
    EXPECT_FALSE(Header(request.headers, "if-match").empty());
  }
  EXPECT_GE(ranges, 4U);
}

TEST_F(S3Store, ComparesWhatArrivesWithTheStoresChecksum) {
  for (const size_t size : {size_t{10}, size_t{40'000'000}}) {
    server_.objects["k"].bytes = Pattern(size);
    server_.tamper = [](http::Response& response) {
      if (!response.body.empty()) response.body.back() ^= 1;
    };
    EXPECT_EQ(ReadBack(*Open(), Key("k")), "<data_loss>") << size;
  }
}

TEST_F(S3Store, NoticesAReplacedObject) {
  server_.objects["k"].bytes = Pattern(40'000'000);
  server_.fate = [](size_t number, const http::Request&) {
    return number == 4 ? Fate{Kind::kAnswered, 412, ErrorBody("PreconditionFailed")} : Fate{};
  };
  EXPECT_EQ(ReadBack(*Open(), Key("k")), "<data_loss>");
}

TEST_F(S3Store, NamesTheMissingPermission) {
  server_.fate = [](size_t, const http::Request&) { return Fate{Kind::kAnswered, 403, ErrorBody("AccessDenied")}; };
  const auto store = Open();
  const auto put = PutBytes(*store, Key("k"), "x");
  ASSERT_EQ(CodeOf(put), "permission_denied");
  EXPECT_NE(put.error().message.find("s3:PutObject"), std::string::npos) << put.error().message;
  const auto stat = store->Stat(Key("k"));
  ASSERT_EQ(CodeOf(stat), "permission_denied");
  EXPECT_NE(stat.error().message.find("s3:GetObject"), std::string::npos) << stat.error().message;
  const auto list = store->List({});
  ASSERT_EQ(CodeOf(list), "permission_denied");
  EXPECT_NE(list.error().message.find("s3:ListBucket"), std::string::npos) << list.error().message;
}

TEST_F(S3Store, RefusesKeysThatAreTooLongWithThePrefix) {
  options_.prefix = "p";
  EXPECT_EQ(CodeOf(PutBytes(*Open(), Key(std::string(1022, 'k')), "x")), "ok");
  EXPECT_EQ(CodeOf(PutBytes(*Open(), Key(std::string(1023, 'k')), "x")), "invalid_argument");
}

TEST_F(S3Store, RestoresAndTakesWhatIsUnderWayForSuccess) {
  const auto store = Open();
  struct {
    int status;
    const char* code;
    const char* means;
  } const answers[] = {{202, "", "ok"},
                       {200, "", "ok"},
                       {409, "RestoreAlreadyInProgress", "ok"},
                       {403, "InvalidObjectState", "ok"},
                       {404, "NoSuchKey", "not_found"},
                       {503, "SlowDown", "unavailable"}};
  for (const auto& answer : answers) {
    server_.fate = [&](size_t, const http::Request& request) {
      EXPECT_EQ(request.query, "restore=");
      return Fate{Kind::kAnswered, answer.status, *answer.code ? ErrorBody(answer.code) : ""};
    };
    EXPECT_EQ(CodeOf(store->Restore(Key("k"), {.tier = RestoreTier::kStandard, .days = 2})), answer.means);
  }
  EXPECT_EQ(CodeOf(store->Restore(Key("k"), {.days = 0})), "invalid_argument");
  EXPECT_EQ(CodeOf(store->Restore(Key("k"), {.days = 31})), "invalid_argument");
}

TEST_F(S3Store, PresignsAGetUnderThePrefix) {
  options_.prefix = "lab";
  const auto service = MakeFakeService(server_);
  const auto url = s3_store::PresignGet(options_, *service, Key("s/raw/a b"), std::chrono::hours(1));
  ASSERT_TRUE(url);
  EXPECT_EQ(url->Expose(), "GET https://bucket.test/lab/s/raw/a%20b 3600");
}

TEST_F(S3Store, RefusesImpossibleOptions) {
  const auto service = MakeFakeService(server_);
  const auto code = [&](auto change) {
    s3_store::S3StoreOptions options = FakeOptions();
    change(options);
    return CodeOf(s3_store::MakeS3BlobStore(options, service, clock_));
  };
  EXPECT_EQ(code([](auto&) {}), "ok");
  EXPECT_EQ(code([](auto& o) { o.bucket.clear(); }), "invalid_argument");
  EXPECT_EQ(code([](auto& o) { o.prefix = "a//b"; }), "invalid_argument");
  EXPECT_EQ(code([](auto& o) { o.part_bytes = 1000; }), "invalid_argument");
  EXPECT_EQ(code([](auto& o) { o.single_put_bytes = 6'000'000'000; }), "invalid_argument");
  EXPECT_EQ(code([](auto& o) { o.max_in_flight = 0; }), "invalid_argument");
}

}  // namespace
}  // namespace seshat::testing
