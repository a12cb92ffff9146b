#include "services/catalog/search.h"

#include <fmt/format.h>

#include <memory>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/json_fields.h"
#include "cli/search/search_output.h"
#include "composition/search_settings.h"
#include "services/catalog/request_text.h"
#include "views/search.h"

namespace seshat::cli {
namespace {

std::vector<std::string> FacetsOf(const Invocation& invocation) {
  std::vector<std::string> facets = invocation.Values("--facet");
  for (const std::string& list : invocation.Values("--facets"))
    for (std::string& name : catalog::SplitNames(list)) facets.push_back(std::move(name));
  return facets;
}

Result<catalog::SearchWish> WishOf(const Invocation& invocation) {
  catalog::SearchWish wish{.query = invocation.JoinedArguments(),
                           .sort = invocation.Value("--sort", "newest"),
                           .cursor = invocation.Value("--cursor"),
                           .facets = FacetsOf(invocation),
                           .histograms = invocation.Values("--histogram"),
                           .columns = catalog::SplitNames(invocation.Value("--columns")),
                           .explain = invocation.Has("--explain")};
  if (!catalog::ParseSort(wish.sort))
    return Fail(ErrorCode::kInvalidArgument, "--sort wants newest, relevance, FIELD or -FIELD");
  SESHAT_ASSIGN(wish.limit, invocation.Number("--limit", wish.limit));
  return wish;
}

Result<ExitCode> Run(Invocation& invocation) {
  const bool csv = invocation.Has("--csv");
  if (csv + invocation.Has("--table") + invocation.json() > 1)
    return Fail(ErrorCode::kInvalidArgument, "--table, --csv and --json exclude each other");
  if (csv && invocation.Has("--files"))
    return Fail(ErrorCode::kInvalidArgument, "--files goes with --table and --json, which have room for them");
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench->config, bench->foundation));
  SESHAT_ASSIGN(const auto settings, composition::SearchSettingsOf(bench->config, *bench->foundation.clock));
  SESHAT_ASSIGN(const catalog::SearchWish wish, WishOf(invocation));
  std::unique_ptr<BlobStore> store;
  if (invocation.Has("--files")) {
    SESHAT_ASSIGN(store, composition::OpenBlobStore(bench->config, bench->foundation, BlobAccess::kReadWrite));
  }
  SESHAT_ASSIGN(const catalog::SearchAnswer answer, catalog::Search(wish, settings, *index, store.get()));
  if (invocation.json()) {
    PrintJson(invocation.console(), views::JsonOf(answer));
  } else if (csv) {
    PrintSearchCsv(invocation.console(), answer, wish.columns);
  } else {
    PrintSearchTable(invocation.console(), answer, wish.columns);
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kSearchCommand{
    .name = "search",
    .summary = "Find sessions by their metadata.",
    .description =
        "Without a query: all of them, newest first. docs/formats/query.md has the language. A query that starts "
        "with '-' goes behind \"--\".",
    .examples = {{"seshat search 'sys_name = PX4'", "a key with a value"},
                 {"seshat search 'result.peak_load_n > 1000 and not operator:Sato'", "comparisons and words"},
                 {"seshat search 'vibration~' --sort relevance", "a word with slips, the best hits first"},
                 {"seshat search --facets rig,operator --limit 0", "how many sessions of each rig and operator"},
                 {"seshat search 'format:*' --csv --columns session_id,started_at,format", "for a spreadsheet"},
                 {"seshat search 'sys_name = PX4' --files", "where every file lies, and whether it can be read"}},
    .arguments = {{"query", "What to look for; several words are one query.", false, true}},
    .flags = {{"--limit", "N", "Hits to print, up to 10000 (50)."},
              {"--sort", "ORDER", "newest, relevance, FIELD or -FIELD, from the largest (newest)."},
              {"--facets", "FIELDS", "Count the values of these fields over all hits: rig,operator.", "", true},
              {"--facet", "FIELD", "One such field, whose name may hold a comma.", "", true},
              {"--histogram", "FIELD", "How the numbers or dates of this field are spread; FIELD:N for N bars.", "",
               true},
              {"--columns", "FIELDS", "What to print of each hit: session_id,rig,temperature."},
              {"--table", "", "Columns of text, as without it."},
              {"--csv", "", "Comma-separated values with a head line, for spreadsheets."},
              {"--files", "", "Name every raw and processed file: where it lies, and whether it can be read now."},
              {"--explain", "", "Say what was asked of the search engine, and where the time went."},
              {"--cursor", "TEXT", "The next page, as the page before named it."}},
    .json = JsonFieldsOf(views::kSearchPage),
    .run = Run,
};

}  // namespace seshat::cli
