// What the commands answer about a lab that is stored, processed and searchable.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <sstream>

#include "cli/command.h"
#include "cli/small_lab.h"
#include "core/base/trace_context.h"

namespace seshat::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(LabTest, UpEndsWhenEverythingIsSearchable) {
  EXPECT_EQ(up().status, 0) << up().err;
  const auto summary = Json(up());
  EXPECT_TRUE(summary.at("idle").as_bool());
  EXPECT_EQ(summary.at("sessions").to_number<int>(), 8);
  EXPECT_GT(summary.at("results").to_number<int>(), 8);
}

TEST_F(LabTest, LogLinesAreJsonAndOneTraceGoesFromScanToIndex) {
  std::istringstream lines(up().err);
  std::string migrated;
  std::string indexed;
  for (std::string line; std::getline(lines, line);) {
    const auto entry = boost::json::parse(line).as_object();
    ASSERT_TRUE(entry.contains("time") && entry.contains("level") && entry.contains("message")) << line;
    if (!entry.contains("traceparent") || !entry.contains("session") || entry.at("session").as_string() != kSession)
      continue;
    const auto trace = TraceContext::Parse(Text(entry.at("traceparent")));
    ASSERT_TRUE(trace) << line;
    (entry.at("message").as_string() == "indexed" ? indexed : migrated) = trace->TraceIdHex();
  }
  EXPECT_FALSE(migrated.empty());
  EXPECT_EQ(migrated, indexed);
}

bool HasType(const boost::json::value& value, std::string_view type) {
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_bool();
  return type == "any" || ((type == "text" || type == "time") && value.is_string());
}

// Whether `object` has what a row of the documentation says; "hits[].score" is looked for in every hit.
void CheckField(const boost::json::object& object, const JsonField& field, const std::string& command) {
  std::string key = field.name;
  // A plan is printed instead of all the rest.
  const bool may_lack = key.ends_with('?') || object.contains("plan");
  if (key.ends_with('?')) key.pop_back();
  const size_t dot = key.find("[].");
  if (const auto* array = dot == std::string::npos ? nullptr : object.if_contains(key.substr(0, dot))) {
    for (const auto& inner : array->as_array())
      CheckField(inner.as_object(), {field.name.substr(dot + 3), field.type, field.help}, command);
    return;
  }
  const auto* value = object.if_contains(key);
  // What is in a thing that is left out is left out with it.
  if (value == nullptr && (may_lack || dot != std::string::npos || key.find('.') != std::string::npos)) return;
  ASSERT_NE(value, nullptr) << command << " lacks " << key << ": " << object;
  const bool may_be_null = field.type.ends_with('?');
  const std::string type = field.type.substr(0, field.type.size() - (may_be_null ? 1 : 0));
  EXPECT_TRUE((may_be_null && value->is_null()) || HasType(*value, type)) << command << " " << key;
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
      {"get", {kSession, "--to", (home() / "json-get").string()}},
      {"verify", {kSession}},
      {"reindex", {}},
      {"replay", {kSession}},
      {"dead-letters", {"list"}},
      {"dead-letters", {"redrive"}},
      {"index", {"--until-idle", "--timeout", "60s"}},
      {"agent", {"--dry-run", "--source", (lab() / "bench-1").string()}},
      {"simulate", {"--to", (home() / "json-lab").string(), "--sessions", "1"}},
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
    for (const JsonField& field : command->json) CheckField(object, field, name);
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
  EXPECT_THAT(Run({"why", "2026-03-02-bench-1-0001"}).err, HasSubstr("did you mean '" + std::string(kSession) + "'?"));
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

TEST_F(LabTest, GetBringsFilesBackAsTheyWere) {
  const fs::path to = home() / "got";
  const fs::path original = lab() / "bench-1" / kSession;
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
  EXPECT_EQ(testing::ReadFile(to / kSession / "raw/metadata.txt"), testing::ReadFile(original / "metadata.txt"));
  for (const auto& entry : fs::directory_iterator(to)) EXPECT_EQ(entry.path().filename(), kSession);
}

TEST_F(LabTest, GetNeverFollowsALinkOutOfItsDirectory) {
  const fs::path to = home() / "linked";
  const fs::path outside = home() / "outside";
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
  const fs::path to = home() / "damaged";
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
  const fs::path state = home() / ".local/state/seshat";
  for (const char* name : {"metadata.db", "metadata.db-wal", "metadata.db-shm"}) fs::remove(state / name);
  EXPECT_EQ(Json(Run(words)).at("total").to_number<int>(), 0);
  ASSERT_EQ(Run({"reindex"}).status, 0);
  EXPECT_EQ(Run(words).out, before.out);
}

TEST_F(LabTest, CompletionScriptsAreAcceptedByTheirShells) {
  const fs::path script = home() / "completion";
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const ProgramResult result = Run({"completion", shell});
    ASSERT_EQ(result.status, 0);
    for (const Command* command : AllCommands()) EXPECT_THAT(result.out, HasSubstr(command->name));
    testing::WriteFile(script, result.out);
    const fs::path program = "/usr/bin/" + shell;
    if (!fs::exists(program)) continue;
    const ProgramResult checked = testing::RunProgram({program.string(), "-n", script.string()}, EnvironmentOf(home()));
    EXPECT_EQ(checked.status, 0) << shell << checked.err;
  }
  testing::WriteFile(script,
                     Run({"completion", "bash"}).out +
                         "\nCOMP_WORDS=(seshat sea); COMP_CWORD=1; _seshat; echo \"${COMPREPLY[*]}\"\n"
                         "COMP_WORDS=(seshat get x --what pr); COMP_CWORD=4; _seshat; echo \"${COMPREPLY[*]}\"\n");
  EXPECT_EQ(testing::RunProgram({"/bin/bash", script.string()}, EnvironmentOf(home())).out, "search\nprocessed\n");
}

TEST_F(LabTest, BashCompletesQueries) {
  std::string script = Run({"completion", "bash"}).out + "seshat() { " SESHAT_PROGRAM " \"$@\"; }\n";
  for (const char* words :
       {"seshat search rig", "seshat search rig : ben", "seshat search rig :", "seshat search \"'rig:bench-1 op\"",
        "seshat search --sort rig", "seshat search rig = bench-2"})
    script += fmt::format(
        "COMP_WORDS=({}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); _seshat; echo \"${{COMPREPLY[*]}}\"\n", words);
  const fs::path file = home() / "completion-of-queries";
  testing::WriteFile(file, script);
  EXPECT_EQ(testing::RunProgram({"/bin/bash", file.string()}, EnvironmentOf(home())).out,
            "rig:\nbench-1 bench-2\nbench-1 bench-2\nrig:bench-1 operator:\n\nbench-2\n");
}

TEST_F(LabTest, PlantedSecretsNeverAppear) {
  const Variables planted{{"SESHAT_STORE__URL", "file://user:planted-secret@host/x"},
                          {"AWS_SECRET_ACCESS_KEY", "planted-secret"}};
  for (const Words& words : {Words{"config", "show", "--origin"}, Words{"config", "show", "--json"}, Words{"doctor"},
                             Words{"status"}, Words{"up", "--until-idle"}}) {
    const ProgramResult result = Run(words, planted);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.out + result.err, Not(HasSubstr("planted-secret")));
  }
}

TEST_F(LabTest, UnknownConfigurationKeysNameFileAndLine) {
  const fs::path file = home() / "bad.toml";
  testing::WriteFile(file, "[agent]\nhsot = \"x\"\n");
  const ProgramResult result = Run({"config", "check", "--config", file.string()});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err,
              HasSubstr(file.string() + ":2: there is no setting 'agent.hsot'; did you mean 'agent.host'?"));
}

}  // namespace
}  // namespace seshat::cli
