// `seshat agent` as a user runs it: a dry run that leaves no trace, and two agents that want the same session id.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/run_program.h"
#include "support/temp_dir.h"

namespace seshat::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::ProgramResult;
using testing::RunningProgram;
using testing::TempDir;
using testing::Variables;
using Words = std::vector<std::string>;

Variables EnvironmentOf(const fs::path& home) {
  return {{"HOME", home.string()}, {"PATH", "/usr/bin:/bin"}, {"TZ", "UTC"}};
}

Words Command(const Words& words) {
  Words command{SESHAT_PROGRAM};
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

ProgramResult Seshat(const fs::path& home, const Words& words) {
  return testing::RunProgram(Command(words), EnvironmentOf(home));
}

boost::json::object Json(const ProgramResult& result) {
  boost::system::error_code error;
  const auto value = boost::json::parse(result.out, error);
  EXPECT_FALSE(error) << result.out << result.err;
  return value.is_object() ? value.as_object() : boost::json::object{};
}

// Everything below a directory, with the bytes of its files. What SQLite keeps beside an open database is left out: a
// reader marks there what it reads.
std::map<std::string, std::string> Contents(const fs::path& root) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string path = fs::relative(entry.path(), root).string();
    if (path.ends_with(".db-shm") || path.ends_with(".db-wal")) continue;
    all[path] = entry.is_regular_file() ? testing::ReadFile(entry.path()) : "";
  }
  return all;
}

// What a dry run says of each file: "session/path" and the action.
std::map<std::string, std::string> PlanOf(const ProgramResult& result) {
  EXPECT_EQ(result.status, 0) << result.err;
  std::map<std::string, std::string> plan;
  const auto json = Json(result);
  if (!json.contains("plan")) return plan;
  for (const auto& line : json.at("plan").as_array()) {
    const auto text = [&](const char* name) { return std::string(line.at(name).as_string()); };
    plan[text("session") + "/" + text("path")] = text("action");
  }
  return plan;
}

TEST(DryRun, MakesNothingWhereNoAgentHasRun) {
  const TempDir home;
  const fs::path source = home / "rig";
  testing::WriteFile(source / "run-1/sensor.bin", "12345");
  fs::create_symlink("sensor.bin", source / "run-1/link");
  const auto before = Contents(home.path());
  const Words words{"agent", "--source", source.string(), "--dry-run", "--json"};
  const auto plan = PlanOf(Seshat(home.path(), words));
  EXPECT_EQ(plan.at("run-1/sensor.bin"), "wait");
  EXPECT_EQ(plan.at("run-1/link"), "skip");
  EXPECT_EQ(Contents(home.path()), before);
}

TEST(DryRun, ReadsTheJournalOfAnEarlierRunAndChangesNothing) {
  const TempDir home;
  const fs::path source = home / "rig";
  testing::WriteFile(source / "run-1/sensor.bin", "12345");
  const Words words{"agent", "--source", source.string(), "--quiet-time", "1s"};
  Words until_idle = words;
  for (const char* word : {"--until-idle", "--timeout", "60s"}) until_idle.emplace_back(word);
  ASSERT_EQ(Seshat(home.path(), until_idle).status, 0);
  testing::WriteFile(source / "run-1/late.bin", "late");
  const auto before = Contents(home.path());
  Words dry = words;
  for (const char* word : {"--dry-run", "--json"}) dry.emplace_back(word);
  const auto plan = PlanOf(Seshat(home.path(), dry));
  EXPECT_EQ(plan.at("run-1/sensor.bin"), "keep");
  EXPECT_THAT(plan.at("run-1/late.bin"), ::testing::AnyOf("upload", "wait"));
  EXPECT_EQ(Contents(home.path()), before);
}

// Its credential would not let it read: not the store, not the index, not the queues of others.
TEST(AgentByItself, OpensNothingThatItDoesNotWrite) {
  const TempDir home;
  const fs::path source = home / "rig";
  testing::WriteFile(source / "run-1/sensor.bin", "12345");
  testing::WriteFile(home / "seshat.toml",
                     "[metadata]\nurl = \"sqlite:///proc/no/such/place.db\"\n[store]\nurl = \"file://" +
                         (home / "store").string() + "\"\n");
  const auto result =
      Seshat(home.path(), {"agent", "--config", (home / "seshat.toml").string(), "--source", source.string(),
                           "--quiet-time", "1s", "--until-idle", "--timeout", "60s", "--json"});
  EXPECT_EQ(result.status, 0) << result.err;
  const auto summary = Json(result);
  EXPECT_EQ(summary.at("sessions").to_number<int>(), 1);
  EXPECT_EQ(summary.at("files").to_number<int>(), 1);
  EXPECT_EQ(summary.at("bytes").to_number<int>(), 5);
  EXPECT_TRUE(summary.at("results").is_null());
}

struct Rig {
  std::string name;
  fs::path state;
  fs::path source;
  std::unique_ptr<RunningProgram> agent;
  TempDir output;
};

TEST(TwoAgents, OfOneSessionIdOneWinsAndTheOtherSeesAConflict) {
  const TempDir home;
  const fs::path store = home / "store";
  std::vector<Rig> rigs(2);
  for (size_t i = 0; i < rigs.size(); ++i) {
    Rig& rig = rigs[i];
    rig.name = i == 0 ? "north" : "south";
    rig.state = home / ("state-" + rig.name);
    rig.source = home / rig.name;
    testing::WriteFile(rig.source / "run-1/sensor.bin", "bytes of " + rig.name);
    testing::WriteFile(rig.source / ("only-" + rig.name) / "sensor.bin", "more bytes of " + rig.name);
  }
  const auto words = [&](const Rig& rig, Words more) {
    for (const auto& word : Words{"--store", store.string(), "--state-dir", rig.state.string()}) more.push_back(word);
    return more;
  };
  for (Rig& rig : rigs)
    rig.agent = std::make_unique<RunningProgram>(
        Command(words(
            rig, {"agent", "--source", rig.source.string(), "--quiet-time", "1s", "--until-idle", "--timeout", "60s"})),
        EnvironmentOf(home.path()), rig.output.path());
  std::vector<std::string> winners;
  for (Rig& rig : rigs) {
    const auto ended = rig.agent->Wait(std::chrono::seconds(90));
    ASSERT_TRUE(ended) << rig.agent->Err();
    const auto status = Json(Seshat(home.path(), words(rig, {"status", "--json"})));
    const auto& source = status.at("sources").as_array().at(0).as_object();
    const auto why = Json(Seshat(home.path(), words(rig, {"why", "run-1", "--json"})));
    const auto& session = why.at("sessions").as_array().at(0).as_object();
    const bool won = session.at("state").as_string() == "committed";
    if (won) winners.push_back(rig.name);
    EXPECT_EQ(ended->status, won ? 0 : 3) << ended->err;
    EXPECT_EQ(source.at("conflicts").to_number<int>(), won ? 0 : 1);
    EXPECT_EQ(source.at("stored").to_number<int>(), won ? 2 : 1) << "the other session goes on";
    if (won) continue;
    EXPECT_EQ(session.at("state").as_string(), "conflict");
    EXPECT_THAT(std::string(session.at("why").as_string()), HasSubstr("another source has already stored"));
  }
  ASSERT_EQ(winners.size(), 1U);
  EXPECT_EQ(testing::ReadFile(store / "run-1/raw/sensor.bin"), "bytes of " + winners[0]);
  std::vector<std::string> stored;
  for (const auto& [path, bytes] : Contents(store / "run-1"))
    if (!fs::is_directory(store / "run-1" / path)) stored.push_back(path);
  EXPECT_THAT(stored, ::testing::ElementsAre("manifests/000001.json", "owner.json", "raw/sensor.bin"));
  for (const Rig& rig : rigs)
    EXPECT_EQ(testing::ReadFile(store / ("only-" + rig.name) / "raw/sensor.bin"), "more bytes of " + rig.name);
}

}  // namespace
}  // namespace seshat::cli
