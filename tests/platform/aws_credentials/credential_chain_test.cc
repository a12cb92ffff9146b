#include "platform/aws_credentials/credential_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/aws_credentials/fake_machine.h"

namespace seshat::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kConfig = "/home/a/.aws/config";
constexpr const char* kKeys = "/home/a/.aws/credentials";
constexpr const char* kSts = "POST https://sts.eu-west-1.amazonaws.com/";

std::string StsAnswer(std::string_view action, std::string_view id) {
  return fmt::format(
      "<{0}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{0}Result><Credentials>"
      "<AccessKeyId>{1}</AccessKeyId><SecretAccessKey>s&amp;1</SecretAccessKey><SessionToken>t=1</SessionToken>"
      "<Expiration>2026-11-23T01:00:00Z</Expiration></Credentials></{0}Result></{0}Response>",
      action, id);
}

TEST(CredentialChain, SaysWhatItLookedAtAndWhatToDo) {
  FakeMachine machine;
  const std::string answer = machine.Chain();
  EXPECT_THAT(answer, StartsWith("unauthenticated: there are no AWS credentials. Looked at: environment "
                                 "(AWS_ACCESS_KEY_ID is not set); web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not "
                                 "set); shared files (there is no profile 'default' in /home/a/.aws/config or "
                                 "/home/a/.aws/credentials); container endpoint ("));
  EXPECT_THAT(answer, HasSubstr("EC2 instance metadata (http://169.254.169.254 does not answer"));
  EXPECT_THAT(answer, HasSubstr("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with aws.profile"));
}

TEST(CredentialChain, EnvironmentComesFirst) {
  FakeMachine machine;
  machine.files[kKeys] = "[default]\naws_access_key_id = F\naws_secret_access_key = f\n";
  EXPECT_EQ(machine.Chain(), "F/f/@AWS profile 'default'");
  machine.Set("AWS_ACCESS_KEY_ID", "E");
  EXPECT_EQ(machine.Chain(), "unauthenticated: the environment: there is an access key id, but no secret access key");
  machine.Set("AWS_SECRET_ACCESS_KEY", "e");
  machine.Set("AWS_SESSION_TOKEN", "t");
  EXPECT_EQ(machine.Chain(), "E/e/t@the environment");
  machine.Set("AWS_PROFILE", "default");  // the environment's profile stands below the environment's keys
  EXPECT_EQ(machine.Chain(), "E/e/t@the environment");
  EXPECT_EQ(machine.Chain("default"), "F/f/@AWS profile 'default'");  // our own configuration's above
}

TEST(CredentialChain, AProfileAskedForByNameMustBeThere) {
  FakeMachine machine;
  machine.files["/etc/aws"] = "[profile a]\nregion = r\n[profile b]\n";
  machine.Set("AWS_CONFIG_FILE", "/etc/aws");
  machine.Set("AWS_PROFILE", "lab");
  EXPECT_EQ(machine.Chain(),
            "unauthenticated: there is no AWS profile 'lab' in /etc/aws or /home/a/.aws/credentials (there: a, b); "
            "correct aws.profile or AWS_PROFILE");
}

TEST(CredentialChain, CredentialProcessIsRunWithoutAShell) {
  FakeMachine machine;
  machine.files[kConfig] =
      "[profile anywhere]\ncredential_process = /opt/aws_signing_helper credential-process --certificate '/c "
      "d.pem' ; x\n";
  machine.output =
      R"({"Version":1,"AccessKeyId":"P","SecretAccessKey":"p","SessionToken":"pt","Expiration":"2026-11-23T01:00:00Z"})";
  EXPECT_EQ(machine.Chain("anywhere"), "P/p/pt@credential_process of AWS profile 'anywhere'");
  EXPECT_THAT(machine.commands,
              ElementsAre(ElementsAre("/opt/aws_signing_helper", "credential-process", "--certificate", "/c d.pem")));
}

TEST(CredentialChain, WhatACredentialProcessCanGetWrong) {
  FakeMachine machine;
  machine.files[kConfig] = "[default]\ncredential_process = helper\n";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"hunter2", "the answer is no JSON object"},
      {R"({"AccessKeyId":"P","SecretAccessKey":"hunter2"})", "Version is not 1"},
      {R"({"Version":2,"AccessKeyId":"P","SecretAccessKey":"hunter2"})", "Version is not 1"},
      {R"({"Version":1,"SecretAccessKey":"hunter2"})", "lacks AccessKeyId"},
      {R"({"Version":1,"AccessKeyId":"hunter2"})", "lacks SecretAccessKey"},
      {R"({"Version":1,"AccessKeyId":"P","SecretAccessKey":"hunter2","Expiration":"tomorrow"})", "no RFC 3339"},
  };
  for (const auto& [output, expected] : cases) {
    machine.output = output;
    const std::string answer = machine.Chain();
    EXPECT_THAT(answer, StartsWith("unauthenticated: credential_process of AWS profile 'default'")) << output;
    EXPECT_THAT(answer, HasSubstr(expected));
    EXPECT_EQ(answer.find("hunter2"), std::string::npos);
  }
  machine.exit_status = 3;
  EXPECT_EQ(machine.Chain(),
            "unauthenticated: AWS profile 'default': its credential_process ended with status 3; run it by hand to "
            "see why");
}

TEST(CredentialChain, ARoleThroughAnotherProfile) {
  FakeMachine machine;
  machine.files[kConfig] =
      "[profile lab]\nrole_arn = arn:aws:iam::1:role/lab\nsource_profile = base\nexternal_id = x y\n"
      "role_session_name = rig7\nduration_seconds = 900\n";
  machine.files[kKeys] = "[base]\naws_access_key_id = B\naws_secret_access_key = hunter2\n";
  machine.remote.answers[kSts] = {{200, StsAnswer("AssumeRole", "R")}};
  EXPECT_EQ(machine.Chain("lab"), "R/s&1/t=1@role arn:aws:iam::1:role/lab");
  const http::Request& asked = machine.remote.asked.at(0);
  EXPECT_EQ(BodyOf(asked),
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Flab&RoleSessionName=rig7&"
            "ExternalId=x%20y&DurationSeconds=900");
  EXPECT_THAT(HeaderOf(asked, "authorization"),
              StartsWith("AWS4-HMAC-SHA256 Credential=B/20261123/eu-west-1/sts/aws4_request, SignedHeaders="));
}

TEST(CredentialChain, ARoleOfARole) {
  FakeMachine machine;
  machine.files[kConfig] =
      "[profile one]\nrole_arn = arn:1\nsource_profile = two\n[profile two]\nrole_arn = arn:2\nsource_profile = two\n"
      "aws_access_key_id = B\naws_secret_access_key = b\n";
  machine.remote.answers[kSts] = {{200, StsAnswer("AssumeRole", "R2")}, {200, StsAnswer("AssumeRole", "R1")}};
  EXPECT_EQ(machine.Chain("one"), "R1/s&1/t=1@role arn:1");
  EXPECT_THAT(HeaderOf(machine.remote.asked.at(0), "authorization"), HasSubstr("Credential=B/"));
  EXPECT_THAT(HeaderOf(machine.remote.asked.at(1), "authorization"), HasSubstr("Credential=R2/"));
}

TEST(CredentialChain, RolesThatCannotWorkSayWhy) {
  FakeMachine machine;
  const std::vector<std::pair<std::string, std::string>> cases{
      {"role_arn = a\n", "neither source_profile nor credential_source"},
      {"role_arn = a\nsource_profile = x\ncredential_source = Environment\n", "both source_profile and"},
      {"role_arn = a\nsource_profile = nobody\n", "there is no profile 'nobody'"},
      {"role_arn = a\nsource_profile = p\n", "its source_profile leads back to itself"},
      {"role_arn = a\nsource_profile = q\n", "its source_profile leads back to itself"},
      {"role_arn = a\ncredential_source = Moon\n", "no credential_source 'Moon'"},
      {"role_arn = a\ncredential_source = Environment\n", "AWS_ACCESS_KEY_ID is not set"},
      {"role_arn = a\nmfa_serial = m\nsource_profile = x\n", "multi-factor"},
      {"role_arn = a\nduration_seconds = 1h\nsource_profile = x\n", "duration_seconds is no number"},
      {"sso_session = s\n", "IAM Identity Center"},
      {"sso_start_url = u\nsso_account_id = 1\n", "IAM Identity Center"},
      {"credential_process = 'x\n", "a quote (') has no end"},
  };
  for (const auto& [profile, expected] : cases) {
    machine.files[kConfig] = "[profile p]\n" + profile + "[profile q]\nrole_arn = b\nsource_profile = p\n";
    const std::string answer = machine.Chain("p");
    EXPECT_THAT(answer, StartsWith("unauthenticated: AWS profile '")) << profile;
    EXPECT_THAT(answer, HasSubstr(expected)) << profile;
  }
}

TEST(CredentialChain, StsSaysNo) {
  FakeMachine machine;
  machine.files[kConfig] = "[default]\nrole_arn = arn:1\ncredential_source = Environment\n";
  machine.Set("AWS_ACCESS_KEY_ID", "E");
  machine.Set("AWS_SECRET_ACCESS_KEY", "e");
  machine.Set("AWS_PROFILE", "default");
  machine.remote.answers[kSts] = {
      {403,
       "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User a is "
       "not authorized to perform: sts:AssumeRole on resource: arn:1</Message></Error></ErrorResponse>"}};
  EXPECT_EQ(machine.Chain("default"),
            "permission_denied: sts:AssumeRole was refused (AccessDenied: User a is not authorized to perform: "
            "sts:AssumeRole on resource: arn:1)");
  machine.remote.answers[kSts] = {{503, "busy"}};
  EXPECT_EQ(machine.Chain("default"), "unavailable: sts:AssumeRole was refused (status 503)");
  machine.remote.answers[kSts] = {{200, "<html>a login page</html>"}};
  EXPECT_EQ(machine.Chain("default"), "unauthenticated: role arn:1: the answer of STS holds no credentials");
}

TEST(CredentialChain, WebIdentity) {
  FakeMachine machine;
  machine.Set("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/token");
  EXPECT_THAT(machine.Chain(), HasSubstr("AWS_ROLE_ARN, the role to assume with it, is not"));
  machine.Set("AWS_ROLE_ARN", "arn:w");
  machine.Set("AWS_ROLE_SESSION_NAME", "pod");
  EXPECT_THAT(machine.Chain(), StartsWith("unauthenticated: reading the web identity token"));
  machine.files["/var/token"] = "header.body.sig\n";
  machine.remote.answers[kSts] = {{200, StsAnswer("AssumeRoleWithWebIdentity", "W")}};
  EXPECT_EQ(machine.Chain(), "W/s&1/t=1@role arn:w");
  const http::Request& asked = machine.remote.asked.at(0);
  EXPECT_EQ(BodyOf(asked),
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aw&RoleSessionName=pod&"
            "DurationSeconds=3600&WebIdentityToken=header.body.sig");
  EXPECT_EQ(HeaderOf(asked, "authorization"), "-");
}

// The machine's clock says midnight.
TEST(CredentialChain, WebIdentityTeachesTheTimeByWhichItsCredentialsEnd) {
  FakeMachine machine;
  machine.Set("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/token");
  machine.Set("AWS_ROLE_ARN", "arn:w");
  machine.files["/var/token"] = "header.body.sig\n";
  machine.remote.answers[kSts] = {{200, StsAnswer("AssumeRoleWithWebIdentity", "W"), "Sun, 22 Nov 2026 23:00:00 GMT"}};
  EXPECT_EQ(machine.Chain(), "W/s&1/t=1@role arn:w");
  EXPECT_EQ(machine.server_clock.offset(), -std::chrono::hours(1));
}

TEST(CredentialChain, ARoleIsAssumedByTheServersClock) {
  FakeMachine machine;
  machine.files[kConfig] = "[profile lab]\nrole_arn = arn:lab\nsource_profile = base\n";
  machine.files[kKeys] = "[base]\naws_access_key_id = B\naws_secret_access_key = hunter2\n";
  const std::string late = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>";
  const std::string date = "Mon, 23 Nov 2026 01:00:00 GMT";
  machine.remote.answers[kSts] = {{403, late, date}, {200, StsAnswer("AssumeRole", "R"), date}};
  EXPECT_EQ(machine.Chain("lab"), "R/s&1/t=1@role arn:lab");
  EXPECT_EQ(HeaderOf(machine.remote.asked.at(0), "x-amz-date"), "20261123T000000Z");
  EXPECT_EQ(HeaderOf(machine.remote.asked.at(1), "x-amz-date"), "20261123T010000Z");

  FakeMachine hopeless;  // another Date with each answer: it is not asked for ever
  hopeless.files = machine.files;
  hopeless.remote.answers[kSts] = {{403, late, date}, {403, late, "Mon, 23 Nov 2026 03:00:00 GMT"}, {403, late, date}};
  EXPECT_THAT(hopeless.Chain("lab"), HasSubstr("sts:AssumeRole was refused"));
  EXPECT_EQ(hopeless.remote.asked.size(), 2U);
}

TEST(CredentialChain, WebIdentityOfAProfile) {
  FakeMachine machine;
  machine.files[kConfig] = "[profile w]\nrole_arn = arn:w\nweb_identity_token_file = ~/token\n";
  machine.files["/home/a/token"] = "abc";
  machine.remote.answers["POST https://sts.cn-north-1.amazonaws.com.cn/"] = {
      {200, StsAnswer("AssumeRoleWithWebIdentity", "W")}};
  EXPECT_EQ(machine.Chain("w", "cn-north-1"), "W/s&1/t=1@role arn:w");
  EXPECT_THAT(BodyOf(machine.remote.asked.at(0)), HasSubstr("RoleSessionName=seshat-"));
}

}  // namespace
}  // namespace seshat::aws
