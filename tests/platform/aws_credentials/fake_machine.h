// A machine with an environment, files, programs and servers, none of them real.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "platform/aws_credentials/credential_chain.h"
#include "support/fakes.h"

namespace seshat::aws {

// Answers each URL as it was told; nobody is there otherwise.
class FakeServers : public http::Sender {
 public:
  struct Answer {
    int status = 200;
    std::string body;
    std::string date;  // empty: no header
  };

  http::Outcome Send(http::Request request, std::stop_token) override {
    const std::string url = fmt::format("{} {}{}{}{}", request.method, request.origin.url(), request.path,
                                        request.query.empty() ? "" : "?", request.query);
    asked.push_back(request);
    const auto found = answers.find(url);
    http::Outcome outcome;
    if (found == answers.end() || found->second.empty()) {
      outcome.response = Fail(ErrorCode::kUnavailable, "connection refused: " + request.origin.url());
      return outcome;
    }
    const Answer answer = found->second.front();
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    http::Response response;
    response.status = answer.status;
    response.body = answer.body;
    if (!answer.date.empty()) response.headers.Add("date", answer.date);
    outcome.response = std::move(response);
    return outcome;
  }

  std::map<std::string, std::vector<Answer>> answers;  // by "GET http://host/path"; the last one stays
  std::vector<http::Request> asked;
};

inline std::string HeaderOf(const http::Request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return "-";
}

inline std::string BodyOf(const http::Request& request) {
  return {reinterpret_cast<const char*>(request.body.bytes.data()), request.body.bytes.size()};
}

struct FakeMachine {
  FakeMachine() {
    surroundings.variables.insert_or_assign("HOME", Secret("/home/a"));
    surroundings.read_file = [this](const std::filesystem::path& path) -> Result<Secret> {
      const auto found = files.find(path.string());
      if (found == files.end()) return Fail(ErrorCode::kNotFound, "no file " + path.string());
      return Secret(found->second);
    };
    surroundings.run_command = [this](const CommandToRun& command, std::stop_token) -> Result<CommandResult> {
      commands.push_back(command.arguments);
      return CommandResult{exit_status, Secret(output)};
    };
  }

  void Set(const std::string& name, const std::string& value) {
    surroundings.variables.insert_or_assign(name, Secret(value));
  }

  // What the whole chain gives, as "id/secret/token@source", or the error.
  std::string Chain(const std::string& profile = "", const std::string& region = "eu-west-1") {
    const ChainParts parts{direct, remote, clock, server_clock, random, logger};
    auto chain = MakeCredentialChain({profile, {region, ""}}, surroundings, parts);
    if (!chain) return chain.error().ToString();
    const auto credentials = (*chain)->Get({});
    if (!credentials) return credentials.error().ToString();
    const Credentials& c = **credentials;
    return fmt::format("{}/{}/{}@{}", c.keys.access_key_id, c.keys.secret_access_key.Expose(),
                       c.keys.session_token.Expose(), c.source);
  }

  std::map<std::string, std::string> files;
  std::string output;
  int exit_status = 0;
  std::vector<std::vector<std::string>> commands;
  FakeServers direct;
  FakeServers remote;
  seshat::testing::FakeClock clock;
  ServerClock server_clock{clock};
  seshat::testing::SeededRandom random;
  seshat::testing::MemoryLogger logger;
  Surroundings surroundings;
};

}  // namespace seshat::aws
