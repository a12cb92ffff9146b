// OpenSearch as it is on bad days, played by a scripted server: what people are told, and what writing does.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "adapters/opensearch/opensearch_metadata_store.h"
#include "conformance/metadata_store/metadata_store_cases.h"
#include "opensearch_lab.h"
#include "support/fakes.h"
#include "support/http_server.h"

namespace seshat::opensearch {
namespace {

using conformance::Session;
using testing::FakeClock;
using ::testing::HasSubstr;
using testing::HttpAnswer;
using testing::HttpServer;
using ::testing::Not;
using testing::ReceivedRequest;
using namespace std::chrono_literals;

constexpr std::string_view kNoHits = R"({"hits":{"total":{"value":0,"relation":"eq"},"hits":[]}})";

HttpAnswer Json(int status, std::string body) {
  return {.status = status, .headers = {{"content-type", "application/json"}}, .body = std::move(body)};
}

HttpAnswer Problem(int status, std::string_view type, std::string_view reason) {
  return Json(
      status,
      fmt::format(
          R"({{"error":{{"root_cause":[{{"type":"{0}","reason":"{1}"}}],"type":"{0}","reason":"{1}"}},"status":{2}}})",
          type, reason, status));
}

// One item for each line that begins an action.
size_t DocumentsOf(const ReceivedRequest& request) {
  size_t count = 0;
  for (size_t at = request.body.find(R"({"index":{)"); at != std::string::npos;
       at = request.body.find(R"({"index":{)", at + 1))
    ++count;
  return count;
}

std::string Items(size_t count, int status) {
  std::string items;
  for (size_t i = 0; i < count; ++i)
    items += fmt::format(R"({}{{"index":{{"status":{}}}}})", i == 0 ? "" : ",", status);
  return fmt::format(R"({{"errors":{},"items":[{}]}})", status >= 300, items);
}

// All is well: no rebuild goes on, every document is stored.
HttpAnswer Healthy(const ReceivedRequest& request) {
  if (request.method == "HEAD") return Json(404, "");
  if (request.path.ends_with("/_bulk")) return Json(200, Items(DocumentsOf(request), 201));
  if (request.path.ends_with("/_search")) return Json(200, std::string(kNoHits));
  return Json(200, "{}");
}

std::vector<SessionDocument> Documents(size_t count) {
  std::vector<SessionDocument> documents;
  for (size_t i = 0; i < count; ++i) documents.push_back(Session(fmt::format("s{}", i), {{"n", "1"}}));
  return documents;
}

class OutageTest : public ::testing::Test {
 protected:
  std::unique_ptr<MetadataStore> Open(const std::string& url) {
    OpenSearchOptions options;
    options.origin = http::ParseUrl(url).value().origin;
    options.sender = testing::MakePlainSender();
    options.clock = &clock_;
    options.search.timeout = 300ms;
    options.bulk.max_documents = 64;
    options.bulk.max_bytes = 1 << 20;
    return MakeOpenSearchMetadataStore(std::move(options)).value();
  }

  // What a search says, and that it is one sentence.
  static Error SearchError(MetadataStore& store) {
    const auto page = store.Search({});
    EXPECT_FALSE(page.has_value());
    if (page) return {};
    EXPECT_THAT(page.error().message, HasSubstr("OpenSearch at http://127.0.0.1:"));
    EXPECT_THAT(page.error().message, Not(HasSubstr("\n")));
    return page.error();
  }

  FakeClock clock_;
};

TEST_F(OutageTest, DownIsSaidAtOnce) {
  std::string url;
  {
    const HttpServer gone(Healthy);
    url = gone.url();
  }
  const auto store = Open(url);
  const auto error = SearchError(*store);
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.message, HasSubstr("cannot be reached"));
  const auto documents = Documents(1);
  EXPECT_EQ(store->Upsert(documents).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(store->Get("s").error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(store->GetStatus().error().code, ErrorCode::kUnavailable);
}

TEST_F(OutageTest, SlowIsSaidWhenTheTimeIsUp) {
  EXPECT_LT(opensearch::SearchLimits{}.timeout, 2s);  // what people are promised
  const HttpServer server([](const ReceivedRequest&) { return HttpAnswer{.black_hole = true}; });
  const auto error = SearchError(*Open(server.url()));
  EXPECT_EQ(error.code, ErrorCode::kDeadlineExceeded);
  EXPECT_THAT(error.message, HasSubstr("did not answer within 0.3 s"));
}

TEST_F(OutageTest, WhatSearchesSay) {
  struct Expectation {
    HttpAnswer answer;
    ErrorCode code;
    const char* says;
  };
  const Expectation expectations[] = {
      {Problem(429, "rejected_execution_exception", "queue is full"), ErrorCode::kUnavailable, "too much to do"},
      {Problem(503, "search_phase_execution_exception", "all shards failed"), ErrorCode::kUnavailable,
       "cannot answer now"},
      {Problem(500, "exception", "boom"), ErrorCode::kUnavailable, "boom"},
      {Json(502, "<html>Bad Gateway</html>"), ErrorCode::kUnavailable, "it answered 502"},
      {Problem(401, "security_exception", "no credentials"), ErrorCode::kUnauthenticated, "metadata.user"},
      {Problem(403, "security_exception", "no permissions for [indices:data/read/search]"),
       ErrorCode::kPermissionDenied, "no permissions"},
      {Json(200, "not JSON"), ErrorCode::kDataLoss, "OpenSearch's answer"},
  };
  for (const auto& expectation : expectations) {
    const HttpServer server([&](const ReceivedRequest&) { return expectation.answer; });
    const auto page = Open(server.url())->Search({});
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, expectation.code) << page.error().ToString();
    EXPECT_THAT(page.error().message, HasSubstr(expectation.says));
  }
}

TEST_F(OutageTest, ReadOnlyTakesNoWritesAndIsNobodysFault) {
  for (const int status : {403, 429}) {
    const HttpServer server([&](const ReceivedRequest& request) {
      if (!request.path.ends_with("/_bulk")) return Healthy(request);
      return Json(
          200,
          fmt::format(
              R"({{"errors":true,"items":[{{"index":{{"status":{},"error":{{"type":"cluster_block_exception",)"
              R"("reason":"index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]"}}}}}}]}})",
              status));
    });
    const auto store = Open(server.url());
    const auto documents = Documents(1);
    const auto stored = store->Upsert(documents);
    ASSERT_FALSE(stored.has_value());
    EXPECT_TRUE(stored.error().retryable());  // indexing waits
    EXPECT_THAT(stored.error().message, HasSubstr("takes no writes now"));
    EXPECT_THAT(stored.error().message, HasSubstr("flood-stage"));
    EXPECT_TRUE(store->Search({}).has_value());  // searches go on
  }
}

TEST_F(OutageTest, TooMuchToDoIsWaitedForWithSmallerRequests) {
  std::vector<size_t> sizes;
  const HttpServer server([&](const ReceivedRequest& request) {
    if (!request.path.ends_with("/_bulk")) return Healthy(request);
    sizes.push_back(DocumentsOf(request));
    if (sizes.size() <= 2) return Problem(429, "circuit_breaking_exception", "data too large");
    return Healthy(request);
  });
  const auto store = Open(server.url());
  const auto before = clock_.Now();
  const auto documents = Documents(100);
  const auto stored = store->Upsert(documents);
  ASSERT_TRUE(stored.has_value()) << stored.error().ToString();
  ASSERT_GE(sizes.size(), 3u);
  EXPECT_EQ(sizes[0], 64u);
  EXPECT_EQ(sizes[1], 32u);
  EXPECT_EQ(sizes[2], 16u);
  EXPECT_EQ(clock_.Now() - before, 300ms);  // 100, then 200
}

TEST_F(OutageTest, RejectedDocumentsOfABulkComeAgain) {
  std::vector<size_t> sizes;
  const HttpServer server([&](const ReceivedRequest& request) {
    if (!request.path.ends_with("/_bulk")) return Healthy(request);
    sizes.push_back(DocumentsOf(request));
    if (sizes.size() > 1) return Healthy(request);
    return Json(200,
                R"({"errors":true,"items":[{"index":{"status":201}},{"index":{"status":429,"error":)"
                R"({"type":"rejected_execution_exception","reason":"queue is full"}}},{"index":{"status":409,"error":)"
                R"({"type":"version_conflict_engine_exception","reason":"newer"}}}]})");
  });
  const auto documents = Documents(3);
  const auto stored = Open(server.url())->Upsert(documents);
  ASSERT_TRUE(stored.has_value()) << stored.error().ToString();
  EXPECT_EQ(sizes, (std::vector<size_t>{3, 1}));
}

TEST_F(OutageTest, PatienceEnds) {
  const HttpServer server([&](const ReceivedRequest& request) {
    if (!request.path.ends_with("/_bulk")) return Healthy(request);
    auto busy = Problem(429, "rejected_execution_exception", "queue is full");
    busy.headers.emplace_back("Retry-After", "3");
    return busy;
  });
  const auto before = clock_.Now();
  const auto documents = Documents(1);
  const auto stored = Open(server.url())->Upsert(documents);
  ASSERT_FALSE(stored.has_value());
  EXPECT_EQ(stored.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(stored.error().retry_after, 3s);
  EXPECT_LE(clock_.Now() - before, 20s);
  EXPECT_GE(clock_.Now() - before, 15s);
}

TEST_F(OutageTest, ARefusedDocumentIsNamed) {
  const HttpServer server([&](const ReceivedRequest& request) {
    if (!request.path.ends_with("/_bulk")) return Healthy(request);
    return Json(200, R"({"errors":true,"items":[{"index":{"status":201}},{"index":{"status":400,"error":)"
                     R"({"type":"mapper_parsing_exception","reason":"failed to parse"}}}]})");
  });
  const auto documents = Documents(2);
  const auto stored = Open(server.url())->Upsert(documents);
  ASSERT_FALSE(stored.has_value());
  EXPECT_EQ(stored.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(stored.error().message, HasSubstr("s1: "));
  EXPECT_THAT(stored.error().message, HasSubstr("failed to parse"));
}

TEST_F(OutageTest, BulksAreBoundedInBytesToo) {
  std::vector<size_t> sizes;
  const HttpServer server([&](const ReceivedRequest& request) {
    if (request.path.ends_with("/_bulk")) sizes.push_back(DocumentsOf(request));
    return Healthy(request);
  });
  std::vector<SessionDocument> documents;
  const std::string large(400'000, 'x');
  for (int i = 0; i < 6; ++i) documents.push_back(Session(fmt::format("s{}", i), {{"notes", large.c_str()}}));
  ASSERT_TRUE(Open(server.url())->Upsert(documents));
  EXPECT_EQ(sizes.size(), 3u);
  size_t sum = 0;
  for (const size_t size : sizes) sum += size;
  EXPECT_EQ(sum, documents.size());
}

TEST_F(OutageTest, ThePasswordIsSentAndNeverShown) {
  const HttpServer server([&](const ReceivedRequest& request) {
    if (request.header("authorization") == "Basic c2VzaGF0OnMzY3LDqXQ=") return Healthy(request);
    return Problem(401, "security_exception", "no");
  });
  OpenSearchOptions options;
  options.origin = http::ParseUrl(server.url()).value().origin;
  options.sender = testing::MakePlainSender();
  options.clock = &clock_;
  options.user = "seshat";
  options.password = Secret("s3crét");
  EXPECT_TRUE(MakeOpenSearchMetadataStore(options).value()->Search({}).has_value());
  options.password = Secret("wrong-pw");
  const auto refused = MakeOpenSearchMetadataStore(options).value()->Search({});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
  EXPECT_THAT(refused.error().ToString(), Not(HasSubstr("wrong-pw")));
}

TEST(OpenSearchOptionsTest, AliasesThatOpenSearchDoesNotTakeAreRefused) {
  FakeClock clock;
  for (const char* alias : {"", "Upper", "-x", "a b", "a,b", "a*", "a/b", "..", "ünder"}) {
    OpenSearchOptions options;
    options.alias = alias;
    options.clock = &clock;
    const auto made = MakeOpenSearchMetadataStore(std::move(options));
    ASSERT_FALSE(made.has_value()) << alias;
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace seshat::opensearch
