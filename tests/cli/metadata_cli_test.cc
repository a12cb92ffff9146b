// `seshat metadata`, and how OpenSearch is configured; a scripted server stands for OpenSearch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/small_lab.h"
#include "support/http_server.h"
#include "support/test_certificates.h"

namespace seshat::cli {
namespace {

using ::testing::HasSubstr;
using testing::HttpServer;
using ::testing::Not;
using testing::ReceivedRequest;

TEST(Metadata, InitAndStatusOfTheIndexOnThisMachine) {
  const TempDir home;
  for (const char* action : {"init", "status"}) {
    const ProgramResult result = Seshat(home.path(), {"metadata", action, "--json"});
    ASSERT_EQ(result.status, 0) << result.err;
    const auto status = Json(result);
    EXPECT_EQ(status.at("documents").to_number<int>(), 0);
    EXPECT_FALSE(status.at("rebuilding").as_bool());
    EXPECT_THAT(Text(status.at("location")), HasSubstr("metadata.db"));
  }
  const ProgramResult human = Seshat(home.path(), {"metadata", "status"});
  EXPECT_THAT(human.out, HasSubstr("sessions"));
  EXPECT_EQ(Seshat(home.path(), {"metadata", "reindex"}).status, 0);
  const ProgramResult slip = Seshat(home.path(), {"metadata", "reindx"});
  EXPECT_EQ(slip.status, 2);
  EXPECT_THAT(slip.err, HasSubstr("reindex"));
}

TEST(Metadata, OpenSearchIsAskedWithThePasswordOfTheFileAndSaysWhatIsWrong) {
  const TempDir home;
  testing::WriteFile(home / "password", "s3cret-pw\n");
  const HttpServer server([](const ReceivedRequest& request) -> testing::HttpAnswer {
    if (request.header("authorization") != "Basic bGFiOnMzY3JldC1wdw==") return {.status = 401};
    return {.status = 503, .body = R"({"error":{"type":"x","reason":"the cluster has no manager"}})"};
  });
  std::vector<std::string> arguments{"search", "a",
                                     "--set",  "metadata.url=opensearch+" + server.url() + "/lab",
                                     "--set",  "metadata.auth=basic",
                                     "--set",  "metadata.user=lab",
                                     "--set",  "metadata.password_file=" + (home / "password").string()};
  const ProgramResult down = Seshat(home.path(), arguments);
  EXPECT_EQ(down.status, 5);  // try later
  EXPECT_THAT(down.err, HasSubstr("the cluster has no manager"));
  EXPECT_EQ(server.requests().at(0).path.find("/lab"), 0U);
  arguments.back() = "metadata.password_file=" + (home / "nowhere").string();
  const ProgramResult missing = Seshat(home.path(), arguments);
  EXPECT_EQ(missing.status, 2);
  EXPECT_THAT(missing.err, HasSubstr("metadata.password_file"));
  testing::WriteFile(home / "nowhere", "wrong-pw");
  const ProgramResult refused = Seshat(home.path(), arguments);
  EXPECT_EQ(refused.status, 4);  // credentials
  EXPECT_THAT(refused.err + refused.out, Not(HasSubstr("wrong-pw")));
}

constexpr const char* kNoHits = R"({"hits":{"total":{"value":0},"hits":[]}})";

TEST(Metadata, OpenSearchWithCertificatesOfItsOwn) {
  const TempDir home;
  const auto certificates = testing::MakeTestCertificates(home.path());
  const HttpServer server([](const ReceivedRequest&) { return testing::HttpAnswer{.body = kNoHits}; },
                          {.certificate_file = certificates.certificate_file, .key_file = certificates.key_file});
  std::vector<std::string> arguments{"search", "*:*", "--json", "--set", "metadata.url=opensearch+" + server.url()};
  const ProgramResult unknown = Seshat(home.path(), arguments);
  EXPECT_EQ(unknown.status, 4) << unknown.err;
  EXPECT_THAT(unknown.err, HasSubstr("certificate"));
  EXPECT_TRUE(server.requests().empty());
  arguments.insert(arguments.end(), {"--set", "metadata.ca_file=" + certificates.ca_file.string()});
  const ProgramResult trusted = Seshat(home.path(), arguments);
  EXPECT_EQ(trusted.status, 0) << trusted.err;
  ASSERT_FALSE(server.requests().empty());
  EXPECT_EQ(server.requests()[0].path, "/seshat-sessions/_search");
}

TEST(Metadata, OpenSearchOfAwsGetsSignedRequests) {
  const TempDir home;
  testing::WriteFile(home / ".aws/credentials",
                     "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s3cret-key\n");
  const HttpServer server([](const ReceivedRequest& request) -> testing::HttpAnswer {
    const auto signature = request.header("authorization");
    if (!signature.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") ||
        signature.find("/eu-central-1/es/aws4_request") == std::string::npos)
      return {.status = 403};
    return {.body = kNoHits};
  });
  const ProgramResult result =
      Seshat(home.path(), {"search", "*:*", "--json", "--set", "metadata.url=opensearch+" + server.url(), "--set",
                           "metadata.auth=aws", "--set", "aws.region=eu-central-1"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out + result.err, Not(HasSubstr("s3cret-key")));
}

TEST(Metadata, MistakesInTheUrlAreNamed) {
  const TempDir home;
  const auto fails = [&](std::vector<std::string> settings, const char* says) {
    std::vector<std::string> arguments{"metadata", "status"};
    for (auto& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
    const ProgramResult result = Seshat(home.path(), arguments);
    EXPECT_EQ(result.status, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr(says));
  };
  fails({"metadata.url=opensearch+http://127.0.0.1:99999/x"}, "metadata.url");
  fails({"metadata.url=opensearch+http://127.0.0.1:9200/Upper"}, "alias");
  fails({"metadata.url=opensearch+http://127.0.0.1:9200/x?y=z"}, "metadata.url");
  fails({"metadata.url=opensearch://127.0.0.1:9200/x"}, "opensearch+https");
  fails({"metadata.url=opensearch+http://example.org/x", "metadata.auth=basic", "metadata.user=u"}, "without TLS");
  fails({"metadata.url=opensearch+https://example.org/x", "metadata.auth=basic"}, "metadata.user");
  fails({"metadata.url=opensearch+https://example.org/x", "metadata.ca_file=/nowhere.pem"}, "metadata.ca_file");
}

}  // namespace
}  // namespace seshat::cli
