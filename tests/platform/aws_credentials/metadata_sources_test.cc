#include "platform/aws_credentials/metadata_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/aws_credentials/fake_machine.h"

namespace seshat::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kAnswer =
    R"({"Code":"Success","AccessKeyId":"C","SecretAccessKey":"c","Token":"ct","Expiration":"2026-11-23T06:00:00Z"})";

std::string Text(const Result<Fetched>& fetched) {
  if (!fetched) return fetched.error().ToString();
  if (const auto* missing = std::get_if<NotConfigured>(&*fetched)) return "not configured: " + missing->why;
  const auto& keys = std::get<Credentials>(*fetched).keys;
  return fmt::format("{}/{}/{}", keys.access_key_id, keys.secret_access_key.Expose(), keys.session_token.Expose());
}

class ContainerSourceTest : public ::testing::Test {
 protected:
  std::string Fetch() {
    return Text(
        MakeContainerSource(machine_.surroundings, machine_.direct, machine_.clock, machine_.server_clock)->Fetch({}));
  }
  FakeMachine machine_;
};

TEST_F(ContainerSourceTest, ARelativeAddress) {
  machine_.direct.answers["GET http://169.254.170.2/v2/credentials/x?id=1"] = {{200, kAnswer}};
  machine_.Set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x?id=1");
  machine_.Set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil.example/");  // the relative one counts
  EXPECT_EQ(Fetch(), "C/c/ct");
  EXPECT_EQ(HeaderOf(machine_.direct.asked.at(0), "authorization"), "-");
}

TEST_F(ContainerSourceTest, TeachesTheTime) {
  machine_.direct.answers["GET http://169.254.170.2/c"] = {{200, kAnswer, "Mon, 23 Nov 2026 01:00:00 GMT"}};
  machine_.Set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/c");
  EXPECT_EQ(Fetch(), "C/c/ct");
  EXPECT_EQ(machine_.server_clock.offset(), std::chrono::hours(1));
}

// "@evil.example/" would turn the fixed address into a user name.
TEST_F(ContainerSourceTest, ARelativeAddressThatIsNone) {
  machine_.Set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.example/");
  EXPECT_THAT(Fetch(), StartsWith("unauthenticated: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "));
  EXPECT_TRUE(machine_.direct.asked.empty());
}

TEST_F(ContainerSourceTest, TheFileWithTheTokenStandsAboveTheToken) {
  machine_.direct.answers["GET http://169.254.170.23/v1/credentials"] = {{200, kAnswer}};
  machine_.Set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials");
  machine_.Set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "from-the-variable");
  EXPECT_EQ(Fetch(), "C/c/ct");
  EXPECT_EQ(HeaderOf(machine_.direct.asked.at(0), "authorization"), "from-the-variable");
  machine_.Set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token");
  EXPECT_THAT(Fetch(), HasSubstr("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"));
  machine_.files["/token"] = "from-the-file\n";
  EXPECT_EQ(Fetch(), "C/c/ct");
  EXPECT_EQ(HeaderOf(machine_.direct.asked.at(1), "authorization"), "from-the-file");
  machine_.files["/token"] = "two\nlines: x";
  EXPECT_THAT(Fetch(), HasSubstr("more than one line"));
}

TEST_F(ContainerSourceTest, PlainHttpStaysOnTheMachine) {
  for (const char* url :
       {"http://evil.example/x", "http://10.0.0.1/x", "http://127.evil.example/x", "http://169.254.170.3/x",
        "http://localhost.evil.example/", "http://u:p@localhost/x", "ftp://localhost/x", "localhost"}) {
    machine_.Set("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
    EXPECT_THAT(Fetch(), StartsWith("unauthenticated: AWS_CONTAINER_CREDENTIALS_FULL_URI: ")) << url;
  }
  EXPECT_TRUE(machine_.direct.asked.empty());
  for (const char* url : {"http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]/x", "http://[fd00:ec2::23]/x",
                          "https://far.example/x"}) {
    machine_.Set("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
    machine_.direct.answers["GET " + std::string(url)] = {{200, kAnswer}};
    EXPECT_EQ(Fetch(), "C/c/ct") << url;
  }
}

TEST_F(ContainerSourceTest, TriesThreeTimes) {
  const std::string url = "GET http://169.254.170.2/x";
  machine_.Set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x");
  machine_.direct.answers[url] = {{500, ""}, {429, ""}, {200, kAnswer}};
  EXPECT_EQ(Fetch(), "C/c/ct");
  machine_.direct.answers[url] = {{503, ""}};
  EXPECT_EQ(Fetch(), "unavailable: the container endpoint answered 503 to the question for credentials");
  EXPECT_EQ(machine_.direct.asked.size(), 6U);
  machine_.direct.answers[url] = {{403, "hunter2"}};
  EXPECT_EQ(Fetch(), "unauthenticated: the container endpoint answered 403 to the question for credentials");
  EXPECT_EQ(machine_.direct.asked.size(), 7U);
}

class InstanceSourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto& answers = machine_.direct.answers;
    answers["PUT http://169.254.169.254/latest/api/token"] = {{200, "session-token"}};
    answers["GET http://169.254.169.254/latest/meta-data/iam/security-credentials/"] = {{200, "lab-role\n"}};
    answers["GET http://169.254.169.254/latest/meta-data/iam/security-credentials/lab-role"] = {{200, kAnswer}};
  }
  std::string Fetch() {
    const auto settings = SharedSettings::Read(machine_.surroundings, "");
    if (!settings) return settings.error().ToString();
    return Text(
        MakeInstanceSource(machine_.surroundings, *settings, machine_.direct, machine_.server_clock)->Fetch({}));
  }
  FakeMachine machine_;
};

TEST_F(InstanceSourceTest, AsksWithASessionToken) {
  EXPECT_EQ(Fetch(), "C/c/ct");
  ASSERT_EQ(machine_.direct.asked.size(), 3U);
  EXPECT_EQ(HeaderOf(machine_.direct.asked[0], "x-aws-ec2-metadata-token-ttl-seconds"), "300");
  EXPECT_EQ(HeaderOf(machine_.direct.asked[1], "x-aws-ec2-metadata-token"), "session-token");
  EXPECT_EQ(HeaderOf(machine_.direct.asked[2], "x-aws-ec2-metadata-token"), "session-token");
}

TEST_F(InstanceSourceTest, TeachesTheTime) {
  machine_.direct.answers["GET http://169.254.169.254/latest/meta-data/iam/security-credentials/lab-role"] = {
      {200, kAnswer, "Sun, 22 Nov 2026 23:00:00 GMT"}};
  EXPECT_EQ(Fetch(), "C/c/ct");
  EXPECT_EQ(machine_.server_clock.offset(), -std::chrono::hours(1));
}

TEST_F(InstanceSourceTest, CanBeSwitchedOff) {
  machine_.Set("AWS_EC2_METADATA_DISABLED", "TRUE");
  EXPECT_EQ(Fetch(), "not configured: AWS_EC2_METADATA_DISABLED is true");
  EXPECT_TRUE(machine_.direct.asked.empty());
}

TEST_F(InstanceSourceTest, ElsewhereByVariableProfileOrMode) {
  machine_.direct.answers.clear();
  machine_.files["/home/a/.aws/config"] = "[default]\nec2_metadata_service_endpoint_mode = ipv6\n";
  EXPECT_THAT(Fetch(), HasSubstr("http://[fd00:ec2::254] does not answer"));
  machine_.files["/home/a/.aws/config"] = "[default]\nec2_metadata_service_endpoint = http://127.0.0.1:1/\n";
  EXPECT_THAT(Fetch(), HasSubstr("http://127.0.0.1:1 does not answer"));
  machine_.Set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:2");
  EXPECT_THAT(Fetch(), HasSubstr("http://127.0.0.1:2 does not answer"));
}

// Version 1 would answer anybody who can make the machine fetch an address.
TEST_F(InstanceSourceTest, NeverFallsBackToVersionOne) {
  for (const int status : {400, 403, 404, 405}) {
    machine_.direct.asked.clear();
    machine_.direct.answers["PUT http://169.254.169.254/latest/api/token"] = {{status, ""}};
    EXPECT_THAT(Fetch(), HasSubstr("question for a session token"));
    EXPECT_EQ(machine_.direct.asked.size(), 1U);
  }
}

TEST_F(InstanceSourceTest, AnInstanceWithoutRoleOrWithTroubles) {
  const std::string role = "GET http://169.254.169.254/latest/meta-data/iam/security-credentials/";
  machine_.direct.answers[role] = {{404, "not found"}};
  EXPECT_EQ(Fetch(), "not configured: the instance has no role");
  machine_.direct.answers[role] = {{500, ""}};
  EXPECT_THAT(Fetch(), StartsWith("unavailable: asking the instance metadata service for which role it has"));
  machine_.direct.answers[role] = {{200, "lab-role"}};
  machine_.direct.answers[role + "lab-role"] = {{200, R"({"Code":"AssumeRoleUnauthorizedAccess"})"}};
  EXPECT_EQ(Fetch(), "unauthenticated: EC2 instance metadata: the answer lacks AccessKeyId");
}

}  // namespace
}  // namespace seshat::aws
