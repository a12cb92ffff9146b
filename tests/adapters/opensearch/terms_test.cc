// How texts become terms, and queries the engine's: what can be said without an engine.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "adapters/opensearch/document_writer.h"
#include "adapters/opensearch/index_format.h"
#include "adapters/opensearch/index_terms.h"
#include "adapters/opensearch/query_compiler.h"
#include "adapters/opensearch/regex_translation.h"
#include "conformance/metadata_store/metadata_store_cases.h"
#include "core/base/utf8.h"
#include "core/metadata/text_fold.h"
#include "ports/search_request.h"

namespace seshat::opensearch {
namespace {

namespace bj = boost::json;
using conformance::Parsed;
using conformance::Session;

TEST(IndexTerms, NoTwoTextsHaveOneTerm) {
  const std::string at_limit(kMaxTermBytes, 'x');
  EXPECT_EQ(TextTerm(at_limit), at_limit);
  const auto hashed = TextTerm(at_limit + "x");
  EXPECT_TRUE(IsHashed(hashed));
  EXPECT_LT(hashed.size(), 100U);
  EXPECT_NE(TextTerm(hashed), hashed);  // whoever writes such a text himself
  EXPECT_NE(TextTerm(at_limit + "y"), hashed);
  EXPECT_NE(PairTerm("a=b", "c"), PairTerm("a", "b=c"));
  EXPECT_NE(PairTerm("a\\", "=c"), PairTerm("a\\=", "c"));
  EXPECT_EQ(PairTerm("rig", "bench-1"), "rig=bench-1");
}

// Texts that are cut in a character keep the order of their bytes and of their first 256.
TEST(IndexTerms, SortTermsAreValidAndKeepTheOrder) {
  std::vector<std::string> texts;
  for (size_t length = 250; length <= 257; ++length)
    for (const char* tail : {"", "a", "é", "ü", "ю", "\u0800", "東", "\U00010000", "🚀", "\U0010FFFF", "zz"})
      texts.push_back(std::string(length, 'm') + tail + "rest");
  for (const auto& a : texts) {
    EXPECT_TRUE(IsValidUtf8(SortTerm(a)));
    for (const auto& b : texts) {
      const auto cut = [](const std::string& text) { return text.substr(0, SortKey::kMaxTextBytes); };
      EXPECT_EQ(SortTerm(a) < SortTerm(b), cut(a) < cut(b)) << a << " | " << b;
    }
  }
}

TEST(RegexTranslation, SaysTheSameInLucenesWords) {
  const std::pair<const char*, const char*> cases[] = {
      {"ab", "[Aa][Bb]"},
      {"k", "[Kk\u212A]"},
      {"s", "[Ss\u017F]"},
      {"\\d+", "[0-9]+"},
      {"a|b", "[Aa]|[Bb]"},
      {"(?:1)*?", "(1)*"},
      {"^1$", "1"},
      {"1{2,3}", "1{2,3}"},
      {"1{,3}", "1\\{\\,3\\}"},
      {"\"#@&<>~\"", "\\\"\\#\\@\\&\\<\\>\\~\\\""},
      {"[^\\d]", "[\x01-\\/\\:-\U0010FFFF]"},
      {"", "()"},
  };
  for (const auto& [pattern, expected] : cases) {
    auto translated = TranslateRegex(pattern).value_or("nothing");
    // NUL cannot stand in the table.
    for (auto& c : translated)
      if (c == '\0') c = '\x01';
    EXPECT_EQ(translated, expected) << pattern;
  }
  for (const char* beyond : {"\\bx", "\\pL", "é", "(?i)a", "a^b", "[[:alpha:]]", "\\x{41}", "1{200}", "\\Qa\\E"})
    EXPECT_FALSE(TranslateRegex(beyond)) << beyond;
}

TEST(QueryCompiler, NothingOfTheUsersTextIsParsedAndNoFieldIsMadeOfIt) {
  for (const char* query :
       {"rig:x", "n > 5", "\"a b\"~2", "w*rd", "wrd~", "/x[0-9]/", "not a.b:[1 TO 2]", "k:=\"v\"", "_exists_:z"}) {
    const auto compiled = Compile(Parsed(query), {});
    EXPECT_TRUE(compiled.exact) << query;
    EXPECT_TRUE(bj::parse(compiled.text).is_object());
    EXPECT_EQ(compiled.text.find("query_string"), std::string::npos);
  }
}

// What is found too much may not be taken away too much.
TEST(QueryCompiler, WhatIsVerifiedIsASupersetBelowANegationToo) {
  const Query inexact{Text{"t", TextMatch::kRegex, "\\pL+"}};
  EXPECT_FALSE(Compile(inexact, {}).exact);
  Not negation;
  negation.clause.push_back(inexact);
  const auto compiled = Compile(Query{std::move(negation)}, {});
  EXPECT_FALSE(compiled.exact);
  EXPECT_NE(compiled.text.find(R"("must_not":[{"match_none":{}}])"), std::string::npos) << compiled.text;
  const auto whole = Compile(Parsed("t:w*d or u*v"), {});
  EXPECT_TRUE(whole.exact);
  EXPECT_EQ(whole.doubtful_fields, std::vector<std::string>{"t"});
  EXPECT_TRUE(whole.doubtful_everywhere);
}

// Every name in a document is in the mapping, which is strict.
TEST(DocumentWriter, WritesOnlyWhatTheMappingHas) {
  auto document =
      Session("s", {{"temp", "25 m"}, {"Temp", "yes"}, {"day", "2026-11-23"}, {"ö", "Ö É"}, {"n", "9007199254740993"}});
  document.files.push_back({"raw/a.bin", "k", 1, {}, {}});
  document.metadata.push_back({"bad", metadata::TypeValue("\xFF\x01")});
  const auto written = bj::parse(WriteDocument(document, Timestamp{})).as_object();
  const auto mapping = bj::parse(IndexTemplate("x")).at("template").at("mappings");
  EXPECT_EQ(mapping.at("dynamic"), "strict");
  const auto& properties = mapping.at("properties").as_object();
  for (const auto& [name, value] : written) EXPECT_TRUE(properties.contains(name)) << name;
  const auto& inner = properties.at("meta").at("properties").as_object();
  for (const auto& value : written.at("meta").as_array())
    for (const auto& [name, content] : value.as_object()) EXPECT_TRUE(inner.contains(name)) << name;
  EXPECT_EQ(query::DecodeSessionDocument(std::string_view(written.at("doc").at(0).as_string()))->session_id, "s");
}

}  // namespace
}  // namespace seshat::opensearch
