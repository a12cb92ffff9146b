#include "core/metadata/text_fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

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

// What is typed in a search, and what the document says.
TEST(TextFoldTest, WordsAreFoundInManyScripts) {
  struct Row {
    const char* script;
    const char* typed;
    const char* written;
    bool found;
  };
  constexpr Row kRows[] = {
      {"Latin", "zurich", "ZÜRICH", true},
      {"Latin", "strasse", "Straße", true},
      {"Latin", "STRAẞE", "strasse", true},
      {"Latin", "lodz", "Łódź", true},
      {"Latin", "final", "\uFB01nal", true},
      {"Latin", "a", "Ａ", false},
      {"Vietnamese", "duong nguyen", "Đường Nguyễn", true},
      {"Vietnamese", "Đường", "DUONG", true},
      {"Vietnamese", "việt", "Vie\u0323\u0302t", true},
      {"Turkish", "istanbul", "İSTANBUL", true},
      {"Turkish", "ISPARTA", "ısparta", true},
      {"Turkish", "ısparta", "Isparta", true},
      {"Turkish", "olcum", "ÖLÇÜM", true},
      {"Greek", "οδοσ", "ΟΔΟΣ", true},
      {"Greek", "οδος", "Οδός", true},
      {"Greek", "αθηνα", "Ἀθῆναι Αθήνα", true},
      {"Greek", "τω", "τῷ", true},
      {"Greek", "ερευνα", "ΈΡΕΥΝΑ\u037E τέλος", true},
      {"Cyrillic", "измерение", "ИЗМЕРЕНИЕ", true},
      {"Cyrillic", "елка", "Ёлка", true},
      {"Cyrillic", "київ", "КИЇВ", true},
      {"Armenian", "երեւան", "ԵՐԵՒԱՆ", true},
      {"Georgian", "თბილისი", "ᲗᲑᲘᲚᲘᲡᲘ", true},
      {"Arabic", "محمد", "مُحَمَّد", true},
      {"Arabic", "احمد", "أحمد", true},
      {"Arabic", "الان", "الآن", true},
      {"Arabic", "محرك", "محـــرك،", true},
      {"Arabic", "قياس", "ما القياس؟ قياس؟", true},
      {"Arabic", "علي", "على", false},
      {"Hebrew", "שלום", "שָׁלוֹם", true},
      {"Hebrew", "בית", "בית־ספר", true},
      {"Syriac", "ܫܠܡܐ", "ܫܠܳܡܳܐ", true},
      {"Devanagari", "क\u093Cलम", "\u0958लम", true},
      {"Devanagari", "मापन", "मापन।", true},
      {"Devanagari", "कि", "की", false},
      {"Devanagari", "कर", "क्र", false},
      {"Bengali", "কো", "ক\u09C7\u09BE", true},
      {"Tamil", "கொ", "க\u0BC6\u0BBE", true},
      {"Thai", "น้ำ", "น้ำ", true},
      {"Thai", "มา", "ม้า", false},
      {"Hangul", "한국", "\u1112\u1161\u11AB\u1100\u116E\u11A8", true},
      {"Kana", "が", "か\u3099", true},
      {"Kana", "か", "が", false},
      {"Kana", "データ", "テ\u3099ータ", true},
      {"Han", "京", "東京。", true},
      {"Han", "\uF900", "\u8C48", true},
      {"Cherokee", "ꭰ", "Ꭰ", true},
      {"Deseret", "𐐨", "𐐀", true},
  };
  for (const auto& row : kRows) {
    const auto typed = Words(row.typed);
    const auto written = Words(row.written);
    ASSERT_FALSE(typed.empty());
    EXPECT_EQ(!std::ranges::search(written, typed).empty(), row.found)
        << row.script << ": " << row.typed << " in " << row.written;
  }
}

// Compared whole, accents count: these are equal only where case and composition are all that differs.
TEST(TextFoldTest, TheFourLettersIOfTurkish) {
  EXPECT_EQ(FoldCase("I"), FoldCase("i"));
  EXPECT_EQ(FoldCase("İ"), FoldCase("i\u0307"));
  EXPECT_NE(FoldCase("İ"), FoldCase("i"));
  EXPECT_NE(FoldCase("ı"), FoldCase("i"));
  for (const char* letter : {"I", "i", "İ", "ı"}) EXPECT_EQ(FoldAccents(letter), "i") << letter;
}

TEST(TextFoldTest, MarksComeInCanonicalOrder) {
  EXPECT_EQ(FoldAccents("\u0E19\u0E49\u0E38"), FoldAccents("\u0E19\u0E38\u0E49"));  // Thai: tone and vowel
  EXPECT_EQ(FoldCase("\u0628\u0651\u064E"), FoldCase("\u0628\u064E\u0651"));        // Arabic: shadda and fatha
  EXPECT_NE(FoldCase("a\u0301\u0300"), FoldCase("a\u0300\u0301")) << "marks above one another are not exchanged";
}

TEST(TextFoldTest, EveryCodePointFoldsOnce) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    AppendUtf8(c, text);
    const auto with = FoldCase(text);
    ASSERT_EQ(FoldCase(with), with) << static_cast<uint32_t>(c);
    ASSERT_EQ(FoldAccents(with), FoldAccents(text)) << static_cast<uint32_t>(c);
    ASSERT_EQ(FoldAccents(FoldAccents(text)), FoldAccents(text)) << static_cast<uint32_t>(c);
  }
}

TEST(TextFoldTest, DropsAccents) { EXPECT_EQ(FoldAccents("Zürich Ångström Łódź ø ệ"), "zurich angstrom lodz o e"); }

TEST(TextFoldTest, WordsAreRunsOfLettersAndDigits) {
  EXPECT_THAT(Words("rig-1_b, (Zürich)! 3.5 °C"), ElementsAre("rig", "1", "b", "zurich", "3", "5", "c"));
  EXPECT_THAT(Words("東京 とう x"), ElementsAre("東", "京", "と", "う", "x"));
  EXPECT_THAT(Words("\xF0\x9F\x9A\x80 \xD7\xA9\xD7\x9C"), ElementsAre("\xF0\x9F\x9A\x80", "\xD7\xA9\xD7\x9C"));
  EXPECT_THAT(Words(" -- … \xFF « » "), IsEmpty());
  EXPECT_THAT(Words(std::string_view("a\0b", 3)), ElementsAre("a", "b"));
  EXPECT_THAT(Words("がぎ x"), ElementsAre(FoldCase("が"), FoldCase("ぎ"), "x"));
  EXPECT_THAT(Words("a·b「c」d؟e।f״g"), ElementsAre("a", "b", "c", "d", "e", "f", "g"));
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

// Letters of many scripts, and marks in any order.
rc::Gen<std::string> ScriptText() {
  static const std::vector<std::string> kPieces = {
      "a",      "I",      "İ",      "ß",      "ệ",      "Σ",      "ᾀ",      "Й",      "أ",      "ש",
      "क",      "ড়",      "น",      "한",     "が",     "京",     "ﬁ",      " ",      ".",      "ـ",
      "\u0301", "\u0323", "\u0345", "\u064E", "\u0651", "\u05B8", "\u093C", "\u094D", "\u0E38", "\u0E49",
      "\u3099", "\u0F73", "\u0F74", "\u1161", "\u11AB", "\u0344", "\u200D", "🚀",     "\uFE0F", "\u20DD"};
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces)),
                      [](const std::vector<std::string>& pieces) {
                        std::string text;
                        for (const auto& piece : pieces) text += piece;
                        return text;
                      });
}

RC_GTEST_PROP(TextFoldTest, ManyScriptsFoldOnceToo, ()) {
  const auto text = *ScriptText();
  RC_ASSERT(FoldCase(FoldCase(text)) == FoldCase(text));
  RC_ASSERT(FoldAccents(FoldAccents(text)) == FoldAccents(text));
  RC_ASSERT(FoldAccents(FoldCase(text)) == FoldAccents(text));
  for (const auto& word : Words(text)) RC_ASSERT(Words(word) == std::vector<std::string>{word});
}

// Marks change places when they are folded, and every word keeps its place all the same.
RC_GTEST_PROP(TextFoldTest, PlacedWordsAreTheWords, ()) {
  const auto text = *rc::gen::oneOf(ScriptText(), testing::AnyText());
  std::vector<std::string> words;
  size_t end = 0;
  for (const auto& placed : PlacedWords(text)) {
    RC_ASSERT(placed.begin < placed.end);
    RC_ASSERT(placed.end <= text.size());
    const auto there = Words(text.substr(placed.begin, placed.end - placed.begin));
    RC_ASSERT(std::ranges::find(there, placed.word) != there.end());
    words.push_back(placed.word);
    end = placed.end;
  }
  RC_ASSERT(end <= text.size());
  RC_ASSERT(words == Words(text));
}

// The marks around a tatweel, which folds to nothing, meet and are sorted together.
TEST(TextFoldTest, MarksMeetOverWhatFoldsToNothing) {
  const std::string text = "a\u0F73\u0640\u0F73";
  const auto placed = PlacedWords(text);
  ASSERT_EQ(placed.size(), 1U);
  EXPECT_EQ(Words(text), std::vector<std::string>{placed[0].word});
  EXPECT_EQ(placed[0].end, text.size());
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
