// The built command on labs of its own: roles, what it serves, damage, configuration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "cli/small_lab.h"

namespace seshat::cli {
namespace {

using ::testing::HasSubstr;

TEST(Doctor, FindsDamagedDatabasesAndSaysWhatToDo) {
  const TempDir home;
  const fs::path state = home / ".local/state/seshat";
  const std::pair<const char*, const char*> cases[]{
      {"journal.db", "backup"}, {"bus.db", "seshat replay"}, {"metadata.db", "seshat reindex"}};
  for (const auto& [name, remedy] : cases) testing::WriteFile(state / name, std::string(20'000, 'x'));
  const ProgramResult doctor = Seshat(home.path(), {"doctor"});
  EXPECT_EQ(doctor.status, 1);
  const ProgramResult status = Seshat(home.path(), {"status"});
  EXPECT_EQ(status.status, 6) << status.err;
  for (const auto& [name, remedy] : cases) {
    EXPECT_THAT(doctor.out, HasSubstr((state / name).string()));
    EXPECT_THAT(doctor.out, HasSubstr(remedy));
  }
  // Each by itself, as commands meet it.
  for (const auto& [name, remedy] : cases) {
    for (const auto& entry : fs::directory_iterator(state)) fs::remove_all(entry);
    testing::WriteFile(state / name, std::string(20'000, 'x'));
    const ProgramResult alone = Seshat(home.path(), {"status"});
    EXPECT_EQ(alone.status, 6) << name;
    EXPECT_THAT(alone.err, HasSubstr((state / name).string()));
    EXPECT_THAT(alone.err, HasSubstr(remedy));
  }
}

TEST(Configuration, TheFileAtTheTopOfTheRepositoryIsGood) {
  const TempDir home;
  const ProgramResult result = Seshat(home.path(), {"config", "check", "--config", (kSource / "seshat.toml").string()});
  EXPECT_EQ(result.status, 0) << result.err;
}

// Asks until the answer holds `text`; the program's own deadline is the limit.
std::string Scrape(const std::string& address, const std::string& path) {
  return testing::RunProgram(
             {"/bin/bash", "-c",
              "exec 3<>/dev/tcp/${0%:*}/${0#*:} && printf 'GET %s HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: "
              "close\\r\\n\\r\\n' \"$1\" >&3 && cat <&3",
              address, path},
             {{"PATH", "/usr/bin:/bin"}})
      .out;
}

TEST(Up, ServesMetricsTellsWhereAndStopsWhenTold) {
  const TempDir home;
  const TempDir output;
  fs::create_directories(home / "rig");
  RunningProgram up({SESHAT_PROGRAM, "up", "--source", (home / "rig").string()}, EnvironmentOf(home.path()),
                    output.path());
  std::string address;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (address.empty() && std::chrono::steady_clock::now() < deadline) {
    const ProgramResult told = Seshat(home.path(), {"status", "--json"});
    ASSERT_EQ(told.status, 0) << told.err;
    const auto status = Json(told);
    for (const auto& process : status.at("processes").as_array()) address = Text(process.at("metrics_address"));
  }
  ASSERT_FALSE(address.empty()) << up.Err();
  EXPECT_THAT(Scrape(address, "/livez"), HasSubstr("200 OK"));
  EXPECT_THAT(Scrape(address, "/readyz"), HasSubstr("200 OK"));
  const std::string metrics = Scrape(address, "/metrics");
  EXPECT_THAT(metrics, HasSubstr("seshat_info{version=\""));
  EXPECT_THAT(metrics, HasSubstr("seshat_subscription_ready_events{subscription=\"indexing\"} 0"));
  if (fs::exists("/usr/bin/promtool")) {
    testing::WriteFile(home / "metrics", metrics.substr(metrics.find("\r\n\r\n") + 4));
    const ProgramResult judged = testing::RunProgram(
        {"/bin/sh", "-c", "promtool check metrics < \"$0\"", (home / "metrics").string()}, EnvironmentOf(home.path()));
    EXPECT_EQ(judged.status, 0) << judged.out << judged.err;
  }
  up.Signal(SIGTERM);
  const auto ended = up.Wait(std::chrono::seconds(60));
  ASSERT_TRUE(ended) << up.Err();
  EXPECT_EQ(ended->status, 0) << ended->err;
  EXPECT_TRUE(Json(Seshat(home.path(), {"status", "--json"})).at("processes").as_array().empty());
}

TEST(Roles, EachAloneOnOneStateDirectoryDoTheSameTogether) {
  const TempDir home;
  const fs::path source = home / "rig";
  testing::WriteFile(source / "run-1/sensor.bin", "12345");
  testing::WriteFile(source / "run-1/metadata.txt", "sensor: a\n");
  const auto idle = [&](Words words) {
    for (const char* word : {"--until-idle", "--timeout", "60s"}) words.emplace_back(word);
    return Seshat(home.path(), words);
  };
  const ProgramResult agent = idle({"agent", "--source", source.string(), "--quiet-time", "1s"});
  EXPECT_EQ(agent.status, 0) << agent.err;
  EXPECT_FALSE(Json(Seshat(home.path(), {"why", "run-1", "--json"})).at("searchable").as_bool());
  EXPECT_EQ(idle({"process"}).status, 0);
  EXPECT_EQ(idle({"index"}).status, 0);
  const auto why = Json(Seshat(home.path(), {"why", "run-1", "--json"}));
  EXPECT_TRUE(why.at("searchable").as_bool());
  EXPECT_EQ(why.at("processed").to_number<int>(), 1);
}

TEST(Up, UntilIdleEndsInTimeWithTheReason) {
  const TempDir home;
  testing::WriteFile(home / "rig/run-1/data", "x");
  const ProgramResult result = Seshat(home.path(), {"up", "--source", (home / "rig").string(), "--quiet-time", "1h",
                                                    "--until-idle", "--timeout", "1s"});
  EXPECT_EQ(result.status, 5) << result.err;
  EXPECT_THAT(result.err, HasSubstr("still waiting for session run-1"));
}

}  // namespace
}  // namespace seshat::cli
