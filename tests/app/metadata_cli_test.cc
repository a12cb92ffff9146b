// `seshat metadata`, and how OpenSearch is configured; a scripted server stands for OpenSearch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/small_lab.h"
#include "support/http_server.h"

namespace seshat::app {
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
  fails({"metadata.url=opensearch+http://example.org/x", "metadata.auth=basic", "metadata.user=u"},
        "without TLS");
  fails({"metadata.url=opensearch+https://example.org/x", "metadata.auth=basic"}, "metadata.user");
  fails({"metadata.url=opensearch+https://example.org/x", "metadata.ca_file=/nowhere.pem"},
        "metadata.ca_file");
}

}  // namespace
}  // namespace seshat::app
