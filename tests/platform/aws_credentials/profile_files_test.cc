#include "platform/aws_credentials/profile_files.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace seshat::aws {
namespace {

Result<ProfileFiles> Parse(std::string_view config, std::string_view credentials = "") {
  return ProfileFiles::Parse(config, "/home/a/.aws/config", credentials, "/home/a/.aws/credentials");
}

// The setting of a profile in effect, or "-" where the profile or the setting is missing.
std::string Of(const Result<ProfileFiles>& files, std::string_view profile, std::string_view name) {
  if (!files) return files.error().message;
  const ProfileSection* section = files->FindProfile(profile);
  return section == nullptr ? "-" : section->Text(name).value_or("-");
}

TEST(ProfileFiles, SectionsOfTheConfigFile) {
  const auto files = Parse(
      "[default]\nregion = eu-west-1\n"
      "[profile lab]\nregion=eu-central-1\n"
      "[ profile   \"my lab\" ] # a comment\nregion = us-west-2\n"
      "[lab2]\nregion = nowhere\n"
      "[sso-session x]\nsso_region = us-east-1\n");
  EXPECT_EQ(Of(files, "default", "region"), "eu-west-1");
  EXPECT_EQ(Of(files, "lab", "region"), "eu-central-1");
  EXPECT_EQ(Of(files, "my lab", "region"), "us-west-2");
  EXPECT_EQ(Of(files, "lab2", "region"), "-");  // without "profile " it is none in this file
  EXPECT_EQ(files->ProfileNames(), (std::vector<std::string>{"default", "lab", "my lab"}));
}

TEST(ProfileFiles, SectionsOfTheCredentialsFile) {
  const auto files = Parse("", "[default]\naws_access_key_id = A\n[lab]\naws_access_key_id = B\n[profile x]\na = 1\n");
  EXPECT_EQ(Of(files, "default", "aws_access_key_id"), "A");
  EXPECT_EQ(Of(files, "lab", "aws_access_key_id"), "B");
  EXPECT_EQ(files->FindProfile("x"), nullptr);
}

TEST(ProfileFiles, AProfileInBothFilesIsOne) {
  const auto files =
      Parse("[profile lab]\nregion = eu-west-1\naws_access_key_id = OLD\n", "[lab]\naws_access_key_id = NEW\n");
  EXPECT_EQ(Of(files, "lab", "region"), "eu-west-1");
  EXPECT_EQ(Of(files, "lab", "aws_access_key_id"), "NEW");
}

TEST(ProfileFiles, ThePrefixedDefaultStandsAbove) {
  for (const char* text : {"[default]\nregion = plain\noutput = x\n[profile default]\nregion = prefixed\n",
                           "[profile default]\nregion = prefixed\n[default]\nregion = plain\noutput = x\n"}) {
    const auto files = Parse(text);
    EXPECT_EQ(Of(files, "default", "region"), "prefixed");
    EXPECT_EQ(Of(files, "default", "output"), "-");
  }
}

TEST(ProfileFiles, CommentsAndBlanks) {
  const auto files = Parse(
      "\xEF\xBB\xBF# first\n; second\n\n[default] ; behind\n"
      "a = 1 # comment\r\nb = 2\t; comment\nc = 3#no comment\nd = # only a comment\nE = five\n");
  EXPECT_EQ(Of(files, "default", "a"), "1");
  EXPECT_EQ(Of(files, "default", "b"), "2");
  EXPECT_EQ(Of(files, "default", "c"), "3#no comment");
  EXPECT_EQ(Of(files, "default", "d"), "-");
  EXPECT_EQ(Of(files, "default", "e"), "five");  // names in any case
}

TEST(ProfileFiles, LastSettingCountsAndSectionsGoOn) {
  const auto files = Parse("[profile a]\nx = 1\ny = 1\n[profile b]\nx = 9\n[profile a]\nx = 2\n");
  EXPECT_EQ(Of(files, "a", "x"), "2");
  EXPECT_EQ(Of(files, "a", "y"), "1");
}

TEST(ProfileFiles, NestedAndContinuedSettings) {
  const auto files = Parse(
      "[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:1\n  # a comment\nsns =\n endpoint_url = "
      "http://127.0.0.1:2\n"
      "[profile lab]\nservices = local\ncredential_process = one\n  two\nregion = r\n");
  const ProfileSection* services = files->FindServices("local");
  ASSERT_NE(services, nullptr);
  EXPECT_EQ(services->Nested("s3", "endpoint_url"), "http://127.0.0.1:1");
  EXPECT_EQ(services->Nested("sns", "endpoint_url"), "http://127.0.0.1:2");
  EXPECT_EQ(services->Nested("sqs", "endpoint_url"), std::nullopt);
  EXPECT_EQ(Of(files, "lab", "credential_process"), "one\ntwo");
  EXPECT_EQ(Of(files, "lab", "region"), "r");
}

// As people write it by hand, and as the aws command reads it.
TEST(ProfileFiles, ASectionIndentedThroughout) {
  const auto files = Parse("[default]\n  region = eu-west-1\n  output = json\n");
  EXPECT_EQ(Of(files, "default", "region"), "eu-west-1");
  EXPECT_EQ(Of(files, "default", "output"), "json");
}

TEST(ProfileFiles, MistakesAreNamedWithoutTheirText) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"a = hunter2\n", "config:1: cannot be read: it stands before the first [section]"},
      {"[default]\nhunter2\n", "config:2: cannot be read: there is no '='"},
      {"[default]\n= hunter2\n", "config:2: cannot be read: there is no name before the '='"},
      {"\n[default\na=hunter2", "config:2: cannot be read: the ']' is missing"},
      {"[default] hunter2\n", "config:1: cannot be read: there is something behind the ']'"},
      {"[default]\ns3 =\n  hunter2\n", "config:3: cannot be read: there is no '='"},
  };
  for (const auto& [text, expected] : cases) {
    const auto files = Parse(text);
    ASSERT_FALSE(files.has_value()) << text;
    EXPECT_EQ(files.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(files.error().message, "/home/a/.aws/" + expected);
  }
}

RC_GTEST_PROP(ProfileFiles, SettingsSurviveAnyText, (const std::map<std::string, std::string>& drawn)) {
  std::string text = "[profile p]\n";
  std::map<std::string, std::string> expected;
  for (const auto& [key, value] : drawn) {
    const auto plain = [](const std::string& from) {
      std::string out;
      for (const char c : from)
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '+') out += c;
      return out;
    };
    std::string name = "k" + plain(key);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    expected.insert_or_assign(name, plain(value));
    text += name + "=" + plain(value) + "\n";
  }
  const auto files = Parse(text);
  RC_ASSERT(files.has_value());
  for (const auto& [name, value] : expected) RC_ASSERT(Of(files, "p", name) == (value.empty() ? "-" : value));
}

RC_GTEST_PROP(ProfileFiles, AnyBytesEndInAnAnswer, (const std::string& text)) {
  const auto files = Parse("[default]\n" + text, text);
  RC_ASSERT(files.has_value() || files.error().code == ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace seshat::aws
