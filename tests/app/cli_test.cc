// The built command, run as a user runs it, over a lab of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "app/command.h"
#include "core/sha256.h"
#include "core/trace_context.h"
#include "support/run_program.h"
#include "support/temp_dir.h"

namespace seshat::app {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProgramResult;
using testing::RunningProgram;
using testing::TempDir;
using testing::Variables;
using Words = std::vector<std::string>;

const fs::path kSource = SESHAT_SOURCE_DIR;

Variables EnvironmentOf(const fs::path& home) {
  return {{"HOME", home.string()}, {"PATH", "/usr/bin:/bin"}, {"TZ", "UTC"}};
}

ProgramResult Seshat(const fs::path& home, const Words& words, Variables more = {}) {
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

// One small lab, stored, processed and searchable, for all tests of this file.
class LabTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    home_ = new TempDir;
    lab_ = (*home_) / "lab";
    const ProgramResult made = Seshat(
        home_->path(), {"simulate", "--to", lab_.string(), "--sources", "2", "--sessions", "3", "--json"});
    ASSERT_EQ(made.status, 0) << made.err;
    up_ = new ProgramResult(Seshat(home_->path(), UpWords()));
  }
  static void TearDownTestSuite() {
    delete up_;
    delete home_;
  }
  static Words UpWords() {
    return {"up",
            "--source",
            (lab_ / "bench-1").string(),
            "--source",
            (lab_ / "bench-2").string(),
            "--json",
            "--quiet-time",
            "1s",
            "--set",
            "agent.host=test-host",
            "--timeout",
            "100s",
            "--until-idle"};
  }

  static ProgramResult Run(const Words& words, Variables more = {}) {
    return Seshat(home_->path(), words, std::move(more));
  }

  static TempDir* home_;
  static fs::path lab_;
  static ProgramResult* up_;
};
TempDir* LabTest::home_ = nullptr;
fs::path LabTest::lab_;
ProgramResult* LabTest::up_ = nullptr;

constexpr const char* kSession = "2026-03-02-bench-1-001";

TEST_F(LabTest, UpEndsWhenEverythingIsSearchable) {
  EXPECT_EQ(up_->status, 0) << up_->err;
  const auto summary = Json(*up_);
  EXPECT_TRUE(summary.at("idle").as_bool());
  EXPECT_EQ(summary.at("sessions").to_number<int>(), 8);
  EXPECT_GT(summary.at("results").to_number<int>(), 8);
}

TEST_F(LabTest, LogLinesAreJsonAndOneTraceGoesFromScanToIndex) {
  std::istringstream lines(up_->err);
  std::string migrated;
  std::string indexed;
  for (std::string line; std::getline(lines, line);) {
    const auto entry = boost::json::parse(line).as_object();
    ASSERT_TRUE(entry.contains("time") && entry.contains("level") && entry.contains("message")) << line;
    if (!entry.contains("traceparent") || !entry.contains("session") ||
        entry.at("session").as_string() != kSession)
      continue;
    const auto trace = TraceContext::Parse(Text(entry.at("traceparent")));
    ASSERT_TRUE(trace) << line;
    (entry.at("message").as_string() == "indexed" ? indexed : migrated) = trace->TraceIdHex();
  }
  EXPECT_FALSE(migrated.empty());
  EXPECT_EQ(migrated, indexed);
}

TEST_F(LabTest, EveryJsonIsAsDocumented) {
  const std::vector<std::pair<std::string, Words>> runs{
      {"version", {}},
      {"config", {"show"}},
      {"doctor", {}},
      {"status", {}},
      {"why", {kSession}},
      {"search", {"format:*", "--facet", "format"}},
      {"fields", {}},
      {"show", {kSession}},
      {"get", {kSession, "--to", ((*home_) / "json-get").string()}},
      {"verify", {kSession}},
      {"reindex", {}},
      {"replay", {kSession}},
      {"dead-letters", {"list"}},
      {"dead-letters", {"redrive"}},
      {"index", {"--until-idle", "--timeout", "60s"}},
      {"agent", {"--dry-run", "--source", (lab_ / "bench-1").string()}},
      {"simulate", {"--to", ((*home_) / "json-lab").string(), "--sessions", "1"}},
  };
  for (const auto& [name, words] : runs) {
    Words all{name, "--json", "--quiet"};
    all.insert(all.end(), words.begin(), words.end());
    const ProgramResult result = Run(all);
    EXPECT_EQ(result.status, 0) << name << result.err;
    EXPECT_EQ(result.out.find('\n'), result.out.size() - 1) << name << ": one line";
    const auto object = Json(result);
    const Command* command = FindCommand(name);
    ASSERT_NE(command, nullptr);
    const bool plan = object.contains("plan");
    for (const JsonField& field : command->json) {
      std::string key(field.name);
      const bool may_lack = key.ends_with('?') || plan;
      if (key.ends_with('?')) key.pop_back();
      if (may_lack && !object.contains(key)) continue;
      ASSERT_TRUE(object.contains(key)) << name << " lacks " << key << ": " << result.out;
      const auto& value = object.at(key);
      EXPECT_TRUE(
          (field.type == "array" && value.is_array()) || (field.type == "object" && value.is_object()) ||
          (field.type == "number" && value.is_number()) || (field.type == "boolean" && value.is_bool()) ||
          ((field.type == "text" || field.type == "time") && value.is_string()))
          << name << " " << key;
    }
    for (const auto& entry : object) {
      const bool documented = std::ranges::any_of(command->json, [&](const JsonField& field) {
        return field.name == std::string_view(entry.key()) || field.name == std::string(entry.key()) + "?";
      });
      EXPECT_TRUE(documented) << name << " prints " << entry.key() << ", which docs/cli.md does not know";
    }
  }
}

TEST_F(LabTest, DataGoesToStdoutAndMessagesToStderr) {
  const ProgramResult found = Run({"search", "rig = bench-1"});
  EXPECT_EQ(found.status, 0);
  EXPECT_THAT(found.out, HasSubstr(kSession));
  EXPECT_THAT(found.out, Not(HasSubstr("understood as")));
  EXPECT_THAT(found.err, HasSubstr("understood as: rig = bench-1"));
  const ProgramResult wrong = Run({"show", "2026-03-02-bench-1-0001"});
  EXPECT_EQ(wrong.status, 7);
  EXPECT_EQ(wrong.out, "");
  EXPECT_THAT(wrong.err, HasSubstr("did you mean '" + std::string(kSession) + "'?"));
}

TEST_F(LabTest, WhyKnowsTheNearestSession) {
  EXPECT_THAT(Run({"why", "2026-03-02-bench-1-0001"}).err,
              HasSubstr("did you mean '" + std::string(kSession) + "'?"));
}

TEST_F(LabTest, ExitStatusesTellWhatWentWrong) {
  const std::pair<Words, int> cases[]{
      {{"search", "(("}, 2},
      {{"search", "rigg = bench-1"}, 2},
      {{"shwo", kSession}, 2},
      {{"show", kSession, "--jsn"}, 2},
      {{"get", "nobody"}, 7},
      {{"get", "../escape"}, 2},
      {{"verify", "nobody"}, 7},
      {{"verify"}, 2},
      {{"replay", "nobody"}, 7},
      {{"why", "nobody"}, 7},
      {{"why", "../escape"}, 2},
      {{"dead-letters", "redrive", "no-such-letter"}, 7},
      {{"up", "--set", "store.ulr=x"}, 2},
      {{"up", "--store", "s3://user:planted@bucket"}, 2},
      {{"up", "--store", "gopher://hole"}, 2},
      {{"up", "--source", "/tmp", "--metrics", "nowhere"}, 2},
      {{"agent"}, 2},
      {{"agent", "--source", "", "--dry-run"}, 2},
      {{"get", kSession, "--to="}, 2},
  };
  for (const auto& [words, status] : cases) {
    const ProgramResult result = Run(words);
    EXPECT_EQ(result.status, status) << ::testing::PrintToString(words) << result.err;
    EXPECT_EQ(result.out, "") << ::testing::PrintToString(words);
    EXPECT_THAT(result.err, HasSubstr("error: ")) << ::testing::PrintToString(words);
    EXPECT_THAT(result.err, Not(HasSubstr("planted")));
    EXPECT_THAT(result.err, Not(HasSubstr("\x1b")));
  }
}

TEST_F(LabTest, ReplayOfAnUnknownSessionDoesNotClaimThatItIsBeingUploaded) {
  EXPECT_THAT(Run({"replay", "nobody"}).err, HasSubstr("there is no finished session 'nobody' in the store"));
}

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

TEST_F(LabTest, GetBringsFilesBackAsTheyWere) {
  const fs::path to = (*home_) / "got";
  const fs::path original = lab_ / "bench-1" / kSession;
  ASSERT_EQ(Run({"get", kSession, "--to", to.string(), "--what", "all"}).status, 0);
  size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(original)) {
    if (!entry.is_regular_file()) continue;
    const fs::path copy = to / kSession / "raw" / entry.path().lexically_relative(original);
    EXPECT_EQ(testing::ReadFile(copy), testing::ReadFile(entry.path()));
    EXPECT_EQ(fs::last_write_time(copy), fs::last_write_time(entry.path()));
    EXPECT_EQ(fs::status(copy).permissions(), entry.status().permissions());
    ++files;
  }
  EXPECT_GE(files, 4U);
  EXPECT_TRUE(fs::exists(to / kSession / "processed/statistics-1/faults.log/statistics.csv"));

  // Once more: nothing is fetched but what is missing or was changed.
  fs::remove(to / kSession / "raw/faults.log");
  testing::WriteFile(to / kSession / "raw/metadata.txt", "something else");
  const auto again = Json(Run({"get", kSession, "--to", to.string(), "--what", "all", "--json"}));
  EXPECT_EQ(again.at("fetched").to_number<int>(), 2);
  EXPECT_EQ(again.at("fetched").to_number<int>() + again.at("kept").to_number<int>(),
            again.at("files").to_number<int>());
  EXPECT_EQ(testing::ReadFile(to / kSession / "raw/metadata.txt"),
            testing::ReadFile(original / "metadata.txt"));
  for (const auto& entry : fs::directory_iterator(to)) EXPECT_EQ(entry.path().filename(), kSession);
}

TEST_F(LabTest, GetNeverFollowsALinkOutOfItsDirectory) {
  const fs::path to = (*home_) / "linked";
  const fs::path outside = (*home_) / "outside";
  fs::create_directories(to / kSession);
  fs::create_directories(outside);
  fs::create_directory_symlink(outside, to / kSession / "raw");
  EXPECT_NE(Run({"get", kSession, "--to", to.string()}).status, 0);
  EXPECT_TRUE(fs::is_empty(outside));
}

TEST_F(LabTest, DamageInTheStoreIsFoundAndNeverDelivered) {
  const auto shown = Json(Run({"show", "2026-03-03-bench-2-002", "--json"}));
  std::string damaged;
  for (const auto& file : shown.at("files").as_array()) {
    if (file.at("path").as_string() == "faults.log") damaged = Text(file.at("url"));
  }
  ASSERT_TRUE(damaged.starts_with("file://")) << boost::json::serialize(shown);
  const fs::path object = damaged.substr(7);
  const std::string good = testing::ReadFile(object);
  std::string bad = good;
  bad[0] = static_cast<char>(bad[0] ^ 1);
  ::chmod(object.c_str(), 0644);
  testing::WriteFile(object, bad);
  const fs::path to = (*home_) / "damaged";
  const ProgramResult got = Run({"get", "2026-03-03-bench-2-002", "--to", to.string()});
  EXPECT_EQ(got.status, 6) << got.err;
  EXPECT_FALSE(fs::exists(to / "2026-03-03-bench-2-002/raw/faults.log"));
  EXPECT_TRUE(fs::exists(to / "2026-03-03-bench-2-002/raw/metadata.txt"));
  EXPECT_EQ(Run({"verify", "--all"}).status, 6);
  testing::WriteFile(object, good);
  EXPECT_EQ(Run({"verify", "--all"}).status, 0);
  fs::remove(object);
  EXPECT_EQ(Run({"verify", "2026-03-03-bench-2-002"}).status, 6);
  testing::WriteFile(object, good);
}

TEST_F(LabTest, ReindexGivesTheSameAnswers) {
  const Words words{"search", "--json", "--limit", "100"};
  const ProgramResult before = Run(words);
  const fs::path state = (*home_) / ".local/state/seshat";
  for (const char* name : {"metadata.db", "metadata.db-wal", "metadata.db-shm"}) fs::remove(state / name);
  EXPECT_EQ(Json(Run(words)).at("total").to_number<int>(), 0);
  ASSERT_EQ(Run({"reindex"}).status, 0);
  EXPECT_EQ(Run(words).out, before.out);
}

TEST_F(LabTest, CompletionScriptsAreAcceptedByTheirShells) {
  const fs::path script = (*home_) / "completion";
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const ProgramResult result = Run({"completion", shell});
    ASSERT_EQ(result.status, 0);
    for (const Command* command : AllCommands()) EXPECT_THAT(result.out, HasSubstr(command->name));
    testing::WriteFile(script, result.out);
    const fs::path program = "/usr/bin/" + shell;
    if (!fs::exists(program)) continue;
    const ProgramResult checked =
        testing::RunProgram({program.string(), "-n", script.string()}, EnvironmentOf(home_->path()));
    EXPECT_EQ(checked.status, 0) << shell << checked.err;
  }
  testing::WriteFile(
      script, Run({"completion", "bash"}).out +
                  "\nCOMP_WORDS=(seshat sea); COMP_CWORD=1; _seshat; echo \"${COMPREPLY[*]}\"\n"
                  "COMP_WORDS=(seshat get x --what pr); COMP_CWORD=4; _seshat; echo \"${COMPREPLY[*]}\"\n");
  EXPECT_EQ(testing::RunProgram({"/bin/bash", script.string()}, EnvironmentOf(home_->path())).out,
            "search\nprocessed\n");
}

TEST_F(LabTest, PlantedSecretsNeverAppear) {
  const Variables planted{{"SESHAT_STORE__URL", "file://user:planted-secret@host/x"},
                          {"AWS_SECRET_ACCESS_KEY", "planted-secret"}};
  for (const Words& words : {Words{"config", "show", "--origin"}, Words{"config", "show", "--json"},
                             Words{"doctor"}, Words{"status"}, Words{"up", "--until-idle"}}) {
    const ProgramResult result = Run(words, planted);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.out + result.err, Not(HasSubstr("planted-secret")));
  }
}

TEST_F(LabTest, UnknownConfigurationKeysNameFileAndLine) {
  const fs::path file = (*home_) / "bad.toml";
  testing::WriteFile(file, "[agent]\nhsot = \"x\"\n");
  const ProgramResult result = Run({"config", "check", "--config", file.string()});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err,
              HasSubstr(file.string() + ":2: there is no setting 'agent.hsot'; did you mean 'agent.host'?"));
}

TEST(Configuration, TheFileAtTheTopOfTheRepositoryIsGood) {
  const TempDir home;
  const ProgramResult result =
      Seshat(home.path(), {"config", "check", "--config", (kSource / "seshat.toml").string()});
  EXPECT_EQ(result.status, 0) << result.err;
}

// Asks until the answer holds `text`; the program's own deadline is the limit.
std::string Scrape(const std::string& address, const std::string& path) {
  return testing::RunProgram(
             {"/bin/bash", "-c",
              "exec 3<>/dev/tcp/${0%:*}/${0#*:} && printf 'GET %s HTTP/1.1\\r\\nHost: x\\r\\nConnection: "
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
    for (const auto& process : status.at("processes").as_array())
      address = Text(process.at("metrics_address"));
  }
  ASSERT_FALSE(address.empty()) << up.Err();
  EXPECT_THAT(Scrape(address, "/livez"), HasSubstr("200 OK"));
  EXPECT_THAT(Scrape(address, "/readyz"), HasSubstr("200 OK"));
  const std::string metrics = Scrape(address, "/metrics");
  EXPECT_THAT(metrics, HasSubstr("seshat_info{version=\""));
  EXPECT_THAT(metrics, HasSubstr("seshat_subscription_ready_events{subscription=\"indexing\"} 0"));
  if (fs::exists("/usr/bin/promtool")) {
    testing::WriteFile(home / "metrics", metrics.substr(metrics.find("\r\n\r\n") + 4));
    const ProgramResult judged =
        testing::RunProgram({"/bin/sh", "-c", "promtool check metrics < \"$0\"", (home / "metrics").string()},
                            EnvironmentOf(home.path()));
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
  const ProgramResult result = Seshat(home.path(), {"up", "--source", (home / "rig").string(), "--quiet-time",
                                                    "1h", "--until-idle", "--timeout", "1s"});
  EXPECT_EQ(result.status, 5) << result.err;
  EXPECT_THAT(result.err, HasSubstr("still waiting for session run-1"));
}

fs::path SharedRecordings() {
  if (const char* shared = std::getenv("SESHAT_SHARED")) return fs::path(shared) / "real-sessions";
  return kSource / "../shared/real-sessions";
}

TEST(RealRecordings, ComeBackByteForByteAndThreeAreFromPx4) {
  const fs::path recordings = SharedRecordings();
  if (!fs::exists(recordings / "SOURCES.txt")) GTEST_SKIP() << "no " << recordings;
  const TempDir home;
  const ProgramResult up = Seshat(home.path(), {"up", "--source", recordings.string(), "--quiet-time", "1s",
                                                "--until-idle", "--timeout", "100s"});
  ASSERT_EQ(up.status, 0) << up.err;
  EXPECT_EQ(Json(Seshat(home.path(), {"search", "sys_name = PX4", "--json"})).at("total").to_number<int>(),
            3);
  Words get{"get", "--to", (home / "out").string()};
  for (const auto& entry : fs::directory_iterator(recordings))
    if (entry.is_directory()) get.push_back(entry.path().filename());
  ASSERT_EQ(Seshat(home.path(), get).status, 0);
  std::ifstream list(recordings / "SOURCES.txt");
  int compared = 0;
  for (std::string line; std::getline(list, line);) {
    std::istringstream fields(line);
    std::string sha256;
    std::string bytes;
    std::string path;
    fields >> sha256 >> bytes >> path;
    if (sha256.size() != 64 || !Sha256::FromHex(sha256)) continue;
    const size_t slash = path.find('/');
    const fs::path copy = home / ("out/" + path.substr(0, slash) + "/raw" + path.substr(slash));
    EXPECT_EQ(Sha256::Of(AsBytes(testing::ReadFile(copy))).ToHex(), sha256) << path;
    ++compared;
  }
  EXPECT_EQ(compared, 17);
}

}  // namespace
}  // namespace seshat::app
