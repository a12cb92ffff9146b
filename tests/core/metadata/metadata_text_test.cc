#include "core/metadata/metadata_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "core/base/utf8.h"
#include "support/generators.h"
#include "support/temp_dir.h"

namespace seshat::metadata {
namespace {

using testing::AnyBytes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

Metadata ParseAll(std::string_view text, const MetadataTextOptions& options = {}) {
  MetadataTextParser parser(options);
  parser.Feed(AsBytes(text));
  return parser.Finish();
}

std::vector<std::pair<std::string, std::string>> Pairs(const Metadata& metadata) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& entry : metadata.entries) pairs.emplace_back(entry.key, entry.value.text);
  return pairs;
}

TEST(MetadataLines, ReadsKeysAndValues) {
  const auto metadata = ParseAll(
      "# a comment\n"
      "; another\n"
      "\n"
      "operator: Ada Lovelace\n"
      "\tgain factor = 2.5 \n"
      "url = http://x/?a=b\n"
      "ratio: 1:2=0.5\n"
      "empty:\n"
      "tag: a\n"
      "tag: b\n"
      "last = no newline");
  EXPECT_THAT(Pairs(metadata), ElementsAre(Pair("operator", "Ada Lovelace"), Pair("gain factor", "2.5"),
                                           Pair("url", "http://x/?a=b"), Pair("ratio", "1:2=0.5"), Pair("empty", ""),
                                           Pair("tag", "a"), Pair("tag", "b"), Pair("last", "no newline")));
  EXPECT_EQ(metadata.entries[1].value.number, 2.5);
  EXPECT_FALSE(metadata.truncated_at_line);
  EXPECT_THAT(metadata.problems, IsEmpty());
}

TEST(MetadataLines, ReadsSections) {
  const auto metadata = ParseAll("a=1\n[ rig ]\nb=2\n[x.y] # why\nc=3\n[]\nd=4\n[e] = [1,2]\n");
  EXPECT_THAT(Pairs(metadata), ElementsAre(Pair("a", "1"), Pair("rig.b", "2"), Pair("x.y.c", "3"), Pair("d", "4"),
                                           Pair("[e]", "[1,2]")));
}

TEST(MetadataLines, ReadsQuotes) {
  const auto metadata = ParseAll(R"(a: " two  blanks ")"
                                 "\n"
                                 R"(b = "say \"hi\"\n\ttab \\ C:\data")"
                                 "\n"
                                 R"("key: with = both" : 1)"
                                 "\n"
                                 R"(c: "left" and "right")"
                                 "\n"
                                 R"(d: "open)"
                                 "\n"
                                 R"(e: 5" pipe)");
  EXPECT_THAT(Pairs(metadata), ElementsAre(Pair("a", " two  blanks "), Pair("b", "say \"hi\"\n\ttab \\ C:\\data"),
                                           Pair("key: with = both", "1"), Pair("c", R"("left" and "right")"),
                                           Pair("d", "\"open"), Pair("e", "5\" pipe")));
  EXPECT_THAT(metadata.problems, ElementsAre("line 5: the value has no closing quote and is taken as it is"));
  EXPECT_FALSE(metadata.truncated_at_line);
}

TEST(MetadataLines, ReadsEveryLineEndAndByteOrderMark) {
  EXPECT_THAT(Pairs(ParseAll("\xEF\xBB\xBF"
                             "a: 1\r\nb: 2\rc: 3\n\nd: 4\r\n")),
              ElementsAre(Pair("a", "1"), Pair("b", "2"), Pair("c", "3"), Pair("d", "4")));
  EXPECT_THAT(ParseAll("a\r\nb\rc\n").problems,
              ElementsAre(HasSubstr("line 1:"), HasSubstr("line 2:"), HasSubstr("line 3:")));
  using std::string_literals::operator""s;
  EXPECT_THAT(Pairs(ParseAll("\xFF\xFE"
                             "a\0:\0\xB0\0C\0\n\0b\0=\0\x3D\xD8\x00\xDE"s)),
              ElementsAre(Pair("a", "°C"), Pair("b", "😀")));
  EXPECT_THAT(Pairs(ParseAll("\xFE\xFF"
                             "\0a\0:\0 \0\xB0"s)),
              ElementsAre(Pair("a", "°")));
  const auto broken = ParseAll(
      "\xFE\xFF"
      "\0a\0:\xD8\x00\0b"s);
  EXPECT_THAT(Pairs(broken), ElementsAre(Pair("a", "\uFFFDb")));
  EXPECT_EQ(broken.truncated_at_line, 1);
}

TEST(MetadataLines, ListsProblemsAndGoesOn) {
  const auto metadata = ParseAll("a: 1\nno separator here\n: no key\nb: 2\n");
  EXPECT_THAT(Pairs(metadata), ElementsAre(Pair("a", "1"), Pair("b", "2")));
  EXPECT_THAT(metadata.problems, ElementsAre("line 2: no ':' or '='", "line 3: the key is empty"));
  EXPECT_FALSE(metadata.truncated_at_line);
}

TEST(MetadataLines, ListsAtMostTwentyProblems) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "what\n";
  const auto problems = ParseAll(text).problems;
  ASSERT_EQ(problems.size(), 20u);
  EXPECT_EQ(problems.back(), "and 81 more problems");
}

TEST(MetadataLines, FlagsWhatIsNoText) {
  const auto latin = ParseAll(
      "a: 1\ntemp: 25 \xB0"
      "C\nb: 2\n");
  EXPECT_THAT(Pairs(latin), ElementsAre(Pair("a", "1"),
                                        Pair("temp",
                                             "25 \uFFFD"
                                             "C"),
                                        Pair("b", "2")));
  EXPECT_EQ(latin.truncated_at_line, 2);
  const auto nul = ParseAll(std::string_view("a: x\0y\n", 7));
  EXPECT_THAT(Pairs(nul), ElementsAre(Pair("a", "x\uFFFDy")));
  EXPECT_EQ(nul.truncated_at_line, 1);
}

TEST(MetadataLimits, EachIsFlaggedWithItsLine) {
  const MetadataTextOptions options{.max_entries = 3, .max_key_bytes = 8, .max_value_bytes = 10, .max_total_bytes = 40};
  const auto value = ParseAll("a: 1\nb: äöüäöü\nc: 3\n", options);
  EXPECT_THAT(Pairs(value), ElementsAre(Pair("a", "1"), Pair("b", "äöüäö"), Pair("c", "3")));
  EXPECT_EQ(value.truncated_at_line, 2);
  const auto uneven = ParseAll("b: x\u00E4\u00E4\u00E4\u00E4\u00E4\n", options);  // the cut falls into a character
  EXPECT_THAT(Pairs(uneven), ElementsAre(Pair("b", "x\u00E4\u00E4\u00E4\u00E4")));
  EXPECT_THAT(uneven.problems, ElementsAre("line 1: a value was cut at 10 bytes"));
  const auto key = ParseAll("a: 1\nmuch too long: 2\nc: 3\n", options);
  EXPECT_THAT(Pairs(key), ElementsAre(Pair("a", "1"), Pair("c", "3")));
  EXPECT_EQ(key.truncated_at_line, 2);
  const auto section = ParseAll("[longer than eight]\na: 1\n[s]\nb: 2\n", options);
  EXPECT_THAT(Pairs(section), ElementsAre(Pair("s.b", "2")));
  EXPECT_EQ(section.truncated_at_line, 2);
  const auto entries = ParseAll("a:1\nb:2\nc:3\n\nd:4\ne:5\n", options);
  EXPECT_EQ(entries.entries.size(), 3u);
  EXPECT_EQ(entries.truncated_at_line, 5);
  const auto total = ParseAll("a: 1\n", {.max_total_bytes = 1});
  EXPECT_THAT(total.entries, IsEmpty());
  EXPECT_EQ(total.truncated_at_line, 1);
}

TEST(MetadataLimits, FullSaysThatTheRestNeedNotBeRead) {
  MetadataTextParser parser({.max_entries = 1});
  parser.Feed(AsBytes("a: 1\n"));
  EXPECT_FALSE(parser.full());
  parser.Feed(AsBytes("b: 2\n"));
  EXPECT_TRUE(parser.full());
  EXPECT_EQ(parser.Finish().truncated_at_line, 2);
}

TEST(MetadataJson, FlattensObjectsAndRepeatsArrays) {
  const auto metadata = ParseAll(
      "\n {\"a\": 1, \"b\": {\"c\": \"x\\ny\", \"d\": [1.50, true, null, {\"e\": -2E3}]},\n"
      "\"f.g\": \"\\u00b0\", \"empty\": {}, \"none\": []}\n\n");
  EXPECT_THAT(Pairs(metadata),
              ElementsAre(Pair("a", "1"), Pair("b.c", "x\ny"), Pair("b.d", "1.50"), Pair("b.d", "true"),
                          Pair("b.d", ""), Pair("b.d.e", "-2E3"), Pair("f.g", "°")));
  EXPECT_EQ(metadata.entries[2].value.number, 1.5);
  EXPECT_EQ(metadata.entries[3].value.boolean, true);
  EXPECT_THAT(metadata.problems, IsEmpty());
}

TEST(MetadataJson, KeepsWhatCameBeforeAnError) {
  const auto broken = ParseAll("{\"a\": 1,\n\"b\": 2,\n\"c\": oops,\n\"d\": 4}");
  EXPECT_THAT(Pairs(broken), ElementsAre(Pair("a", "1"), Pair("b", "2")));
  EXPECT_EQ(broken.truncated_at_line, 3);
  const auto cut = ParseAll("{\"a\": 1,\n\"b\": \"2");
  EXPECT_THAT(Pairs(cut), ElementsAre(Pair("a", "1")));
  EXPECT_EQ(cut.truncated_at_line, 2);
  const auto more = ParseAll("{\"a\": 1}\nb: 2");
  EXPECT_THAT(Pairs(more), ElementsAre(Pair("a", "1")));
  EXPECT_EQ(more.truncated_at_line, 2);
  const auto empty_key = ParseAll("{\"\": 1, \"b\": 2}");
  EXPECT_THAT(Pairs(empty_key), ElementsAre(Pair("b", "2")));
  std::string deep = "{\"a\":";
  deep += std::string(100, '[');
  EXPECT_THAT(ParseAll(deep).problems, ElementsAre(HasSubstr("nested deeper than 32")));
}

TEST(MetadataJson, HasTheSameLimits) {
  const MetadataTextOptions options{.max_entries = 2, .max_key_bytes = 8, .max_value_bytes = 10};
  const auto metadata = ParseAll(
      "{\"much too long\": 1,\n\"a\": \"äöüäöüäöü\",\n\"b\": {\"long\": {\"er\": 1}},\n\"c\": 1,\n\"d\": 2}", options);
  EXPECT_THAT(Pairs(metadata), ElementsAre(Pair("a", "äöüäö"), Pair("c", "1")));
  EXPECT_EQ(metadata.truncated_at_line, 1);
  EXPECT_EQ(metadata.problems.size(), 4u);
}

// What must hold for any input.
void CheckLimits(const Metadata& metadata, const MetadataTextOptions& options) {
  RC_ASSERT(metadata.entries.size() <= options.max_entries);
  RC_ASSERT(metadata.problems.size() <= options.max_problems);
  size_t total = 0;
  for (const auto& entry : metadata.entries) {
    RC_ASSERT(!entry.key.empty());
    RC_ASSERT(entry.key.size() <= options.max_key_bytes);
    RC_ASSERT(entry.value.text.size() <= options.max_value_bytes);
    RC_ASSERT(IsValidUtf8(entry.key) && IsValidUtf8(entry.value.text));
    RC_ASSERT(TypeValue(entry.value.text) == entry.value);
    total += entry.key.size() + entry.value.text.size();
  }
  RC_ASSERT(total <= options.max_total_bytes);
  for (const auto& problem : metadata.problems) RC_ASSERT(IsValidUtf8(problem));
}

rc::Gen<std::string> AnyFile() {
  const auto piece =
      rc::gen::oneOf(testing::AnyText(), AnyBytes(), testing::AnyMetadataText(),
                     rc::gen::element<std::string>("\n", "\r\n", "\r", ":", "=", "[", "]", "[s]\n", "\"", "\\", "#",
                                                   "{", "}", "{\"a\":", ",", "\"k\":", "null", "[1,2", "k: v\n",
                                                   "\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF", std::string(1, '\0')));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const std::vector<std::string>& pieces) {
    std::string file;
    for (const auto& p : pieces) file += p;
    return file;
  });
}

RC_GTEST_PROP(MetadataTextProperty, AnyBytesInAnyPiecesGiveTheSameWithinTheLimits, ()) {
  const auto start = *rc::gen::element<std::string>("", "", "{", "{\"a\": [", "\xFF\xFE", "\xFE\xFF", "\xEF\xBB\xBF");
  const auto file = start + *AnyFile();
  const MetadataTextOptions options{.max_entries = *rc::gen::inRange<size_t>(0, 6),
                                    .max_key_bytes = *rc::gen::inRange<size_t>(1, 12),
                                    .max_value_bytes = *rc::gen::inRange<size_t>(1, 20),
                                    .max_total_bytes = *rc::gen::inRange<size_t>(0, 60)};
  const auto whole = ParseAll(file, options);
  CheckLimits(whole, options);

  MetadataTextParser parser(options);
  for (std::string_view rest = file; !rest.empty();) {
    const auto size = *rc::gen::inRange<size_t>(1, 8);
    parser.Feed(AsBytes(rest.substr(0, size)));
    rest.remove_prefix(std::min(size, rest.size()));
  }
  const auto pieces = parser.Finish();
  RC_ASSERT(pieces.entries == whole.entries);
  RC_ASSERT(pieces.truncated_at_line == whole.truncated_at_line);
  RC_ASSERT(pieces.problems == whole.problems);
}

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

rc::Gen<std::vector<std::pair<std::string, std::string>>> AnyPairs() {
  const auto fits = [](const std::string& s) {
    return s.find_first_of(std::string_view("\0\r", 2)) == std::string::npos;
  };
  return rc::gen::container<std::vector<std::pair<std::string, std::string>>>(
      rc::gen::pair(rc::gen::suchThat(testing::AnyName(), fits), rc::gen::suchThat(testing::AnyText(), fits)));
}

RC_GTEST_PROP(MetadataTextProperty, QuotedLinesComeBack, ()) {
  const auto pairs = *AnyPairs();
  std::string file;
  for (const auto& [key, value] : pairs)
    file += Quote(key) + *rc::gen::element<std::string>(":", " = ", "\t:") + Quote(value) +
            *rc::gen::element<std::string>("\n", "\r\n");
  const auto metadata = ParseAll(file);
  RC_ASSERT(Pairs(metadata) == pairs);
  RC_ASSERT(metadata.problems.empty());
}

RC_GTEST_PROP(MetadataTextProperty, JsonObjectsComeBack, ()) {
  const auto pairs = *AnyPairs();
  std::string file = "{";
  for (const auto& [key, value] : pairs) {
    if (file.size() > 1) file += ',';
    file += boost::json::serialize(boost::json::string_view(key)) + ":" +
            boost::json::serialize(boost::json::string_view(value));
  }
  const auto metadata = ParseAll(file + "}");
  RC_ASSERT(Pairs(metadata) == pairs);
  RC_ASSERT(metadata.problems.empty());
}

TEST(MetadataText, ReadsTheRealRecordings) {
  const char* shared = std::getenv("SESHAT_SHARED");  // NOLINT(concurrency-mt-unsafe)
  std::filesystem::path root = shared != nullptr ? shared : SESHAT_SOURCE_DIR "/../shared";
  root /= "real-sessions";
  if (!std::filesystem::exists(root)) GTEST_SKIP() << "no real recordings beside the checkout: not read";
  std::map<std::string, Metadata> sessions;
  for (const auto& folder : std::filesystem::directory_iterator(root))
    if (folder.is_directory())
      sessions[folder.path().filename()] = ParseAll(testing::ReadFile(folder.path() / "metadata.txt"));
  ASSERT_EQ(sessions.size(), 11u);
  int px4 = 0;
  for (const auto& [name, metadata] : sessions) {
    EXPECT_THAT(metadata.problems, IsEmpty()) << name;
    for (const auto& entry : metadata.entries) px4 += entry.key == "sys_name" && entry.value.text == "PX4";
  }
  EXPECT_EQ(px4, 3);
}

}  // namespace
}  // namespace seshat::metadata
