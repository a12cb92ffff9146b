// What is OpenSearch's own, on a real one: first use by many, rebuilding under searches, large documents.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "conformance/metadata_store/metadata_store_cases.h"
#include "opensearch_lab.h"
#include "ports/reference/reference_metadata_store.h"
#include "support/engines.h"
#include "support/store_comparison.h"

namespace seshat::opensearch {
namespace {

using conformance::Found;
using conformance::Newer;
using conformance::Parsed;
using conformance::Session;

class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto url = testing::EngineUrl("SESHAT_ENGINE_OPENSEARCH", "MetadataStore/opensearch");
    if (!url) GTEST_SKIP() << "there is no OpenSearch";
    lab_ = std::make_unique<testing::OpenSearchLab>(*url);
    store_ = lab_->Open();
  }

  void Note(const Error& error) {
    const std::lock_guard lock(mutex_);
    errors_.push_back(error.ToString());
  }

  // Into the store and the reference.
  void Put(const std::vector<SessionDocument>& documents) {
    ASSERT_TRUE(reference_->Upsert(documents));
    const auto stored = store_->Upsert(documents);
    ASSERT_TRUE(stored.has_value()) << stored.error().ToString();
  }

  // Both answer alike; how many hits there are.
  uint64_t Same(const SearchRequest& request) {
    const auto expected = reference_->Search(request);
    EXPECT_EQ(testing::Describe(store_->Search(request)), testing::Describe(expected)) << testing::Describe(request);
    return expected ? expected->total : 0;
  }
  uint64_t Same(const Query& query) {
    SearchRequest request;
    request.query = query;
    return Same(request);
  }
  uint64_t Same(std::string_view query) { return Same(Parsed(query)); }

  // The names of everything that the mapping has.
  std::string Mapping() { return lab_->Ask("GET", "/" + lab_->options.alias + "/_mapping"); }

  std::unique_ptr<MetadataStore> reference_ = reference::MakeReferenceMetadataStore();
  std::unique_ptr<testing::OpenSearchLab> lab_;
  std::unique_ptr<MetadataStore> store_;
  std::mutex mutex_;
  std::vector<std::string> errors_;
};

TEST_F(EngineTest, ManyBeginAtOnceOnAnEmptyCluster) {
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([this, i] {
        const auto store = lab_->Open();
        if (i % 2 == 0) {
          const auto page = store->Search({});
          if (!page) Note(page.error());
        } else {
          const SessionDocument document = Session(fmt::format("s{}", i), {});
          const auto stored = store->Upsert(std::span(&document, 1));
          if (!stored) Note(stored.error());
        }
      });
  }
  EXPECT_EQ(errors_, std::vector<std::string>{});
  EXPECT_EQ(conformance::Found(*store_, ""), "s1 s3");
}

// The old index until the new one is whole; never an error, never a session less.
TEST_F(EngineTest, SearchesNeverSeeAGapWhileTheIndexIsRebuilt) {
  constexpr uint64_t kSessions = 40;
  std::vector<SessionDocument> documents;
  for (uint64_t i = 0; i < kSessions; ++i) documents.push_back(Session(fmt::format("s{:02}", i), {{"n", "1"}}));
  ASSERT_TRUE(store_->Upsert(documents));
  std::atomic<bool> done = false;
  std::atomic<int> searches = 0;
  {
    const auto search = [&] {
      const auto store = lab_->Open();
      SearchRequest request;
      request.query = Parsed("n:1");
      request.facets = {"n"};
      while (!done) {
        const auto page = store->Search(request);
        if (!page) Note(page.error());
        if (page && (page->total != kSessions || page->facets[0].missing != 0))
          Note({ErrorCode::kDataLoss, fmt::format("{} sessions", page->total)});
        ++searches;
      }
    };
    const std::jthread first(search), second(search);
    for (int round = 0; round < 4; ++round) {
      const auto token = store_->BeginRebuild();
      ASSERT_TRUE(token.has_value()) << token.error().ToString();
      // Another process hears of a newer revision meanwhile.
      documents[0] = Newer(documents[0]);
      EXPECT_TRUE(lab_->Open()->Upsert(std::span(documents.data(), 1)));
      for (size_t at = 0; at < documents.size(); at += 10)
        EXPECT_TRUE(store_->Upsert(std::span(documents).subspan(at, 10)));
      const auto finished = store_->FinishRebuild(*token);
      EXPECT_TRUE(finished.has_value()) << finished.error().ToString();
      const int seen = searches;
      while (searches < seen + 4) std::this_thread::yield();
    }
    done = true;
  }
  EXPECT_EQ(errors_, std::vector<std::string>{});
  EXPECT_EQ(store_->Get("s00"), documents[0]);
  EXPECT_EQ(Found(*store_, "not n:1"), "");
  // One index is left.
  const auto indices = lab_->Ask("GET", "/_cat/indices/" + lab_->options.alias + "-*?h=index");
  EXPECT_EQ(std::ranges::count(indices, '\n'), 1) << indices;
}

TEST_F(EngineTest, ARebuildThatIsBrokenOffLeavesNothingBehindForTheNext) {
  const std::vector documents{Session("a", {})};
  ASSERT_TRUE(store_->Upsert(documents));
  ASSERT_TRUE(store_->BeginRebuild());
  const auto token = lab_->Open()->BeginRebuild();
  ASSERT_TRUE(token.has_value());
  ASSERT_TRUE(store_->Upsert(documents));
  ASSERT_TRUE(store_->FinishRebuild(*token));
  const auto indices = lab_->Ask("GET", "/_cat/indices/" + lab_->options.alias + "-*?h=index");
  EXPECT_EQ(std::ranges::count(indices, '\n'), 1) << indices;
}

TEST_F(EngineTest, TheMappingIsTheSameWhateverUsersWrite) {
  Put({Session("plain", {{"k", "7"}})});
  const auto before = Mapping();
  auto many = Session("many", {});
  for (int i = 0; i < 5'000; ++i)
    many.metadata.push_back({fmt::format("key.{}.with dots", i), metadata::TypeValue(fmt::format("value {}", i))});
  auto odd = Session("odd", {{"k", "seven"}});
  const std::string words[] = {
      "__proto__",           "a.b.c",       "meta.k", "_id", "_source", "doc", "Zürich", "Zu\u0308rich", "שלום", "🚀🚀",
      "\u202Eright to left", "constructor", " "};
  for (const auto& word : words) odd.metadata.push_back({word, metadata::TypeValue(word)});
  auto large = Session("large", {{"k", "2026-11-23"}});
  large.metadata.push_back(
      {"notes", metadata::TypeValue(std::string(1 << 20, 'x') + " end " + std::string(1 << 20, 'y'))});
  Put({many, odd, large});
  EXPECT_EQ(Mapping(), before);
  for (int i = 0; i < 5'000; i += 617) {
    EXPECT_EQ(Same(Query{Compare{fmt::format("KEY.{}.with dots", i), CompareOp::kEqual,
                                 metadata::TypeValue(fmt::format("Value {}", i))}}),
              1U);
    EXPECT_EQ(Same(Query{Exists{fmt::format("key.{}.with dots", i)}}), 1U);
  }
  for (const auto& word : words) {
    EXPECT_EQ(Same(Query{Exists{word}}), 1U) << word;
    EXPECT_GE(Same(Query{Compare{word, CompareOp::kExactly, metadata::TypeValue(word)}}), 1U) << word;
  }
  for (const char* query : {"k:7", "k:seven", "k >= 2026-01-01", "k > 5", "notes:end", "zürich", "\"🚀🚀\"", "שלום"})
    EXPECT_GE(Same(query), 1U) << query;
  const auto fields = store_->Fields({});
  ASSERT_TRUE(fields.has_value()) << fields.error().ToString();
  EXPECT_EQ(fields->size(), reference_->Fields({})->size());
}

// Longer than a term of Lucene can be.
TEST_F(EngineTest, LongValuesAreComparedCountedAndMatchedAsWholes) {
  const std::string long_a = "start " + std::string(40'000, 'a') + " END";
  const std::string long_b = "start " + std::string(40'000, 'a') + " other";
  auto a = Session("a", {{"rig", "x"}});
  a.metadata.push_back({"notes", metadata::TypeValue(long_a)});
  auto b = Session("b", {{"rig", "y"}});
  b.metadata.push_back({"notes", metadata::TypeValue(long_b)});
  Put({a, b, Session("c", {{"notes", "start short end"}})});
  EXPECT_EQ(Same(Query{Compare{"notes", CompareOp::kExactly, metadata::TypeValue(long_a)}}), 1U);
  EXPECT_EQ(Same(Query{Compare{"notes", CompareOp::kEqual, metadata::TypeValue("START " + long_a.substr(6))}}), 1U);
  EXPECT_EQ(Same("notes:start*end"), 2U);
  EXPECT_EQ(Same("not notes:start*end"), 1U);
  EXPECT_EQ(Same("start*other"), 1U);
  EXPECT_EQ(Same("not start*end and not rig:x"), 1U);
  EXPECT_EQ(Same("notes:/start a+ end/"), 1U);
  EXPECT_EQ(Same("rig:x*"), 1U);  // nothing long there
  SearchRequest facets;
  facets.facets = {"notes", "rig"};
  facets.sort = {SortOrder::By::kField, "notes", true};
  Same(facets);
  const FieldsOptions values{.names = {"notes"}, .top_values = 3, .value_prefix = "Start"};
  const auto fields = store_->Fields(values);
  ASSERT_TRUE(fields.has_value());
  EXPECT_EQ((*fields)[0].top_values, (*reference_->Fields(values))[0].top_values);
}

TEST_F(EngineTest, SessionsOfThousandsOfFilesAreFoundByEachOfThem) {
  auto big = Session("big", {{"path", "a metadata key of that name"}});
  for (int i = 0; i < 4'321; ++i) {
    FileDocument file;
    file.path = fmt::format("raw/run {:05}/Sensor-É{}.bin", i, i % 7);
    file.key = "big/" + file.path;
    file.results.push_back({"statistics", "1", i == 4'000 ? "failed" : "succeeded", "k", "", {}});
    big.files.push_back(std::move(file));
  }
  auto small = Session("small", {});
  small.files.push_back({"raw/run 00042/other.bin", "k", 1, {}, {}});
  Put({big, small, Session("none", {})});
  for (const char* query :
       {"path = \"raw/run 04320/sensor-É1.bin\"", "path:04320", "04320", "path:\"run 04320 sensor\"", "path:*04320*",
        "path:raw/run\\ 0432?/*", "sensr~1", "path:\"04320 e1\"~1", "path:/raw.run 04320.*/", "outcome = failed"})
    EXPECT_EQ(Same(query), 1U) << query;
  EXPECT_EQ(Same("path:00042"), 2U);
  EXPECT_EQ(Same("path:\"run 00042 other\""), 1U);
  // The words are of two paths.
  EXPECT_EQ(Same("path:\"04320 04319\""), 0U);
  EXPECT_EQ(Same(Query{Text{"path", TextMatch::kFuzzy, "04320x other", 1}}), 0U);
  EXPECT_EQ(Same(Query{Text{"path", TextMatch::kPhrase, "run bin", 5'000}}), 2U);
  for (const bool descending : {false, true}) {
    SearchRequest request;
    request.sort = {SortOrder::By::kField, "path", descending};
    request.facets = {"path", "processor", "outcome"};
    Same(request);
  }
  EXPECT_EQ(store_->Get("big"), big);
}

TEST_F(EngineTest, RegularExpressionsMeanWhatRe2SaysTheyMean) {
  std::vector<SessionDocument> documents;
  const std::string texts[] = {"bench-01",
                               "Bench 22 kelvin",
                               "k\u212A\u017Fs",
                               "a.b",
                               "a\nb",
                               "tab\tx",
                               "{2}",
                               "x{,3}",
                               "\"quoted\"",
                               "#1 <5> &~@",
                               "ab",
                               "abab",
                               "ababab",
                               "",
                               "ß",
                               "Ä1",
                               "_under_score_",
                               "[brackets]",
                               "\\",
                               "end$",
                               "^start",
                               "a-z",
                               "007",
                               "1.5e3"};
  int i = 0;
  for (const auto& text : texts) {
    auto document = Session(fmt::format("s{:02}", i), {}, i);
    ++i;
    document.metadata.push_back({"t", metadata::TypeValue(text)});
    documents.push_back(std::move(document));
  }
  Put(documents);
  for (const char* pattern : {"bench-\\d+",
                              "BENCH.\\d\\d.*",
                              "[k]+[s]+",
                              "k{2}s{2}",
                              "\\w+",
                              "\\W+",
                              "[^a]b",
                              "a.b",
                              "a\\.b",
                              "a\\nb",
                              ".*\\t.*",
                              "\\{2\\}",
                              "{2}",
                              "x{,3}",
                              "\"quoted\"",
                              "#1 <5> &~@",
                              "(ab){2,}",
                              "(?:ab){1,2}",
                              "(ab)*",
                              "(ab|)",
                              "",
                              "()",
                              "ä1",
                              "ß",
                              "_[a-z]+_[^\\d]*",
                              "\\[.*\\]",
                              "\\\\",
                              "end\\$",
                              "\\^start",
                              "^ab$",
                              "^a|b$",
                              "[a\\-z]*",
                              "[]x]*",
                              "[^]x]*",
                              "[\\d.e]+",
                              "0*7",
                              "[[:digit:]]+",
                              "\\pL+",
                              "a+?b",
                              "(?i)AB",
                              "a\\bb",
                              "[\\x41-\\x5a]b",
                              "\\x61b",
                              "[\\s\\S]*",
                              "(?P<n>a)b",
                              ".*a.{12}",
                              "[^\\W\\d]+",
                              "\\Qa.b\\E",
                              "s\\d+",
                              "x*"}) {
    Same(Query{Text{"t", TextMatch::kRegex, pattern}});
    Same(Query{Text{std::nullopt, TextMatch::kRegex, pattern}});
  }
}

TEST_F(EngineTest, PatternsThatAreTooMuchForTheEngineAreLookedAtHere) {
  Put({Session("a", {{"t", "xaxxxxxxxxxxxxxxxxxxxxxxxxx"}}), Session("b", {{"t", "b"}}), Session("c", {{"u", "abc"}})});
  EXPECT_EQ(Same("t:*a?????????????????????????"), 1U);
  EXPECT_EQ(Same("not t:*a?????????????????????????"), 2U);
  EXPECT_EQ(Same(Query{Text{"t", TextMatch::kRegex, ".*a.{25}"}}), 1U);
  EXPECT_EQ(Same(Query{Text{"t", TextMatch::kRegex, "(.*a.{10}|.*x.{10}){3}"}}), 0U);
  SearchRequest scored;
  scored.query = Query{Text{std::nullopt, TextMatch::kRegex, "\\pL+"}};
  scored.sort.by = SortOrder::By::kRelevance;
  scored.limit = 1;
  std::string ids;
  do {
    const auto page = store_->Search(scored);
    ASSERT_TRUE(page.has_value()) << page.error().ToString();
    ids += conformance::IdsOf(*page) + " ";
    scored.cursor = page->next_cursor;
  } while (!scored.cursor.empty());
  EXPECT_EQ(ids, "a b c ");
}

TEST_F(EngineTest, SearchesThatWouldLookAtEverythingAreRefused) {
  Put({Session("a", {}), Session("b", {}), Session("c", {})});
  lab_->options.search.max_verified = 2;
  const auto store = lab_->Open();
  SearchRequest request;
  request.query = Query{Text{std::nullopt, TextMatch::kRegex, "\\pL+"}};
  const auto page = store->Search(request);
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, ErrorCode::kResourceExhausted);
}

TEST_F(EngineTest, AReadOnlyIndexIsWaitedForAndCaughtUpWith) {
  Put({Session("a", {})});
  const auto settings = "/" + lab_->options.alias + "/_settings";
  lab_->Ask("PUT", settings, R"({"index.blocks.write":true})");
  const std::vector next{Session("b", {})};
  const auto refused = store_->Upsert(next);
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().retryable()) << refused.error().ToString();
  EXPECT_EQ(Found(*store_, ""), "a");
  lab_->Ask("PUT", settings, R"({"index.blocks.write":false})");
  EXPECT_TRUE(store_->Upsert(next));
  EXPECT_EQ(Found(*store_, ""), "a b");
}

TEST_F(EngineTest, AnIndexWithTheNameOfTheAliasIsNotTouched) {
  lab_->Ask("PUT", "/" + lab_->options.alias, "{}");
  const std::vector documents{Session("a", {})};
  const auto refused = store_->Upsert(documents);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << refused.error().ToString();
  lab_->Ask("DELETE", "/" + lab_->options.alias);
}

}  // namespace
}  // namespace seshat::opensearch
