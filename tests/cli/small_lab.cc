#include "cli/small_lab.h"

#include <optional>

namespace seshat::cli {
namespace {

struct SmallLab {
  TempDir home;
  std::optional<ProgramResult> up;
};

SmallLab& Lab() {
  static SmallLab lab;
  return lab;
}

Words UpWords(const fs::path& lab) {
  return {"up",
          "--source",
          (lab / "bench-1").string(),
          "--source",
          (lab / "bench-2").string(),
          "--json",
          "--quiet-time",
          "1s",
          "--set",
          "agent.host=test-host",
          "--timeout",
          "100s",
          "--until-idle"};
}

}  // namespace

Variables EnvironmentOf(const fs::path& home) {
  return {{"HOME", home.string()}, {"PATH", "/usr/bin:/bin"}, {"TZ", "UTC"}};
}

ProgramResult Seshat(const fs::path& home, const Words& words, Variables more) {
  Words command{SESHAT_PROGRAM};
  command.insert(command.end(), words.begin(), words.end());
  Variables environment = EnvironmentOf(home);
  environment.insert(environment.end(), more.begin(), more.end());
  return testing::RunProgram(command, environment);
}

boost::json::object Json(const ProgramResult& result) {
  boost::system::error_code error;
  const auto value = boost::json::parse(result.out, error);
  EXPECT_FALSE(error) << result.out << result.err;
  return value.is_object() ? value.as_object() : boost::json::object{};
}

std::string Text(const boost::json::value& value) { return std::string(value.as_string()); }

void LabTest::SetUpTestSuite() {
  SmallLab& small = Lab();
  if (small.up) return;
  const ProgramResult made =
      Seshat(home(), {"simulate", "--to", lab().string(), "--sources", "2", "--sessions", "3", "--json"});
  ASSERT_EQ(made.status, 0) << made.err;
  small.up = Seshat(home(), UpWords(lab()));
}

ProgramResult LabTest::Run(const Words& words, Variables more) { return Seshat(home(), words, std::move(more)); }
const fs::path& LabTest::home() { return Lab().home.path(); }
const ProgramResult& LabTest::up() { return *Lab().up; }

}  // namespace seshat::cli
