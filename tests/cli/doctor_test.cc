// What `seshat doctor` makes of the answers to its questions about permissions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/doctor/aws_checks.h"
#include "cli/doctor/finding.h"
#include "cli/doctor/permission_probe.h"
#include "cli/doctor/s3_probes.h"

namespace seshat::cli::doctor {
namespace {

using ::testing::HasSubstr;

class OneAnswer : public http::Sender {
 public:
  OneAnswer(int status, std::string body, const http::HeaderList& headers = {}) {
    http::Response response;
    for (const auto& [name, value] : headers) response.headers.Add(name, value);
    response.status = status;
    response.body = std::move(body);
    answer_ = std::move(response);
  }
  explicit OneAnswer(Error error) : answer_(std::unexpected(std::move(error))) {}
  http::Outcome Send(http::Request, std::stop_token) override {
    http::Outcome outcome;
    outcome.response = answer_;
    return outcome;
  }

 private:
  Result<http::Response> answer_;
};

std::string Xml(std::string_view code, std::string_view message = "", std::string_view more = "") {
  return fmt::format("<Error><Code>{}</Code><Message>{}</Message>{}</Error>", code, message, more);
}

Finding Ask(http::Sender&& sender) {
  return RunProbe(sender, {"s3:PutObject", "arn:aws:s3:::lab/*", {}, {"NoSuchUpload"}}, "eu-west-1");
}

TEST(Doctor, WhatIsNotPossibleIsAllowed) {
  for (Finding finding : {Ask(OneAnswer(404, Xml("NoSuchUpload"))), Ask(OneAnswer(200, ""))}) {
    EXPECT_EQ(finding.verdict, Verdict::kOk);
    EXPECT_EQ(finding.detail, "allowed on arn:aws:s3:::lab/*");
    EXPECT_TRUE(IsAboutPermission(finding));
  }
}

TEST(Doctor, AMissingPermissionIsNamedExactly) {
  Finding finding = Ask(OneAnswer(403, Xml("AccessDenied", "Access Denied")));
  EXPECT_EQ(finding.verdict, Verdict::kProblem);
  EXPECT_EQ(finding.fix, "allow s3:PutObject on arn:aws:s3:::lab/*");
  EXPECT_EQ(finding.exit, ExitCode::kCredentials);
  EXPECT_TRUE(IsAboutPermission(finding));
  finding = Ask(OneAnswer(403, Xml("AccessDenied",
                                   "User: arn:aws:iam::1:user/a is not authorized to perform: s3:PutObject on "
                                   "resource: arn:aws:s3:::lab/x because no identity-based policy allows it")));
  EXPECT_EQ(finding.fix, "allow s3:PutObject on arn:aws:s3:::lab/*");
  finding = Ask(OneAnswer(403, Xml("AccessDenied",
                                   "User: a is not authorized to perform: kms:GenerateDataKey on resource: "
                                   "arn:aws:kms:eu-west-1:1:key/k because of that")));
  EXPECT_EQ(finding.fix, "allow kms:GenerateDataKey on arn:aws:kms:eu-west-1:1:key/k");
}

TEST(Doctor, OtherMistakesSayWhatToDoAndEndTheQuestions) {
  struct Case {
    int status;
    std::string body;
    std::vector<std::string> words;
    ExitCode exit;
  };
  const std::vector<Case> cases{
      {404, Xml("NoSuchBucket"), {"bucket", "store.url"}, ExitCode::kUsage},
      {301, Xml("PermanentRedirect", "", "<Region>us-east-2</Region>"), {"us-east-2", "aws.region"}, ExitCode::kUsage},
      {403, Xml("InvalidAccessKeyId"), {"access key"}, ExitCode::kCredentials},
      {403, Xml("SignatureDoesNotMatch"), {"secret key"}, ExitCode::kCredentials},
      {403, Xml("RequestTimeTooSkewed"), {"clock"}, ExitCode::kCredentials},
      {400, Xml("ExpiredToken"), {"expired"}, ExitCode::kCredentials},
  };
  for (const Case& c : cases) {
    const Finding finding = Ask(OneAnswer(c.status, c.body));
    EXPECT_EQ(finding.verdict, Verdict::kProblem) << c.body;
    for (const std::string& word : c.words) EXPECT_THAT(finding.detail, HasSubstr(word)) << c.body;
    EXPECT_EQ(static_cast<int>(finding.exit), static_cast<int>(c.exit)) << c.body << finding.detail;
    EXPECT_FALSE(IsAboutPermission(finding)) << c.body;
  }
  const Finding unreachable = Ask(OneAnswer(Error{ErrorCode::kUnauthenticated, "the certificate is not trusted"}));
  EXPECT_EQ(unreachable.detail, "the certificate is not trusted");
  EXPECT_EQ(unreachable.exit, ExitCode::kCredentials);
}

TEST(Doctor, TellsOfAStoreThatCannotDecideBetweenSimultaneousPuts) {
  const auto finding = SimultaneousPuts("VERSITYGW");
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->verdict, Verdict::kWarning);
  EXPECT_THAT(finding->fix, HasSubstr("session id"));
  for (const char* other : {"AmazonS3", "MinIO", ""}) EXPECT_FALSE(SimultaneousPuts(other)) << other;
}

TEST(Doctor, TheServersNameIsThatOfAnyAnswer) {
  std::string server = "unset";
  OneAnswer refused(404, Xml("NoSuchUpload"), {{"Server", "VERSITYGW"}});
  RunProbe(refused, {.action = "s3:PutObject", .allowed = {"NoSuchUpload"}, .server = &server}, "eu-west-1");
  EXPECT_EQ(server, "VERSITYGW");
}

TEST(Doctor, CredentialsCountMoreThanTheConfigurationAndThatMoreThanTheRest) {
  const auto problem = [](ExitCode exit) { return Finding{"x", Verdict::kProblem, "", "", exit}; };
  EXPECT_EQ(ExitCodeOf(Findings{}), ExitCode::kOk);
  EXPECT_EQ(ExitCodeOf({{"x", Verdict::kWarning, "", "", ExitCode::kUsage}}), ExitCode::kOk);
  EXPECT_EQ(ExitCodeOf({problem(ExitCode::kFailed)}), ExitCode::kFailed);
  EXPECT_EQ(ExitCodeOf({problem(ExitCode::kFailed), problem(ExitCode::kUsage)}), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf({problem(ExitCode::kCredentials), problem(ExitCode::kUsage)}), ExitCode::kCredentials);
}

TEST(S3Place, BucketAndPrefix) {
  EXPECT_EQ(composition::ParseS3Place("lab")->bucket, "lab");
  EXPECT_EQ(composition::ParseS3Place("lab/a/b//")->prefix, "a/b");
  EXPECT_EQ(composition::ParseS3Place("lab/")->prefix, "");
  EXPECT_THAT(composition::ParseS3Place("").error().message, HasSubstr("store.url names no bucket"));
  EXPECT_FALSE(composition::ParseS3Place("/x").has_value());
}

}  // namespace
}  // namespace seshat::cli::doctor
