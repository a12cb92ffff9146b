// Twenty secrets in every place where credentials can come from, and a server that repeats what it is sent: none of them
// is ever seen in logs at the finest level, errors, --json output, /metrics or `seshat config show`.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "cli/small_lab.h"
#include "platform/http/client.h"
#include "platform/http/sender.h"
#include "support/http_server.h"

namespace seshat::cli {
namespace {

using testing::HttpAnswer;
using testing::HttpServer;
using testing::ReadFile;
using testing::ReceivedRequest;
using testing::WriteFile;

// Distinct, and found nowhere by chance.
const std::map<std::string, std::string> kSecrets = [] {
  std::map<std::string, std::string> all;
  for (const char* place : {"environment key",
                            "environment token",
                            "file key",
                            "file token",
                            "process key",
                            "process token",
                            "process argument",
                            "process stderr",
                            "web identity token",
                            "sts key",
                            "sts token",
                            "container token",
                            "container token file",
                            "container key",
                            "container session",
                            "imds session",
                            "imds key",
                            "imds token",
                            "proxy password",
                            "url password"})
    all[place] = fmt::format("hunter{:02}Secret", all.size() + 1);
  return all;
}();

std::string JsonKeys(std::string_view key, std::string_view token, std::string_view token_name) {
  return fmt::format(
      R"({{"Version":1,"Code":"Success","AccessKeyId":"AKIAPLANTED","SecretAccessKey":"{}","{}":"{}","Expiration":"2099-01-01T00:00:00Z"}})",
      key, token_name, token);
}

// STS, container endpoint and instance metadata in one; everything else is S3, which refuses, and repeats in its answer
// what the signature was made of, as S3 does.
HttpAnswer Answer(const ReceivedRequest& request) {
  if (request.body.find("Action=AssumeRole") != std::string::npos)
    return {.body =
                fmt::format("<R><Credentials><AccessKeyId>AKIASTS</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>"
                            "<SessionToken>{}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
                            "</Credentials></R>",
                            kSecrets.at("sts key"), kSecrets.at("sts token"))};
  if (request.path == "/container")
    return {.body = JsonKeys(kSecrets.at("container key"), kSecrets.at("container session"), "Token")};
  if (request.path == "/latest/api/token") return {.body = kSecrets.at("imds session")};
  if (request.path == "/latest/meta-data/iam/security-credentials/") return {.body = "role"};
  if (request.path == "/latest/meta-data/iam/security-credentials/role")
    return {.body = JsonKeys(kSecrets.at("imds key"), kSecrets.at("imds token"), "Token")};
  std::string canonical;
  for (const auto& [name, value] : request.headers) canonical += fmt::format("{}:{}\n", name, value);
  return {.status = 403,
          .body = fmt::format("<Error><Code>SignatureDoesNotMatch</Code><Message>The signature does not match."
                              "</Message><CanonicalRequest>{}</CanonicalRequest></Error>",
                              canonical)};
}

std::string Everything(const std::vector<ReceivedRequest>& requests) {
  std::string all;
  for (const ReceivedRequest& request : requests) {
    all += fmt::format("{} {}\n{}\n", request.method, request.target, request.body);
    for (const auto& [name, value] : request.headers) all += fmt::format("{}: {}\n", name, value);
  }
  return all;
}

class SecretsTest : public ::testing::Test {
 protected:
  SecretsTest() {
    WriteFile(home_ / "lab/run-1/a.bin", "12345");
    WriteFile(home_ / "seshat.toml",
              fmt::format("[aws]\nregion = \"us-east-1\"\nendpoint = \"{0}\"\n[store]\nurl = \"s3://lab\"\n"
                          "[bus]\nurl = \"sns-sqs://123456789012/lab\"\n[observability]\nlog_level = \"trace\"\n"
                          "log_format = \"json\"\n[sources.lab]\npath = \"{1}\"\ncomplete.quiet = \"1s\"\n",
                          server_.url(), (home_ / "lab").string()));
  }

  Variables Complete(Variables more) const {
    Variables all = EnvironmentOf(home_.path());
    for (auto& variable : more) all.push_back(std::move(variable));
    return all;
  }

  // Everything that a user can see with these variables.
  void LookEverywhere(const Variables& more) {
    const std::string config = (home_ / "seshat.toml").string();
    const std::vector<Words> commands{{"config", "show", "--origin"},
                                      {"config", "show", "--json"},
                                      {"doctor"},
                                      {"doctor", "--json"},
                                      {"get", "run-1", "--to", (home_ / "out").string()},
                                      {"verify", "--all", "--json"},
                                      {"agent", "--until-idle", "--timeout", "1s", "--json"},
                                      {"status", "--json"}};
    for (Words words : commands) {
      SCOPED_TRACE(words.front());
      words.insert(words.begin(), SESHAT_PROGRAM);
      words.insert(words.end(), {"--config", config});
      const ProgramResult result = testing::RunProgram(words, Complete(more));
      EXPECT_LT(result.status, 100) << result.err;
      Look(result.out);
      Look(result.err);
    }
  }

  static void Look(std::string_view text) {
    for (const auto& [place, secret] : kSecrets)
      EXPECT_EQ(text.find(secret), std::string_view::npos) << place << " in:\n" << text;
  }

  // Those that travel did, so that there was something to hide.
  void ExpectSent(std::initializer_list<const char*> places) const {
    const std::string all = Everything(server_.requests());
    for (const char* place : places) EXPECT_NE(all.find(kSecrets.at(place)), std::string::npos) << place;
  }

  TempDir home_;
  HttpServer server_{Answer};
};

TEST_F(SecretsTest, OfTheEnvironmentAndTheProxy) {
  LookEverywhere(
      {{"AWS_ACCESS_KEY_ID", "AKIAPLANTED"},
       {"AWS_SECRET_ACCESS_KEY", kSecrets.at("environment key")},
       {"AWS_SESSION_TOKEN", kSecrets.at("environment token")},
       // Its own proxy: the server takes whatever it is sent.
       {"http_proxy", fmt::format("http://user:{}@127.0.0.1:{}", kSecrets.at("proxy password"), server_.port())}});
  ExpectSent({"environment token"});
  EXPECT_NE(Everything(server_.requests()).find("proxy-authorization"), std::string::npos);
}

TEST_F(SecretsTest, OfTheSharedFiles) {
  WriteFile(home_ / ".aws/credentials",
            fmt::format("[default]\naws_access_key_id = AKIAPLANTED\naws_secret_access_key = {}\n"
                        "aws_session_token = {}\n",
                        kSecrets.at("file key"), kSecrets.at("file token")));
  LookEverywhere({});
  ExpectSent({"file token"});
  // A line that cannot be read is not repeated either.
  WriteFile(home_ / ".aws/credentials", "[default]\n" + kSecrets.at("file key") + "\n");
  LookEverywhere({});
}

TEST_F(SecretsTest, OfACredentialProcess) {
  WriteFile(home_ / "answer.json", JsonKeys(kSecrets.at("process key"), kSecrets.at("process token"), "SessionToken"));
  const auto use = [&](std::string_view ending) {
    WriteFile(home_ / ".aws/config", fmt::format("[default]\ncredential_process = sh -c 'echo {} >&2; cat {}; {}' {}\n",
                                                 kSecrets.at("process stderr"), (home_ / "answer.json").string(),
                                                 ending, kSecrets.at("process argument")));
    LookEverywhere({});
  };
  use("true");
  ExpectSent({"process token"});
  use("exit 3");
  WriteFile(home_ / "answer.json", kSecrets.at("process key"));  // no JSON
  use("true");
}

TEST_F(SecretsTest, OfWebIdentity) {
  WriteFile(home_ / "token", kSecrets.at("web identity token"));
  LookEverywhere(
      {{"AWS_WEB_IDENTITY_TOKEN_FILE", (home_ / "token").string()}, {"AWS_ROLE_ARN", "arn:aws:iam::1:role/lab"}});
  ExpectSent({"web identity token", "sts token"});
}

TEST_F(SecretsTest, OfAContainer) {
  WriteFile(home_ / "token", kSecrets.at("container token file"));
  const std::string uri = server_.url() + "/container";
  LookEverywhere({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", uri},
                  {"AWS_CONTAINER_AUTHORIZATION_TOKEN", kSecrets.at("container token")}});
  LookEverywhere({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", uri},
                  {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", (home_ / "token").string()}});
  ExpectSent({"container token", "container token file", "container session"});
}

TEST_F(SecretsTest, OfAnInstance) {
  LookEverywhere({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server_.url()}});
  ExpectSent({"imds session", "imds token"});
}

TEST_F(SecretsTest, OfAUrlThatShouldHoldNone) {
  LookEverywhere({{"SESHAT_STORE__URL", "s3://user:" + kSecrets.at("url password") + "@lab"}});
  LookEverywhere({{"SESHAT_AWS__PROXY", "http://user:" + kSecrets.at("url password") + "@proxy"}});
}

// Of a running agent, whose log says where they are.
TEST_F(SecretsTest, InMetrics) {
  const TempDir output;
  const RunningProgram agent({SESHAT_PROGRAM, "agent", "--config", (home_ / "seshat.toml").string()},
                             Complete({{"AWS_ACCESS_KEY_ID", "AKIAPLANTED"},
                                       {"AWS_SECRET_ACCESS_KEY", kSecrets.at("environment key")},
                                       {"AWS_SESSION_TOKEN", kSecrets.at("environment token")}}),
                             output.path());
  ASSERT_TRUE(server_.WaitForRequests(1));  // it has tried to store something, and was refused
  constexpr std::string_view kField = "\"metrics\":\"";
  const std::string log = agent.Err();
  const size_t at = log.find(kField);
  ASSERT_NE(at, std::string::npos) << log;
  const std::string address = log.substr(at + kField.size(), log.find('"', at + kField.size()) - at - kField.size());
  const auto client = http::MakeClient({});
  ASSERT_TRUE(client.has_value());
  for (const char* path : {"/metrics", "/readyz"}) {
    http::Request request{.origin = http::ParseUrl("http://" + address)->origin, .path = path};
    const auto outcome = http::SendOver(**client, std::move(request));
    ASSERT_TRUE(outcome.response.has_value()) << outcome.response.error().message;
    EXPECT_FALSE(outcome.response->body.empty());
    Look(outcome.response->body);
  }
  Look(agent.Out());
  Look(agent.Err());
}

}  // namespace
}  // namespace seshat::cli
