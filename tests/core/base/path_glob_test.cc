#include "core/base/path_glob.h"

#include <gtest/gtest.h>

#include <chrono>

namespace seshat {
namespace {

TEST(PathGlob, Table) {
  struct Row {
    const char* pattern;
    const char* path;
    bool matches;
  };
  constexpr Row kRows[] = {
      // A name, at any depth.
      {"metadata.txt", "metadata.txt", true},
      {"metadata.txt", "deep/metadata.txt", true},
      {"metadata.txt", "metadata.txt2", false},
      {"metadata.txt", "xmetadata.txt", false},
      {"metadata.txt", "metadata.txt/x", false},
      {"a", "a\n", false},
      {"*", "anything", true},
      {"*", "a/b", true},
      {"*", ".hidden", true},
      {"*.meta", "b.meta", true},
      {"*.meta", "a/b.meta", true},
      {"*.meta", "a.meta/b", false},
      {"*.meta", "b.meta.tmp", false},
      {"*.meta", ".meta", true},
      {"*.dat", "xdat", false},
      {"run*", "run7", true},
      {"run*", "run7/a", false},
      {"run*", "x/run", true},
      {"run*.bin", "run.bin", true},
      {"run*n", "run", false},
      {"a**", "x/abc", true},
      {"a**", "a/b", false},
      {"sensor-?.bin", "sensor-a.bin", true},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"a?c", "x/a/c", false},
      {"?", "", false},
      {"*a*b*c*", "xxaxxbxxc", true},
      {"*a*b*c*", "xxaxxcxxb", false},
      {"\xff*", "\xffx", true},
      // Sets.
      {"[a-c]x", "bx", true},
      {"[a-c]x", "dx", false},
      {"[!a-c]x", "bx", false},
      {"[!a-c]x", "dx", true},
      {"[^a-c]x", "bx", false},
      {"[^a-c]x", "dx", true},
      {"[a^]x", "^x", true},
      {"[a!]x", "!x", true},
      {"[]x]y", "]y", true},
      {"[!]]y", "]y", false},
      {"[!]]y", "ay", true},
      {"[a-]y", "-y", true},
      {"[c-a]y", "by", false},
      {"[\x80-\xff]", "\xe4", true},
      {"[*]", "*", true},
      {"[*]", "x", false},
      {"x/[!a]", "x/b", true},
      {"x[!a]y/z", "x/y/z", false},
      {"x[+-9]y/z", "x/y/z", false},
      // The byte itself.
      {"\\*x", "*x", true},
      {"\\*x", "ax", false},
      {"a\\[", "a[", true},
      {"\\a", "a", true},
      {"\\\\", "\\", true},
      // The whole path.
      {"logs/*.log", "logs/a.log", true},
      {"logs/*.log", "a.log", false},
      {"logs/*.log", "x/logs/a.log", false},
      {"logs/*.log", "logs/deep/a.log", false},
      {"*/*", "a/b", true},
      {"*/*", "a/b/c", false},
      {"*/*", "a", false},
      {"a?b/c", "a/b/c", false},
      {"/*.dat", "x.dat", true},
      {"/*.dat", "d/x.dat", false},
      {"/a", "a", true},
      {"/a", "d/a", false},
      // Over folders.
      {"**", "a/b", true},
      {"**", "a", true},
      {"**", "", true},
      {"/**", "a/b", true},
      {"**/*", "a", true},
      {"**/*.dat", "x.dat", true},
      {"**/*.dat", "d/e/x.dat", true},
      {"**/*.dat", "xdat", false},
      {"**/a.bin", "a.bin", true},
      {"**/a.bin", "x/y/a.bin", true},
      {"**/a.bin", "x/ya.bin", false},
      {"x/**", "x/y/z", true},
      {"x/**", "x", false},
      {"x/**", "xx/y", false},
      {"x/**/z", "x/z", true},
      {"x/**/z", "x/a/b/z", true},
      {"x/**/z", "y/z", false},
      {"x/**/z", "x/az", false},
      {"x/**/*.z", "x/a.z", true},
      {"x/**/*.z", "x/a/b.z", true},
      {"x/**/y/**/z", "x/y/z", true},
      {"x/**/y/**/z", "x/1/y/2/3/z", true},
      {"x/**/y/**/z", "x/1/z", false},
      {"a**b/c", "axx/yyb/c", true},
      {"a/***/b", "a/x/y/b", true},
      {"**/?/b", "x/a/b", true},
      {"**/?/b", "xa/b", false},
  };
  for (const auto& row : kRows)
    EXPECT_EQ(PathGlob(row.pattern).Matches(row.path), row.matches) << row.pattern << " on " << row.path;
}

TEST(PathGlob, MalformedOnesAreRefusedAndMatchNothing) {
  for (const char* pattern : {"", "[a", "x[", "[!", "[]", "[!]", "a\\", "/", "logs/", "**/"}) {
    const auto status = PathGlob(pattern).status();
    ASSERT_FALSE(status) << pattern;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
    for (const char* path : {"", "a", "[a", "x[", "logs", "logs/", "a\\"})
      EXPECT_FALSE(PathGlob(pattern).Matches(path)) << pattern;
  }
  EXPECT_TRUE(PathGlob(std::string(PathGlob::kMaxBytes, 'a')).status());
  EXPECT_FALSE(PathGlob(std::string(PathGlob::kMaxBytes + 1, 'a')).status());
}

TEST(PathGlob, AnErrorNamesTheSettingAndThePattern) {
  const PathGlob globs[] = {PathGlob("*.tmp"), PathGlob("x[")};
  const auto status = CheckPathGlobs("ignore", globs);
  ASSERT_FALSE(status);
  EXPECT_TRUE(status.error().message.starts_with("ignore: the pattern 'x[' has a '[' without ']'"))
      << status.error().message;
  EXPECT_TRUE(CheckPathGlobs("ignore", std::span(globs, 1)));
}

TEST(PathGlob, TheFirstThatMatchesCounts) {
  const PathGlob globs[] = {PathGlob("a*"), PathGlob("*b"), PathGlob("**")};
  EXPECT_EQ(FirstMatch(globs, "x/ab"), 0U);
  EXPECT_EQ(FirstMatch(globs, "ab/xb"), 1U);
  EXPECT_EQ(FirstMatch(globs, "x"), 2U);
  EXPECT_EQ(FirstMatch(std::span(globs, 2), "x"), 2U);
}

// A matcher that goes back to its last star takes pattern × path × path steps here; this one is bound by pattern × path,
// 4 million simple steps.
TEST(PathGlob, HostileNamesCostLittle) {
  std::string stars;
  for (int i = 0; i < 250; ++i) stars += "**a*";
  const std::string pattern = stars + "c/x*y";
  const std::string name(4000, 'a');
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(PathGlob("*a*a*a*a*a*a*a*a*b").Matches(name));
  EXPECT_FALSE(PathGlob("**/*a*a*a*a*a*/b").Matches(name + "/b/b"));
  EXPECT_FALSE(PathGlob(pattern).Matches(name + "/xy"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace seshat
