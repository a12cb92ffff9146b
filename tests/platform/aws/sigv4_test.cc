// The signer against AWS's published signing suite, which is read from $SESHAT_SHARED/vectors where it is present, and
// against three of our own cases that need no file.
#include "platform/aws/sigv4.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "core/digest/sha256.h"
#include "core/records/json_fields.h"
#include "support/temp_dir.h"

namespace seshat::aws {
namespace {

namespace fs = std::filesystem;
using seshat::testing::ReadFile;

struct Vector {
  SigningScope scope;
  SigningKeys keys;
  HttpRequestToSign request;
  Timestamp now;
  std::chrono::seconds valid{};
  bool send_hash = false;  // x-amz-content-sha256 goes with the request, but not into a presigned URL
};

// "GET /path HTTP/1.1", headers, an empty line, the body. A header line that starts with a blank goes on the last one.
void ParseRequest(std::string text, HttpRequestToSign& request, std::string& body) {
  const auto take_line = [&] {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string line = text.substr(0, end);
    text.erase(0, std::min(end + 1, text.size()));
    return line;
  };
  const std::string first = take_line();
  const size_t blank = first.find(' ');
  std::string target = first.substr(blank + 1, first.rfind(' ') - blank - 1);
  request.method = first.substr(0, blank);
  const size_t question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  if (question < target.size()) request.query = target.substr(question + 1);
  for (std::string line = take_line(); !line.empty(); line = take_line()) {
    if (line.front() == ' ') {
      request.headers.back().second += " " + line;
      continue;
    }
    const size_t colon = line.find(':');
    request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  body = text;
}

Vector Load(const fs::path& directory) {
  const auto context = json::Parse(ReadFile(directory / "context.json"), "context").value();
  json::Reader reader(context, "context");
  json::Reader credentials(*reader.Find("credentials"), "credentials");
  Vector v;
  v.scope = {reader.String("region"), reader.String("service"),
             reader.BoolOr("normalize", true) ? PathRule::kNormalized : PathRule::kUnnormalized,
             reader.BoolOr("omit_session_token", false) ? TokenRule::kAddedAfter : TokenRule::kSigned};
  v.keys = {credentials.String("access_key_id"), Secret(credentials.String("secret_access_key")),
            Secret(credentials.StringOr("token", ""))};
  v.now = reader.Time("timestamp");
  v.valid = std::chrono::seconds(reader.Unsigned("expiration_in_seconds"));
  EXPECT_TRUE(reader.status().has_value());
  std::string body;
  ParseRequest(ReadFile(directory / "request.txt"), v.request, body);
  const bool sign_body = reader.BoolOr("sign_body", false);
  v.request.payload_hash = Sha256::Of(AsBytes(sign_body ? body : "")).ToHex();
  v.send_hash = sign_body;
  return v;
}

fs::path SuiteDirectory() {
  const char* shared = std::getenv("SESHAT_SHARED");  // NOLINT(concurrency-mt-unsafe): nothing sets it meanwhile
  return (shared != nullptr ? fs::path(shared) : fs::path(SESHAT_SOURCE_DIR) / ".." / "shared") /
         "vectors/sigv4/aws-signing-test-suite/v4";
}

TEST(Sigv4, PublishedSuite) {
  const fs::path suite = SuiteDirectory();
  if (!fs::is_directory(suite)) GTEST_SKIP() << "no published vectors at hand";
  int cases = 0;
  for (const auto& entry : fs::directory_iterator(suite)) {
    SCOPED_TRACE(entry.path().filename().string());
    const Vector v = Load(entry.path());
    const Signer signer(v.scope);
    const auto expected = [&](const char* name) { return ReadFile(entry.path() / name); };

    HttpRequestToSign with_hash = v.request;
    if (v.send_hash) with_hash.headers.emplace_back("x-amz-content-sha256", v.request.payload_hash);
    const auto in_headers = signer.SignHeaders(v.keys, with_hash, v.now);
    EXPECT_EQ(in_headers.detail.canonical_request, expected("header-canonical-request.txt"));
    EXPECT_EQ(in_headers.detail.string_to_sign, expected("header-string-to-sign.txt"));
    EXPECT_EQ(in_headers.detail.signature, expected("header-signature.txt"));
    EXPECT_NE(expected("header-signed-request.txt").find(in_headers.added.back().second), std::string::npos);

    const auto in_query = signer.Presign(v.keys, v.request, v.now, v.valid);
    EXPECT_EQ(in_query.detail.canonical_request, expected("query-canonical-request.txt"));
    EXPECT_EQ(in_query.detail.string_to_sign, expected("query-string-to-sign.txt"));
    EXPECT_EQ(in_query.detail.signature, expected("query-signature.txt"));
    ++cases;
  }
  EXPECT_EQ(cases, 38);
}

HttpRequestToSign Get(std::string path, std::string query = "") {
  return {"GET", std::move(path), std::move(query), {{"host", "store.example"}}, "UNSIGNED-PAYLOAD"};
}

const SigningKeys kKeys{"AKID", Secret("secret"), Secret()};
const Timestamp kNow = ParseTimestamp("2026-11-23T06:00:00.5Z").value();

TEST(Sigv4, S3PathsAreEncodedOnceAndNeverResolved) {
  const Signer s3({"eu-central-1", "s3", PathRule::kS3});
  const auto of = [&](std::string path) {
    return s3.SignHeaders(kKeys, Get(std::move(path)), kNow).detail.canonical_request;
  };
  EXPECT_TRUE(of("/b/a//../x+y%20z").starts_with("GET\n/b/a//../x%2By%20z\n"));
  // Any spelling of the same key on the wire has the same signature.
  EXPECT_EQ(of("/b/%c3%a9"), of("/b/%C3%A9"));
}

TEST(Sigv4, OtherServicesEncodeTwice) {
  const Signer es({"eu-central-1", "es", PathRule::kNormalized});
  EXPECT_TRUE(es.SignHeaders(kKeys, Get("/index/_doc/a%2Fb"), kNow)
                  .detail.canonical_request.starts_with("GET\n/index/_doc/a%252Fb\n"));
}

TEST(Sigv4, QueryIsSortedAndAlwaysHasEqualsSigns) {
  const Signer s3({"eu-central-1", "s3", PathRule::kS3});
  const auto request = s3.SignHeaders(kKeys, Get("/b", "uploads&prefix=a/b&list-type=2"), kNow);
  EXPECT_TRUE(request.detail.canonical_request.starts_with("GET\n/b\nlist-type=2&prefix=a%2Fb&uploads=\n"));
}

TEST(Sigv4, OwnDateHeaderIsNotSentTwice) {
  const Signer s3({"eu-central-1", "s3", PathRule::kS3});
  HttpRequestToSign request = Get("/b");
  request.headers.emplace_back("X-Amz-Date", "20261123T060000Z");
  const auto added = s3.SignHeaders(kKeys, request, kNow).added;
  ASSERT_EQ(added.size(), 1U);
  EXPECT_EQ(added[0].first, "authorization");
}

TEST(Sigv4, ANewSecretOrDayMakesANewKey) {
  const Signer s3({"eu-central-1", "s3", PathRule::kS3});
  const auto signature = [&](const SigningKeys& keys, Timestamp now) {
    return s3.SignHeaders(keys, Get("/b"), now).detail.signature;
  };
  const std::string first = signature(kKeys, kNow);
  EXPECT_NE(signature({"AKID", Secret("other"), Secret()}, kNow), first);
  EXPECT_NE(signature(kKeys, kNow + std::chrono::hours(24)), first);
  EXPECT_EQ(signature(kKeys, kNow), first);
}

}  // namespace
}  // namespace seshat::aws
