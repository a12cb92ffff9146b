#include "core/metadata/text_fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/edit_distance.h"
#include "core/base/utf8.h"
#include "core/query/text_match.h"
#include "support/generators.h"

namespace seshat::metadata {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TextFoldTest, FoldsCaseInManyScripts) {
  EXPECT_EQ(FoldCase("PX4 Été ΩΣ ЖИВОЙ ẞ"), FoldCase("px4 éTÉ ωσ живой ß"));
  EXPECT_NE(FoldCase("resume"), FoldCase("résumé"));
  EXPECT_EQ(FoldCase("\xE2\x84\xA6"), FoldCase("ω"));  // the ohm sign
}

TEST(TextFoldTest, ComposedAndDecomposedAreEqual) {
  EXPECT_EQ(FoldCase("\xC3\xA9"), FoldCase("e\xCC\x81"));
  EXPECT_EQ(FoldCase("\xE1\xBB\x87"), FoldCase("e\xCC\xA3\xCC\x82"));  // ệ
  EXPECT_EQ(FoldCase("e\xCC\x82\xCC\xA3"), FoldCase("e\xCC\xA3\xCC\x82"));
}

TEST(TextFoldTest, DropsAccents) { EXPECT_EQ(FoldAccents("Zürich Ångström Łódź ø ệ"), "zurich angstrom lodz o e"); }

TEST(TextFoldTest, WordsAreRunsOfLettersAndDigits) {
  EXPECT_THAT(Words("rig-1_b, (Zürich)! 3.5 °C"), ElementsAre("rig", "1", "b", "zurich", "3", "5", "c"));
  EXPECT_THAT(Words("東京 とう x"), ElementsAre("東", "京", "と", "う", "x"));
  EXPECT_THAT(Words("\xF0\x9F\x9A\x80 \xD7\xA9\xD7\x9C"), ElementsAre("\xF0\x9F\x9A\x80", "\xD7\xA9\xD7\x9C"));
  EXPECT_THAT(Words(" -- … \xFF « » "), IsEmpty());
  EXPECT_THAT(Words(std::string_view("a\0b", 3)), ElementsAre("a", "b"));
}

TEST(TextFoldTest, LongWordsAreCutAtACodePoint) {
  const std::string a(1'000'000, 'a');
  EXPECT_THAT(Words(a + " b"), ElementsAre(a.substr(0, kMaxWordBytes), "b"));
  std::string omegas = "x";
  for (int i = 0; i < 500; ++i) omegas += "ω";
  const auto words = Words(omegas);
  ASSERT_EQ(words.size(), 1U);
  EXPECT_EQ(words[0].size(), kMaxWordBytes - 1);
  EXPECT_TRUE(IsValidUtf8(words[0]));
}

// Found by the property below: folded once it kept its mark, folded twice the mark became a letter.
TEST(TextFoldTest, IotaBelowAVowelIsAMark) {
  const std::string text = "\u1F80";
  EXPECT_EQ(FoldCase(FoldCase(text)), FoldCase(text));
  EXPECT_EQ(FoldAccents(text), "α");
}

RC_GTEST_PROP(TextFoldTest, FoldingTwiceIsFoldingOnce, ()) {
  const auto text = *rc::gen::oneOf(testing::AnyText(), testing::AnyBytes());
  RC_ASSERT(FoldCase(FoldCase(text)) == FoldCase(text));
  RC_ASSERT(FoldAccents(FoldAccents(text)) == FoldAccents(text));
  RC_ASSERT(FoldAccents(FoldCase(text)) == FoldAccents(text));
  for (const auto& word : Words(text)) RC_ASSERT(Words(word) == std::vector<std::string>{word});
}

TEST(TextMatchTest, CountsEdits) {
  EXPECT_EQ(Edits("battery", "batery", 2), 1U);
  EXPECT_EQ(Edits("form", "from", 2), 1U);  // a swap of neighbours is one
  EXPECT_EQ(Edits("ca", "abc", 3), 3U);     // and its letters are not touched again
  EXPECT_EQ(Edits("Ωm", "m", 2), 1U);       // code points, not bytes
  EXPECT_EQ(Edits("abc", "xyz", 2), std::nullopt);
  EXPECT_EQ(Edits("", "", 0), 0U);
}

bool Matches(TextMatch match, std::string text, std::string_view value, int distance = -1) {
  return TextMatcher::Make(Text{std::nullopt, match, std::move(text), distance}).value().MatchesValue(value);
}

TEST(TextMatchTest, PhrasesAndSlop) {
  EXPECT_TRUE(Matches(TextMatch::kWord, "rig-1", "at RIG 1 today"));
  EXPECT_FALSE(Matches(TextMatch::kWord, "rig-1", "rig no 1"));
  EXPECT_TRUE(Matches(TextMatch::kPhrase, "left motor", "the left, motor"));
  EXPECT_FALSE(Matches(TextMatch::kPhrase, "left motor", "left rear motor"));
  EXPECT_TRUE(Matches(TextMatch::kPhrase, "left motor", "left rear motor", 1));
  EXPECT_FALSE(Matches(TextMatch::kPhrase, "left motor", "motor left", 9));
  EXPECT_TRUE(Matches(TextMatch::kPhrase, "a b", "a a a b"));
}

TEST(TextMatchTest, WildcardsMatchAWordOrTheWholeValue) {
  EXPECT_TRUE(Matches(TextMatch::kWildcard, "z*ch", "lab Zürich"));
  EXPECT_TRUE(Matches(TextMatch::kWildcard, "RAW/*.bin", "raw/a b.bin"));
  EXPECT_FALSE(Matches(TextMatch::kWildcard, "raw/*.bin", "x raw/a.bin"));
  EXPECT_TRUE(Matches(TextMatch::kWildcard, "?", "\xF0\x9F\x9A\x80"));
  EXPECT_TRUE(Matches(TextMatch::kWildcard, "\\*a*", "*ab"));
  EXPECT_FALSE(Matches(TextMatch::kWildcard, "\\*a*", "xab"));
  EXPECT_TRUE(Matches(TextMatch::kWildcard, "a*b*c*d", "a" + std::string(100'000, 'b') + "cbd"));
}

TEST(TextMatchTest, RegularExpressionsAreBounded) {
  EXPECT_TRUE(Matches(TextMatch::kRegex, "(mo|ro)tor", "left Motor"));
  EXPECT_FALSE(Matches(TextMatch::kRegex, "mot", "left motor"));
  EXPECT_EQ(TextMatcher::Make(Text{std::nullopt, TextMatch::kRegex, "("}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(TextMatcher::Make(Text{std::nullopt, TextMatch::kRegex, std::string(257, 'a')}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_FALSE(Matches(TextMatch::kRegex, "(a+)+b", std::string(10'000, 'a')));
}

TEST(TextMatchTest, FuzzyIsAutomaticByLength) {
  EXPECT_FALSE(Matches(TextMatch::kFuzzy, "ab", "ac"));
  EXPECT_TRUE(Matches(TextMatch::kFuzzy, "abc", "abd"));
  EXPECT_FALSE(Matches(TextMatch::kFuzzy, "abcde", "abcxy"));
  EXPECT_TRUE(Matches(TextMatch::kFuzzy, "abcdef", "abcdxy"));
  EXPECT_FALSE(Matches(TextMatch::kFuzzy, "abcdef", "abcdxy", 1));
  EXPECT_TRUE(Matches(TextMatch::kFuzzy, "left moter", "motor (left)"));
  EXPECT_FALSE(Matches(TextMatch::kFuzzy, "left moter", "motor"));
}

}  // namespace
}  // namespace seshat::metadata
