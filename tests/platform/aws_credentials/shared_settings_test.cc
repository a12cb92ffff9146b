#include "platform/aws_credentials/shared_settings.h"

#include <gtest/gtest.h>

#include "platform/aws_credentials/fake_machine.h"

namespace seshat::aws {
namespace {

class SharedSettingsTest : public ::testing::Test {
 protected:
  SharedSettings Read(std::string_view profile = "") {
    auto settings = SharedSettings::Read(machine_.surroundings, profile);
    EXPECT_TRUE(settings.has_value()) << settings.error().ToString();
    return std::move(*settings);
  }
  FakeMachine machine_;
};

TEST_F(SharedSettingsTest, NothingAnywhere) {
  const auto settings = Read();
  EXPECT_EQ(settings.profile(), "default");
  EXPECT_FALSE(settings.profile_is_ours());
  EXPECT_EQ(settings.Region(), std::nullopt);
  EXPECT_EQ(settings.CaFile(), std::nullopt);
  EXPECT_EQ(settings.Endpoint("s3"), std::nullopt);
}

TEST_F(SharedSettingsTest, VariablesStandAboveFiles) {
  machine_.files["/home/a/.aws/config"] = "[default]\nregion = file\nca_bundle = /file.pem\n[profile x]\nregion = x\n";
  EXPECT_EQ(Read().Region(), "file");
  EXPECT_EQ(Read().CaFile(), "/file.pem");
  EXPECT_EQ(Read("x").Region(), "x");
  machine_.Set("AWS_DEFAULT_PROFILE", "x");
  EXPECT_EQ(Read().Region(), "x");
  machine_.Set("AWS_PROFILE", "default");
  EXPECT_EQ(Read().Region(), "file");
  machine_.Set("AWS_DEFAULT_REGION", "second");
  EXPECT_EQ(Read().Region(), "second");
  machine_.Set("AWS_REGION", "first");
  EXPECT_EQ(Read().Region(), "first");
  machine_.Set("AWS_CA_BUNDLE", "/variable.pem");
  EXPECT_EQ(Read().CaFile(), "/variable.pem");
}

TEST_F(SharedSettingsTest, EndpointsFromTheNarrowestToTheWidest) {
  machine_.files["/home/a/.aws/config"] =
      "[default]\nendpoint_url = http://profile\nservices = lab\n[services lab]\ns3 =\n  endpoint_url = http://s3\n";
  EXPECT_EQ(Read().Endpoint("s3"), "http://s3");
  EXPECT_EQ(Read().Endpoint("sns"), "http://profile");
  machine_.Set("AWS_ENDPOINT_URL", "http://all");
  EXPECT_EQ(Read().Endpoint("s3"), "http://all");
  machine_.Set("AWS_ENDPOINT_URL_S3", "http://variable-s3");
  EXPECT_EQ(Read().Endpoint("s3"), "http://variable-s3");
  EXPECT_EQ(Read().Endpoint("sqs"), "http://all");
  machine_.Set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
  EXPECT_EQ(Read().Endpoint("s3"), std::nullopt);
}

TEST_F(SharedSettingsTest, AFileThatCannotBeReadIsAnError) {
  machine_.files["/home/a/.aws/credentials"] = "hunter2\n";
  const auto settings = SharedSettings::Read(machine_.surroundings, "");
  ASSERT_FALSE(settings.has_value());
  EXPECT_EQ(settings.error().message,
            "/home/a/.aws/credentials:1: cannot be read: it stands before the first [section]");
}

}  // namespace
}  // namespace seshat::aws
