// seshat search and seshat dataset on a lab that is stored, processed and searchable.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/small_lab.h"
#include "core/digest/sha256.h"

namespace seshat::cli {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

std::vector<std::string> IdsOf(const boost::json::object& page) {
  std::vector<std::string> ids;
  for (const auto& hit : page.at("hits").as_array()) ids.push_back(Text(hit.at("session_id")));
  return ids;
}

class SearchTest : public LabTest {};

TEST_F(SearchTest, CountsFacetsWithoutPrintingHits) {
  const auto page = Json(Run({"search", "--facets", "rig,operator", "--limit", "0", "--json"}));
  EXPECT_TRUE(page.at("hits").as_array().empty());
  const auto& facets = page.at("facets").as_array();
  ASSERT_EQ(facets.size(), 2U);
  EXPECT_EQ(Text(facets[0].at("field")), "rig");
  uint64_t counted = facets[0].at("missing").to_number<uint64_t>();
  for (const auto& value : facets[0].at("values").as_array()) counted += value.at("count").to_number<uint64_t>();
  EXPECT_EQ(counted, page.at("total").to_number<uint64_t>());
}

TEST_F(SearchTest, SortsBothWays) {
  auto up = IdsOf(Json(Run({"search", "--sort", "started_at", "--json"})));
  const auto down = IdsOf(Json(Run({"search", "--sort", "-started_at", "--json"})));
  ASSERT_GE(up.size(), 6U);
  // Ties are in the same order both ways, so only the ends are compared.
  EXPECT_EQ(up.front(), down.back());
  EXPECT_EQ(down, IdsOf(Json(Run({"search", "--json"}))));
}

// libcurl and what it brings take longer to load than a search takes.
TEST_F(SearchTest, ALocalSearchLoadsNoHttpClient) {
  const TempDir dir;
  const auto log = dir / "loaded";
  const ProgramResult searched = Run({"search"}, {{"LD_DEBUG", "files"}, {"LD_DEBUG_OUTPUT", log.string()}});
  ASSERT_EQ(searched.status, 0) << searched.err;
  std::string loaded;  // each process has a file of its own
  for (const auto& file : fs::directory_iterator(dir.path())) loaded += testing::ReadFile(file.path());
  EXPECT_THAT(loaded, HasSubstr("libsqlite3"));
  EXPECT_THAT(loaded, Not(HasSubstr("libcurl")));
}

TEST_F(SearchTest, AliasesAreOneField) {
  const std::string alias = R"(search.aliases.machine=["RIG", "no_such"])";
  const auto expected = IdsOf(Json(Run({"search", "rig = bench-1", "--json"})));
  ASSERT_FALSE(expected.empty());
  EXPECT_EQ(IdsOf(Json(Run({"search", "machine = bench-1", "--json", "--set", alias}))), expected);
  const auto page = Json(Run({"search", "--facets", "machine", "--limit", "0", "--json", "--set", alias}));
  EXPECT_FALSE(page.at("facets").at(0).at("values").as_array().empty());
  EXPECT_EQ(Run({"search", "machine = bench-1"}).status, 2);
  const ProgramResult twice = Run({"search", "x", "--set", alias, "--set", R"(search.aliases.other=["rig"])"});
  EXPECT_EQ(twice.status, 2);
  EXPECT_THAT(twice.err, HasSubstr("[search.aliases]: the field 'rig' is in two groups"));
}

TEST_F(SearchTest, ProposesMisspeltValues) {
  const auto page = Json(Run({"search", "rig:bnech-1", "--json"}));
  EXPECT_TRUE(IdsOf(page).empty());
  EXPECT_EQ(Text(page.at("did_you_mean")), "rig:\"bench-1\"");
  EXPECT_THAT(Run({"search", "rig:bnech-1"}).err, HasSubstr("did you mean: rig:\"bench-1\""));
  EXPECT_FALSE(Json(Run({"search", "rig:bench-1", "--json"})).contains("did_you_mean"));
  EXPECT_EQ(Text(Json(Run({"search", "rig is bench-1", "--json"})).at("did_you_mean")), "rig:bench-1");
  EXPECT_EQ(Text(Json(Run({"search", "stao rig:bench-1", "--json"})).at("did_you_mean")), "stao~ AND rig:bench-1");
  EXPECT_FALSE(Json(Run({"search", "nosuchword", "--json"})).contains("did_you_mean"));
  EXPECT_THAT(Run({"search", "has:rig"}).err, HasSubstr("write FIELD:* for sessions that have a field"));
  EXPECT_THAT(Run({"search", "size > 1MB"}).err, HasSubstr("did you mean 'bytes'?"));
}

TEST_F(SearchTest, TimesAreRelativeToNow) {
  const auto all = IdsOf(Json(Run({"search", "--json"})));
  EXPECT_EQ(IdsOf(Json(Run({"search", "migrated_at > now-1d", "--json"}))), all);
  EXPECT_TRUE(IdsOf(Json(Run({"search", "migrated_at > now+1d", "--json"}))).empty());
}

TEST_F(SearchTest, FieldsTellTypesCoverageAndValues) {
  const auto fields = Json(Run({"fields", "rig", "bytes", "--top", "2", "--json"})).at("fields").as_array();
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(Text(fields[0].at("name")), "bytes");
  EXPECT_EQ(Text(fields[0].at("type")), "size");
  EXPECT_EQ(fields[0].at("coverage").to_number<double>(), 1);
  EXPECT_EQ(Text(fields[1].at("type")), "text");
  EXPECT_THAT(Text(fields[1].at("top_values").at(0).at("value")), StartsWith("bench-"));
  EXPECT_THAT(Run({"fields"}).out, HasSubstr("COVERAGE"));
  const auto hygiene = Json(Run({"fields", "--hygiene", "--json"}));
  EXPECT_TRUE(hygiene.at("like_keys").is_array());
  EXPECT_TRUE(hygiene.at("conflicts").is_array());
}

TEST_F(SearchTest, PagesByCursorGiveEveryHitOnce) {
  const auto all = IdsOf(Json(Run({"search", "--json"})));
  std::vector<std::string> paged;
  std::string cursor;
  do {
    const auto page = Json(Run({"search", "--json", "--limit", "3", "--cursor", cursor}));
    for (const std::string& id : IdsOf(page)) paged.push_back(id);
    cursor = Text(page.at("next_cursor"));
  } while (!cursor.empty());
  EXPECT_EQ(paged, all);
}

TEST_F(SearchTest, PrintsTheColumnsAskedFor) {
  const ProgramResult csv = Run({"search", "rig = bench-1", "--csv", "--columns", "session_id,RIG,no_such"});
  EXPECT_EQ(csv.status, 2);
  EXPECT_THAT(csv.err, HasSubstr("no session has a field 'no_such'"));
  const ProgramResult good = Run({"search", "rig = bench-1", "--csv", "--columns", "session_id,RIG"});
  EXPECT_THAT(good.out, StartsWith("session_id,RIG\r\n"));
  EXPECT_THAT(good.out, HasSubstr(std::string(kSession) + ",bench-1\r\n"));
  const ProgramResult table = Run({"search", "rig = bench-1", "--table", "--columns", "rig"});
  EXPECT_THAT(table.out, StartsWith("rig"));
  EXPECT_THAT(table.out, HasSubstr("bench-1"));
  EXPECT_THAT(table.out, Not(HasSubstr(kSession)));
}

TEST_F(SearchTest, NamesEveryFileWithItsPlaceAndState) {
  const auto page = Json(Run({"search", "session_id = " + std::string(kSession), "--files", "--json"}));
  ASSERT_EQ(IdsOf(page), std::vector<std::string>{kSession});
  const auto& files = page.at("hits").at(0).at("files").as_array();
  EXPECT_GE(files.size(), 4U);
  size_t outputs = 0;
  for (const auto& file : files) {
    const std::string url = Text(file.at("url"));
    EXPECT_THAT(url, StartsWith("file:///"));
    EXPECT_TRUE(fs::exists(url.substr(7))) << url;
    EXPECT_EQ(Text(file.at("storage_state")), "readable");
    for (const auto& result : file.at("results").as_array()) outputs += result.at("outputs").as_array().size();
  }
  EXPECT_GT(outputs, 0U);
  const ProgramResult text = Run({"search", "session_id = " + std::string(kSession), "--files"});
  EXPECT_THAT(text.out, HasSubstr("readable"));
  EXPECT_THAT(text.out, HasSubstr("/processed/statistics-1/"));
}

TEST_F(SearchTest, ExplainsWhatWasAskedOfTheEngine) {
  const std::string query = "rig = bench-1 and not (operator:sato or bytes > 1TB)";
  const std::string tree = "and\n  rig = bench-1\n  not\n    or\n      operator:sato\n      bytes > 1TB\n";
  const ProgramResult text = Run({"search", query, "--explain"});
  EXPECT_THAT(text.out, HasSubstr("\nunderstood\n  and\n    rig = bench-1\n    not\n      or\n"
                                  "        operator:sato\n        bytes > 1TB\n"));
  const std::string request = "rig = bench-1 AND NOT (operator:sato OR bytes > 1TB)\non ";
  EXPECT_THAT(text.out, HasSubstr("\nasked of sqlite\n  " + request.substr(0, request.find('\n'))));
  EXPECT_THAT(text.out, ContainsRegex("\n  match +[0-9]+\\.[0-9]+ ms\n"));

  const auto page = Json(Run({"search", query, "--explain", "--facets", "rig", "--json"}));
  const auto& explanation = page.at("explanation");
  EXPECT_EQ(Text(explanation.at("tree")), tree);
  EXPECT_EQ(Text(explanation.at("engine")), "sqlite");
  EXPECT_THAT(Text(explanation.at("request")), StartsWith(request));
  std::vector<std::string> stages;
  for (const auto& stage : explanation.at("stages").as_array()) {
    stages.push_back(Text(stage.at("name")));
    EXPECT_GE(stage.at("milliseconds").to_number<double>(), 0);
  }
  EXPECT_THAT(stages, ElementsAre("match", "order", "documents", "facets", "histograms"));
  EXPECT_FALSE(Json(Run({"search", query, "--json"})).contains("explanation"));
}

TEST_F(SearchTest, ShowsWhatWasHit) {
  const auto page = Json(Run({"search", "rig = bench-1 and operator:SATO", "--json"}));
  ASSERT_FALSE(IdsOf(page).empty());
  for (const auto& hit : page.at("hits").as_array()) {
    std::vector<std::string> hits;
    for (const auto& highlight : hit.at("highlights").as_array()) {
      std::string value;
      for (const auto& part : highlight.at("parts").as_array()) value += Text(part);
      hits.push_back(Text(highlight.at("field")) + ":" + value + ":" + Text(highlight.at("parts").at(1)));
    }
    EXPECT_THAT(hits, UnorderedElementsAre("rig:bench-1:bench-1", EndsWith(":Sato")));
  }
  const auto all = Json(Run({"search", "--json"}));
  for (const auto& hit : all.at("hits").as_array()) EXPECT_TRUE(hit.at("highlights").as_array().empty());
  // What was hit comes first in the table, and is marked on a terminal only.
  const ProgramResult table = Run({"search", "operator:sato", "--limit", "1"});
  EXPECT_THAT(table.out, ContainsRegex("  operator=[^\n=]*Sato"));
  EXPECT_THAT(table.out, Not(HasSubstr("\x1b")));
}

// The command with a terminal for its output.
std::string OnTerminal(const fs::path& home, const std::string& words, const Variables& more) {
  Variables variables = EnvironmentOf(home);
  variables.insert(variables.end(), more.begin(), more.end());
  return testing::RunProgram({"/usr/bin/script", "-qec", std::string(SESHAT_PROGRAM) + " " + words, "/dev/null"},
                             variables)
      .out;
}

TEST_F(SearchTest, MarksWhatWasHitOnATerminal) {
  ASSERT_TRUE(fs::exists("/usr/bin/script")) << "util-linux has it";
  const std::string marked = "\x1b[1;31mSato\x1b[0m";
  EXPECT_THAT(OnTerminal(home(), "search operator:sato --limit 1", {}), HasSubstr(marked));
  EXPECT_THAT(OnTerminal(home(), "search operator:sato --columns session_id,operator", {}), HasSubstr(marked));
  for (const auto& [words, more] : {std::pair<std::string, Variables>{"search operator:sato", {{"NO_COLOR", "1"}}},
                                    {"search operator:sato --no-color", {}},
                                    {"search operator:sato --csv --columns operator", {}},
                                    {"search operator:sato --json", {}}}) {
    const std::string plain = OnTerminal(home(), words, more);
    EXPECT_THAT(plain, HasSubstr("Sato")) << words;
    EXPECT_THAT(plain, Not(HasSubstr("\x1b"))) << words;
  }
}

TEST_F(SearchTest, SuggestsWhatCanBeWrittenNext) {
  const auto first = [](const std::string& query, const Words& more = {}) {
    Words words{"suggest", "--json", "--limit", "1", query};
    words.insert(words.end(), more.begin(), more.end());
    const auto answer = Json(Run(words));
    const auto& suggestions = answer.at("suggestions").as_array();
    return suggestions.empty() ? "" : Text(suggestions[0].at("kind")) + " " + Text(suggestions[0].at("query"));
  };
  EXPECT_EQ(first("operat"), "field operator:");
  EXPECT_EQ(first("started_"), "field started_at:");
  EXPECT_EQ(first("operator:sa"), R"(value operator:"D. Sato" )");
  EXPECT_EQ(first("rig:bnech-1"), "value rig:bench-1 ");
  EXPECT_EQ(first("rig = b and operat", {"--at", "7"}).substr(0, 17), "value rig = bench");
  EXPECT_EQ(first("rig:bench-1 a"), "keyword rig:bench-1 AND ");
  EXPECT_EQ(first("bytes "), "operator bytes = ");
  EXPECT_EQ(first("/regex"), "");
  EXPECT_EQ(first("machi", {"--set", R"(search.aliases.machine=["rig"])"}), "field machine:");
  EXPECT_EQ(first("machine:bench-1", {"--set", R"(search.aliases.machine=["rig"])"}), "value machine:bench-1 ");
  EXPECT_THAT(Run({"suggest", "operator:sa"}).out, ContainsRegex("^operator:\"D. Sato\" \tvalue, [0-9]+ sessions?\n$"));
  EXPECT_EQ(Run({"suggest", "x", "--at", "y"}).status, 2);
}

TEST_F(SearchTest, DrawsHistogramsOverNumbersAndDates) {
  const auto page = Json(Run({"search", "--histogram", "bytes:5", "--histogram", "started_at", "--json"}));
  const auto& histograms = page.at("histograms").as_array();
  ASSERT_EQ(histograms.size(), 2U);
  for (const auto& histogram : histograms) {
    uint64_t counted = histogram.at("missing").to_number<uint64_t>();
    for (const auto& count : histogram.at("counts").as_array()) counted += count.to_number<uint64_t>();
    EXPECT_EQ(counted, page.at("total").to_number<uint64_t>());
    EXPECT_EQ(histogram.at("edges").as_array().size(), histogram.at("counts").as_array().size() + 1);
  }
  EXPECT_LE(histograms[0].at("counts").as_array().size(), 5U);
  EXPECT_EQ(Run({"search", "--histogram", "session_id"}).status, 2);
}

TEST_F(SearchTest, RefusesWhatDoesNotGoTogether) {
  for (const Words& words : {Words{"search", "--csv", "--json"}, Words{"search", "--csv", "--table"},
                             Words{"search", "--csv", "--files"}, Words{"search", "--sort", "-"}}) {
    EXPECT_EQ(Run(words).status, 2) << ::testing::PrintToString(words);
  }
}

class DatasetTest : public LabTest {};

TEST_F(DatasetTest, IsMadeShownListedVerifiedAndFetched) {
  const auto made =
      Json(Run({"dataset", "create", "bench-1", "--query", "rig = bench-1", "--description", "a set", "--json"}));
  EXPECT_GE(made.at("session_count").to_number<int>(), 3);
  const auto shown = Json(Run({"dataset", "show", "bench-1", "--json"}));
  EXPECT_EQ(shown.at("sha256"), made.at("sha256"));
  EXPECT_EQ(Text(shown.at("understood_as")), "rig = bench-1");
  EXPECT_EQ(shown.at("sessions").as_array().size(), made.at("session_count").to_number<size_t>());
  const ProgramResult listed = Run({"dataset", "list"});
  EXPECT_THAT(listed.out, HasSubstr("bench-1"));
  const ProgramResult verified = Run({"dataset", "verify", "bench-1"});
  EXPECT_EQ(verified.status, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("all as they were"));
  // The digest that a paper cites is that of the stored bytes.
  const ProgramResult text = Run({"dataset", "show", "bench-1"});
  const size_t at = text.out.find("file://");
  ASSERT_NE(at, std::string::npos);
  const std::string path = text.out.substr(at + 7, text.out.find('\n', at) - at - 7);
  EXPECT_EQ(Sha256::Of(AsBytes(testing::ReadFile(path))).ToHex(), Text(made.at("sha256")));

  const fs::path to = home() / "of-dataset";
  ASSERT_EQ(Run({"get", "--dataset", "bench-1", "--to", to.string(), "--what", "all"}).status, 0);
  EXPECT_EQ(testing::ReadFile(to / kSession / "raw/metadata.txt"),
            testing::ReadFile(lab() / "bench-1" / kSession / "metadata.txt"));
  EXPECT_TRUE(fs::exists(to / kSession / "processed"));
}

TEST_F(DatasetTest, NeverChangesAndSaysWhatIsWrong) {
  ASSERT_EQ(Run({"dataset", "create", "all", "--query", "*"}).status, 0);
  const ProgramResult again = Run({"dataset", "create", "all", "--query", "*"});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("choose another name"));
  const ProgramResult nearly = Run({"dataset", "show", "al"});
  EXPECT_EQ(nearly.status, 7);
  EXPECT_THAT(nearly.err, HasSubstr("did you mean 'all'?"));
  EXPECT_EQ(Run({"dataset", "create", "none", "--query", "rig = nowhere"}).status, 2);
  EXPECT_EQ(Run({"dataset", "create", "none"}).status, 2);
  EXPECT_EQ(Run({"dataset", "create", "../x", "--query", "*"}).status, 2);
  EXPECT_EQ(Run({"dataset", "list", "x"}).status, 2);
  EXPECT_EQ(Run({"dataset", "show"}).status, 2);
  EXPECT_EQ(Run({"dataset", "forget", "all"}).status, 2);
  EXPECT_EQ(Run({"get", kSession, "--dataset", "all"}).status, 2);
}

TEST_F(DatasetTest, VerifyFindsAFileThatIsGone) {
  ASSERT_EQ(Run({"dataset", "create", "damaged", "--query", "session_id = 2026-03-03-bench-2-002"}).status, 0);
  const auto shown = Json(Run({"show", "2026-03-03-bench-2-002", "--json"}));
  const std::string object = Text(shown.at("files").at(0).at("url")).substr(7);
  const std::string good = testing::ReadFile(object);
  fs::remove(object);
  const ProgramResult verified = Run({"dataset", "verify", "damaged"});
  EXPECT_EQ(verified.status, 6) << verified.err;
  testing::WriteFile(object, good);
  EXPECT_EQ(Run({"dataset", "verify", "damaged"}).status, 0);
}

}  // namespace
}  // namespace seshat::cli
