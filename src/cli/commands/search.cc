#include <fmt/format.h>

#include <memory>
#include <optional>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/search/marked_hit.h"
#include "cli/search/query_tree.h"
#include "cli/search/search_columns.h"
#include "cli/search/search_output.h"
#include "cli/search/search_request_text.h"
#include "core/query/document_fields.h"
#include "core/query/query_parser.h"

namespace seshat::cli {
namespace {

std::string QueryText(const Invocation& invocation) {
  std::string text;
  for (const std::string& word : invocation.arguments()) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> FacetsOf(const Invocation& invocation) {
  std::vector<std::string> facets = invocation.Values("--facet");
  for (const std::string& list : invocation.Values("--facets"))
    for (std::string& name : SplitNames(list)) facets.push_back(std::move(name));
  return facets;
}

// All of it but the query.
Status AddFlags(const Invocation& invocation, MetadataStore& index, SearchRequest& request) {
  SESHAT_ASSIGN(request.sort, ParseSort(invocation.Value("--sort", "newest")));
  SESHAT_ASSIGN(request.limit, invocation.Number("--limit", request.limit));
  request.cursor = invocation.Value("--cursor");
  request.facets = FacetsOf(invocation);
  request.explain = invocation.Has("--explain");
  std::vector<std::string> names = request.facets;
  if (request.sort.by == SortOrder::By::kField) names.push_back(request.sort.field);
  for (const std::string& text : invocation.Values("--histogram")) {
    SESHAT_ASSIGN(HistogramRequest histogram, ParseHistogram(text));
    names.push_back(histogram.field);
    request.histograms.push_back(std::move(histogram));
  }
  for (const std::string& name : SplitNames(invocation.Value("--columns"))) names.push_back(name);
  SESHAT_TRY(CheckFields(index, names, request.aliases));
  return ChooseAxes(index, request);
}

Result<ExitCode> Run(Invocation& invocation) {
  const bool csv = invocation.Has("--csv");
  if (csv + invocation.Has("--table") + invocation.json() > 1)
    return Fail(ErrorCode::kInvalidArgument, "--table, --csv and --json exclude each other");
  if (csv && invocation.Has("--files"))
    return Fail(ErrorCode::kInvalidArgument, "--files goes with --table and --json, which have room for them");
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench->config, bench->foundation));
  SearchView view{.query = QueryText(invocation), .columns = SplitNames(invocation.Value("--columns"))};
  SESHAT_ASSIGN(const auto settings, SearchSettingsOf(bench->config, *bench->foundation.clock));
  SESHAT_ASSIGN(SearchRequest request, RequestOfText(view.query, settings, *index));
  SESHAT_TRY(AddFlags(invocation, *index, request));
  view.understood_as = query::PrintQuery(request.query);
  SESHAT_ASSIGN(const SearchPage page, index->Search(request));
  if (page.total == 0) {
    SESHAT_ASSIGN(view.did_you_mean, BetterQuery(request, *index));
  }

  SESHAT_ASSIGN(const auto aliases, FieldAliases::Make(request.aliases));
  for (const SearchHit& hit : page.hits) {
    SESHAT_ASSIGN(auto highlights, query::HighlightsOf(request.query, hit.document, aliases, kMostHighlights));
    view.highlights.push_back(std::move(highlights));
  }

  // Where the files lie is the blob store's to say; a search for sessions does without it.
  std::unique_ptr<BlobStore> store;
  std::optional<StorageStates> states;
  if (invocation.Has("--files")) {
    SESHAT_ASSIGN(store, composition::OpenBlobStore(bench->config, bench->foundation, BlobAccess::kReadWrite));
    view.states = &states.emplace(*store);
  }
  Console& console = invocation.console();
  if (invocation.json()) {
    PrintJson(console, JsonOf(request, page, view));
  } else if (csv) {
    PrintSearchCsv(console, page, view);
  } else {
    PrintSearchTable(console, request, page, view);
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kSearchCommand{
    .name = "search",
    .summary = "Find sessions by their metadata.",
    .description =
        "Without a query: all of them, newest first. docs/formats/query.md has the language. A query that "
        "starts "
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
    .json = {{"query", "text", "as it was typed"},
             {"understood_as", "text", "as it was understood"},
             {"did_you_mean?", "text", "where nothing was found: the query with misspelt values put right"},
             {"total", "number", "sessions that match"},
             {"total_is_exact", "boolean", "otherwise there are at least so many"},
             {"ranked_newest", "number", "by relevance: how many of the newest matches were ranked; 0: all"},
             {"hits", "array",
              "session_id, revision, source, state, metadata_state, started_at, ended_at, file_count, bytes, "
              "metadata (key and value), highlights (field, and parts: the value cut into texts, every second "
              "one of which is what the query hit; no field: the name of a key); by relevance: score; with "
              "--files: files as in seshat show"},
             {"facets", "array", "field, values (value and count), missing"},
             {"histograms", "array", "field, edges (texts), counts (one less than edges), missing"},
             {"explanation?", "object",
              "with --explain: tree (of the query, indented), engine, request, stages (name and milliseconds)"},
             {"next_cursor", "text", "for --cursor; empty on the last page"}},
    .run = Run,
};

}  // namespace seshat::cli
