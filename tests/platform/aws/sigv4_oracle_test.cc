// Thousands of random requests, signed by us and by botocore, AWS's own library for Python: the same signature each time.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <random>
#include <sstream>

#include "core/digest/sha256.h"
#include "platform/aws/sigv4.h"
#include "support/run_program.h"
#include "support/temp_dir.h"

namespace seshat::aws {
namespace {

namespace bj = boost::json;
using seshat::testing::ReadFile;
using seshat::testing::RunProgram;
using seshat::testing::TempDir;
using seshat::testing::WriteFile;

constexpr int kCases = 6000;

struct Case {
  SigningScope scope;
  SigningKeys keys;
  HttpRequestToSign request;
  std::string body;
  bool unsigned_payload = false;
  int64_t presign = 0;  // seconds; 0: in the headers
  Timestamp now;
};

class Maker {
 public:
  explicit Maker(uint64_t seed) : engine_(seed) {}

  Case Next() {
    Case c;
    const bool s3 = Chance(50);
    c.scope = {Pick({"us-east-1", "eu-central-1", "cn-north-1"}),
               s3 ? "s3" : Pick({"sns", "sqs", "sts", "es", "kms", "execute-api"}),
               s3 ? PathRule::kS3 : PathRule::kNormalized};
    c.keys = {Word(4, 20), Secret(Text(1, 40)), Secret(Chance(40) ? Text(1, 300) : "")};
    c.now = std::chrono::sys_seconds(std::chrono::seconds(Number(1'000'000'000, 2'000'000'000)));
    c.presign = Chance(30) ? Number(1, 604'800) : 0;
    c.request.method = Pick({"GET", "PUT", "POST", "DELETE", "HEAD"});
    c.request.path = s3 ? "/" + EncodeS3Path(Key()) : ServicePath();
    c.request.query = Query(c.presign == 0);
    c.request.headers = {{"host", Pick({"lab.s3.us-east-1.amazonaws.com", "127.0.0.1:9000", "sqs.example"})}};
    if (c.presign == 0) AddHeaders(c.request.headers);
    c.body = c.presign == 0 && Chance(50) ? Text(0, 200) : "";
    c.unsigned_payload = s3 && (c.presign != 0 || Chance(40));
    c.request.payload_hash = c.unsigned_payload ? "UNSIGNED-PAYLOAD" : Sha256::Of(AsBytes(c.body)).ToHex();
    // botocore sends it to S3 always; here it is part of what is signed.
    if (s3 && c.presign == 0) c.request.headers.emplace_back("x-amz-content-sha256", c.request.payload_hash);
    return c;
  }

 private:
  int64_t Number(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(engine_); }
  bool Chance(int percent) { return Number(1, 100) <= percent; }
  std::string Pick(std::initializer_list<const char*> words) {
    return *(words.begin() + Number(0, static_cast<int64_t>(words.size()) - 1));
  }
  std::string Word(int64_t low, int64_t high) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string out;
    for (int64_t i = Number(low, high); i > 0; --i) out += kLetters[static_cast<size_t>(Number(0, 61))];
    return out;
  }
  // Everything printable, and letters of two, three and four bytes.
  std::string Text(int64_t low, int64_t high) {
    std::string out;
    for (int64_t i = Number(low, high); i > 0; --i) {
      if (Chance(10)) {
        out += Pick({"é", "ß", "Ω", "漢", "€", "😀", "\u0301"});
      } else {
        out += static_cast<char>(Number(0x20, 0x7e));
      }
    }
    return out;
  }
  std::string Key() {
    std::string key = Text(1, 60);
    if (Chance(20)) key += "/" + Pick({".", "..", "", "a//b", "%2F", "+ +"});
    return key;
  }
  // Dot segments at the end are left out: botocore drops the '/' there that RFC 3986 keeps. None of our requests has any.
  std::string ServicePath() {
    std::string path;
    for (int64_t i = Number(0, 5); i > 0; --i)
      path += "/" + (Chance(30) ? Pick({".", "..", ""}) : UriEncode(Text(1, 10)));
    return path + "/" + (Chance(50) ? UriEncode(Word(1, 10)) : "");
  }
  std::string Query(bool repeated) {
    std::vector<std::pair<std::string, std::string>> all;
    for (int64_t i = Number(0, 5); i > 0; --i) {
      const std::string name = repeated && Chance(20) ? "twice" : fmt::format("{}{}", Text(1, 8), i);
      all.emplace_back(UriEncode(name), UriEncode(Text(0, 20)));
    }
    std::string query;
    for (const auto& [name, value] : all)
      query += fmt::format("{}{}{}{}", query.empty() ? "" : "&", name,
                           value.empty() && Chance(30) && repeated ? "" : "=", value);
    return query;
  }
  void AddHeaders(HeaderList& headers) {
    for (int64_t i = Number(0, 6); i > 0; --i) {
      std::string value;
      for (int64_t part = Number(0, 4); part > 0; --part)
        value += Word(1, 8) + Pick({" ", "  ", "   ", ",", ";q=", "/", "=\"\" "});
      headers.emplace_back(
          Pick({"x-amz-meta-a", "X-Amz-Meta-B", "content-type", "Range", "x-amz-acl", "if-none-match"}), value);
    }
  }

  std::mt19937_64 engine_;
};

std::string BasicTime(Timestamp now) {
  std::string out;
  for (const char c : FormatTimestamp(now))
    if (c != '-' && c != ':') out += c;
  return out;
}

bj::object JsonOf(const Case& c) {
  bj::array headers;
  std::string host;
  for (const auto& [name, value] : c.request.headers) {
    if (name == "host") host = value;
    // botocore makes these two by itself.
    if (name != "host" && name != "x-amz-content-sha256") headers.push_back({name, value});
  }
  return {{"service", c.scope.service},
          {"region", c.scope.region},
          {"access_key_id", c.keys.access_key_id},
          {"secret_access_key", c.keys.secret_access_key.Expose()},
          {"session_token", c.keys.session_token.Expose()},
          {"time", BasicTime(c.now)},
          {"method", c.request.method},
          {"host", host},
          {"path", c.request.path},
          {"query", c.request.query},
          {"headers", std::move(headers)},
          {"body", c.body},
          {"unsigned_payload", c.unsigned_payload},
          {"presign", c.presign}};
}

std::string SignatureIn(std::string_view text) {
  constexpr std::string_view kName = "X-Amz-Signature=";
  const size_t at = text.find(kName);
  return at == std::string_view::npos ? std::string(text) : std::string(text.substr(at + kName.size(), 64));
}

void Compare(const Case& c, const bj::object& answer) {
  const Signer signer(c.scope);
  if (c.presign != 0) {
    const auto ours = signer.Presign(c.keys, c.request, c.now, std::chrono::seconds(c.presign));
    EXPECT_EQ(ours.detail.signature, SignatureIn(std::string_view(answer.at("url").as_string())))
        << ours.detail.canonical_request;
    return;
  }
  const auto ours = signer.SignHeaders(c.keys, c.request, c.now);
  EXPECT_EQ(ours.added.back().second, std::string_view(answer.at("authorization").as_string()))
      << ours.detail.canonical_request;
}

seshat::testing::Variables PathAndHome() {
  seshat::testing::Variables variables;
  for (const char* name : {"PATH", "HOME"}) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets it meanwhile
    if (const char* value = std::getenv(name)) variables.emplace_back(name, value);
  }
  return variables;
}

TEST(Sigv4Oracle, SixThousandRequestsSignedAsByBotocore) {
  const TempDir directory;
  Maker maker(20'261'123);
  std::vector<Case> cases;
  std::string lines;
  for (int i = 0; i < kCases; ++i) {
    cases.push_back(maker.Next());
    lines += bj::serialize(JsonOf(cases.back())) + "\n";
  }
  WriteFile(directory / "requests", lines);
  // The machine's own Python first; then Debian's, for which scripts/install-packages brings botocore.
  seshat::testing::ProgramResult ran;
  for (const char* python : {"python3", "/usr/bin/python3"}) {
    ran = RunProgram({"/usr/bin/env", python, "-B", SESHAT_SOURCE_DIR "/tests/platform/aws/sigv4_oracle.py",
                      directory / "requests", directory / "answers"},
                     PathAndHome());
    if (ran.status == 0) break;
  }
  ASSERT_EQ(ran.status, 0) << "botocore could not be asked:\n" << ran.err;
  std::istringstream answers(ReadFile(directory / "answers"));
  size_t compared = 0;
  for (std::string line; std::getline(answers, line) && !HasFailure(); ++compared) {
    SCOPED_TRACE(bj::serialize(JsonOf(cases.at(compared))));
    Compare(cases.at(compared), bj::parse(line).as_object());
  }
  EXPECT_TRUE(HasFailure() || compared == kCases) << compared;
}

}  // namespace
}  // namespace seshat::aws
